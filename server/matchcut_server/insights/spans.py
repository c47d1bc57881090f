"""Time spans in columns: documents have very many, so what is done to each is done in compiled loops."""

import math
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .model import Bounds, FloatArray, Sources
from .timespan import MAX_SECONDS, parse_time

Bytes = NDArray[np.uint8]
Rows = NDArray[np.int64]


class Fate(IntEnum):
    """What becomes of a span as it was given."""

    KEPT = 0
    CLIPPED = 1
    DROPPED = 2
    """It is empty, at the latest after clipping."""
    OUT_OF_RANGE = 3
    UNREADABLE = 4


_KEPT, _CLIPPED, _DROPPED, _OUT_OF_RANGE = (int(fate) for fate in list(Fate)[:4])

_NEWLINE, _DOT, _COLON, _ZERO = b"\n.:0"
_TICKS = 10_000_000
"""In a second. Times are rounded to them."""
_FRACTION_DIGITS = 7
_HOURS_DIGITS = 6
_FEW = 32
"""Up to so many spans are put in order one by one."""


class Spans:
    """The instances of many keywords, one after another, clipped to [0, `end`] seconds.

    `starts`, `ends` and `sources` are columns of one row an instance, as given, and changed in place. `from_text`: NaN
    stands for a time that could not be read, and is not a number that was given.
    """

    def __init__(
        self, starts: FloatArray, ends: FloatArray, end: float, sources: Sources | None = None, *, from_text: bool
    ) -> None:
        self.starts = starts
        self.ends = ends
        self.sources = sources
        source_starts, source_ends = (_NONE, _NONE) if sources is None else (sources.starts, sources.ends)
        self.fates, worst = _clip(starts, ends, source_starts, source_ends, end)
        if worst == Fate.OUT_OF_RANGE and from_text:
            self.fates[np.isnan(starts) | np.isnan(ends)] = Fate.UNREADABLE
        self.as_given = worst == Fate.KEPT
        """Whether all are kept as they were."""

    def unreadable(self, first: int, last: int) -> list[int]:
        """Return which of some rows hold times that could not be read, counted from `first`."""
        found: list[int] = np.flatnonzero(self.fates[first:last] == Fate.UNREADABLE).tolist()
        return found

    def arranged(
        self, places: Sequence[int], firsts: Sequence[int], lasts: Sequence[int], count: int
    ) -> tuple[Bounds, FloatArray, FloatArray, Sources | None]:
        """Give keywords their instances, in order and without exact repetitions.

        There are `count` keywords; the instances from `firsts[i]` to `lasts[i]` belong to the keyword at `places[i]`.
        Returns bounds, starts, ends and sources, as in a `KeywordSet`.
        """
        ranges = np.array([*places, *firsts, *lasts], dtype=np.int64)
        if self.sources is None:
            bounds, order = _arrange(ranges, count, self.fates, self.starts, self.ends, _NONE, _NONE, _NONE)
            return bounds, self.starts[order], self.ends[order], None
        ids = self.sources.video_ids
        rank = {video_id: float(i) for i, video_id in enumerate(sorted({one or "" for one in ids}))}
        bounds, order = _arrange(
            ranges,
            count,
            self.fates,
            self.starts,
            self.ends,
            np.array([rank[one or ""] for one in ids]),
            np.nan_to_num(self.sources.starts, nan=-math.inf),
            np.nan_to_num(self.sources.ends, nan=-math.inf),
        )
        kept = tuple(ids[i] for i in order.tolist())
        sources = Sources(kept, self.sources.starts[order], self.sources.ends[order])
        has_sources = any(video_id is not None for video_id in kept)
        return bounds, self.starts[order], self.ends[order], sources if has_sources else None


def read_spans(starts: Sequence[str | None], ends: Sequence[str | None]) -> tuple[FloatArray, FloatArray]:
    """Read serialised .NET `TimeSpan`s as seconds, as `parse_time` does; NaN for None and for what is not one."""
    texts = [*starts, *ends]
    try:
        joined = "\n".join(texts)  # type: ignore[arg-type]
    except TypeError:
        joined = "\n".join([text or "" for text in texts])
    seconds, unread = _read_times(np.frombuffer(joined.encode(errors="replace"), dtype=np.uint8), len(texts))
    if unread:
        for i in np.flatnonzero(np.isnan(seconds)).tolist():
            found = parse_time(texts[i] or "")
            if found is not None:
                seconds[i] = found
    return seconds[: len(starts)], seconds[len(starts) :]


_NONE: FloatArray = np.empty(0)


@compiled
def _read_times(text: Bytes, count: int) -> tuple[FloatArray, int]:
    """Read the usual spelling, H:MM:SS.fffffff; NaN, counted, for all others, which may be times too."""
    seconds = np.full(count, np.nan)
    unread = 0
    number = 0
    start = 0
    for end in range(len(text) + 1):
        if end == len(text) or text[end] == _NEWLINE:
            if number < count:
                seconds[number] = _read_time(text, start, end)
                unread += np.isnan(seconds[number])
            number += 1
            start = end + 1
    if number != count:  # a line end in a text has moved those behind it
        seconds[:] = np.nan
        unread = count
    return seconds, unread


@compiled
def _read_time(text: Bytes, start: int, end: int) -> float:
    at = start
    hours = 0
    while at < end and _is_digit(text[at]):
        hours = hours * 10 + text[at] - _ZERO
        at += 1
    digits = at - start
    if not 1 <= digits <= _HOURS_DIGITS or end - at < 6:
        return np.nan
    for colon in (at, at + 3):
        if text[colon] != _COLON or not _is_digit(text[colon + 1]) or not _is_digit(text[colon + 2]):
            return np.nan
    minutes = (text[at + 1] - _ZERO) * 10 + text[at + 2] - _ZERO
    seconds = (text[at + 4] - _ZERO) * 10 + text[at + 5] - _ZERO
    at += 6
    if minutes > 59 or seconds > 59:
        return np.nan
    fraction = 0
    if at < end:
        digits = end - at - 1
        if text[at] != _DOT or not 1 <= digits <= _FRACTION_DIGITS:
            return np.nan
        for i in range(at + 1, end):
            if not _is_digit(text[i]):
                return np.nan
            fraction = fraction * 10 + text[i] - _ZERO
        fraction *= 10 ** (_FRACTION_DIGITS - digits)
    # Whole ticks, divided once, are the same float as the decimal number.
    value = (((hours * 60 + minutes) * 60 + seconds) * _TICKS + fraction) / _TICKS
    return value if value <= MAX_SECONDS else np.nan


@compiled
def _is_digit(character: int) -> bool:
    return 48 <= character <= 57


@compiled
def _clip(
    starts: FloatArray, ends: FloatArray, source_starts: FloatArray, source_ends: FloatArray, limit: float
) -> tuple[Bytes, int]:
    """Clip spans to [0, limit], times in source videos likewise. Returns their fates, and the largest of these."""
    fates = np.zeros(len(starts), dtype=np.uint8)
    worst = 0
    for i in range(len(starts)):
        start, end = starts[i], ends[i]
        if not (abs(start) <= MAX_SECONDS and abs(end) <= MAX_SECONDS):
            fates[i] = _OUT_OF_RANGE
        else:
            first, last = max(start, 0.0), min(end, limit)
            if last <= first:
                fates[i] = _DROPPED
            elif first != start or last != end:
                fates[i] = _CLIPPED
                if len(source_starts):
                    source_starts[i] += first - start
                    source_ends[i] += last - end
            starts[i], ends[i] = first, last
        worst = max(worst, fates[i])
    return fates, worst


@compiled
def _arrange(ranges: Rows, count: int, fates: Bytes, *columns: FloatArray) -> tuple[Bounds, Rows]:
    """Return the bounds of keywords, and the rows of their instances, ordered by the columns, each only once."""
    number_of_ranges = len(ranges) // 3
    places = ranges[:number_of_ranges]
    firsts = ranges[number_of_ranges : 2 * number_of_ranges]
    lasts = ranges[2 * number_of_ranges :]
    bounds = np.zeros(count + 1, dtype=np.int32)
    for number in range(len(places)):
        for row in range(firsts[number], lasts[number]):
            bounds[places[number] + 1] += fates[row] <= _CLIPPED
    for place in range(count):
        bounds[place + 1] += bounds[place]
    rows = np.empty(bounds[count], dtype=np.int64)
    free = bounds.copy()
    for number in range(len(places)):
        for row in range(firsts[number], lasts[number]):
            if fates[row] <= _CLIPPED:
                rows[free[places[number]]] = row
                free[places[number]] += 1
    kept = first = 0
    for place in range(count):
        last = bounds[place + 1]
        _sort(rows[first:last], columns)
        begin = kept
        for i in range(first, last):
            if kept == begin or _compare(rows[kept - 1], rows[i], columns) != 0:
                rows[kept] = rows[i]
                kept += 1
        first = last
        bounds[place + 1] = kept
    return bounds, rows[:kept]


@compiled
def _sort(rows: Rows, columns: tuple[FloatArray, ...]) -> None:
    """Put rows in the order of the columns, the first of which counts most."""
    if len(rows) > _FEW:
        for i in range(len(columns) - 1, -1, -1):
            column = columns[i]
            if len(column):
                rows[:] = rows[np.argsort(column[rows], kind="mergesort")]
        return
    for i in range(1, len(rows)):
        row = rows[i]
        at = i
        while at and _compare(rows[at - 1], row, columns) > 0:
            rows[at] = rows[at - 1]
            at -= 1
        rows[at] = row


@compiled
def _compare(first: int, second: int, columns: tuple[FloatArray, ...]) -> int:
    for column in columns:
        if len(column):
            if column[first] < column[second]:
                return -1
            if column[first] > column[second]:
                return 1
    return 0
