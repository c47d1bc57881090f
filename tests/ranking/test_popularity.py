"""Popularity: how often videos are viewed and liked, from a real store."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.index.columns import Columns, FactColumns
from matchcut_server.profiles.model import Event, EventKind, ProfileSettings
from matchcut_server.ranking.popularity import REFRESH_SECONDS, Popularity, PopularVideos, _Places
from matchcut_server.store.port import Catalog
from matchcut_server.store.profile_port import DailyViews, PopularityChanges
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.video import VideoFacts
from tests.index.generations import generation_of
from tests.makers import delete, indexed, put, video
from tests.profiles.makers import DAY, event

TODAY = 20_000
NOW = TODAY * DAY + 1234.0


def columns_of(*video_ids: str) -> FactColumns:
    return FactColumns([VideoFacts(video_id, published_time=float(i)) for i, video_id in enumerate(video_ids)])


def shares(popular: PopularVideos, video_ids: str) -> list[float]:
    """Return the popularity of videos, which is the same asked in any way."""
    by_segment: list[float] = popular.amounts(columns_of(*video_ids)).tolist()
    assert by_segment == [popular.of(video_id) for video_id in video_ids]
    return by_segment


@dataclass
class Site:
    """A store with the videos a to e, and the popularity of its catalog."""

    store: SqliteStore
    seconds: float = 1000.0
    half_life: float = 30.0
    popularity: Popularity = field(init=False)

    def __post_init__(self) -> None:
        self.store.write_videos(1, [put(video(video_id, "film")) for video_id in "abcde"])
        self.popularity = Popularity(self.store, self.has_video, lambda: self.seconds)

    @property
    def catalog(self) -> Catalog:
        found = self.store.catalog("default")
        assert found is not None
        return found._replace(profile_settings=ProfileSettings(popularity_half_life_days=self.half_life))

    def has_video(self, catalog: Catalog, video_id: str) -> bool:
        return self.store.video(catalog.catalog_id, video_id) is not None

    def record(self, *events: Event) -> None:
        recorded = self.store.profiles.record_events(1, events)
        assert all(outcome.status == "CREATED" for outcome in recorded.outcomes)

    def now(self, now: float = NOW) -> PopularVideos:
        """Return the popularity as it is read anew."""
        self.seconds += REFRESH_SECONDS
        return self.popularity.of(self.catalog, now)


@pytest.fixture
def site(store: SqliteStore) -> Site:
    return Site(store)


def views(video_id: str, count: int, time: float = NOW) -> list[Event]:
    return [event(EventKind.VIEW, video_id, time) for _ in range(count)]


def test_the_most_popular_video_has_1_and_one_that_nobody_viewed_0(site: Site) -> None:
    assert shares(site.now(), "abc") == [0.0, 0.0, 0.0]
    site.record(*views("a", 7), *views("b", 1))

    assert shares(site.now(), "abcz") == pytest.approx([1.0, math.log(2) / math.log(8), 0.0, 0.0])


def test_a_view_counts_its_watched_share_and_a_like_its_weight(site: Site) -> None:
    site.record(
        *views("a", 3),
        event(EventKind.VIEW, "b", NOW, watched_share=0.5),
        event(EventKind.LIKE, "b", NOW, weight=0.5),
        event(EventKind.DISLIKE, "c", NOW),
        event(EventKind.IMPRESSION, "c", NOW),
        event(EventKind.HIDE, "c", NOW),
    )

    assert shares(site.now(), "abc") == pytest.approx([1.0, math.log(2) / math.log(4), 0.0])


def test_views_fade_day_by_day(site: Site) -> None:
    site.record(*views("a", 4, NOW - 30 * DAY), *views("b", 4, NOW))

    assert shares(site.now(), "ab") == pytest.approx([math.log(3) / math.log(5), 1.0])
    assert shares(site.now(NOW + 30 * DAY), "ab") == pytest.approx([math.log(2) / math.log(3), 1.0])
    assert site.now(NOW + 100.0) is site.now(NOW + 200.0)


def test_without_a_half_life_views_never_fade(site: Site) -> None:
    site.half_life = 0.0
    site.record(*views("a", 3, 0.0), *views("b", 1))

    assert shares(site.now(NOW + 9999 * DAY), "ab") == pytest.approx([1.0, 0.5])


def test_another_half_life_holds_at_once_and_for_what_was_before(site: Site) -> None:
    site.record(*views("a", 4, NOW - 30 * DAY), *views("b", 4, NOW))
    site.now()
    site.half_life = 15.0

    assert shares(site.popularity.of(site.catalog, NOW), "ab") == pytest.approx([math.log(2) / math.log(5), 1.0])


@pytest.mark.parametrize("half_life", [5e-324, 1e-3, 36_500.0])
def test_any_half_life_gives_numbers(site: Site, half_life: float) -> None:
    site.half_life = half_life
    site.record(*views("a", 1, 0.0), *views("b", 2, NOW), *views("c", 1, NOW + 10 * DAY))

    for now in (0.0, NOW, NOW + 3650 * DAY):
        found = shares(site.now(now), "abc")
        assert all(0.0 <= share <= 1.0 for share in found)
        assert max(found) in {0.0, 1.0}


def test_what_is_recorded_shows_within_ten_seconds_and_not_before(site: Site) -> None:
    before = site.now()
    site.record(*views("a", 1))

    site.seconds += REFRESH_SECONDS - 0.1
    assert site.popularity.of(site.catalog, NOW) is before
    site.seconds += 0.1
    assert shares(site.popularity.of(site.catalog, NOW), "a") == [1.0]


def test_nothing_is_worked_out_again_while_nothing_changes(site: Site) -> None:
    site.record(*views("a", 1))
    columns = columns_of("a")

    assert site.now().amounts(columns) is site.now().amounts(columns)


def test_views_of_a_deleted_user_no_longer_count(site: Site) -> None:
    site.record(*views("a", 3), event(EventKind.VIEW, "b", NOW, user_id="other"))
    assert shares(site.now(), "ab") == [1.0, 0.5]

    site.store.profiles.delete_profiles(1, ["u"], NOW)

    assert shares(site.now(), "ab") == [0.0, 1.0]


def test_the_most_popular_video_is_one_of_the_catalog(site: Site) -> None:
    site.record(*views("a", 7), *views("b", 1))
    site.now()
    site.store.write_videos(1, [delete("a")])

    assert site.now().of("b") == 1.0
    site.store.write_videos(1, [delete("b")])
    assert site.now().of("b") == 0.0
    site.store.write_videos(1, [put(video("a", "film"))])
    assert site.now().of("b") == pytest.approx(1 / 3)


def test_catalogs_have_nothing_to_do_with_each_other(site: Site) -> None:
    site.store.create_catalog("other", site.catalog.settings)
    other = site.store.catalog("other")
    assert other is not None
    site.record(*views("a", 1))

    assert site.now().of("a") == 1.0
    assert site.popularity.of(other, NOW).of("a") == 0.0


def test_the_most_popular_come_first_then_the_most_recent(site: Site) -> None:
    site.record(*views("b", 1))
    popular = site.now()

    first, second = popular.browsing_keys(columns_of("a", "b", "c"))

    assert first.tolist() == [0.0, 1.0, 0.0]
    assert second.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("segment_videos", [2, 100])
def test_segments_of_every_kind_are_told_the_same(site: Site, segment_videos: int) -> None:
    """Whether they have fewer videos than were viewed, or more; and when further ones are viewed."""
    segments: list[Columns] = list(
        generation_of([indexed(video(one, "film")) for one in "abcdefgh"], segment_videos=segment_videos).segments
    )
    segments.append(columns_of("h", "e", "a"))

    for viewed in ("az", "bcdez", "h"):
        site.record(*[one for count, name in enumerate(viewed, 1) for one in views(name, count)])
        popular = site.now()
        for columns in segments:
            ids = [columns.video_id(position) for position in range(len(columns))]
            assert popular.amounts(columns).tolist() == [popular.of(video_id) for video_id in ids]
            assert popular.of("a") > 0


def test_an_older_state_does_not_know_later_views(site: Site) -> None:
    site.record(*views("a", 1))
    before, columns = site.now(), columns_of("a", "b")
    site.record(*views("b", 1))
    assert site.now().amounts(columns).tolist() == [1.0, 1.0]

    assert before.amounts(columns).tolist() == [1.0, 0.0]
    assert before.of("b") == 0.0


@dataclass
class Feed:
    """A store of nothing but popularity, which tells what it is given; others may be waited for while it reads."""

    changes: list[PopularityChanges]
    reading: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)

    @property
    def profiles(self) -> "Feed":
        return self

    def popularity_changes(self, catalog_id: int, after: int) -> PopularityChanges:
        self.reading.set()
        assert self.may_answer.wait(10)
        return self.changes.pop(0)


def test_while_one_thread_reads_others_go_on_with_what_there_is() -> None:
    feed = Feed([PopularityChanges(1, {"a": [DailyViews(TODAY, 1, 0)]}), PopularityChanges(2, {"b": []})])
    seconds = [0.0]
    popularity = Popularity(feed, lambda _catalog, _id: True, lambda: seconds[0])  # type: ignore[arg-type]
    catalog = Catalog(1, "default", None, 1)  # type: ignore[arg-type]
    feed.may_answer.set()
    before = popularity.of(catalog, NOW)
    feed.may_answer.clear()
    feed.reading.clear()
    seconds[0] = REFRESH_SECONDS
    reader = threading.Thread(target=popularity.of, args=(catalog, NOW))
    reader.start()
    assert feed.reading.wait(10)

    assert popularity.of(catalog, NOW) is before

    feed.may_answer.set()
    reader.join(10)
    assert popularity.of(catalog, NOW) is not before


DAYS = st.lists(
    st.builds(DailyViews, st.integers(TODAY - 100, TODAY), st.integers(0, 9_000_000), st.integers(0, 3_000_000)),
    max_size=4,
    unique_by=lambda one: one.day,
).map(sorted)
STEPS = st.lists(st.dictionaries(st.sampled_from("abcdef"), DAYS, max_size=4), min_size=1, max_size=5)


@given(STEPS, st.sampled_from([0.0, 0.5, 30.0, 1000.0]), st.sampled_from(["abcdef", "bdf", "a"]))
def test_it_is_what_the_formula_gives_for_all_days_at_once(
    steps: Sequence[dict[str, list[DailyViews]]], half_life: float, there: str
) -> None:
    feed = Feed([PopularityChanges(i, step) for i, step in enumerate(steps)])
    feed.may_answer.set()
    seconds = [0.0]
    popularity = Popularity(feed, lambda _catalog, name: name in there, lambda: seconds[0])  # type: ignore[arg-type]
    catalog = Catalog(1, "", None, 1, ProfileSettings(popularity_half_life_days=half_life))  # type: ignore[arg-type]
    whole: dict[str, list[DailyViews]] = {}
    columns = columns_of(*"fedcbag")
    for step in steps:
        whole.update(step)
        popular = popularity.of(catalog, NOW)
        seconds[0] += REFRESH_SECONDS
        raw = {
            name: sum(
                (own.views + own.likes) / 1e6 * (0.5 ** ((TODAY - own.day) / half_life) if half_life else 1.0)
                for own in whole.get(name, ())
            )
            for name in "fedcbag"
        }
        most = max(raw[name] for name in there)
        expected = [min(math.log1p(own) / math.log1p(most), 1.0) if most else 0.0 for own in raw.values()]
        assert popular.amounts(columns) == pytest.approx(np.array(expected), abs=1e-9)


def test_a_video_of_a_small_segment_is_looked_for_once() -> None:
    places, columns = _Places(), columns_of("a", "m")
    for names in ("abcdefghijkl", "mnopqrstuvwx", "yz"):
        for name in names:
            places.number(name)
        places.of(columns)

    positions, numbers = places.of(columns)

    assert (positions.tolist(), numbers.tolist()) == ([0, 1], [0, 12])
