"""The in-memory index: always exact, its IDF always current.

Changes gather in a list and become a small segment when the next view is asked for; segments of similar size are
merged, as in a log-structured tree, so that a write costs time in proportion to itself.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..vectors.keys import term_key
from ..vectors.keyword_vector import KeywordVector
from ..vectors.profile import Profile
from ..vectors.scheme import FloatArray
from ..vectors.video import IndexedVideo, Removal, VideoFacts
from ..vectors.weighting import BLOCKS, Block, block_shares, inverse_document_frequency, unit_weights
from .filter import Filter
from .port import SCORE_DECIMALS, TIE_WIDTH, Hit, Statistics
from .segment import IntArray, Postings, Segment
from .tally import Tally
from .vocabulary import Vocabulary

Alive = NDArray[np.bool_]

MAX_PENDING = 8_192
"""Videos that gather before a segment is made of them, view or not: what gathers takes more memory."""


@dataclass(slots=True)
class _Layer:
    """A segment and which of its videos are still there."""

    segment: Segment
    alive: Alive
    count: int
    shared: bool = False
    """Whether a view holds `alive`, which is then copied before it is changed."""

    def kill(self, position: int) -> None:
        """Note that a video is gone."""
        if self.shared:
            self.alive = self.alive.copy()
            self.shared = False
        self.alive[position] = False
        self.count -= 1

    def share(self) -> tuple[Segment, Alive]:
        """Return what a view needs."""
        self.shared = True
        return self.segment, self.alive


class _Row(NamedTuple):
    """A vector that is not in a segment yet, and the ids of its terms."""

    vector: KeywordVector
    ids: Mapping[Block, IntArray]


class MemoryIndex:
    """See `port.Index`."""

    def __init__(self) -> None:
        self._vocabularies: dict[Block, Vocabulary] = {block: Vocabulary() for block in BLOCKS}
        self._layers: list[_Layer] = []
        self._place: dict[str, tuple[_Layer, int]] = {}
        self._pending: dict[str, tuple[VideoFacts, list[_Row]]] = {}
        self._tally = Tally()
        self._revision = 0
        self._view: MemoryView | None = None
        self._lock = threading.Lock()

    def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
        """See `port.Index`."""
        with self._lock:
            for change in changes:
                if isinstance(change, Removal):
                    self._remove(change.video_id)
                else:
                    self._remove(change.facts.video_id)
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
        rows = [
            _Row(vector, {block: self._vocabularies[block].ids(getattr(vector, block).keys) for block in BLOCKS})
            for vector in video.vectors
            if not vector.is_empty
        ]
        if rows:
            self._pending[video.facts.video_id] = (video.facts, rows)
        for row in rows:
            self._count(row.ids, 1)

    def _remove(self, video_id: str) -> None:
        if video_id not in self._tally:
            return
        self._tally.remove(video_id)
        if video_id in self._pending:
            for row in self._pending.pop(video_id)[1]:
                self._count(row.ids, -1)
        elif video_id in self._place:
            layer, position = self._place.pop(video_id)
            for row in layer.segment.rows_of(np.array([position])):
                self._count({block: _postings(layer.segment, block).row_terms(row) for block in BLOCKS}, -1)
            layer.kill(position)

    def _count(self, ids: Mapping[Block, IntArray], by: int) -> None:
        for block in BLOCKS:
            self._vocabularies[block].count(ids[block], by)

    def _make_view(self) -> "MemoryView":
        self._flush()
        self._layers = [layer for layer in self._layers if layer.count]
        layers = [layer.share() for layer in self._layers]
        return MemoryView(_Snapshot(layers, self._vocabularies, self._tally), self._revision)

    def _flush(self) -> None:
        if self._pending:
            self._push(_make_segment(list(self._pending.values())))
            self._pending = {}

    def _push(self, segment: Segment) -> None:
        """Add a segment, merged with the layers before it that are not at least twice as large."""
        parts = [(segment, np.ones(len(segment), dtype=bool))]
        count = len(segment)
        while self._layers and self._layers[-1].count < 2 * count:
            layer = self._layers.pop()
            count += layer.count
            if layer.count:
                parts.insert(0, (layer.segment, layer.alive))
        merged = Segment.merge(parts) if len(parts) > 1 else segment
        layer = _Layer(merged, np.ones(len(merged), dtype=bool), len(merged))
        self._layers.append(layer)
        for position, video in enumerate(merged.columns.videos):
            self._place[video.video_id] = (layer, position)


def _make_segment(videos: Sequence[tuple[VideoFacts, Sequence[_Row]]]) -> Segment:
    rows = [row for _, own in videos for row in own]

    def postings(block: Block) -> Postings:
        ids = [row.ids[block] for row in rows]
        return Postings(
            np.array([len(one) for one in ids], dtype=np.int64),
            np.concatenate(ids),
            np.concatenate([getattr(row.vector, block).frequencies for row in rows]),
        )

    return Segment(
        [facts for facts, _ in videos],
        np.array([len(own) for _, own in videos], dtype=np.int64),
        [row.vector.language for row in rows],
        postings("phrases"),
        postings("words"),
    )


def _postings(segment: Segment, block: Block) -> Postings:
    return segment.phrases if block == "phrases" else segment.words


@dataclass(frozen=True, slots=True)
class _BlockQuery:
    """One block of a profile, weighted for one view: different `terms` ascending, their weights times IDF twice.

    Once for the profile's own vector, normalised, and once for the videos', whose tf is stored without it.
    """

    terms: IntArray
    weights: FloatArray


class _Snapshot:
    """What the views of one state share: weighing the vectors anew after a write is most of the work of a view."""

    def __init__(
        self, layers: Sequence[tuple[Segment, Alive]], vocabularies: dict[Block, Vocabulary], tally: Tally
    ) -> None:
        self.layers = layers
        self.vocabularies = vocabularies
        self.frequencies = {block: vocabularies[block].frequencies() for block in BLOCKS}
        terms = {block: int(np.count_nonzero(self.frequencies[block])) for block in BLOCKS}
        self.statistics: Statistics = tally.statistics(terms["phrases"], terms["words"])
        count = self.statistics.keyword_sets
        self.unknown_idf = float(inverse_document_frequency(0, count))
        self.idf = {block: inverse_document_frequency(self.frequencies[block], count) for block in BLOCKS}
        self.norms = [
            {block: _postings(segment, block).norms(self.idf[block]) for block in BLOCKS} for segment, _ in layers
        ]


class MemoryView:
    """See `port.View`."""

    def __init__(self, snapshot: _Snapshot, revision: int) -> None:
        self._snapshot = snapshot
        self.revision = revision
        self.statistics = snapshot.statistics

    def at(self, revision: int) -> "MemoryView":
        """Return the same view for a later revision, up to which nothing has changed."""
        return MemoryView(self._snapshot, revision)

    def inverse_document_frequency(self, block: Block, term: str) -> float:
        """See `port.View`."""
        term_id = self._id(block, term)
        return self._snapshot.unknown_idf if term_id is None else float(self._snapshot.idf[block][term_id])

    def knows(self, block: Block, term: str) -> bool:
        """See `port.View`."""
        term_id = self._id(block, term)
        return term_id is not None and bool(self._snapshot.frequencies[block][term_id])

    def search(
        self, profile: Profile, limit: int, now: float, allowed: Filter | None = None, excluded: Collection[str] = ()
    ) -> list[Hit]:
        """See `port.View`."""
        query = self._query(profile)
        hits: list[Hit] = []
        for number in range(len(self._snapshot.layers)):
            candidates = _top(self._scores(number, query, now, allowed, excluded), limit)
            if len(candidates):
                hits += self._exact(number, candidates, query, limit)
        return sorted(hits, key=lambda hit: (-hit.score, hit.video_id))[:limit]

    def _id(self, block: Block, term: str) -> int | None:
        """Return the id of a term that the view has; terms may have come later."""
        term_id = self._snapshot.vocabularies[block].id_of(term_key(block, term))
        return term_id if term_id is not None and term_id < len(self._snapshot.frequencies[block]) else None

    def _query(self, profile: Profile) -> dict[Block, _BlockQuery]:
        shares = block_shares(bool(profile.phrases), bool(profile.words))
        return {
            block: self._block_query(block, getattr(profile, block), share)
            for block, share in zip(BLOCKS, shares, strict=True)
        }

    def _block_query(self, block: Block, weights: dict[str, float], share: float) -> _BlockQuery:
        ids = [self._id(block, term) for term in weights]
        table, unknown = self._snapshot.idf[block], self._snapshot.unknown_idf
        idf = np.array([unknown if term_id is None else table[term_id] for term_id in ids], dtype=np.float64)
        own = unit_weights(np.array(list(weights.values()), dtype=np.float64), idf) * share  # unknown terms count
        known = np.array([i for i, term_id in enumerate(ids) if term_id is not None], dtype=np.int64)
        terms = np.array([term_id for term_id in ids if term_id is not None], dtype=np.int64)
        order = np.argsort(terms)
        return _BlockQuery(terms[order], (own[known] * idf[known])[order])

    def _scores(
        self,
        number: int,
        query: dict[Block, _BlockQuery],
        now: float,
        allowed: Filter | None,
        excluded: Collection[str],
    ) -> FloatArray:
        """Score every video of a layer; 0 where it may not be returned."""
        segment, alive = self._snapshot.layers[number]
        rows = np.zeros(len(segment.languages))
        for block, share in zip(BLOCKS, block_shares(True, True), strict=True):
            part = query[block]
            if len(part.terms):
                products = _postings(segment, block).products(part.terms, part.weights)
                rows += products * share / self._snapshot.norms[number][block]
        columns = segment.columns
        mask = alive & (columns.published <= now) & (columns.expire > now)
        if allowed is not None:
            mask &= allowed.mask(columns)
        mask[columns.positions_of(excluded)] = False
        return np.where(mask, segment.best_of_rows(rows), 0.0)

    def _exact(self, number: int, videos: IntArray, query: dict[Block, _BlockQuery], limit: int) -> list[Hit]:
        """Score candidates of a layer, at least one, exactly, and return the best of them."""
        segment = self._snapshot.layers[number][0]
        rows = segment.rows_of(videos)
        row_scores = np.zeros(len(rows))
        for block, share in zip(BLOCKS, block_shares(True, True), strict=True):
            products = _postings(segment, block).exact_products(rows, query[block].terms, query[block].weights)
            row_scores += products * share / self._snapshot.norms[number][block][rows]
        row_scores = np.clip(np.round(row_scores, SCORE_DECIMALS), None, 1.0)
        first = np.cumsum(segment.row_counts[videos]) - segment.row_counts[videos]
        scores = np.maximum.reduceat(row_scores, first)
        if len(videos) > limit:
            # Many may have the score of the last one, so the order of their ids has to be at hand.
            best = np.lexsort((segment.columns.rank[videos], -scores))[:limit]
        else:
            best = np.arange(len(videos))
        hits = []
        for i in best[scores[best] > 0].tolist():
            row = first[i]
            while row_scores[row] != scores[i]:  # of equal languages the first
                row += 1
            video = segment.columns.videos[videos[i]]
            hits.append(Hit(video.video_id, float(scores[i]), segment.languages[rows[row]]))
        return hits


def _top(scores: FloatArray, limit: int) -> IntArray:
    """Return the positions of the best, all that are within a tie's width of the last included."""
    positions = np.flatnonzero(scores > 0)
    if len(positions) > limit:
        found = scores[positions]
        least = np.partition(found, len(found) - limit)[len(found) - limit] - TIE_WIDTH
        positions = positions[found >= least]
    return positions
