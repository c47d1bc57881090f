"""Recommendations: the best videos for a profile, page by page, explained on request."""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..index.filter import Filter
from ..index.follower import Follower
from ..index.port import Hit, View
from ..store.port import Catalog, Store
from ..vectors.profile import Interest, make_profile
from ..vectors.video import VideoFacts
from .explanation import Explainer, MatchedKeyword

MAX_PAGED = 1_000
"""Videos that can be paged through: the token holds a hash of each."""

_HASH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for one profile."""

    interests: Sequence[Interest]
    limit: int
    """1 to `MAX_PAGED`."""
    allowed: Filter | None = None
    excluded: frozenset[str] = frozenset()
    min_score: float = 0.0
    explain: bool = False
    with_metadata: bool = False
    given: bytes = b""
    """Hashes of the videos of earlier pages, as `Page.given` of the page before returned them."""


@dataclass(frozen=True, slots=True)
class Recommended:
    """One recommended video."""

    hit: Hit
    facts: VideoFacts | None
    """Where metadata was asked for."""
    matched: tuple[MatchedKeyword, ...] | None
    """Where an explanation was asked for."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the best videos."""

    recommended: tuple[Recommended, ...]
    has_more: bool

    def given(self, before: bytes, count: int) -> bytes:
        """Return what `Query.given` must be for the next page, if `count` videos of this page are sent."""
        return before + b"".join(_short_hash(one.hit.video_id) for one in self.recommended[:count])


class Recommender:
    """Recommends from views that the follower keeps current. `clock` gives Unix seconds."""

    def __init__(self, store: Store, follower: Follower, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._follower = follower
        self._clock = clock

    def recommend(self, catalog: Catalog, view: View, query: Query) -> Page:
        """Return the best videos for a profile that were not on earlier pages."""
        languages = tuple(view.languages)
        profile = make_profile(query.interests, languages, view.knows, catalog.settings)
        given = {query.given[i : i + _HASH_BYTES] for i in range(0, len(query.given), _HASH_BYTES)}
        limit = min(query.limit, MAX_PAGED - len(given))
        hits = view.search(profile, limit + len(given) + 1, self._clock(), query.allowed, query.excluded)
        left = [hit for hit in hits if hit.score >= query.min_score]
        if given:
            left = [hit for hit in left if _short_hash(hit.video_id) not in given]
        has_more = len(left) > limit and len(given) + limit < MAX_PAGED
        if not (query.explain or query.with_metadata):
            return Page(tuple(Recommended(hit, None, None) for hit in left[:limit]), has_more)
        explainer = Explainer(profile, view, catalog.settings) if query.explain else None
        told = [
            Recommended(
                hit,
                view.facts(hit.video_id) if query.with_metadata else None,
                None if explainer is None else self._explain(catalog, hit, explainer),
            )
            for hit in left[:limit]
        ]
        return Page(tuple(told), has_more)

    def missing_ids(self, catalog: Catalog, video_ids: Iterable[str]) -> list[str]:
        """Return the ids that the catalog does not hold, each once, in order."""
        return [one for one in dict.fromkeys(video_ids) if not self._follower.has_video(catalog, one)]

    def _explain(self, catalog: Catalog, hit: Hit, explainer: Explainer) -> tuple[MatchedKeyword, ...]:
        """Return the matched keywords; none if the video has been deleted since the search."""
        stored = self._store.video(catalog.catalog_id, hit.video_id)
        for keyword_set in stored.video.keyword_sets if stored else ():
            if stored is not None and keyword_set.language == hit.language:
                return tuple(explainer.explain(keyword_set, stored.video.duration))
        return ()


def _short_hash(video_id: str) -> bytes:
    return hashlib.blake2b(video_id.encode(), digest_size=_HASH_BYTES).digest()
