"""Held vectors: what an index holds of single keyword sets, to compare videos and to search for similar ones."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..insights.compiled import compiled
from ..vectors.keyword_vector import TermBlock
from .arrays import Float64s, Rows, Scales


class HeldVector(NamedTuple):
    """A keyword set as tf."""

    language: str
    phrases: TermBlock
    words: TermBlock


class UnitVector(NamedTuple):
    """A keyword set as the vector that searches compare with: of length 1."""

    keys: NDArray[np.uint64]
    """Of its terms, of both blocks; different ones, ascending."""
    weights: Float64s
    """More than 0, one for each term."""


def held_vector(rows: Rows, row: int, language: str, keys: NDArray[np.uint64]) -> HeldVector:
    """Return a row as tf. `keys`: of all terms, by id."""
    start, words, end = _bounds(rows, row)
    own = keys[rows.terms[start:end]]
    frequencies = np.array(rows.frequencies[start:end])
    phrases = words - start
    return HeldVector(
        language, TermBlock(own[:phrases], frequencies[:phrases]), TermBlock(own[phrases:], frequencies[phrases:])
    )


def unit_vector(rows: Rows, row: int, scales: Scales, keys: NDArray[np.uint64], idf: Float64s) -> UnitVector:
    """Return a row weighted and of length 1. `keys`, `idf`: of all terms, by id."""
    start, words, end = _bounds(rows, row)
    terms = rows.terms[start:end]
    weights = rows.frequencies[start:end] * idf[terms]
    weights[: words - start] *= scales.phrases[row]
    weights[words - start :] *= scales.words[row]
    own = keys[terms]
    order = np.argsort(own)
    return UnitVector(own[order], weights[order])


@compiled
def cosine(first: UnitVector, second: UnitVector) -> float:
    """Return the cosine of two keyword sets, 0 to 1; 0 where one of them is empty."""
    i, j, total = 0, 0, 0.0
    while i < len(first.keys) and j < len(second.keys):
        if first.keys[i] == second.keys[j]:
            total += first.weights[i] * second.weights[j]
            i += 1
            j += 1
        elif first.keys[i] < second.keys[j]:
            i += 1
        else:
            j += 1
    return total


def _bounds(rows: Rows, row: int) -> tuple[int, int, int]:
    """Return where the phrases of a row begin, where its words do, and where it ends."""
    return int(rows.starts[row]), int(rows.words[row]), int(rows.starts[row + 1])
