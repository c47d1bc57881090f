"""Explanations: which keywords of a video make up its score, and which watched videos are behind it.

The shares mirror the score term by term: each term's product is given to the keyword its tf comes from, so that they
add up to the score. What a derived part adds is a sum over events as well, and so are the shares of watched videos.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index.arrays import Float64s, Int64s
from ..index.port import View
from ..index.query import reach, weigh
from ..index.segment import ranges
from ..insights.model import KeywordSet
from ..insights.timespan import Span
from ..profiles.derived import Derived
from ..vectors.keys import term_key
from ..vectors.keyword_vector import WeightedKeyword, merged_spans, weigh_keywords
from ..vectors.mixture import Weighable
from ..vectors.profile import Interest, Profile
from ..vectors.settings import CatalogSettings
from ..vectors.weighting import BLOCKS, HALF, Block, unit_weights

MAX_SPANS = 100
"""Spans told of one keyword."""

MAX_MATCHED = 100
"""Keywords told of one video; what follows is summed up, so that the shares still add up."""

MAX_INTERESTS = 3
"""Interests told of one keyword."""

MAX_SOURCES = 10
"""Watched videos told of one video."""

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class MatchedKeyword:
    """A keyword of a video that matches the profile."""

    keyword: str
    interests: tuple[str, ...]
    """The `MAX_INTERESTS` strongest declared interests it matches, as given; none where only events speak for it."""
    share: float
    """Its part of the score; negative if it pushes away."""
    idf: float
    """Of its phrase term."""
    confidence: float
    on_screen_seconds: float
    spans: tuple[Span, ...]
    """When it is on screen: merged, in order, the first `MAX_SPANS`."""


class ProfileSource(NamedTuple):
    """A watched video that part of a derived profile comes from."""

    video_id: str
    share: float
    """Its part of the score; negative if it pushes away."""


@dataclass(slots=True)
class _Match:
    share: float = 0.0
    interests: dict[str, Interest] = field(default_factory=dict)


class Held(NamedTuple):
    """What a keyword set holds, against one view: its keywords, and their terms, phrases first."""

    weighted: list[WeightedKeyword]
    """Those that weigh anything."""
    duration: float
    """Of the video, in seconds; 0 if unknown."""
    keys: Keys
    weights: Float64s
    """With IDF; of length 1."""
    idf: Float64s
    owners: list[int]
    """Of each term the keyword it has its tf from, by place."""


class _HeldBlock(NamedTuple):
    """One block of what a keyword set holds: see `Held`."""

    keys: Keys
    weights: Float64s
    idf: Float64s
    owners: list[int]


class _Credits(NamedTuple):
    """All that the events of a derived part add to a profile, one entry for each term of each event."""

    keys: Keys
    """Ascending."""
    weights: Float64s
    """In the profile, before IDF."""
    owners: Int64s
    """The watched video, by place."""
    videos: list[str]


class Explainer:
    """Explains the scores of one profile against one view.

    `declared`: the part of the profile whose interests are named; None: there is none. `derived`: the part that is told
    of watched videos, with its sources; None: there is none, or nobody asks.
    """

    def __init__(
        self,
        profile: Weighable,
        view: View,
        settings: CatalogSettings,
        declared: Profile | None = None,
        derived: Derived | None = None,
    ) -> None:
        self._profile = profile
        self._view = view
        self._settings = settings
        self._interests_of = {} if declared is None else declared.interests_of()
        self._derived = derived
        weighted = weigh(profile, view.idf_of)
        self._weights = dict(zip(weighted.keys.tolist(), weighted.weights.tolist(), strict=True))

    def hold(self, keyword_set: KeywordSet, duration: float) -> Held:
        """Weigh a keyword set, to be explained. `duration` of its video in seconds; 0 if unknown."""
        weighted = [one for one in weigh_keywords(keyword_set, duration, self._settings) if one.frequency > 0]
        phrases, words = (self._hold_block(block, weighted) for block in BLOCKS)
        return Held(
            weighted,
            duration,
            np.concatenate((phrases.keys, words.keys)),
            np.concatenate((phrases.weights, words.weights)),
            np.concatenate((phrases.idf, words.idf)),
            phrases.owners + words.owners,
        )

    def explain(self, held: Held) -> list[MatchedKeyword]:
        """Return the matched keywords, largest absolute share first. Their shares add up to the score of the set."""
        matches: dict[int, _Match] = {}
        for key, weight, owner in zip(held.keys.tolist(), held.weights.tolist(), held.owners, strict=True):
            asked = self._weights.get(key)
            if asked is None:
                continue
            match = matches.setdefault(owner, _Match())
            match.share += asked * weight
            match.interests.update({one.keyword: one for one in self._interests_of.get(key, ())})
        idf = dict(zip(held.keys.tolist(), held.idf.tolist(), strict=True))
        found = [_told(held.weighted[owner], match, idf, held.duration) for owner, match in matches.items()]
        found.sort(key=lambda matched: (-abs(matched.share), matched.keyword))
        rest = found[MAX_MATCHED:]
        if rest:
            share = sum(matched.share for matched in rest)
            return [*found[:MAX_MATCHED], MatchedKeyword("", (), share, 0.0, 0.0, 0.0, ())]
        return found

    def profile_sources(self, held: Held) -> list[ProfileSource]:
        """Return the watched videos behind the score of a set, largest absolute share first, at most `MAX_SOURCES`.

        The shares of all of them add up to what the derived part adds to the score.
        """
        added = self._credits
        if added is None:
            return []
        start = np.searchsorted(added.keys, held.keys, "left")
        count = np.searchsorted(added.keys, held.keys, "right") - start
        rows = ranges(start, start + count)
        products = added.weights[rows] * np.repeat(held.weights * held.idf, count)
        shares = np.bincount(added.owners[rows], products, len(added.videos)).tolist()
        found = [ProfileSource(video_id, share) for video_id, share in zip(added.videos, shares, strict=True) if share]
        found.sort(key=lambda source: (-abs(source.share), source.video_id))
        return found[:MAX_SOURCES]

    def _hold_block(self, block: Block, weighted: list[WeightedKeyword]) -> _HeldBlock:
        owner: dict[int, int] = {}  # the keyword with the largest tf of each term
        for i, one in enumerate(weighted):
            for term in (one.terms.phrase,) if block == "phrases" else one.terms.words:
                key = term_key(block, term)
                if key not in owner or one.frequency > weighted[owner[key]].frequency:
                    owner[key] = i
        keys = np.array(list(owner), dtype=np.uint64)
        idf = self._view.idf_of(keys)
        frequencies = np.array([weighted[i].frequency for i in owner.values()], dtype=np.float64)
        return _HeldBlock(keys, unit_weights(frequencies, idf) * HALF, idf, list(owner.values()))

    @cached_property
    def _credits(self) -> _Credits | None:
        """What the events of the derived part add to the profile; None if it has no say there."""
        derived = self._derived
        if derived is None or not derived.sources:
            return None
        parts = [
            part for part in self._profile.parts if part.phrases is derived.phrases and part.words is derived.words
        ]
        if not parts:
            return None
        places: dict[str, int] = {}
        reached = reach(self._profile, parts[0], self._view.idf_of)
        blocks = [
            (block, factor * source.weight, places.setdefault(source.video_id, len(places)))
            for source in derived.sources
            for block, factor in zip((source.credit.phrases, source.credit.words), reached, strict=True)
        ]
        counts = [len(block.keys) for block, _, _ in blocks]
        keys = np.concatenate([block.keys for block, _, _ in blocks])
        frequencies = np.concatenate([block.frequencies for block, _, _ in blocks])
        order = np.argsort(keys)
        return _Credits(
            keys[order],
            (frequencies * np.repeat([factor for _, factor, _ in blocks], counts))[order],
            np.repeat([owner for _, _, owner in blocks], counts)[order],
            list(places),
        )


def _told(weighted: WeightedKeyword, match: _Match, idf: dict[int, float], duration: float) -> MatchedKeyword:
    return MatchedKeyword(
        weighted.keyword.text,
        tuple(one.keyword for one in _strongest_first(match.interests.values())[:MAX_INTERESTS]),
        match.share,
        idf[term_key("phrases", weighted.terms.phrase)],
        weighted.confidence,
        weighted.seconds,
        tuple(merged_spans(weighted.keyword, duration)[:MAX_SPANS]),
    )


def _strongest_first(interests: Iterable[Interest]) -> list[Interest]:
    return sorted(interests, key=lambda interest: (-abs(interest.weight), interest.keyword))
