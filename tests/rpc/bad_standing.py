"""Bad input of standing interests and of what matches them, class by class, and what must be answered."""

from math import inf, nan
from typing import Any

from google.protobuf.message import Message

from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import targeting_service_pb2 as pb
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
    Case,
)
from tests.rpc.standing import standing

AHEAD = "FAILED_PRECONDITION REVISION_AHEAD"
NO_STANDING = "NOT_FOUND STANDING_INTEREST_NOT_FOUND"
TWICE = "INVALID_ARGUMENT DUPLICATE_ID"
LONG = "x" * 257
EMPTY = types_pb.Filter(all_of=[types_pb.Condition()])


def upsert(*items: pb.StandingInterest, **more: Any) -> Message:
    return pb.UpsertStandingInterestsRequest(standing_interests=items, **more)


def one(standing_interest_id: str = "new", keyword: str = "london", **fields: Any) -> Message:
    return upsert(standing(standing_interest_id, keyword, **fields))


def interest(**fields: Any) -> Message:
    given = recommendation_pb.InterestList(interests=[types_pb.Interest(**{"keyword": "london", **fields})])
    return upsert(pb.StandingInterest(standing_interest_id="new", interests=given))


def promotion(**fields: Any) -> Message:
    found = pb.Promotion(**{"interests": [types_pb.Interest(keyword="london")], **fields})
    return upsert(standing("new", promotion=found))


def rules(**fields: Any) -> Message:
    return promotion(rules=pb.PlacementRules(**fields))


def drop(*ids: str, **more: Any) -> Message:
    return pb.DeleteStandingInterestsRequest(standing_interest_ids=ids, **more)


def listing(*ids: str, **more: Any) -> Message:
    return pb.ListStandingInterestsRequest(standing_interest_ids=ids, **more)


def matches(*ids: str, **more: Any) -> Message:
    return pb.ListMatchesRequest(standing_interest_ids=ids, **more)


WRITES = {
    "standing: none": Case(upsert(), REQUIRED, "standing_interests", "at least 1"),
    "standing: too many": Case(
        upsert(*[standing("")] * 1_001), LARGE, "standing_interests", "1001 items; at most 1000"
    ),
    "standing: of no catalog": Case(upsert(standing("new", "london"), catalog="no"), NO_CATALOG, "", "'no'"),
    "standing: without an id": Case(one(""), REJ_REQUIRED, "standing_interest_id", "1 to 256 bytes"),
    "standing: of a long id": Case(one(LONG), REJ_LARGE, "standing_interest_id", "257 bytes"),
    "standing: of an id with a line end": Case(one("a\n"), REJ_INVALID, "standing_interest_id", r"\u000a"),
    "standing: twice": Case(
        upsert(standing("new", "london"), standing("new", "rome")), REJ_TWICE, "standing_interest_id", "occurs earlier"
    ),
    "standing: of nothing": Case(upsert(standing("new")), REJ_REQUIRED, "", "set interests or promotion"),
    "standing: no interests": Case(
        upsert(pb.StandingInterest(standing_interest_id="new", interests=recommendation_pb.InterestList())),
        REJ_REQUIRED,
        "interests.interests",
        "at least 1",
    ),
    "standing: an empty keyword": Case(one("new", ""), REJ_REQUIRED, "interests.interests[0].keyword", "1 to 256"),
    "standing: a long keyword": Case(one("new", LONG), REJ_LARGE, "interests.interests[0].keyword", "257 characters"),
    **{
        f"standing: weight {weight}": Case(
            interest(weight=weight), REJ_INVALID, "interests.interests[0].weight", f"{weight} is not"
        )
        for weight in (nan, inf, 1e7, -1e7)
    },
    "standing: no language": Case(
        interest(language="english!"), REJ_INVALID, "interests.interests[0].language", "BCP-47"
    ),
    **{
        f"standing: least score {score}": Case(one(min_score=score), REJ_INVALID, "min_score", f"{score} is not")
        for score in (nan, inf, -0.5, 1.5)
    },
    "standing: an empty condition": Case(one(filter=EMPTY), REJ_REQUIRED, "filter.all_of[0]", "is empty"),
    "standing: an empty promotion": Case(
        promotion(interests=[]), REJ_REQUIRED, "promotion", "interests, seeds or both"
    ),
    "standing: a long promotion id": Case(promotion(promotion_id=LONG), REJ_LARGE, "promotion.promotion_id", "257"),
    "standing: a promotion of no weight": Case(promotion(weight=0.0), REJ_INVALID, "promotion.weight", "above 0"),
    "standing: a seed without an id": Case(promotion(seeds=[{}]), REJ_REQUIRED, "promotion.seeds[0].video_id", "1 to"),
    "standing: a negative distance": Case(
        rules(min_distance_seconds=-1.0), REJ_INVALID, "promotion.rules.min_distance_seconds", "-1.0 is not"
    ),
    "standing: a negative limit": Case(
        rules(max_placements_per_video=-1), REJ_INVALID, "promotion.rules.max_placements_per_video", "-1 is negative"
    ),
    "standing: an excluded keyword of spaces": Case(
        rules(excluded_keywords=[{"keyword": " "}]),
        REJ_REQUIRED,
        "promotion.rules.excluded_keywords[0].keyword",
        "1 to",
    ),
    "standing: delete none": Case(drop(), REQUIRED, "standing_interest_ids", "at least 1"),
    "standing: delete too many": Case(drop(*["a"] * 1_001), LARGE, "standing_interest_ids", "1001 items"),
    "standing: delete without an id": Case(drop("new", ""), REJ_REQUIRED, "standing_interest_id", "1 to 256 bytes"),
    "standing: delete of no catalog": Case(drop("new", catalog="no"), NO_CATALOG, "", "'no'"),
}

READS = {
    "standing: list too many": Case(listing(*["a"] * 1_001), LARGE, "standing_interest_ids", "1001 items"),
    "standing: list a long id": Case(listing("a", LONG), LARGE, "standing_interest_ids[1]", "257 bytes"),
    "standing: list of no catalog": Case(listing(catalog="no"), NO_CATALOG, "", "'no'"),
    "standing: list a negative page": Case(listing(page_size=-1), INVALID, "page_size", "-1 is negative"),
    "standing: list a negative revision": Case(listing(min_revision=-1), INVALID, "min_revision", "-1 is negative"),
    "standing: list a revision to come": Case(listing(min_revision=10**9), AHEAD, "", "beyond the newest"),
    "standing: list with a foreign token": Case(listing(page_token="@list"), TOKEN, "page_token", "another request"),
    "standing: list with half a token": Case(listing(page_token="abc"), TOKEN, "page_token", "damaged"),
    "matches: of too many": Case(matches(*map(str, range(1_001))), LARGE, "standing_interest_ids", "1001 items"),
    "matches: of a long id": Case(matches(LONG), LARGE, "standing_interest_ids[0]", "257 bytes"),
    "matches: of an id twice": Case(matches("a", "b", "a"), TWICE, "standing_interest_ids[2]", "occurs earlier"),
    "matches: of nobody": Case(matches("nobody"), NO_STANDING, "", "'nobody'"),
    "matches: of no catalog": Case(matches(catalog="no"), NO_CATALOG, "", "'no'"),
    "matches: since before the beginning": Case(
        matches(since_revision=-1), INVALID, "since_revision", "-1 is negative"
    ),
    "matches: since what is to come": Case(matches(since_revision=10**9), AHEAD, "", "since_revision 1000000000 is"),
    "matches: a negative limit": Case(
        matches(max_matches_per_standing_interest=-1), INVALID, "max_matches_per_standing_interest", "-1 is negative"
    ),
    **{
        f"matches: {count} moments": Case(
            matches(max_moments_per_match=count), INVALID, "max_moments_per_match", f"{count} is not"
        )
        for count in (-1, 101)
    },
    "matches: a hundred moments": Case(matches(max_moments_per_match=100), "OK"),
    "matches: a negative page": Case(matches(page_size=-1), INVALID, "page_size", "-1 is negative"),
    "matches: a negative revision": Case(matches(min_revision=-1), INVALID, "min_revision", "-1 is negative"),
    "matches: a revision to come": Case(matches(min_revision=10**9), AHEAD, "", "beyond the newest"),
    "matches: with a foreign token": Case(matches(page_token="@list"), TOKEN, "page_token", "another request"),
    "matches: with half a token": Case(matches(page_token="abc"), TOKEN, "page_token", "damaged"),
}

CASES = {**WRITES, **READS}
