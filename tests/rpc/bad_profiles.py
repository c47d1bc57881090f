"""Bad input of profiles and events, class by class, and what must be answered."""

import time
from math import inf, nan
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import profile_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.bad_input import (
    INVALID,
    LARGE,
    NO_CATALOG,
    REJ_INVALID,
    REJ_LARGE,
    REJ_REQUIRED,
    REJ_TWICE,
    REQUIRED,
    TOKEN,
    WIDE,
    Case,
    create,
    many,
)
from tests.rpc.service import attributes, declared, event

NO_PROFILE = "NOT_FOUND PROFILE_NOT_FOUND"
LONG = "x" * 257


def upsert(*profiles: pb.Profile, mask: tuple[str, ...] = (), **more: Any) -> Message:
    return pb.UpsertProfilesRequest(profiles=profiles, update_mask=FieldMask(paths=mask), **more)


def one(user_id: str = "new", *keywords: str, **fields: Any) -> Message:
    return upsert(declared(user_id, *keywords, **fields))


def interested(**fields: Any) -> Message:
    interest = types_pb.Interest(**{"keyword": "london", **fields})
    return upsert(pb.Profile(user_id="new", interests=[interest]))


def record(**fields: Any) -> Message:
    return pb.RecordEventsRequest(events=[event(**{"event_id": "new", "user_id": "new", **fields})])


def watched(*spans: tuple[float, float]) -> Message:
    return record(watched_spans=[types_pb.TimeSpan(start_seconds=start, end_seconds=end) for start, end in spans])


def merge(from_user_id: str, into_user_id: str) -> Message:
    return pb.MergeProfilesRequest(
        merges=[pb.ProfileMerge(from_user_id=from_user_id, into_user_id=into_user_id)],
    )


def where(**condition: Any) -> Message:
    return pb.ListProfilesRequest(filter=pb.ProfileFilter(none_of=[pb.ProfileCondition(**condition)]))


def of_catalog(**fields: Any) -> Message:
    return create(profile_settings=pb.ProfileSettings(**fields))


WHERE = "filter.none_of[0]"

UPSERTS = {
    "profile: none": Case(upsert(), REQUIRED, "profiles", "at least 1"),
    "profile: too many": Case(upsert(*[pb.Profile()] * 1_001), LARGE, "profiles", "1001 items; at most 1000"),
    "profile: of no catalog": Case(upsert(declared("new"), catalog="no"), NO_CATALOG, "", "'no'"),
    "profile: without an id": Case(one(""), REJ_REQUIRED, "user_id", "1 to 256 bytes"),
    "profile: of a long id": Case(one(LONG), REJ_LARGE, "user_id", "257 bytes"),
    "profile: of an id with a line end": Case(one("a\n"), REJ_INVALID, "user_id", r"\u000a"),
    "profile: twice": Case(upsert(declared("new"), declared("new")), REJ_TWICE, "user_id", "occurs earlier"),
    "profile: another field to write": Case(
        upsert(declared("new"), mask=("interests", "user_id")), INVALID, "update_mask.paths[1]", "'user_id' cannot be"
    ),
    "profile: a field inside to write": Case(
        upsert(declared("new"), mask=("attributes.region",)), INVALID, "update_mask.paths[0]", "name any of interests"
    ),
    "profile: too many interests": Case(one("new", *many(10_001)), REJ_LARGE, "interests", "10001"),
    "profile: an interest without a text": Case(interested(keyword=" "), REJ_REQUIRED, "interests[0].keyword"),
    "profile: a long interest": Case(interested(keyword=LONG), REJ_LARGE, "interests[0].keyword", "257"),
    "profile: an interest of no number": Case(interested(weight=nan), REJ_INVALID, "interests[0].weight", "nan"),
    "profile: an interest beyond a million": Case(interested(weight=-1e7), REJ_INVALID, "interests[0].weight"),
    "profile: an interest in no language": Case(interested(language="?"), REJ_INVALID, "interests[0].language", "'?'"),
    "profile: too many attributes": Case(
        one(attributes=attributes(**{name: ["x"] for name in many(101)})), REJ_LARGE, "attributes", "101"
    ),
    "profile: an attribute without values": Case(
        one(attributes=attributes(region=[])), REJ_REQUIRED, "attributes['region']", "leave it out"
    ),
    "profile: an attribute's name too long": Case(
        one(attributes=attributes(**{"x" * 65: ["y"]})), REJ_INVALID, f"attributes['{'x' * 65}']"
    ),
    "profile: a share below 0": Case(one(derived_share=-0.1), REJ_INVALID, "derived_share", "-0.1 is not a number"),
    "profile: a share above 1": Case(one(derived_share=1.5), REJ_INVALID, "derived_share", "from 0 to 1"),
    "profile: a share of no number": Case(one(derived_share=nan), REJ_INVALID, "derived_share", "nan"),
    "profile: a half-life below 0": Case(one(half_life_days=-1), REJ_INVALID, "half_life_days", "-1.0 is not"),
    "profile: a long half-life": Case(one(half_life_days=36_501), REJ_INVALID, "half_life_days", "to 36500"),
    "profile: an endless half-life": Case(one(half_life_days=inf), REJ_INVALID, "half_life_days", "inf"),
    "profile: too large": Case(
        one("new", *(f"{number:>06}{WIDE * 250}" for number in range(2_500))), REJ_LARGE, "", "at most 2097152"
    ),
    "profile: too large with what is there": Case(
        upsert(
            declared(
                "new", attributes=attributes(**{n: [f"{v:>03}{WIDE * 250}" for v in range(100)] for n in many(50)})
            )
        ),
        REJ_LARGE,
        "",
        "bytes of interests and attributes",
    ),
    "profile: nothing but an id": Case(one("new"), "CREATED"),
    "profile: the same again": Case(one("ada"), "UNCHANGED"),
    "profile: fields that are not to be written": Case(
        upsert(declared("ada", "x", derived_share=7), mask=("targeting_allowed",)), "UNCHANGED"
    ),
}

READS = {
    "profile: to get without an id": Case(pb.GetProfileRequest(), REQUIRED, "user_id", "an id is required"),
    "profile: to get by a long id": Case(pb.GetProfileRequest(user_id=LONG), LARGE, "user_id", "257 bytes"),
    "profile: to get of no catalog": Case(pb.GetProfileRequest(catalog="no", user_id="ada"), NO_CATALOG),
    "profile: unknown": Case(pb.GetProfileRequest(user_id="eve"), NO_PROFILE, "", "there is no profile of user 'eve'"),
    "profile: of bidi controls": Case(pb.GetProfileRequest(user_id="\u202eeve"), NO_PROFILE, "", r"'\u202eeve'"),
    "profile: a negative page of events": Case(
        pb.GetProfileRequest(user_id="ada", page_size=-1), INVALID, "page_size", "-1 is negative"
    ),
    "profile: a huge page of events": Case(
        pb.GetProfileRequest(user_id="ada", include_events=True, page_size=2**31 - 1), "OK"
    ),
    "profile: a negative revision": Case(
        pb.GetProfileRequest(user_id="ada", min_revision=-1), INVALID, "min_revision", "-1 is negative"
    ),
    "profile: a revision beyond the newest": Case(
        pb.GetProfileRequest(user_id="ada", min_revision=10**9),
        "FAILED_PRECONDITION REVISION_AHEAD",
        "",
        "another store",
    ),
    "token: of events, damaged": Case(
        pb.GetProfileRequest(user_id="ada", include_events=True, page_token="?"), TOKEN, "page_token", "is damaged"
    ),
    "token: of events, for another user": Case(
        pb.GetProfileRequest(user_id="bob", include_events=True, page_token="@events"), TOKEN, "page_token"
    ),
    "token: of events, for an unknown user": Case(
        pb.GetProfileRequest(user_id="eve", include_events=True, page_token="@events"), TOKEN, "page_token"
    ),
    "token: of events, without events": Case(
        pb.GetProfileRequest(user_id="ada", page_token="@events"), TOKEN, "page_token", "another request"
    ),
    "token: of events, for another catalog": Case(
        pb.GetProfileRequest(catalog="films", user_id="ada", include_events=True, page_token="@events"),
        TOKEN,
        "page_token",
    ),
    "token: of events, for profiles": Case(pb.ListProfilesRequest(page_token="@events"), TOKEN, "page_token"),
    "token: of profiles, for events": Case(
        pb.GetProfileRequest(user_id="ada", include_events=True, page_token="@profiles"), TOKEN, "page_token"
    ),
    "token: of profiles, with a total": Case(
        pb.ListProfilesRequest(include_total=True, page_token="@profiles"), TOKEN, "page_token", "another request"
    ),
    "token: of profiles, with a filter": Case(
        pb.ListProfilesRequest(
            filter=pb.ProfileFilter(all_of=[pb.ProfileCondition(targeting_allowed=True)]), page_token="@profiles"
        ),
        TOKEN,
        "page_token",
    ),
    "profile: a negative page of a list": Case(pb.ListProfilesRequest(page_size=-1), INVALID, "page_size", "negative"),
    "profile: a list of no catalog": Case(pb.ListProfilesRequest(catalog="no"), NO_CATALOG),
    "profile: an empty condition": Case(where(), REQUIRED, WHERE, "set one of attribute, last_event_time, user_ids"),
    "profile: too many conditions": Case(
        pb.ListProfilesRequest(filter=pb.ProfileFilter(any_of=[pb.ProfileCondition(targeting_allowed=True)] * 101)),
        LARGE,
        "filter",
        "101 conditions",
    ),
    "profile: a condition on no attribute": Case(
        where(attribute=types_pb.AttributeCondition()), REQUIRED, f"{WHERE}.attribute.name"
    ),
    "profile: a condition on too many values": Case(
        where(attribute=types_pb.AttributeCondition(name="x", values=many(1_001))), LARGE, f"{WHERE}.attribute.values"
    ),
    "profile: a condition on no user": Case(where(user_ids=pb.UserIds()), REQUIRED, f"{WHERE}.user_ids.user_ids"),
    "profile: a condition on too many users": Case(
        where(user_ids=pb.UserIds(user_ids=many(10_001))), LARGE, f"{WHERE}.user_ids.user_ids", "10001"
    ),
    "profile: a condition on an empty id": Case(
        where(user_ids=pb.UserIds(user_ids=["ada", ""])), REQUIRED, f"{WHERE}.user_ids.user_ids[1]"
    ),
    "profile: a condition on any time": Case(
        where(last_event_time=types_pb.TimeRange()), REQUIRED, f"{WHERE}.last_event_time", "set at least one"
    ),
    "profile: a condition on an empty time": Case(
        where(last_event_time=types_pb.TimeRange(start_time=Timestamp(seconds=2), end_time=Timestamp(seconds=1))),
        INVALID,
        f"{WHERE}.last_event_time",
        "swap them",
    ),
    "profile: a condition on no time": Case(
        where(last_event_time=types_pb.TimeRange(start_time=Timestamp(seconds=10**15))),
        INVALID,
        f"{WHERE}.last_event_time.start_time",
    ),
}

REMOVALS = {
    "profile: none to delete": Case(pb.DeleteProfilesRequest(), REQUIRED, "user_ids", "at least 1"),
    "profile: too many to delete": Case(pb.DeleteProfilesRequest(user_ids=many(1_001)), LARGE, "user_ids", "in parts"),
    "profile: to delete of no catalog": Case(pb.DeleteProfilesRequest(catalog="no", user_ids=["ada"]), NO_CATALOG),
    "profile: to delete without an id": Case(pb.DeleteProfilesRequest(user_ids=["eve", ""]), REJ_REQUIRED, "user_id"),
    "profile: to delete by a long id": Case(pb.DeleteProfilesRequest(user_ids=[LONG]), REJ_LARGE, "user_id"),
    "profile: unknown to delete": Case(pb.DeleteProfilesRequest(user_ids=["eve"]), "NOT_FOUND"),
    "merge: none": Case(pb.MergeProfilesRequest(), REQUIRED, "merges", "at least 1"),
    "merge: too many": Case(pb.MergeProfilesRequest(merges=[pb.ProfileMerge()] * 1_001), LARGE, "merges"),
    "merge: of no catalog": Case(pb.MergeProfilesRequest(catalog="no", merges=[pb.ProfileMerge()]), NO_CATALOG),
    "merge: of nobody": Case(merge("", "ada"), REJ_REQUIRED, "from_user_id"),
    "merge: into nobody": Case(merge("ada", ""), REJ_REQUIRED, "into_user_id"),
    "merge: of a long id": Case(merge(LONG, "ada"), REJ_LARGE, "from_user_id"),
    "merge: into itself": Case(merge("ada", "ada"), REJ_INVALID, "into_user_id", "two different users"),
    "merge: of an unknown user": Case(merge("eve", "ada"), "NOT_FOUND"),
}

EVENTS = {
    "event: none": Case(pb.RecordEventsRequest(), REQUIRED, "events", "at least 1"),
    "event: too many": Case(pb.RecordEventsRequest(events=[pb.Event()] * 1_001), LARGE, "events", "1001 items"),
    "event: of no catalog": Case(pb.RecordEventsRequest(catalog="no", events=[event("new")]), NO_CATALOG),
    "event: without an id": Case(record(event_id=""), REJ_REQUIRED, "event_id"),
    "event: of a long id": Case(record(event_id=LONG), REJ_LARGE, "event_id", "257 bytes"),
    "event: of an id with a tab": Case(record(event_id="a\tb"), REJ_INVALID, "event_id", r"\u0009"),
    "event: of nobody": Case(record(user_id=""), REJ_REQUIRED, "user_id"),
    "event: of a long user": Case(record(user_id=WIDE * 65), REJ_LARGE, "user_id", "260 bytes"),
    "event: of nothing": Case(record(video_id=""), REJ_REQUIRED, "video_id"),
    "event: of a long video": Case(record(video_id=LONG), REJ_LARGE, "video_id"),
    "event: of a promotion and a long video": Case(record(video_id=LONG, promotion_id="p"), REJ_LARGE, "video_id"),
    "event: of a long promotion": Case(record(promotion_id=LONG), REJ_LARGE, "promotion_id", "at most 256"),
    "event: of a long recommendation": Case(
        record(recommendation_id="x" * 513), REJ_LARGE, "recommendation_id", "513 bytes; at most 512"
    ),
    "event: of no kind": Case(record(kind="UNSPECIFIED"), REJ_REQUIRED, "kind", "one of IMPRESSION, VIEW"),
    "event: of an unknown kind": Case(
        pb.RecordEventsRequest(events=[pb.Event(event_id="new", user_id="new", video_id="a", kind=9)]),  # type: ignore[arg-type]  # from a later contract
        REJ_INVALID,
        "kind",
        "9 is not a kind",
    ),
    "event: without a time": Case(record(time=None), REJ_REQUIRED, "event_time", "is required"),
    "event: before 1970": Case(
        record(time=-1), REJ_INVALID, "event_time", "1969-12-31T23:59:59+00:00 lies before 1970"
    ),
    "event: of no time": Case(record(time=10**15), REJ_INVALID, "event_time", "years 1 to 9999"),
    "event: two hours ahead": Case(
        record(time=int(time.time()) + 7_200),
        REJ_INVALID,
        "event_time",
        "more than an hour ahead of the server's clock",
    ),
    "event: a share below 0": Case(record(watched_share=-0.5), REJ_INVALID, "watched_share", "-0.5 is not a number"),
    "event: a share above 1": Case(record(watched_share=1.01), REJ_INVALID, "watched_share", "from 0 to 1"),
    "event: a share of no number": Case(record(watched_share=nan), REJ_INVALID, "watched_share", "nan"),
    "event: seconds below 0": Case(record(watched_seconds=-1), REJ_INVALID, "watched_seconds", "0 or more"),
    "event: endless seconds": Case(record(watched_seconds=inf), REJ_INVALID, "watched_seconds", "inf is not a finite"),
    "event: too many spans": Case(watched(*[(0, 1)] * 1_001), REJ_LARGE, "watched_spans", "1001 items; at most 1000"),
    "event: a span before the start": Case(watched((0, 1), (-1, 1)), REJ_INVALID, "watched_spans[1].start_seconds"),
    "event: a span without an end": Case(watched((5, inf)), REJ_INVALID, "watched_spans[0].end_seconds", "inf"),
    "event: a span of no number": Case(watched((nan, 1)), REJ_INVALID, "watched_spans[0].start_seconds", "nan"),
    "event: an empty span": Case(watched((5, 5)), REJ_INVALID, "watched_spans[0].end_seconds", "does not lie after"),
    "event: a span backwards": Case(watched((5, 4)), REJ_INVALID, "watched_spans[0].end_seconds", "4.0"),
    "event: a weight below 0": Case(record(weight=-1), REJ_INVALID, "weight", "from 0 to 1000"),
    "event: a large weight": Case(record(weight=1_001), REJ_INVALID, "weight", "1001.0 is not"),
    "event: a weight of no number": Case(record(weight=nan), REJ_INVALID, "weight", "nan"),
    "event: known by its id": Case(record(event_id="e1", video_id="b", kind="HIDE"), "UNCHANGED"),
}

SETTINGS = {
    f"settings: {name} {value}": Case(
        of_catalog(**{name: value}), INVALID, f"settings.profile_settings.{name}", f"{value} is not a number {allowed}"
    )
    for name, values, allowed in (
        ("derived_share", (-0.1, 1.1, nan), "from 0 to 1"),
        ("half_life_days", (-1.0, 36501.0, inf), "from 0 to 36500"),
        ("popularity_half_life_days", (-1.0, 36501.0, nan), "from 0 to 36500"),
    )
    for value in values
} | {
    f"settings: {kind} {value}": Case(
        of_catalog(event_weights=pb.EventWeights(**{kind: value})),
        INVALID,
        f"settings.profile_settings.event_weights.{kind}",
        "from -1000 to 1000",
    )
    for kind in ("impression", "view", "like", "dislike", "hide")
    for value in (-1_001.0, 1_000.5, nan)
}

CASES = {**UPSERTS, **READS, **REMOVALS, **EVENTS, **SETTINGS}
