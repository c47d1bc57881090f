"""Recommendations: the best videos for a profile, page by page, explained on request.

The steps are numbered in the contract, at `RankingSettings`. Each is a pure function in a module of its own; here they
are put one after another.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..index.columns import Columns
from ..index.follower import Follower
from ..index.port import View
from ..store.port import Catalog, Store
from ..vectors.mixture import Mixture, Weighable
from ..vectors.profile import Interest, Profile, make_profile
from .boosts import Boosts
from .candidates import Candidate, Wanted, best_candidates
from .explanation import AppliedBoost, BoostKind, Explainer, Explanation
from .fading import Fading, rotation
from .paging import MAX_PAGED, Given
from .pins import Placed, available_pins, with_pins
from .popularity import Popularities
from .query import Fallback, Origin, Page, Query, Recommended, Seed
from .selection import Selection, select
from .settings import RankingSettings, SeenVideos
from .similar import seed_profile
from .users import User

SECONDS_PER_DAY = 86_400.0
SECONDS_PER_HOUR = 3_600.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who or what the videos have to match."""

    profile: Weighable | None
    """None: nothing is known."""
    explainer: Callable[[], Explainer]
    fallback_allowed: bool
    """Where the ranking settings do not say."""
    seeds: frozenset[str] = frozenset()
    keeps_duplicates: bool = True


class Recommender:
    """Recommends from views that the follower keeps current. `clock` gives Unix seconds."""

    def __init__(
        self,
        store: Store,
        follower: Follower,
        popularities: Popularities,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._follower = follower
        self._popularities = popularities
        self._clock = clock

    def recommend(
        self, catalog: Catalog, view: View, query: Query, interests: Sequence[Interest] | None = None
    ) -> Page:
        """Return the best videos for some interests or, without them, for the profile of the user."""
        raise NotImplementedError

    def similar(
        self, catalog: Catalog, view: View, query: Query, seeds: Sequence[Seed], *, keep_duplicates: bool = False
    ) -> Page:
        """Return the videos that are most similar to some others, which are not among them."""
        raise NotImplementedError

    def missing_ids(self, catalog: Catalog, video_ids: Iterable[str]) -> list[str]:
        """Return the ids that the catalog does not hold, each once, in order."""
        return [one for one in dict.fromkeys(video_ids) if not self._follower.has_video(catalog, one)]
