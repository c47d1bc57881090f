"""The index of a large catalog: a generation, and what has changed since in memory beside it.

The generation's IDF ranks both; terms that came later count with df = 0. Statistics are always those of the moment.
"""

import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import get_args

import numpy as np
import structlog
from numpy.typing import NDArray

from ..vectors.keys import term_key
from ..vectors.mixture import Weighable
from ..vectors.video import IndexedVideo, Removal, VideoFacts
from ..vectors.weighting import Block
from . import kernels
from .arrays import Bytes, Field, Float64s, Int32s, Query, scratch
from .boost import Boost
from .browsing import KeysOf, first_places, in_order
from .columns import positions_of
from .filter import Filter
from .generation import Generation, GenerationSegment
from .held import HeldVector, UnitVector, held_vector, unit_vector
from .hits import hits_of, merged
from .memory import MemoryIndex, MemoryView
from .openness import OpenRows, without
from .planner import Kernel, plan
from .port import SCORE_DECIMALS, Asked, Hit, Statistics
from .postings import NO_ROWS, Postings, open_postings
from .query import select, weigh
from .table import IdfTable
from .tally import Tally

CHOSEN: Counter[Kernel] = Counter()
"""How often each kernel was chosen in this process."""

_log = structlog.get_logger("matchcut.index")


class LayeredIndex:
    """See `port.Index`. `kernel`: the one that is always used, for tests and benchmarks; None: the planner chooses."""

    def __init__(self, generation: Generation, kernel: Kernel | None = None) -> None:
        self.generation = generation
        self._kernel = kernel
        self._changed = MemoryIndex(generation.idf_of)
        self._alive = [np.ones(len(segment), dtype=np.uint8) for segment in generation.segments]
        self._gone = np.zeros(len(generation.keys), dtype=np.int32)
        self._shared = False
        """Whether a view holds `_alive` and `_gone`, which are then copied before they are changed."""
        self._left = Tally()
        """What is left of the generation."""
        self._left.change(generation.about.statistics, 1)
        self._revision = generation.about.revision
        self._view: LayeredView | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._left.videos + self._changed.held_videos

    @property
    def held_videos(self) -> int:
        """See `port.Index`."""
        return self._changed.held_videos

    def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
        """See `port.Index`."""
        with self._lock:
            self._changed.apply(changes, revision)  # first, so that at no moment `has_video` misses one that changes
            for change in changes:
                self._kill(change.video_id if isinstance(change, Removal) else change.facts.video_id)
            self._revision = max(self._revision, revision)
            if changes:
                self._view = None

    def warm(self) -> None:
        """Run every kernel once, so that no search waits for one to be compiled."""
        terms = np.arange(min(len(self.generation.keys), 8), dtype=np.int64)
        query = Query(terms, np.full(len(terms), 0.1), np.full(len(terms), 0.1))
        view = self.view()
        for kernel in get_args(Kernel):
            replace(view, kernel=kernel).search_segments(query, [], Asked(1, time.time(), excluded=("",)))
        for own in view.postings(self.generation.keys[:1], None):
            own.videos_by_phrase(own.open_rows[:1])

    def view(self) -> "LayeredView":
        """See `port.Index`."""
        with self._lock:
            if self._view is None:
                self._shared = True
                self._view = LayeredView(
                    self.generation,
                    self._kernel,
                    [
                        segment.open_rows(alive)
                        for segment, alive in zip(self.generation.segments, self._alive, strict=True)
                    ],
                    self._gone,
                    self._left.statistics(),
                    self._changed.view(),
                    self._revision,
                )
            elif self._view.revision != self._revision:
                self._view = self._view.at(self._revision)
            return self._view

    def has_video(self, video_id: str) -> bool:
        """See `port.Index`."""
        place = self.generation.place(video_id)
        return (place is not None and bool(self._alive[place[0]][place[1]])) or self._changed.has_video(video_id)

    def _kill(self, video_id: str) -> None:
        """Take a video out of the generation, if it is still there."""
        place = self.generation.place(video_id)
        if place is None:
            return
        number, position = place
        if not self._alive[number][position]:
            return
        if self._shared:
            self._alive = [alive.copy() for alive in self._alive]
            self._gone = self._gone.copy()
            self._shared = False
        self._alive[number][position] = 0
        segment = self.generation.segments[number]
        for terms in segment.terms_of(position):
            self._gone[terms] += 1
        self._left.change(segment.counts(position), -1)


@dataclass(eq=False)
class LayeredView:
    """See `port.View`."""

    generation: Generation
    kernel: Kernel | None
    _open: list[OpenRows]
    """By segment."""
    _gone: Int32s
    """By term: keyword sets of the generation that are gone."""
    _left: Statistics
    """Of what is left of the generation."""
    _changed: MemoryView
    revision: int

    def at(self, revision: int) -> "LayeredView":
        """Return the same view for a later revision, up to which nothing has changed."""
        later = copy(self)  # with what has been counted
        later.revision = revision
        return later

    @cached_property
    def statistics(self) -> Statistics:
        """See `port.View`."""
        total = Tally()
        total.change(self._left, 1)
        total.change(self._changed.statistics, 1)
        keys, frequencies, words = self._changed.frequencies
        ids = self.generation.find(keys)
        used = self.generation.frequencies > self._gone
        used[ids[(ids >= 0) & (frequencies > 0)]] = True
        new = words[(ids < 0) & (frequencies > 0)]
        of_words = int(np.count_nonzero(self.generation.words[used])) + int(np.count_nonzero(new))
        return total.statistics().with_terms(int(np.count_nonzero(used)) + len(new) - of_words, of_words)

    @cached_property
    def languages(self) -> Collection[str]:
        """See `port.View`."""
        return sorted({*self._left.languages, *self._changed.languages})

    @property
    def state(self) -> object:
        """See `port.View`."""
        return self._changed.state  # which takes every change, also of what the generation has

    def table(self) -> IdfTable:
        """See `port.View`."""
        old = self.generation
        keys, frequencies, _ = self._changed.frequencies
        ids = old.find(keys)
        known = old.frequencies > self._gone
        known[ids[(ids >= 0) & (frequencies > 0)]] = True
        new = np.sort(keys[(ids < 0) & (frequencies > 0)])
        all_keys = np.concatenate((old.keys, new))
        order = np.argsort(all_keys)
        unknown = old.about.unknown_idf
        return IdfTable(
            all_keys[order],
            np.concatenate((old.idf, np.full(len(new), unknown)))[order],
            np.concatenate((known, np.ones(len(new), dtype=np.bool_)))[order].view(np.uint8),
            unknown,
            self.languages,
        )

    def idf_of(self, keys: NDArray[np.uint64]) -> Float64s:
        """See `port.View`."""
        return self.generation.idf_of(keys)

    def inverse_document_frequency(self, block: Block, term: str) -> float:
        """See `port.View`."""
        return float(self.idf_of(np.array([term_key(block, term)], dtype=np.uint64))[0])

    def knows(self, block: Block, term: str) -> bool:
        """See `port.View`."""
        [found] = self.generation.find(np.array([term_key(block, term)], dtype=np.uint64))
        if found >= 0 and self.generation.frequencies[found] > self._gone[found]:
            return True
        return self._changed.knows(block, term)

    def facts(self, video_id: str) -> VideoFacts | None:
        """See `port.View`."""
        place = self._place(video_id)
        if place is None:
            return self._changed.facts(video_id)
        segment, position = place
        return segment.facts(position) if segment.has_rows(position) else None

    def vectors(self, video_id: str) -> tuple[HeldVector, ...]:
        """See `port.View`."""
        place = self._place(video_id)
        if place is None:
            return self._changed.vectors(video_id)
        segment, position = place
        return tuple(
            held_vector(segment.rows, row, segment.language(row), self.generation.keys)
            for row in segment.rows_of(position)
        )

    def unit_vector(self, video_id: str, language: str) -> UnitVector | None:
        """See `port.View`."""
        place = self._place(video_id)
        if place is None:
            return self._changed.unit_vector(video_id, language)
        segment, position = place
        for row in segment.rows_of(position):
            if segment.language(row) == language:
                return unit_vector(segment.rows, row, segment.scales, self.generation.keys, self.generation.idf)
        return None

    def postings(
        self, keys: NDArray[np.uint64], now: float | None, allowed: Filter | None = None
    ) -> Sequence[Postings]:
        """See `port.View`."""
        ids = self.generation.find(keys).tolist()
        of_segments = []
        for segment, is_open in zip(self.generation.segments, self._open, strict=True):
            rows, _ = is_open.at(now)
            if allowed is not None:
                rows = rows & segment.allowed_rows(allowed)
            found = [open_postings(segment.rows_with(term), rows) if term >= 0 else NO_ROWS for term in ids]
            own = Postings(segment, segment.language, rows, found, segment.rows, self.generation.keys)
            of_segments.append(own)
        return [*self._changed.postings(keys, now, allowed), *of_segments]

    def search(
        self,
        profile: Weighable,
        limit: int,
        now: float | None,
        allowed: Filter | None = None,
        excluded: Collection[str] = (),
        boost: Boost | None = None,
        least: float = 0.0,
    ) -> list[Hit]:
        """See `port.View`."""
        weighted = weigh(profile, self.idf_of)
        query, _ = select(weighted, self.generation.find(weighted.keys))
        asked = Asked(limit, now, allowed, excluded, boost, least)
        return self.search_segments(query, self._changed.search_weighted(weighted, asked), asked)

    def search_segments(self, query: Query, hits: list[Hit], asked: Asked) -> list[Hit]:
        """Add the best of every segment to `hits`, and return the best of all."""
        best = merged([hits], asked.limit)
        for number in range(len(self.generation.segments)):
            found = self._search_segment(number, query, asked, _floor(best, asked.limit))
            best = merged([best, found], asked.limit)
        return best

    def browse(
        self,
        keys: KeysOf,
        limit: int,
        now: float | None,
        allowed: Filter | None = None,
        excluded: Collection[str] = (),
    ) -> list[str]:
        """See `port.View`."""
        asked = Asked(limit, now, allowed, excluded)
        parts = [
            first_places(segment, self._rows(number, asked)[0], keys(segment), limit)
            for number, segment in enumerate(self.generation.segments)
        ]
        return in_order([self._changed.browse_places(keys, asked), *parts], limit)

    def _place(self, video_id: str) -> tuple[GenerationSegment, int] | None:
        """Return the segment and the position there of a video that the generation holds, and that has not changed."""
        place = self.generation.place(video_id)
        if place is None or not self._open[place[0]].is_alive(place[1]):
            return None
        return self.generation.segments[place[0]], place[1]

    def _rows(self, number: int, asked: Asked) -> tuple[Bytes, int]:
        """Return 1 for each row of a segment that may be returned, and about how many they are."""
        segment = self.generation.segments[number]
        rows, count = self._open[number].at(asked.now)
        if asked.allowed is not None:
            rows = rows & segment.allowed_rows(asked.allowed)
            count = int(np.count_nonzero(rows.view(np.bool_)))
        return without(rows, segment.first_rows, positions_of(segment, asked.excluded)), count

    def _search_segment(self, number: int, query: Query, asked: Asked, floor: float) -> list[Hit]:
        segment = self.generation.segments[number]
        rows, allowed = self._rows(number, asked)
        if allowed == 0 or len(query.terms) == 0:
            return []
        count = min(segment.surplus.rows(asked.limit), len(rows))
        wanted = asked.wanted(segment, count, floor)
        memory = scratch(len(rows), len(self.generation.keys))
        field = Field(segment.rows, segment.scales, rows, memory)
        kernel = self._choose(segment, query, allowed, count)
        found = -1
        if kernel == "scan":
            found = kernels.scan(query, np.flatnonzero(rows.view(np.bool_)), field, wanted)
        elif kernel == "pruned":
            found = kernels.pruned(query, segment.impacts, field, wanted)
        if found < 0:
            found = kernels.plain(query, segment.impacts, field, wanted)
        return hits_of(segment, memory, found, asked.limit, wanted)

    def _choose(self, segment: GenerationSegment, query: Query, allowed: int, count: int) -> Kernel:
        if self.kernel is not None:
            return self.kernel
        chosen = plan(query, segment.impacts, len(segment.rows.words), allowed, count)
        CHOSEN[chosen.kernel] += 1
        _log.debug("planned", kernel=chosen.kernel, costs=chosen.costs, allowed=allowed, count=count)
        return chosen.kernel


def _floor(hits: Sequence[Hit], limit: int) -> float:
    """Return a total that `limit` videos are known to reach, before rounding; -inf if that many are not known."""
    return hits[limit - 1].total - 10.0**-SCORE_DECIMALS if len(hits) >= limit else -np.inf
