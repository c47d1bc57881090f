"""Audiences: the users that a promotion suits."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..index.port import View
from ..profiles.filter import IsUser, ProfileFilter
from ..store.port import Catalog, Store
from .index import Wanted
from .promotion import Promotion, PromotionProfile, missing_seeds, promotion_profile

_DAY = 86_400.0
"""Seconds."""


class FrequencyCap(NamedTuple):
    """Leaves out users who were shown a promotion so often."""

    promotion_id: str
    days: float
    """Impressions of the last so many days count."""
    max_impressions: int = 1
    """Users with so many or more are left out."""


@dataclass(frozen=True, slots=True)
class AudienceQuery:
    """Which users are looked for."""

    promotion: Promotion
    allowed: ProfileFilter | None = None
    least: float = 0.0
    """The least score."""
    excluded: tuple[str, ...] = ()
    """Users that must not be returned."""
    caps: tuple[FrequencyCap, ...] = ()


class Prepared(NamedTuple):
    """A query against one catalog."""

    profile: PromotionProfile
    users: Mapping[str, int]
    """The profiles, by number, of the users that the query names, where they exist."""
    missing_ids: list[str]
    """Videos and users of the query that do not exist in the catalog, each once, in order."""


def prepare(query: AudienceQuery, store: Store, catalog: Catalog, videos: View) -> Prepared:
    """Work out what a query means in a catalog. `videos`: its view."""
    users = _numbers(query, store, catalog)
    known = frozenset(
        seed.video_id
        for seed in query.promotion.seeds
        if videos.facts(seed.video_id) is not None or store.video(catalog.catalog_id, seed.video_id) is not None
    )
    missing = missing_seeds([query.promotion], known)
    missing += [user_id for user_id in dict.fromkeys(query.excluded) if user_id not in users]
    return Prepared(promotion_profile(query.promotion, videos, catalog.settings), users, missing)


def wanted(query: AudienceQuery, prepared: Prepared, store: Store, catalog: Catalog, limit: int, now: float) -> Wanted:
    """Return whom a query looks for, to be given to `AudienceView.match`. `now`: in Unix seconds."""
    excluded = {prepared.users[user_id] for user_id in query.excluded if user_id in prepared.users}
    for cap in query.caps:
        # An event may lie a little ahead of this clock.
        shown = store.profiles.impressions(catalog.catalog_id, cap.promotion_id, now - cap.days * _DAY, math.inf)
        excluded.update(profile_id for profile_id, count in shown.items() if count >= cap.max_impressions)
    return Wanted(limit, query.least, query.allowed, prepared.users, excluded)


def _numbers(query: AudienceQuery, store: Store, catalog: Catalog) -> dict[str, int]:
    """Return the profiles, by number, of the users that a query names."""
    named: Sequence[str] = query.excluded
    if query.allowed is not None:
        conditions = (*query.allowed.all_of, *query.allowed.any_of, *query.allowed.none_of)
        of_filter = [one.user_ids for one in conditions if isinstance(one, IsUser)]
        named = [*frozenset().union(query.excluded, *of_filter)]
    return store.profiles.profile_ids(catalog.catalog_id, named) if named else {}
