"""Bad input of recommendations, class by class, and what must be answered."""

from math import inf, nan
from typing import Any

from google.protobuf.message import Message

from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.bad_input import (
    INVALID,
    LARGE,
    NO_CATALOG,
    NO_SCENARIO,
    REJ_INVALID,
    REJ_LARGE,
    REJ_REQUIRED,
    REQUIRED,
    TOKEN,
    Case,
    many,
)
from tests.rpc.service import ask, ask_similar, batch, profile, user_profile

LONG = "x" * 257


def ranked(**settings: Any) -> Message:
    return ask("x", ranking=scenario_pb.RankingSettings(**settings))


def boosted(weight: float, **condition: Any) -> Message:
    boost = scenario_pb.ConditionBoost(condition=types_pb.Condition(**condition), weight=weight)
    return ranked(condition_boosts=scenario_pb.ConditionBoostList(boosts=[boost]))


def capped(name: str, most: int) -> Message:
    cap = scenario_pb.AttributeCap(name=name, max_per_value=most)
    return ranked(attribute_caps=scenario_pb.AttributeCapList(caps=[cap]))


def pinned(*several: tuple[str, int]) -> Message:
    videos = [scenario_pb.PinnedVideo(video_id=video_id, position=position) for video_id, position in several]
    return ranked(pinned_videos=scenario_pb.PinnedVideoList(videos=videos))


USERS = {
    "user: neither interests nor a user": Case(ask(), REQUIRED, "interests", "interests or a user_id are required"),
    "user: no interests, but a list of them": Case(
        pb.RecommendVideosRequest(interests=pb.InterestList(), user_id="ada"), REQUIRED, "interests.interests"
    ),
    "user: unknown": Case(ask(user_id="nobody"), "OK"),
    "user: unknown beside interests": Case(ask("x", user_id="nobody"), "OK"),
    "user: a long id": Case(ask(user_id=LONG), LARGE, "user_id", "at most 256"),
    "user: a long id beside interests": Case(ask("x", user_id=LONG), LARGE, "user_id", "at most 256"),
    "user: of a line break": Case(ask(user_id="a\nb"), INVALID, "user_id", "control character"),
    "user: of no catalog": Case(ask(user_id="ada", catalog="no"), NO_CATALOG),
    "user: a token of interests": Case(ask(user_id="ada", page_token="@own"), TOKEN, "page_token", "another request"),
    "user: of a batch, neither": Case(batch(pb.BatchProfile()), REJ_REQUIRED, "interests", "or a user_id"),
    "user: of a batch, unknown": Case(batch(user_profile("", "nobody")), "OK"),
    "user: of a batch, a long id": Case(batch(user_profile("", LONG)), REJ_LARGE, "user_id", "at most 256"),
    "user: of a batch, a bell": Case(batch(profile("", "x", user_id="\a")), REJ_INVALID, "user_id", "control"),
}

SIMILAR = {
    "similar: to nothing": Case(ask_similar(), REQUIRED, "seeds", "at least 1"),
    "similar: to too many": Case(ask_similar(*many(101)), LARGE, "seeds", "101 items; at most 100"),
    "similar: to a hundred": Case(ask_similar(*many(100)), "OK"),
    "similar: without an id": Case(ask_similar("a", ""), REQUIRED, "seeds[1].video_id", "an id is required"),
    "similar: a long id": Case(ask_similar(LONG), LARGE, "seeds[0].video_id", "at most 256"),
    "similar: an id of a tab": Case(ask_similar("a\tb"), INVALID, "seeds[0].video_id", "control character"),
    "similar: to an unknown video": Case(ask_similar("nobody"), "OK"),
    "similar: of no catalog": Case(ask_similar("a", catalog="no"), NO_CATALOG),
    "similar: a user of a long id": Case(ask_similar("a", user_id=LONG), LARGE, "user_id", "at most 256"),
    "similar: a negative page": Case(ask_similar("a", page_size=-1), INVALID, "page_size", "negative"),
    "similar: a token of interests": Case(ask_similar("a", page_token="@own"), TOKEN, "page_token", "another request"),
    "similar: a least score beyond 1": Case(ask_similar("a", min_score=1.5), INVALID, "options.min_score", "0 to 1"),
    "similar: an unknown scenario": Case(ask_similar("a", scenario="no"), NO_SCENARIO, "", "no scenario 'no'"),
    **{
        f"similar: weight {weight}": Case(ask_similar(f"a={weight}"), INVALID, "seeds[0].weight", f"{weight} is not")
        for weight in (nan, inf, -inf, 1000001.0, -1000001.0)
    },
}

RANKING = {
    "ranking: an unknown scenario": Case(ask("x", scenario="no"), NO_SCENARIO, "", "no scenario 'no'"),
    "ranking: another name": Case(ask("x", scenario="No!"), INVALID, "options.scenario", "is not a scenario's name"),
    "ranking: an unknown scenario of a batch": Case(batch(profile("", "x"), scenario="no"), NO_SCENARIO),
    **{
        f"ranking: {name} {value}": Case(
            ranked(**{name: value}), INVALID, f"options.ranking.{name}", f"{value} is not a number {allowed}"
        )
        for name, values, allowed in (
            ("freshness_weight", (-0.1, 1.1, nan), "from 0 to 1"),
            ("freshness_half_life_days", (0.0, 36501.0, inf), "above 0 and up to 36500"),
            ("popularity_weight", (-1.0, 2.0), "from 0 to 1"),
            ("diversity", (-0.5, nan), "from 0 to 1"),
            ("rotation_rate", (-0.5, 1.5), "from 0 to 1"),
            ("rotation_hours", (0.0, 8761.0), "above 0 and up to 8760"),
            ("seen_watched_share", (-0.5, 1.5), "from 0 to 1"),
            ("seen_days", (-1.0, inf), "from 0 to 36500"),
            ("seen_demotion", (-0.5, 1.5), "from 0 to 1"),
        )
        for value in values
    },
    "ranking: seen in no known way": Case(
        ranked(seen_videos=9), INVALID, "options.ranking.seen_videos", "give one of EXCLUDE, DEMOTE, KEEP"
    ),
    "ranking: a boost without a condition": Case(
        boosted(0.1), REQUIRED, "options.ranking.condition_boosts.boosts[0].condition", "set one of language"
    ),
    "ranking: a boost too strong": Case(
        boosted(1.5, language="en"), INVALID, "options.ranking.condition_boosts.boosts[0].weight", "from -1 to 1"
    ),
    "ranking: a cap of none": Case(
        capped("genre", 0), REQUIRED, "options.ranking.attribute_caps.caps[0].max_per_value", "give 1 to 1000"
    ),
    "ranking: a cap of no attribute": Case(
        capped("", 1), REQUIRED, "options.ranking.attribute_caps.caps[0].name", "1 to 64 characters"
    ),
    "ranking: a pin without an id": Case(
        pinned(("", 0)), REQUIRED, "options.ranking.pinned_videos.videos[0].video_id", "an id is required"
    ),
    "ranking: a pin after the last": Case(
        pinned(("a", 1000)), INVALID, "options.ranking.pinned_videos.videos[0].position", "1000 is not a position"
    ),
    "ranking: a position twice": Case(
        pinned(("a", 3), ("b", 3)), INVALID, "options.ranking.pinned_videos.videos[1].position", "3 occurs earlier"
    ),
    "ranking: a pin of nothing": Case(pinned(("nobody", 0)), "OK"),
    "ranking: of similar videos": Case(
        ask_similar("a", ranking=scenario_pb.RankingSettings(diversity=2)), INVALID, "options.ranking.diversity"
    ),
    "ranking: of a batch": Case(
        batch(profile("", "x"), ranking=scenario_pb.RankingSettings(diversity=2)), INVALID, "options.ranking.diversity"
    ),
}

CASES = {**USERS, **SIMILAR, **RANKING}
