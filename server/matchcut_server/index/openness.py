"""Which rows of a segment may be returned: of videos that are still there, published and not expired."""

from collections.abc import Sequence

import numpy as np

from .arrays import Bytes, Float64s, Int32s, Int64s


class Timely:
    """Which videos are published and not expired, by position. `published`, `expire`: Unix seconds.

    Between two moments at which a video appears or disappears the answer is the same, and is remembered.
    """

    def __init__(self, published: Float64s, expire: Float64s) -> None:
        self._published = published
        self._expire = expire
        self._known: tuple[float, float, Bytes] | None = None

    def at(self, now: float) -> Bytes:
        """Return 1 for each video that is there at a time; the same array as long as nothing changes."""
        known = self._known
        if known is None or not known[0] <= now < known[1]:
            known = self._known = self._look(now)
        return known[2]

    def _look(self, now: float) -> tuple[float, float, Bytes]:
        """Return since when, and until when, what is there at a time is the same, and what that is."""
        is_published, is_expired = self._published <= now, self._expire <= now
        since = max(
            self._published.max(where=is_published, initial=-np.inf),
            self._expire.max(where=is_expired, initial=-np.inf),
        )
        until = min(
            self._published.min(where=~is_published, initial=np.inf),
            self._expire.min(where=~is_expired, initial=np.inf),
        )
        return float(since), float(until), (is_published & ~is_expired).view(np.uint8)


class OpenRows:
    """Which rows may be returned. `alive`: 1 for each video that is still there; `videos`: see `by_row`."""

    def __init__(self, timely: Timely, alive: Bytes, videos: Int32s | None) -> None:
        self._timely = timely
        self._alive = alive
        self._videos = videos
        self._known: tuple[Bytes, Bytes, int] | None = None

    def is_alive(self, video: int) -> bool:
        """Tell whether a video is still there, at any time."""
        return bool(self._alive[video])

    def at(self, now: float | None) -> tuple[Bytes, int]:
        """Return 1 for each row that may be returned at a time (None: whenever), and how many they are."""
        if now is None:
            rows = by_row(self._alive, self._videos)
            return rows, int(np.count_nonzero(rows.view(np.bool_)))
        timely = self._timely.at(now)
        known = self._known
        if known is None or known[0] is not timely:
            rows = by_row(timely & self._alive, self._videos)
            known = self._known = (timely, rows, int(np.count_nonzero(rows.view(np.bool_))))
        return known[1], known[2]


def by_row(by_video: Bytes, videos: Int32s | None) -> Bytes:
    """Turn what is told of videos into what is told of their rows. `videos`: of each row; None: each has one."""
    if videos is None:
        return by_video
    rows: Bytes = by_video[videos]
    return rows


def by_video(by_row: Bytes, videos: Int32s | None, count: int) -> Bytes:
    """Tell of each of `count` videos whether it is told of any of its rows. `videos`: see `by_row`."""
    if videos is None:
        return by_row
    found = np.zeros(count, dtype=np.uint8)
    found[videos[by_row.view(np.bool_)]] = 1
    return found


def without(rows: Bytes, first_rows: Int64s, videos: Sequence[int]) -> Bytes:
    """Close the rows of some videos. `first_rows`: where the rows of each begin."""
    if not videos:
        return rows
    left = rows.copy()
    for video in videos:
        left[first_rows[video] : first_rows[video + 1]] = 0
    return left


class Surplus:
    """How many of the best rows hold the best videos. `row_counts`: rows of each video."""

    def __init__(self, row_counts: Int64s) -> None:
        more = row_counts[row_counts > 1] - 1
        more.sort()
        self._sums: Int32s = np.concatenate(([0], np.cumsum(more[::-1]))).astype(np.int32)
        """Rows that the videos with the most have beyond one each: of none of them, of one, of two and so on."""

    def rows(self, videos: int) -> int:
        """Return a number of rows of which the best are of so many videos at least, however they score."""
        return videos + int(self._sums[min(videos, len(self._sums) - 1)])


def several_rows(videos: Int32s, count: int) -> Int32s | None:
    """Return the video of each row for `by_row`; `count`: videos of the segment."""
    return None if np.array_equal(videos, np.arange(count, dtype=np.int32)) else videos
