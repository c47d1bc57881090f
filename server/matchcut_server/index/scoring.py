"""Scoring: the cosine of a query and a row, in float64, by the formula alone."""

import numpy as np

from ..insights.compiled import compiled
from ..vectors.weighting import HALF
from .arrays import Field, Float64s, Query, Rows, Scales, Scratch


@compiled
def scales_of(rows: Rows, idf: Float64s) -> Scales:
    """Return √½ over the L2 norm of tf · IDF of each block of each row."""
    count = len(rows.words)
    phrases, words = np.empty(count), np.empty(count)
    for row in range(count):
        phrases[row] = HALF / _norm(rows, idf, rows.starts[row], rows.words[row])
        words[row] = HALF / _norm(rows, idf, rows.words[row], rows.starts[row + 1])
    return Scales(phrases, words)


@compiled
def _norm(rows: Rows, idf: Float64s, start: int, end: int) -> float:
    total = 0.0
    for at in range(start, end):
        weight = rows.frequencies[at] * idf[rows.terms[at]]
        total += weight * weight
    return float(np.sqrt(total))


@compiled
def score_of(row: int, field: Field) -> float:
    """Return the cosine of a row and the query that is spread out in the scratch: the one function that decides."""
    rows, scratch = field.rows, field.scratch
    phrases, words = 0.0, 0.0
    for at in range(rows.starts[row], rows.words[row]):
        term = rows.terms[at]
        if (scratch.marks[term >> 6] >> np.uint64(term & 63)) & np.uint64(1):
            phrases += scratch.weights[term] * rows.frequencies[at]
    for at in range(rows.words[row], rows.starts[row + 1]):
        term = rows.terms[at]
        if (scratch.marks[term >> 6] >> np.uint64(term & 63)) & np.uint64(1):
            words += scratch.weights[term] * rows.frequencies[at]
    return float(phrases * field.scales.phrases[row] + words * field.scales.words[row])


@compiled
def spread(query: Query, scratch: Scratch) -> None:
    """Lay a query out by term id, for `score_of`."""
    for i in range(len(query.terms)):
        term = query.terms[i]
        scratch.weights[term] = query.factors[i]
        scratch.marks[term >> 6] |= np.uint64(1) << np.uint64(term & 63)


@compiled
def clear(query: Query, scratch: Scratch) -> None:
    """Undo `spread`."""
    for i in range(len(query.terms)):
        scratch.weights[query.terms[i]] = 0.0
        scratch.marks[query.terms[i] >> 6] = np.uint64(0)
