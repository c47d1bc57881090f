"""The settings of a catalog, and what follows from them for a keyword."""

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from ..insights.language import DEFAULT_LANGUAGE
from ..insights.text import normalise
from .scheme import Scheme


class CatalogSettings(Struct, frozen=True, dict=True):
    """How a catalog weighs and compares keywords."""

    scheme: Scheme = Scheme.LOG
    default_language: str = DEFAULT_LANGUAGE
    """Canonical BCP-47 tag."""
    ignored_keywords: tuple[str, ...] = ()
    keyword_aliases: tuple[tuple[str, str], ...] = ()
    """Pairs of a keyword and the one it stands for."""

    @cached_property
    def _ignored(self) -> frozenset[str]:
        return frozenset(map(normalise, self.ignored_keywords))

    @cached_property
    def _aliases(self) -> dict[str, str]:
        return {normalise(keyword): canonical for keyword, canonical in self.keyword_aliases}

    def resolve_all(self, texts: Sequence[str]) -> Sequence[str | None]:
        """Return for each text what `resolve` returns."""
        return [self.resolve(text) for text in texts] if self._ignored or self._aliases else texts

    def resolve(self, text: str) -> str | None:
        """Return the keyword that `text` is matched as, or None if it is ignored. Aliases do not chain."""
        if not self._ignored and not self._aliases:
            return text
        key = normalise(text)
        canonical = self._aliases.get(key, text)
        return None if key in self._ignored or normalise(canonical) in self._ignored else canonical
