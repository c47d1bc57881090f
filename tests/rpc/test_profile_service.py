"""`ProfileService`, end to end."""

import time
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import profile_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut_server.insights.report import Report
from matchcut_server.rpc import limits
from matchcut_server.rpc.profile_requests import read_event
from tests.rpc.service import (
    SOME_TIME,
    Service,
    attributes,
    declared,
    event,
    failure,
    keyword,
    serving,
    video,
)

CREATED, UPDATED, UNCHANGED, DELETED, NOT_FOUND, REJECTED = (
    types_pb.WriteStatus.Value(f"WRITE_STATUS_{name}")
    for name in ("CREATED", "UPDATED", "UNCHANGED", "DELETED", "NOT_FOUND", "REJECTED")
)


def statuses(results: Any) -> list[int]:
    return [result.status for result in results]


def listed(service: Service, **request: Any) -> pb.ListProfilesResponse:
    return service.profiles.ListProfiles(pb.ListProfilesRequest(**request))


def all_listed(service: Service, **request: Any) -> list[str]:
    """List all pages, and return the ids."""
    return [profile.user_id for page in pages(service, **request) for profile in page.profiles]


def pages(service: Service, **request: Any) -> Iterator[pb.ListProfilesResponse]:
    while True:
        page = listed(service, **request)
        yield page
        if not page.next_page_token:
            return
        request["page_token"] = page.next_page_token


def where(**condition: Any) -> pb.ProfileFilter:
    return pb.ProfileFilter(all_of=[pb.ProfileCondition(**condition)])


def merge(service: Service, *pairs: tuple[str, str]) -> pb.MergeProfilesResponse:
    merges = [pb.ProfileMerge(from_user_id=gone, into_user_id=stays) for gone, stays in pairs]
    return service.profiles.MergeProfiles(pb.MergeProfilesRequest(merges=merges))


def remove(service: Service, *user_ids: str) -> pb.DeleteProfilesResponse:
    return service.profiles.DeleteProfiles(pb.DeleteProfilesRequest(user_ids=user_ids))


def missing(service: Service, user_id: str) -> bool:
    refused = failure(lambda: service.user(user_id))
    return (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "PROFILE_NOT_FOUND")


# --- declared parts ---------------------------------------------------------------------------------------------------


def test_what_is_declared_is_read_as_it_was_given(service: Service) -> None:
    profile = pb.Profile(
        user_id="ada",
        interests=[
            types_pb.Interest(keyword="Film Festival", weight=2.5, language="de"),
            types_pb.Interest(keyword="football", weight=-1),
        ],
        attributes=attributes(region=["eu", "uk"], plan=["free"]),
        targeting_allowed=True,
        derived_share=0.25,
        half_life_days=0,
    )
    (result,) = service.declare(profile)
    assert (result.id, result.status) == ("ada", CREATED)
    answer = service.user("ada")
    assert answer.profile.revision == result.revision <= answer.index_revision
    profile.revision = result.revision
    assert answer.profile == profile


def test_what_is_left_out_is_as_the_contract_says(service: Service) -> None:
    profile = pb.Profile(user_id="ada", interests=[types_pb.Interest(keyword="london")], event_count=7, revision=9)
    profile.last_event_time.GetCurrentTime()
    service.declare(profile)
    found = service.user("ada").profile
    assert found.interests[0].weight == 1
    assert not found.HasField("derived_share")
    assert not found.HasField("half_life_days")
    assert (found.event_count, found.HasField("last_event_time")) == (0, False)  # only in answers
    assert found.revision != 9


def test_a_write_replaces_the_declared_part_whole_and_leaves_events(service: Service) -> None:
    service.record(event("1", "ada"))
    service.declare(declared("ada", "london", attributes=attributes(region=["eu"]), derived_share=0.1))
    results = service.declare(declared("ada", "paris"))
    assert statuses(results) == [UPDATED]
    profile = service.user("ada").profile
    assert [one.keyword for one in profile.interests] == ["paris"]
    assert not profile.attributes
    assert not profile.HasField("derived_share")
    assert profile.event_count == 1


def test_the_same_again_is_unchanged_and_keeps_its_revision(service: Service) -> None:
    profile = declared("ada", "london", attributes=attributes(region=["eu"], plan=["free"]))
    (first,) = service.declare(profile)
    (again,) = service.declare(profile)
    assert (again.status, again.revision) == (UNCHANGED, first.revision)


def test_a_mask_writes_the_fields_it_names_and_leaves_the_others(service: Service) -> None:
    service.declare(declared("ada", "london", attributes=attributes(region=["eu"]), targeting_allowed=True))
    changed = declared("ada", "paris", attributes=attributes(region=["us"]), derived_share=0.2)
    assert statuses(service.declare(changed, mask=["interests", "derived_share", "interests"])) == [UPDATED]
    profile = service.user("ada").profile
    assert [one.keyword for one in profile.interests] == ["paris"]
    assert profile.derived_share == 0.2
    assert profile.attributes["region"].values == ["eu"]
    assert profile.targeting_allowed
    service.declare(declared("ada"), mask=["derived_share"])
    assert not service.user("ada").profile.HasField("derived_share")


def test_what_a_mask_leaves_out_of_a_new_profile_is_empty(service: Service) -> None:
    profile = declared("ada", "london", attributes=attributes(region=["eu"]), targeting_allowed=True, half_life_days=9)
    assert statuses(service.declare(profile, mask=["attributes"])) == [CREATED]
    found = service.user("ada").profile
    assert (list(found.interests), found.targeting_allowed, found.HasField("half_life_days")) == ([], False, False)
    assert found.attributes["region"].values == ["eu"]


def test_one_bad_item_never_spoils_the_others(service: Service) -> None:
    request = pb.UpsertProfilesRequest(
        profiles=[declared("ada", "x"), declared(""), declared("bob", "x=nan"), declared("ada", "y"), declared("eve")]
    )
    answer = service.profiles.UpsertProfiles(request)
    assert [(one.index, one.id) for one in answer.results] == [(0, "ada"), (1, ""), (2, "bob"), (3, "ada"), (4, "eve")]
    assert statuses(answer.results) == [CREATED, REJECTED, REJECTED, REJECTED, CREATED]
    assert answer.results[3].field_errors[0].reason == "DUPLICATE_ID"
    assert answer.revision == max(one.revision for one in answer.results)
    assert all_listed(service) == ["ada", "eve"]
    assert [one.keyword for one in service.user("ada").profile.interests] == ["x"]


def test_all_that_is_wrong_with_an_item_is_told_at_once(service: Service) -> None:
    profile = declared("", "=1", "x=inf", attributes=attributes(region=[]), derived_share=2, half_life_days=-1)
    (result,) = service.declare(profile)
    assert [one.field for one in result.field_errors] == [
        "user_id",
        "interests[0].keyword",
        "interests[1].weight",
        "attributes['region']",
        "derived_share",
        "half_life_days",
    ]


def test_the_largest_profile_comes_back_whole_in_one_answer(service: Service) -> None:
    interests = [types_pb.Interest(keyword=f"{number:0>185}", language="en") for number in range(10_000)]
    assert statuses(service.declare(pb.Profile(user_id="ada", interests=interests))) == [CREATED]
    service.upsert(video("a", *(f"{number:0>200}" for number in range(1_000))))
    service.record(event("1", "ada", watched_spans=[types_pb.TimeSpan(start_seconds=0, end_seconds=9)] * 1_000))
    answer = service.user("ada", include_derived_interests=True, include_events=True)
    assert (len(answer.profile.interests), len(answer.derived_interests), len(answer.events)) == (10_000, 1_000, 1)
    assert 2_000_000 < answer.ByteSize() < 4 * 1024 * 1024


def test_a_request_that_writes_nothing_answers_with_the_newest_revision(service: Service) -> None:
    (result,) = service.declare(declared("ada"))
    answer = service.profiles.UpsertProfiles(pb.UpsertProfilesRequest(profiles=[declared("ada"), declared("")]))
    assert answer.revision == result.revision
    assert remove(service, "eve").revision == result.revision
    assert merge(service, ("eve", "ada")).revision == result.revision
    assert service.profiles.RecordEvents(pb.RecordEventsRequest(events=[event("")])).revision == result.revision


# --- events -----------------------------------------------------------------------------------------------------------


def test_an_event_comes_back_as_it_was_recorded(service: Service) -> None:
    service.upsert(video("a", "london", duration_seconds=100))
    whole = pb.Event(
        event_id="1",
        user_id="ada",
        video_id="a",
        kind=pb.EVENT_KIND_VIEW,
        event_time=Timestamp(seconds=SOME_TIME, nanos=123_456_000),
        watched_seconds=12.5,
        watched_spans=[
            types_pb.TimeSpan(start_seconds=90, end_seconds=1e9),
            types_pb.TimeSpan(start_seconds=0, end_seconds=5.25),
            types_pb.TimeSpan(start_seconds=0, end_seconds=5.25),
        ],
        recommendation_id="r" * 512,
        promotion_id="p",
        weight=0.5,
    )
    least = pb.Event(
        event_id="2",
        user_id="ada",
        promotion_id="p",
        kind=pb.EVENT_KIND_IMPRESSION,
        event_time=Timestamp(seconds=SOME_TIME + 1),
    )
    share = event("3", "ada", time=SOME_TIME + 2, watched_share=0.0)
    answer = service.profiles.RecordEvents(pb.RecordEventsRequest(events=[whole, least, share]))
    assert statuses(answer.results) == [CREATED] * 3
    assert [one.id for one in answer.results] == ["1", "2", "3"]
    least.weight = share.weight = 1  # what counts where none is given
    found = service.user("ada", include_events=True)
    assert list(found.events) == [whole, least, share]
    assert found.profile.event_count == 3
    assert found.profile.last_event_time == share.event_time
    assert found.next_page_token == ""


def test_a_user_without_a_profile_gets_one_by_an_event(service: Service) -> None:
    service.record(event("1", "ada"))
    profile = service.user("ada").profile
    assert (profile.event_count, list(profile.interests), profile.targeting_allowed) == (1, [], False)
    assert statuses(service.declare(declared("ada", "london"))) == [UPDATED]


def test_of_events_with_the_same_id_the_first_is_recorded_whatever_the_others_hold(service: Service) -> None:
    results = service.record(event("1", "ada"), event("1", "bob"), event("2", "ada"), event("1", "ada", kind="HIDE"))
    assert statuses(results) == [CREATED, UNCHANGED, CREATED, UNCHANGED]
    assert statuses(service.record(event("1", "bob", "z", "LIKE"), event("3", "ada"))) == [UNCHANGED, CREATED]
    assert [one.event_id for one in service.user("ada", include_events=True).events] == ["1", "2", "3"]
    assert missing(service, "bob")


def test_unknown_videos_are_told_once_and_credited_when_they_arrive(service: Service) -> None:
    service.upsert(video("a", "london"))
    events = [
        event("1"),
        event("2", video_id="z"),
        event("3", video_id="z"),
        event("4", "bob", "y"),
        event("", "", "x"),
    ]
    answer = service.profiles.RecordEvents(pb.RecordEventsRequest(events=events))
    assert list(answer.missing_ids) == ["z", "y"]
    assert [one.keyword for one in derived(service)] == ["london"]
    service.upsert(video("z", "paris"))
    assert {one.keyword for one in derived(service)} == {"london", "paris"}


def test_events_come_page_by_page_in_the_order_of_time_and_id(service: Service) -> None:
    times = {"e": 5, "a": 5, "c": 1, "b": 9, "d": 7, "f": 7}
    service.record(*(event(name, time=SOME_TIME + second) for name, second in times.items()))
    found: list[str] = []
    token = ""
    while True:
        page = service.user("ada", include_events=True, page_size=4 if token else 1, page_token=token)
        found += [one.event_id for one in page.events]
        token = page.next_page_token
        if not token:
            break
        service.record(event(f"new {len(found)}", time=SOME_TIME))  # before all that are still to come
    assert found == ["c", "a", "e", "d", "f", "b"]


def test_a_page_of_events_ends_early_where_the_answer_would_be_too_large(service: Service) -> None:
    spans = [types_pb.TimeSpan(start_seconds=at, end_seconds=at + 0.5) for at in range(1, 1_001)]
    service.record(*(event(f"{number:03}", watched_spans=spans) for number in range(300)))
    first = service.user("ada", include_events=True, page_size=1_000)
    assert 100 < len(first.events) < 300
    assert first.ByteSize() < 4 * 1024 * 1024
    rest = service.user("ada", include_events=True, page_size=1_000, page_token=first.next_page_token)
    assert len(first.events) + len(rest.events) == 300
    assert rest.next_page_token == ""


@pytest.mark.parametrize(
    "seconds, refused", [(1_000.0, False), (4_600.0, False), (4_600.5, True), (0.0, False), (-0.5, True)]
)
def test_events_lie_between_1970_and_an_hour_ahead_of_the_clock(seconds: float, refused: bool) -> None:
    report = Report()
    moment = Timestamp()
    moment.FromNanoseconds(round(seconds * 1e9))
    taken = read_event(event("1", event_time=moment), 1_000.0, report)
    assert [one.field for one in report.violations] == (["event_time"] if refused else [])
    assert taken.time == seconds


# --- what is derived --------------------------------------------------------------------------------------------------


def derived(service: Service, user_id: str = "ada") -> list[types_pb.Interest]:
    return list(service.user(user_id, include_derived_interests=True).derived_interests)


def weights(service: Service) -> list[tuple[str, Any]]:
    return [(one.keyword, one.weight) for one in derived(service)]


def test_derived_interests_are_the_keywords_of_what_was_watched_and_judged(service: Service) -> None:
    service.upsert(video("a", "london"), video("b", "paris"), video("c", "rome", "oslo"))
    service.record(event("1", "ada", "a"), event("2", "ada", "b", "DISLIKE"))
    assert weights(service) == [
        ("london", pytest.approx(0.5)),
        ("paris", pytest.approx(-0.5)),
    ]
    service.record(event("3", "ada", "c", "IMPRESSION"), event("4", "ada", "a", "LIKE"))
    assert weights(service) == [
        ("london", pytest.approx(3 / sqrt(20))),
        ("paris", pytest.approx(-1 / sqrt(20))),
    ]


def test_a_view_credits_what_was_on_screen_in_the_watched_spans(service: Service) -> None:
    service.upsert(video("a", keyword("london", 1, (0, 10)), keyword("paris", 1, (20, 30)), duration_seconds=60))
    service.record(event("1", watched_spans=[types_pb.TimeSpan(start_seconds=15, end_seconds=40)]))
    assert [one.keyword for one in derived(service)] == ["paris"]


def test_spans_of_other_kinds_than_views_make_no_difference(service: Service) -> None:
    service.upsert(video("a", keyword("london", 1, (0, 10)), keyword("paris", 1, (20, 30)), duration_seconds=60))
    service.record(event("1", kind="LIKE", watched_spans=[types_pb.TimeSpan(start_seconds=15, end_seconds=40)]))
    assert {one.keyword for one in derived(service)} == {"london", "paris"}


def test_weights_of_a_catalog_hold_for_events_recorded_before(service: Service) -> None:
    service.upsert(video("a", "london"), video("b", "paris"))
    service.record(event("1", "ada", "a"), event("2", "ada", "b", "IMPRESSION"))
    assert [one.keyword for one in derived(service)] == ["london"]
    settings = catalog_pb.CatalogSettings(
        profile_settings=pb.ProfileSettings(event_weights=pb.EventWeights(view=0, impression=1))
    )
    service.catalogs.UpdateCatalog(catalog_pb.UpdateCatalogRequest(settings=settings))
    assert [one.keyword for one in derived(service)] == ["paris"]


def test_the_half_life_of_a_profile_comes_before_that_of_the_catalog(service: Service) -> None:
    service.upsert(video("a", "london"), video("b", "paris"))
    service.record(event("1", "ada", "a", time=SOME_TIME), event("2", "ada", "b", time=SOME_TIME + 10 * 86_400))
    settings = catalog_pb.CatalogSettings(profile_settings=pb.ProfileSettings(half_life_days=10))
    service.catalogs.UpdateCatalog(catalog_pb.UpdateCatalogRequest(settings=settings))
    weights = {one.keyword: one.weight for one in derived(service)}
    assert weights["london"] == pytest.approx(weights["paris"] / 2)
    service.declare(declared("ada", half_life_days=0))
    weights = {one.keyword: one.weight for one in derived(service)}
    assert weights["london"] == pytest.approx(weights["paris"])


def test_derived_interests_come_on_the_first_page_only(service: Service) -> None:
    service.upsert(video("a", "london"))
    service.record(event("1"), event("2"))
    first = service.user("ada", include_derived_interests=True, include_events=True, page_size=1)
    assert len(first.derived_interests) == 1
    request: dict[str, Any] = {"include_derived_interests": True, "include_events": True, "page_size": 1}
    second = service.user("ada", page_token=first.next_page_token, **request)
    assert (len(second.derived_interests), [one.event_id for one in second.events]) == (0, ["2"])
    assert second.profile == first.profile


def test_only_what_is_asked_for_is_read(service: Service) -> None:
    service.upsert(video("a", "london"))
    service.record(event("1"))
    answer = service.user("ada")
    assert (list(answer.derived_interests), list(answer.events), answer.next_page_token) == ([], [], "")


# --- lists ------------------------------------------------------------------------------------------------------------


def test_profiles_are_listed_by_the_bytes_of_their_ids(service: Service) -> None:
    ids = ["b", "a", "ä", "Z", "\U0001f600", "\uff5e", "a b", "aa"]
    service.declare(*map(declared, ids))
    expected = sorted(ids, key=str.encode)
    assert all_listed(service, page_size=3) == expected
    assert all_listed(service, page_size=8) == expected
    assert len(list(pages(service, page_size=8))) == 1
    answer = listed(service, page_size=3, include_total=True)
    assert (len(answer.profiles), answer.total_count) == (3, 8)
    assert not listed(service).HasField("total_count")


def test_a_page_of_profiles_ends_early_where_the_answer_would_be_too_large(service: Service) -> None:
    interests = [types_pb.Interest(keyword=f"{number:0>180}") for number in range(9_000)]
    for name in "abc":
        service.declare(pb.Profile(user_id=name, interests=interests))
    sizes = [page.ByteSize() for page in pages(service)]
    assert len(sizes) == 2
    assert all(size < 4 * 1024 * 1024 for size in sizes)
    assert all_listed(service) == ["a", "b", "c"]


@pytest.fixture
def people(service: Service) -> Service:
    service.declare(
        declared("ada", attributes=attributes(region=["eu", "uk"], plan=["free"]), targeting_allowed=True),
        declared("bob", attributes=attributes(region=["us"])),
        declared("cleo", attributes=attributes(plan=["paid"]), targeting_allowed=True),
        declared("dan"),
    )
    service.record(event("1", "ada", time=100), event("2", "bob", time=200), event("3", "bob", time=50))
    return service


@pytest.mark.parametrize(
    "condition, expected",
    [
        ({"attribute": types_pb.AttributeCondition(name="region", values=["uk", "us"])}, ["ada", "bob"]),
        ({"attribute": types_pb.AttributeCondition(name="region", values=["EU"])}, []),
        ({"attribute": types_pb.AttributeCondition(name="plan")}, ["ada", "cleo"]),
        ({"last_event_time": types_pb.TimeRange(start_time=Timestamp(seconds=100))}, ["ada", "bob"]),
        ({"last_event_time": types_pb.TimeRange(end_time=Timestamp(seconds=200))}, ["ada"]),
        ({"user_ids": pb.UserIds(user_ids=["dan", "eve", "ada", "dan"])}, ["ada", "dan"]),
        ({"targeting_allowed": True}, ["ada", "cleo"]),
        ({"targeting_allowed": False}, ["bob", "dan"]),
    ],
)
def test_a_condition_on_profiles(people: Service, condition: dict[str, Any], expected: list[str]) -> None:
    assert all_listed(people, filter=where(**condition)) == expected
    assert all_listed(people, filter=where(**condition), page_size=1) == expected
    assert listed(people, filter=where(**condition), include_total=True).total_count == len(expected)
    others = pb.ProfileFilter(none_of=[pb.ProfileCondition(**condition)])
    assert sorted(all_listed(people, filter=others) + expected) == ["ada", "bob", "cleo", "dan"]


def test_all_parts_of_a_filter_must_hold(people: Service) -> None:
    allowed = pb.ProfileCondition(targeting_allowed=True)
    european = pb.ProfileCondition(attribute=types_pb.AttributeCondition(name="region", values=["eu"]))
    paying = pb.ProfileCondition(attribute=types_pb.AttributeCondition(name="plan", values=["paid"]))
    known = pb.ProfileCondition(user_ids=pb.UserIds(user_ids=["ada", "bob"]))
    assert all_listed(people, filter=pb.ProfileFilter(all_of=[allowed], any_of=[european, paying])) == ["ada", "cleo"]
    assert all_listed(people, filter=pb.ProfileFilter(any_of=[paying, european], none_of=[known])) == ["cleo"]
    assert all_listed(people, filter=pb.ProfileFilter(all_of=[known, european])) == ["ada"]
    assert all_listed(
        people, filter=pb.ProfileFilter(all_of=[known, where(user_ids=pb.UserIds(user_ids=["bob"])).all_of[0]])
    ) == ["bob"]


def test_a_page_looks_at_a_bounded_number_of_profiles(people: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SCANNED_PROFILES", 3)
    found = [[one.user_id for one in page.profiles] for page in pages(people, filter=where(targeting_allowed=False))]
    assert found == [["bob"], ["dan"]]
    nobody = where(attribute=types_pb.AttributeCondition(name="none"))
    assert [len(page.profiles) for page in pages(people, filter=nobody)] == [0, 0]


def test_a_list_goes_on_where_it_was_whatever_has_been_written(people: Service) -> None:
    first = listed(people, page_size=2)
    remove(people, "bob", "cleo")
    people.declare(declared("aaron"), declared("carl"))
    rest = listed(people, page_token=first.next_page_token)
    assert [one.user_id for one in rest.profiles] == ["carl", "dan"]


# --- deletion ---------------------------------------------------------------------------------------------------------


def test_a_deleted_user_is_gone_with_all_events(service: Service) -> None:
    service.declare(declared("ada", "london"), declared("bob"))
    service.record(event("1"), event("2"))
    answer = remove(service, "ada", "eve", "ada", "")
    assert statuses(answer.results) == [DELETED, NOT_FOUND, NOT_FOUND, REJECTED]
    assert answer.revision == answer.results[0].revision
    assert missing(service, "ada")
    assert all_listed(service) == ["bob"]
    statistics = service.statistics()
    assert (statistics.profile_count, statistics.event_count) == (1, 0)


def test_what_happened_before_the_deletion_does_not_bring_a_user_back(service: Service) -> None:
    service.record(event("1", time=int(time.time()) - 60))
    remove(service, "ada")
    (result,) = service.record(event("1", time=int(time.time()) - 60))
    assert result.status == REJECTED
    assert [(one.field, one.reason) for one in result.field_errors] == [("event_time", "INVALID_VALUE")]
    assert missing(service, "ada")
    assert statuses(service.record(event("2", time=int(time.time()) + 60))) == [CREATED]
    assert service.user("ada").profile.event_count == 1


def test_page_tokens_of_a_deleted_user_are_refused_also_if_there_is_a_new_profile(service: Service) -> None:
    service.record(event("1"), event("2"))
    token = service.user("ada", include_events=True, page_size=1).next_page_token
    remove(service, "ada")

    def next_page() -> pb.GetProfileResponse:
        return service.user("ada", include_events=True, page_token=token)

    refused = failure(next_page)
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")
    service.declare(declared("ada"))
    assert failure(next_page).reason == "INVALID_PAGE_TOKEN"


def test_page_tokens_of_a_user_hold_whatever_is_written(service: Service) -> None:
    service.record(event("1"), event("2"))
    token = service.user("ada", include_events=True, page_size=1).next_page_token
    service.declare(declared("ada", "london"))
    service.record(event("3"))
    rest = service.user("ada", include_events=True, page_token=token)
    assert [one.event_id for one in rest.events] == ["2", "3"]


# --- merging ----------------------------------------------------------------------------------------------------------


def test_a_merge_unites_what_is_declared_and_moves_all_events(service: Service) -> None:
    service.declare(
        declared(
            "visitor",
            "London=3",
            "sea",
            attributes=attributes(region=["us"], device=["phone"]),
            targeting_allowed=True,
            derived_share=0.9,
        ),
        declared("ada", "london", "paris", attributes=attributes(region=["eu"]), half_life_days=7),
    )
    service.record(event("1", "visitor", time=100), event("2", "ada", time=50), event("3", "visitor", time=10))
    answer = merge(service, ("visitor", "ada"))
    assert [(one.id, one.status) for one in answer.results] == [("ada", UPDATED)]
    assert answer.revision == answer.results[0].revision
    found = service.user("ada", include_events=True)
    assert [(one.keyword, one.weight) for one in found.profile.interests] == [("london", 1), ("paris", 1), ("sea", 1)]
    assert {name: list(one.values) for name, one in found.profile.attributes.items()} == {
        "device": ["phone"],
        "region": ["eu"],
    }
    assert (found.profile.targeting_allowed, found.profile.HasField("derived_share")) == (False, False)
    assert found.profile.half_life_days == 7
    assert [(one.event_id, one.user_id) for one in found.events] == [("3", "ada"), ("2", "ada"), ("1", "ada")]
    assert (found.profile.event_count, found.profile.last_event_time.seconds) == (3, 100)
    assert missing(service, "visitor")


def test_a_merge_into_a_new_user_takes_everything(service: Service) -> None:
    profile = declared(
        "visitor", "sea", attributes=attributes(region=["eu"]), targeting_allowed=True, derived_share=0.9
    )
    service.declare(profile)
    service.record(event("1", "visitor"))
    assert statuses(merge(service, ("visitor", "ada")).results) == [CREATED]
    found = service.user("ada").profile
    assert (found.targeting_allowed, found.derived_share, found.event_count) == (True, 0.9, 1)
    assert [one.keyword for one in found.interests] == ["sea"]
    assert found.attributes == profile.attributes
    assert missing(service, "visitor")


def test_a_merge_may_be_sent_again_and_later_events_merged_again(service: Service) -> None:
    service.record(event("1", "visitor"), event("2", "ada"))
    assert statuses(merge(service, ("visitor", "ada"), ("visitor", "ada")).results) == [UPDATED, NOT_FOUND]
    assert statuses(merge(service, ("visitor", "ada")).results) == [NOT_FOUND]
    assert statuses(service.record(event("1", "visitor"), event("3", "visitor"))) == [UNCHANGED, CREATED]
    assert statuses(merge(service, ("visitor", "ada")).results) == [UPDATED]
    assert [one.event_id for one in service.user("ada", include_events=True).events] == ["1", "2", "3"]


def test_merges_are_applied_in_order(service: Service) -> None:
    service.record(event("1", "a"), event("2", "b"), event("3", "c"))
    assert statuses(merge(service, ("a", "b"), ("b", "c"), ("a", "c"), ("", "c")).results) == [
        UPDATED,
        UPDATED,
        NOT_FOUND,
        REJECTED,
    ]
    assert all_listed(service) == ["c"]
    assert service.user("c").profile.event_count == 3


def test_a_merge_that_would_pass_a_limit_is_rejected_and_changes_nothing(service: Service) -> None:
    service.declare(
        declared("visitor", *(f"v{number}" for number in range(6_000))),
        declared("ada", *(f"a{number}" for number in range(6_000))),
    )
    service.record(event("1", "visitor"))
    (result,) = merge(service, ("visitor", "ada")).results
    assert (result.id, result.status) == ("ada", REJECTED)
    assert [(one.field, one.reason) for one in result.field_errors] == [("interests", "TOO_LARGE")]
    assert (service.user("visitor").profile.event_count, service.user("ada").profile.event_count) == (1, 0)


# --- beside it --------------------------------------------------------------------------------------------------------


def test_profiles_of_another_catalog_are_others(service: Service) -> None:
    service.catalogs.CreateCatalog(catalog_pb.CreateCatalogRequest(name="films"))
    service.declare(declared("ada", "london"))
    service.record(event("1"))
    assert failure(lambda: service.user("ada", catalog="films")).reason == "PROFILE_NOT_FOUND"
    request = pb.RecordEventsRequest(catalog="films", events=[event("1", "bob")])
    assert statuses(service.profiles.RecordEvents(request).results) == [CREATED]
    assert all_listed(service, catalog="films") == ["bob"]
    assert all_listed(service) == ["ada"]


def test_an_unknown_user_is_named_with_the_catalog(service: Service) -> None:
    refused = failure(lambda: service.user("eve"))
    assert "there is no profile of user 'eve' in catalog 'default'" in refused.message
    assert refused.metadata == {"catalog": "default", "user_id": "eve"}


def test_the_revision_of_a_write_is_there_for_the_next_read(service: Service) -> None:
    (result,) = service.declare(declared("ada"))
    assert service.user("ada", min_revision=result.revision).index_revision >= result.revision
    assert listed(service, min_revision=result.revision).index_revision >= result.revision
    assert service.recommend("london", min_revision=result.revision).index_revision >= result.revision
    refused = failure(lambda: service.user("ada", min_revision=result.revision + 10))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "REVISION_AHEAD")


def test_profiles_and_events_are_durable(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.declare(declared("ada", "london", attributes=attributes(region=["eu"])))
        service.record(event("1"))
        before = service.user("ada", include_events=True)
    with serving(tmp_path) as service:
        after = service.user("ada", include_events=True)
        assert (after.profile, list(after.events)) == (before.profile, list(before.events))


def test_statistics_count_profiles_and_events(service: Service) -> None:
    service.declare(declared("bob"))
    service.record(event("1"), event("2"), event("3", "eve"))
    statistics = service.statistics()
    assert (statistics.profile_count, statistics.event_count) == (3, 3)
    assert service.statistics().video_count == 0
