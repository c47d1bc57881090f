"""Keyword statistics, trends and related keywords as a client sees them."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import search_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as video_pb
from tests.cli.command import EXAMPLES
from tests.rpc.service import Service, attributes, failure, keyword, serving, video

DRAMA = types_pb.Filter(
    all_of=[types_pb.Condition(attribute=types_pb.AttributeCondition(name="genre", values=["drama"]))]
)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server with the example catalog, for tests that only read."""
    with serving(tmp_path_factory.mktemp("examples")) as service:
        paths = sorted(EXAMPLES.glob("*.json"))
        service.imports(*(video_pb.VideoIndex(content=path.read_bytes(), video_id=path.stem) for path in paths))
        yield service


def time_of(text: str) -> Timestamp:
    return Timestamp(seconds=round(datetime.fromisoformat(text).timestamp()))


def asked(*keywords: str) -> list[pb.AskedKeyword]:
    return [pb.AskedKeyword(keyword=one) for one in keywords]


def stats(service: Service, *keywords: str, **more: Any) -> pb.GetKeywordStatsResponse:
    return service.search.GetKeywordStats(pb.GetKeywordStatsRequest(keywords=asked(*keywords), **more))


def trend(service: Service, *keywords: str, **more: Any) -> pb.GetKeywordTrendResponse:
    return service.search.GetKeywordTrend(pb.GetKeywordTrendRequest(keywords=asked(*keywords), **more))


def related(service: Service, word: str, **more: Any) -> pb.ListRelatedKeywordsResponse:
    return service.search.ListRelatedKeywords(pb.ListRelatedKeywordsRequest(keyword=asked(word)[0], **more))


# --- statistics -------------------------------------------------------------------------------------------------------


def test_each_keyword_has_its_counts_in_order(service: Service) -> None:
    written = service.upsert(
        video("a", keyword("Film", 0.5, (0, 4), (3, 10)), published_time=time_of("2024-05-01T00:00Z")),
        video("b", keyword("films", 0.7, (0, 2)), "sea", published_time=time_of("2023-05-01T00:00Z")),
        video("c", "sea"),
        video("d"),
    )
    answer = stats(service, "moon", "film", min_revision=written[-1].revision)
    moon, film = answer.stats
    assert answer.video_count == 3  # d has nothing that can match
    assert answer.index_revision >= written[-1].revision
    assert moon.idf == pytest.approx(math.log(4) + 1)
    assert moon == pb.KeywordStats(asked_keyword="moon", idf=moon.idf)
    assert (film.asked_keyword, film.video_count, film.keyword_set_count) == ("film", 2, 2)
    assert film.idf == pytest.approx(math.log(4 / 3) + 1)
    assert (film.instance_count, film.on_screen_seconds) == (2, 12.0)
    assert film.mean_confidence == pytest.approx(0.6)
    assert film.first_published_time == time_of("2023-05-01T00:00Z")
    assert film.last_published_time == time_of("2024-05-01T00:00Z")
    assert list(film.matching_keywords) == [pb.KeywordCount(keyword="Film", language="en-US", keyword_set_count=2)]


def test_only_allowed_videos_count_but_all_for_idf(service: Service) -> None:
    future = Timestamp()
    future.FromDatetime(datetime.now(UTC) + timedelta(days=1))
    service.upsert(
        video("a", "film", attributes=attributes(genre=["drama"])),
        video("b", "film", "Film star", attributes=attributes(genre=["drama"]), published_time=future),
        video("c", "films"),
    )
    everything, some, now = (
        stats(service, "film", **more) for more in ({}, {"filter": DRAMA}, {"published_only": True})
    )
    assert [one.video_count for one in (everything, some, now)] == [3, 2, 2]
    assert [one.stats[0].video_count for one in (everything, some, now)] == [3, 2, 2]
    assert len({one.stats[0].idf for one in (everything, some, now)}) == 1
    assert [one.keyword for one in some.stats[0].matching_keywords] == ["film", "Film star"]
    assert [one.keyword for one in now.stats[0].matching_keywords] == ["film"]


def test_an_answer_stays_small_however_many_keywords_match(service: Service) -> None:
    wide = "\U00010400" * 240  # four bytes each
    service.upsert(*(video(f"v{i}", *(f"{wide} {letter}" for letter in "abcdefghij")) for i in range(2)))
    answer = stats(service, *[wide] * 1_000)
    assert answer.ByteSize() < 4 * 1024 * 1024
    assert [one.keyword_set_count for one in answer.stats] == [2] * 1_000
    told = [len(one.matching_keywords) for one in answer.stats]
    assert told == sorted(told, reverse=True)
    assert (told[0], told[-1]) == (10, 0)


def test_what_does_not_occur_gets_suggestions_when_asked_for(service: Service) -> None:
    service.upsert(video("a", "london bridge", "film"), video("b", "london"))
    assert not stats(service, "londn").suggestions
    answer = stats(service, "film", "londn", include_suggestions=True, filter=DRAMA)
    assert [one.asked_keyword for one in answer.suggestions] == ["londn"]
    assert answer.suggestions[0].nearest_keywords[0].keyword == "london"
    assert related(service, "londn").suggestion.nearest_keywords[0].keyword == "london"
    assert not related(service, "film").HasField("suggestion")
    assert not related(service, "film", filter=DRAMA).HasField("suggestion")


# --- trends -----------------------------------------------------------------------------------------------------------


def test_a_trend_has_every_interval_and_every_keyword(service: Service) -> None:
    service.upsert(
        video("a", "film", published_time=time_of("2024-01-31T23:30Z"), duration_seconds=60),
        video("b", "film", "sea", published_time=time_of("2024-03-01T00:00Z"), duration_seconds=30),
        video("c", "sea", published_time=time_of("2024-03-02T00:00Z")),
        video("d", "sea"),
    )
    answer = trend(service, "film", "sea")
    assert [one.start_time for one in answer.intervals] == [
        time_of(f"2024-{month}-01T00:00Z") for month in ("01", "02", "03")
    ]
    assert [(one.video_count, one.duration_seconds) for one in answer.intervals] == [(1, 60), (0, 0), (2, 40)]
    film, sea = answer.trends
    assert [(one.video_count, one.instance_count, one.on_screen_seconds) for one in film.points] == [
        (1, 1, 10),
        (0, 0, 0),
        (1, 1, 10),
    ]
    assert [one.video_count for one in sea.points] == [0, 0, 2]
    assert (film.undated_video_count, sea.undated_video_count) == (0, 1)
    paris = trend(service, "film", time_zone="Europe/Paris")
    assert [one.start_time for one in paris.intervals] == [
        time_of("2024-01-31T23:00Z"),
        time_of("2024-02-29T23:00Z"),
    ]


def test_a_range_bounds_a_trend_also_where_nothing_was_published(service: Service) -> None:
    service.upsert(video("a", "film", published_time=time_of("2024-01-03T12:00Z")))
    span = types_pb.TimeRange(start_time=time_of("2024-01-03T12:00Z"), end_time=time_of("2024-01-15T00:00Z"))
    answer = trend(service, "film", interval=pb.TREND_INTERVAL_WEEK, published_time=span)
    assert [one.start_time for one in answer.intervals] == [time_of("2024-01-01T00:00Z"), time_of("2024-01-08T00:00Z")]
    assert [one.video_count for one in answer.trends[0].points] == [1, 0]
    span.ClearField("end_time")
    span.start_time.seconds += 1
    assert not trend(service, "film", published_time=span).intervals


def test_the_largest_trend_fits_into_an_answer(service: Service) -> None:
    begin = time_of("1970-01-01T00:00Z").seconds
    service.upsert(
        *(video(f"v{i}", "film", published_time=Timestamp(seconds=begin + i * 4_000_000)) for i in range(900))
    )
    span = types_pb.TimeRange(start_time=Timestamp(seconds=begin), end_time=Timestamp(seconds=begin + 50_000 * 86_400))
    answer = trend(service, "film", interval=pb.TREND_INTERVAL_DAY, published_time=span)
    assert len(answer.intervals) == len(answer.trends[0].points) == 50_000
    assert sum(one.video_count for one in answer.trends[0].points) == 900
    assert answer.ByteSize() < 4 * 1024 * 1024


# --- related keywords -------------------------------------------------------------------------------------------------


def test_related_keywords_have_counts_significance_and_lift(service: Service) -> None:
    service.upsert(
        *(video(f"both {i}", "film", "Star") for i in range(3)),
        video("star", "stars", "Star"),
        video("film", "film", "once"),
        *(video(f"sea {i}", "sea") for i in range(5)),
    )
    answer = related(service, "films", include_total=True)
    assert (answer.video_count, answer.total_count, answer.next_page_token) == (4, 1, "")
    (star,) = answer.related_keywords
    assert (star.keyword, star.language) == ("Star", "en-US")
    assert (star.together_video_count, star.video_count) == (3, 4)
    assert star.lift == pytest.approx(3 * 10 / (4 * 4))
    ratio = 2 * (3 * math.log(3 / 1.6) + 2 * math.log(1 / 2.4) + 5 * math.log(5 / 3.6))
    assert star.significance == pytest.approx(ratio, abs=1e-6)
    assert [one.keyword for one in related(service, "film", min_video_count=1).related_keywords] == ["Star", "once"]
    assert not related(service, "film", min_video_count=4).related_keywords


def test_pages_of_related_keywords_make_up_the_whole(examples: Service) -> None:
    for more in ({}, {"within_seconds": 30.0}):
        whole = related(examples, "film", page_size=1_000, min_video_count=1, include_total=True, **more)
        assert whole.total_count == len(whole.related_keywords) > 20
        found: list[pb.RelatedKeyword] = []
        token = ""
        while True:
            page = related(examples, "film", page_size=7, min_video_count=1, page_token=token, **more)
            found += page.related_keywords
            token = page.next_page_token
            if not token:
                break
            assert len(page.related_keywords) == 7
        assert found == list(whole.related_keywords)


def test_a_token_belongs_to_its_request(examples: Service) -> None:
    token = related(examples, "film", page_size=1, min_video_count=1).next_page_token
    refused = failure(lambda: related(examples, "london", page_size=1, min_video_count=1, page_token=token))
    assert refused.reason == "INVALID_PAGE_TOKEN"
