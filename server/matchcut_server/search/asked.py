"""Keywords that are asked for, and which keywords of a catalog they match."""

import struct
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index.filter import Filter
from ..index.port import View
from ..store.port import Catalog, Store
from ..vectors.keys import KEY_BYTES, keyword_keys
from ..vectors.settings import CatalogSettings
from ..vectors.terms import stemmer_name
from ..vectors.weighting import inverse_document_frequency


class KeywordMatch(StrEnum):
    """How keywords are compared; the names of `KeywordMatch` in the contract, without its prefix."""

    EXACT = "EXACT"
    """Word for word."""
    WORDS = "WORDS"
    """Keywords that contain all the words, in any order."""


class AskedKeyword(NamedTuple):
    """A keyword that is asked for."""

    keyword: str
    match: KeywordMatch = KeywordMatch.WORDS
    language: str = ""
    """BCP-47 tag; empty: the languages of the catalog are tried."""
    weight: float = 1.0


class KeywordKeys(NamedTuple):
    """The terms of a keyword by their keys."""

    phrase: int
    words: frozenset[int]


class Sought(NamedTuple):
    """What an asked keyword comes to in a catalog."""

    asked: AskedKeyword
    keys: NDArray[np.uint64]
    """Terms: the keyword sets that have any of them are those that have a keyword that matches. None if it is ignored,
    has no letter or digit, or (as words) no keyword matches."""
    readings: tuple[KeywordKeys, ...]
    """It itself, by each stemmer that is tried."""

    def matches(self, keyword: KeywordKeys) -> bool:
        """Tell whether a keyword of a video matches."""
        if self.asked.match is KeywordMatch.EXACT:
            return any(keyword.phrase == own.phrase for own in self.readings)
        return any(own.words <= keyword.words for own in self.readings)


def keys_of(text: str, stemmer: str, settings: CatalogSettings) -> KeywordKeys | None:
    """Return the terms of a keyword; None if it is ignored or has none."""
    resolved = settings.resolve(text)
    keys = b"" if resolved is None else keyword_keys(resolved, stemmer)
    return unpacked(keys) if keys else None


def unpacked(keys: bytes) -> KeywordKeys:
    """Return the terms of a keyword that has any, given as `vectors.keys.keyword_keys` does."""
    phrase, *words = struct.unpack(f"<{len(keys) // KEY_BYTES}Q", keys)
    return KeywordKeys(phrase, frozenset(words))


def seek(asked: AskedKeyword, store: Store, catalog: Catalog, languages: Collection[str]) -> Sought:
    """Work out which keywords of a catalog match. `languages`: those of the catalog."""
    readings = readings_of(asked, catalog.settings, languages)
    terms: dict[int, None] = {}
    for own in readings:
        if asked.match is KeywordMatch.EXACT:
            terms[own.phrase] = None
        elif len(own.words) == 1:
            terms.update(dict.fromkeys(own.words))
        else:
            terms.update(dict.fromkeys(store.keywords_with(catalog.catalog_id, sorted(own.words))))
    return Sought(asked, np.array(list(terms), dtype=np.uint64), readings)


def readings_of(asked: AskedKeyword, settings: CatalogSettings, languages: Collection[str]) -> tuple[KeywordKeys, ...]:
    """Return what an asked keyword comes to by each stemmer that is tried. `languages`: those of the catalog."""
    tags = [asked.language] if asked.language else [settings.default_language, *languages]
    stemmers = dict.fromkeys(map(stemmer_name, tags))
    found = dict.fromkeys(keys_of(asked.keyword, stemmer, settings) for stemmer in stemmers)
    return tuple(keys for keys in found if keys is not None)


def keyword_set_count(sought: Sought, view: View, now: float | None = None, allowed: Filter | None = None) -> int:
    """Count the keyword sets that have a keyword that matches: its df. `now`, `allowed`: see `View.postings`."""
    return sum(len(united(own.found)) for own in view.postings(sought.keys, now, allowed))


def idf_of(sought: Sought, view: View) -> float:
    """Return the IDF of what an asked keyword matches in the whole catalog, from its live df."""
    return float(inverse_document_frequency(keyword_set_count(sought, view), view.statistics.keyword_sets))


def united(rows: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Return the rows that are in any of some lists, each ascending, once and in order."""
    if len(rows) == 1:
        return rows[0]
    return np.unique(np.concatenate(rows)) if rows else np.empty(0, dtype=np.int32)
