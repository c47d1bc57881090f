"""The vocabulary of an index: ids and document frequencies of its terms."""

import numpy as np
from numpy.typing import NDArray

from .arrays import Bytes, Int32s, Int64s

_FIRST = 1_024


class Vocabulary:
    """Gives every term an id, and counts the keyword sets that have it. The terms of both blocks share the ids."""

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._keys = np.zeros(_FIRST, dtype=np.uint64)
        self._words = np.zeros(_FIRST, dtype=np.uint8)
        self._frequencies = np.zeros(_FIRST, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._ids)

    def take(self, keys: NDArray[np.uint64], *, words: bool) -> Int32s:
        """Return the ids of the terms of one block, new ones for new terms."""
        ids, known = self._ids, len(self._ids)
        found = np.fromiter((ids.setdefault(key, len(ids)) for key in keys.tolist()), np.int32, len(keys))
        if len(ids) > known:
            self._grow(len(ids))
            new = found >= known
            self._keys[found[new]] = keys[new]
            self._words[found[new]] = words
        return found

    def find(self, keys: NDArray[np.uint64], count: int) -> Int64s:
        """Return the ids of terms, -1 for those that are not among the first `count`."""
        ids = self._ids
        found = np.fromiter((ids.get(key, -1) for key in keys.tolist()), np.int64, len(keys))
        found[found >= count] = -1
        return found

    def count(self, ids: Int32s, by: int) -> None:
        """Add `by` to the document frequencies of different terms."""
        self._frequencies[ids] += by

    def keys(self) -> NDArray[np.uint64]:
        """Return the keys by id; they never change."""
        return self._keys[: len(self._ids)]

    def words(self) -> Bytes:
        """Return by id 1 for word terms; they never change."""
        return self._words[: len(self._ids)]

    def frequencies(self) -> NDArray[np.int64]:
        """Return a copy of the document frequencies, by id."""
        return self._frequencies[: len(self._ids)].copy()

    def _grow(self, count: int) -> None:
        while count > len(self._keys):
            self._keys = np.concatenate((self._keys, np.zeros_like(self._keys)))
            self._words = np.concatenate((self._words, np.zeros_like(self._words)))
            self._frequencies = np.concatenate((self._frequencies, np.zeros_like(self._frequencies)))
