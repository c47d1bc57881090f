"""Candidates: the videos that may have a place for a promotion, the most promising ones first."""

import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..index.arrays import Float64s, Int32s
from ..index.filter import Filter
from ..index.port import SCORE_DECIMALS, View
from ..index.postings import Postings
from ..vectors.weighting import HALF
from .fitting import Promoted

TRANCHE = 4_096
"""Candidates of a segment that are held at once; for more, the whole segment is looked at again."""

_ROUNDING_ERRORS = 1e-9


class Candidate(NamedTuple):
    """A video that may have a place for a promotion; in the order of its fields it is taken early."""

    below: float
    """The negative of a number that no score of the promotion in this video exceeds."""
    video_id: str
    languages: tuple[str, ...]


class Scope(NamedTuple):
    """Which videos of a view may be candidates."""

    view: View
    now: float | None
    """Only videos that are published and not expired then (Unix seconds); None: all."""
    allowed: Filter | None
    excluded: Sequence[Int32s]
    """For each segment of the view: the positions of videos that may not."""
    min_score: float


def candidates(promoted: Promoted, scope: Scope, excluded: Sequence[Int32s]) -> Iterator[Candidate]:
    """Yield the videos that may have a place for a promotion, in their order, found as they are asked for.

    `excluded`: more positions, as in the scope.

    The bound of their scores: a stretch and a promotion are unit vectors of two blocks, and each block of a stretch has
    length √½, because a keyword on screen has terms in both. Negative weights of the promotion add nothing above 0. So
    by the inequality of Cauchy and Schwarz a cosine is at most √½ · (|p| + |w|), where p and w are the promotion's
    positive weights of those phrases and of those words that the video has at all.
    """

    def parts(first: int) -> Iterator["_Part"]:
        wanted = promoted.terms.weights > 0
        keys = promoted.terms.keys[wanted]
        postings = scope.view.postings(keys, scope.now, scope.allowed)
        for own, common, more in zip(postings, scope.excluded, excluded, strict=True):
            yield _part(own, promoted, scope, np.concatenate((common, more)), first)

    def drawn(number: int, part: "_Part") -> Iterator[Candidate]:
        first = 0
        while True:
            yield from part.candidates(scope.view)
            if len(part.positions) < TRANCHE:
                return
            first += TRANCHE
            part = list(parts(first))[number]

    return heapq.merge(*(drawn(number, part) for number, part in enumerate(parts(0))))


class _Part(NamedTuple):
    """Candidates of a segment, in order."""

    own: Postings
    positions: Int32s
    bounds: Float64s

    def candidates(self, view: View) -> Iterator[Candidate]:
        columns, videos = self.own.columns, self.own.rows.videos
        for position, bound in zip(self.positions.tolist(), self.bounds.tolist(), strict=True):
            video_id = columns.video_id(position)
            first, last = np.searchsorted(videos, (position, position + 1)).tolist()
            languages = tuple(self.own.language(row) for row in range(first, last))
            if not columns.duration[position]:  # then keywords that never match tell too how long it is
                facts = view.facts(video_id)
                languages = languages if facts is None else facts.languages
            yield Candidate(-bound, video_id, languages)


def _part(own: Postings, promoted: Promoted, scope: Scope, excluded: Int32s, first: int) -> _Part:
    """Return the candidates of a segment from the place `first` on, at most a tranche."""
    positions, bounds = _bounds(own, promoted)
    # Rounded as scores are, after what rounding errors may have taken off.
    bounds = np.round(bounds + _ROUNDING_ERRORS, SCORE_DECIMALS)
    kept = bounds >= scope.min_score
    seeds = own.columns.find(promoted.seeds)
    allowed = promoted.promotion.rules.allowed
    if len(excluded) or len(seeds) or allowed is not None:
        is_open = np.ones(len(own.columns), dtype=bool) if allowed is None else allowed.mask(own.columns)
        is_open[excluded] = False
        is_open[seeds[seeds >= 0]] = False
        kept &= is_open[positions]
    positions, bounds = positions[kept], bounds[kept]
    last = first + TRANCHE
    if len(bounds) > last:
        best = bounds >= np.partition(bounds, -last)[-last]
        positions, bounds = positions[best], bounds[best]
    rank = positions if own.columns.rank is None else own.columns.rank[positions]
    order = np.lexsort((rank, -bounds))[first:last]
    return _Part(own._replace(found=[]), positions[order], bounds[order])


def _bounds(own: Postings, promoted: Promoted) -> tuple[Int32s, Float64s]:
    """Return the positions of the videos of a segment that match at all, and their bounds."""
    wanted = promoted.terms.weights > 0
    squares = np.zeros((2, len(own.open)))
    for block, weight, rows in zip(
        promoted.terms.words[wanted].tolist(), promoted.terms.weights[wanted].tolist(), own.found, strict=True
    ):
        squares[block, rows] += weight * weight
    matching = np.flatnonzero(squares[0] + squares[1])
    bounds: Float64s = HALF * (np.sqrt(squares[0, matching]) + np.sqrt(squares[1, matching]))
    positions = own.rows.videos[matching]
    firsts = np.flatnonzero(np.concatenate(([True], positions[1:] != positions[:-1]))[: len(positions)])
    return positions[firsts], np.maximum.reduceat(bounds, firsts) if len(firsts) else bounds
