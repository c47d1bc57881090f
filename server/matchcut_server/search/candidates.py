"""Candidates: the videos that may have moments, with what their moments score at most."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..index.arrays import Float64s, Int32s, Int64s
from ..index.columns import Mask
from ..index.filter import Filter
from ..index.port import View
from ..index.postings import Postings
from .asked import united
from .conditions import Conditions, Located, locate


class Candidate(NamedTuple):
    """A video that may have moments."""

    video_id: str
    languages: tuple[str, ...]
    """Of its keyword sets that may have any."""


class Candidates:
    """The videos that may have moments: all that do, and few others. Columns of one row a video."""

    def __init__(
        self, conditions: Conditions, view: View, now: float | None = None, allowed: Filter | None = None
    ) -> None:
        located = locate([*conditions.scored, *conditions.none_of], view, now, allowed)
        self._postings: list[Postings] = [one.postings for one in located]
        videos = [_videos(one, conditions) for one in located]
        self._rows: Int32s = np.concatenate([_NO_ROWS, *(own.rows for own in videos)])
        counts = np.concatenate([_NO_COUNTS, *(own.counts for own in videos)])
        self._first_rows: Int64s = np.concatenate(([0], np.cumsum(counts)))
        self._segments = np.repeat(np.arange(len(videos)), [len(own.positions) for own in videos])
        self._positions: Int32s = np.concatenate([_NO_ROWS, *(own.positions for own in videos)])
        self.bounds: Float64s = np.concatenate([_NO_FLOATS, *(own.bounds for own in videos)])
        """What no moment of the video scores more than, as its confidences are 1 at most."""
        columns = [one.postings.columns for one in located]
        self.published: Float64s = np.concatenate(
            [_NO_FLOATS, *(own.published[found.positions] for own, found in zip(columns, videos, strict=True))]
        )
        """Unix seconds; -inf: always."""
        self.durations: Float64s = np.concatenate(
            [_NO_FLOATS, *(own.duration[found.positions] for own, found in zip(columns, videos, strict=True))]
        )
        """Seconds; 0 if unknown."""

    def __len__(self) -> int:
        return len(self.bounds)

    def __getitem__(self, number: int) -> Candidate:
        postings = self._postings[int(self._segments[number])]
        first, last = int(self._first_rows[number]), int(self._first_rows[number + 1])
        languages = tuple(postings.language(int(self._rows[row])) for row in range(first, last))
        return Candidate(postings.columns.video_id(int(self._positions[number])), languages)

    def video_id(self, number: int) -> str:
        """Return the id of a video."""
        columns = self._postings[int(self._segments[number])].columns
        return columns.video_id(int(self._positions[number]))

    def by_bound(self) -> Int64s:
        """Return the videos by what they may score, highest first."""
        return np.argsort(-self.bounds, kind="stable")

    def time_keys(self, *, newest_first: bool) -> Float64s:
        """Return by video what puts them in the order of published times, ascending: those without one last."""
        sign = -1.0 if newest_first else 1.0
        keys: Float64s = np.where(np.isfinite(self.published), sign * self.published, np.inf)
        return keys

    def by_keys(self, keys: Float64s, first: float = -np.inf) -> Iterator[int]:
        """Yield the videos by keys, ascending, from the key `first` on, those of equal ones by id."""
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        start = int(np.searchsorted(ordered, first))
        while start < len(order):
            end = int(np.searchsorted(ordered, ordered[start], "right"))
            yield from sorted(order[start:end].tolist(), key=self.video_id)
            start = end


class _Videos(NamedTuple):
    """The videos of one segment that may have moments."""

    positions: Int32s
    counts: Int64s
    """How many of `rows` each has."""
    rows: Int32s
    bounds: Float64s


def _videos(located: Located, conditions: Conditions) -> _Videos:
    rows = _rows(located.rows, conditions)
    videos = located.postings.rows.videos[rows]
    firsts = np.flatnonzero(np.concatenate(([True], videos[1:] != videos[:-1]))[: len(videos)])
    bounds = _bounds(rows, located.rows, conditions.values)
    best = np.maximum.reduceat(bounds, firsts) if len(firsts) else bounds
    return _Videos(videos[firsts], np.diff(firsts, append=len(rows)), rows, best)


def _rows(found: Sequence[Int32s], conditions: Conditions) -> Int32s:
    """Return the rows for which the conditions hold, as far as they hold for whole keyword sets."""
    every, scored = len(conditions.all_of), len(conditions.scored)
    some = united(found[every:scored])
    if every:
        first, *others = sorted(found[:every], key=len)
        rows = first
        for other in [*others, *([some] if scored > every else [])]:
            rows = rows[_among(rows, other)]
    else:
        rows = some
    if conditions.within_seconds is None and len(found) > scored:
        rows = rows[~_among(rows, united(found[scored:]))]
    return rows


def _bounds(rows: Int32s, found: Sequence[Int32s], values: Float64s) -> Float64s:
    """Return what no moment of a row scores more than: the score it would have with all its confidences 1."""
    total, matched = np.zeros(len(rows)), np.zeros(len(rows))
    for own, value in zip(found, values.tolist(), strict=False):  # what is not wanted has no value
        has = _among(rows, own)
        total[has] += value
        matched += has
    bounds: Float64s = total * matched / len(values)
    return bounds


def _among(rows: Int32s, others: Int32s) -> Mask:
    """Tell which of some rows are among others, which are ascending."""
    if not len(others):
        return np.zeros(len(rows), dtype=bool)
    places = np.searchsorted(others, rows)
    places[places == len(others)] = 0
    found: Mask = others[places] == rows
    return found


_NO_ROWS: Int32s = np.empty(0, dtype=np.int32)
_NO_COUNTS: Int64s = np.empty(0, dtype=np.int64)
_NO_FLOATS: Float64s = np.empty(0)
