"""Interests to an interest profile: weighted terms, before IDF."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..insights.language import canonical_language
from .keys import term_key
from .mixture import Part, WeightedTerms
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


class Taken(NamedTuple):
    """The terms that an interest gave."""

    interest: Interest
    phrases: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """An interest profile as terms with signed weights, never 0, in the two blocks of a keyword vector."""

    phrases: dict[str, float] = field(default_factory=dict)
    words: dict[str, float] = field(default_factory=dict)
    taken: tuple[Taken, ...] = ()
    """Where the terms come from, for explanations."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The profile as an index takes it."""
        return (Part(1.0, _weighted("phrases", self.phrases), _weighted("words", self.words)),)

    def interests_of(self) -> dict[int, list[Interest]]:
        """Tell which interests gave each term, by its key."""
        found: dict[int, list[Interest]] = {}
        for interest, phrases, words in self.taken:
            for term in phrases:
                found.setdefault(term_key("phrases", term), []).append(interest)
            for term in words:
                found.setdefault(term_key("words", term), []).append(interest)
        return found


def _weighted(block: Block, weights: Mapping[str, float]) -> WeightedTerms:
    keys = np.array([term_key(block, term) for term in weights], dtype=np.uint64)
    return WeightedTerms(keys, np.array(list(weights.values()), dtype=np.float64))


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
    all_stemmers = tuple(dict.fromkeys([default, *map(stemmer_name, languages)]))
    stemmers_of = {"": all_stemmers}
    taken = []
    for interest in interests:
        resolved = settings.resolve(interest.keyword)
        if resolved is None or interest.weight == 0:
            continue
        stemmers = stemmers_of.get(interest.language)
        if stemmers is None:
            tag = canonical_language(interest.language)
            stemmers = stemmers_of[interest.language] = (stemmer_name(tag),) if tag else all_stemmers
        if len(stemmers) == 1:
            terms = keyword_terms(resolved, stemmers[0])
            own = Taken(interest, (terms.phrase,), terms.words)
        else:
            own = _variants(interest, [keyword_terms(resolved, name) for name in stemmers], knows)
        if own.phrases[0]:
            taken.append(own)
    return Profile(
        strongest((term, one.interest.weight) for one in taken for term in one.phrases),
        strongest((term, one.interest.weight) for one in taken for term in one.words),
        tuple(taken),
    )


def _variants(interest: Interest, readings: Sequence[Terms], knows: Knows) -> Taken:
    """Take what the catalog knows of what the stemmers make of an interest, phrase and words each for themselves."""

    def known(block: Block, variants: Iterable[str]) -> list[str]:
        different = list(dict.fromkeys(variants))
        if len(different) > 1:
            different = [term for term in different if knows(block, term)] or different[:1]
        return different

    phrases = known("phrases", (terms.phrase for terms in readings))
    # Stemming keeps the number of words.
    by_word = dict.fromkeys(zip(*(terms.words for terms in readings), strict=True))
    words = [term for variants in by_word for term in known("words", variants)]
    return Taken(interest, tuple(phrases), tuple(words))
