"""Unit vectors of keyword sets, and how close two of them are."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..insights.compiled import compiled


class UnitVector(NamedTuple):
    """A keyword set as it is compared: tf · IDF of both blocks, of length 1; or nothing at all."""

    keys: NDArray[np.uint64]
    """Different ones, ascending."""
    weights: NDArray[np.float64]
    """0 or more, one for each term."""


@compiled
def cosine(first: UnitVector, second: UnitVector) -> float:
    """Return the cosine of two unit vectors, 0 to 1; 0 where one of them is empty."""
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
