"""The vocabulary of one block: ids and document frequencies of its terms."""

import numpy as np
from numpy.typing import NDArray

from .segment import IntArray


class Vocabulary:
    """Gives every term an id for good, and counts the keyword sets that have it."""

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._frequencies = np.zeros(1024, dtype=np.int64)

    def ids(self, keys: NDArray[np.uint64]) -> IntArray:
        """Return the ids of terms, given by their keys; new ones for new terms."""
        ids = self._ids
        found = np.fromiter((ids.setdefault(key, len(ids)) for key in keys.tolist()), np.int64, len(keys))
        while len(ids) > len(self._frequencies):
            self._frequencies = np.concatenate((self._frequencies, np.zeros_like(self._frequencies)))
        return found

    def id_of(self, key: int) -> int | None:
        """Return the id of the term with a key, None for one never seen."""
        return self._ids.get(key)

    def count(self, ids: IntArray, by: int) -> None:
        """Add `by` to the document frequencies of different terms."""
        self._frequencies[ids] += by

    def frequencies(self) -> NDArray[np.int64]:
        """Return a copy of the document frequencies, by id."""
        return self._frequencies[: len(self._ids)].copy()
