"""How keywords are spelled: one text for each phrase term of a catalog, for those who look for keywords by spelling.

A text stays when the last video that has its keyword goes; an index tells which terms there are.
"""

import sqlite3
import struct
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from ...insights.model import KeywordSet
from ...vectors.keys import KEY_BYTES, keyword_keys
from ...vectors.settings import CatalogSettings
from ...vectors.terms import stemmer_name
from . import codec

MAX_KNOWN = 500_000
"""Keys of keywords that are known to be stored, over all catalogs; beyond that they are learned anew."""

_AT_ONCE = 1_000
"""Keyword sets that are read at a time."""


class KeywordText(NamedTuple):
    """A keyword that has a phrase term; keys as signed numbers of 64 bits."""

    key: int
    text: str
    words: tuple[int, ...]
    """Of its word terms."""


def signed(key: int) -> int:
    """Return a key as the database holds it."""
    return key - (1 << 64) if key >= 1 << 63 else key


def unsigned(key: int) -> int:
    """Undo `signed`."""
    return key + (1 << 64) if key < 0 else key


def keyword_texts(
    keyword_set: KeywordSet, settings: CatalogSettings, known: Container[bytes] = ()
) -> list[KeywordText]:
    """Return the phrase terms of a keyword set with the keywords they come from, aliases resolved.

    `known`: keys of phrase terms, as they are packed, to be left out.
    """
    stemmer = stemmer_name(keyword_set.language)
    texts = []
    for text in settings.resolve_all(keyword_set.texts):
        packed = b"" if text is None else keyword_keys(text, stemmer)
        if text is not None and packed and packed[:KEY_BYTES] not in known:
            key, *words = struct.unpack(f"<{len(packed) // KEY_BYTES}q", packed)
            texts.append(KeywordText(key, text, tuple(words)))
    return texts


def add_texts(connection: sqlite3.Connection, catalog_id: int, texts: Sequence[KeywordText]) -> None:
    """Store texts of keywords that have none yet, inside a transaction."""
    query = "INSERT OR IGNORE INTO keyword_texts (catalog_id, key, text) VALUES (?, ?, ?)"
    connection.executemany(query, [(catalog_id, one.key, one.text) for one in texts])
    query = "INSERT OR IGNORE INTO keyword_words (catalog_id, word_key, key) VALUES (?, ?, ?)"
    connection.executemany(query, [(catalog_id, word, one.key) for one in texts for word in one.words])


def load_keywords_with(connection: sqlite3.Connection, catalog_id: int, words: Sequence[int]) -> list[int]:
    """Return the keys of the keywords that contain all of some words, at least one, given by their keys; signed."""
    query = " INTERSECT ".join(["SELECT key FROM keyword_words WHERE catalog_id = ? AND word_key = ?"] * len(words))
    return [key for (key,) in connection.execute(query, [own for word in words for own in (catalog_id, word)])]


class KnownTexts:
    """Remembers which texts have been stored, so that few are offered to the database again."""

    def __init__(self) -> None:
        self._known: dict[int, set[bytes]] = {}
        """By catalog the keys of their phrase terms, packed as `keyword_keys` packs them."""

    def new(self, catalog_id: int, keyword_set: KeywordSet, settings: CatalogSettings) -> list[KeywordText]:
        """Return the texts of a keyword set that may not be stored yet."""
        return keyword_texts(keyword_set, settings, self._known.get(catalog_id, ()))

    def note(self, catalog_id: int, texts: Iterable[KeywordText]) -> None:
        """Remember that texts are stored for good."""
        if sum(map(len, self._known.values())) > MAX_KNOWN:
            self._known = {}
        self._known.setdefault(catalog_id, set()).update(struct.pack("<q", text.key) for text in texts)


def renew_texts(connection: sqlite3.Connection, catalog_id: int, settings: CatalogSettings) -> None:
    """Store the texts of all keywords of a catalog, inside a transaction: the settings decide which terms they have."""
    query = (
        "SELECT video_id, language, keywords FROM keyword_sets WHERE catalog_id = ? AND (video_id, language) > (?, ?)"
        " ORDER BY video_id, language LIMIT ?"
    )
    after = ("", "")
    while rows := connection.execute(query, (catalog_id, *after, _AT_ONCE)).fetchall():
        after = rows[-1][:2]
        for _, language, keywords in rows:
            texts = keyword_texts(codec.decode_keywords(language, keywords), settings)
            add_texts(connection, catalog_id, texts)
