"""The index of a large catalog: a generation, and what has changed since in memory beside it.

The generation's IDF ranks both; terms that came later count with df = 0. Statistics are always those of the moment.
"""

import threading
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np
import structlog

from ..vectors.keys import term_key
from ..vectors.profile import Profile
from ..vectors.video import IndexedVideo, Removal
from ..vectors.weighting import Block
from . import kernels
from .arrays import Bytes, Gate, Int32s, Query, scratch
from .filter import Filter
from .generation import Generation, GenerationSegment
from .hits import hits_of, merged
from .memory import MemoryIndex, MemoryView
from .planner import Kernel, plan
from .port import SCORE_DECIMALS, Hit, Statistics
from .query import select, weigh
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

    def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
        """See `port.Index`."""
        with self._lock:
            for change in changes:
                self._kill(change.video_id if isinstance(change, Removal) else change.facts.video_id)
            self._changed.apply(changes, revision)
            self._revision = max(self._revision, revision)
            self._view = None

    def view(self) -> "LayeredView":
        """See `port.Index`."""
        with self._lock:
            if self._view is None:
                self._shared = True
                self._view = LayeredView(self, self._revision)
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
        np.add.at(self._gone, segment.terms_of(position), 1)
        self._left.change(segment.counts(position), -1)


class LayeredView:
    """See `port.View`."""

    def __init__(self, index: LayeredIndex, revision: int) -> None:
        self.revision = revision
        self._generation = index.generation
        self._kernel = index._kernel
        self._alive = index._alive
        self._gone = index._gone
        self._left = index._left.statistics()
        self._changed = index._changed.view()

    @cached_property
    def statistics(self) -> Statistics:
        """See `port.View`."""
        total = Tally()
        total.change(self._left, 1)
        total.change(self._changed.statistics, 1)
        keys, frequencies, words = self._changed.frequencies
        ids = self._generation.find(keys)
        used = self._generation.frequencies > self._gone
        used[ids[(ids >= 0) & (frequencies > 0)]] = True
        new = words[(ids < 0) & (frequencies > 0)]
        of_words = int(np.count_nonzero(self._generation.words[used])) + int(np.count_nonzero(new))
        return total.statistics().with_terms(int(np.count_nonzero(used)) + len(new) - of_words, of_words)

    @cached_property
    def languages(self) -> Collection[str]:
        """See `port.View`."""
        return sorted({*self._left.languages, *self._changed.languages})

    def inverse_document_frequency(self, block: Block, term: str) -> float:
        """See `port.View`."""
        return float(self._generation.idf_of(np.array([term_key(block, term)], dtype=np.uint64))[0])

    def knows(self, block: Block, term: str) -> bool:
        """See `port.View`."""
        [found] = self._generation.find(np.array([term_key(block, term)], dtype=np.uint64))
        if found >= 0 and self._generation.frequencies[found] > self._gone[found]:
            return True
        return self._changed.knows(block, term)

    def search(
        self, profile: Profile, limit: int, now: float, allowed: Filter | None = None, excluded: Collection[str] = ()
    ) -> list[Hit]:
        """See `port.View`."""
        weighted = weigh(profile, self._generation.idf_of)
        query, _ = select(weighted, self._generation.find(weighted.keys))
        parts = [self._changed.search_weighted(weighted, limit, now, allowed, excluded)]
        for number in range(len(self._generation.segments)):
            parts = [merged(parts, limit)]
            parts.append(self._search_segment(number, query, limit, _floor(parts[0], limit), now, allowed, excluded))
        return merged(parts, limit)

    def _search_segment(
        self,
        number: int,
        query: Query,
        limit: int,
        floor: float,
        now: float,
        allowed: Filter | None,
        excluded: Collection[str],
    ) -> list[Hit]:
        segment, alive = self._generation.segments[number], self._alive[number]
        rows = len(segment.rows.words)
        if rows == 0 or len(query.terms) == 0:
            return []
        if allowed is not None:
            alive = alive & segment.mask(allowed).view(np.uint8)
        if excluded:
            alive = _without(alive, segment.positions_of(excluded))
        gate = Gate(alive, segment.published, segment.expire, now)
        left = len(segment) if allowed is None else int(np.count_nonzero(alive))
        count = min(limit * segment.fold, rows)
        kernel = self._choose(segment, query, left, count)
        memory = scratch(rows, len(self._generation.keys))
        if kernel == "scan":
            videos = np.flatnonzero(alive)
            found = kernels.scan(
                videos, segment.first_rows, query, segment.rows, segment.scales, gate, memory, count, floor
            )
        else:
            run = kernels.pruned if kernel == "pruned" else kernels.plain
            found = run(query, segment.impacts, segment.rows, segment.scales, gate, memory, count, floor)
        return hits_of(segment, memory, found, limit)

    def _choose(self, segment: GenerationSegment, query: Query, left: int, count: int) -> Kernel:
        if self._kernel is not None:
            return self._kernel
        chosen = plan(query, segment.impacts, len(segment.rows.words), left, count)
        CHOSEN[chosen.kernel] += 1
        _log.debug("planned", kernel=chosen.kernel, costs=chosen.costs, allowed=left, count=count)
        return chosen.kernel


def _floor(hits: Sequence[Hit], limit: int) -> float:
    """Return a score that `limit` videos are known to reach, before rounding; -1 if that many are not known."""
    return hits[limit - 1].score - 10.0**-SCORE_DECIMALS if len(hits) >= limit else -1.0


def _without(alive: Bytes, positions: Sequence[int]) -> Bytes:
    if not positions:
        return alive
    left = alive.copy()
    left[positions] = 0
    return left
