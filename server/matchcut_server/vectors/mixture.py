"""Interest profiles as an index takes them: parts of weighted terms, such as a declared and a derived one."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .keyword_vector import TermBlock


class WeightedTerms(NamedTuple):
    """Terms by their keys (see `keys`) with signed weights, before IDF."""

    keys: NDArray[np.uint64]
    """Different ones."""
    weights: NDArray[np.float64]
    """One for each term."""


NO_TERMS = WeightedTerms(np.empty(0, dtype=np.uint64), np.empty(0))


class Part(NamedTuple):
    """One part of a profile, in the two blocks of a keyword vector."""

    share: float
    """What it counts beside the other parts, more than 0. Each part is first brought to unit length."""
    phrases: WeightedTerms
    words: WeightedTerms


class Weighable(Protocol):
    """A profile, whatever it is made of."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """Its parts. One that has no terms in a block has no say there."""


class Mixture(NamedTuple):
    """A profile made of several parts."""

    parts: tuple[Part, ...]


def added_up(blocks: Sequence[TermBlock], weights: Sequence[float]) -> WeightedTerms:
    """Return the sum of term blocks, each times its weight; terms ascending by key, without those of sum 0.

    It is taken in the order given, in float64, so that the same blocks in the same order give the same numbers.
    """
    if not blocks:
        return NO_TERMS
    counts = [len(block.keys) for block in blocks]
    scaled = np.concatenate([block.frequencies for block in blocks]) * np.repeat(np.array(weights), counts)
    keys, places = np.unique(np.concatenate([block.keys for block in blocks]), return_inverse=True)
    sums = np.bincount(places, weights=scaled, minlength=len(keys)).astype(np.float64)
    kept = sums != 0.0
    return WeightedTerms(keys[kept], sums[kept])
