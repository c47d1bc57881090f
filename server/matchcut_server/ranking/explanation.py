"""Explanations: which keywords of a video make up its score.

The shares mirror the score term by term: each term's product is given to the keyword its tf comes from, so that they
add up to the score.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ..index.port import View
from ..insights.model import KeywordSet
from ..insights.timespan import Span
from ..vectors.keys import term_key
from ..vectors.keyword_vector import WeightedKeyword, merged_spans, weigh_keywords
from ..vectors.profile import Interest, Profile
from ..vectors.settings import CatalogSettings
from ..vectors.weighting import BLOCKS, Block, block_shares, unit_weights

MAX_SPANS = 100
"""Spans told of one keyword."""

MAX_MATCHED = 100
"""Keywords told of one video; what follows is summed up, so that the shares still add up."""

MAX_INTERESTS = 3
"""Interests told of one keyword."""


@dataclass(frozen=True, slots=True)
class MatchedKeyword:
    """A keyword of a video that matches the profile."""

    keyword: str
    interests: tuple[str, ...]
    """The `MAX_INTERESTS` strongest interests it matches, as given."""
    share: float
    """Its part of the score; negative if it pushes away."""
    idf: float
    """Of its phrase term."""
    confidence: float
    on_screen_seconds: float
    spans: tuple[Span, ...]
    """When it is on screen: merged, in order, the first `MAX_SPANS`."""


@dataclass(slots=True)
class _Match:
    share: float = 0.0
    interests: dict[str, Interest] = field(default_factory=dict)


class Explainer:
    """Explains the scores of one profile against one view."""

    def __init__(self, profile: Profile, view: View, settings: CatalogSettings) -> None:
        self._profile = profile
        self._interests_of = profile.interests_of()
        self._view = view
        self._settings = settings
        shares = block_shares(bool(profile.phrases), bool(profile.words))
        self._weights = {
            block: self._profile_weights(block, share) for block, share in zip(BLOCKS, shares, strict=True)
        }

    def explain(self, keyword_set: KeywordSet, duration: float) -> list[MatchedKeyword]:
        """Return the matched keywords, largest absolute share first. Their shares add up to the score of the set."""
        weighted = [one for one in weigh_keywords(keyword_set, duration, self._settings) if one.frequency > 0]
        matches: dict[int, _Match] = {}
        for block, share in zip(BLOCKS, block_shares(True, True), strict=True):
            self._match_block(block, share, weighted, matches)
        found = [self._told(weighted[i], match, duration) for i, match in matches.items()]
        found.sort(key=lambda matched: (-abs(matched.share), matched.keyword))
        rest = found[MAX_MATCHED:]
        if rest:
            share = sum(matched.share for matched in rest)
            return [*found[:MAX_MATCHED], MatchedKeyword("", (), share, 0.0, 0.0, 0.0, ())]
        return found

    def _match_block(
        self, block: Block, share: float, weighted: list[WeightedKeyword], matches: dict[int, _Match]
    ) -> None:
        owner: dict[str, int] = {}  # the keyword with the largest tf of each term
        for i, one in enumerate(weighted):
            for term in (one.terms.phrase,) if block == "phrases" else one.terms.words:
                if term not in owner or one.frequency > weighted[owner[term]].frequency:
                    owner[term] = i
        frequencies = np.array([weighted[i].frequency for i in owner.values()], dtype=np.float64)
        idf = np.array([self._view.inverse_document_frequency(block, term) for term in owner])
        own = unit_weights(frequencies, idf) * share
        for (term, i), weight in zip(owner.items(), own.tolist(), strict=True):
            asked = self._weights[block].get(term)
            if asked is None:
                continue
            match = matches.setdefault(i, _Match())
            match.share += asked * weight
            match.interests.update({one.keyword: one for one in self._interests_of[term_key(block, term)]})

    def _told(self, weighted: WeightedKeyword, match: _Match, duration: float) -> MatchedKeyword:
        return MatchedKeyword(
            weighted.keyword.text,
            tuple(one.keyword for one in _strongest_first(match.interests.values())[:MAX_INTERESTS]),
            match.share,
            self._view.inverse_document_frequency("phrases", weighted.terms.phrase),
            weighted.confidence,
            weighted.seconds,
            tuple(merged_spans(weighted.keyword, duration)[:MAX_SPANS]),
        )

    def _profile_weights(self, block: Block, share: float) -> dict[str, float]:
        weights: dict[str, float] = getattr(self._profile, block)
        idf = np.array([self._view.inverse_document_frequency(block, term) for term in weights])
        own = unit_weights(np.array(list(weights.values()), dtype=np.float64), idf) * share
        return dict(zip(weights, own.tolist(), strict=True))


def _strongest_first(interests: Iterable[Interest]) -> list[Interest]:
    return sorted(interests, key=lambda interest: (-abs(interest.weight), interest.keyword))
