"""Ranking settings as they are read, and those of a request over those of a scenario."""

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from matchcut.v1 import scenario_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut_server.index.filter import DurationBetween, HasAttribute, HasId, HasLanguage, PublishedBetween
from matchcut_server.insights.report import Report
from matchcut_server.ranking.settings import AttributeCap, ConditionBoost, PinnedVideo, RankingSettings, SeenVideos
from matchcut_server.rpc.ranking import merged, ranking_settings, read_ranking


def boosts(*several: tuple[types_pb.Condition, float]) -> pb.ConditionBoostList:
    made = [pb.ConditionBoost(condition=condition, weight=weight) for condition, weight in several]
    return pb.ConditionBoostList(boosts=made)


def pins(*video_ids: str) -> pb.PinnedVideoList:
    return pb.PinnedVideoList(videos=[pb.PinnedVideo(video_id=one, position=i) for i, one in enumerate(video_ids)])


def test_what_is_not_set_has_the_defaults_of_the_contract() -> None:
    """The numbers stand in the comments of `RankingSettings`."""
    assert ranking_settings(pb.RankingSettings()) == RankingSettings(
        freshness_weight=0.0,
        freshness_half_life_days=30.0,
        popularity_weight=0.0,
        condition_boosts=(),
        diversity=0.0,
        attribute_caps=(),
        rotation_rate=0.0,
        rotation_hours=24.0,
        pinned_videos=(),
        seen_videos=SeenVideos.EXCLUDE,
        seen_watched_share=0.0,
        seen_days=0.0,
        seen_demotion=0.5,
        fallback_allowed=None,
    )


def test_everything_that_is_set_is_read() -> None:
    seconds = Timestamp(seconds=10)
    message = pb.RankingSettings(
        freshness_weight=0.1,
        freshness_half_life_days=14,
        popularity_weight=0.05,
        condition_boosts=boosts(
            (types_pb.Condition(language="EN-us"), 0.1),
            (types_pb.Condition(attribute=types_pb.AttributeCondition(name="genre", values=["drama", "war"])), -1),
            (types_pb.Condition(published_time=types_pb.TimeRange(start_time=seconds)), 1),
            (types_pb.Condition(duration=types_pb.DurationRange(max_seconds=60)), 0),
            (types_pb.Condition(video_ids=types_pb.VideoIds(video_ids=["a", "b"])), 0.5),
        ),
        diversity=0.3,
        attribute_caps=pb.AttributeCapList(caps=[pb.AttributeCap(name="series", max_per_value=2)]),
        rotation_rate=0.5,
        rotation_hours=12,
        pinned_videos=pb.PinnedVideoList(videos=[pb.PinnedVideo(video_id="a", position=7, promotion_id="spring")]),
        seen_videos=pb.SEEN_VIDEOS_KEEP,
        seen_watched_share=0.8,
        seen_days=90,
        seen_demotion=0.7,
        fallback_allowed=False,
        latent_share=0.3,
    )
    report = Report()
    assert read_ranking("ranking", message, report) == RankingSettings(
        freshness_weight=0.1,
        freshness_half_life_days=14,
        popularity_weight=0.05,
        condition_boosts=(
            ConditionBoost(HasLanguage("en-US"), 0.1),
            ConditionBoost(HasAttribute("genre", ("drama", "war")), -1),
            ConditionBoost(PublishedBetween(10.0, None), 1),
            ConditionBoost(DurationBetween(None, 60.0), 0),
            ConditionBoost(HasId(frozenset({"a", "b"})), 0.5),
        ),
        diversity=0.3,
        attribute_caps=(AttributeCap("series", 2),),
        rotation_rate=0.5,
        rotation_hours=12,
        pinned_videos=(PinnedVideo("a", 7, "spring"),),
        seen_videos=SeenVideos.KEEP,
        seen_watched_share=0.8,
        seen_days=90,
        seen_demotion=0.7,
        fallback_allowed=False,
    )
    assert not report.violations
    assert len(message.ListFields()) == len(pb.RankingSettings.DESCRIPTOR.fields)  # so that none is forgotten here


def test_what_a_request_sets_replaces_what_the_scenario_sets() -> None:
    scenario = pb.RankingSettings(
        freshness_weight=0.5,
        diversity=0.5,
        fallback_allowed=True,
        pinned_videos=pins("a", "b"),
        condition_boosts=boosts((types_pb.Condition(language="en"), 0.5)),
        seen_videos=pb.SEEN_VIDEOS_KEEP,
    )
    own = pb.RankingSettings(
        diversity=0,
        fallback_allowed=False,
        pinned_videos=pins("c"),
        condition_boosts=pb.ConditionBoostList(),
        seen_videos=pb.SEEN_VIDEOS_UNSPECIFIED,
        rotation_rate=0.2,
    )
    assert merged(scenario, own) == pb.RankingSettings(
        freshness_weight=0.5,
        diversity=0,
        fallback_allowed=False,
        pinned_videos=pins("c"),
        condition_boosts=pb.ConditionBoostList(),
        seen_videos=pb.SEEN_VIDEOS_KEEP,
        rotation_rate=0.2,
    )
    assert scenario.pinned_videos == pins("a", "b")  # as it was


NUMBERS = st.none() | st.sampled_from([0.0, 0.25, 1.0])
SETTINGS = st.builds(
    lambda numbers, lists, seen, fallback: pb.RankingSettings(
        **dict(zip(("freshness_weight", "diversity", "rotation_rate"), numbers, strict=True)),
        pinned_videos=lists,
        seen_videos=seen,
        fallback_allowed=fallback,
    ),
    st.tuples(NUMBERS, NUMBERS, NUMBERS),
    st.none() | st.lists(st.sampled_from("abc"), unique=True).map(lambda ids: pins(*ids)),
    st.sampled_from(pb.SeenVideos.values()),
    st.none() | st.booleans(),
)


@given(scenario=SETTINGS, own=SETTINGS)
def test_each_setting_is_the_requests_or_else_the_scenarios_or_else_the_default(
    scenario: pb.RankingSettings, own: pb.RankingSettings
) -> None:
    together = ranking_settings(merged(scenario, own))
    for name in RankingSettings.__struct_fields__:
        source = own if _is_set(own, name) else scenario
        assert getattr(together, name) == getattr(ranking_settings(source), name)


def _is_set(message: pb.RankingSettings, name: Any) -> bool:
    return message.seen_videos != pb.SEEN_VIDEOS_UNSPECIFIED if name == "seen_videos" else message.HasField(name)
