"""Queries: profiles weighted with the IDF of an index."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..vectors.mixture import NO_TERMS, Part, Weighable, WeightedTerms
from ..vectors.weighting import block_shares, unit_weights
from .arrays import Bytes, Float64s, Int64s, Query

Keys = NDArray[np.uint64]

_NOTHING = 1e-12
"""Of what cancels out between parts, rounding errors of this size may be left."""

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


def weigh(profile: Weighable, idf_of: IdfOf) -> Weighted:
    """Weigh a profile by IDF; terms that the index does not know count in its length.

    Each part is brought to unit length, block by block, before they are mixed by their shares.
    """
    blocks = _blocks(profile, idf_of)
    shares = block_shares(bool(len(blocks[0].keys)), bool(len(blocks[1].keys)))
    weights = [block.weights * share for block, share in zip(blocks, shares, strict=True)]
    factors = [own * block.idf for own, block in zip(weights, blocks, strict=True)]
    words = np.repeat(np.array([0, 1], dtype=np.uint8), [len(own) for own in weights])
    keys = np.concatenate([block.keys for block in blocks])
    return Weighted(keys, np.concatenate(weights), np.concatenate(factors), words)


def reach(profile: Weighable, part: Part, idf_of: IdfOf) -> tuple[float, float]:
    """Return what `weigh` multiplies weight · IDF of the terms of one part with, of phrases and of words.

    What a part adds to a score is a sum over its terms, and over what their weights are sums of.
    """
    blocks = _blocks(profile, idf_of)
    shares = block_shares(bool(len(blocks[0].keys)), bool(len(blocks[1].keys)))
    lengths = [
        _length(own.weights * idf_of(own.keys)) * block.length
        for own, block in zip((part.phrases, part.words), blocks, strict=True)
    ]
    phrases, words = (
        share * part.share / length if length else 0.0 for share, length in zip(shares, lengths, strict=True)
    )
    return phrases, words


class _Block(NamedTuple):
    keys: Keys
    weights: Float64s
    """Of length 1."""
    idf: Float64s
    length: float
    """Of the sum of the parts, each of length 1 times its share, before that was brought to length 1."""


def _blocks(profile: Weighable, idf_of: IdfOf) -> tuple[_Block, _Block]:
    """Weigh the phrases and the words of a profile."""
    parts = profile.parts  # which a declared profile makes each time
    return (
        _mixed([(part.share, part.phrases) for part in parts], idf_of),
        _mixed([(part.share, part.words) for part in parts], idf_of),
    )


def _mixed(parts: Sequence[tuple[float, WeightedTerms]], idf_of: IdfOf) -> _Block:
    """Weigh one block of each part by IDF, and add them up by their shares."""
    units = []
    for share, (keys, weights) in parts:
        if len(keys):
            idf = idf_of(keys)
            units.append(_Block(keys, unit_weights(weights, idf), idf, share))
    if len(units) <= 1:
        return units[0] if units else _Block(*NO_TERMS, NO_TERMS.weights, 0.0)
    all_keys = np.concatenate([unit.keys for unit in units])
    shared = np.concatenate([unit.length * unit.weights for unit in units])
    keys, first, place = np.unique(all_keys, return_index=True, return_inverse=True)
    sums = np.bincount(place, weights=shared, minlength=len(keys)).astype(np.float64)
    sums[np.abs(sums) <= _NOTHING * max(unit.length for unit in units)] = 0.0
    idf = np.concatenate([unit.idf for unit in units])[first]
    return _Block(keys, unit_weights(sums, np.ones(len(sums))), idf, _length(sums))


def _length(weights: Float64s) -> float:
    return float(np.sqrt(np.sum(weights * weights)))


def select(weighted: Weighted, ids: Int64s) -> tuple[Query, Bytes]:
    """Keep the terms that have an id, not -1, in ascending order; return them, and 1 for each that is a word term."""
    known = np.flatnonzero(ids >= 0)
    order = known[np.argsort(ids[known])]
    return Query(ids[order], weighted.weights[order], weighted.factors[order]), weighted.words[order]
