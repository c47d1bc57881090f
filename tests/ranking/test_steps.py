"""Every step of the ranking, alone and together, against an oracle that does all of it over all videos."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.index.filter import Condition, Filter, HasAttribute, HasId, PublishedBetween
from matchcut_server.index.follower import Follower
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.insights.model import Video
from matchcut_server.profiles.derived import profile_of
from matchcut_server.profiles.model import Event, EventKind
from matchcut_server.ranking.query import Page, Query, Seed
from matchcut_server.ranking.recommender import Recommender
from matchcut_server.ranking.settings import AttributeCap, ConditionBoost, PinnedVideo, RankingSettings, SeenVideos
from matchcut_server.ranking.similar import seed_profile
from matchcut_server.ranking.users import User
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.mixture import Weighable
from matchcut_server.vectors.profile import Interest, make_profile
from tests.makers import DEFAULTS, keyword, keyword_set, put
from tests.ranking.oracle import DAY, HOUR, Oracle, Row
from tests.ranking.site import NOW, Site, explained, ids

NAMES = [f"v{number}" for number in range(12)]
TEXTS = ["film", "boat", "london bridge", "film festival", "steam engine", "red carpet", "bridge"]
LONG = ("jet engine", "test bed", "turbine blade", "derby works", "night shift", "fuel pump")
"""Enough terms for a near-duplicate."""

MAX_PAGES = 100
ROUNDING = 2e-6
"""A score is rounded as a match, with its boosts, and once it has faded: each time by half of 1e-6 at most."""

Shared = tuple[SqliteStore, Follower, Recommender]

_names = itertools.count()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqliteStore, Follower, Recommender]]:
    """A store in which each example gets a catalog of its own."""
    folder: Path = tmp_path_factory.mktemp("steps")
    store = SqliteStore(folder / "data")
    follower = Follower(store, ShelfSource(Shelf(folder, store.secret), store), max_waiting=1)
    yield store, follower, Recommender(store, follower, clock=lambda: NOW)
    store.close()


def site_of(shared: Shared, videos: Sequence[Video], events: Sequence[Event] = ()) -> Site:
    store, follower, recommender = shared
    name = f"c{next(_names)}"
    store.create_catalog(name, DEFAULTS)
    made = Site(store, follower, recommender, name)
    follower.catch_up()
    made.write(*map(put, videos))
    made.record(*events)
    return made


# --- catalogs, users, settings ----------------------------------------------------------------------------------------


@st.composite
def catalogs(draw: st.DrawFn, *, with_copies: bool = False) -> list[Video]:
    """A few videos of few keywords, so that many match, many equally; some with the keywords of `LONG`."""
    videos = []
    for name in NAMES[: draw(st.integers(0, len(NAMES)))]:
        texts = draw(st.lists(st.sampled_from(TEXTS), max_size=3, unique=True))
        seconds = draw(st.sampled_from([1.0, 5.0, 20.0]))
        keywords = [keyword(text, (0.0, seconds)) for text in texts]
        if with_copies and draw(st.booleans()):
            keywords = [keyword(text, (0.0, 10.0)) for text in LONG] + keywords[:1]
        sets = [keyword_set(draw(st.sampled_from(["en-US", "en"])), *keywords)] if keywords else []
        if len(texts) == 2:  # of two languages, of which one may match better
            sets = [keyword_set("en", keywords[0]), keyword_set("fr", *keywords)]
        videos.append(
            Video(
                name,
                duration=draw(st.sampled_from([0.0, 59.0, 60.0, 100.0])),
                published_time=draw(st.sampled_from([None, NOW - 90 * DAY, NOW - 5 * DAY, NOW - HOUR, NOW + HOUR])),
                expire_time=draw(st.sampled_from([None, None, NOW + DAY, NOW - 1.0])),
                attributes=draw(
                    st.dictionaries(
                        st.sampled_from(["series", "genre"]),
                        st.lists(st.sampled_from("ab"), min_size=1, max_size=2, unique=True).map(tuple),
                        max_size=2,
                    )
                ),
                keyword_sets=tuple(sets),
            )
        )
    return videos


def recorded(video_ids: Sequence[str], user_ids: Sequence[str] = ("u", "u", "other")) -> st.SearchStrategy[list[Event]]:
    """Events of `u` and of somebody else, of known and unknown videos, of the last days."""
    one = st.builds(
        Event,
        event_id=st.just(""),
        user_id=st.sampled_from(user_ids),
        kind=st.sampled_from(EventKind),
        time=st.sampled_from([0.0, HOUR, 5 * HOUR, 30 * HOUR, 10 * DAY]).map(lambda ago: NOW - ago),
        video_id=st.sampled_from([*video_ids, "gone"]),
        watched_share=st.none(),
    )
    views = one.filter(lambda event: event.kind is EventKind.VIEW).flatmap(
        lambda event: st.sampled_from([None, 0.0, 0.25, 0.5]).map(lambda share: _with(event, watched_share=share))
    )
    return st.lists(one | views, max_size=8).map(
        lambda events: [_with(event, event_id=f"e{number}") for number, event in enumerate(events)]
    )


def _with(event: Event, **changed: object) -> Event:
    values = {name: getattr(event, name) for name in event.__struct_fields__}
    return Event(**{**values, **changed})


CONDITIONS: st.SearchStrategy[Condition] = st.sampled_from(
    [
        HasAttribute("series", ("a",)),
        HasAttribute("genre"),
        PublishedBetween(NOW - 10 * DAY),
        HasId(frozenset(NAMES[:5])),
    ]
)
FILTERS = st.none() | st.builds(
    lambda one, negated: Filter(none_of=(one,)) if negated else Filter(all_of=(one,)), CONDITIONS, st.booleans()
)
SHARES = st.sampled_from([0.0, 0.0, 0.3, 1.0])

BOOSTED = st.fixed_dictionaries(
    {},
    optional={
        "freshness_weight": SHARES,
        "freshness_half_life_days": st.sampled_from([1.0, 30.0]),
        "popularity_weight": SHARES,
        "condition_boosts": st.lists(
            st.builds(ConditionBoost, CONDITIONS, st.sampled_from([-1.0, -0.2, 0.1, 0.5])), max_size=3
        ).map(tuple),
    },
)
OF_USER = st.fixed_dictionaries(
    {},
    optional={
        "seen_videos": st.sampled_from(SeenVideos),
        "seen_watched_share": st.sampled_from([0.0, 0.5]),
        "seen_days": st.sampled_from([0.0, 1.0]),
        "seen_demotion": SHARES,
        "rotation_rate": SHARES,
        "rotation_hours": st.sampled_from([4.0, 24.0]),
    },
)
PAGED = st.fixed_dictionaries(
    {},
    optional={
        "diversity": SHARES,
        "attribute_caps": st.lists(
            st.builds(AttributeCap, st.sampled_from(["series", "genre"]), st.integers(1, 2)),
            max_size=2,
            unique_by=lambda cap: cap.name,
        ).map(tuple),
        "pinned_videos": st.lists(
            st.builds(PinnedVideo, st.sampled_from([*NAMES, "gone"]), st.integers(0, 14), st.sampled_from(["", "p"])),
            max_size=3,
            unique_by=(lambda pin: pin.video_id, lambda pin: pin.position),
        ).map(tuple),
        "fallback_allowed": st.booleans(),
    },
)
SETTINGS: st.SearchStrategy[RankingSettings] = st.builds(
    lambda *parts: RankingSettings(**{name: value for part in parts for name, value in part.items()}),
    BOOSTED,
    OF_USER,
    PAGED,
)
DECLARED = st.lists(
    st.builds(Interest, st.sampled_from([*TEXTS, "jet engine", "nothing"]), st.sampled_from([1.0, 2.0, -0.5])),
    max_size=3,
    unique_by=lambda one: one.keyword,
)


SEEDS = st.lists(
    st.builds(Seed, st.sampled_from([*NAMES, "gone"]), st.sampled_from([1.0, 1.0, 2.0, -0.5, 0.0])),
    min_size=1,
    max_size=3,
)


@dataclass(frozen=True)
class Chosen:
    """What a query asks for, besides its ranking settings."""

    allowed: Filter | None
    excluded: frozenset[str]
    min_score: float
    sizes: tuple[int, ...]
    """Of the pages, one after another."""


CHOSEN = st.builds(
    Chosen,
    FILTERS,
    st.frozensets(st.sampled_from([*NAMES, "gone"]), max_size=2),
    st.sampled_from([0.0, 0.0, 0.3]),
    st.lists(st.integers(1, 8), min_size=1, max_size=4).map(tuple),
)


def oracle_of(
    videos: Sequence[Video], events: Sequence[Event], site: Site, profile: Weighable, chosen: Chosen
) -> Oracle:
    """What the oracle is told; credits and the profile are proved elsewhere."""
    known = {one.video_id for one in videos}
    views: dict[str, list[tuple[float, float]]] = {}
    for event in events:
        if event.video_id in known and event.kind in {EventKind.VIEW, EventKind.LIKE}:
            share = 1.0 if event.watched_share is None else event.watched_share
            views.setdefault(event.video_id, []).append((event.time, share))
    history = site.store.profiles.history(site.catalog.catalog_id, "u")
    return Oracle(
        videos,
        profile,
        NOW,
        events=() if history is None else history.events,
        views=views,
        allowed=chosen.allowed,
        excluded=chosen.excluded,
        min_score=chosen.min_score,
    )


def compare(oracle: Oracle, recommend: Callable[[Query], Page], user: User | None, chosen: Chosen) -> None:
    """Compare page after page with those of the oracle, to the end."""
    query = Query(
        1, chosen.allowed, chosen.excluded, chosen.min_score, explain=True, user=user, ranking=oracle.settings
    )
    given: list[str] = []
    for size in itertools.islice(itertools.cycle(chosen.sizes), MAX_PAGES):
        expected = oracle.page(given, size)
        page = recommend(replace(query, limit=size))
        rows = [Row(one.video_id, one.score, one.origin, one.promotion_id) for one in page.recommended]
        assert rows == expected.rows
        assert (page.has_more, page.fallback) == (expected.has_more, expected.fallback)
        assert page.ranked_candidates == 0
        for one in page.recommended:
            assert explained(one) == pytest.approx(one.score, abs=ROUNDING)
        given += ids(page)
        if not page.has_more:
            assert len(set(given)) == len(given)
            return
        assert rows
        query = replace(query, given=page.given(query.given, len(rows)))
    raise AssertionError("the pages never end")


# --- laws -------------------------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(st.data(), catalogs(), st.none() | DECLARED, SETTINGS, CHOSEN)
def test_recommendations_are_those_of_the_oracle(
    shared: Shared,
    data: st.DataObject,
    videos: list[Video],
    interests: list[Interest] | None,
    ranking: RankingSettings,
    chosen: Chosen,
) -> None:
    """Page after page, of whatever sizes: the same videos, scores, origins and fallback, each explained to the last."""
    events = data.draw(recorded(NAMES))
    site = site_of(shared, videos, events)
    declared = data.draw(DECLARED)
    if declared:
        site.declare("u", *declared, derived_share=data.draw(st.sampled_from([0.0, 0.3, 1.0])))
    user = site.user()
    stated = declared if interests is None else interests
    made = make_profile(stated, tuple(site.view.languages), site.view.knows, site.catalog.settings)
    derived, share = (None, 0.0) if user is None or interests is not None else (user.derived, user.derived_share)
    oracle = oracle_of(videos, events, site, profile_of(made, derived, share), chosen)
    oracle.settings, oracle.may_fill = ranking, interests is None
    compare(oracle, lambda query: site.recommend(query, interests), user, chosen)


@settings(max_examples=100)
@given(st.data(), catalogs(with_copies=True), SEEDS, SETTINGS, CHOSEN)
def test_similar_videos_are_those_of_the_oracle(
    shared: Shared,
    data: st.DataObject,
    videos: list[Video],
    seeds: list[Seed],
    ranking: RankingSettings,
    chosen: Chosen,
) -> None:
    """Page after page: without the seeds, and without near-duplicates unless they are kept."""
    events = data.draw(recorded(NAMES))
    site = site_of(shared, videos, events)
    user = site.user() if data.draw(st.booleans()) else None
    oracle = oracle_of(videos, events, site, seed_profile(site.view, seeds), chosen)
    oracle.settings, oracle.seeds = ranking, {seed.video_id for seed in seeds}
    oracle.keep_copies = data.draw(st.booleans())
    oracle.events = oracle.events if user else ()
    compare(oracle, lambda query: site.similar(query, *seeds, keep_copies=oracle.keep_copies), user, chosen)
