"""Placements over the wire: where promotions fit, what is told of it, and pages."""

from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import search_service_pb2 as search_pb
from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut_server.rpc import limits
from tests.rpc.service import Service, attributes, failure, interests, keyword, video

FAR = 4_000_000_000
"""In Unix seconds; after any test."""


def promotion(promotion_id: str, *keywords: str, seeds: Any = (), **more: Any) -> pb.Promotion:
    """Make a promotion of `keyword` or `keyword=weight`."""
    own = interests(*keywords).interests
    videos = [recommendation_pb.VideoSeed(video_id=seed) for seed in seeds]
    return pb.Promotion(promotion_id=promotion_id, interests=own, seeds=videos, **more)


def match(service: Service, *promotions: pb.Promotion, distance: float = 0, **more: Any) -> pb.MatchPlacementsResponse:
    """Ask for placements; `distance` is that of the request's rules, if `more` does not hold any."""
    more.setdefault("rules", pb.PlacementRules(min_distance_seconds=distance))
    return service.targeting.MatchPlacements(pb.MatchPlacementsRequest(promotions=promotions, **more))


def match_in(service: Service, video_id: str, *promotions: pb.Promotion, **more: Any) -> pb.MatchPromotionsResponse:
    """Ask for placements in one video."""
    more.setdefault("rules", pb.PlacementRules(min_distance_seconds=0))
    request = pb.MatchPromotionsRequest(video_id=video_id, promotions=promotions, **more)
    return service.targeting.MatchPromotions(request)


def where(answer: pb.MatchPlacementsResponse | pb.MatchPromotionsResponse) -> list[tuple[str, str, float]]:
    return [(one.promotion_id, one.moment.video_id, one.slot_seconds) for one in answer.placements]


def asked(*keywords: str) -> list[search_pb.AskedKeyword]:
    return [search_pb.AskedKeyword(keyword=one) for one in keywords]


@pytest.fixture
def films(service: Service) -> Service:
    """Three videos of 100 seconds about towns."""
    service.upsert(
        video(
            "a",
            keyword("London", 1.0, (10, 20), (20.5, 30), (70, 80)),
            keyword("Rome", 1.0, (72, 79)),
            duration_seconds=100,
            title="A",
            attributes=attributes(kind=["news"]),
        ),
        video("b", keyword("London Bridge", 1.0, (40, 50)), keyword("war", 1.0, (90, 95)), duration_seconds=100),
        video("c", keyword("Paris", 1.0, (0, 5)), duration_seconds=100),
    )
    return service


# --- what is found ----------------------------------------------------------------------------------------------------


def test_moments_are_spans_of_matching_keywords_best_first(films: Service) -> None:
    answer = match(films, promotion("p", "London"), explain=True)
    assert where(answer) == [("p", "a", 10.0), ("p", "a", 70.0), ("p", "b", 40.0)]
    first, second, third = (one.moment for one in answer.placements)
    assert (first.span.start_seconds, first.span.end_seconds) == (10.0, 30.0)  # half a second is no gap
    assert first.score == 1.0  # nothing else is on screen then
    assert 0 < third.score < second.score < 1  # Rome is on screen too; London Bridge shares a word
    assert (first.language, list(first.keywords)) == ("en-US", ["London"])
    assert answer.next_page_token == ""
    assert answer.index_revision > 0
    for moment in (first, second, third):
        assert sum(one.share for one in moment.matched_keywords) == pytest.approx(moment.score, abs=1e-6)
        for one in moment.matched_keywords:
            assert list(one.interests) == ["London"]
            assert all(
                moment.span.start_seconds <= span.start_seconds < span.end_seconds <= moment.span.end_seconds
                for span in one.spans
            )
    (told,) = first.matched_keywords
    assert [(span.start_seconds, span.end_seconds) for span in told.spans] == [(10.0, 20.0), (20.5, 30.0)]
    assert told.on_screen_seconds == pytest.approx(29.5)


def test_what_is_near_counts_as_far_as_the_context_goes(films: Service) -> None:
    films.upsert(video("d", keyword("London", 1.0, (0, 10)), keyword("Oslo", 1.0, (15, 20)), duration_seconds=60))
    only = types_pb.Filter(all_of=[types_pb.Condition(video_ids=types_pb.VideoIds(video_ids=["d"]))])
    rules = pb.PlacementRules(filter=only)
    (alone,) = match(films, promotion("p", "London"), rules=rules, context_seconds=5).placements
    (beside,) = match(films, promotion("p", "London"), rules=rules).placements  # 10 seconds
    assert alone.moment.score == 1.0
    assert beside.moment.score < 1.0
    (both,) = match(films, promotion("p", "London", "Oslo"), rules=rules, explain=True).placements
    assert (both.slot_seconds, list(both.moment.keywords)) == (15.0, ["Oslo", "London"])
    told = {one.keyword: len(one.spans) for one in both.moment.matched_keywords}
    assert told == {"Oslo": 1, "London": 0}  # what is only near has no span inside the moment


def test_a_video_that_is_not_there_has_no_placements_but_promotions_can_be_planned_for_it(films: Service) -> None:
    films.upsert(
        video("soon", "Oslo", duration_seconds=60, published_time=Timestamp(seconds=FAR)),
        video("past", "Oslo", duration_seconds=60, expire_time=Timestamp(seconds=1)),
    )
    assert where(match(films, promotion("p", "Oslo"))) == []
    assert where(match_in(films, "soon", promotion("p", "Oslo"))) == [("p", "soon", 0.0)]
    assert where(match_in(films, "past", promotion("p", "Oslo"))) == [("p", "past", 0.0)]


def test_promotions_share_slots_by_weight_and_score(films: Service) -> None:
    towns = promotion("towns", "London", "Rome")
    london = promotion("london", "London")
    assert where(match(films, towns, london)) == [("london", "a", 10.0), ("towns", "a", 70.0), ("london", "b", 40.0)]
    heavy = promotion("towns", "London", "Rome", weight=5)
    assert {owner for owner, _, _ in where(match(films, heavy, london))} == {"towns"}
    assert [one.moment.score for one in match(films, heavy).placements] == [
        one.moment.score for one in match(films, towns).placements
    ]
    one_each = pb.PlacementRules(max_placements=1)
    most = promotion("towns", "London", "Rome", weight=5, rules=one_each)
    assert where(match(films, most, london)) == [("towns", "a", 70.0), ("london", "a", 10.0), ("london", "b", 40.0)]


def test_rules_hold_for_all_together_and_for_each(films: Service) -> None:
    london = promotion("p", "London")
    assert where(match(films, london, distance=60)) == [("p", "a", 10.0), ("p", "a", 70.0), ("p", "b", 40.0)]
    assert where(match(films, london, distance=60.5)) == [("p", "a", 10.0), ("p", "b", 40.0)]
    assert where(match(films, london, rules=None)) == [("p", "a", 10.0), ("p", "a", 70.0), ("p", "b", 40.0)]
    for rules, expected in (
        (pb.PlacementRules(max_placements_per_video=1), [10.0, 40.0]),
        (pb.PlacementRules(max_placements=2), [10.0, 70.0]),
        (pb.PlacementRules(skip_first_seconds=10), [10.0, 70.0, 40.0]),
        (pb.PlacementRules(skip_first_seconds=10.5), [70.0, 40.0]),
        (pb.PlacementRules(skip_last_seconds=30), [10.0, 70.0, 40.0]),
        (pb.PlacementRules(skip_last_seconds=30.5), [10.0, 40.0]),
    ):
        rules.min_distance_seconds = 0
        assert [slot for _, _, slot in where(match(films, london, rules=rules))] == expected
        own = promotion("p", "London", rules=rules)
        assert [slot for _, _, slot in where(match(films, own))] == expected


def test_a_promotion_is_never_placed_in_its_own_seeds(films: Service) -> None:
    answer = match(films, promotion("p", seeds=["a", "nobody", "nobody"]), promotion("q", "Rome", seeds=["none"]))
    assert {video_id for owner, video_id, _ in where(answer) if owner == "p"} == {"b"}
    assert {video_id for owner, video_id, _ in where(answer) if owner == "q"} == {"a"}
    assert list(answer.missing_ids) == ["nobody", "none"]
    assert where(match_in(films, "a", promotion("p", seeds=["a"]))) == []


# --- brand safety -----------------------------------------------------------------------------------------------------


def test_an_excluded_keyword_excludes_the_whole_video_in_any_language(films: Service) -> None:
    safe = pb.PlacementRules(excluded_keywords=asked("war"))
    assert {video_id for _, video_id, _ in where(match(films, promotion("p", "London"), rules=safe))} == {"a"}
    german = types_pb.KeywordSet(language="de-DE", keywords=[keyword("War", 0.3)])
    english = types_pb.KeywordSet(language="en-US", keywords=[keyword("London", 1.0, (10, 20))])
    films.upsert(video("a", duration_seconds=100, keyword_sets=[german, english]))
    assert where(match(films, promotion("p", "London"), rules=safe)) == []
    assert where(match_in(films, "a", promotion("p", "London"), rules=safe)) == []
    assert where(match(films, promotion("p", "London", rules=safe), promotion("q", "London"))) == [
        ("q", "a", 10.0),
        ("q", "b", 40.0),
    ]


def test_an_excluded_keyword_nearby_excludes_only_what_is_near(films: Service) -> None:
    films.upsert(
        video(
            "news",
            keyword("London", 1.0, (10, 20), (60, 70)),
            keyword("civil wars", 0.1, (28, 40)),
            duration_seconds=99,
        )
    )
    rules = pb.PlacementRules(min_distance_seconds=0, excluded_nearby_keywords=asked("war"))
    for more, expected in (({}, [60.0]), ({"context_seconds": 7}, [10.0, 60.0]), ({"context_seconds": 21}, [])):
        found = match_in(films, "news", promotion("p", "London"), rules=rules, **more)
        assert [slot for _, _, slot in where(found)] == expected
        own = match_in(films, "news", promotion("p", "London", rules=rules), **more)
        assert where(own) == where(found)
    exact = [search_pb.AskedKeyword(keyword="war", keyword_match=search_pb.KEYWORD_MATCH_EXACT)]
    rules = pb.PlacementRules(min_distance_seconds=0, excluded_nearby_keywords=exact)
    assert len(match_in(films, "news", promotion("p", "London"), rules=rules).placements) == 2


# --- slots of one video -----------------------------------------------------------------------------------------------


def test_each_slot_gets_the_best_promotion(films: Service) -> None:
    answer = match_in(
        films,
        "a",
        promotion("london", "London"),
        promotion("rome", "Rome"),
        slot_seconds=[75.5, 15, 50, 100, 101],
        context_seconds=3.5,
        include_total=True,
    )
    assert [(owner, slot) for owner, _, slot in where(answer)] == [("london", 15.0), ("rome", 75.5)]
    assert answer.total_count == 2
    first = answer.placements[0].moment
    assert (first.span.start_seconds, first.span.end_seconds, first.score) == (11.5, 18.5, 1.0)


def test_rules_hold_for_slots_too(films: Service) -> None:
    slots = [15, 25, 75]

    def taken(**rules: Any) -> list[float]:
        more = pb.PlacementRules(min_distance_seconds=0, **rules)
        found = match_in(films, "a", promotion("p", "London"), slot_seconds=slots, rules=more)
        return [slot for _, _, slot in where(found)]

    assert taken() == slots
    assert taken(skip_first_seconds=20) == [25, 75]
    assert taken(skip_last_seconds=50) == [15, 25]
    assert taken(max_placements=1) == [15]
    assert taken(excluded_nearby_keywords=asked("rome")) == [15, 25]
    news = types_pb.Condition(attribute=types_pb.AttributeCondition(name="kind", values=["film"]))
    assert taken(filter=types_pb.Filter(all_of=[news])) == []
    assert taken(filter=types_pb.Filter(none_of=[news])) == slots


def test_a_video_that_does_not_exist_is_not_found(films: Service) -> None:
    refused = failure(lambda: match_in(films, "nobody", promotion("p", "London")))
    assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "VIDEO_NOT_FOUND")
    films.upsert(video("bare"))
    assert where(match_in(films, "bare", promotion("p", "London"), slot_seconds=[0])) == []


# --- pages, totals, metadata ------------------------------------------------------------------------------------------


def test_pages_together_are_one_big_page(films: Service) -> None:
    films.upsert(*(video(f"v{n}", keyword("London", 1.0, (n, n + 9)), f"word{n}") for n in range(20)))
    promotions = promotion("p", "London"), promotion("q", "London", "Rome", weight=1.1)
    whole = match(films, *promotions, page_size=1000, include_total=True)
    assert whole.total_count == len(whole.placements) == 23
    given, token = [], ""
    while True:
        page = match(films, *promotions, page_size=4, page_token=token, include_total=True)
        assert page.total_count == 23
        given += where(page)
        token = page.next_page_token
        if not token:
            break
    assert given == where(whole)
    in_a = match_in(films, "a", *promotions, page_size=1)
    rest = match_in(films, "a", *promotions, page_size=1, page_token=in_a.next_page_token)
    assert where(in_a) + where(rest) == where(match_in(films, "a", *promotions))
    assert rest.next_page_token == ""


def test_a_page_holds_what_fits_into_an_answer(films: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = where(match(films, promotion("p", "London")))
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 10)
    first = match(films, promotion("p", "London"))
    assert where(first) == whole[:1]
    second = match(films, promotion("p", "London"), page_token=first.next_page_token)
    assert where(second) == whole[1:2]
    in_a = match_in(films, "a", promotion("p", "London"))
    assert (len(in_a.placements), bool(in_a.next_page_token)) == (1, True)


def test_no_more_can_be_paged_through_than_the_contract_says(films: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PLACEMENTS", 2)
    answer = match(films, promotion("p", "London"), include_total=True)
    assert (len(answer.placements), answer.total_count, answer.next_page_token) == (2, 2, "")


def test_metadata_comes_once_a_video_and_on_request(films: Service) -> None:
    answer = match(films, promotion("p", "London"), include_metadata=True)
    assert [(one.video_id, one.title, len(one.keyword_sets)) for one in answer.videos] == [("a", "A", 0), ("b", "", 0)]
    assert not match(films, promotion("p", "London")).videos
    assert not match(films, promotion("p", "London")).placements[0].moment.matched_keywords


def test_a_token_of_another_request_is_refused(films: Service) -> None:
    token = match(films, promotion("p", "London"), page_size=1).next_page_token
    refused = failure(lambda: match(films, promotion("p", "Rome"), page_token=token))
    assert refused.reason == "INVALID_PAGE_TOKEN"


def test_least_scores_hold(films: Service) -> None:
    assert len(match(films, promotion("p", "London"), min_score=1).placements) == 1
    assert match(films, promotion("p", "nowhere")).placements == []


def test_a_moment_of_a_project_tells_its_source(service: Service) -> None:
    def cut(start: float, end: float, source: str, at: float) -> types_pb.Instance:
        length = end - start
        return types_pb.Instance(
            start_seconds=start,
            end_seconds=end,
            source_video_id=source,
            source_start_seconds=at,
            source_end_seconds=at + length,
        )

    london = types_pb.Keyword(
        text="London",
        confidence=1.0,
        instances=[cut(0, 10, "x", 100), cut(30, 35, "x", 130), cut(35, 40, "y", 0)],
    )
    service.upsert(video("project", london, duration_seconds=60))
    first, second = match(service, promotion("p", "London")).placements
    told = first.moment
    assert (told.source_video_id, told.source_start_seconds, told.source_end_seconds) == ("x", 100.0, 110.0)
    assert (second.slot_seconds, second.moment.source_video_id) == (30.0, "")
    assert not second.moment.HasField("source_start_seconds")
