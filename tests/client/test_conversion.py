"""Dataclasses and messages: the same fields, and the same content on the way there and back."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st

import matchcut_client
from matchcut.v1 import profile_service_pb2, recommendation_service_pb2, scenario_service_pb2, types_pb2
from matchcut_client import (
    AttributeCondition,
    Condition,
    Event,
    EventKind,
    Filter,
    Instance,
    Interest,
    Keyword,
    KeywordSet,
    Profile,
    RankingSettings,
    StandingInterest,
    TimeRange,
    Video,
    WriteResult,
    WriteStatus,
)
from matchcut_client.conversion import from_message, to_message
from tests.client.fake_server import FILES, all_messages
from tests.client.samples import DATACLASSES, ENUMS, descriptor, objects

LISTS = {
    "AttributeCapList",
    "AttributeValues",
    "ConditionBoostList",
    "InterestList",
    "PinnedVideoList",
    "UserIds",
    "VideoIds",
}
"""Messages that are tuples in Python."""


def test_every_message_of_the_contract_has_a_dataclass() -> None:
    wanted = {message.name for message in all_messages() if not message.name.endswith("Request")} - LISTS

    assert set(DATACLASSES) == wanted


@pytest.mark.parametrize("name", DATACLASSES)
def test_a_dataclass_has_exactly_the_fields_of_its_message(name: str) -> None:
    assert {field.name for field in fields(DATACLASSES[name])} == {field.name for field in descriptor(name).fields}


def test_enums_have_the_names_of_the_contract_without_prefix() -> None:
    contract = {
        enum.name: [value.name.removeprefix(enum.values[0].name.removesuffix("UNSPECIFIED")) for value in enum.values]
        for file in FILES
        for enum in file.enum_types_by_name.values()
    }

    assert {name: [member.value for member in enum] for name, enum in ENUMS.items()} == contract
    assert all(member.name == member.value for enum in ENUMS.values() for member in enum)


@pytest.mark.parametrize("name", DATACLASSES)
@settings(max_examples=20)
@given(data=st.data())
def test_a_round_trip_keeps_everything(name: str, data: st.DataObject) -> None:
    value = data.draw(objects(DATACLASSES[name]))
    message_type = GetMessageClass(descriptor(name))

    message = message_type.FromString(to_message(message_type, value).SerializeToString())

    assert from_message(DATACLASSES[name], message) == value


def test_lists_and_generators_do_as_well_as_tuples() -> None:
    keywords: Any = [Keyword("england", instances=(Instance(1, 2),))]

    message = to_message(types_pb2.KeywordSet, KeywordSet("en", (keyword for keyword in keywords)))  # type: ignore[arg-type]

    assert message == to_message(types_pb2.KeywordSet, KeywordSet("en", tuple(keywords)))


def test_an_empty_list_is_told_from_one_that_is_left_out() -> None:
    def sent(settings: RankingSettings) -> bool:
        return to_message(scenario_service_pb2.RankingSettings, settings).HasField("condition_boosts")

    assert not sent(RankingSettings())
    assert sent(RankingSettings(condition_boosts=()))
    assert to_message(types_pb2.Condition, Condition(video_ids=())).WhichOneof("condition") == "video_ids"


def test_a_weight_of_zero_is_told_from_one_that_is_left_out() -> None:
    assert to_message(types_pb2.Interest, Interest("england", 0)).HasField("weight")
    assert not to_message(types_pb2.Interest, Interest("england")).HasField("weight")


def test_a_message_that_is_left_out_is_read_as_none_or_as_an_empty_dataclass() -> None:
    recommendation = DATACLASSES["Recommendation"]
    answer = DATACLASSES["GetVideoResponse"]

    assert from_message(recommendation, recommendation_service_pb2.Recommendation()).video is None
    assert from_message(answer, GetMessageClass(descriptor("GetVideoResponse"))()).video == Video("")


# --- times ------------------------------------------------------------------------------------------------------------


def test_times_are_sent_as_moments_whatever_their_zone() -> None:
    there = datetime(2024, 7, 5, 14, 24, 33, 500_000, tzinfo=timezone(timedelta(hours=2)))

    message = to_message(types_pb2.Video, Video("v1", published_time=there))

    assert message.published_time.ToJsonString() == "2024-07-05T12:24:33.500Z"
    assert from_message(Video, message).published_time == datetime(2024, 7, 5, 12, 24, 33, 500_000, tzinfo=UTC)


def test_times_before_1970_are_taken() -> None:
    early = datetime(1931, 1, 30, 20, 15, 0, 250_000, tzinfo=UTC)

    assert from_message(Video, to_message(types_pb2.Video, Video("v1", published_time=early))).published_time == early


def test_the_epoch_is_told_from_no_time() -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    assert from_message(Video, to_message(types_pb2.Video, Video("v1", published_time=epoch))).published_time == epoch


def test_a_time_without_zone_is_refused() -> None:
    naive = datetime(2024, 7, 5)  # noqa: DTZ001 - what is to be refused
    filter_ = Filter(all_of=(Condition(language="en"), Condition(published_time=TimeRange(naive))))

    with pytest.raises(ValueError, match=r"^all_of\[1\].published_time.start_time: .* has no time zone; give it one"):
        to_message(types_pb2.Filter, filter_)


# --- what does not fit ------------------------------------------------------------------------------------------------


untyped: Any = matchcut_client
"""So that wrong types can be given."""


@pytest.mark.parametrize(
    "video, error, message",
    [
        (untyped.Video(5), TypeError, "video_id: int is the wrong type"),
        (untyped.Video("v1", duration_seconds="5"), TypeError, "duration_seconds: str is the wrong type"),
        (untyped.Video("\ud800"), ValueError, "video_id: 'utf-8' codec can't encode"),
        (untyped.Video("v1", published_time="2024"), TypeError, "published_time: str where datetime is needed"),
        (
            untyped.Video("v1", attributes={"genre": "drama"}),
            TypeError,
            "attributes['genre']: str where a tuple is needed",
        ),
        (
            untyped.Video("v1", attributes={"genre": (5,)}),
            TypeError,
            "attributes['genre']: not a tuple, or with an item of",
        ),
        (untyped.Video("v1", attributes=("genre",)), TypeError, "attributes: tuple where a dict is needed"),
        (untyped.Video("v1", keyword_sets=5), TypeError, "keyword_sets: 'int' object is not iterable"),
        (
            untyped.Video("v1", keyword_sets=(untyped.Keyword("x"),)),
            TypeError,
            "keyword_sets[0]: Keyword where KeywordSet is needed",
        ),
        (
            untyped.Video(
                "v1", keyword_sets=(KeywordSet(), KeywordSet("en", (untyped.Keyword("x"), untyped.Keyword(5))))
            ),
            TypeError,
            "keyword_sets[1].keywords[1].text: int is the wrong type",
        ),
        (untyped.Video("v1", revision=2**63), ValueError, "revision: Value out of range"),
        (Interest("england"), TypeError, "Interest where Video is needed"),
    ],
)
def test_what_does_not_fit_is_named_with_its_path(video: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        to_message(types_pb2.Video, video)

    assert str(caught.value).startswith(message)
    assert type(caught.value) is error


def test_an_unknown_name_of_an_enum_is_refused_and_a_known_one_does_as_well_as_its_member() -> None:
    def event(kind: Any) -> Event:
        return Event("e1", "u1", kind, datetime(2024, 7, 5, tzinfo=UTC), video_id="v1")

    assert to_message(profile_service_pb2.Event, event("LIKE")) == to_message(
        profile_service_pb2.Event, event(EventKind.LIKE)
    )
    with pytest.raises(ValueError, match=r"^kind: 'LOVE' is not one of UNSPECIFIED, IMPRESSION, VIEW, LIKE"):
        to_message(profile_service_pb2.Event, event("LOVE"))


@pytest.mark.parametrize(
    "make, wanted",
    [
        (Condition, "Condition: exactly one of language, attribute"),
        (lambda: Condition(language="en", video_ids=()), "Condition: exactly one of language, attribute"),
        (DATACLASSES["ProfileCondition"], "ProfileCondition: exactly one of attribute"),
        (lambda: StandingInterest("s1"), "StandingInterest: exactly one of interests, promotion"),
        (
            lambda: Event("e", "u", EventKind.VIEW, datetime.now(UTC), watched_seconds=1, watched_share=1),
            "Event: at most one of watched_seconds, watched_share",
        ),
    ],
)
def test_alternatives_exclude_each_other(make: Any, wanted: str) -> None:
    with pytest.raises(ValueError, match=f"^{wanted}"):
        make()


def test_a_condition_is_checked_when_it_is_changed() -> None:
    condition = Condition(attribute=AttributeCondition("genre"))

    with pytest.raises(ValueError, match="not 2"):
        replace(condition, language="en")


# --- newer servers ----------------------------------------------------------------------------------------------------


def test_a_value_that_a_newer_server_has_is_read_as_unspecified() -> None:
    message = types_pb2.WriteResult.FromString(types_pb2.WriteResult(id="v1").SerializeToString() + b"\x18\x63")

    assert from_message(WriteResult, message) == WriteResult(0, "v1", WriteStatus.UNSPECIFIED)


def test_an_alternative_that_only_a_newer_server_has_can_be_read() -> None:
    read = from_message(Filter, types_pb2.Filter(all_of=[types_pb2.Condition()]))

    assert [field.name for field in fields(Condition) if getattr(read.all_of[0], field.name) is not None] == []


def test_output_only_fields_are_read() -> None:
    message = profile_service_pb2.Profile(user_id="u1", event_count=3, revision=7)

    assert from_message(Profile, message) == Profile("u1", event_count=3, revision=7)
