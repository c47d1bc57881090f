"""The in-memory index: always exact, its IDF always current, or that of a generation it stands beside.

Changes gather in a list and become a small segment when the next view is asked for; segments of similar size are
merged, as in a log-structured tree, so that a write costs time in proportion to itself.
"""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..vectors.keys import term_key
from ..vectors.keyword_vector import KeywordVector
from ..vectors.mixture import Weighable
from ..vectors.video import IndexedVideo, Removal, VideoFacts
from ..vectors.weighting import Block, inverse_document_frequency
from . import kernels
from .arrays import Bytes, Field, Float64s, Int32s, Scales, scratch
from .boost import Boost
from .browsing import KeysOf, Place, first_places, in_order
from .columns import positions_of
from .filter import Filter
from .held import HeldVector, UnitVector, held_vector, unit_vector
from .hits import hits_of, merged
from .openness import OpenRows, without
from .port import Asked, Hit, Statistics
from .postings import NO_ROWS, Postings, open_postings
from .query import IdfOf, Weighted, select, weigh
from .scoring import scales_of
from .segment import Segment
from .table import IdfTable
from .tally import Tally
from .vocabulary import Vocabulary

MAX_PENDING = 8_192
"""Videos that gather before a segment is made of them, view or not: what gathers takes more memory."""


@dataclass(slots=True)
class _Layer:
    """A segment and which of its videos are still there."""

    segment: Segment
    alive: Bytes
    count: int
    shared: bool = False
    """Whether a view holds `alive`, which is then copied before it is changed."""
    scales: Scales | None = None
    """Where IDF never changes, neither do they."""

    def kill(self, position: int) -> None:
        """Note that a video is gone."""
        if self.shared:
            self.alive = self.alive.copy()
            self.shared = False
        self.alive[position] = 0
        self.count -= 1


class _Row(NamedTuple):
    """A vector that is not in a segment yet, and the ids of its terms, phrases first."""

    vector: KeywordVector
    ids: Int32s


class _Shown(NamedTuple):
    """A layer as a view sees it."""

    segment: Segment
    open: OpenRows
    scales: Scales


class MemoryIndex:
    """See `port.Index`. `pinned`: the IDF that ranks, where it is not this index's own."""

    def __init__(self, pinned: IdfOf | None = None) -> None:
        self._pinned = pinned
        self._vocabulary = Vocabulary()
        self._pinned_idf = np.empty(0)
        self._layers: list[_Layer] = []
        self._place: dict[str, tuple[_Layer, int]] = {}
        self._pending: dict[str, tuple[VideoFacts, list[_Row]]] = {}
        self._tally = Tally()
        self._revision = 0
        self._view: MemoryView | None = None
        self._lock = threading.Lock()

    @property
    def held_videos(self) -> int:
        """See `port.Index`."""
        return len(self._tally)

    def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
        """See `port.Index`."""
        with self._lock:
            for change in changes:
                if isinstance(change, Removal):
                    self._remove(change.video_id)
                else:
                    self._take_out(change.facts.video_id)
                    self._add(change)
            if len(self._pending) >= MAX_PENDING:
                self._flush()
            self._revision = max(self._revision, revision)
            if changes:
                self._view = None

    def view(self) -> "MemoryView":
        """See `port.Index`."""
        with self._lock:
            if self._view is None:
                self._view = self._make_view()
            elif self._view.revision != self._revision:
                self._view = self._view.at(self._revision)
            return self._view

    def has_video(self, video_id: str) -> bool:
        """See `port.Index`."""
        return video_id in self._tally

    def _add(self, video: IndexedVideo) -> None:
        self._tally.add(video)
        rows = [_Row(vector, self._ids(vector)) for vector in video.vectors if not vector.is_empty]
        if rows:
            self._pending[video.facts.video_id] = (video.facts, rows)
        for row in rows:
            self._vocabulary.count(row.ids, 1)

    def _ids(self, vector: KeywordVector) -> Int32s:
        phrases = self._vocabulary.take(vector.phrases.keys, words=False)
        return np.concatenate((phrases, self._vocabulary.take(vector.words.keys, words=True)))

    def _remove(self, video_id: str) -> None:
        if video_id in self._tally:
            self._tally.remove(video_id)
            self._take_out(video_id)

    def _take_out(self, video_id: str) -> None:
        if video_id in self._pending:
            for row in self._pending.pop(video_id)[1]:
                self._vocabulary.count(row.ids, -1)
        elif video_id in self._place:
            layer, position = self._place.pop(video_id)
            for terms in layer.segment.terms_of(position):
                self._vocabulary.count(terms, -1)
            layer.kill(position)

    def _make_view(self) -> "MemoryView":
        self._flush()
        self._layers = [layer for layer in self._layers if layer.count]
        count = self._tally.keyword_sets
        frequencies = self._vocabulary.frequencies()
        if self._pinned is None:
            idf = inverse_document_frequency(frequencies, count)
        else:
            new = self._vocabulary.keys()[len(self._pinned_idf) :]
            idf = self._pinned_idf = np.concatenate((self._pinned_idf, self._pinned(new)))
        snapshot = _Snapshot(
            [self._shown(layer, idf) for layer in self._layers],
            self._vocabulary,
            frequencies,
            idf,
            float(inverse_document_frequency(0, count)),
            self._tally.statistics(),
            self._pinned,
        )
        return MemoryView(snapshot, self._revision)

    def _shown(self, layer: _Layer, idf: Float64s) -> _Shown:
        layer.shared = True
        if layer.scales is None or self._pinned is None:
            layer.scales = scales_of(layer.segment.rows, idf)
        return _Shown(layer.segment, layer.segment.open_rows(layer.alive), layer.scales)

    def _flush(self) -> None:
        if self._pending:
            self._push(_make_segment(list(self._pending.values())))
            self._pending = {}

    def _push(self, segment: Segment) -> None:
        """Add a segment, merged with the layers before it that are not at least twice as large."""
        parts = [(segment, np.ones(len(segment), dtype=np.uint8))]
        count = len(segment)
        merged_from = len(self._layers)
        while merged_from and self._layers[merged_from - 1].count < 2 * count:
            merged_from -= 1
            layer = self._layers[merged_from]
            count += layer.count
            if layer.count:
                parts.insert(0, (layer.segment, layer.alive))
        whole = Segment.merge(parts) if len(parts) > 1 else segment
        layer = _Layer(whole, np.ones(len(whole), dtype=np.uint8), len(whole))
        self._layers[merged_from:] = [layer]  # not before there is memory for what takes their place
        for position, video in enumerate(whole.columns.videos):
            self._place[video.video_id] = (layer, position)


def _make_segment(videos: Sequence[tuple[VideoFacts, Sequence[_Row]]]) -> Segment:
    rows = [row for _, own in videos for row in own]
    blocks = [block for row in rows for block in (row.vector.phrases, row.vector.words)]
    return Segment(
        [facts for facts, _ in videos],
        np.array([len(own) for _, own in videos], dtype=np.int64),
        [row.vector.language for row in rows],
        np.array([len(row.ids) for row in rows], dtype=np.int64),
        np.array([len(row.vector.phrases.keys) for row in rows], dtype=np.int64),
        np.concatenate([row.ids for row in rows]),
        np.concatenate([block.frequencies for block in blocks]).astype(np.float32, copy=False),
    )


class _Snapshot:
    """What the views of one state share: weighing the vectors anew after a write is most of the work of a view."""

    def __init__(
        self,
        layers: Sequence[_Shown],
        vocabulary: Vocabulary,
        frequencies: NDArray[np.int64],
        idf: Float64s,
        unknown_idf: float,
        counted: Statistics,
        pinned: IdfOf | None,
    ) -> None:
        self.layers = layers
        self.vocabulary = vocabulary
        self.frequencies = frequencies
        self.idf = idf
        self.unknown_idf = unknown_idf
        self.counted = counted
        self.pinned = pinned

    @cached_property
    def statistics(self) -> Statistics:
        words = self.vocabulary.words()[: len(self.frequencies)]
        used = self.frequencies > 0
        count = int(np.count_nonzero(used & (words == 1)))
        return self.counted.with_terms(int(np.count_nonzero(used)) - count, count)


class MemoryView:
    """See `port.View`."""

    def __init__(self, snapshot: _Snapshot, revision: int) -> None:
        self._snapshot = snapshot
        self.revision = revision

    @property
    def statistics(self) -> Statistics:
        """See `port.View`."""
        return self._snapshot.statistics

    @property
    def languages(self) -> Collection[str]:
        """See `port.View`."""
        return self._snapshot.counted.languages

    @property
    def state(self) -> object:
        """See `port.View`."""
        return self._snapshot

    def table(self) -> IdfTable:
        """See `port.View`."""
        keys, frequencies, _ = self.frequencies
        order = np.argsort(keys)
        known = (frequencies[order] > 0).view(np.uint8)
        return IdfTable(keys[order], self._snapshot.idf[order], known, self._snapshot.unknown_idf, self.languages)

    @property
    def frequencies(self) -> tuple[NDArray[np.uint64], NDArray[np.int64], Bytes]:
        """The keys of all terms ever seen, the number of keyword sets that have each, and 1 for word terms."""
        count = len(self._snapshot.frequencies)
        vocabulary = self._snapshot.vocabulary
        return vocabulary.keys()[:count], self._snapshot.frequencies, vocabulary.words()[:count]

    def at(self, revision: int) -> "MemoryView":
        """Return the same view for a later revision, up to which nothing has changed."""
        return MemoryView(self._snapshot, revision)

    def idf_of(self, keys: NDArray[np.uint64]) -> Float64s:
        """See `port.View`."""
        if self._snapshot.pinned is not None:
            return self._snapshot.pinned(keys)
        ids = self._ids(keys)
        return (
            np.where(ids >= 0, self._snapshot.idf[ids], self._snapshot.unknown_idf)
            if len(self._snapshot.idf)
            else (np.full(len(keys), self._snapshot.unknown_idf))
        )

    def inverse_document_frequency(self, block: Block, term: str) -> float:
        """See `port.View`."""
        return float(self.idf_of(np.array([term_key(block, term)], dtype=np.uint64))[0])

    def knows(self, block: Block, term: str) -> bool:
        """See `port.View`."""
        [found] = self._ids(np.array([term_key(block, term)], dtype=np.uint64))
        return bool(found >= 0 and self._snapshot.frequencies[found])

    def facts(self, video_id: str) -> VideoFacts | None:
        """See `port.View`."""
        place = self._place(video_id)
        return None if place is None else place[0].segment.columns.videos[place[1]]

    def vectors(self, video_id: str) -> tuple[HeldVector, ...]:
        """See `port.View`."""
        place = self._place(video_id)
        if place is None:
            return ()
        segment, keys = place[0].segment, self._snapshot.vocabulary.keys()
        return tuple(held_vector(segment.rows, row, segment.language(row), keys) for row in segment.rows_of(place[1]))

    def unit_vector(self, video_id: str, language: str) -> UnitVector | None:
        """See `port.View`."""
        place = self._place(video_id)
        if place is not None:
            (segment, _, scales), position = place
            for row in segment.rows_of(position):
                if segment.language(row) == language:
                    keys = self._snapshot.vocabulary.keys()
                    return unit_vector(segment.rows, row, scales, keys, self._snapshot.idf)
        return None

    def postings(
        self, keys: NDArray[np.uint64], now: float | None, allowed: Filter | None = None
    ) -> Sequence[Postings]:
        """See `port.View`."""
        ids = self._ids(keys)
        return [self._postings(shown, ids, now, allowed) for shown in self._snapshot.layers]

    def _postings(self, shown: _Shown, ids: NDArray[np.int64], now: float | None, allowed: Filter | None) -> Postings:
        segment = shown.segment
        rows = _allowed_rows(shown, now, allowed)
        known = self._snapshot.vocabulary.keys()
        found = [open_postings(segment.rows_with(term), rows) if term >= 0 else NO_ROWS for term in ids.tolist()]
        return Postings(segment.columns, segment.language, rows, found, segment.rows, known)

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
        asked = Asked(limit, now, allowed, excluded, boost, least)
        return merged([self.search_weighted(weigh(profile, self.idf_of), asked)], limit)

    def search_weighted(self, weighted: Weighted, asked: Asked) -> list[Hit]:
        """Return the best videos for a profile that is weighted already, at least; in no order."""
        query, words = select(weighted, self._ids(weighted.keys))
        hits: list[Hit] = []
        for shown in self._snapshot.layers:
            segment = shown.segment
            count = min(segment.surplus.rows(asked.limit), len(segment.languages))
            wanted = asked.wanted(segment.columns, count, -np.inf)
            memory = scratch(len(segment.languages), len(self._snapshot.idf))
            field = Field(segment.rows, shown.scales, _open_rows(shown, asked), memory)
            found = kernels.live(query, words, segment.frequencies, field, wanted)
            hits += hits_of(segment, memory, found, asked.limit, wanted)
        return hits

    def browse(
        self,
        keys: KeysOf,
        limit: int,
        now: float | None,
        allowed: Filter | None = None,
        excluded: Collection[str] = (),
    ) -> list[str]:
        """See `port.View`."""
        return in_order([self.browse_places(keys, Asked(limit, now, allowed, excluded))], limit)

    def browse_places(self, keys: KeysOf, asked: Asked) -> list[Place]:
        """Return the first videos by keys, at least; in no order."""
        return [
            place
            for shown in self._snapshot.layers
            for place in first_places(shown.segment, _open_rows(shown, asked), keys(shown.segment.columns), asked.limit)
        ]

    def _place(self, video_id: str) -> tuple[_Shown, int] | None:
        """Return the layer and the position there of a video."""
        for shown in self._snapshot.layers:
            position = shown.segment.columns.positions.get(video_id)
            if position is not None and shown.open.is_alive(position):
                return shown, position
        return None

    def _ids(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the ids of the terms that the view has, -1 for others; terms may have come later."""
        return self._snapshot.vocabulary.find(keys, len(self._snapshot.frequencies))


def _open_rows(shown: _Shown, asked: Asked) -> Bytes:
    """Return 1 for each row of a layer that may be returned."""
    rows = _allowed_rows(shown, asked.now, asked.allowed)
    return without(rows, shown.segment.first_rows, positions_of(shown.segment.columns, asked.excluded))


def _allowed_rows(shown: _Shown, now: float | None, allowed: Filter | None) -> Bytes:
    """Return 1 for each row of a layer whose video is there at a time, None: whenever, and allowed by a filter."""
    rows, _ = shown.open.at(now)
    if allowed is not None:
        rows = rows & shown.segment.by_row(allowed.mask(shown.segment.columns).view(np.uint8))
    return rows
