"""`ranking`: what each ranking setting, explanations and stored users cost, beside the same request without."""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matchcut_server.index.filter import HasAttribute
from matchcut_server.index.follower import Follower
from matchcut_server.index.port import View
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.profiles.model import Declared, Event, EventKind
from matchcut_server.ranking.query import Page, Query, Seed
from matchcut_server.ranking.recommender import Recommender
from matchcut_server.ranking.settings import (
    DEFAULTS,
    AttributeCap,
    ConditionBoost,
    PinnedVideo,
    RankingSettings,
    SeenVideos,
)
from matchcut_server.ranking.users import User, Users
from matchcut_server.store.port import DEFAULT_CATALOG, Catalog
from matchcut_server.store.profile_port import ProfileChange
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Interest

from .cache import FOLDER
from .drawing import SEED
from .engine import LIMIT
from .measure import Row, Scale, duration, median, p99_text, ratio, timed
from .stored import data_folder
from .synthetic import NOW, SHARE, profiles, video_id

USERS = 20
"""Of each kind: those with few events, and those with many."""
FEW, MANY = 100, 200
SHOWN = 50
"""Of many events: impressions of the last day; the others are views and a few likes."""

EXPLAINED = 10
"""Recommendations that are explained."""

_KEEP = RankingSettings(seen_videos=SeenVideos.KEEP)
_WARM = 5
"""Requests of each kind that are not counted: the first ones work out what the others find."""
_DAY = 86_400.0

Request = Callable[[int], Page]
"""Asks for a page; one of several requests, by number."""


@dataclass(frozen=True)
class _Control:
    """A request with something, and the same one without it."""

    what: str
    asked: Request
    without: Request
    beside: str = "without"
    changes: bool = True
    """Whether the pages of the two must differ."""
    seconds: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    """Of each; the requests of the same number at the same place."""


def run(scale: Scale) -> Iterator[Row]:
    """Measure requests in this process, in turns, as a server makes them after a call is read."""
    for size in scale.served:
        FOLDER.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            data = Path(folder) / "data"
            shutil.copytree(data_folder(size), data)  # for the events of users are written to it
            store = SqliteStore(data)
            try:
                with Follower(store, ShelfSource(Shelf(data, store.secret), store), max_waiting=1) as follower:
                    yield from _measured(scale, size, _Requests(store, follower, size))
            finally:
                store.close()


class _Requests:
    """The requests of one catalog. Those of the same number are for the same interests, and the user who has them."""

    def __init__(self, store: SqliteStore, follower: Follower, size: int) -> None:
        self._follower = follower
        self._catalog: Catalog = follower.catalog(DEFAULT_CATALOG)
        self._view: View = follower.view(self._catalog)
        self._interests: Sequence[Sequence[Interest]] = profiles(USERS)
        self._size = size
        self._store = store
        self._forgetful = Users(store, max_users=0)
        self._recommender = self._made_recommender()
        self._write_users()
        self._recommender = self._made_recommender()  # which has not heard that nothing is popular

    def plain(self, number: int, settings: RankingSettings = DEFAULTS, limit: int = LIMIT) -> Page:
        """Recommend for interests, to nobody in particular."""
        return self._page(number, Query(limit, ranking=settings))

    def explained(self, number: int) -> Page:
        """Recommend for interests, and tell why."""
        return self._page(number, Query(EXPLAINED, explain=True))

    def known(self, number: int, settings: RankingSettings = DEFAULTS) -> Page:
        """Recommend for interests, to a user of many events."""
        return self._page(number, Query(LIMIT, user=self._user(number, MANY), ranking=settings))

    def stored(self, number: int, limit: int = LIMIT) -> Page:
        """Recommend for the stored profile of a user of few events, which has been used before."""
        query = Query(limit, user=self._user(number, FEW))
        return self._recommender.recommend(self._catalog, self._view, query)

    def first(self, number: int) -> Page:
        """As `stored`, with a profile that has not been used before."""
        user = self._forgetful.user(self._catalog, _user_id(number % USERS, FEW))
        return self._recommender.recommend(self._catalog, self._view, Query(LIMIT, user=user))

    def traced(self, number: int) -> Page:
        """As `stored`, explained, with the watched videos behind each recommendation."""
        user = self._recommender.users.user(self._catalog, _user_id(number % USERS, FEW), with_sources=True)
        return self._recommender.recommend(self._catalog, self._view, Query(EXPLAINED, explain=True, user=user))

    def fallback(self, _: int) -> Page:
        """Recommend to somebody of whom nothing is known."""
        return self._recommender.recommend(self._catalog, self._view, Query(LIMIT))

    def similar(self, number: int, seeds: int, *, keep_copies: bool = False) -> Page:
        """Recommend what is similar to some videos."""
        chosen = [Seed(self._video(number + i)) for i in range(seeds)]
        return self._recommender.similar(self._catalog, self._view, Query(LIMIT), chosen, keep_copies=keep_copies)

    def pins(self, count: int) -> RankingSettings:
        """Return settings that pin so many videos, every fourth place."""
        pinned = tuple(PinnedVideo(self._video(i), 4 * i) for i in range(count))
        return RankingSettings(pinned_videos=pinned)

    def _made_recommender(self) -> Recommender:
        return Recommender(self._store, self._follower, clock=lambda: NOW)

    def _page(self, number: int, query: Query) -> Page:
        return self._recommender.recommend(self._catalog, self._view, query, self._interests[number % USERS])

    def _user(self, number: int, events: int) -> User | None:
        return self._recommender.users.user(self._catalog, _user_id(number % USERS, events))

    def _video(self, number: int) -> str:
        return video_id((number * 7919 + 17) % self._size)

    def _write_users(self) -> None:
        """Record users who have watched and were shown half of the videos that match them best."""
        store, catalog_id = self._store.profiles, self._catalog.catalog_id
        for number, interests in enumerate(self._interests):
            declared = Declared(tuple(interests))
            store.write_profiles(catalog_id, [_upsert(_user_id(number, events), declared) for events in (FEW, MANY)])
            matches = [one.video_id for one in self.plain(number, limit=2 * MANY).recommended]
            chance = random.Random(SEED + number)
            for events, shown in ((FEW, 0), (MANY, SHOWN)):
                watched = chance.sample(matches, events)
                store.record_events(catalog_id, _events(_user_id(number, events), watched, shown, chance))


def _controls(requests: _Requests) -> Iterator[_Control]:
    plain, known = requests.plain, requests.known

    def settings(what: str, ranking: RankingSettings) -> _Control:
        return _Control(what, lambda number: plain(number, ranking), plain)

    condition = ConditionBoost(HasAttribute(SHARE, ("10%",)), 0.2)
    yield settings("freshness", RankingSettings(freshness_weight=0.2))
    yield settings("popularity", RankingSettings(popularity_weight=0.2))
    yield settings("condition boost", RankingSettings(condition_boosts=(condition,)))
    yield settings("freshness and popularity", RankingSettings(freshness_weight=0.2, popularity_weight=0.2))
    yield settings("diversity 0.3", RankingSettings(diversity=0.3))
    yield settings("attribute cap, 5 of a value", RankingSettings(attribute_caps=(AttributeCap(SHARE, 5),)))
    yield settings("5 pinned videos", requests.pins(5))
    seen = f"{MANY - SHOWN} seen videos excluded"
    yield _Control(f"user of {MANY} events, {seen}", known, lambda number: known(number, _KEEP))
    rotated = RankingSettings(seen_videos=SeenVideos.KEEP, rotation_rate=0.5)
    what = f"user of {MANY} events, {SHOWN} shown rotated"
    yield _Control(what, lambda number: known(number, rotated), lambda number: known(number, _KEEP))
    ten = lambda number: plain(number, limit=EXPLAINED)  # noqa: E731 - named for what it is here
    yield _Control(f"{EXPLAINED} explained", requests.explained, ten)
    stored = lambda number: requests.stored(number, EXPLAINED)  # noqa: E731
    yield _Control(f"stored user of {FEW} events, {EXPLAINED} explained", requests.traced, stored, "unexplained")
    yield _Control(f"stored user of {FEW} events", requests.stored, plain, "interests")
    yield _Control(f"stored user of {FEW} events, first use", requests.first, requests.stored, "later", changes=False)
    yield _Control("nothing known, fallback", requests.fallback, plain, "interests")
    for count in (1, 10):
        similar = lambda number, count=count: requests.similar(number, count)  # noqa: E731
        kept = lambda number, count=count: requests.similar(number, count, keep_copies=True)  # noqa: E731
        yield _Control(f"similar to {count}", similar, plain, "interests")
        yield _Control(f"similar to {count}, near-duplicates left out", similar, kept, changes=False)


def _measured(scale: Scale, size: int, requests: _Requests) -> Iterator[Row]:
    controls = list(_controls(requests))
    every: list[float] = []
    for control in controls:
        pairs = [(control.asked(number), control.without(number)) for number in range(_WARM)]
        if control.changes and all(one == other for one, other in pairs):
            raise AssertionError(f"{control.what} changed nothing")
    for number in range(scale.rounds * scale.queries):
        every.append(timed(requests.plain, number)[0])
        for control in controls:
            both = list(zip((control.asked, control.without), control.seconds, strict=True))
            for request, seconds in both if number % 2 else reversed(both):  # the second one finds the caches warm
                seconds.append(timed(request, number)[0])
    yield Row("recommendations for 30 interests", size, duration(median(every)), p99_text(every))
    for control in controls:
        asked, without = control.seconds
        more = median([one - other for one, other in zip(asked, without, strict=True)])
        beside = f"{ratio(median(asked) / median(without), control.beside)}; {'-' if more < 0 else '+'}"
        beside += duration(abs(more))
        yield Row(f"  {control.what}", size, duration(median(asked)), p99_text(asked), beside)


def _user_id(number: int, events: int) -> str:
    return f"user{number}-{events}"


def _upsert(user_id: str, declared: Declared) -> ProfileChange:
    return ProfileChange(user_id, lambda _: declared)


def _events(user_id: str, watched: Sequence[str], shown: int, chance: random.Random) -> list[Event]:
    """Return an event for each video: the first ones were shown in the last day, the others watched in 60 days."""
    made = []
    for number, watched_id in enumerate(watched):
        kind, days = EventKind.VIEW if number % 10 else EventKind.LIKE, 60.0
        if number < shown:
            kind, days = EventKind.IMPRESSION, 1.0
        time = NOW - chance.uniform(0.0, days) * _DAY
        made.append(Event(f"{user_id}-{number}", user_id, kind, time, watched_id))
    return made
