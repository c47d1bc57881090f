"""The one place where an evaluation meets the engine: the catalog under test, ranked as a server ranks it."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from matchcut.v1.scenario_service_pb2 import RankingSettings

from ..errors import NotImplementedYet
from ..index.builder import LIVE_VIDEOS, Builder
from ..index.follower import Follower
from ..index.port import View
from ..index.shelf import Shelf
from ..index.source import ShelfSource
from ..ranking.recommender import Query, Recommender
from ..store.port import DEFAULT_CATALOG, Catalog, Store
from ..vectors.keyword_vector import weigh_keywords
from ..vectors.profile import Interest
from ..vectors.scheme import Scheme
from .likeness import Likeness
from .ranker import Ranker
from .user import User


class Scenario(NamedTuple):
    """Ranking settings under a name."""

    name: str
    settings: RankingSettings


class Engine:
    """Ranks the default catalog of a store that nobody else writes to, its videos weighed by a scheme.

    `folder`: for the generations of large catalogs. `now`: Unix seconds at which it is asked, so that the answers do
    not depend on the day.
    """

    def __init__(self, store: Store, folder: Path, scheme: Scheme, now: float) -> None:
        self._store = store
        shelf = Shelf(folder, store.secret)
        follower = Follower(store, ShelfSource(shelf, store), max_waiting=1)
        catalog = follower.catalog(DEFAULT_CATALOG)
        store.update_catalog(DEFAULT_CATALOG, replace(catalog.settings, scheme=scheme))
        self._catalog = follower.catalog(DEFAULT_CATALOG, store.revision())
        if store.video_count(catalog.catalog_id) > LIVE_VIDEOS:
            Builder(store, shelf).build(self._catalog)
        self._view = follower.view(self._catalog, store.revision())
        self._recommender = Recommender(store, follower, clock=lambda: now)
        self.likeness = Likeness(store, self._catalog, self._view)
        """Compares videos by this scheme, also when the store has gone on to another."""

    def ranker(self, scenario: Scenario | None = None) -> Ranker:
        """Return what ranks by the settings of a scenario; None: by the defaults."""
        if scenario is not None:
            raise NotImplementedYet("scenarios are not ranked by yet; leave them out")
        return _Ranker(self._store, self._recommender, self._catalog, self._view)


class _Ranker:
    """See `Ranker`."""

    def __init__(self, store: Store, recommender: Recommender, catalog: Catalog, view: View) -> None:
        self._store = store
        self._recommender = recommender
        self._catalog = catalog
        self._view = view

    def similar(self, video_id: str, limit: int) -> Sequence[str]:
        """See `Ranker`."""
        return self._recommend({video_id: 1.0}, limit)

    def for_user(self, user: User, limit: int) -> Sequence[str]:
        """See `Ranker`."""
        weights: dict[str, float] = defaultdict(float)
        for watched in user.history:
            weights[watched.id] += watched.weight
        return self._recommend(weights, limit)

    def _recommend(self, seeds: dict[str, float], limit: int) -> Sequence[str]:
        weights: dict[tuple[str, str], float] = defaultdict(float)
        for video_id, weight in seeds.items():
            for (keyword, language), own in self._keywords(video_id).items():
                weights[keyword, language] += weight * own
        interests = [Interest(keyword, weight, language) for (keyword, language), weight in weights.items()]
        page = self._recommender.recommend(
            self._catalog, self._view, Query(interests, limit, excluded=frozenset(seeds))
        )
        return [one.hit.video_id for one in page.recommended]

    def _keywords(self, video_id: str) -> dict[tuple[str, str], float]:
        """Return the keywords of a video, each with its language, weighted as in the catalog, of length 1."""
        stored = self._store.video(self._catalog.catalog_id, video_id)
        if stored is None:
            return {}
        found = {
            (one.keyword.text, keyword_set.language): float(one.frequency)
            for keyword_set in stored.video.keyword_sets
            for one in weigh_keywords(keyword_set, stored.video.duration, self._catalog.settings)
        }
        length = sum(weight * weight for weight in found.values()) ** 0.5
        return {keyword: weight / length for keyword, weight in found.items()} if length else {}
