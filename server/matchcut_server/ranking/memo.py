"""Memos: what has been worked out for the videos of a segment, for the next search."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from ..index.columns import Columns

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Values by segment and key, kept as long as the segment is there: of each the `most` that were asked for last.

    Any number of threads may use it. Nobody changes a value.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: WeakKeyDictionary[Columns, OrderedDict[K, V]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, columns: Columns, key: K) -> V | None:
        """Return a value; None if there is none."""
        with self._lock:
            own = self._values.get(columns)
            if own is None or key not in own:
                return None
            own.move_to_end(key)
            return own[key]

    def put(self, columns: Columns, key: K, value: V) -> V:
        """Keep a value, and return it."""
        with self._lock:
            own = self._values.setdefault(columns, OrderedDict())
            own[key] = value
            own.move_to_end(key)
            while len(own) > self._most:
                own.popitem(last=False)
        return value
