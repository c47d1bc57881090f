"""SearchMoments over the wire."""

from typing import Any

import pytest

from matchcut.v1 import search_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.service import Service, attributes, failure, keyword, video

LONDON = keyword("London", 0.8, (0, 5), (20, 25))


def asked(*keywords: str | pb.AskedKeyword) -> list[pb.AskedKeyword]:
    return [pb.AskedKeyword(keyword=one) if isinstance(one, str) else one for one in keywords]


def search(service: Service, *any_of: str | pb.AskedKeyword, **more: Any) -> pb.SearchMomentsResponse:
    for name in ("all_of", "none_of"):
        if name in more:
            more[name] = asked(*more[name])
    return service.search.SearchMoments(pb.SearchMomentsRequest(any_of=asked(*any_of), **more))


def spans(answer: pb.SearchMomentsResponse) -> list[tuple[str, float, float]]:
    return [(one.video_id, one.span.start_seconds, one.span.end_seconds) for one in answer.moments]


def test_moments_are_found_with_score_language_and_keywords(service: Service) -> None:
    service.upsert(video("a", LONDON, "Paris", duration_seconds=60), video("b", "Rome"))
    answer = search(service, "london")
    assert spans(answer) == [("a", 0, 5), ("a", 20, 25)]
    first = answer.moments[0]
    assert (first.language, list(first.keywords), list(first.matched_keywords)) == ("en-US", ["London"], [])
    assert first.score == pytest.approx(0.8 * 1.405465, abs=1e-5)
    assert not first.HasField("source_start_seconds")
    assert answer.index_revision
    assert not answer.HasField("total_count")
    assert not answer.next_page_token


def test_shares_explain_the_score_and_metadata_comes_once_a_video(service: Service) -> None:
    service.upsert(
        video("b", LONDON, keyword("London bridge", 0.9, (1, 2)), title="B", attributes=attributes(genre=["news"])),
        video("a", LONDON, title="A"),
    )
    answer = search(service, "london", explain=True, include_metadata=True, include_total=True)
    first = answer.moments[0]
    assert [(one.keyword, list(one.interests)) for one in first.matched_keywords] == [
        ("London bridge", ["london"]),
        ("London", ["london"]),
    ]
    assert sum(one.share for one in first.matched_keywords) == pytest.approx(first.score, abs=1e-6)
    assert [(one.start_seconds, one.end_seconds) for one in first.matched_keywords[0].spans] == [(1, 2)]
    assert [(one.video_id, one.title) for one in answer.videos] == [("a", "A"), ("b", "B")]
    assert answer.videos[1].attributes["genre"].values == ["news"]
    assert not answer.videos[1].keyword_sets
    assert answer.total_count == 4


def test_all_any_none_and_a_window(service: Service) -> None:
    service.upsert(
        video("a", LONDON, keyword("Paris", 0.8, (6.5, 8))),
        video("b", LONDON, keyword("Rome", 0.8, (0, 1))),
        video("c", keyword("Paris", 0.8, (30, 31)), LONDON),
    )
    assert {one for one, *_ in spans(search(service, all_of=["london", "paris"]))} == {"a", "c"}
    assert {one for one, *_ in spans(search(service, "london", none_of=["rome"]))} == {"a", "c"}
    assert spans(search(service, all_of=["london", "paris"], within_seconds=2)) == [("a", 0, 8)]
    assert ("b", 20, 25) in spans(search(service, "london", none_of=["rome"], within_seconds=2))
    exact = pb.AskedKeyword(keyword="lond", keyword_match=pb.KEYWORD_MATCH_EXACT)
    assert spans(search(service, exact)) == []


def test_pages_together_are_one_big_page(service: Service) -> None:
    service.upsert(*(video(f"v{number}", keyword("london", number / 10, (0, 1), (5, 6))) for number in range(1, 8)))
    for order in pb.MomentOrder.values():
        whole = search(service, "london", order=order, page_size=1000)
        assert len(whole.moments) == 14
        found, token = [], ""
        while True:
            page = search(service, "london", order=order, page_size=3, page_token=token)
            assert len(page.moments) <= 3
            found += spans(page)
            token = page.next_page_token
            if not token:
                break
        assert found == spans(whole)


def test_a_page_that_would_be_too_large_is_shorter_and_the_next_one_goes_on(service: Service) -> None:
    """Attributes of 60 kB each: some 65 videos fill an answer."""
    heavy = attributes(**{f"a{number}": [f"{place}" + "x" * 250 for place in range(24)] for number in range(10)})
    for first in range(0, 90, 30):
        service.upsert(*(video(f"v{first + number}", LONDON, attributes=heavy) for number in range(30)))
    found, token, pages = [], "", 0
    while True:
        page = search(service, "london", include_metadata=True, page_size=1000, page_token=token)
        assert page.ByteSize() < 4 * 1024 * 1024
        assert {one.video_id for one in page.videos} == {one.video_id for one in page.moments}
        found += spans(page)
        pages += 1
        token = page.next_page_token
        if not token:
            break
    assert pages >= 2
    assert found == spans(search(service, "london", page_size=1000))
    assert len(found) == 180


def test_when_nothing_matches_the_nearest_keywords_are_suggested_for_what_does_not_occur(service: Service) -> None:
    service.upsert(video("a", "Berlin"), video("b", "berlin"), video("c", "Berlin"), video("d", "London"))
    answer = search(service, all_of=["berln", "london"])
    [suggestion] = answer.suggestions
    assert suggestion.asked_keyword == "berln"
    [nearest] = suggestion.nearest_keywords
    assert (nearest.keyword, nearest.language, nearest.keyword_set_count) == ("Berlin", "en-US", 3)
    assert not search(service, "berln", "london").suggestions
    assert not search(service, "london", min_score=100).suggestions


def test_only_what_is_published_where_that_is_asked(service: Service) -> None:
    early = video("a", LONDON)
    early.published_time.FromSeconds(4_000_000_000)
    service.upsert(early, video("b", LONDON))
    assert {one for one, *_ in spans(search(service, "london"))} == {"a", "b"}
    assert {one for one, *_ in spans(search(service, "london", published_only=True))} == {"b"}
    only_a = types_pb.Filter(all_of=[types_pb.Condition(video_ids=types_pb.VideoIds(video_ids=["a"]))])
    assert {one for one, *_ in spans(search(service, "london", filter=only_a))} == {"a"}


def test_a_moment_of_a_video_cut_from_others_names_its_source(service: Service) -> None:
    instance = types_pb.Instance(
        start_seconds=1, end_seconds=3, source_video_id="x", source_start_seconds=101, source_end_seconds=103
    )
    cut = types_pb.Keyword(text="london", confidence=1, instances=[instance])
    service.upsert(video("a", cut))
    [moment] = search(service, "london").moments
    assert (moment.source_video_id, moment.source_start_seconds, moment.source_end_seconds) == ("x", 101, 103)


def test_what_is_wrong_is_told_all_at_once(service: Service) -> None:
    refused = failure(lambda: search(service, "", min_score=-1, order=9, within_seconds=-1))
    assert [field for field, _, _ in refused.fields] == ["within_seconds", "any_of[0].keyword", "min_score", "order"]
