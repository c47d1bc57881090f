"""The arrays that compiled kernels work on, in tuples that numba takes as they are.

A *row* is one keyword set that has terms. Terms are ids; a row lists its phrase terms first and then its word terms.
"""

import threading
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Int32s = NDArray[np.int32]
Float64s = NDArray[np.float64]
Float32s = NDArray[np.float32]
UInt16s = NDArray[np.uint16]
Bytes = NDArray[np.uint8]


class Rows(NamedTuple):
    """Vectors by row, as tf."""

    starts: Int64s
    """Where each row begins in `terms` and `frequencies`; the last entry is their length."""
    words: Int64s
    """Where the word terms of each row begin there."""
    terms: Int32s
    """Ids, in each block by key, so that sums do not depend on ids."""
    frequencies: Float32s
    """tf > 0."""
    videos: Int32s
    """The position of each row's video; ascending."""


class Scales(NamedTuple):
    """What makes Σ weight · IDF · tf over a block of a row its part of the cosine: √½ over the block's L2 norm."""

    phrases: Float64s
    words: Float64s


class Frequencies(NamedTuple):
    """tf by term, of the terms that occur."""

    terms: Int32s
    """Ascending ids."""
    starts: Int64s
    """Where the rows of each of `terms` begin; the last entry is the length of `rows`."""
    rows: Int32s
    """In each term ascending."""
    frequencies: Float32s


class Impacts(NamedTuple):
    """Finished weights by term, cut into layers of similar weight, heavy ones first.

    The *impact* of a term in a row is its component of the row's unit vector; a layer keeps its highest one exactly and
    each posting's as a 65,535th part of that.
    """

    layers: Int64s
    """The first layer of each term, by id; the last entry is the number of layers."""
    starts: Int64s
    """Where each layer begins in `rows` and `parts`; the last entry is their length."""
    bounds: Float32s
    """The highest impact of each layer, rounded up; in a term descending."""
    rows: Int32s
    """In each layer ascending."""
    parts: UInt16s


class Query(NamedTuple):
    """A profile as an index sees it: the terms that it knows, ascending by id."""

    terms: Int64s
    weights: Float64s
    """Components of the profile's unit vector."""
    factors: Float64s
    """`weights` times IDF: for vectors that are kept as tf."""


class Scratch(NamedTuple):
    """Working memory of one thread. Between uses the first four are all zero."""

    weights: Float64s
    """A query's factors by term id."""
    marks: NDArray[np.uint64]
    """One bit a term id: whether the query has it. Small enough for the nearest cache."""
    bounds: UInt16s
    """By row: an upper bound of what has been added up."""
    sums: Float32s
    """By row."""
    candidates: Int32s
    order: UInt16s
    found: Int32s
    """Rows that were scored exactly."""
    scores: Float64s
    """Their scores."""


class Wanted(NamedTuple):
    """What a kernel looks for. The *total* of a row is its score and what is added for its video."""

    rows: int
    """How many: those of the highest totals."""
    floor: float
    """A total that so many rows are known to reach already; -inf: not known."""
    least: float
    """The score that a row must have once rounded, and be more than 0."""
    amounts: Float64s
    """By video: what is added to its scores. Empty: nothing."""
    highest: float
    """Of the amounts; 0 if there are none."""


class Field(NamedTuple):
    """Where a kernel looks for rows."""

    rows: Rows
    scales: Scales
    open: Bytes
    """By row: 1 if it may be returned."""
    scratch: Scratch


_own = threading.local()


def scratch(rows: int, terms: int) -> Scratch:
    """Return this thread's working memory, enough for so many rows and term ids."""
    held: Scratch | None = getattr(_own, "scratch", None)
    if held is None or len(held.sums) < rows or len(held.weights) < terms:
        rows = max(rows, 0 if held is None else len(held.sums))
        terms = max(terms, 0 if held is None else len(held.weights))
        held = _own.scratch = _make(rows, terms)
    return held


def _make(rows: int, terms: int) -> Scratch:
    return Scratch(
        np.zeros(terms),
        np.zeros(terms // 64 + 1, dtype=np.uint64),
        np.zeros(rows, dtype=np.uint16),
        np.zeros(rows, dtype=np.float32),
        np.empty(rows, dtype=np.int32),
        np.empty(rows, dtype=np.uint16),
        np.empty(rows, dtype=np.int32),
        np.empty(rows),
    )
