"""Explanations of audiences: which interests of a user match a promotion, and how much each adds to the score.

The product of each term is given to the interest that the term has its weight from. A declared term has that of the
strongest interest that holds it, of each sign. A derived word is given to the strongest derived keyword that holds it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..index.port import View
from ..index.query import reach, weigh
from ..profiles.derived import Derived, profile_of
from ..store.port import Catalog, Store
from ..store.profile_port import FollowedProfile
from ..vectors.keys import term_key
from ..vectors.profile import Interest, Profile, make_profile
from ..vectors.weighting import BLOCKS, Block
from .cells import Stated, stated
from .promotion import Promotion, PromotionProfile
from .readings import Weighing

MAX_INTERESTS = 20
"""Interests told of one user."""

MAX_KEYWORDS = 20
"""Keywords told of one interest."""


class MatchedInterest(NamedTuple):
    """An interest of a user that matches a promotion."""

    interest: str
    keywords: tuple[str, ...]
    """Of the promotion; those that add most come first."""
    share: float
    """Its part of the score; negative if it pushes away."""
    idf: float
    """Of its phrase term."""
    is_derived: bool
    """Whether it comes, at least in part, from events."""


@dataclass(slots=True)
class _Match:
    share: float = 0.0
    phrase: int = 0
    """The key of its phrase term."""
    is_derived: bool = False
    keywords: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """What each keyword of the promotion adds, signs left out."""


class _Asked(NamedTuple):
    """A term of the promotion."""

    block: Block
    weight: float
    """In its unit vector."""


class InterestExplainer:
    """Explains the scores of users for one promotion. `weighing`: that of the audience."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        videos: View,
        weighing: Weighing,
        promotion: Promotion,
        profile: PromotionProfile,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._videos = videos
        self._weighing = weighing
        self._promotion = promotion
        self._stated_keywords = profile.declared.interests_of()
        asked = weigh(profile.mixture, weighing.idf_of)
        self._asked = {
            key: _Asked(BLOCKS[is_word], weight)
            for key, weight, is_word in zip(
                asked.keys.tolist(), asked.weights.tolist(), asked.words.tolist(), strict=True
            )
        }
        self._keywords: dict[int, tuple[str, ...]] = {}
        self._holders: dict[int, frozenset[int]] = {}
        self._texts: dict[int, str | None] = {}

    def explain(self, one: FollowedProfile, score: float) -> list[MatchedInterest]:
        """Return the interests of a user that match, largest absolute share first, at most `MAX_INTERESTS`.

        The shares of all of them add up to the score.
        """
        found = stated(one, self._catalog.profile_settings)
        if found is None:
            return []
        declared = make_profile(
            found.interests, list(self._weighing.languages), self._weighing.knows, self._catalog.settings
        )
        matches: dict[str, _Match] = defaultdict(_Match)
        self._add(found, declared, matches)
        total = sum(match.share for match in matches.values())
        scale = score / total if total > 0.0 else 1.0  # what rounding has changed
        told = [self._told(interest, match, scale) for interest, match in matches.items()]
        told.sort(key=lambda matched: (-abs(matched.share), matched.interest))
        return told[:MAX_INTERESTS]

    def _add(self, found: Stated, declared: Profile, matches: dict[str, _Match]) -> None:
        """Give the products of all terms to interests."""
        profile = profile_of(declared, found.derived, found.derived_share)
        names = {term_key("phrases", phrase): own.interest.keyword for own in declared.taken for phrase in own.phrases}
        holders = declared.interests_of()
        for part in profile.parts:
            is_derived = part.phrases is found.derived.phrases
            factors = reach(profile, part, self._weighing.idf_of)
            for terms, factor in zip((part.phrases, part.words), factors, strict=True):
                idf = self._weighing.idf_of(terms.keys).tolist()
                for key, weight, of_term in zip(terms.keys.tolist(), terms.weights.tolist(), idf, strict=True):
                    asked = self._asked.get(key)
                    if asked is None or not asked.weight:
                        continue
                    product = factor * of_term * asked.weight
                    if is_derived:
                        self._give_derived(key, asked, weight * product, found.derived, names, matches)
                    else:
                        self._give_declared(key, product, holders[key], declared, matches)

    def _give_declared(
        self, key: int, product: float, holders: Iterable[Interest], declared: Profile, matches: dict[str, _Match]
    ) -> None:
        """Give a term of the declared part to the interests that its weight comes from. `product`: but for that."""
        strongest: list[Interest] = []
        wanted = [one for one in holders if one.weight > 0.0]
        unwanted = [one for one in holders if one.weight < 0.0]
        if wanted:
            strongest.append(max(wanted, key=lambda one: one.weight))
        if unwanted:
            strongest.append(min(unwanted, key=lambda one: one.weight))
        for interest in strongest:
            match = matches[interest.keyword]
            match.phrase = match.phrase or self._phrase_of(interest, declared)
            self._count(match, key, interest.weight * product)

    def _give_derived(
        self, key: int, asked: _Asked, share: float, derived: Derived, names: dict[int, str], matches: dict[str, _Match]
    ) -> None:
        """Give a term of the derived part to the keyword that it comes from."""
        phrase = key if asked.block == "phrases" else self._strongest_holder(key, derived)
        text = None if phrase is None else names.get(phrase) or self._text(phrase)
        if text is None:  # it comes from a keyword that the catalog has no more; the promotion has the same word
            text, phrase = next(iter(self._keywords_of(key)), ""), phrase or key
        match = matches[text]
        match.phrase = match.phrase or phrase or key
        match.is_derived = True
        self._count(match, key, share)

    def _count(self, match: _Match, key: int, share: float) -> None:
        match.share += share
        for keyword in self._keywords_of(key):
            match.keywords[keyword] += abs(share)

    def _told(self, interest: str, match: _Match, scale: float) -> MatchedInterest:
        keywords = sorted(match.keywords, key=lambda keyword: (-match.keywords[keyword], keyword))
        [idf] = self._weighing.idf_of(np.array([match.phrase], dtype=np.uint64)).tolist()
        return MatchedInterest(interest, tuple(keywords[:MAX_KEYWORDS]), match.share * scale, idf, match.is_derived)

    def _phrase_of(self, interest: Interest, declared: Profile) -> int:
        taken = next(own for own in declared.taken if own.interest == interest)
        return term_key("phrases", taken.phrases[0])

    # --- keywords of the promotion and of the catalog ---------------------------------------------------------------

    def _keywords_of(self, key: int) -> tuple[str, ...]:
        """Return the keywords of the promotion that hold a term, heaviest first."""
        found = self._keywords.get(key)
        if found is None:
            stated_ones = sorted(self._stated_keywords.get(key, ()), key=lambda one: (-abs(one.weight), one.keyword))
            named = dict.fromkeys(one.keyword for one in stated_ones)
            named.update(dict.fromkeys(self._seed_keywords(key)))
            found = self._keywords[key] = tuple(named)
        return found

    def _seed_keywords(self, key: int) -> list[str]:
        """Return the keywords of the seeds that hold a term."""
        phrases = {key} if self._asked[key].block == "phrases" else self._phrases_with(key)
        texts = [self._text(phrase) for phrase in sorted(phrases & self._seed_phrases)]
        return sorted(text for text in texts if text is not None)

    @cached_property
    def _seed_phrases(self) -> frozenset[int]:
        return frozenset(
            key
            for seed in self._promotion.seeds
            for vector in self._videos.vectors(seed.video_id)
            for key in vector.phrases.keys.tolist()
        )

    def _strongest_holder(self, word: int, derived: Derived) -> int | None:
        """Return the heaviest phrase of a derived part whose keyword has a word; None if there is none."""
        holders = self._phrases_with(word)
        weights = zip(derived.phrases.keys.tolist(), derived.phrases.weights.tolist(), strict=True)
        held = [(abs(weight), -key) for key, weight in weights if key in holders]
        return -max(held)[1] if held else None

    def _phrases_with(self, word: int) -> frozenset[int]:
        found = self._holders.get(word)
        if found is None:
            found = self._holders[word] = frozenset(self._store.keywords_with(self._catalog.catalog_id, [word]))
        return found

    def _text(self, phrase: int) -> str | None:
        """Return a spelling of the keyword of a phrase term; None if the catalog never had it."""
        if phrase not in self._texts:
            self._texts[phrase] = self._store.keyword_texts(self._catalog.catalog_id, [phrase]).get(phrase)
        return self._texts[phrase]
