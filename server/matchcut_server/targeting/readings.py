"""Readings: the terms that interests of profiles stand for, worked out once for each different interest."""

from collections.abc import Collection
from typing import Protocol

from ..index.arrays import Float64s
from ..index.terms import Keys
from ..vectors.keys import term_key
from ..vectors.profile import Interest, make_profile
from ..vectors.settings import CatalogSettings
from ..vectors.terms import stemmer_name
from ..vectors.weighting import Block

MAX_READINGS = 200_000
"""Interests that are remembered; then all are forgotten."""


class KnownTerms(Protocol):
    """What tells which terms a catalog has: a view of it, or an IDF table."""

    @property
    def languages(self) -> Collection[str]:
        """The languages of all keyword sets."""

    def knows(self, block: Block, term: str) -> bool:
        """Tell whether any keyword set has a term."""


class Weighing(KnownTerms, Protocol):
    """What profiles are read and weighed by: a view of a catalog, or an IDF table."""

    def idf_of(self, keys: Keys) -> Float64s:
        """Return the IDF of terms, by their keys; that of df = 0 for unknown ones."""


Named = tuple[str, str]
"""The keyword of an interest, and its language."""

_Terms = tuple[bytes, int]


class Readings:
    """Reads interests by the settings of a catalog and the terms that it has."""

    def __init__(self, known: KnownTerms, settings: CatalogSettings) -> None:
        self._known = known
        self._languages = list(known.languages)
        self._settings = settings
        self._terms: dict[Named, _Terms] = {}
        default = stemmer_name(settings.default_language)
        self._stemmers = frozenset((default, *map(stemmer_name, self._languages)))
        """In which interests without a language are read."""
        self._has_forgotten = False

    def terms(self, interest: Interest) -> _Terms:
        """Return the keys of an interest's terms, eight bytes each, those of phrases first, and how many phrases."""
        named = (interest.keyword, interest.language)
        found = self._terms.get(named)
        if found is None:
            if len(self._terms) >= MAX_READINGS:
                self._terms.clear()
                self._has_forgotten = True
            found = self._terms[named] = self._read(named)
        return found

    def renewed(self, known: KnownTerms) -> tuple["Readings", bool]:
        """Return readings by the terms that the catalog has now, and whether any interest may be read differently."""
        later = Readings(known, self._settings)
        later._has_forgotten = self._has_forgotten
        if self._stemmers == later._stemmers and len(self._stemmers) == 1:
            later._terms = self._terms  # nothing depends on the catalog
            return later, False
        later._terms = {named: later._read(named) for named in self._terms}
        return later, self._has_forgotten or later._terms != self._terms

    def _read(self, named: Named) -> _Terms:
        keyword, language = named
        read = make_profile([Interest(keyword, 1.0, language)], self._languages, self._known.knows, self._settings)
        keys = [term_key("phrases", term) for term in read.phrases] + [term_key("words", term) for term in read.words]
        return b"".join(key.to_bytes(8, "little") for key in keys), len(read.phrases)
