"""Postings: which keyword sets of a segment have some terms, for those who ask more of them than a score."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..insights.compiled import compiled
from .arrays import Bytes, Int32s, Int64s, Rows
from .columns import Columns


class Postings(NamedTuple):
    """Where terms are in one segment; a row is a keyword set that has any term (see `arrays`)."""

    columns: Columns
    """Of the videos, by position."""
    language: Callable[[int], str]
    """Returns the language of a row."""
    open: Bytes
    """By row: 1 if it may be returned."""
    found: list[Int32s]
    """For each key that was asked for: the rows that have it and may be returned, ascending."""
    rows: Rows
    """All terms by row; `rows.videos` are the positions of the videos."""
    keys: NDArray[np.uint64]
    """The key of each term, by the ids in `rows`."""

    @property
    def open_rows(self) -> Int32s:
        """Return the rows that may be returned, ascending."""
        return np.flatnonzero(self.open.view(np.bool_)).astype(np.int32)

    def videos_of(self, rows: Int32s) -> Int32s:
        """Return the positions of the videos of some rows, both ascending."""
        videos = self.rows.videos[rows]
        return videos[np.diff(videos, prepend=np.int32(-1)) > 0]

    def videos_by_phrase(self, rows: Int32s) -> tuple[NDArray[np.uint64], Int64s]:
        """Count for each phrase term that some rows have, ascending ones, in how many of their videos it is.

        Returns the keys of these terms and their counts.
        """
        counts = _count_phrases(
            rows, self.rows.starts, self.rows.words, self.rows.terms, self.rows.videos, len(self.keys)
        )
        found = np.flatnonzero(counts)
        return self.keys[found], counts[found]


def open_postings(rows: Int32s, open_rows: Bytes) -> Int32s:
    """Return those of some rows, in ascending order, that may be returned."""
    kept: Int32s = np.sort(rows[open_rows[rows].view(np.bool_)])
    return kept


NO_ROWS: Int32s = np.empty(0, dtype=np.int32)


@compiled
def _count_phrases(rows: Int32s, starts: Int64s, words: Int64s, terms: Int32s, videos: Int32s, count: int) -> Int64s:
    """Count by id the videos in which phrase terms are. The rows of a video follow each other."""
    counts = np.zeros(count, dtype=np.int64)
    last = np.full(count, -1, dtype=np.int32)
    for row in rows:
        video = videos[row]
        for at in range(starts[row], words[row]):
            term = terms[at]
            if last[term] != video:
                last[term] = video
                counts[term] += 1
    return counts
