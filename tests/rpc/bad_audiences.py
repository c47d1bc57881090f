"""Bad input of audiences, class by class, and what must be answered."""

from math import inf, nan
from typing import Any

from google.protobuf.message import Message

from matchcut.v1 import profile_service_pb2 as profile_pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.bad_input import INVALID, LARGE, NO_CATALOG, REQUIRED, TOKEN, Case, many

AHEAD = "FAILED_PRECONDITION REVISION_AHEAD"


def promoted(*keywords: str, **fields: Any) -> Message:
    """Ask for the audience of a promotion; `fields` go into the promotion."""
    interests = [types_pb.Interest(keyword=keyword) for keyword in keywords]
    return pb.MatchAudienceRequest(promotion=pb.Promotion(interests=interests, **fields))


def match(**fields: Any) -> Message:
    """Ask for the audience of some promotion; `fields` go into the request."""
    promotion = pb.Promotion(promotion_id="p", interests=[types_pb.Interest(keyword="london")])
    return pb.MatchAudienceRequest(**{"promotion": promotion, **fields})


def interested(**fields: Any) -> Message:
    interest = types_pb.Interest(**{"keyword": "london", **fields})
    return pb.MatchAudienceRequest(promotion=pb.Promotion(interests=[interest]))


def seeded(*video_ids: str, **fields: Any) -> Message:
    return promoted(seeds=[recommendation_pb.VideoSeed(video_id=video_id, **fields) for video_id in video_ids])


def capped(**fields: Any) -> Message:
    return match(frequency_caps=[pb.FrequencyCap(days=1), pb.FrequencyCap(**fields)])


EMPTY = profile_pb.ProfileFilter(all_of=[profile_pb.ProfileCondition()])
NAMELESS = pb.MatchAudienceRequest(
    promotion=pb.Promotion(interests=[types_pb.Interest(keyword="london")]), frequency_caps=[pb.FrequencyCap(days=1)]
)

CASES = {
    "audience: of nothing": Case(pb.MatchAudienceRequest(), REQUIRED, "promotion", "interests, seeds or both"),
    "audience: of an empty keyword": Case(promoted(""), REQUIRED, "promotion.interests[0].keyword", "1 to 256"),
    "audience: of too many keywords": Case(promoted(*many(10_001)), LARGE, "promotion.interests", "10001 items"),
    "audience: of 10,000 keywords": Case(promoted(*many(10_000)), "OK"),
    "audience: no language": Case(
        interested(language="english!"), INVALID, "promotion.interests[0].language", "BCP-47"
    ),
    **{
        f"audience: weight {weight}": Case(
            interested(weight=weight), INVALID, "promotion.interests[0].weight", f"{weight} is not a number"
        )
        for weight in (nan, inf, 1e7)
    },
    "audience: weight 0": Case(interested(weight=0.0), "OK"),
    "audience: of a nameless video": Case(seeded(""), REQUIRED, "promotion.seeds[0].video_id", "an id is required"),
    "audience: of too many videos": Case(seeded(*many(101)), LARGE, "promotion.seeds", "101 items"),
    "audience: of videos that are not there": Case(seeded(*many(100)), "OK"),
    "audience: a promotion worth nothing": Case(promoted("x", weight=0.0), INVALID, "promotion.weight", "above 0"),
    "audience: a long id": Case(promoted("x", promotion_id="x" * 257), LARGE, "promotion.promotion_id", "257 bytes"),
    "audience: an id of a bell": Case(
        promoted("x", promotion_id="a\a"), INVALID, "promotion.promotion_id", "control characters"
    ),
    "audience: an empty condition": Case(match(filter=EMPTY), REQUIRED, "filter.all_of[0]", "is empty"),
    **{
        f"audience: least score {least}": Case(match(min_score=least), INVALID, "min_score", "from 0 to 1")
        for least in (-0.1, 1.1, nan)
    },
    "audience: without too many": Case(match(exclude_ids=many(10_001)), LARGE, "exclude_ids", "10001 items"),
    "audience: without a nameless one": Case(match(exclude_ids=["x", ""]), REQUIRED, "exclude_ids[1]", "an id"),
    "audience: too many caps": Case(
        match(frequency_caps=[pb.FrequencyCap(days=1)] * 11), LARGE, "frequency_caps", "11 items"
    ),
    "audience: a cap of no days": Case(capped(), REQUIRED, "frequency_caps[1].days", "above 0"),
    **{
        f"audience: a cap of {days} days": Case(capped(days=days), INVALID, "frequency_caps[1].days", "36500")
        for days in (-1.0, 36_501.0, nan)
    },
    "audience: a cap of less than none": Case(
        capped(days=1, max_impressions=-1), INVALID, "frequency_caps[1].max_impressions", "negative"
    ),
    "audience: a cap of a long id": Case(
        capped(days=1, promotion_id="x" * 257), LARGE, "frequency_caps[1].promotion_id", "257 bytes"
    ),
    "audience: a cap of nothing": Case(NAMELESS, REQUIRED, "frequency_caps[0].promotion_id", "name the promotion"),
    "audience: a negative page": Case(match(page_size=-1), INVALID, "page_size", "negative"),
    "audience: a page too large": Case(match(page_size=2**31 - 1), "OK"),
    "audience: no token": Case(match(page_token="x"), TOKEN, "page_token", "damaged"),
    "audience: a token of others": Case(match(page_token="@own"), TOKEN, "page_token", "another request"),
    "audience: of no catalog": Case(match(catalog="no"), NO_CATALOG),
    "audience: a negative revision": Case(match(min_revision=-1), INVALID, "min_revision", "negative"),
    "audience: a revision to come": Case(match(min_revision=10**9), AHEAD, "", "beyond the newest"),
}
