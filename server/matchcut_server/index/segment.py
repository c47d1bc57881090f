"""Segments in memory: videos laid out in arrays, never changed once made.

A segment holds raw tf. IDF and the length of a vector change with every write to the catalog, so a query brings the IDF
and a view the lengths.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..vectors.video import VideoFacts
from .arrays import Bytes, Float32s, Frequencies, Int32s, Int64s, Rows
from .columns import FactColumns
from .openness import OpenRows, Surplus, Timely, by_row, by_video, several_rows


class Segment:
    """Videos that can match; each has one row for each keyword set that is not empty, at least one.

    `row_counts`: the number of rows of each video. `languages`: the language of each row. `words`: the number of phrase
    terms of each row. `lengths`: the number of all its terms. `terms` and `frequencies`: row by row.
    """

    def __init__(
        self,
        videos: Sequence[VideoFacts],
        row_counts: Int64s,
        languages: Sequence[str],
        lengths: Int64s,
        phrases: Int64s,
        terms: Int32s,
        frequencies: Float32s,
    ) -> None:
        self.columns = FactColumns(videos)
        self.first_rows: Int64s = np.concatenate(([0], np.cumsum(row_counts)))
        """Where the rows of each video begin; the last entry is the number of rows."""
        self.languages = languages
        self.surplus = Surplus(row_counts)
        starts: Int64s = np.concatenate(([0], np.cumsum(lengths)))
        row_videos = np.repeat(np.arange(len(videos), dtype=np.int32), row_counts)
        self.rows = Rows(starts, starts[:-1] + phrases, terms, frequencies, row_videos)
        self.frequencies = _by_term(self.rows)
        self._timely = Timely(self.columns.published, self.columns.expire)
        self._videos = several_rows(row_videos, len(videos))

    def __len__(self) -> int:
        return len(self.columns)

    @cached_property
    def rank(self) -> Int64s:
        """Place of each video among all, by id."""
        return self.columns.rank

    def open_rows(self, alive: Bytes) -> OpenRows:
        """Tell which rows may be returned. `alive`: 1 for each video that is still there."""
        return OpenRows(self._timely, alive, self._videos)

    def by_row(self, by_video: Bytes) -> Bytes:
        """Turn what is told of videos into what is told of their rows."""
        return by_row(by_video, self._videos)

    def by_video(self, by_row: Bytes) -> Bytes:
        """Tell of each video whether it is told of any of its rows."""
        return by_video(by_row, self._videos, len(self))

    def video_id(self, position: int) -> str:
        """Return the id of a video."""
        return self.columns.videos[position].video_id

    def language(self, row: int) -> str:
        """Return the language of a row."""
        return self.languages[row]

    def rows_with(self, term: int) -> Int32s:
        """Return the rows that have a term, ascending."""
        terms, starts, rows, _ = self.frequencies
        at = int(np.searchsorted(terms, term))
        if at == len(terms) or terms[at] != term:
            return rows[:0]
        return rows[starts[at] : starts[at + 1]]

    def rows_of(self, video: int) -> range:
        """Return the rows of a video."""
        return range(self.first_rows[video], self.first_rows[video + 1])

    def terms_of(self, video: int) -> list[Int32s]:
        """Return the terms of each row of a video."""
        return [self.rows.terms[self.rows.starts[row] : self.rows.starts[row + 1]] for row in self.rows_of(video)]

    @staticmethod
    def merge(parts: Sequence[tuple["Segment", NDArray[np.uint8]]]) -> "Segment":
        """Make one segment of the videos that are alive in several; at least one is."""
        kept = [(segment, np.flatnonzero(alive)) for segment, alive in parts]
        rows = [(s, ranges(s.first_rows[videos], s.first_rows[videos + 1])) for s, videos in kept]
        taken = [(s.rows, ranges(s.rows.starts[some], s.rows.starts[some + 1])) for s, some in rows]
        return Segment(
            [segment.columns.videos[i] for segment, videos in kept for i in videos.tolist()],
            np.concatenate([np.diff(segment.first_rows)[videos] for segment, videos in kept]),
            [segment.languages[row] for segment, some in rows for row in some.tolist()],
            np.concatenate([np.diff(segment.rows.starts)[some] for segment, some in rows]),
            np.concatenate([(segment.rows.words - segment.rows.starts[:-1])[some] for segment, some in rows]),
            np.concatenate([own.terms[places] for own, places in taken]),
            np.concatenate([own.frequencies[places] for own, places in taken]),
        )


def ranges(starts: Int64s, ends: Int64s) -> Int64s:
    """Concatenate the integers of several ranges."""
    lengths = ends - starts
    offsets: Int64s = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return offsets + np.arange(len(offsets))


def _by_term(rows: Rows) -> Frequencies:
    order = np.argsort(rows.terms, kind="stable")
    terms = rows.terms[order]
    first = np.flatnonzero(np.concatenate(([True], terms[1:] != terms[:-1])))
    row_of = np.repeat(np.arange(len(rows.words), dtype=np.int32), np.diff(rows.starts))
    return Frequencies(terms[first], np.append(first, len(terms)), row_of[order], rows.frequencies[order])
