"""Postings: which keyword sets of a segment have some terms, for those who ask more of them than a score."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import Bytes, Int32s, Rows
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


def open_postings(rows: Int32s, open_rows: Bytes) -> Int32s:
    """Return those of some rows, in ascending order, that may be returned."""
    kept: Int32s = np.sort(rows[open_rows[rows].view(np.bool_)])
    return kept


NO_ROWS: Int32s = np.empty(0, dtype=np.int32)
