"""Keywords of documents: which of them match what is asked for, and how they are spelled."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from ..index.arrays import Int32s
from ..index.postings import Postings
from ..insights.model import KeywordSet
from ..vectors.keys import keyword_keys
from ..vectors.settings import CatalogSettings
from ..vectors.terms import stemmer_name
from .asked import KeywordMatch, Sought, unpacked
from .scope import Scope

_AT_ONCE = 500
"""Documents that are read at a time."""

_MAX_KNOWN = 200_000
"""Texts of which it is known what they match; beyond that they are looked at anew."""


class Document(NamedTuple):
    """A keyword set as it is stored now, which may be later than the view that led to it."""

    row: int
    """In its segment."""
    position: int
    """Of its video in the segment."""
    duration: float
    """Of its video in seconds; 0 if unknown."""
    keyword_set: KeywordSet


class Spelled(NamedTuple):
    """A keyword of a document that can match."""

    place: int
    """In its keyword set."""
    text: str
    """As given, or what it is an alias of."""
    phrase: int
    """The key of its phrase term."""


class KeywordCount(NamedTuple):
    """A keyword with the number of keyword sets that have it."""

    keyword: str
    """In its most frequent spelling."""
    language: str
    """In which it is most frequent."""
    keyword_set_count: int


def documents(own: Postings, rows: Int32s, scope: Scope) -> Iterator[Document]:
    """Read the documents of some rows of a segment, in order; those that are gone are left out."""
    for start in range(0, len(rows), _AT_ONCE):
        scope.check()
        some = rows[start : start + _AT_ONCE]
        numbers, positions = some.tolist(), own.rows.videos[some].tolist()
        wanted = [
            (own.columns.video_id(position), own.language(row))
            for row, position in zip(numbers, positions, strict=True)
        ]
        found = chain.from_iterable(scope.store.keyword_sets(scope.catalog.catalog_id, wanted))
        for place, duration, keyword_set in sorted(found, key=itemgetter(0)):
            yield Document(numbers[place], positions[place], duration, keyword_set)


def spelled_at(document: Document, places: Iterable[int], settings: CatalogSettings) -> Iterator[Spelled]:
    """Yield those of some keywords of a document that can match anything."""
    keyword_set = document.keyword_set
    stemmer = stemmer_name(keyword_set.language)
    for place in places:
        text = settings.resolve(keyword_set.texts[place])
        keys = b"" if text is None else keyword_keys(text, stemmer)
        if text is not None and keys and keyword_set.confidences[place] != 0.0:
            yield Spelled(place, text, unpacked(keys).phrase)


class Matcher:
    """Finds keywords of documents that match any of several asked ones."""

    def __init__(self, asked: Sequence[Sought], settings: CatalogSettings) -> None:
        self._asked = asked
        self._settings = settings
        self._places: dict[int, list[int]] = defaultdict(list)
        """Of the asked keywords, by a term that whatever matches them has."""
        self._known: dict[str, dict[str | None, tuple[tuple[int, ...], int]]] = {}
        """By stemmer and text: the places of the asked keywords that match, and the phrase term."""
        for place, sought in enumerate(asked):
            exact = sought.asked.match is KeywordMatch.EXACT
            for own in {own.phrase if exact else min(own.words) for own in sought.readings}:
                self._places[own].append(place)

    def find(self, document: Document) -> list[tuple[Spelled, tuple[int, ...]]]:
        """Return the keywords that match, each with the places of those it matches."""
        keyword_set = document.keyword_set
        stemmer = stemmer_name(keyword_set.language)
        known = self._known.get(stemmer)
        if known is None or len(known) > _MAX_KNOWN:
            known = self._known[stemmer] = {None: ((), 0)}
        found = []
        for place, text in enumerate(self._settings.resolve_all(keyword_set.texts)):
            matched = known.get(text)
            if matched is None:
                matched = known[text] = self._match(text or "", stemmer)
            places, phrase = matched
            if places and keyword_set.confidences[place] != 0.0:
                found.append((Spelled(place, text or "", phrase), places))
        return found

    def _match(self, text: str, stemmer: str) -> tuple[tuple[int, ...], int]:
        keys = keyword_keys(text, stemmer)
        if not keys:
            return (), 0
        keyword = unpacked(keys)
        places = {place for term in (keyword.phrase, *keyword.words) for place in self._places.get(term, ())}
        matched = tuple(place for place in sorted(places) if self._asked[place].matches(keyword))
        return matched, keyword.phrase


class Spellings:
    """Counts how keywords are spelled, by the keys of their phrase terms."""

    def __init__(self) -> None:
        self._texts: dict[int, Counter[str]] = defaultdict(Counter)
        self._languages: dict[int, Counter[str]] = defaultdict(Counter)

    def add(self, language: str, spelled: Sequence[Spelled]) -> None:
        """Count keywords of one keyword set."""
        for one in spelled:
            self._texts[one.phrase][one.text] += 1
        for phrase in {one.phrase for one in spelled}:
            self._languages[phrase][language] += 1

    def __contains__(self, phrase: int) -> bool:
        return phrase in self._texts

    def count(self, phrase: int) -> KeywordCount:
        """Return the most frequent spelling and language, of equal ones the first, and the number of keyword sets."""
        languages = self._languages[phrase]
        return KeywordCount(_most(self._texts[phrase]), _most(languages), languages.total())


def _most(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], name))
