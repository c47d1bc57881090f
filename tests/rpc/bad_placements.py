"""Bad input of placements, class by class, and what must be answered."""

from math import inf, nan
from typing import Any

from google.protobuf.message import Message

from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import search_service_pb2 as search_pb
from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.bad_input import INVALID, LARGE, NO_CATALOG, REQUIRED, TOKEN, Case, many

LONG = "x" * 257
NO_VIDEO = "NOT_FOUND VIDEO_NOT_FOUND"
TWICE = "INVALID_ARGUMENT DUPLICATE_ID"


def promotion(promotion_id: str = "", *keywords: str, **fields: Any) -> pb.Promotion:
    interests = [types_pb.Interest(keyword=keyword) for keyword in keywords]
    return pb.Promotion(promotion_id=promotion_id, interests=interests, **fields)


LONDON = promotion("p", "london")


def anywhere(*promotions: pb.Promotion, **fields: Any) -> Message:
    return pb.MatchPlacementsRequest(promotions=promotions or [LONDON], **fields)


def inside(video_id: str, *promotions: pb.Promotion, **fields: Any) -> Message:
    return pb.MatchPromotionsRequest(video_id=video_id, promotions=promotions or [LONDON], **fields)


def ruled(**fields: Any) -> Message:
    return anywhere(rules=pb.PlacementRules(**fields))


def asked(*keywords: str) -> list[search_pb.AskedKeyword]:
    return [search_pb.AskedKeyword(keyword=keyword) for keyword in keywords]


def seeded(*video_ids: str) -> pb.Promotion:
    return pb.Promotion(seeds=[recommendation_pb.VideoSeed(video_id=video_id) for video_id in video_ids])


PROMOTIONS = {
    "placements: of nothing": Case(pb.MatchPlacementsRequest(), REQUIRED, "promotions", "at least 1"),
    "placements: of too many": Case(
        anywhere(*(promotion(one, "x") for one in many(101))), LARGE, "promotions", "101 items; at most 100"
    ),
    "placements: an empty promotion": Case(anywhere(promotion("p")), REQUIRED, "promotions[0]", "interests, seeds or"),
    "placements: one without an id": Case(anywhere(promotion("", "x")), "OK"),
    "placements: two without an id": Case(
        anywhere(promotion("", "x"), promotion("", "y")), REQUIRED, "promotions[0].promotion_id", "an id each"
    ),
    "placements: an id twice": Case(anywhere(LONDON, LONDON), TWICE, "promotions[1].promotion_id", "'p' occurs"),
    "placements: a long id": Case(anywhere(promotion(LONG, "x")), LARGE, "promotions[0].promotion_id", "at most 256"),
    "placements: an id of a bell": Case(
        anywhere(promotion("\a", "x")), INVALID, "promotions[0].promotion_id", "control"
    ),
    "placements: an empty interest": Case(anywhere(promotion("p", "")), REQUIRED, "promotions[0].interests[0].keyword"),
    "placements: too many seeds": Case(
        anywhere(seeded(*many(101))), LARGE, "promotions[0].seeds", "101 items; at most 100"
    ),
    "placements: a seed without an id": Case(
        anywhere(seeded("")), REQUIRED, "promotions[0].seeds[0].video_id", "an id is required"
    ),
    "placements: an unknown seed": Case(anywhere(seeded("nobody")), "OK"),
    **{
        f"placements: weight {weight}": Case(
            anywhere(promotion("p", "x", weight=weight)), INVALID, "promotions[0].weight", message
        )
        for weight, message in ((nan, "nan is not"), (inf, "inf is not"), (-1.0, "-1.0 is not"), (0.0, "above 0"))
    },
    "placements: bad rules of a promotion": Case(
        anywhere(promotion("p", "x", rules=pb.PlacementRules(max_placements=-1))),
        INVALID,
        "promotions[0].rules.max_placements",
        "-1 is negative",
    ),
}

RULES = {
    **{
        f"placements: {name} {value}": Case(ruled(**{name: value}), INVALID, f"rules.{name}", "0 to 86400")
        for name in ("min_distance_seconds", "skip_first_seconds", "skip_last_seconds")
        for value in (-1.0, 86_401.0, nan)
    },
    **{
        f"placements: negative {name}": Case(ruled(**{name: -1}), INVALID, f"rules.{name}", "-1 is negative")
        for name in ("max_placements", "max_placements_per_video")
    },
    "placements: an empty condition": Case(
        ruled(filter=types_pb.Filter(all_of=[types_pb.Condition()])), REQUIRED, "rules.filter.all_of[0]", "is empty"
    ),
    "placements: too many excluded keywords": Case(
        ruled(excluded_keywords=asked(*many(1001))), LARGE, "rules.excluded_keywords", "1001 items; at most 1000"
    ),
    "placements: a thousand excluded keywords": Case(ruled(excluded_keywords=asked(*many(1000))), "OK"),
    "placements: an excluded keyword without a word": Case(
        ruled(excluded_nearby_keywords=asked("war", "?!")),
        INVALID,
        "rules.excluded_nearby_keywords[1].keyword",
        "no letter or digit",
    ),
}

REQUESTS = {
    **{
        f"placements: context {value}": Case(anywhere(context_seconds=value), INVALID, "context_seconds", "0 to 3600")
        for value in (-1.0, 3_601.0, inf)
    },
    "placements: no context": Case(anywhere(context_seconds=0), "OK"),
    "placements: a least score of 2": Case(anywhere(min_score=2), INVALID, "min_score", "0 to 1"),
    "placements: a negative page": Case(anywhere(page_size=-1), INVALID, "page_size", "-1 is negative"),
    "placements: a negative revision": Case(anywhere(min_revision=-1), INVALID, "min_revision", "negative"),
    "placements: of no catalog": Case(anywhere(catalog="no"), NO_CATALOG),
    "placements: a token of interests": Case(anywhere(page_token="@own"), TOKEN, "page_token", "another request"),
    "placements: in no video": Case(inside(""), REQUIRED, "video_id", "an id is required"),
    "placements: in an unknown video": Case(inside("nobody"), NO_VIDEO, "", "no video 'nobody'"),
    "placements: in a video of a long id": Case(inside(LONG), LARGE, "video_id", "at most 256"),
    "placements: of nothing in a video": Case(
        pb.MatchPromotionsRequest(video_id="a"), REQUIRED, "promotions", "at least 1"
    ),
    "placements: of too many in a video": Case(
        inside("a", *(promotion(one, "x") for one in many(1001))), LARGE, "promotions", "1001 items; at most 1000"
    ),
    "placements: too many slots": Case(
        inside("a", slot_seconds=range(1001)), LARGE, "slot_seconds", "1001 items; at most 1000"
    ),
    "placements: a slot twice": Case(inside("a", slot_seconds=[1, 2, 1]), INVALID, "slot_seconds[2]", "1.0 occurs"),
    **{
        f"placements: slot {slot}": Case(inside("a", slot_seconds=[0, slot]), INVALID, "slot_seconds[1]", "0 or more")
        for slot in (-1.0, nan, inf)
    },
    "placements: slots behind the end": Case(inside("a", slot_seconds=[1e9]), "OK"),
    "placements: a token in a video": Case(inside("a", page_token="@own"), TOKEN, "page_token", "another request"),
}

CASES = {**PROMOTIONS, **RULES, **REQUESTS}
