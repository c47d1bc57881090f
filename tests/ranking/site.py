"""A store with a catalog that is followed, and a recommender over it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from matchcut_server.index.follower import Follower
from matchcut_server.index.port import View
from matchcut_server.profiles.model import Declared, Event
from matchcut_server.ranking.query import Page, Query, Recommended, Seed
from matchcut_server.ranking.recommender import Recommender
from matchcut_server.ranking.users import User
from matchcut_server.store.port import Catalog, VideoChange
from matchcut_server.store.profile_port import ProfileChange
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Interest

NOW = 20_000 * 86_400.0 + 43_200.0
"""Noon of some day, in Unix seconds."""


@dataclass
class Site:
    """What a recommendation needs."""

    store: SqliteStore
    follower: Follower
    recommender: Recommender
    name: str = "default"

    @property
    def catalog(self) -> Catalog:
        return self.follower.catalog(self.name)

    @property
    def view(self) -> View:
        return self.follower.view(self.catalog)

    def write(self, *changes: VideoChange) -> None:
        self.store.write_videos(self.catalog.catalog_id, changes)
        self.follower.catch_up()

    def declare(self, user_id: str, *interests: Interest, **more: Any) -> None:
        declared = Declared(interests, **more)
        self.store.profiles.write_profiles(self.catalog.catalog_id, [ProfileChange(user_id, lambda _: declared)])
        self.follower.catch_up()

    def record(self, *events: Event) -> None:
        self.store.profiles.record_events(self.catalog.catalog_id, events)
        self.follower.catch_up()

    def user(self, user_id: str = "u") -> User | None:
        return self.recommender.users.user(self.catalog, user_id, with_sources=True)

    def recommend(self, query: Query, interests: Sequence[Interest] | None = None) -> Page:
        return self.recommender.recommend(self.catalog, self.view, query, interests)

    def similar(self, query: Query, *seeds: Seed, keep_copies: bool = False) -> Page:
        return self.recommender.similar(self.catalog, self.view, query, seeds, keep_copies=keep_copies)

    def pages(self, query: Query, size: int, interests: Sequence[Interest] | None = None) -> list[list[str]]:
        """Page to the end."""
        found, given = [], b""
        while True:
            page = self.recommend(replace(query, limit=size, given=given), interests)
            found.append(ids(page))
            if not page.has_more:
                return found
            given = page.given(given, len(page.recommended))


def ids(page: Page) -> list[str]:
    """Return the videos of a page."""
    return [one.video_id for one in page.recommended]


def explained(one: Recommended) -> float:
    """Add up all shares of an explanation."""
    assert one.explanation is not None
    shares = [matched.share for matched in one.explanation.matched]
    return sum(shares) + sum(boost.share for boost in one.explanation.boosts)
