"""Moments of a catalog: conditions, orders, pages, copies, against a search that looks at everything."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.errors import DeadlineExceeded
from matchcut_server.index.builder import Builder
from matchcut_server.index.filter import Filter, HasId, HasLanguage
from matchcut_server.index.follower import Follower
from matchcut_server.index.port import View
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.search import finding
from matchcut_server.search.asked import AskedKeyword
from matchcut_server.search.conditions import AskedMoments
from matchcut_server.search.finding import Moment, MomentOrder, MomentPage, MomentQuery, search_moments
from matchcut_server.store.port import DEFAULT_CATALOG, Catalog
from matchcut_server.store.sqlite.store import SqliteStore
from tests.makers import delete, keyword, keyword_set, put, video
from tests.search.naive_catalog import NaiveCatalog

Told = tuple[str, str, float, float, float]


class Archive(NamedTuple):
    """A store with a catalog, and its view."""

    store: SqliteStore
    catalog: Catalog
    view: View

    def search(self, **query: Any) -> MomentPage:
        asked = {name: query.pop(name) for name in AskedMoments._fields if name in query}
        lists = {
            name: tuple(AskedKeyword(one) if isinstance(one, str) else one for one in some)
            for name, some in asked.items()
            if name != "within_seconds"
        }
        within = asked.get("within_seconds")
        return self.find(MomentQuery(AskedMoments(**lists, within_seconds=within), **{"limit": 100, **query}))

    def find(self, query: MomentQuery) -> MomentPage:
        return search_moments(query, self.store, self.catalog, self.view)


@contextmanager
def archive(videos: list[Video], folder: Path, *, build: bool = False) -> Iterator[Archive]:
    """Open a catalog of some videos; with `build` there is a generation of all but the last one."""
    store = SqliteStore(folder)
    try:
        catalog = store.catalog(DEFAULT_CATALOG)
        assert catalog is not None
        shelf = Shelf(folder, store.secret)
        store.write_videos(catalog.catalog_id, [put(one) for one in videos[:-1]])
        if build:
            Builder(store, shelf).build(catalog)
        store.write_videos(catalog.catalog_id, [put(one) for one in videos[-1:]])
        with Follower(store, ShelfSource(shelf, store), max_waiting=1) as follower:
            yield Archive(store, catalog, follower.view(catalog))
    finally:
        store.close()


def told(moments: list[Moment]) -> list[Told]:
    return [(one.video_id, one.language, one.found.start, one.found.end, one.found.score) for one in moments]


def spans(page: MomentPage) -> list[tuple[str, float, float]]:
    return [(one.video_id, one.found.start, one.found.end) for one in page.moments]


FILLERS = tuple(f"filler{letter}" for letter in "abcdefghijkl")
"""Enough terms for videos to be near-duplicates."""


def media(video_id: str, *own: Keyword, duration: float = 60.0, **more: Any) -> Video:
    fillers = [keyword(text, (50, 51)) for text in FILLERS]
    made = video(video_id, *own, *fillers, duration=duration)
    return Video(video_id, duration=duration, keyword_sets=made.keyword_sets, **more)


LONDON = keyword("london", (0, 5), (20, 25))


# --- copies -----------------------------------------------------------------------------------------------------------


def test_near_identical_spans_of_near_duplicates_are_shown_once(tmp_path: Path) -> None:
    again = keyword("london", (0.9, 5), (20, 27))
    with archive([media("b", LONDON), media("a", again, duration=61.0), media("c", LONDON)], tmp_path) as own:
        assert spans(own.search(any_of=["london"])) == [("a", 0.9, 5), ("a", 20, 27), ("b", 20, 25)]
        assert len(own.search(any_of=["london"], keep_copies=True).moments) == 6


def test_of_copies_the_one_with_the_highest_score_is_shown(tmp_path: Path) -> None:
    sure, unsure = (keyword("london", (0, 5), confidence=own) for own in (0.9, 0.8))
    for order in MomentOrder:
        with archive([media("a", unsure), media("b", sure)], tmp_path / order) as own:
            assert spans(own.search(any_of=["london"], order=order)) == [("b", 0, 5)]


def test_other_media_are_no_copies(tmp_path: Path) -> None:
    videos = [
        media("a", LONDON),
        media("b", LONDON, duration=65.0),
        media("c", LONDON, keyword("paris", (0, 60)), keyword("rome", (0, 60)), keyword("oslo", (0, 60))),
        media("d", LONDON, duration=0.0),
        video("e", LONDON, duration=60.0),
    ]
    with archive(videos, tmp_path) as own:
        assert {one for one, *_ in spans(own.search(any_of=["london"]))} == set("abcde")


def test_a_span_in_several_languages_is_shown_once(tmp_path: Path) -> None:
    both = video(
        "a",
        keyword_set("de-DE", keyword("london", (0, 5), confidence=0.9), keyword("paris", (10, 12))),
        keyword_set("en-US", keyword("london", (0, 5), confidence=0.8), keyword("paris", (10, 12)), LONDON_ENDING),
    )
    with archive([both], tmp_path) as own:
        moments = told(own.search(any_of=["london", "paris"]).moments)
    assert [(language, start, end) for _, language, start, end, _ in moments] == [
        ("de-DE", 10, 12),
        ("de-DE", 0, 5),
        ("en-US", 90, 95),
    ]


LONDON_ENDING = keyword("london ending", (90, 95), confidence=0.5)


# --- what is told -----------------------------------------------------------------------------------------------------


def test_keywords_are_told_with_their_shares_and_their_spans_in_the_moment(tmp_path: Path) -> None:
    own_video = video(
        "a",
        keyword("London", (0, 5), (3, 8), (20, 25), confidence=0.5),
        keyword("London bridge", (4, 9), confidence=0.9),
        keyword("Paris", (8.5, 9.5), confidence=None),
    )
    asked = (AskedKeyword("london", weight=2.0), AskedKeyword("paris"))
    with archive([own_video, video("b", "rome")], tmp_path) as own:
        first, second = own.search(any_of=asked, explain=True).moments
    assert (first.found.start, first.found.end) == (0, 9.5)
    assert first.told.keywords == ("London bridge", "Paris", "London")
    bridge, paris, london = first.told.matched
    assert [one.interests for one in (bridge, paris, london)] == [("london",), ("paris",), ("london",)]
    assert (bridge.share, london.share) == (pytest.approx(2 * 0.9 * IDF_OF_ONE), 0.0)
    assert sum(one.share for one in first.told.matched) == pytest.approx(first.found.score, abs=1e-6)
    assert (london.spans, london.on_screen_seconds, london.confidence) == (((0, 8),), 13.0, 0.5)
    assert (paris.confidence, paris.idf) == (0.75, pytest.approx(IDF_OF_ONE))
    assert second.told.keywords == ("London",)
    assert second.told.matched[0].spans == ((20, 25),)


IDF_OF_ONE = 1.4054651081081644
"""ln((1 + 2) / (1 + 1)) + 1: one of two keyword sets has it."""


def test_a_moment_cut_from_one_video_names_it(tmp_path: Path) -> None:
    def cut(start: float, end: float, source: str | None, at: float | None) -> Instance:
        return Instance(start, end, source, at, None if at is None else at + end - start)

    keywords = (
        Keyword("whole", 1.0, (cut(0, 4, "x", 100), cut(4, 9, "x", 104))),
        Keyword("spliced", 1.0, (cut(0, 4, "x", 100), cut(4, 9, "x", 300))),
        Keyword("mixed", 1.0, (cut(0, 4, "x", 100), cut(4, 9, "y", 104))),
        Keyword("untimed", 1.0, (cut(0, 4, "x", None),)),
        Keyword("own", 1.0, (cut(0, 4, None, None),)),
    )
    with archive([video("a", *keywords)], tmp_path) as own:
        sources = {one.text: own.search(any_of=[one.text]).moments[0].told.source for one in keywords}
    assert sources == {
        "whole": ("x", 100, 109),
        "spliced": None,
        "mixed": None,
        "untimed": ("x", None, None),
        "own": None,
    }


# --- pages and orders -------------------------------------------------------------------------------------------------


def test_moments_are_ordered_by_score_or_published_time_with_those_without_last(tmp_path: Path) -> None:
    videos = [
        Video(name, duration=60.0, published_time=time, keyword_sets=(keyword_set("en", LONDON),))
        for name, time in (("a", None), ("b", 20.0), ("c", 10.0), ("d", 20.0))
    ]
    with archive(videos, tmp_path) as own:
        for order, expected in (
            (MomentOrder.SCORE, "aabbccdd"),
            (MomentOrder.OLDEST_FIRST, "ccbbddaa"),
            (MomentOrder.NEWEST_FIRST, "bbddccaa"),
        ):
            found = spans(own.search(any_of=["london"], order=order))
            assert "".join(one for one, *_ in found) == expected
            assert [start for _, start, _ in found] == [0, 20] * 4


def test_a_video_may_be_kept_to_its_best_moments(tmp_path: Path) -> None:
    own_video = video("a", LONDON, keyword("paris", (40, 45), (21, 22)), keyword("rome", (60, 61)))
    with archive([own_video], tmp_path) as own:
        asked = ["london", "paris", "rome"]
        assert spans(own.search(any_of=asked, most_a_video=2)) == [("a", 20, 25), ("a", 0, 5)]
        assert own.search(any_of=asked, most_a_video=2, with_total=True).total == 2


def test_a_filter_and_published_only_leave_videos_out(tmp_path: Path) -> None:
    videos = [
        Video("a", duration=60.0, published_time=100.0, keyword_sets=(keyword_set("en", LONDON),)),
        Video("b", duration=60.0, expire_time=50.0, keyword_sets=(keyword_set("de", LONDON),)),
    ]
    german = Filter(all_of=(HasLanguage("de"),))
    with archive(videos, tmp_path) as own:
        assert {one for one, *_ in spans(own.search(any_of=["london"]))} == {"a", "b"}
        assert {one for one, *_ in spans(own.search(any_of=["london"], allowed=german))} == {"b"}
        assert own.search(any_of=["london"], now=70.0).moments == []
        assert {one for one, *_ in spans(own.search(any_of=["london"], now=200.0))} == {"a"}


def test_what_is_gone_since_the_view_was_made_is_left_out(tmp_path: Path) -> None:
    videos = [video(name, LONDON) for name in "abc"]
    with archive(videos, tmp_path) as own:
        changed = video("c", keyword("london", (7, 9)))
        own.store.write_videos(own.catalog.catalog_id, [delete("b"), put(changed)])
        assert spans(own.search(any_of=["london"])) == [("a", 0, 5), ("a", 20, 25), ("c", 7, 9)]


def test_a_keyword_that_nothing_matches_is_missing(tmp_path: Path) -> None:
    with archive([video("a", LONDON)], tmp_path) as own:
        page = own.search(all_of=["london"], any_of=["madrid", "london"], none_of=["rome"])
        assert [one.asked.keyword for one in page.conditions.missing] == ["madrid"]


@pytest.mark.parametrize("with_total", [True, False])
@pytest.mark.parametrize("order", MomentOrder)
def test_a_search_that_nobody_waits_for_any_more_ends(tmp_path: Path, order: MomentOrder, with_total: bool) -> None:
    def check() -> None:
        raise DeadlineExceeded

    asked = AskedMoments(any_of=(AskedKeyword("london"),))
    query = MomentQuery(asked, 10, order=order, with_total=with_total)
    with archive([video("a", LONDON)], tmp_path) as own, pytest.raises(DeadlineExceeded):
        search_moments(query, own.store, own.catalog, own.view, check)


# --- laws -------------------------------------------------------------------------------------------------------------

WORDS = ("london", "paris", "rome", "london film")
instances = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([1.0, 2.5, 6.0])).map(lambda own: (own[0], own[0] + own[1])),
    min_size=0,
    max_size=3,
    unique=True,
)
keywords = st.builds(
    lambda text, own, confidence: keyword(text, *own, confidence=confidence),
    st.sampled_from(WORDS),
    instances,
    st.sampled_from([None, 0.3, 0.6211, 1.0]),
)
keyword_lists = st.lists(keywords, min_size=1, max_size=3, unique_by=lambda one: one.text)


@st.composite
def catalogs(draw: st.DrawFn) -> list[Video]:
    """Draw a few videos, some of which are of the same media, some of two languages."""
    contents = draw(st.lists(keyword_lists, min_size=1, max_size=3))
    videos = []
    for number in range(draw(st.integers(1, 6))):
        sets = [draw(st.sampled_from(contents)) for _ in range(draw(st.integers(1, 2)))]
        fillers = [keyword(text, (50, 51)) for text in FILLERS]
        made = tuple(KeywordSet(language, (*own, *fillers)) for language, own in zip(("de", "en"), sets, strict=False))
        duration = draw(st.sampled_from([0.0, 60.0, 61.5, 80.0]))
        time = draw(st.sampled_from([None, 10.0, 20.0]))
        videos.append(Video(f"v{number}", duration=duration, published_time=time, keyword_sets=made))
    return videos


asked_keywords = st.tuples(st.sampled_from(WORDS), st.sampled_from([0.5, 1.0, 3.0])).map(
    lambda own: AskedKeyword(own[0], weight=own[1])
)
some = st.lists(asked_keywords, max_size=2).map(tuple)
asked_moments = st.tuples(some, some, some, st.sampled_from([None, None, 0.0, 3.0])).map(lambda own: AskedMoments(*own))
queries = st.fixed_dictionaries(
    {
        "asked": asked_moments.filter(lambda one: one.all_of or one.any_of),
        "allowed": st.sampled_from([None, None, Filter(none_of=(HasId(frozenset(["v1"])),))]),
        "min_score": st.sampled_from([0.0, 0.5]),
        "order": st.sampled_from(MomentOrder),
        "most_a_video": st.integers(0, 2),
        "keep_copies": st.booleans(),
        "with_total": st.booleans(),
    }
).map(lambda fields: MomentQuery(limit=100, **fields))


@settings(max_examples=40)
@given(catalogs(), st.lists(queries, min_size=3, max_size=3), st.booleans(), st.integers(1, 3))
def test_pages_are_those_of_a_search_that_looks_at_everything(
    videos: list[Video], asked: list[MomentQuery], build: bool, size: int
) -> None:
    """With few videos read at a time, so that a page is made of several reads, and ends before the last one."""
    with (
        TemporaryDirectory() as folder,
        archive(videos, Path(folder), build=build) as own,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(finding, "FIRST_READ", 1)
        patch.setattr(finding, "READ_GROWTH", 2)
        naive = NaiveCatalog(videos, own.view)
        for query in asked:
            expected = naive.search(query)
            page = own.find(query)
            assert told(page.moments) == [tuple(one)[:5] for one in expected]
            assert page.last is None
            assert page.total == (len(expected) if query.with_total else None)
            assert pages(own, query, size) == told(page.moments)


def pages(own: Archive, query: MomentQuery, size: int) -> list[Told]:
    """Page to the end."""
    found: list[Moment] = []
    page = own.find(query._replace(limit=size))
    while page.last is not None:
        assert len(page.moments) == size
        found += page.moments
        page = own.find(query._replace(limit=size, after=page.last))
    found += page.moments
    assert all(before.place < after.place for before, after in pairwise(found))
    return told(found)
