"""Copies: near-identical spans of near-duplicate videos, or of one video in several languages."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from ..index.held import UnitVector
from ..index.port import View
from ..ranking.duplicates import MAX_SECONDS, are_copies
from .candidates import Candidates

NEAR_SECONDS = 1.0
"""By this the starts, and the ends, of near-identical spans differ at most."""

_NEAR = NEAR_SECONDS + 5e-8  # half a tick more, so that it is not rounding that decides


class Scored(NamedTuple):
    """A moment of a candidate."""

    number: int
    """The candidate, by place."""
    video_id: str
    language: str
    start: float
    end: float
    score: float

    def is_near(self, other: "Scored") -> bool:
        """Tell whether the span of another moment is near-identical."""
        return abs(self.start - other.start) <= _NEAR and abs(self.end - other.end) <= _NEAR

    def is_better(self, other: "Scored") -> bool:
        """Tell whether it is the one to be shown, if both are the same."""
        return (-self.score, self.video_id, self.language) < (-other.score, other.video_id, other.language)


class Copies:
    """Tells which of the moments that it was told of are near-identical spans of near-duplicate videos."""

    def __init__(self, view: View, candidates: Candidates) -> None:
        self._view = view
        self._candidates = candidates
        self._by_duration = np.argsort(candidates.durations, kind="stable")
        self._durations = candidates.durations[self._by_duration]
        self._vectors: dict[tuple[int, str], UnitVector | None] = {}
        self._told: defaultdict[tuple[int, ...], dict[Scored, None]] = defaultdict(dict)

    def add(self, moments: Iterable[Scored]) -> None:
        """Take moments in; one that was taken in before is so only once."""
        for one in moments:
            self._told[self._slot(one)][one] = None

    def copies_of(self, moment: Scored) -> Iterator[int]:
        """Yield the candidates that are near-duplicates of a moment's video and may have a better one."""
        own = float(self._candidates.durations[moment.number])
        if own > 0:
            first = np.searchsorted(self._durations, own - MAX_SECONDS, "left")
            last = np.searchsorted(self._durations, own + MAX_SECONDS, "right")
            near = self._by_duration[first:last]
            for number in near[self._candidates.bounds[near] >= moment.score - _ROUNDING].tolist():
                if number != moment.number and any(
                    self._are_copies(moment.number, moment.language, number, language)
                    for language in self._candidates[number].languages
                ):
                    yield number

    def has_better(self, moment: Scored) -> bool:
        """Tell whether a better one that was taken in is the same."""
        if not self._candidates.durations[moment.number]:
            return False
        near = product(*((at - 1, at, at + 1) for at in self._slot(moment)))
        return any(
            one.number != moment.number
            and one.is_near(moment)
            and one.is_better(moment)
            and self._are_copies(one.number, one.language, moment.number, moment.language)
            for slot in near
            if slot in self._told
            for one in self._told[slot]
        )

    def _slot(self, moment: Scored) -> tuple[int, ...]:
        """Return where a moment is kept: all that may be the same lies in neighbouring slots."""
        duration = float(self._candidates.durations[moment.number])
        wide = 2 * NEAR_SECONDS
        return int(duration / (2 * MAX_SECONDS)), int(moment.start / wide), int(moment.end / wide)

    def _are_copies(self, first: int, first_language: str, second: int, second_language: str) -> bool:
        durations = self._candidates.durations
        own, other = float(durations[first]), float(durations[second])
        if abs(own - other) > MAX_SECONDS:
            return False
        one, another = self._vector(first, first_language), self._vector(second, second_language)
        return one is not None and another is not None and are_copies(one, own, another, other)

    def _vector(self, number: int, language: str) -> UnitVector | None:
        key = (number, language)
        if key not in self._vectors:
            self._vectors[key] = self._view.unit_vector(self._candidates.video_id(number), language)
        return self._vectors[key]


_ROUNDING = 1e-6
"""By less than this a rounded score exceeds the score."""
