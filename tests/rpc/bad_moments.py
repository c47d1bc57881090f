"""Bad input of searches for moments, class by class, and what must be answered."""

from math import inf, nan
from typing import Any

from google.protobuf.message import Message

from matchcut.v1 import search_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.bad_input import INVALID, LARGE, NO_CATALOG, REQUIRED, TOKEN, Case, many


def asked(*keywords: str) -> list[pb.AskedKeyword]:
    return [pb.AskedKeyword(keyword=keyword) for keyword in keywords]


def moments(*keywords: str, **fields: Any) -> Message:
    return pb.SearchMomentsRequest(any_of=asked(*keywords), **fields)


def one(**fields: Any) -> Message:
    return pb.SearchMomentsRequest(all_of=[pb.AskedKeyword(**{"keyword": "london", **fields})])


CASES = {
    "moments: of nothing": Case(moments(), REQUIRED, "all_of", "in all_of or any_of is required"),
    "moments: of what is unwanted alone": Case(moments(none_of=asked("london")), REQUIRED, "all_of", "is required"),
    "moments: of 101 keywords": Case(moments(*many(101)), LARGE, "all_of", "101 keywords in all_of, any_of"),
    "moments: of 101 keywords together": Case(
        moments(*many(50), all_of=asked(*many(50)), none_of=asked("x")), LARGE, "all_of", "at most 100"
    ),
    "moments: of 100 keywords": Case(moments(*many(100)), "OK"),
    "moments: an empty keyword": Case(one(keyword=""), REQUIRED, "all_of[0].keyword", "1 to 256"),
    "moments: a long keyword": Case(one(keyword="x" * 257), LARGE, "all_of[0].keyword", "at most 256"),
    "moments: a keyword without a word": Case(one(keyword="?!"), INVALID, "all_of[0].keyword", "no letter or digit"),
    "moments: a keyword of a line break": Case(moments("a\nb"), INVALID, "any_of[0].keyword", "control character"),
    "moments: an unwanted keyword that is empty": Case(
        moments("london", none_of=asked("paris", " ")), REQUIRED, "none_of[1].keyword", "1 to 256"
    ),
    "moments: a language that is none": Case(one(language="?"), INVALID, "all_of[0].language", "BCP-47"),
    "moments: a way to match that is none": Case(one(keyword_match=9), INVALID, "all_of[0].keyword_match", "EXACT"),
    "moments: weight 0": Case(one(weight=0), INVALID, "all_of[0].weight", "above 0"),
    "moments: weight negative": Case(one(weight=-1), INVALID, "all_of[0].weight", "-1.0"),
    "moments: weight huge": Case(one(weight=1e7), INVALID, "all_of[0].weight", "0 to 1e+06"),
    "moments: weight NaN": Case(one(weight=nan), INVALID, "all_of[0].weight", "nan"),
    "moments: weight infinite": Case(one(weight=inf), INVALID, "all_of[0].weight", "inf"),
    "moments: weight tiny": Case(one(weight=5e-324), "OK"),
    "moments: a window negative": Case(moments("x", within_seconds=-0.5), INVALID, "within_seconds", "-0.5"),
    "moments: a window of two days": Case(moments("x", within_seconds=172_800), INVALID, "within_seconds", "86400"),
    "moments: a window NaN": Case(moments("x", within_seconds=nan), INVALID, "within_seconds", "nan"),
    "moments: a window of 0": Case(moments("x", within_seconds=0), "OK"),
    "moments: min_score negative": Case(moments("x", min_score=-1), INVALID, "min_score", "-1.0"),
    "moments: min_score NaN": Case(moments("x", min_score=nan), INVALID, "min_score", "nan"),
    "moments: min_score infinite": Case(moments("x", min_score=inf), INVALID, "min_score", "inf"),
    "moments: min_score huge": Case(moments("x", min_score=1e300), "OK"),
    "moments: an order that is none": Case(moments("x", order=9), INVALID, "order", "NEWEST_FIRST"),
    "moments: a negative number a video": Case(
        moments("x", max_moments_per_video=-1), INVALID, "max_moments_per_video", "0 for no limit"
    ),
    "moments: a condition that is empty": Case(
        moments("x", filter=types_pb.Filter(any_of=[types_pb.Condition()])), REQUIRED, "filter.any_of[0]", "is empty"
    ),
    "moments: of no catalog": Case(moments("x", catalog="no"), NO_CATALOG),
    "moments: a catalog's name that is none": Case(moments("x", catalog="No!"), INVALID, "catalog"),
    "moments: a page size negative": Case(moments("x", page_size=-1), INVALID, "page_size", "negative"),
    "moments: a page size huge": Case(moments("x", page_size=2**31 - 1), "OK"),
    "moments: a revision negative": Case(moments("x", min_revision=-1), INVALID, "min_revision", "negative"),
    "moments: a revision of another store": Case(
        moments("x", min_revision=2**63 - 1), "FAILED_PRECONDITION REVISION_AHEAD", "", "comes from another store"
    ),
    "moments: a token of recommendations": Case(
        moments("london", page_token="@own"), TOKEN, "page_token", "another request"
    ),
    "moments: a token of another store": Case(
        moments("london", page_token="@foreign"), TOKEN, "page_token", "another store"
    ),
    "moments: a token that is none": Case(moments("x", page_token="nonsense"), TOKEN, "page_token", "is damaged"),
    "moments: a token of another search": Case(
        moments("paris", page_token="@moments"), TOKEN, "page_token", "another request"
    ),
    "moments: a token of another order": Case(
        moments("london", order=pb.MOMENT_ORDER_OLDEST_FIRST, page_token="@moments"), TOKEN, "page_token", "another"
    ),
    "moments: a token, with another page size": Case(moments("london", page_size=7, page_token="@moments"), "OK"),
}
