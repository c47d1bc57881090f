import time
from math import inf, nan

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.service import Service, attributes, failure, keyword, video

NOW = int(time.time())


def at(seconds: int) -> Timestamp:
    return Timestamp(seconds=seconds)


def has(name: str, *values: str) -> types_pb.Condition:
    return types_pb.Condition(attribute=types_pb.AttributeCondition(name=name, values=values))


def speaks(tag: str) -> types_pb.Condition:
    return types_pb.Condition(language=tag)


def one_of(*video_ids: str) -> types_pb.Condition:
    return types_pb.Condition(video_ids=types_pb.VideoIds(video_ids=video_ids))


def lasts(shortest: float | None = None, longest: float | None = None) -> types_pb.Condition:
    return types_pb.Condition(duration=types_pb.DurationRange(min_seconds=shortest, max_seconds=longest))


def published(start: int | None = None, end: int | None = None) -> types_pb.Condition:
    bounds = types_pb.TimeRange(
        start_time=None if start is None else at(start), end_time=None if end is None else at(end)
    )
    return types_pb.Condition(published_time=bounds)


@pytest.fixture
def films(service: Service) -> Service:
    """Five films about London, which differ in all that a filter can ask for."""
    service.upsert(
        video(
            "a", "london", attributes=attributes(genre=["film", "drama"]), duration_seconds=60, published_time=at(100)
        ),
        video("b", "london", attributes=attributes(genre=["news"]), duration_seconds=90.5, published_time=at(200)),
        video("c", "london", language="en", attributes=attributes(country=["film"]), published_time=at(300)),
        video("d", "london", language="de-DE", duration_seconds=600),
        video("e", "london", language="fr-FR"),
    )
    return service


def test_an_answer_says_what_it_is(service: Service) -> None:
    revision = service.upsert(video("a", "london"), video("b", "paris"))[-1].revision
    answer = service.recommend("london")
    assert list(answer.recommendations) == [
        pb.Recommendation(video_id="a", score=1.0, origin=pb.RECOMMENDATION_ORIGIN_MATCH)
    ]
    assert answer.index_revision == revision
    assert answer.fallback == pb.FALLBACK_NONE
    assert (answer.next_page_token, list(answer.missing_ids), answer.ranked_candidates) == ("", [], 0)
    assert 0 < len(answer.recommendation_id.encode()) <= 512
    assert service.recommend("london").recommendation_id != answer.recommendation_id


def test_reading_writes_nothing(service: Service) -> None:
    service.upsert(video("a", "london"))
    before = service.recommend("london").index_revision
    service.recommend("london", explain=True, include_metadata=True)
    assert service.recommend("london").index_revision == before


def test_the_best_come_first_and_equal_ones_by_id(service: Service) -> None:
    service.upsert(
        video("far", "london", "paris", "rome", "berlin"),
        video("b", "london"),
        video("a", "london"),
        video("B", "london"),
        video("near", "london", "paris"),
    )
    found = service.recommend("london").recommendations
    assert [one.video_id for one in found] == ["B", "a", "b", "near", "far"]
    assert all(one.score == round(one.score, 6) and 0 < one.score <= 1 for one in found)


def test_weights_attract_push_away_or_do_nothing(service: Service) -> None:
    service.upsert(video("london", "london"), video("paris", "paris"), video("both", "london", "paris"))
    assert service.recommended("london=3", "paris=1") == ["london", "both", "paris"]
    assert service.recommended("london=1", "paris=3") == ["paris", "both", "london"]
    assert service.recommended("london=1", "paris=-1") == ["london"]
    assert service.recommended("london=-1") == []
    assert service.recommended("london=0") == []
    assert service.recommended("london=0", "paris") == ["paris", "both"]


def test_only_ratios_of_weights_matter(service: Service) -> None:
    service.upsert(video("a", "london", "rome"), video("b", "paris"), video("c", "london", "paris"))
    first = service.recommend("london=3", "paris=1").recommendations
    assert service.recommend("london=900000", "paris=300000").recommendations == first
    assert service.recommend("london=3e-300", "paris=1e-300").recommendations == first


def test_a_phrase_matches_whole_and_word_by_word(service: Service) -> None:
    service.upsert(video("whole", "film festival"), video("words", "festival film"), video("word", "festival"))
    assert service.recommended("film festivals") == ["whole", "words", "word"]


def test_a_video_is_returned_once_with_its_best_language(service: Service) -> None:
    sets = [
        types_pb.KeywordSet(language="de-DE", keywords=[keyword("london"), keyword("brücke"), keyword("turm")]),
        types_pb.KeywordSet(language="fr-FR", keywords=[keyword("london")]),
    ]
    service.upsert(types_pb.Video(video_id="a", keyword_sets=sets))
    (found,) = service.recommend("london", explain=True).recommendations
    assert found.explanation.language == "fr-FR"


def test_a_written_video_is_recommended_when_the_call_returns(service: Service) -> None:
    for number in range(50):
        service.upsert(video(f"{number:02}", "london"))
        assert len(service.recommended("london", page_size=100)) == number + 1


@pytest.mark.parametrize("size, count", [(0, 20), (1, 1), (7, 7), (25, 25), (1_000, 30), (2_000_000_000, 30)])
def test_page_sizes(service: Service, size: int, count: int) -> None:
    service.upsert(*(video(f"{number:02}", "london") for number in range(30)))
    assert len(service.recommended("london", page_size=size)) == count


# --- published and expired ------------------------------------------------------------------------------------------


def test_what_is_not_published_yet_or_has_expired_is_never_returned(service: Service) -> None:
    service.upsert(
        video("past", "london", published_time=at(NOW - 60)),
        video("future", "london", published_time=at(NOW + 86_400)),
        video("expired", "london", expire_time=at(NOW - 60)),
        video("running", "london", published_time=at(NOW - 60), expire_time=at(NOW + 86_400)),
        video("always", "london"),
        video("never", "london", published_time=at(NOW + 86_400), expire_time=at(NOW - 60)),
    )
    assert service.recommended("london") == ["always", "past", "running"]


# --- filter ---------------------------------------------------------------------------------------------------------

FILTERS = {
    "an empty filter allows all": (types_pb.Filter(), "abcde"),
    "any value of an attribute": (types_pb.Filter(all_of=[has("genre", "drama", "news")]), "ab"),
    "the attribute exists": (types_pb.Filter(all_of=[has("genre")]), "ab"),
    "values belong to their attribute": (types_pb.Filter(all_of=[has("genre", "film")]), "a"),
    "values are compared exactly": (types_pb.Filter(all_of=[has("genre", "Film", "fil", " film")]), ""),
    "an unknown attribute": (types_pb.Filter(all_of=[has("colour")]), ""),
    "a language takes its regions": (types_pb.Filter(all_of=[speaks("en")]), "abc"),
    "a region takes only itself": (types_pb.Filter(all_of=[speaks("en-US")]), "ab"),
    "languages in any case": (types_pb.Filter(all_of=[speaks("DE-de")]), "d"),
    "ids": (types_pb.Filter(all_of=[one_of("e", "a", "nobody")]), "ae"),
    "duration from": (types_pb.Filter(all_of=[lasts(90.5)]), "bd"),
    "duration to": (types_pb.Filter(all_of=[lasts(None, 90.5)]), "ab"),
    "duration between": (types_pb.Filter(all_of=[lasts(60.1, 599.9)]), "b"),
    "unknown durations never match": (types_pb.Filter(all_of=[lasts(0)]), "abd"),
    "published from (inclusive)": (types_pb.Filter(all_of=[published(200)]), "bc"),
    "published before (exclusive)": (types_pb.Filter(all_of=[published(None, 200)]), "a"),
    "published between": (types_pb.Filter(all_of=[published(100, 300)]), "ab"),
    "all of": (types_pb.Filter(all_of=[has("genre"), speaks("en"), lasts(61)]), "b"),
    "any of": (types_pb.Filter(any_of=[has("genre", "news"), speaks("fr")]), "be"),
    "none of": (types_pb.Filter(none_of=[has("genre"), speaks("fr")]), "cd"),
    "none of what is unknown": (types_pb.Filter(none_of=[lasts(0), published(0)]), "e"),
    "all three parts": (
        types_pb.Filter(all_of=[speaks("en")], any_of=[lasts(0), published(0)], none_of=[one_of("a")]),
        "bc",
    ),
}


@pytest.mark.parametrize("allowed, expected", FILTERS.values(), ids=FILTERS.keys())
def test_filters(films: Service, allowed: types_pb.Filter, expected: str) -> None:
    assert films.recommended("london", filter=allowed) == list(expected)


def test_a_filter_changes_no_score(films: Service) -> None:
    scores = {one.video_id: one.score for one in films.recommend("london").recommendations}
    found = films.recommend("london", filter=types_pb.Filter(all_of=[speaks("en")])).recommendations
    assert {one.video_id: one.score for one in found} == {name: scores[name] for name in "abc"}


def test_a_filter_takes_a_hundred_conditions(films: Service) -> None:
    conditions = [one_of("a")] * 33 + [speaks("en")]
    allowed = types_pb.Filter(all_of=conditions, any_of=conditions[:33], none_of=[one_of("z")] * 33)
    assert films.recommended("london", filter=allowed) == ["a"]
    allowed.any_of.append(speaks("en"))
    assert failure(lambda: films.recommend("london", filter=allowed)).reason == "TOO_LARGE"


# --- other options --------------------------------------------------------------------------------------------------


def test_excluded_videos_are_not_returned_and_unknown_ones_reported_once(films: Service) -> None:
    answer = films.recommend("london", exclude_ids=["b", "nobody", "d", "nobody", "none"])
    assert [one.video_id for one in answer.recommendations] == ["a", "c", "e"]
    assert list(answer.missing_ids) == ["nobody", "none"]


def test_an_excluded_video_that_has_no_keywords_is_not_missing(service: Service) -> None:
    service.upsert(video("a", "london"), video("b"))
    assert list(service.recommend("london", exclude_ids=["b"]).missing_ids) == []


def test_at_most_a_thousand_missing_ids_are_reported(films: Service) -> None:
    unknown = [f"x{number}" for number in range(10_000)]
    assert list(films.recommend("london", exclude_ids=unknown).missing_ids) == unknown[:1_000]


def test_min_score_is_a_lower_bound_inclusive(service: Service) -> None:
    service.upsert(video("a", "london"), video("b", "london", "paris"), video("c", "london", "paris", "rome"))
    scores = {one.video_id: one.score for one in service.recommend("london").recommendations}
    assert service.recommended("london", min_score=0) == ["a", "b", "c"]
    assert service.recommended("london", min_score=scores["b"]) == ["a", "b"]
    assert service.recommended("london", min_score=scores["b"] + 1e-6) == ["a"]
    assert service.recommended("london", min_score=1) == ["a"]


def test_metadata_comes_on_request_and_without_keywords(service: Service) -> None:
    film = video("a", "london", title="London", duration_seconds=60.5, attributes=attributes(genre=["film"]))
    film.published_time.seconds, film.expire_time.seconds = NOW - 60, NOW + 86_400
    service.upsert(film)
    (plain,) = service.recommend("london").recommendations
    assert not plain.HasField("video")
    (found,) = service.recommend("london", include_metadata=True).recommendations
    film.ClearField("keyword_sets")
    found.video.ClearField("revision")
    assert found.video == film
    assert not found.HasField("explanation")


def test_an_explanation_brings_no_metadata(service: Service) -> None:
    service.upsert(video("a", "london", title="London"))
    (found,) = service.recommend("london", explain=True).recommendations
    assert found.HasField("explanation")
    assert not found.HasField("video")


# --- explanations ---------------------------------------------------------------------------------------------------


def test_an_explanation_names_keywords_interests_and_moments(service: Service) -> None:
    service.upsert(
        video("a", keyword("London Bridge", 0.9, (5, 12), (0, 10), (30, 31)), types_pb.Keyword(text="Rome"), "thames")
    )
    (found,) = service.recommend("london bridges", "rome", "bridge=3", explain=True).recommendations
    matched = {one.keyword: one for one in found.explanation.matched_keywords}
    assert set(matched) == {"London Bridge", "Rome"}
    bridge, rome = matched["London Bridge"], matched["Rome"]
    assert list(bridge.interests) == ["bridge", "london bridges"]
    assert [(one.start_seconds, one.end_seconds) for one in bridge.spans] == [(0, 12), (30, 31)]
    assert (bridge.confidence, bridge.on_screen_seconds) == (0.9, 13)
    assert (rome.confidence, rome.on_screen_seconds, list(rome.spans)) == (0.75, 1, [])
    assert list(rome.interests) == ["rome"]


def test_shares_add_up_to_the_score_largest_first(service: Service) -> None:
    service.upsert(
        video("a", "london", "london bridge", "bridge", "paris", keyword("rome", 0.3, (0, 1))),
        video("b", "bridge", "x"),
    )
    for found in service.recommend("london bridge=2", "bridge", "paris=-0.3", "rome", explain=True).recommendations:
        shares = [one.share for one in found.explanation.matched_keywords]
        assert sum(shares) == pytest.approx(found.score, abs=2e-6)
        assert [abs(share) for share in shares] == sorted(map(abs, shares), reverse=True)
        assert not found.explanation.boosts


def test_keywords_that_push_away_have_negative_shares(service: Service) -> None:
    service.upsert(video("a", "london", "paris"))
    (found,) = service.recommend("london=3", "paris=-1", explain=True).recommendations
    shares = {one.keyword: one.share for one in found.explanation.matched_keywords}
    assert shares["london"] > 0 > shares["paris"]


def test_what_follows_the_first_hundred_keywords_is_summed_up(service: Service) -> None:
    words = [f"word{number:03}" for number in range(130)]
    service.upsert(video("a", *words))
    (found,) = service.recommend(*words, explain=True).recommendations
    matched = found.explanation.matched_keywords
    assert len(matched) == 101
    assert (matched[100].keyword, list(matched[100].spans)) == ("", [])
    assert sum(one.share for one in matched) == pytest.approx(found.score, abs=2e-6)


def test_at_most_a_hundred_spans_and_three_interests_are_told(service: Service) -> None:
    service.upsert(video("a", keyword("a b c d", 1.0, *((second, second + 0.5) for second in range(150)))))
    (found,) = service.recommend("a", "b=4", "c=3", "d=2", explain=True).recommendations
    (matched,) = found.explanation.matched_keywords
    assert list(matched.interests) == ["b", "c", "d"]
    assert len(matched.spans) == 100
    assert matched.on_screen_seconds == 75


# --- paging ---------------------------------------------------------------------------------------------------------


def test_pages_make_up_the_list_without_repeats(service: Service) -> None:
    service.upsert(*(video(f"{number:02}", "london", *(["paris"] * (number % 3))) for number in range(25)))
    expected = service.recommended("london", page_size=100)
    found: list[str] = []
    token = ""
    sizes = []
    while True:
        page = service.recommend("london", page_size=7, page_token=token)
        found += [one.video_id for one in page.recommendations]
        sizes.append(len(page.recommendations))
        token = page.next_page_token
        if not token:
            break
    assert found == expected
    assert sizes == [7, 7, 7, 4]


def test_the_last_page_names_no_next_one(service: Service) -> None:
    service.upsert(*(video(name, "london") for name in "abcd"))
    assert service.recommend("london", page_size=4).next_page_token == ""
    first = service.recommend("london", page_size=2)
    assert service.recommend("london", page_size=2, page_token=first.next_page_token).next_page_token == ""


def test_no_video_is_returned_twice_whatever_is_written_between_pages(service: Service) -> None:
    service.upsert(*(video(name, "london", "paris") for name in "bcdefg"))
    first = service.recommend("london", page_size=3)
    assert [one.video_id for one in first.recommendations] == ["b", "c", "d"]
    service.delete("b", "e")
    service.upsert(video("a", "london"), video("c", "london"), video("d", "rome"), video("h", "london", "paris"))
    rest = service.recommended("london", page_size=10, page_token=first.next_page_token)
    assert rest == ["a", "f", "g", "h"]


def test_page_size_and_min_revision_may_change_between_pages(service: Service) -> None:
    revision = service.upsert(*(video(name, "london") for name in "abcd"))[-1].revision
    first = service.recommend("london", page_size=1, explain=True)
    second = service.recommended(
        "london", page_size=2, explain=True, min_revision=revision, page_token=first.next_page_token
    )
    assert second == ["b", "c"]


@pytest.mark.parametrize(
    "other",
    [
        {"min_score": 0.1},
        {"explain": True},
        {"include_metadata": True},
        {"exclude_ids": ["x"]},
        {"filter": types_pb.Filter(all_of=[one_of("a", "b")])},
    ],
    ids=lambda one: next(iter(one)),
)
def test_a_token_of_another_request_is_refused(service: Service, other: dict[str, object]) -> None:
    service.upsert(*(video(name, "london") for name in "abcd"))
    token = service.recommend("london", page_size=1).next_page_token
    refused = failure(lambda: service.recommend("london", page_token=token, **other))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")


def test_a_token_belongs_to_its_interests_and_its_catalog_whatever_that_is_called(service: Service) -> None:
    service.catalogs.CreateCatalog(catalog_pb.CreateCatalogRequest(name="films"))
    service.upsert(*(video(name, "london") for name in "abcd"))
    token = service.recommend("london", page_size=1).next_page_token
    assert service.recommended("london", page_token=token, catalog="default") == ["b", "c", "d"]
    for refused in (
        failure(lambda: service.recommend("london", "paris", page_token=token)),
        failure(lambda: service.recommend("london=2", page_token=token)),
        failure(lambda: service.recommend("london", page_token=token, catalog="films")),
    ):
        assert refused.reason == "INVALID_PAGE_TOKEN"


def test_filters_hold_on_every_page(films: Service) -> None:
    allowed = types_pb.Filter(none_of=[one_of("b")])
    first = films.recommend("london", filter=allowed, page_size=1, exclude_ids=["c"], min_score=0.5)
    token = first.next_page_token
    rest = films.recommended("london", filter=allowed, exclude_ids=["c"], min_score=0.5, page_token=token)
    assert ([one.video_id for one in first.recommendations], rest) == (["a"], ["d", "e"])


def test_at_most_a_thousand_videos_can_be_paged_through(service: Service) -> None:
    for start in (0, 600):
        service.upsert(*(video(f"{number:04}", "london") for number in range(start, start + 600)))
    found, token, pages = [], "", 0
    while pages == 0 or token:
        page = service.recommend("london", page_size=300, page_token=token)
        found += [one.video_id for one in page.recommendations]
        token, pages = page.next_page_token, pages + 1
    assert found == [f"{number:04}" for number in range(1_000)]
    assert pages == 4


# --- what cannot match ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["nothing", "!!!", "\u200b", "ﷺ", "\u200dzwj" * 60])
def test_interests_that_match_nothing_give_an_empty_answer(service: Service, text: str) -> None:
    service.upsert(video("a", "london"))
    answer = service.recommend(text, explain=True)
    assert list(answer.recommendations) == []
    assert (answer.next_page_token, answer.fallback) == ("", pb.FALLBACK_NONE)


def test_an_empty_catalog_gives_an_empty_answer(service: Service) -> None:
    assert service.recommended("london") == []


def test_ten_thousand_interests_are_taken(service: Service) -> None:
    service.upsert(video("a", "word9999"))
    assert service.recommended(*(f"word{number}" for number in range(10_000))) == ["a"]
    refused = failure(lambda: service.recommend(*(f"word{number}" for number in range(10_001))))
    assert (refused.reason, refused.fields[0][0]) == ("TOO_LARGE", "interests.interests")


@pytest.mark.parametrize("value", [nan, inf, -inf, -0.001, 1.001])
def test_min_score_is_from_0_to_1(service: Service, value: float) -> None:
    refused = failure(lambda: service.recommend("london", min_score=value))
    assert refused.fields[0][0] == "options.min_score"
