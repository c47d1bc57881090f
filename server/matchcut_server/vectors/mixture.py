"""Interest profiles as an index takes them: parts of weighted terms, such as a declared and a derived one."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


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
