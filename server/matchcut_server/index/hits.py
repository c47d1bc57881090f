"""Hits: the rows that a kernel found, as the videos they belong to."""

from collections.abc import Iterable
from itertools import repeat
from typing import Protocol

import numpy as np

from .arrays import Float64s, Int32s, Int64s, Rows, Scratch, Wanted
from .port import SCORE_DECIMALS, Hit


class Rowed(Protocol):
    """What hits need to know of a segment."""

    @property
    def rows(self) -> Rows:
        """Its vectors."""

    @property
    def rank(self) -> Int64s | None:
        """Place of each video among all by id; None where the positions are in that order."""

    def video_id(self, position: int) -> str:
        """Return the id of a video."""

    def language(self, row: int) -> str:
        """Return the language of a row."""


def hits_of(segment: Rowed, scratch: Scratch, found: int, limit: int, wanted: Wanted) -> list[Hit]:
    """Return the best `limit` videos of the rows found, in no order."""
    rows = scratch.found[:found]
    scores = np.minimum(np.round(scratch.scores[:found], SCORE_DECIMALS), 1.0)
    matching = np.flatnonzero((scores > 0.0) & (scores >= wanted.least))
    if len(matching) < found:
        rows, scores = rows[matching], scores[matching]
    amounts = wanted.amounts
    if len(rows) > 4 * limit:  # many of the same total: not worth an object each
        totals = np.round(scores + amounts[segment.rows.videos[rows]], SCORE_DECIMALS) if len(amounts) else scores
        chosen = _best(segment, rows, scores, totals, limit)
        rows, scores = rows[chosen], scores[chosen]
    best: dict[int, tuple[float, int]] = {}
    for row, score, video in zip(rows.tolist(), scores.tolist(), segment.rows.videos[rows].tolist(), strict=True):
        # Of equal languages the first by name, which is the first of the video's rows.
        best[video] = max(best.get(video, (0.0, 0)), (score, -row))
    boosts = amounts[list(best)].tolist() if len(amounts) else repeat(0.0)
    return [
        Hit(segment.video_id(video), score, segment.language(-row), boost)
        for (video, (score, row)), boost in zip(best.items(), boosts, strict=False)
    ]


def _best(segment: Rowed, rows: Int32s, scores: Float64s, totals: Float64s, limit: int) -> Int64s:
    """Return the places of the best rows of the best `limit` videos."""
    videos = segment.rows.videos[rows]
    order = np.lexsort((rows, -scores, videos))
    first = order[np.flatnonzero(np.concatenate(([True], np.diff(videos[order]) != 0)))]
    rank = videos[first] if segment.rank is None else segment.rank[videos[first]]
    chosen: Int64s = first[np.lexsort((rank, -totals[first]))[:limit]]
    return chosen


def merged(parts: Iterable[Iterable[Hit]], limit: int) -> list[Hit]:
    """Return the best hits of several segments: highest total first, equal ones by video_id."""
    return sorted((hit for part in parts for hit in part), key=_order)[:limit]


def _order(hit: Hit) -> tuple[float, str]:
    return -hit.total, hit.video_id
