"""Recommendations, page by page, from a real store."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from matchcut_server.index.filter import Filter, HasLanguage
from matchcut_server.index.follower import Follower
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.insights.model import Video
from matchcut_server.ranking.paging import MAX_PAGED
from matchcut_server.ranking.query import NOT_EXPLAINED, Page, Query
from matchcut_server.ranking.recommender import Recommender
from matchcut_server.store.port import VideoChange
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Interest
from tests.makers import delete, keyword, keyword_set, put, video
from tests.ranking.site import Site, explained, ids

FILM = (Interest("film"),)


@dataclass
class Service(Site):
    """A site whose clock can be set; who asks is interested in films unless something else is given."""

    now: float = 1000.0

    def recommend(self, query: Query, interests: Sequence[Interest] | None = FILM) -> Page:
        return super().recommend(query, interests)


@pytest.fixture
def service(store: SqliteStore, tmp_path: Path) -> Service:
    follower = Follower(store, ShelfSource(Shelf(tmp_path, store.secret), store), max_waiting=1)
    made = Service(store, follower, Recommender(store, follower, clock=lambda: made.now))
    return made


def various(count: int) -> list[VideoChange]:
    """Make videos that match `film` more or less, many of them equally."""
    return [
        put(video(f"{i:04}", keyword("film", (0, 1 + i % 7)), keyword(f"other {i % 11}", (0, 1 + i % 5))))
        for i in range(count)
    ]


def test_the_best_come_first_and_the_page_tells_whether_there_are_more(service: Service) -> None:
    service.write(put(video("a", "film", "boat")), put(video("b", "film")), put(video("c", "boat")))

    assert ids(service.recommend(Query(10))) == ["b", "a"]
    assert not service.recommend(Query(10)).has_more
    assert not service.recommend(Query(2)).has_more
    assert service.recommend(Query(1)).has_more


def test_nothing_matches_nothing(service: Service) -> None:
    assert service.recommend(Query(10)) == Page((), has_more=False)
    service.write(put(video("a", "film")))
    assert service.recommend(Query(10), [Interest("boat")]) == Page((), has_more=False)
    assert service.recommend(Query(10), []) == Page((), has_more=False)


@pytest.mark.parametrize("size", [1, 7, 20, 99, 100, 101])
def test_pages_together_are_one_large_page(size: int, service: Service) -> None:
    service.write(*various(100))
    whole = ids(service.recommend(Query(1000)))

    pages = service.pages(Query(1), size, FILM)

    assert [video_id for page in pages for video_id in page] == whole
    assert all(len(page) == size for page in pages[:-1])
    assert pages[-1]
    assert len(whole) == 100


def test_a_page_may_be_sent_in_part_and_the_rest_follows(service: Service) -> None:
    service.write(*various(30))
    whole = ids(service.recommend(Query(1000)))

    first = service.recommend(Query(20))
    second = service.recommend(Query(20, given=first.given(b"", 4)))

    assert ids(second) == whole[4:24]


def test_no_video_is_given_twice_whatever_is_written_between_pages(service: Service) -> None:
    service.write(*various(60))
    given, seen = b"", []
    for step in range(6):
        page = service.recommend(Query(10, given=given))
        seen += ids(page)
        given = page.given(given, 10)
        # One that was given moves down, one moves to the top, one goes, and a new one comes.
        service.write(
            put(video(seen[-1], keyword("film", (0, 1)), keyword("other", (0, 90)))),
            put(video(f"{50 + step:04}", "film")),
            delete(f"{40 + step:04}"),
            put(video(f"new {step}", "film")),
        )

    assert len(seen) == len(set(seen)) == 60
    assert {f"new {step}" for step in range(5)} <= set(seen)


def test_pages_end_when_everything_left_was_deleted(service: Service) -> None:
    service.write(*various(20))
    first = service.recommend(Query(10))
    service.write(*[delete(name) for name in ids(service.recommend(Query(1000)))[10:]])

    second = service.recommend(Query(10, given=first.given(b"", 10)))

    assert second == Page((), has_more=False)


def test_no_more_is_paged_than_a_token_can_hold(service: Service) -> None:
    service.write(*various(MAX_PAGED + 50))

    pages = service.pages(Query(1), 300, FILM)

    assert [len(page) for page in pages] == [300, 300, 300, 100]
    assert not service.recommend(Query(MAX_PAGED)).has_more
    assert [video_id for page in pages for video_id in page] == ids(service.recommend(Query(MAX_PAGED)))


def test_only_scores_of_at_least_the_least_are_returned(service: Service) -> None:
    service.write(*various(50))
    whole = service.recommend(Query(1000)).recommended
    middle = whole[20].score

    enough = service.recommend(Query(1000, min_score=middle))

    assert list(enough.recommended) == [one for one in whole if one.score >= middle]
    assert 20 < len(enough.recommended) < 50
    assert not enough.has_more
    assert service.pages(Query(1, min_score=middle), 6, FILM)[-1]
    assert [one for page in service.pages(Query(1, min_score=middle), 6, FILM) for one in page] == ids(enough)
    assert ids(service.recommend(Query(10, min_score=1.0))) == []


def test_excluded_and_filtered_videos_are_on_no_page(service: Service) -> None:
    service.write(*[put(video(f"{i}", keyword_set("de" if i % 2 else "en", "film"))) for i in range(10)])
    query = Query(1, Filter(all_of=(HasLanguage("de"),)), frozenset({"3", "5"}))

    assert service.pages(query, 2, FILM) == [["1", "7"], ["9"]]


def test_the_clock_decides_what_is_published_and_what_has_expired(service: Service) -> None:
    keywords = (keyword_set("en-US", "film"),)
    service.write(
        put(Video("always", keyword_sets=keywords)),
        put(Video("later", published_time=2000.0, keyword_sets=keywords)),
        put(Video("sooner", expire_time=1500.0, keyword_sets=keywords)),
    )

    assert ids(service.recommend(Query(10))) == ["always", "sooner"]
    service.now = 1500.0
    assert ids(service.recommend(Query(10))) == ["always"]
    service.now = 2000.0
    assert ids(service.recommend(Query(10))) == ["always", "later"]


def test_metadata_and_explanations_come_on_request(service: Service) -> None:
    service.write(put(video("a", keyword("Films", (5, 8)))))

    (bare,) = service.recommend(Query(10)).recommended
    (with_metadata,) = service.recommend(Query(10, with_metadata=True)).recommended
    (told,) = service.recommend(Query(10, explain=True)).recommended

    assert (bare.facts, bare.explanation) == (None, None)
    stored, facts = service.store.video(service.catalog.catalog_id, "a"), with_metadata.facts
    assert stored is not None
    assert facts is not None
    assert (facts.video_id, facts.title, facts.duration) == (
        stored.video.video_id,
        stored.video.title,
        stored.video.duration,
    )
    assert (facts.published_time, facts.expire_time) == (stored.video.published_time, stored.video.expire_time)
    assert (facts.attributes, facts.revision) == (stored.video.attributes, stored.revision)
    assert with_metadata.explanation is None
    assert told.facts is None
    assert told.explanation is not None
    assert told.explanation.language == "en-US"
    assert [(one.keyword, one.spans) for one in told.explanation.matched] == [("Films", ((5.0, 8.0),))]
    assert (told.explanation.boosts, told.explanation.sources) == ((), ())
    assert bare.score == with_metadata.score == told.score == 1.0


def test_explanations_add_up_to_the_scores_of_a_page(service: Service) -> None:
    service.write(*various(40))
    interests = (Interest("film", 2.0), Interest("other 3"), Interest("other 4", -1.0), Interest("unknown"))

    page = service.recommend(Query(40, explain=True), interests)

    assert len(page.recommended) > 20
    for one in page.recommended:
        assert explained(one) == pytest.approx(one.score, abs=1e-6)


def test_a_video_deleted_since_the_search_is_returned_without_what_is_gone(service: Service) -> None:
    service.write(put(video("a", "film")))
    view = service.follower.view(service.catalog)
    service.write(delete("a"))

    (gone,) = service.recommender.recommend(service.catalog, view, Query(10, explain=True), FILM).recommended

    assert gone.video_id == "a"
    assert (gone.facts, gone.explanation) == (None, NOT_EXPLAINED)


def test_a_view_answers_the_same_while_the_catalog_changes(service: Service) -> None:
    service.write(*various(30))
    view = service.follower.view(service.catalog)
    before = service.recommender.recommend(service.catalog, view, Query(10), FILM)
    service.write(*[delete(f"{i:04}") for i in range(30)])
    service.recommend(Query(10))

    assert service.recommender.recommend(service.catalog, view, Query(10), FILM) == before


def test_ids_that_are_not_there_are_named_once_and_in_order(service: Service) -> None:
    service.write(put(video("a", "film")), put(video("bare")), put(video("gone", "film")), delete("gone"))
    service.recommend(Query(1))

    assert service.recommender.missing_ids(service.catalog, ["z", "a", "gone", "z", "bare", "y"]) == ["z", "gone", "y"]
