"""Bad input of keyword statistics, trends and related keywords, class by class, and what must be answered."""

from math import inf, nan
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import search_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.bad_input import INVALID, LARGE, NO_CATALOG, REQUIRED, TOKEN, Case, many

AHEAD = "FAILED_PRECONDITION REVISION_AHEAD"


def asked(*keywords: str, **fields: Any) -> list[pb.AskedKeyword]:
    return [pb.AskedKeyword(keyword=keyword, **fields) for keyword in keywords]


def stats(*keywords: str, **fields: Any) -> Message:
    return pb.GetKeywordStatsRequest(keywords=asked(*keywords), **fields)


def stat(keyword: str = "london", **fields: Any) -> Message:
    return pb.GetKeywordStatsRequest(keywords=asked("paris") + asked(keyword, **fields))


def trend(*keywords: str, start: int | None = None, end: int | None = None, **fields: Any) -> Message:
    if start is not None or end is not None:
        bounds = (None if one is None else Timestamp(seconds=one) for one in (start, end))
        fields["published_time"] = types_pb.TimeRange(**dict(zip(("start_time", "end_time"), bounds, strict=True)))
    return pb.GetKeywordTrendRequest(keywords=asked(*keywords or ("london",)), **fields)


def related(keyword: str = "london", **fields: Any) -> Message:
    return pb.ListRelatedKeywordsRequest(keyword=asked(keyword)[0], **fields)


DAY = pb.TREND_INTERVAL_DAY
EMPTY = types_pb.Filter(all_of=[types_pb.Condition()])

STATS = {
    "stats: of nothing": Case(stats(), REQUIRED, "keywords", "at least 1"),
    "stats: of too many": Case(stats(*many(1001)), LARGE, "keywords", "1001 items; at most 1000"),
    "stats: of a thousand": Case(stats(*many(1000)), "OK"),
    "stats: an empty keyword": Case(stat(""), REQUIRED, "keywords[1].keyword", "1 to 256"),
    "stats: a keyword of spaces": Case(stat("  "), REQUIRED, "keywords[1].keyword", "1 to 256"),
    "stats: a long keyword": Case(stat("x" * 257), LARGE, "keywords[1].keyword", "257 characters"),
    "stats: a keyword of a bell": Case(stat("a\a"), INVALID, "keywords[1].keyword", "control character"),
    "stats: a keyword without a word": Case(stat("?!"), INVALID, "keywords[1].keyword", "no letter or digit"),
    "stats: no language": Case(stat(language="english!"), INVALID, "keywords[1].language", "BCP-47"),
    "stats: no way to match": Case(stat(keyword_match=7), INVALID, "keywords[1].keyword_match", "7 is no way to match"),
    **{
        f"stats: weight {weight}": Case(stat(weight=weight), INVALID, "keywords[1].weight", message)
        for weight, message in ((nan, "nan is not"), (inf, "inf is not"), (-1.0, "-1.0 is not"), (0.0, "above 0"))
    },
    "stats: an empty condition": Case(stats("london", filter=EMPTY), REQUIRED, "filter.all_of[0]", "is empty"),
    "stats: of no catalog": Case(stats("london", catalog="no"), NO_CATALOG),
    "stats: a negative revision": Case(stats("london", min_revision=-1), INVALID, "min_revision", "negative"),
    "stats: a revision to come": Case(stats("london", min_revision=10**9), AHEAD, "", "beyond the newest"),
}

TRENDS = {
    "trend: of nothing": Case(pb.GetKeywordTrendRequest(), REQUIRED, "keywords", "at least 1"),
    "trend: of too many": Case(trend(*many(21)), LARGE, "keywords", "21 items; at most 20"),
    "trend: of twenty": Case(trend(*many(20)), "OK"),
    "trend: a long keyword": Case(trend("x" * 257), LARGE, "keywords[0].keyword", "257 characters"),
    "trend: no interval": Case(trend(interval=9), INVALID, "interval", "9 is no interval"),
    **{
        f"trend: time zone {name!r:.20}": Case(trend(time_zone=name), INVALID, "time_zone", "is no time zone")
        for name in ("Mars/Phobos", "europe/london", "../UTC", "/etc/passwd", "a\0b", "x" * 9_000, "+01:00")
    },
    "trend: a time zone": Case(trend(time_zone="America/St_Johns"), "OK"),
    "trend: a range without ends": Case(
        trend(published_time=types_pb.TimeRange()), REQUIRED, "published_time", "has no end"
    ),
    "trend: a range from its end": Case(trend(start=9, end=8), INVALID, "published_time", "is empty"),
    "trend: a range of nothing": Case(trend(start=8, end=8), "OK"),
    "trend: no time": Case(trend(start=10**15), INVALID, "published_time.start_time", "years 1 to 9999"),
    "trend: too many days": Case(
        trend(start=0, end=86_400 * 50_000 + 1, interval=DAY), LARGE, "published_time", "more than 50000 intervals"
    ),
    "trend: as many days as can be": Case(trend(start=0, end=86_400 * 50_000, interval=DAY), "OK"),
    "trend: too many days of keywords": Case(
        trend("a", "b", start=0, end=86_400 * 25_000 + 1, interval=DAY), LARGE, "published_time", "for 2 keywords"
    ),
    "trend: all time by month": Case(trend(start=-(62 * 10**9), end=253 * 10**9), LARGE, "published_time"),
    "trend: of no catalog": Case(trend(catalog="no"), NO_CATALOG),
    "trend: an empty condition": Case(trend(filter=EMPTY), REQUIRED, "filter.all_of[0]", "is empty"),
}

RELATED = {
    "related: to nothing": Case(pb.ListRelatedKeywordsRequest(), REQUIRED, "keyword.keyword", "1 to 256"),
    "related: a long keyword": Case(related("x" * 257), LARGE, "keyword.keyword", "257 characters"),
    "related: a keyword without a word": Case(related("..."), INVALID, "keyword.keyword", "no letter or digit"),
    **{
        f"related: within {value}": Case(related(within_seconds=value), INVALID, "within_seconds", "0 to 86400")
        for value in (-0.1, 86_400.5, nan, inf)
    },
    "related: within a day": Case(related(within_seconds=86_400), "OK"),
    "related: a negative number of videos": Case(related(min_video_count=-1), INVALID, "min_video_count", "negative"),
    "related: a negative page": Case(related(page_size=-1), INVALID, "page_size", "negative"),
    "related: a large page": Case(related(page_size=2**31 - 1), "OK"),
    "related: a token of interests": Case(related(page_token="@own"), TOKEN, "page_token", "another request"),
    "related: a broken token": Case(related(page_token="@own:truncated"), TOKEN, "page_token", "damaged"),
    "related: of no catalog": Case(related(catalog="no"), NO_CATALOG),
    "related: a negative revision": Case(related(min_revision=-1), INVALID, "min_revision", "negative"),
}

CASES = {**STATS, **TRENDS, **RELATED}
