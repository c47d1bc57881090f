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

_NOTHING = 1e-12
"""Terms of whose weights so small a part is left once they are added up have canceled out, but for rounding errors."""


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
    """Return the sum of term blocks, each times its weight; terms ascending by key, without those that cancel out.

    It is taken in the order given, in float64, so that the same blocks in the same order give the same numbers.
    """
    if not any(len(block.keys) for block in blocks):
        return NO_TERMS
    counts = [len(block.keys) for block in blocks]
    scaled = np.concatenate([block.frequencies for block in blocks]) * np.repeat(np.array(weights), counts)
    keys = np.concatenate([block.keys for block in blocks])
    order = np.argsort(keys, kind="stable")
    keys, scaled = keys[order], scaled[order]
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sums = np.add.reduceat(scaled, first)
    kept = np.abs(sums) > _NOTHING * np.add.reduceat(np.abs(scaled), first)
    return WeightedTerms(keys[first[kept]], sums[kept])
