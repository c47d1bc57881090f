"""Terms of a generation: their keys in order, and the numbering of keys while one is built."""

import numpy as np
from numpy.typing import NDArray

from ..insights.compiled import compiled
from .arrays import Int32s, Int64s

Keys = NDArray[np.uint64]


@compiled
def find_keys(ordered: Keys, wanted: Keys) -> Int64s:
    """Return the place of each wanted key among ordered ones, -1 where it is not there."""
    found = np.empty(len(wanted), np.int64)
    for i in range(len(wanted)):
        at = np.searchsorted(ordered, wanted[i])
        found[i] = at if at < len(ordered) and ordered[at] == wanted[i] else -1
    return found


class KeyNumbers:
    """Numbers keys from 0 in the order they come: a hash table with open addressing, at most half full."""

    def __init__(self) -> None:
        self._keys = np.zeros(1 << 16, dtype=np.uint64)
        self._numbers = np.full(1 << 16, -1, dtype=np.int32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def number(self, keys: Keys) -> Int32s:
        """Return the number of each key, new ones for new keys."""
        while 2 * (self._count + len(keys)) > len(self._keys):
            self._grow()
        numbers = np.empty(len(keys), dtype=np.int32)
        self._count = _number(self._keys, self._numbers, keys, numbers, self._count)
        return numbers

    def keys(self) -> Keys:
        """Return the keys by number."""
        used = np.flatnonzero(self._numbers >= 0)
        keys = np.empty(self._count, dtype=np.uint64)
        keys[self._numbers[used]] = self._keys[used]
        return keys

    def _grow(self) -> None:
        keys = self.keys()
        self._keys = np.zeros(2 * len(self._keys), dtype=np.uint64)
        self._numbers = np.full(len(self._keys), -1, dtype=np.int32)
        _number(self._keys, self._numbers, keys, np.empty(len(keys), dtype=np.int32), 0)


@compiled
def _number(table: Keys, numbers: Int32s, keys: Keys, out: Int32s, count: int) -> int:
    last = np.uint64(len(table) - 1)
    for i in range(len(keys)):
        at = keys[i] & last
        while numbers[at] >= 0 and table[at] != keys[i]:
            at = (at + np.uint64(1)) & last
        if numbers[at] < 0:
            table[at] = keys[i]
            numbers[at] = count
            count += 1
        out[i] = numbers[at]
    return count
