"""Moments: when keywords that are asked for are on screen in a keyword set, and how well that matches."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index.port import SCORE_DECIMALS
from ..insights.model import DEFAULT_CONFIDENCE, KeywordSet
from ..vectors.keys import KEY_BYTES, keyword_keys
from ..vectors.settings import CatalogSettings
from ..vectors.terms import stemmer_name
from .asked import KeywordKeys, KeywordMatch
from .conditions import Conditions
from .stretches import Columns, Matching, Wanted, find_moments

_NO_PATTERN = 0
"""Of keywords that match nothing."""

_MAX_KNOWN = 200_000
"""Texts of which it is known what they match; beyond that they are looked at anew."""

_STEPS = 10.0**SCORE_DECIMALS


class FoundMoment(NamedTuple):
    """A span of a video in which the conditions hold."""

    start: float
    """In seconds, within the video."""
    end: float
    score: float
    """More than 0, rounded."""


class MomentFinder:
    """Finds the moments of keyword sets of one catalog. For one thread: it remembers which keywords match."""

    def __init__(self, conditions: Conditions, settings: CatalogSettings) -> None:
        self.conditions = conditions
        self._settings = settings
        self._asked = (*conditions.scored, *conditions.none_of)
        self._telling = _telling_keys(conditions)
        self._known: dict[str, dict[str, int]] = {}
        """The pattern of each keyword by stemmer and text."""
        self._numbers: dict[tuple[int, ...], int] = {(): _NO_PATTERN}
        self._wanted = self._made_wanted()

    def find(self, keyword_set: KeywordSet, duration: float) -> list[FoundMoment]:
        """Return the moments of a keyword set, by start. `duration` of its video in seconds; 0 if unknown."""
        found = self.find_all([(keyword_set, duration)])
        columns = (found.starts.tolist(), found.ends.tolist(), found.scores.tolist())
        return [FoundMoment(*one) for one in zip(*columns, strict=True)]

    def find_all(self, keyword_sets: Sequence[tuple[KeywordSet, float]]) -> Columns:
        """Return the moments of several keyword sets, each given with the duration of its video; scores rounded."""
        found = find_moments(self._matching(keyword_sets), self._wanted)
        scores = np.rint(found.scores * _STEPS) / _STEPS
        kept = scores > 0.0
        if kept.all():
            return found._replace(scores=scores)
        return Columns(found.sets[kept], found.starts[kept], found.ends[kept], scores[kept])

    def asked_by(self, keyword_set: KeywordSet) -> dict[int, tuple[int, ...]]:
        """Tell, by the place of the keywords of a set that match anything that scores, what they match, by place."""
        scored = len(self.conditions.scored)
        self._learn([keyword_set])
        patterns = list(self._numbers)
        told = {
            place: tuple(own for own in patterns[number] if own < scored)
            for place, number in enumerate(self._patterns(keyword_set))
            if number != _NO_PATTERN
        }
        return {place: own for place, own in told.items() if own and keyword_set.confidences[place] != 0.0}

    def _matching(self, keyword_sets: Sequence[tuple[KeywordSet, float]]) -> Matching:
        """Lay out the keywords that match anything."""
        self._learn(own for own, _ in keyword_sets)
        patterns = np.fromiter(chain.from_iterable(self._patterns(own) for own, _ in keyword_sets), dtype=np.int32)
        if len(self._numbers) >= len(self._wanted.pattern_bounds):
            self._wanted = self._made_wanted()
        sizes = np.array([len(own.texts) for own, _ in keyword_sets], dtype=np.int64)
        instances = np.array([len(own.starts) for own, _ in keyword_sets], dtype=np.int64)
        confidences = np.concatenate([_NO_FLOATS, *(own.confidences for own, _ in keyword_sets)])
        confidences[np.isnan(confidences)] = DEFAULT_CONFIDENCE
        matching = np.flatnonzero((patterns != _NO_PATTERN) & (confidences > 0.0))
        owners = np.repeat(np.arange(len(sizes)), sizes)[matching]
        bounds = np.concatenate([np.empty(0, dtype=np.int64), *(own.bounds for own, _ in keyword_sets)])
        firsts = matching + owners  # each set has one bound more than keywords
        before = (np.cumsum(instances) - instances)[owners]
        durations = np.array([duration for _, duration in keyword_sets], dtype=np.float64)
        return Matching(
            np.searchsorted(owners, np.arange(len(sizes) + 1)),
            patterns[matching],
            confidences[matching],
            bounds[firsts] + before,
            bounds[firsts + 1] + before,
            np.concatenate([_NO_FLOATS, *(own.starts for own, _ in keyword_sets)]),
            np.concatenate([_NO_FLOATS, *(own.ends for own, _ in keyword_sets)]),
            np.where(durations > 0.0, durations, np.inf),
        )

    def _patterns(self, keyword_set: KeywordSet) -> Iterator[int]:
        """Yield the numbers of the patterns of the keywords of a set."""
        return map(self._known[stemmer_name(keyword_set.language)].__getitem__, keyword_set.texts)

    def _learn(self, keyword_sets: Iterable[KeywordSet]) -> None:
        """Work out the patterns of all keywords of some sets that are not known yet."""
        unknown: dict[str, set[str]] = {}
        for own in keyword_sets:
            unknown.setdefault(stemmer_name(own.language), set()).update(own.texts)
        for stemmer, texts in unknown.items():
            known = self._known.setdefault(stemmer, {})
            if len(known) > _MAX_KNOWN:
                known.clear()
            new = list(texts.difference(known))
            if not new:
                continue
            resolved = self._settings.resolve_all(new)
            packed = [b"" if text is None else keyword_keys(text, stemmer) for text in resolved]
            known.update(dict.fromkeys(new, _NO_PATTERN))
            known.update(self._matching_texts(new, packed))

    def _matching_texts(self, texts: Sequence[str], packed: Sequence[bytes]) -> Iterator[tuple[str, int]]:
        """Yield those of some keywords that match anything, with their patterns. `packed`: see `keyword_keys`."""
        lengths = np.array(list(map(len, packed)), dtype=np.int64) // KEY_BYTES
        keys = np.frombuffer(b"".join(packed), dtype="<u8")
        told = np.unique(np.repeat(np.arange(len(texts)), lengths)[np.isin(keys, self._telling)])
        for place in told.tolist():
            phrase, *words = struct.unpack(f"<{lengths[place]}Q", packed[place])
            own = KeywordKeys(phrase, frozenset(words))
            pattern = tuple(number for number, sought in enumerate(self._asked) if sought.matches(own))
            yield texts[place], self._numbers.setdefault(pattern, len(self._numbers))

    def _made_wanted(self) -> Wanted:
        conditions = self.conditions
        within = conditions.within_seconds
        return Wanted(
            np.cumsum([0, *map(len, self._numbers)]).astype(np.int32),
            np.array([place for pattern in self._numbers for place in pattern], dtype=np.int32),
            conditions.values,
            len(conditions.all_of),
            len(conditions.none_of),
            -1.0 if within is None else within,
        )


def _telling_keys(conditions: Conditions) -> NDArray[np.uint64]:
    """Return terms of which a keyword has at least one if it matches anything."""
    keys = {
        key
        for sought in (*conditions.scored, *conditions.none_of)
        for own in sought.readings
        for key in ((own.phrase,) if sought.asked.match is KeywordMatch.EXACT else own.words)
    }
    return np.array(sorted(keys), dtype=np.uint64)


_NO_FLOATS: NDArray[np.float64] = np.empty(0)
