"""Diversity: videos that match well and differ from each other.

Maximal marginal relevance: J. Carbonell and J. Goldstein, The Use of MMR, Diversity-Based Reranking for Reordering
Documents and Producing Summaries, SIGIR 1998.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index.held import UnitVector
from ..index.port import SCORE_DECIMALS
from ..insights.compiled import compiled

MayTake = Callable[[int], bool]
"""Tells whether a candidate, by its position, may be chosen; it is if the answer is yes."""


def diverse(
    scores: Sequence[float], vectors: Sequence[UnitVector], diversity: float, may_take: MayTake
) -> Iterator[int]:
    """Choose candidates one after another, and yield their positions.

    Each next one has the largest (1 - diversity) · score - diversity · (largest cosine to one chosen before it), of
    equal ones the first as given. One that may not be taken is not asked for again. `scores`: descending; `vectors`:
    one for each. `diversity`: 0 to 1; with 0 the order is the given one. Cosines are rounded as scores are, so that
    every process chooses the same.

    Takes time in proportion to the terms of all candidates, and for each chosen one to those that it shares with them.
    """
    if diversity == 0.0:
        yield from (position for position in range(len(scores)) if may_take(position))
        return
    postings = _post(vectors)
    relevance = (1.0 - diversity) * np.array(scores, dtype=np.float64)
    largest, sums = np.zeros(len(relevance)), np.zeros(len(relevance))
    for _ in range(len(relevance)):
        position = int(np.argmax(relevance - diversity * largest))  # the first of equal ones
        relevance[position] = -np.inf
        if may_take(position):
            yield position
            _compare(position, postings, sums, largest)


class _Postings(NamedTuple):
    """The terms of some candidates, both ways."""

    starts: NDArray[np.int64]
    """Where the terms of each candidate begin in `terms` and `weights`; the last entry is their length."""
    terms: NDArray[np.int64]
    weights: NDArray[np.float64]
    term_starts: NDArray[np.int64]
    """Where each term begins in `rows` and `row_weights`; the last entry is their length."""
    rows: NDArray[np.int64]
    """The candidates that have it."""
    row_weights: NDArray[np.float64]


def _post(vectors: Sequence[UnitVector]) -> _Postings:
    lengths = np.array([len(vector.keys) for vector in vectors], dtype=np.int64)
    keys = np.concatenate([np.empty(0, dtype=np.uint64), *(vector.keys for vector in vectors)])
    weights = np.concatenate([np.empty(0), *(vector.weights for vector in vectors)])
    order = np.argsort(keys, kind="stable")  # which makes use of their being ascending in each vector
    ascending = keys[order]
    firsts = np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]])[: len(keys)])
    terms = np.empty(len(keys), dtype=np.int64)
    terms[order] = np.repeat(np.arange(len(firsts)), np.diff(firsts, append=len(keys)))
    rows = np.repeat(np.arange(len(vectors)), lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return _Postings(starts, terms, weights, np.append(firsts, len(keys)), rows[order], weights[order])


@compiled
def _compare(chosen: int, postings: _Postings, sums: NDArray[np.float64], largest: NDArray[np.float64]) -> None:
    """Raise the largest cosine of each candidate to that with the one just chosen. `sums` are all 0, and stay so."""
    for at in range(postings.starts[chosen], postings.starts[chosen + 1]):
        term, weight = postings.terms[at], postings.weights[at]
        for place in range(postings.term_starts[term], postings.term_starts[term + 1]):
            sums[postings.rows[place]] += weight * postings.row_weights[place]
    scale = 10.0**SCORE_DECIMALS
    for row in range(len(sums)):
        largest[row] = max(largest[row], np.rint(sums[row] * scale) / scale)
        sums[row] = 0.0
