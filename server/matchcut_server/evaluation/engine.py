"""The one place where an evaluation meets the engine: the catalog under test, ranked as a server ranks it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from ..index.builder import LIVE_VIDEOS, Builder
from ..index.follower import Follower
from ..index.port import View
from ..index.shelf import Shelf
from ..index.source import ShelfSource
from ..insights.model import Video
from ..profiles.model import Event, EventKind
from ..ranking.query import Page, Query, Seed
from ..ranking.recommender import Recommender
from ..ranking.settings import DEFAULTS, RankingSettings
from ..store.port import DEFAULT_CATALOG, Catalog, Store, VideoChange
from ..vectors.scheme import Scheme
from .likeness import Likeness
from .ranker import Ranker
from .user import User

_WRITTEN_AT_ONCE = 1_000


class Scenario(NamedTuple):
    """Ranking settings under a name."""

    name: str
    settings: RankingSettings


class Engine:
    """Ranks the videos of the default catalog of a store that nobody else writes to, weighed by a scheme.

    `folder`: for the generations of large catalogs. `now`: Unix seconds at which it is asked, so that the answers do
    not depend on the day. `users`: whose histories it knows.
    """

    def __init__(self, store: Store, folder: Path, scheme: Scheme, now: float, users: Iterable[User] = ()) -> None:
        catalog = _weighed(store, scheme)
        _record(store, catalog, _events(users, now))
        shelf = Shelf(folder, store.secret)
        if store.video_count(catalog.catalog_id) > LIVE_VIDEOS:
            Builder(store, shelf).build(catalog)
        follower = Follower(store, ShelfSource(shelf, store), max_waiting=1)
        self._catalog = catalog
        self._view = follower.view(catalog, store.revision())
        self._recommender = Recommender(store, follower, clock=lambda: now)

    def ranker(self, settings: RankingSettings = DEFAULTS) -> Ranker:
        """Return what ranks by some settings."""
        return _Ranker(self._recommender, self._catalog, self._view, settings)

    def likeness(self) -> Likeness:
        """Return what compares the videos."""
        return Likeness(self._view)


class _Ranker(NamedTuple):
    """See `Ranker`."""

    recommender: Recommender
    catalog: Catalog
    view: View
    settings: RankingSettings

    def similar(self, video_id: str, limit: int) -> Sequence[str]:
        """See `Ranker`. Near-duplicates are kept, as they may well be among what is known to be similar."""
        query = Query(limit, ranking=self.settings)
        seeds = [Seed(video_id)]
        return _ids(self.recommender.similar(self.catalog, self.view, query, seeds, keep_copies=True))

    def for_user(self, user: User, limit: int) -> Sequence[str]:
        """See `Ranker`."""
        known = self.recommender.users.user(self.catalog, user.user)
        return _ids(
            self.recommender.recommend(self.catalog, self.view, Query(limit, user=known, ranking=self.settings))
        )


def _ids(page: Page) -> list[str]:
    return [one.video_id for one in page.recommended]


def _weighed(store: Store, scheme: Scheme) -> Catalog:
    """Return the default catalog if it is weighed by a scheme, or a copy that is, with the same videos and no users.

    A copy, because events keep the weights of the scheme they were recorded with.
    """
    original = store.catalog(DEFAULT_CATALOG)
    assert original is not None
    if original.settings.scheme == scheme:
        return original
    settings = replace(original.settings, scheme=scheme)
    copy, _ = store.create_catalog(scheme.lower(), settings, original.profile_settings)
    after = ""
    while some := store.videos(original.catalog_id, after, _WRITTEN_AT_ONCE):
        store.write_videos(copy.catalog_id, [VideoChange(one.video.video_id, _always(one.video)) for one in some])
        after = some[-1].video.video_id
    return copy


def _always(video: Video) -> Callable[[Video | None], Video]:
    return lambda _: video


def _record(store: Store, catalog: Catalog, events: Iterator[Event]) -> None:
    while some := list(islice(events, _WRITTEN_AT_ONCE)):
        store.profiles.record_events(catalog.catalog_id, some)


def _events(users: Iterable[User], now: float) -> Iterator[Event]:
    """Yield what users have watched as views, or where the weight is negative as dislikes.

    The weight of a view is its watched share, as far as that goes.
    """
    number = 0
    for user in users:
        for watched in user.history:
            number += 1
            moment = watched.moment
            weight = abs(watched.weight)
            liked = watched.weight >= 0
            yield Event(
                event_id=str(number),
                user_id=user.user,
                kind=EventKind.VIEW if liked else EventKind.DISLIKE,
                time=now if moment is None else moment,
                video_id=watched.id,
                watched_share=min(weight, 1.0) if liked else None,
                weight=max(weight, 1.0) if liked else weight,
            )
