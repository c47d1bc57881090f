"""IDF tables: what weights profiles of one moment, kept apart from the videos it was counted over."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from ..vectors.keys import term_key
from ..vectors.weighting import Block
from .arrays import Bytes, Float64s
from .terms import Keys, find_keys


class IdfTable(NamedTuple):
    """The terms of a catalog with their IDF."""

    keys: Keys
    """Ascending."""
    idf: Float64s
    known: Bytes
    """1 for terms that any keyword set had."""
    unknown_idf: float
    """Of all other terms."""
    languages: Collection[str]
    """Of all keyword sets, by name."""

    def idf_of(self, keys: Keys) -> Float64s:
        """Return the IDF of terms, that of df = 0 for unknown ones."""
        if not len(self.keys):
            return np.full(len(keys), self.unknown_idf)
        found = find_keys(self.keys, keys)
        return np.where(found >= 0, self.idf[found], self.unknown_idf)

    def knows(self, block: Block, term: str) -> bool:
        """Tell whether any keyword set had a term."""
        [found] = find_keys(self.keys, np.array([term_key(block, term)], dtype=np.uint64))
        return bool(found >= 0 and self.known[found])
