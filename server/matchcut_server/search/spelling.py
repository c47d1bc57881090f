"""Spelling: all keywords of a catalog by their texts, to look for those that are spelled alike."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from ..insights.text import normalise
from ..store.port import Catalog, Store
from .waiting import held

MIN_SIMILARITY = 0.6
"""From this on keywords are spelled alike: at most two of five characters differ."""

MAX_TEXTS = 1_000_000
"""Of all catalogs, that are kept in memory; those that were not asked for lately go first."""

_SHARE = 20
"""Texts are read again once so many times what that took has passed."""
_LITTLE_SECONDS = 0.1
"""What takes less is done whenever anything has changed."""


class Texts(NamedTuple):
    """The keywords that any video of a catalog has or had."""

    revision: int
    """Of the index when they were read."""
    read: float
    """When, by the monotonic clock, and ..."""
    seconds: float
    """... how long it took."""
    keys: NDArray[np.uint64]
    """Of their phrase terms."""
    texts: list[str]
    """Normalised."""

    def alike(self, text: str, most: int) -> Iterator[tuple[int, float]]:
        """Yield the keywords that are spelled most like a text: keys and similarity, up to 1.

        The similarity is 1 - distance / length of the longer one; the distance counts characters that are inserted,
        deleted, replaced, or swapped with their neighbour (optimal string alignment).
        """
        found = process.extract(
            normalise(text),
            self.texts,
            scorer=OSA.normalized_similarity,
            processor=None,
            limit=most,
            score_cutoff=MIN_SIMILARITY,
        )
        for _, similarity, place in found:
            yield int(self.keys[place]), similarity


@dataclass(slots=True)
class _Held:
    """The texts of one catalog. `lock`: for whoever reads them; others of the catalog wait, as they need them too."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    texts: Texts | None = None


class KnownTexts:
    """Keeps the texts of catalogs that were asked for lately. Any number of threads may use it."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, _Held] = OrderedDict()
        self._lock = threading.Lock()
        """For the dictionary."""

    def get(self, store: Store, catalog: Catalog, revision: int, check: Callable[[], None] = lambda: None) -> Texts:
        """Return the texts of a catalog. `revision`: of the index; those of many keywords may be a little older.

        `check` is called while another thread reads them, and may raise.
        """
        with self._lock:
            own = self._held.setdefault(catalog.catalog_id, _Held())
            self._held.move_to_end(catalog.catalog_id)
        with held(own.lock, check):
            texts = own.texts
            if texts is None or (texts.revision != revision and _is_old(texts)):
                # To its end, whether anybody waits or not: whoever asks next has it.
                texts = own.texts = _read(store, catalog, revision)
        with self._lock:
            while len(self._held) > 1 and sum(map(_size, self._held.values())) > MAX_TEXTS:
                self._held.popitem(last=False)
        return texts


_of_stores: WeakKeyDictionary[Store, KnownTexts] = WeakKeyDictionary()
_stores_lock = threading.Lock()


def texts_of(store: Store, catalog: Catalog, revision: int, check: Callable[[], None]) -> Texts:
    """Return the texts of the keywords of a catalog; see `KnownTexts.get`."""
    with _stores_lock:
        known = _of_stores.setdefault(store, KnownTexts())
    return known.get(store, catalog, revision, check)


def _size(own: _Held) -> int:
    return 0 if own.texts is None else len(own.texts.texts)


def _is_old(texts: Texts) -> bool:
    return texts.seconds < _LITTLE_SECONDS or time.monotonic() - texts.read > _SHARE * texts.seconds


def _read(store: Store, catalog: Catalog, revision: int) -> Texts:
    start = time.monotonic()
    keys: list[int] = []
    texts: list[str] = []
    for some in store.all_keyword_texts(catalog.catalog_id):
        for key, text in some:
            keys.append(key)
            texts.append(normalise(text))
    end = time.monotonic()
    return Texts(revision, end, end - start, np.array(keys, dtype=np.uint64), texts)
