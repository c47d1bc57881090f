"""Texts in order, in one array of bytes: the ids of the videos of a segment."""

from collections.abc import Collection, Sequence

import numpy as np

from ..insights.compiled import compiled
from .arrays import Bytes, Int64s


class Identifiers:
    """Ids by position, ascending by their bytes. `starts`: where each begins in `text`, and the length of `text`."""

    def __init__(self, text: Bytes, starts: Int64s) -> None:
        self.text = text
        self.starts = starts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, position: int) -> str:
        return bytes(self.text[self.starts[position] : self.starts[position + 1]]).decode()

    def find(self, wanted: str) -> int:
        """Return the position of an id, -1 if it is not there."""
        return _find(self.text, self.starts, np.frombuffer(wanted.encode(), dtype=np.uint8))

    def find_all(self, wanted: Collection[str]) -> Int64s:
        """Return the position of each of several ids, -1 for those that are not there."""
        return _find_all(self.text, self.starts, *packed([one.encode() for one in wanted]))


def packed(texts: Sequence[bytes]) -> tuple[Bytes, Int64s]:
    """Join texts; return them, and where each begins."""
    starts: Int64s = np.concatenate(([0], np.cumsum([len(text) for text in texts], dtype=np.int64)))
    return np.frombuffer(b"".join(texts), dtype=np.uint8), starts


@compiled
def _find(text: Bytes, starts: Int64s, wanted: Bytes) -> int:
    low, high = 0, len(starts) - 1
    while low < high:
        middle = (low + high) // 2
        order = _compare(text, starts[middle], starts[middle + 1], wanted)
        if order == 0:
            return middle
        if order < 0:
            low = middle + 1
        else:
            high = middle
    return -1


@compiled
def _find_all(text: Bytes, starts: Int64s, wanted: Bytes, bounds: Int64s) -> Int64s:
    found = np.empty(len(bounds) - 1, dtype=np.int64)
    for i in range(len(found)):
        found[i] = _find(text, starts, wanted[bounds[i] : bounds[i + 1]])
    return found


@compiled
def _compare(text: Bytes, start: int, end: int, wanted: Bytes) -> int:
    for i in range(min(end - start, len(wanted))):
        difference = int(np.int64(text[start + i]) - np.int64(wanted[i]))  # bytes are unsigned, and so were this
        if difference != 0:
            return int(difference)
    return (end - start) - len(wanted)
