"""Boosts: what is added to scores, over whole segments and for single videos."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.index.columns import Columns, FactColumns
from matchcut_server.index.filter import Condition, DurationBetween, HasAttribute, HasId, HasLanguage, PublishedBetween
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.profiles.model import ProfileSettings
from matchcut_server.ranking.boosts import Boosts
from matchcut_server.ranking.popularity import Popularity, PopularVideos, _Places
from matchcut_server.ranking.query import BoostKind
from matchcut_server.ranking.settings import ConditionBoost, RankingSettings
from matchcut_server.store.port import Catalog
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import VideoFacts
from tests.index.generations import generation_of
from tests.makers import indexed, keyword_set, put, video
from tests.profiles.makers import event

DAY = 86_400.0
NOW = 20_000 * DAY
CATALOG = Catalog(1, "default", CatalogSettings(), 1, ProfileSettings())


@pytest.fixture
def popular(store: SqliteStore) -> PopularVideos:
    """Of the video a, which was viewed three times, and b, once."""
    store.write_videos(1, [put(video(name, "film")) for name in "abc"])
    store.profiles.record_events(1, [event(video_id=name, time=NOW) for name in "aaab"])
    return Popularity(store, lambda _catalog, _id: True).of(CATALOG, NOW)


def facts(video_id: str, published: float | None = None, **attributes: tuple[str, ...]) -> VideoFacts:
    return VideoFacts(video_id, 60.0, published, None, attributes, ("en-US",))


def test_without_weights_there_are_no_boosts(popular: PopularVideos) -> None:
    assert Boosts.of(RankingSettings(freshness_half_life_days=3.0), lambda: popular, NOW) is None
    assert Boosts.of(RankingSettings(freshness_weight=0.1), lambda: popular, NOW) is not None


def test_popularity_is_asked_for_only_where_it_counts() -> None:
    def popular() -> PopularVideos:
        raise AssertionError("nobody needs it")

    boosts = Boosts.of(RankingSettings(freshness_weight=0.5), popular, NOW)

    assert boosts is not None
    assert boosts.amounts(FactColumns([facts("a", NOW)])).tolist() == [0.5]
    assert [one.kind for one in boosts.applied(facts("a", NOW))] == [BoostKind.FRESHNESS]


def test_boosts_add_up(popular: PopularVideos) -> None:
    settings = RankingSettings(
        freshness_weight=0.4,
        freshness_half_life_days=7.0,
        popularity_weight=0.2,
        condition_boosts=(
            ConditionBoost(HasAttribute("region", ("south",)), 0.3),
            ConditionBoost(HasAttribute("region"), -0.1),
            ConditionBoost(HasId(frozenset({"c"})), 0.05),
        ),
    )
    videos = [facts("a", NOW - 7 * DAY), facts("b", NOW, region=("south", "east")), facts("c", region=("north",))]
    boosts = Boosts.of(settings, lambda: popular, NOW)
    assert boosts is not None

    assert boosts.amounts(FactColumns(videos)) == pytest.approx([0.2 + 0.2, 0.4 + 0.1 + 0.2, -0.05])
    assert [{one.kind: pytest.approx(one.share) for one in boosts.applied(own)} for own in videos] == [
        {BoostKind.FRESHNESS: 0.2, BoostKind.POPULARITY: 0.2},
        {BoostKind.FRESHNESS: 0.4, BoostKind.POPULARITY: 0.1, BoostKind.CONDITION: 0.2},
        {BoostKind.CONDITION: -0.05},
    ]


def test_amounts_of_one_request_do_not_leak_into_another(popular: PopularVideos) -> None:
    columns = FactColumns([facts("a", NOW)])
    condition = (ConditionBoost(HasId(frozenset({"a"})), 0.5),)
    alone = Boosts.of(RankingSettings(condition_boosts=condition), lambda: popular, NOW)
    all_of_it = Boosts.of(
        RankingSettings(freshness_weight=1.0, popularity_weight=1.0, condition_boosts=condition), lambda: popular, NOW
    )
    assert alone is not None
    assert all_of_it is not None

    for _ in range(3):
        assert all_of_it.amounts(columns).tolist() == [2.5]
        assert alone.amounts(columns).tolist() == [0.5]


CONDITIONS: list[Condition] = [
    HasLanguage("de"),
    HasAttribute("region", ("south",)),
    HasAttribute("region"),
    PublishedBetween(NOW - 10 * DAY, None),
    DurationBetween(30.0, 90.0),
    HasId(frozenset({"a", "c", "z"})),
]
SETTINGS = st.builds(
    RankingSettings,
    freshness_weight=st.sampled_from([0.0, 0.3, 1.0]),
    freshness_half_life_days=st.sampled_from([0.01, 7.0, 1000.0]),
    popularity_weight=st.sampled_from([0.0, 0.3, 1.0]),
    condition_boosts=st.lists(
        st.builds(ConditionBoost, st.sampled_from(CONDITIONS), st.floats(-1.0, 1.0)), max_size=5
    ).map(tuple),
)
VIDEOS = st.lists(
    st.builds(
        lambda language, duration, published, regions: (language, duration, published, tuple(regions)),
        st.sampled_from(["de-DE", "en-US"]),
        st.sampled_from([0.0, 60.0, 100.0]),
        st.none() | st.floats(NOW - 50 * DAY, NOW),
        st.lists(st.sampled_from(["south", "north"]), unique=True),
    ),
    min_size=1,
    max_size=8,
)


@given(SETTINGS, VIDEOS, st.floats(0.0, 100.0))
def test_what_is_told_of_a_video_adds_up_to_its_amount(
    settings: RankingSettings, given_videos: list[tuple[str, float, float | None, tuple[str, ...]]], days: float
) -> None:
    """In segments in memory and in those of a generation, and whatever is kept from before."""
    videos = [
        VideoFacts(f"{'abcdefgh'[i]}", duration, published, None, {"region": regions} if regions else {}, (language,))
        for i, (language, duration, published, regions) in enumerate(given_videos)
    ]
    made = [
        indexed(video(own.video_id, keyword_set(own.languages[0], "film"), duration=own.duration)) for own in videos
    ]
    generation = generation_of([type(one)(own, one.vectors) for one, own in zip(made, videos, strict=True)])
    for now in (NOW, NOW + days * DAY):
        boosts = Boosts.of(settings, _popular_of_a_and_b, now)
        if boosts is None:
            return
        segments: list[Columns] = [FactColumns(videos), *generation.segments]
        for columns in segments:
            amounts = boosts.amounts(columns)
            assert np.isfinite(amounts).all()
            for position, amount in enumerate(amounts.tolist()):
                (own,) = [one for one in videos if one.video_id == columns.video_id(position)]
                assert sum(one.share for one in boosts.applied(own)) == pytest.approx(amount, abs=1e-12)


def _popular_of_a_and_b() -> PopularVideos:
    places = _Places()
    for name in "ab":
        places.number(name)
    return PopularVideos(20_000, np.array([3.0, 1.0]), 3.0, places)


def test_a_search_orders_by_score_and_boost(popular: PopularVideos) -> None:
    index = MemoryIndex()
    index.apply([indexed(video(name, "film")) for name in "abc"], 1)
    boosts = Boosts.of(RankingSettings(popularity_weight=0.5), lambda: popular, NOW)

    hits = index.view().search(Profile({"film": 1.0}, {"film": 1.0}), 3, NOW, boost=boosts)

    assert [(hit.video_id, hit.total) for hit in hits] == [("a", 1.5), ("b", 1.25), ("c", 1.0)]
