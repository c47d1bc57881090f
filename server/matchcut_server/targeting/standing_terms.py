"""Terms of standing interests: which of many thousands may match a few videos at all, without a look at each.

They are kept by process and catalog, and follow the store: only what was changed since the last time is read again.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index.terms import find_keys
from ..insights.language import canonical_language
from ..search.waiting import held
from ..store.port import Catalog, Store
from ..store.standing_port import StandingState, StoredStanding
from ..vectors.keys import keyword_keys
from ..vectors.profile import Interest
from ..vectors.settings import CatalogSettings
from ..vectors.terms import stemmer_name
from .standing import StandingInterest

Keys = NDArray[np.uint64]

MAX_KEYS = 16_000_000
"""Keys that are kept of one catalog; standing interests beyond are looked at each time."""

MAX_CATALOGS_KEYS = 32_000_000
"""Keys that are kept of all catalogs, but for the one used last."""

_READ_AT_ONCE = 200

Read = Callable[[StoredStanding], StandingInterest]
"""Reads a standing interest from its body."""


class StandingTerms(NamedTuple):
    """The standing interests of a catalog at one moment, and their terms."""

    ids: Sequence[str]
    """Ascending by their bytes."""
    revisions: NDArray[np.int64]
    """At which each was last changed."""
    keys: Keys
    """Of all terms, one standing interest after another."""
    owners: NDArray[np.int32]
    """To which of `ids` each key belongs."""
    untold: NDArray[np.bool_]
    """True for those whose terms are not known beforehand, such as promotions with seeds."""

    def candidates(self, keys: Keys | None, since: int) -> list[str]:
        """Return the ids of those that may match videos with these terms (ascending; None: any) or changed later."""
        if keys is None:
            return list(self.ids)
        chosen = self.untold | (self.revisions > since)
        chosen[self.owners[find_keys(keys, self.keys) >= 0]] = True
        return [self.ids[place] for place in np.flatnonzero(chosen).tolist()]


class KnownTerms:
    """The terms of the standing interests of all catalogs. Any number of threads may ask."""

    def __init__(self, store: Store, read: Read) -> None:
        self._store = store
        self._read = read
        self._lock = threading.Lock()
        self._known: OrderedDict[int, _Known] = OrderedDict()

    def of(self, catalog: Catalog, languages: Collection[str], check: Callable[[], None]) -> StandingTerms:
        """Return the terms of the standing interests of a catalog as they are now. `languages`: those of the catalog.

        `check` is called from time to time, also while another thread reads, and may raise; what has been read is kept.
        """
        with self._lock:
            known = self._known.setdefault(catalog.catalog_id, _Known())
            self._known.move_to_end(catalog.catalog_id)
        stemmers = tuple(dict.fromkeys(map(stemmer_name, [catalog.settings.default_language, *languages])))
        with held(known.lock, check):
            terms = known.renewed(self._store, catalog, _Reader(self._read, catalog.settings, stemmers), check)
        with self._lock:
            while len(self._known) > 1 and sum(one.size for one in self._known.values()) > MAX_CATALOGS_KEYS:
                self._known.popitem(last=False)
        return terms


class _Reader(NamedTuple):
    """Turns a body into keys."""

    read: Read
    settings: CatalogSettings
    stemmers: tuple[str, ...]
    """That are tried for interests without a language."""

    def keys(self, stored: StoredStanding) -> Keys | None:
        """Return the keys of all terms by which a standing interest may match; None if they cannot be told."""
        standing = self.read(stored)
        if standing.promotion is not None and standing.promotion.seeds:
            return None
        interests = standing.interests if standing.promotion is None else standing.promotion.interests
        packed = {found for interest in interests if interest.weight > 0 for found in self._packed(interest)}
        return np.unique(np.frombuffer(b"".join(packed), dtype="<u8").astype(np.uint64))

    def _packed(self, interest: Interest) -> Iterator[bytes]:
        resolved = self.settings.resolve(interest.keyword)
        if resolved is not None:
            tag = canonical_language(interest.language) if interest.language else None
            for stemmer in (stemmer_name(tag),) if tag else self.stemmers:
                yield keyword_keys(resolved, stemmer)


_NOTHING: Keys = np.empty(0, dtype=np.uint64)


@dataclass(slots=True)
class _Known:
    """What is kept of one catalog. `lock`: for whoever changes it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    size: int = 0
    """In keys."""
    _made_for: tuple[CatalogSettings, tuple[str, ...]] | None = None
    _state: StandingState | None = None
    _entries: dict[str, tuple[int, Keys | None]] = field(default_factory=dict)
    """Revision and keys by id."""
    _terms: StandingTerms | None = None

    def renewed(self, store: Store, catalog: Catalog, reader: _Reader, check: Callable[[], None]) -> StandingTerms:
        """Bring it up to date, with the lock held."""
        made_for = (reader.settings, reader.stemmers)
        if self._made_for != made_for:
            self._made_for, self._terms, self._entries, self.size = made_for, None, {}, 0
        state = store.standing.state(catalog.catalog_id)
        if self._terms is None or state != self._state:
            self._terms = None
            self._renew(store, catalog, reader, check)
            self._terms, self._state = _laid_out(self._entries), state
        return self._terms

    def _renew(self, store: Store, catalog: Catalog, reader: _Reader, check: Callable[[], None]) -> None:
        revisions = store.standing.revisions(catalog.catalog_id)
        for gone in self._entries.keys() - revisions.keys():
            self._drop(gone)
        old = [one for one, revision in revisions.items() if self._entries.get(one, (0, None))[0] != revision]
        for start in range(0, len(old), _READ_AT_ONCE):
            check()
            some = old[start : start + _READ_AT_ONCE]
            for one in some:
                self._drop(one)
            for stored in store.standing.find(catalog.catalog_id, some):
                keys = reader.keys(stored)
                if keys is not None and self.size + len(keys) > MAX_KEYS:
                    keys = None
                self._entries[stored.standing_interest_id] = (stored.revision, keys)
                self.size += 0 if keys is None else len(keys)

    def _drop(self, standing_interest_id: str) -> None:
        _, keys = self._entries.pop(standing_interest_id, (0, None))
        self.size -= 0 if keys is None else len(keys)


def _laid_out(entries: dict[str, tuple[int, Keys | None]]) -> StandingTerms:
    ids = sorted(entries)
    keys = [entries[one][1] for one in ids]
    told = [_NOTHING if own is None else own for own in keys]
    return StandingTerms(
        ids,
        np.array([entries[one][0] for one in ids], dtype=np.int64),
        np.concatenate([_NOTHING, *told]),
        np.repeat(np.arange(len(ids), dtype=np.int32), list(map(len, told))),
        np.array([own is None for own in keys], dtype=np.bool_),
    )
