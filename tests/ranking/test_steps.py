"""Every step of the ranking, alone and together, against an oracle that does all of it over all videos."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from matchcut_server.index.filter import Condition, Filter, HasAttribute, HasId, PublishedBetween
from matchcut_server.index.follower import Follower
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.insights.model import Video
from matchcut_server.profiles.derived import profile_of
from matchcut_server.profiles.model import Event, EventKind
from matchcut_server.ranking.query import Page, Query, Recommended, Seed
from matchcut_server.ranking.recommender import Recommender
from matchcut_server.ranking.settings import AttributeCap, ConditionBoost, PinnedVideo, RankingSettings, SeenVideos
from matchcut_server.ranking.similar import seed_profile
from matchcut_server.ranking.users import User
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.mixture import Weighable
from matchcut_server.vectors.profile import Interest, make_profile
from tests.makers import DEFAULTS, delete, keyword, keyword_set, put, video
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
    is_open = draw(st.booleans())  # to everybody, at any time
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
                published_time=draw(
                    st.sampled_from([None, NOW - 90 * DAY, NOW - 5 * DAY, NOW + (-HOUR if is_open else HOUR)])
                ),
                expire_time=None if is_open else draw(st.sampled_from([None, NOW + DAY, NOW - 1.0])),
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
        lambda event: st.sampled_from([None, 0.0, 0.25, 0.5]).map(
            lambda share: structs.replace(event, watched_share=share)
        )
    )
    return st.lists(one | views, max_size=8).map(
        lambda events: [structs.replace(event, event_id=f"e{number}") for number, event in enumerate(events)]
    )


CONDITIONS: st.SearchStrategy[Condition] = st.sampled_from(
    [
        HasAttribute("series", ("a",)),
        HasAttribute("genre"),
        PublishedBetween(NOW - 10 * DAY),
        HasId(frozenset(NAMES[:5])),
    ]
)
FILTERS = (
    st.none()
    | st.none()
    | st.builds(
        lambda one, negated: Filter(none_of=(one,)) if negated else Filter(all_of=(one,)), CONDITIONS, st.booleans()
    )
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
            max_size=4,
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


SIZES = st.lists(st.integers(1, 8), min_size=1, max_size=4).map(tuple)
CHOSEN = st.builds(Chosen, st.none(), st.just(frozenset()), st.just(0.0), SIZES) | st.builds(
    Chosen,
    FILTERS,
    st.frozensets(st.sampled_from([*NAMES, "gone"]), max_size=2),
    st.sampled_from([0.0, 0.0, 0.3]),
    SIZES,
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


@settings(max_examples=100)
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


@settings(max_examples=70)
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


@settings(max_examples=40)
@given(st.data(), catalogs(with_copies=True), DECLARED, SETTINGS, CHOSEN, st.integers(1, 5))
def test_pages_together_are_one_large_page(
    shared: Shared,
    data: st.DataObject,
    videos: list[Video],
    interests: list[Interest],
    ranking: RankingSettings,
    chosen: Chosen,
    size: int,
) -> None:
    """Whatever the settings, but for those that are about the videos of one page: diversity and attribute caps."""
    site = site_of(shared, videos, data.draw(recorded(NAMES)))
    ranking = structs.replace(ranking, diversity=0.0, attribute_caps=())
    query = Query(1, chosen.allowed, chosen.excluded, chosen.min_score, user=site.user(), ranking=ranking)
    is_similar = data.draw(st.booleans())

    def recommend(query: Query) -> Page:
        return site.similar(query, Seed("v0"), Seed("v1")) if is_similar else site.recommend(query, interests or None)

    whole = recommend(replace(query, limit=1_000))
    assert not whole.has_more
    assert [one for page in all_pages(recommend, query, size) for one in page] == list(whole.recommended)


@settings(max_examples=40)
@given(st.data(), catalogs(with_copies=True), SETTINGS, st.booleans())
def test_nothing_comes_twice_whatever_is_written_between_pages(
    shared: Shared, data: st.DataObject, videos: list[Video], ranking: RankingSettings, is_similar: bool
) -> None:
    """Videos come, go and change, the profile changes, more happens, and the settings are replaced."""
    site = site_of(shared, videos, data.draw(recorded(NAMES)))
    found: list[str] = []
    given = b""
    for step in range(8):
        query = Query(data.draw(st.integers(1, 4)), given=given, user=site.user(), ranking=ranking)
        page = site.similar(query, Seed("v0")) if is_similar else site.recommend(query)
        found += ids(page)
        if not page.has_more:
            break
        given = page.given(given, len(page.recommended))
        match data.draw(st.integers(0, 3)):
            case 0:
                site.write(*(put(one) if data.draw(st.booleans()) else delete(one.video_id)
                             for one in data.draw(catalogs())))  # fmt: skip
            case 1:
                site.declare("u", *data.draw(DECLARED))
            case 2:
                events = data.draw(recorded(NAMES))
                site.record(*(structs.replace(one, event_id=f"{step} {one.event_id}") for one in events))
            case _:
                ranking = data.draw(SETTINGS)
    assert len(set(found)) == len(found)


# --- single cases -----------------------------------------------------------------------------------------------------


def many(count: int) -> list[Video]:
    """Videos that match `film`, each a little less than the one before; every fifth is about boats too."""
    return [
        video(
            f"{number:04}",
            keyword("film", (0, 1000 - number)),
            keyword("boat" if number % 5 == 0 else f"subject {number}", (0, 200)),
            duration=2_000,
        )
        for number in range(count)
    ]


def test_diversity_looks_among_the_best_candidates_and_says_how_many(shared: Shared) -> None:
    site = site_of(shared, many(300))
    plain = Query(5, ranking=RankingSettings())
    diverse = Query(5, ranking=RankingSettings(diversity=0.5))
    film = [Interest("film")]

    best = ids(site.recommend(replace(plain, limit=100), film))
    first = site.recommend(diverse, film)
    second = site.recommend(replace(diverse, given=first.given(b"", 5)), film)

    assert site.recommend(plain, film).ranked_candidates == 0
    assert first.ranked_candidates == 100
    assert second.ranked_candidates == 100
    assert ids(first) != best[:5]
    assert set(ids(first)) <= set(best)
    assert not set(ids(first)) & set(ids(second))
    assert site.recommend(replace(diverse, limit=200), film).ranked_candidates == 0  # more than there are


def test_caps_look_as_far_as_they_must(shared: Shared) -> None:
    """Where all of the best have the same value, further ones fill the page, over the whole catalog."""
    rare = {150, 290}
    videos = [
        structs.replace(one, attributes={"series": ("rare" if number in rare else "common",)})
        for number, one in enumerate(many(300))
    ]
    site = site_of(shared, videos)
    capped = Query(3, ranking=RankingSettings(attribute_caps=(AttributeCap("series", 1),)))

    page = site.recommend(capped, [Interest("film")])

    assert ids(page) == ["0000", "0150"]
    assert (page.has_more, page.ranked_candidates) == (True, 0)
    rest = site.recommend(replace(capped, given=page.given(b"", 2)), [Interest("film")])
    assert ids(rest) == ["0005", "0290"]


def test_pinned_videos_beyond_the_end_of_the_list_come_last_and_once(shared: Shared) -> None:
    """Also one a page, so that some are given before the positions they never reach."""
    site = site_of(shared, [video("a", "film"), *(video(name, "boat") for name in "xyz")])
    pins = (PinnedVideo("x", 9), PinnedVideo("z", 4, "spring"), PinnedVideo("y", 7))
    query = Query(1, ranking=RankingSettings(pinned_videos=pins))

    assert site.pages(query, 1, [Interest("film")]) == [["a"], ["z"], ["y"], ["x"]]
    assert site.pages(query, 3, [Interest("film")]) == [["a", "z", "y"], ["x"]]


def test_a_page_ends_before_a_pinned_video_that_leaves_the_others_no_place(shared: Shared) -> None:
    """The pinned video counts for the cap; nothing else of its value comes on its page, and all come on some page."""
    same = {"series": ("a",)}
    site = site_of(shared, [structs.replace(video(name, "film"), attributes=same) for name in "abcd"])
    ranking = RankingSettings(pinned_videos=(PinnedVideo("d", 2),), attribute_caps=(AttributeCap("series", 1),))

    assert site.pages(Query(1, ranking=ranking), 4, [Interest("film")]) == [["a"], ["b"], ["d"], ["c"]]


def test_what_a_user_watched_is_named_as_the_source_of_a_match(shared: Shared) -> None:
    videos = [video("a", "film", "boat"), video("b", "film"), video("c", "boat"), video("d", "bridge")]
    watched = [Event("1", "u", EventKind.VIEW, NOW - DAY, "b"), Event("2", "u", EventKind.LIKE, NOW - DAY, "c")]
    site = site_of(shared, videos, watched)

    (found,) = site.recommend(Query(10, explain=True, user=site.user())).recommended[:1]

    assert found.video_id == "a"
    assert found.explanation is not None
    assert [source.video_id for source in found.explanation.sources] == ["c", "b"]
    assert sum(source.share for source in found.explanation.sources) == pytest.approx(found.score, abs=1e-6)
    assert [one.interests for one in found.explanation.matched] == [(), ()]
    # Where interests are given, the events say nothing of what matches.
    (stated,) = site.recommend(Query(10, explain=True, user=site.user()), [Interest("bridge")]).recommended
    assert stated.explanation is not None
    assert stated.explanation.sources == ()


def all_pages(recommend: Callable[[Query], Page], query: Query, size: int) -> Iterator[tuple[Recommended, ...]]:
    for _ in range(MAX_PAGES):
        page = recommend(replace(query, limit=size))
        yield page.recommended
        if not page.has_more:
            return
        query = replace(query, given=page.given(query.given, len(page.recommended)))
    raise AssertionError("the pages never end")
