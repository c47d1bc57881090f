"""Bad input, class by class, and what must be answered."""

import json
from math import inf, nan
from typing import Any, NamedTuple

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as video_pb
from tests.rpc.service import (
    ask,
    attributes,
    batch,
    document,
    index,
    keyword,
    profile,
    shown,
    video,
)


class Raw(NamedTuple):
    """Bytes for a method."""

    method: str
    content: bytes


class Case(NamedTuple):
    """What is sent, and what must be answered."""

    request: Message | Raw
    outcome: str
    """A code or the status of the item, and the reason or what was adjusted: `INVALID_ARGUMENT REQUIRED`, `CREATED`."""
    field: str = ""
    message: str = ""
    """A part of it."""


# --- short ways to say something wrong --------------------------------------------------------------------------------

WIDE = "\U0001f600"
BIDI = "\u202elondon\u202c\u2066"


def up(*videos: types_pb.Video) -> Message:
    return video_pb.UpsertVideosRequest(videos=videos)


def one(**fields: Any) -> Message:
    return up(types_pb.Video(**{"video_id": "new", **fields}))


def words(*keywords: types_pb.Keyword, language: str = "", **more: Any) -> Message:
    return up(video("new", *keywords, language=language, **more))


def span(start: float, end: float, **more: Any) -> Message:
    instance = types_pb.Instance(start_seconds=start, end_seconds=end, **more)
    return words(types_pb.Keyword(text="x", confidence=1, instances=[instance]))


def doc(content: str | bytes | dict[str, Any] | list[Any], **more: Any) -> Message:
    raw = json.dumps(content) if isinstance(content, dict | list) else content
    item = index(raw if isinstance(raw, bytes) else raw.encode(), **{"video_id": "new", **more})
    return video_pb.ImportVideoIndexesRequest(video_indexes=[item])


def word(**fields: Any) -> Message:
    """A document with one keyword; None removes a field."""
    keyword_json = {**shown("london"), **fields}
    return doc({"keywords": [keyword_json]})


def instance(**fields: Any) -> Message:
    return word(instances=[{"start": "0:00:01", "end": "0:00:02", **fields}])


def meta(**fields: Any) -> Message:
    return video_pb.UpdateVideoMetadataRequest(video_metadata=[video_pb.VideoMetadata(**{"video_id": "a", **fields})])


def where(**condition: Any) -> Message:
    return ask("london", filter=types_pb.Filter(all_of=[types_pb.Condition(**condition)]))


def create(name: str = "new", **settings: Any) -> Message:
    return catalog_pb.CreateCatalogRequest(name=name, settings=catalog_pb.CatalogSettings(**settings))


def scenario(name: str = "new", **ranking: Any) -> Message:
    settings = scenario_pb.RankingSettings(**ranking)
    return scenario_pb.UpsertScenarioRequest(scenario=scenario_pb.Scenario(name=name, ranking=settings))


def setting(name: str, value: float) -> Message:
    return scenario("new", **{name: value})


def boosts(*, weight: float = 0.1, count: int = 1, **condition: Any) -> Message:
    boost = scenario_pb.ConditionBoost(condition=types_pb.Condition(**condition), weight=weight)
    return scenario(condition_boosts=scenario_pb.ConditionBoostList(boosts=[boost] * count))


def caps(*several: tuple[str, int]) -> Message:
    listed = [scenario_pb.AttributeCap(name=name, max_per_value=most) for name, most in several]
    return scenario(attribute_caps=scenario_pb.AttributeCapList(caps=listed))


def pins(*several: tuple[str, int], **more: Any) -> Message:
    listed = [scenario_pb.PinnedVideo(video_id=video_id, position=position, **more) for video_id, position in several]
    return scenario(pinned_videos=scenario_pb.PinnedVideoList(videos=listed))


def interest(**fields: Any) -> Message:
    listed = recommendation_pb.InterestList(interests=[types_pb.Interest(**{"keyword": "london", **fields})])
    return recommendation_pb.RecommendVideosRequest(interests=listed)


def many(count: int) -> list[str]:
    return [f"x{number}" for number in range(count)]


def deep(opening: str, closing: str, count: int = 100_000) -> str:
    return f'{{"keywords": [], "x": {opening * count}1{closing * count}}}'


DOC = document("new", "london", "paris")
PART = '{"keywords": [{"text": "london"}]}'
INVALID, REQUIRED, LARGE = ("INVALID_ARGUMENT " + reason for reason in ("INVALID_VALUE", "REQUIRED", "TOO_LARGE"))
TOKEN, MALFORMED = "INVALID_ARGUMENT INVALID_PAGE_TOKEN", "INVALID_ARGUMENT MALFORMED_REQUEST"
NO_CATALOG, NO_VIDEO = "NOT_FOUND CATALOG_NOT_FOUND", "NOT_FOUND VIDEO_NOT_FOUND"
REJ_INVALID, REJ_REQUIRED, REJ_LARGE = ("REJECTED " + reason for reason in ("INVALID_VALUE", "REQUIRED", "TOO_LARGE"))
REJ_JSON, REJ_TWICE, REJ_LATER = (
    "REJECTED " + reason for reason in ("MALFORMED_JSON", "DUPLICATE_ID", "NOT_PROCESSED")
)

JSON_TYPES = {
    "json: a number": Case(doc("1"), REJ_INVALID, "", "expected object, got int 1"),
    "json: a string": Case(doc('"keywords"'), REJ_INVALID, "", "expected object, got str 'keywords'"),
    "json: null": Case(doc("null"), REJ_INVALID, "", "expected object, got null"),
    "json: true": Case(doc("true"), REJ_INVALID, "", "expected object, got bool"),
    "json: an empty object": Case(doc({}), REJ_REQUIRED, "", "neither videos, insights nor keywords"),
    "json: another object": Case(doc({"error": {"code": 404}}), REJ_REQUIRED, "", "send the JSON of Get Video Index"),
    "json: a list of numbers": Case(doc([1, 2]), REJ_INVALID, "[0]", "expected object, got int 1"),
    "json: keywords an object": Case(doc({"keywords": {}}), REJ_INVALID, "keywords", "expected array"),
    "json: keywords a string": Case(doc({"keywords": "a,b"}), REJ_INVALID, "keywords", "got str 'a,b'"),
    "json: a keyword a string": Case(
        doc({"keywords": ["a"]}), REJ_INVALID, "keywords[0]", "expected object, got str 'a'"
    ),
    "json: a keyword null": Case(doc({"keywords": [None]}), REJ_INVALID, "keywords[0]", "expected object, got null"),
    "json: videos an object": Case(doc({"videos": {}}), REJ_INVALID, "videos", "expected array"),
    "json: a video a number": Case(doc({"videos": [7]}), REJ_INVALID, "videos[0]", "got int 7"),
    "json: insights a list": Case(doc({"videos": [{"insights": []}]}), REJ_INVALID, "videos[0].insights", "got array"),
    "json: id a number": Case(doc({"id": 5, "keywords": []}), REJ_INVALID, "id", "got int 5"),
    "json: text a number": Case(word(text=5), REJ_INVALID, "keywords[0].text", "got int 5"),
    "json: text a list": Case(word(text=["a"]), REJ_INVALID, "keywords[0].text", "got array"),
    "json: confidence a word": Case(word(confidence="high"), REJ_INVALID, "keywords[0].confidence", "got str 'high'"),
    "json: confidence a bool": Case(word(confidence=True), REJ_INVALID, "keywords[0].confidence", "got bool"),
    "json: instances an object": Case(word(instances={}), REJ_INVALID, "keywords[0].instances", "expected array"),
    "json: an instance null": Case(word(instances=[None]), REJ_INVALID, "keywords[0].instances[0]", "got null"),
    "json: a time a number": Case(instance(start=1.5), REJ_INVALID, "keywords[0].instances[0].start", "got float 1.5"),
}

MISSING = {
    "missing: interests": Case(
        recommendation_pb.RecommendVideosRequest(interests=recommendation_pb.InterestList()),
        REQUIRED,
        "interests.interests",
        "at least 1",
    ),
    "missing: an interest's keyword": Case(
        interest(keyword=""), REQUIRED, "interests.interests[0].keyword", "1 to 256"
    ),
    "missing: the video's id": Case(one(video_id=""), REJ_REQUIRED, "video_id", "1 to 256 bytes"),
    "missing: videos": Case(up(), REQUIRED, "videos", "at least 1"),
    "missing: documents": Case(video_pb.ImportVideoIndexesRequest(), REQUIRED, "video_indexes", "at least 1"),
    "missing: metadata": Case(video_pb.UpdateVideoMetadataRequest(), REQUIRED, "video_metadata", "at least 1"),
    "missing: ids": Case(video_pb.DeleteVideosRequest(), REQUIRED, "video_ids", "at least 1"),
    "missing: profiles": Case(batch(), REQUIRED, "profiles", "at least 1"),
    "missing: a profile's interests": Case(batch(profile("x")), REJ_REQUIRED, "interests.interests", "at least 1"),
    "missing: a catalog's name": Case(create(""), REQUIRED, "name", "required"),
    "missing: settings": Case(catalog_pb.UpdateCatalogRequest(), REQUIRED, "settings", "replace the old ones"),
    "missing: the id to get": Case(video_pb.GetVideoRequest(), REQUIRED, "video_id", "required"),
    "missing: content": Case(doc(""), REJ_REQUIRED, "", "the document is empty"),
    "missing: content but spaces": Case(doc(" \n\t "), REJ_REQUIRED, "", "the document is empty"),
    "missing: an id anywhere": Case(doc(PART, video_id=""), REJ_REQUIRED, "video_id", "give one beside it"),
    "missing: an id, which is null": Case(
        doc({"id": None, "keywords": []}, video_id=""), REJ_REQUIRED, "video_id", "no id"
    ),
    "missing: a keyword's text": Case(doc({"keywords": [{}]}), REJ_REQUIRED, "keywords[0].text", "needs a text"),
    "missing: a keyword's text, null": Case(word(text=None), REJ_REQUIRED, "keywords[0].text", "needs a text"),
    "missing: a confidence, null": Case(word(confidence=None), "CREATED DEFAULTED_CONFIDENCE"),
    "missing: instances, null": Case(word(instances=None), "CREATED DEFAULTED_DURATION"),
    "missing: a time": Case(instance(end=None), REJ_REQUIRED, "keywords[0].instances[0].end", "a time is missing"),
    "missing: all times": Case(
        word(instances=[{}]), REJ_REQUIRED, "keywords[0].instances[0].adjustedStart", "is missing"
    ),
    "missing: insights": Case(doc({"videos": [{}]}), REJ_LATER, "videos[0].insights", "import the document again"),
    "missing: insights, null": Case(doc({"videos": [{"insights": None}]}), REJ_LATER, "videos[0].insights", "again"),
    "missing: videos of a document": Case(doc({"videos": []}), REJ_LATER, "videos", "when it is indexed"),
    "missing: an alias": Case(
        create(keyword_aliases=[catalog_pb.KeywordAlias(keyword="uk")]),
        REQUIRED,
        "settings.keyword_aliases[0].canonical",
    ),
    "missing: a condition": Case(where(), REQUIRED, "options.filter.all_of[0]", "the condition is empty"),
    "missing: a language": Case(where(language=""), REQUIRED, "options.filter.all_of[0].language", "such as en"),
    "missing: an attribute's name": Case(
        where(attribute=types_pb.AttributeCondition()), REQUIRED, "options.filter.all_of[0].attribute.name", "1 to 64"
    ),
    "missing: both ends of a range": Case(
        where(duration=types_pb.DurationRange()), REQUIRED, "options.filter.all_of[0].duration", "no end"
    ),
    "missing: ids of a condition": Case(
        where(video_ids=types_pb.VideoIds()), REQUIRED, "options.filter.all_of[0].video_ids.video_ids", "at least 1"
    ),
    "missing: an attribute's values": Case(one(attributes=attributes(genre=[])), REJ_REQUIRED, "attributes['genre']"),
}

NUMBERS = {
    "number: confidence NaN": Case(
        words(keyword("x", nan)), REJ_INVALID, "keyword_sets[0].keywords[0].confidence", "nan"
    ),
    "number: confidence infinite": Case(
        words(keyword("x", inf)), REJ_INVALID, "keyword_sets[0].keywords[0].confidence"
    ),
    "number: confidence huge": Case(words(keyword("x", 1e308)), "CREATED CLAMPED_CONFIDENCE"),
    "number: confidence negative": Case(words(keyword("x", -1)), "CREATED CLAMPED_CONFIDENCE"),
    "number: duration NaN": Case(one(duration_seconds=nan), REJ_INVALID, "duration_seconds", "nan is not a duration"),
    "number: duration infinite": Case(one(duration_seconds=inf), REJ_INVALID, "duration_seconds", "inf"),
    "number: duration negative": Case(one(duration_seconds=-0.5), REJ_INVALID, "duration_seconds", "-0.5"),
    "number: duration of centuries": Case(one(duration_seconds=1e12), REJ_INVALID, "duration_seconds", "31622400"),
    "number: weight NaN": Case(interest(weight=nan), INVALID, "interests.interests[0].weight", "nan is not a number"),
    "number: weight infinite": Case(interest(weight=-inf), INVALID, "interests.interests[0].weight", "-inf"),
    "number: weight huge": Case(interest(weight=1e7), INVALID, "interests.interests[0].weight", "-1e+06 to 1e+06"),
    "number: weight tiny": Case(interest(weight=5e-324), "OK"),
    "number: min_score NaN": Case(ask("x", min_score=nan), INVALID, "options.min_score", "nan"),
    "number: min_score negative": Case(ask("x", min_score=-1), INVALID, "options.min_score", "0 to 1"),
    "number: min_score beyond 1": Case(ask("x", min_score=1.5), INVALID, "options.min_score", "1.5"),
    "number: a revision negative": Case(ask("x", min_revision=-1), INVALID, "options.min_revision", "negative"),
    "number: a revision of another store": Case(
        ask("x", min_revision=2**63 - 1), "FAILED_PRECONDITION REVISION_AHEAD", "", "comes from another store"
    ),
    "number: a scheme that is none": Case(
        create(weighting_scheme=99), INVALID, "settings.weighting_scheme", "LOG, SQRT"
    ),
    "number: a view that is none": Case(video_pb.ListVideosRequest(view=-3), INVALID, "view", "VIDEO_VIEW_FULL"),  # type: ignore[arg-type]  # none
    "number: JSON NaN": Case(doc('{"keywords": [{"text": "x", "confidence": NaN}]}'), REJ_JSON, "", "not valid JSON"),
    "number: JSON Infinity": Case(doc('{"keywords": [{"text": "x", "confidence": -Infinity}]}'), REJ_JSON),
    "number: JSON 1e999": Case(
        doc('{"keywords": [{"text": "x", "confidence": 1e999}]}'), REJ_INVALID, "keywords[0].confidence"
    ),
    "number: JSON of 5,000 digits": Case(
        doc(f'{{"keywords": [{{"text": "x", "confidence": {"9" * 5_000}}}]}}'), REJ_INVALID, "keywords[0].confidence"
    ),
    "number: JSON huge as a text": Case(doc(f'{{"id": {"9" * 5_000}, "keywords": []}}'), REJ_INVALID, "id"),
    "number: JSON duration huge": Case(doc({"durationInSeconds": 1e308, "keywords": []}), "CREATED"),
    "number: JSON summary huge": Case(
        doc(
            {
                "videos": [{"insights": {}}],
                "summarizedInsights": {
                    "keywords": [{"name": "x", "appearances": [{"startSeconds": 0, "endSeconds": 1e308}]}]
                },
            }
        ),
        REJ_INVALID,
        "summarizedInsights.keywords[0].appearances[0]",
        "1e+308",
    ),
}

TIMES = {
    "time: NaN": Case(span(nan, 1), REJ_INVALID, "keyword_sets[0].keywords[0].instances[0]", "nan to 1.0"),
    "time: infinite": Case(span(0, inf), REJ_INVALID, "keyword_sets[0].keywords[0].instances[0]", "inf"),
    "time: huge": Case(span(0, 1e300), REJ_INVALID, "keyword_sets[0].keywords[0].instances[0]", "at most 31622400"),
    "time: huge and negative": Case(span(-1e300, 5), REJ_INVALID, "keyword_sets[0].keywords[0].instances[0]"),
    "time: too large for a count of ticks": Case(
        span(0, 1e15), REJ_INVALID, "keyword_sets[0].keywords[0].instances[0]"
    ),
    "time: before the start": Case(span(-5, 5), "CREATED CLIPPED_INSTANCE"),
    "time: reversed": Case(span(5, 1), "CREATED DROPPED_INSTANCE"),
    "time: of no length": Case(span(5, 5), "CREATED DROPPED_INSTANCE"),
    "time: in the source NaN": Case(
        span(0, 1, source_video_id="s", source_start_seconds=nan),
        REJ_INVALID,
        "keyword_sets[0].keywords[0].instances[0].source_start_seconds",
    ),
    "time: no colons": Case(instance(start="5"), REJ_INVALID, "keywords[0].instances[0].start", "'5' is not a time"),
    "time: empty": Case(instance(start=""), REJ_INVALID, "keywords[0].instances[0].start", "H:MM:SS.fffffff"),
    "time: 61 seconds": Case(instance(end="0:00:61"), REJ_INVALID, "keywords[0].instances[0].end", "'0:00:61'"),
    "time: words": Case(instance(end="<script>"), REJ_INVALID, "keywords[0].instances[0].end", "'<script>'"),
    "time: of 100 years": Case(instance(end="876000:00:00"), REJ_INVALID, "keywords[0].instances[0].end"),
    "time: other digits": Case(instance(end="0:00:\u0660\u0665"), REJ_INVALID, "keywords[0].instances[0].end"),
    "time: a line end behind": Case(instance(end="0:00:05\n"), REJ_INVALID, "keywords[0].instances[0].end", r"\u000a"),
    "time: a duration that is none": Case(
        doc({"insights": {"duration": "long"}}), REJ_INVALID, "insights.duration", "'long'"
    ),
    "time: created that is none": Case(doc(document("n", created="soon")), REJ_INVALID, "created", "ISO 8601"),
    "time: created in year 10000": Case(
        doc(document("n", created="9999-12-31T23:59:59-12:00")), REJ_INVALID, "created"
    ),
    "time: published in year 10000": Case(
        one(published_time=Timestamp(seconds=253_402_300_800)), REJ_INVALID, "published_time", "years 1 to 9999"
    ),
    "time: nanoseconds negative": Case(one(expire_time=Timestamp(nanos=-1)), REJ_INVALID, "expire_time", "nanos -1"),
    "time: nanoseconds of a second": Case(meta(expire_time=Timestamp(nanos=10**9)), REJ_INVALID, "expire_time"),
    "time: set and cleared": Case(
        meta(expire_time=Timestamp(), clear_expire_time=True), REJ_INVALID, "clear_expire_time", "not both"
    ),
    "time: a range that is empty": Case(
        where(duration=types_pb.DurationRange(min_seconds=9, max_seconds=1)),
        INVALID,
        "options.filter.all_of[0].duration",
        "9",
    ),
    "time: a range from NaN": Case(
        where(duration=types_pb.DurationRange(min_seconds=nan)),
        INVALID,
        "options.filter.all_of[0].duration.min_seconds",
    ),
    "time: a range of negative lengths": Case(
        where(duration=types_pb.DurationRange(max_seconds=-1)), INVALID, "options.filter.all_of[0].duration.max_seconds"
    ),
    "time: a range of times that are none": Case(
        where(published_time=types_pb.TimeRange(end_time=Timestamp(seconds=2**62))),
        INVALID,
        "options.filter.all_of[0].published_time.end_time",
    ),
}

TEXTS = {
    "text: an id of 257 bytes": Case(one(video_id="é" * 128 + "x"), REJ_LARGE, "video_id", "257 bytes"),
    "text: an id of a megabyte": Case(one(video_id="x" * 10**6), REJ_LARGE, "video_id", "1000000 bytes"),
    "text: an id with NUL": Case(one(video_id="a\0b"), REJ_INVALID, "video_id", r"a\u0000b"),
    "text: an id with a line end": Case(one(video_id="a\nb"), REJ_INVALID, "video_id", r"a\u000ab"),
    "text: an id of bidi controls": Case(one(video_id=BIDI), "CREATED"),
    "text: a title too long": Case(one(title="x" * 1_025), REJ_LARGE, "title", "1025 characters"),
    "text: a title with ESC": Case(one(title="\x1b[31mred"), REJ_INVALID, "title", r"\u001b[31mred"),
    "text: a title beside a document": Case(doc(PART, title="x" * 1_025), REJ_LARGE, "title", "1025"),
    "text: a title of bidi controls": Case(one(title=BIDI), "CREATED"),
    "text: a keyword empty": Case(words(keyword("")), REJ_REQUIRED, "keyword_sets[0].keywords[0].text", "needs a text"),
    "text: a keyword of spaces": Case(words(keyword(" \t ")), REJ_REQUIRED, "keyword_sets[0].keywords[0].text"),
    "text: a keyword too long": Case(words(keyword(WIDE * 257)), REJ_LARGE, "keyword_sets[0].keywords[0].text", "257"),
    "text: a keyword with DEL": Case(
        words(keyword("a\x7f")), REJ_INVALID, "keyword_sets[0].keywords[0].text", r"\u007f"
    ),
    "text: a keyword with NUL in JSON": Case(word(text="a\0"), REJ_INVALID, "keywords[0].text", "control character"),
    "text: a keyword too long in JSON": Case(word(text="x" * 10**6), REJ_LARGE, "keywords[0].text", "1000000"),
    "text: a keyword of bidi controls": Case(words(keyword("\u202e\u2066")), "CREATED KEYWORD_WITHOUT_WORDS"),
    "text: a keyword of signs that stand for letters": Case(word(text="㍿"), "CREATED"),
    "text: a keyword of signs": Case(word(text="…!?"), "CREATED KEYWORD_WITHOUT_WORDS"),
    "text: keywords that only bidi tells apart": Case(
        words(keyword("london"), keyword(BIDI)), "CREATED MERGED_KEYWORD"
    ),
    "text: an interest too long": Case(interest(keyword="x" * 257), LARGE, "interests.interests[0].keyword", "257"),
    "text: an interest with a bell": Case(interest(keyword="\a"), INVALID, "interests.interests[0].keyword", r"\u0007"),
    "text: an interest of bidi controls": Case(interest(keyword=BIDI), "OK"),
    "text: a language that is none": Case(
        interest(language="english!"), INVALID, "interests.interests[0].language", "BCP-47"
    ),
    "text: a language too long": Case(interest(language="en-" + "a" * 40), INVALID, "interests.interests[0].language"),
    "text: a language of another script": Case(
        words(keyword("x"), language="英語"), REJ_INVALID, "keyword_sets[0].language"
    ),
    "text: a language in JSON that is none": Case(word(language="?"), REJ_INVALID, "keywords[0].language", "'?'"),
    "text: a language in a filter": Case(where(language="*"), INVALID, "options.filter.all_of[0].language", "'*'"),
    "text: a catalog in capitals": Case(create("Films"), INVALID, "name", "'Films' is not a catalog's name"),
    "text: a catalog with a path": Case(create("../films"), INVALID, "name", "a-z"),
    "text: a catalog too long": Case(create("x" * 65), INVALID, "name", "1 to 64"),
    "text: a catalog with a line end": Case(create("films\n"), INVALID, "name", r"\u000a"),
    "text: a catalog of bidi controls": Case(ask("x", catalog=BIDI), INVALID, "catalog", r"\u202e"),
    "text: an attribute without a name": Case(
        one(attributes={"": types_pb.AttributeValues(values=["x"])}), REJ_INVALID, "attributes['']"
    ),
    "text: an attribute's name too long": Case(
        one(attributes=attributes(**{"x" * 65: ["y"]})), REJ_INVALID, f"attributes['{'x' * 65}']"
    ),
    "text: an attribute's value empty": Case(
        one(attributes=attributes(genre=[""])), REJ_REQUIRED, "attributes['genre']", "is empty"
    ),
    "text: an attribute's value too long": Case(
        one(attributes=attributes(genre=["x" * 257])), REJ_LARGE, "attributes['genre']"
    ),
    "text: an excluded id empty": Case(ask("x", exclude_ids=["a", ""]), REQUIRED, "options.exclude_ids[1]", "1 to 256"),
    "text: an excluded id too long": Case(ask("x", exclude_ids=["x" * 257]), LARGE, "options.exclude_ids[0]", "257"),
    "text: a key too long": Case(batch(profile("x" * 257, "london")), REJ_LARGE, "key", "256"),
    "text: a source's id too long": Case(
        span(0, 1, source_video_id="x" * 129), REJ_LARGE, "keyword_sets[0].keywords[0].instances[0].source_video_id"
    ),
    "text: a source's id too long in JSON": Case(
        doc({"id": "p", "isBase": False, "videos": [{"id": "x" * 129, "insights": {}}]}),
        REJ_LARGE,
        "videos[0].id",
        "129",
    ),
}

TOO_MANY = {
    "many: videos": Case(up(*[types_pb.Video()] * 1_001), LARGE, "videos", "1001 items; at most 1000"),
    "many: documents": Case(
        video_pb.ImportVideoIndexesRequest(video_indexes=[video_pb.VideoIndex()] * 1_001), LARGE, "video_indexes"
    ),
    "many: metadata": Case(
        video_pb.UpdateVideoMetadataRequest(video_metadata=[video_pb.VideoMetadata()] * 1_001), LARGE, "video_metadata"
    ),
    "many: ids": Case(video_pb.DeleteVideosRequest(video_ids=many(1_001)), LARGE, "video_ids", "in parts"),
    "many: profiles": Case(batch(*[profile("")] * 1_001), LARGE, "profiles"),
    "many: interests": Case(ask(*many(10_001)), LARGE, "interests.interests", "10001"),
    "many: excluded ids": Case(ask("x", exclude_ids=many(10_001)), LARGE, "options.exclude_ids"),
    "many: conditions": Case(
        ask("x", filter=types_pb.Filter(any_of=[types_pb.Condition(language="en")] * 101)),
        LARGE,
        "options.filter",
        "101",
    ),
    "many: values of a condition": Case(
        where(attribute=types_pb.AttributeCondition(name="x", values=many(1_001))),
        LARGE,
        "options.filter.all_of[0].attribute.values",
    ),
    "many: ids of a condition": Case(
        where(video_ids=types_pb.VideoIds(video_ids=many(10_001))),
        LARGE,
        "options.filter.all_of[0].video_ids.video_ids",
    ),
    "many: keywords": Case(
        words(*map(keyword, many(1_001))), REJ_LARGE, "keyword_sets[0].keywords[1000]", "at most 1000"
    ),
    "many: keywords in JSON": Case(doc([{"text": text} for text in many(1_001)]), REJ_LARGE, "keywords[1000]", "1000"),
    "many: instances": Case(
        words(keyword("x", 1.0, *[(0, 1)] * 10_001)), REJ_LARGE, "keyword_sets[0].keywords[0].instances", "10000"
    ),
    "many: keyword sets": Case(
        one(keyword_sets=[types_pb.KeywordSet(language=f"x{chr(97 + n // 26)}{chr(97 + n % 26)}") for n in range(65)]),
        REJ_LARGE,
        "keyword_sets",
        "65",
    ),
    "many: attributes": Case(
        one(attributes=attributes(**{name: ["x"] for name in many(101)})), REJ_LARGE, "attributes", "101"
    ),
    "many: values of an attribute": Case(one(attributes=attributes(genre=many(101))), REJ_LARGE, "attributes['genre']"),
    "many: bytes of attributes": Case(
        one(attributes=attributes(**{n: [f"{v:0256}" for v in range(100)] for n in "abc"})),
        REJ_LARGE,
        "attributes",
        "bytes",
    ),
    "many: ignored keywords": Case(create(ignored_keywords=many(10_001)), LARGE, "settings.ignored_keywords"),
    "many: bytes of settings": Case(
        create(ignored_keywords=[WIDE * 250 + text for text in many(5_000)]), LARGE, "settings", "bytes"
    ),
}

BROKEN = {
    "deep: lists": Case(doc(deep("[", "]")), REJ_JSON, "", "nested too deep"),
    "deep: objects": Case(doc(deep('{"a":', "}")), REJ_JSON, "", "nested too deep"),
    "deep: never closed": Case(doc('{"x": ' + "[" * 100_000), REJ_JSON, "", "nested too deep"),
    "deep: keywords": Case(doc('{"keywords": ' + "[" * 100_000), REJ_INVALID, "keywords[0]", "got array"),
    "deep: a fragment": Case(doc('"keywords": ' + "[" * 100_000), REJ_INVALID, "keywords[0]", "got array"),
    "broken: cut off": Case(doc(DOC[: len(DOC) // 2]), REJ_JSON, "", "not valid JSON"),
    "broken: cut off by one byte": Case(doc(DOC[:-1]), REJ_JSON, "", "whole"),
    "broken: twice": Case(doc(DOC + DOC), REJ_JSON, "", "not valid JSON"),
    "broken: a brace alone": Case(doc("{"), REJ_JSON),
    "broken: a comma too many": Case(doc('{"keywords": [],}'), REJ_JSON),
    "broken: single quotes": Case(doc("{'keywords': []}"), REJ_JSON),
    "broken: HTML": Case(doc("<html></html>"), REJ_JSON),
    "broken: a fragment cut off in a text": Case(doc('"keywords": [{"text": "lon'), REJ_JSON),
    "broken: not UTF-8": Case(doc(b'{"keywords": [{"text": "\xe9"}]}'), REJ_JSON, "", "not UTF-8 at byte 24"),
    "broken: UTF-16": Case(doc(PART.encode("utf-16")), REJ_JSON, "", "send JSON as UTF-8"),
    "broken: gzip": Case(doc(b"\x1f\x8b\x08\x00\x00\x00\x00\x00"), REJ_JSON, "", "not UTF-8"),
    "broken: half a surrogate pair": Case(doc('{"keywords": [{"text": "\\ud83d"}]}'), REJ_JSON),
    "broken: NUL bytes": Case(doc(b"\0" * 100), REJ_JSON),
    "broken: a retired document": Case(
        doc({"id": "v1", "breakdowns": [], "summarizedInsights": {}}), "REJECTED RETIRED_FORMAT", "breakdowns", "API v1"
    ),
    "broken: an unfinished document": Case(doc(document("n", state="Processing")), REJ_LATER, "state", "'Processing'"),
    "broken: a failed document": Case(
        doc({"videos": [{"state": "Failed", "insights": {}}]}), REJ_LATER, "videos[0].state", "'Failed'"
    ),
    "bytes: none is a message": Case(Raw("UpsertVideos", b"\xff" * 100), MALFORMED, "", "generate the client"),
    "bytes: of text": Case(Raw("RecommendVideos", b"GET / HTTP/1.1\r\n\r\n"), MALFORMED),
    "bytes: cut off": Case(Raw("UpsertVideos", one(title="london").SerializeToString()[:-3]), MALFORMED),
    "bytes: a text that is not UTF-8": Case(Raw("GetVideo", b"\x12\x02\xc3\x28"), MALFORMED),
    "bytes: a text with half a surrogate pair": Case(Raw("GetVideo", b"\x12\x03\xed\xa0\x80"), MALFORMED),
    "bytes: a length beyond the end": Case(Raw("GetVideo", b"\x12\xff\xff\xff\xff\x0f"), MALFORMED),
    "bytes: a number for a text": Case(Raw("GetVideo", b"\x10\x05"), REQUIRED, "video_id"),  # an unknown field
    "bytes: of another message": Case(Raw("GetVideo", create("films").SerializeToString()), REQUIRED, "video_id"),
}

DUPLICATES = {
    "twice: an id in an upsert": Case(up(video("new"), video("new")), REJ_TWICE, "video_id", "'new' occurs earlier"),
    "twice: an id in metadata": Case(
        video_pb.UpdateVideoMetadataRequest(video_metadata=[video_pb.VideoMetadata(video_id="a")] * 2),
        REJ_TWICE,
        "video_id",
    ),
    "twice: an id in a delete": Case(video_pb.DeleteVideosRequest(video_ids=["none", "none"]), "NOT_FOUND"),
    "twice: a document": Case(video_pb.ImportVideoIndexesRequest(video_indexes=[index(DOC), index(DOC)]), "UNCHANGED"),
    "twice: a language": Case(
        one(keyword_sets=[types_pb.KeywordSet(language=tag) for tag in ("en-us", "", "de")]),
        REJ_INVALID,
        "keyword_sets[1].language",
        "'en-US' has a keyword set already",
    ),
    "twice: an alias": Case(
        create(keyword_aliases=[catalog_pb.KeywordAlias(keyword=text, canonical="x") for text in ("uk", "UK ")]),
        INVALID,
        "settings.keyword_aliases[1].keyword",
        "already",
    ),
}

PAGES = {
    "page: negative": Case(ask("x", page_size=-1), INVALID, "page_size", "-1 is negative"),
    "page: most negative": Case(video_pb.ListVideosRequest(page_size=-(2**31)), INVALID, "page_size", "negative"),
    "page: negative of catalogs": Case(catalog_pb.ListCatalogsRequest(page_size=-1), INVALID, "page_size"),
    "page: negative of a batch": Case(batch(profile("", "x"), page_size=-1), INVALID, "page_size"),
    "page: huge": Case(ask("london", page_size=2**31 - 1), "OK"),
    "page: huge of a list": Case(video_pb.ListVideosRequest(page_size=2**31 - 1), "OK"),
    "token: no base64": Case(ask("london", page_token="!"), TOKEN, "page_token", "is damaged"),
    "token: no ASCII": Case(ask("london", page_token="é"), TOKEN, "page_token", "is damaged"),
    "token: empty bytes": Case(ask("london", page_token="===="), TOKEN, "page_token"),
    "token: made up": Case(ask("london", page_token="A" * 64), TOKEN, "page_token", "made by another store"),
    "token: huge": Case(ask("london", page_token="A" * 10**6), TOKEN, "page_token"),
    "token: truncated": Case(ask("london", page_token="@own:truncated"), TOKEN, "page_token"),
    "token: one bit changed": Case(ask("london", page_token="@own:changed"), TOKEN, "page_token"),
    "token: lengthened": Case(ask("london", page_token="@own:lengthened"), TOKEN, "page_token"),
    "token: of another store": Case(ask("london", page_token="@foreign"), TOKEN, "page_token", "another store"),
    "token: of another request": Case(ask("paris", page_token="@own"), TOKEN, "page_token", "another request"),
    "token: of a list": Case(ask("london", page_token="@list"), TOKEN, "page_token", "another request"),
    "token: of recommendations": Case(video_pb.ListVideosRequest(page_token="@own"), TOKEN, "page_token"),
    "token: of another view": Case(
        video_pb.ListVideosRequest(page_token="@list", view=video_pb.VIDEO_VIEW_FULL),
        TOKEN,
        "page_token",
        "another request",
    ),
    "token: of another catalog": Case(
        video_pb.ListVideosRequest(catalog="films", page_token="@list"), TOKEN, "page_token"
    ),
    "token: of a list of catalogs": Case(video_pb.ListVideosRequest(page_token="@catalogs"), TOKEN, "page_token"),
    "token: of videos for catalogs": Case(catalog_pb.ListCatalogsRequest(page_token="@list"), TOKEN, "page_token"),
}

CATALOGS = {
    "catalog: of an upsert": Case(
        video_pb.UpsertVideosRequest(catalog="no", videos=[video("a")]), NO_CATALOG, "", "'no'"
    ),
    "catalog: of an import": Case(
        video_pb.ImportVideoIndexesRequest(catalog="no", video_indexes=[index(DOC)]), NO_CATALOG, "", "create it first"
    ),
    "catalog: of metadata": Case(
        video_pb.UpdateVideoMetadataRequest(catalog="no", video_metadata=[video_pb.VideoMetadata(video_id="a")]),
        NO_CATALOG,
    ),
    "catalog: of a delete": Case(video_pb.DeleteVideosRequest(catalog="no", video_ids=["a"]), NO_CATALOG),
    "catalog: of a list": Case(video_pb.ListVideosRequest(catalog="no"), NO_CATALOG),
    "catalog: of a video": Case(video_pb.GetVideoRequest(catalog="no", video_id="a"), NO_CATALOG),
    "catalog: of a recommendation": Case(ask("x", catalog="no"), NO_CATALOG, "", "check the spelling"),
    "catalog: of a batch": Case(
        recommendation_pb.BatchRecommendVideosRequest(catalog="no", profiles=[profile("", "x")]), NO_CATALOG
    ),
    "catalog: to get": Case(catalog_pb.GetCatalogRequest(name="no"), NO_CATALOG),
    "catalog: to update": Case(
        catalog_pb.UpdateCatalogRequest(name="no", settings=catalog_pb.CatalogSettings()), NO_CATALOG
    ),
    "catalog: to delete": Case(
        catalog_pb.DeleteCatalogRequest(name="default"), "FAILED_PRECONDITION DEFAULT_CATALOG", "", "cannot be deleted"
    ),
    "catalog: that exists otherwise": Case(
        create("films", default_language="de"), "ALREADY_EXISTS CATALOG_EXISTS", "", "other settings"
    ),
    "video: unknown": Case(video_pb.GetVideoRequest(video_id="none"), NO_VIDEO, "", "there is no video 'none'"),
    "video: of bidi controls": Case(video_pb.GetVideoRequest(video_id="\u202enone"), NO_VIDEO, "", r"'\u202enone'"),
}

BOOSTS, CAPS, PINS = (
    f"scenario.ranking.{name}" for name in ("condition_boosts.boosts", "attribute_caps.caps", "pinned_videos.videos")
)
NO_SCENARIO = "NOT_FOUND SCENARIO_NOT_FOUND"

SCENARIOS = {
    "scenario: missing": Case(scenario_pb.UpsertScenarioRequest(), REQUIRED, "scenario", "a scenario is required"),
    "scenario: without a name": Case(scenario(""), REQUIRED, "scenario.name", "name of a scenario is required"),
    "scenario: another name": Case(scenario("Home"), INVALID, "scenario.name", "'Home' is not a scenario's name"),
    "scenario: to get without a name": Case(scenario_pb.GetScenarioRequest(), REQUIRED, "name", "required"),
    "scenario: unknown to get": Case(scenario_pb.GetScenarioRequest(name="no"), NO_SCENARIO, "", "no scenario 'no'"),
    "scenario: deleted by another name": Case(scenario_pb.DeleteScenarioRequest(name="a b"), INVALID, "name", "'a b'"),
    "scenario: of no catalog": Case(
        scenario_pb.UpsertScenarioRequest(catalog="no", scenario=scenario_pb.Scenario(name="a")), NO_CATALOG
    ),
    "scenario: deleted of no catalog": Case(scenario_pb.DeleteScenarioRequest(catalog="no", name="a"), NO_CATALOG),
    "scenario: got of no catalog": Case(scenario_pb.GetScenarioRequest(catalog="no", name="a"), NO_CATALOG),
    "scenario: listed of no catalog": Case(scenario_pb.ListScenariosRequest(catalog="no"), NO_CATALOG),
    "scenario: a negative page": Case(scenario_pb.ListScenariosRequest(page_size=-1), INVALID, "page_size", "negative"),
    "scenario: a token of videos": Case(scenario_pb.ListScenariosRequest(page_token="@list"), TOKEN, "page_token"),
    **{
        f"scenario: {name} {value}": Case(
            setting(name, value), INVALID, f"scenario.ranking.{name}", f"{value} is not a number {allowed}"
        )
        for name, values, allowed in (
            ("freshness_weight", (-0.1, 1.1, nan), "from 0 to 1"),
            ("freshness_half_life_days", (0.0, -1.0, 36501.0, inf), "above 0 and up to 36500"),
            ("popularity_weight", (-1.0, 2.0), "from 0 to 1"),
            ("diversity", (-0.5, 1.5, nan), "from 0 to 1"),
            ("rotation_rate", (-0.5, 1.5), "from 0 to 1"),
            ("rotation_hours", (0.0, 8761.0, nan), "above 0 and up to 8760"),
            ("seen_watched_share", (-0.5, 1.5), "from 0 to 1"),
            ("seen_days", (-1.0, 36501.0), "from 0 to 36500"),
            ("seen_demotion", (-0.5, 1.5), "from 0 to 1"),
            ("latent_share", (-0.5, inf), "from 0 to 1"),
        )
        for value in values
    },
    "scenario: seen in no known way": Case(
        scenario(seen_videos=9), INVALID, "scenario.ranking.seen_videos", "give one of EXCLUDE, DEMOTE, KEEP"
    ),
    "boost: without a condition": Case(boosts(), REQUIRED, f"{BOOSTS}[0].condition", "set one of language"),
    "boost: of an empty attribute": Case(
        boosts(attribute=types_pb.AttributeCondition()), REQUIRED, f"{BOOSTS}[0].condition.attribute.name"
    ),
    "boost: too strong": Case(boosts(weight=1.5, language="en"), INVALID, f"{BOOSTS}[0].weight", "from -1 to 1"),
    "boost: no number": Case(boosts(weight=nan, language="en"), INVALID, f"{BOOSTS}[0].weight", "nan is not"),
    "boost: too many": Case(boosts(count=101, language="en"), LARGE, BOOSTS, "101 items; at most 100"),
    "cap: without a name": Case(caps(("", 1)), REQUIRED, f"{CAPS}[0].name", "1 to 64 characters"),
    "cap: of a long name": Case(caps(("x" * 65, 1)), LARGE, f"{CAPS}[0].name", "1 to 64 characters"),
    "cap: of none": Case(caps(("genre", 0)), REQUIRED, f"{CAPS}[0].max_per_value", "give 1 to 1000"),
    "cap: of too many": Case(caps(("genre", 1001)), INVALID, f"{CAPS}[0].max_per_value", "1001 is not"),
    "cap: negative": Case(caps(("genre", -1)), INVALID, f"{CAPS}[0].max_per_value", "-1 is not"),
    "cap: twice": Case(caps(("genre", 1), ("genre", 2)), INVALID, f"{CAPS}[1].name", "'genre' occurs earlier"),
    "cap: too many of them": Case(caps(*((one, 1) for one in many(11))), LARGE, CAPS, "11 items; at most 10"),
    "pin: without an id": Case(pins(("", 0)), REQUIRED, f"{PINS}[0].video_id", "an id is required"),
    "pin: of a long id": Case(pins(("x" * 257, 0)), LARGE, f"{PINS}[0].video_id", "at most 256"),
    "pin: before the first": Case(pins(("a", -1)), INVALID, f"{PINS}[0].position", "from 0, the first one, to 999"),
    "pin: after the last": Case(pins(("a", 1000)), INVALID, f"{PINS}[0].position", "1000 is not a position"),
    "pin: a video twice": Case(pins(("a", 0), ("a", 1)), INVALID, f"{PINS}[1].video_id", "'a' occurs earlier"),
    "pin: a position twice": Case(pins(("a", 3), ("b", 3)), INVALID, f"{PINS}[1].position", "3 occurs earlier"),
    "pin: a long promotion": Case(
        pins(("a", 0), promotion_id="x" * 257), LARGE, f"{PINS}[0].promotion_id", "at most 256"
    ),
    "pin: too many": Case(pins(*((one, 0) for one in many(101))), LARGE, PINS, "101 items; at most 100"),
    "scenario: too large": Case(
        boosts(count=2, video_ids=types_pb.VideoIds(video_ids=[f"{one:0>200}" for one in many(10_000)])),
        LARGE,
        "scenario.ranking",
        "at most 3145728 are allowed",
    ),
}

CASES = {
    **JSON_TYPES,
    **MISSING,
    **NUMBERS,
    **TIMES,
    **TEXTS,
    **TOO_MANY,
    **BROKEN,
    **DUPLICATES,
    **PAGES,
    **CATALOGS,
    **SCENARIOS,
}
