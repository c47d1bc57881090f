"""Standing interests on the wire: written, listed and deleted."""

from typing import Any

import pytest

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import search_service_pb2 as search_pb
from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut_server.rpc import limits
from tests.rpc.service import Service, failure, interests
from tests.rpc.standing import drop, put, standing, statuses


def listed(service: Service, **fields: Any) -> pb.ListStandingInterestsResponse:
    return service.targeting.ListStandingInterests(pb.ListStandingInterestsRequest(**fields))


def ids(answer: pb.ListStandingInterestsResponse) -> list[str]:
    return [one.standing_interest_id for one in answer.standing_interests]


def test_they_are_created_changed_or_left_and_listed_as_they_were_sent(service: Service) -> None:
    rules = pb.PlacementRules(skip_first_seconds=5, excluded_keywords=[search_pb.AskedKeyword(keyword="war")])
    promotion = pb.Promotion(promotion_id="p", interests=[types_pb.Interest(keyword="boat")], rules=rules)
    adult = types_pb.Filter(none_of=[types_pb.Condition(language="de")])
    sent = [
        standing("a", "london=2", "football=-1", min_score=0.25, filter=adult),
        standing("b", promotion=promotion),
    ]
    first = put(service, *sent)
    assert statuses(first) == ["CREATED", "CREATED"]
    assert [one.id for one in first.results] == ["a", "b"]
    assert first.revision == first.results[1].revision == first.results[0].revision + 1

    again = put(service, sent[0], standing("b", "rome", revision=7))
    assert statuses(again) == ["UNCHANGED", "UPDATED"]
    assert (again.results[0].revision, again.revision) == (first.results[0].revision, first.revision + 1)

    answer = listed(service, min_revision=again.revision, include_total=True)
    sent[0].revision = first.results[0].revision
    assert list(answer.standing_interests) == [sent[0], standing("b", "rome", revision=again.revision)]
    assert (answer.total_count, answer.index_revision) == (2, again.revision)


def test_a_bad_one_never_spoils_the_others(service: Service) -> None:
    answer = put(service, standing("a", ""), standing("b", "london"), standing("b", "rome"), standing("c"))
    assert statuses(answer) == ["REJECTED", "CREATED", "REJECTED", "REJECTED"]
    fields = [error.field for one in answer.results for error in one.field_errors]
    assert fields == ["interests.interests[0].keyword", "standing_interest_id", ""]
    assert ids(listed(service)) == ["b"]


def test_what_is_sent_without_anything_written_tells_the_current_revision(service: Service) -> None:
    revision = put(service, standing("a", "london")).revision
    assert put(service, standing("", "london")).revision == revision
    assert drop(service, "nobody").revision == revision


def test_deleted_ones_are_gone(service: Service) -> None:
    before = put(service, standing("a", "london"), standing("b", "london")).revision
    answer = drop(service, "a", "a", "nobody", "")
    assert statuses(answer) == ["DELETED", "NOT_FOUND", "NOT_FOUND", "REJECTED"]
    assert answer.revision == before + 1
    assert ids(listed(service)) == ["b"]


def test_pages_are_one_big_page_by_the_bytes_of_the_ids(service: Service) -> None:
    names = ["b", "Z", "a", "é", "\U0001f600", "\uffee", "aa"]
    put(service, *(standing(name, "london") for name in names))
    for asked in ([], ["é", "nobody", "Z", "a", "Z", "nothing"]):
        whole = listed(service, standing_interest_ids=asked, include_total=True)
        expected = sorted(set(asked or names) & set(names), key=str.encode)
        assert ids(whole) == expected
        assert whole.total_count == len(expected)
        assert list(whole.missing_ids) == (["nobody", "nothing"] if asked else [])
        for size in (1, 2, 3, 7):
            found: list[str] = []
            token = ""
            while True:
                page = listed(
                    service, standing_interest_ids=asked, page_size=size, page_token=token, include_total=True
                )
                assert page.total_count == len(expected)
                assert list(page.missing_ids) == (list(whole.missing_ids) if not token else [])
                found += ids(page)
                token = page.next_page_token
                if not token:
                    break
            assert found == expected


def test_large_ones_are_listed_in_pages_that_fit_into_an_answer(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = [f"{number:04}" + "x" * 250 for number in range(7_000)]
    for name in "abc":
        assert statuses(put(service, standing(name, *wide))) == ["CREATED"]
    first = listed(service)
    assert ids(first) == ["a", "b"]
    assert ids(listed(service, page_token=first.next_page_token)) == ["c"]
    monkeypatch.setattr(limits, "MAX_STANDING_BYTES", 1_000)
    (result,) = put(service, standing("d", *wide)).results
    assert "use fewer or shorter keywords" in result.field_errors[0].message


def test_a_catalog_takes_no_more_than_its_limit(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_STANDING_INTERESTS", 2)
    answer = put(service, *(standing(name, "london") for name in "abc"))
    assert statuses(answer) == ["CREATED", "CREATED", "REJECTED"]
    assert "delete some first" in answer.results[2].field_errors[0].message


def test_nothing_crosses_catalogs(service: Service) -> None:
    service.send(catalog_pb.CreateCatalogRequest(name="films"))
    put(service, standing("a", "london"), catalog="films")
    put(service, standing("b", "london"))
    assert ids(listed(service)) == ["b"]
    assert statuses(drop(service, "a")) == ["NOT_FOUND"]
    assert ids(listed(service, catalog="films")) == ["a"]


def test_fields_that_nobody_knows_are_not_kept(service: Service) -> None:
    message = pb.StandingInterest(standing_interest_id="a", interests=interests("london"))
    unknown = pb.StandingInterest.FromString(message.SerializeToString() + b"\xfa\x3e\x03abc")
    put(service, unknown)
    (kept,) = listed(service).standing_interests
    assert kept == standing("a", "london", revision=kept.revision)


def test_a_token_belongs_to_its_request(service: Service) -> None:
    put(service, standing("a", "london"), standing("b", "london"))
    token = listed(service, page_size=1).next_page_token
    refused = failure(lambda: listed(service, page_token=token, include_total=True))
    assert refused.reason == "INVALID_PAGE_TOKEN"
