"""Trends of keywords: how often they occur in the videos published in each interval."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index.arrays import Float64s, Int32s, Int64s
from ..index.postings import Postings
from ..vectors.keyword_vector import TICKS_PER_SECOND
from .asked import Sought, united
from .occurrences import OccurrenceCounter
from .scope import Scope

_AT_ONCE = 100
"""Videos of unknown duration of which the keyword sets are read at a time."""


class Trend(NamedTuple):
    """Counts by interval; the first axis of all but the first two is that of the asked keywords."""

    videos: Int64s
    """That are allowed and have any keyword that can match."""
    duration_ticks: Int64s
    """Of these videos."""
    occurring: NDArray[np.int64]
    """Videos in which a keyword occurs."""
    instances: NDArray[np.int64]
    ticks: NDArray[np.int64]
    """On-screen duration."""
    undated: list[int]
    """Videos without a published time in which a keyword occurs, for each keyword."""


def span_of(scope: Scope, start: float | None, end: float | None) -> tuple[float, float]:
    """Return from when to before when a trend spans: the ends that are given, else those of the allowed videos.

    Both 0 if there is nothing in between.
    """
    if start is None or end is None:
        first, last = _published_in(scope)
        start = first if start is None else start
        end = math.nextafter(last, math.inf) if end is None else end
    return (start, end) if start < end else (0.0, 0.0)


def count_trend(asked: Sequence[Sought], starts: Sequence[float], span: tuple[float, float], scope: Scope) -> Trend:
    """Count the videos that were published within a span, by the intervals that cover it, given by their starts."""
    totals = np.zeros((2, len(starts)), dtype=np.int64)
    points = np.zeros((3, len(asked), len(starts)), dtype=np.int64)
    trend = Trend(totals[0], totals[1], points[0], points[1], points[2], [0] * len(asked))
    counter = OccurrenceCounter(asked, scope)
    edges = np.array(starts)
    for own, located in scope.locate(asked):
        published = own.columns.published
        videos = own.videos_of(own.open_rows)
        videos = videos[_within(published[videos], span)]
        intervals = np.searchsorted(edges, published[videos], "right") - 1
        np.add.at(trend.videos, intervals, 1)
        np.add.at(trend.duration_ticks, intervals, _duration_ticks(own, videos, scope))
        for place, rows in enumerate(located):
            trend.undated[place] += int(np.count_nonzero(np.isneginf(published[own.videos_of(rows)])))
        rows = united(own.found)
        for one in counter.occurrences(own, rows[_within(published[own.rows.videos[rows]], span)]):
            at = (one.place, int(np.searchsorted(edges, published[one.position], "right")) - 1)
            trend.occurring[at] += 1
            trend.instances[at] += one.instances
            trend.ticks[at] += one.ticks
    return trend


def _published_in(scope: Scope) -> tuple[float, float]:
    """Return the first and the last published time of the allowed videos; inf and -inf if there is none."""
    first, last = math.inf, -math.inf
    for own in scope.postings(np.empty(0, dtype=np.uint64)):
        published = own.columns.published[own.videos_of(own.open_rows)]
        dated = published[np.isfinite(published)]
        first, last = min(first, float(dated.min(initial=np.inf))), max(last, float(dated.max(initial=-np.inf)))
    return first, last


def _within(published: Float64s, span: tuple[float, float]) -> NDArray[np.bool_]:
    return (published >= span[0]) & (published < span[1])


def _duration_ticks(own: Postings, videos: Int32s, scope: Scope) -> Int64s:
    """Return the durations of some videos; where it is unknown the end of the last instance in any language."""
    ticks: Int64s = np.rint(own.columns.duration[videos] * TICKS_PER_SECOND).astype(np.int64)
    unknown = np.flatnonzero(ticks == 0).tolist()
    for start in range(0, len(unknown), _AT_ONCE):
        scope.check()
        wanted, owners = [], []
        for place in unknown[start : start + _AT_ONCE]:
            video_id = own.columns.video_id(int(videos[place]))
            facts = scope.view.facts(video_id)
            for language in () if facts is None else facts.languages:
                wanted.append((video_id, language))
                owners.append(place)
        for some in scope.store.keyword_sets(scope.catalog.catalog_id, wanted):
            for place, duration, keyword_set in some:
                seconds = duration or float(keyword_set.ends.max(initial=0.0))
                ticks[owners[place]] = max(ticks[owners[place]], round(seconds * TICKS_PER_SECOND))
    return ticks
