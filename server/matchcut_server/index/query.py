"""Queries: profiles weighted with the IDF of an index."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..vectors.keys import term_key
from ..vectors.profile import Profile
from ..vectors.weighting import BLOCKS, block_shares, unit_weights
from .arrays import Bytes, Float64s, Int64s, Query

Keys = NDArray[np.uint64]

IdfOf = Callable[[Keys], Float64s]
"""Returns the IDF of terms, that of df = 0 for unknown ones."""


class Weighted(NamedTuple):
    """A profile as a unit vector, term by term; the phrases first."""

    keys: Keys
    weights: Float64s
    factors: Float64s
    """`weights` times IDF."""
    words: Bytes
    """1 for word terms."""


def weigh(profile: Profile, idf_of: IdfOf) -> Weighted:
    """Weigh a profile by IDF; terms that the index does not know count in its length."""
    shares = block_shares(bool(profile.phrases), bool(profile.words))
    keys, weights, factors = [], [], []
    for block, share in zip(BLOCKS, shares, strict=True):
        own: dict[str, float] = getattr(profile, block)
        of_block = np.array([term_key(block, term) for term in own], dtype=np.uint64)
        idf = idf_of(of_block)
        unit = unit_weights(np.array(list(own.values()), dtype=np.float64), idf) * share
        keys.append(of_block)
        weights.append(unit)
        factors.append(unit * idf)
    words = np.repeat(np.array([0, 1], dtype=np.uint8), [len(keys[0]), len(keys[1])])
    return Weighted(np.concatenate(keys), np.concatenate(weights), np.concatenate(factors), words)


def select(weighted: Weighted, ids: Int64s) -> tuple[Query, Bytes]:
    """Keep the terms that have an id, not -1, in ascending order; return them, and 1 for each that is a word term."""
    known = np.flatnonzero(ids >= 0)
    order = known[np.argsort(ids[known])]
    return Query(ids[order], weighted.weights[order], weighted.factors[order]), weighted.words[order]
