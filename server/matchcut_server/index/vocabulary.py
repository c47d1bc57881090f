"""The vocabulary of one block: ids and document frequencies of its terms."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .segment import IntArray


class Vocabulary:
    """Gives every term an id for good, and counts the keyword sets that have it."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._frequencies = np.zeros(1024, dtype=np.int64)

    def ids(self, terms: Sequence[str]) -> IntArray:
        """Return the ids of terms, new ones for new terms."""
        ids = self._ids
        found = np.fromiter((ids.setdefault(term, len(ids)) for term in terms), np.int64, len(terms))
        while len(ids) > len(self._frequencies):
            self._frequencies = np.concatenate((self._frequencies, np.zeros_like(self._frequencies)))
        return found

    def id_of(self, term: str) -> int | None:
        """Return the id of a term, None for one never seen."""
        return self._ids.get(term)

    def count(self, ids: IntArray, by: int) -> None:
        """Add `by` to the document frequencies of different terms."""
        self._frequencies[ids] += by

    def frequencies(self) -> NDArray[np.int64]:
        """Return a copy of the document frequencies, by id."""
        return self._frequencies[: len(self._ids)].copy()
