"""TF-IDF over arrays.

The formulas are those of scikit-learn's `TfidfTransformer(smooth_idf=True, norm="l2")`, which is the reference in the
tests; here they also serve vectors whose IDF changes with every write.
"""

import math
from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .scheme import FloatArray

Block = Literal["phrases", "words"]
BLOCKS: tuple[Block, Block] = ("phrases", "words")

HALF = math.sqrt(0.5)
"""Weight of each block of a vector that has both."""


def inverse_document_frequency(document_frequency: NDArray[np.int64] | int, set_count: int) -> FloatArray:
    """Return ln((1 + N) / (1 + df)) + 1, elementwise; 1 or more."""
    return np.log((1.0 + set_count) / (1.0 + np.asarray(document_frequency, dtype=np.float64))) + 1.0


def block_shares(has_phrases: bool, has_words: bool) -> tuple[float, float]:
    """Return the weights of the two blocks: √½ each, or all for one if the other is empty."""
    if has_phrases and has_words:
        return HALF, HALF
    return float(has_phrases), float(has_words)


def unit_weights(weights: FloatArray, idf: FloatArray) -> FloatArray:
    """Return weight · IDF, L2-normalised; zeros for no weights.

    The sum of squares is taken in ascending order, so that it does not depend on the order of the terms.
    """
    own = weights * idf
    scale = np.abs(own).max(initial=0.0)
    if scale == 0.0:
        return own
    own = own / scale  # so that no weight is too large or too small to be squared
    unit: FloatArray = own / np.sqrt(np.sum(np.sort(own * own)))
    return unit


def strongest(weights: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Combine the weights that interests give to a term: the largest positive plus the most negative one.

    For interests of one sign that is the strongest, as with the keywords of a video: never the sum. Terms whose weights
    cancel out are left out.
    """
    wanted: dict[str, float] = {}
    unwanted: dict[str, float] = {}
    for term, weight in weights:
        if weight > 0:
            wanted[term] = max(wanted.get(term, 0.0), weight)
        else:
            unwanted[term] = min(unwanted.get(term, 0.0), weight)
    for term, weight in unwanted.items():
        wanted[term] = wanted.get(term, 0.0) + weight
    return {term: weight for term, weight in wanted.items() if weight} if unwanted else wanted
