"""Interests to an interest profile: weighted terms, before IDF."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ..insights.language import canonical_language
from .settings import CatalogSettings
from .terms import Terms, keyword_terms, stemmer_name
from .weighting import Block, strongest


@dataclass(frozen=True, slots=True)
class Interest:
    """One weighted interest of a user; a weight below 0 pushes away."""

    keyword: str
    weight: float = 1.0
    language: str = ""
    """BCP-47 tag; empty: the languages of the catalog are tried."""


@dataclass(frozen=True, slots=True)
class Profile:
    """An interest profile as terms with signed weights, never 0, in the two blocks of a keyword vector."""

    phrases: dict[str, float] = field(default_factory=dict)
    words: dict[str, float] = field(default_factory=dict)
    interests_of: dict[tuple[Block, str], list[Interest]] = field(default_factory=dict)
    """Which interests gave each term, for explanations."""


Knows = Callable[[Block, str], bool]
"""Tells whether any keyword set of the catalog has a term."""


def make_profile(
    interests: Iterable[Interest], languages: Sequence[str], knows: Knows, settings: CatalogSettings
) -> Profile:
    """Split interests into terms.

    An interest without a language is stemmed in each of the catalog's `languages`; of the terms that differ, those that
    the catalog `knows` are taken, or if it knows none, the one of its default language, which then counts as unknown.
    """
    default = stemmer_name(settings.default_language)
    all_stemmers = list(dict.fromkeys([default, *map(stemmer_name, languages)]))
    weights: dict[Block, dict[str, list[float]]] = {"phrases": {}, "words": {}}
    interests_of: dict[tuple[Block, str], list[Interest]] = {}

    def take(block: Block, variants: Sequence[str], interest: Interest) -> None:
        different = list(dict.fromkeys(variants))
        if len(different) > 1:
            different = [term for term in different if knows(block, term)] or different[:1]
        for term in different:
            weights[block].setdefault(term, []).append(interest.weight)
            interests_of.setdefault((block, term), []).append(interest)

    for interest in interests:
        resolved = settings.resolve(interest.keyword)
        if resolved is None or interest.weight == 0:
            continue
        tag = canonical_language(interest.language) if interest.language else None
        readings = [keyword_terms(resolved, name) for name in ([stemmer_name(tag)] if tag else all_stemmers)]
        if readings[0].phrase:
            _take_readings(readings, interest, take)
    return Profile(strongest(weights["phrases"]), strongest(weights["words"]), interests_of)


def _take_readings(
    readings: Sequence[Terms], interest: Interest, take: Callable[[Block, Sequence[str], Interest], None]
) -> None:
    take("phrases", [terms.phrase for terms in readings], interest)
    seen: set[tuple[str, ...]] = set()
    for variants in zip(*(terms.words for terms in readings), strict=True):  # stemming keeps the number of words
        if variants not in seen:
            seen.add(variants)
            take("words", variants, interest)
