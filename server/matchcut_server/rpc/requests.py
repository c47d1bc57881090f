"""Requests to domain objects. What is wrong with a field goes into a report, with its path."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeVar

from google.protobuf.message import Message

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as video_pb

from ..errors import Reason, quote
from ..index.filter import (
    Condition,
    DurationBetween,
    Filter,
    HasAttribute,
    HasId,
    HasLanguage,
    PublishedBetween,
)
from ..insights.keywords import KeywordSetBuilder
from ..insights.language import DEFAULT_LANGUAGE
from ..insights.limits import (
    MAX_KEYWORD_SETS,
    MAX_SOURCE_ID_BYTES,
    check_duration,
    check_id,
    check_keyword,
    check_size,
    check_title,
    checked_attributes,
)
from ..insights.model import KeywordSet, Sources, Video, floats
from ..insights.report import Report
from ..insights.spans import Spans
from ..insights.text import normalise
from ..insights.timespan import MAX_SECONDS
from ..vectors.profile import Interest
from ..vectors.scheme import Scheme
from ..vectors.settings import CatalogSettings
from . import fields, limits

M = TypeVar("M", bound=Message)
C = TypeVar("C")


def read_settings(message: catalog_pb.CatalogSettings, report: Report) -> CatalogSettings:
    """Read the settings of a catalog, with defaults filled in."""
    ignored = "settings.ignored_keywords"
    if fields.count(ignored, message.ignored_keywords, limits.MAX_CATALOG_KEYWORDS, report, least=0):
        for i, text in enumerate(message.ignored_keywords):
            check_keyword(f"{ignored}[{i}]", text, report)
    aliases = "settings.keyword_aliases"
    seen: set[str] = set()
    if fields.count(aliases, message.keyword_aliases, limits.MAX_CATALOG_KEYWORDS, report, least=0):
        for i, alias in enumerate(message.keyword_aliases):
            check_keyword(f"{aliases}[{i}].keyword", alias.keyword, report)
            check_keyword(f"{aliases}[{i}].canonical", alias.canonical, report)
            key = normalise(alias.keyword)
            if key in seen:
                report.refuse(f"{aliases}[{i}].keyword", f"{quote(alias.keyword)} has an alias already; give one")
            seen.add(key)
    if message.ByteSize() > limits.MAX_SETTINGS_BYTES:
        text = f"{message.ByteSize()} bytes; at most {limits.MAX_SETTINGS_BYTES} are allowed: use fewer keywords"
        report.refuse("settings", text, Reason.TOO_LARGE)
    return CatalogSettings(
        _scheme("settings.weighting_scheme", message.weighting_scheme, report),
        fields.language("settings.default_language", message.default_language, report) or DEFAULT_LANGUAGE,
        tuple(message.ignored_keywords),
        tuple((alias.keyword, alias.canonical) for alias in message.keyword_aliases),
    )


def _scheme(field: str, value: int, report: Report) -> Scheme:
    names = catalog_pb.WeightingScheme.DESCRIPTOR.values_by_number
    if value not in names:
        report.refuse(field, f"{value} is not a weighting scheme; give one of {', '.join(Scheme)}")
        return Scheme.LOG
    name = names[value].name.removeprefix("WEIGHTING_SCHEME_")
    return Scheme.LOG if name == "UNSPECIFIED" else Scheme(name)


def read_video(message: types_pb.Video, settings: CatalogSettings, report: Report) -> Video:
    """Read a whole video. Raises `InvalidInput` if anything is wrong with it."""
    check_id("video_id", message.video_id, report)
    check_title("title", message.title, report)
    check_duration("duration_seconds", message.duration_seconds, MAX_SECONDS, report)
    sets: dict[str, KeywordSet] = {}
    if fields.count("keyword_sets", message.keyword_sets, MAX_KEYWORD_SETS, report, least=0):
        for i, keyword_set in enumerate(message.keyword_sets):
            field = f"keyword_sets[{i}]"
            built = _keyword_set(field, keyword_set, message.duration_seconds or None, settings, report)
            if built.language in sets:
                report.refuse(f"{field}.language", f"{quote(built.language)} has a keyword set already; send one")
            sets[built.language] = built
    video = Video(
        message.video_id,
        message.title,
        message.duration_seconds,
        read_moment("published_time", message, report),
        read_moment("expire_time", message, report),
        read_attributes(message.attributes, report, may_be_empty=False),
        tuple(sets[language] for language in sorted(sets)),
    )
    report.raise_if_refused()
    return check_size(video)


_SourceTime = Literal["source_start_seconds", "source_end_seconds"]
_SOURCE_TIMES: tuple[_SourceTime, _SourceTime] = ("source_start_seconds", "source_end_seconds")

Timed = types_pb.Video | video_pb.VideoIndex | video_pb.VideoMetadata


def read_moment(field: Literal["published_time", "expire_time"], message: Timed, report: Report) -> float | None:
    """Read a time of a video as Unix seconds; None if it is left out."""
    return fields.moment(field, getattr(message, field), report) if message.HasField(field) else None


def _keyword_set(
    field: str, message: types_pb.KeywordSet, duration: float | None, settings: CatalogSettings, report: Report
) -> KeywordSet:
    tag = fields.language(f"{field}.language", message.language, report) or settings.default_language
    instances = [instance for keyword in message.keywords for instance in keyword.instances]
    starts, ends = floats(one.start_seconds for one in instances), floats(one.end_seconds for one in instances)
    sources = _sources(instances)
    spans = Spans(starts, ends, math.inf if duration is None else duration, sources, from_text=False)
    builder = KeywordSetBuilder(tag, spans, report)
    builder.summarized = message.summarized
    last = 0
    for i, keyword in enumerate(message.keywords):
        confidence = keyword.confidence if keyword.HasField("confidence") else None
        first, last = last, last + len(keyword.instances)
        if sources is not None:
            for j, instance in enumerate(keyword.instances):
                _check_source(f"{field}.keywords[{i}].instances[{j}]", instance, report)
        builder.add(f"{field}.keywords", i, keyword.text, confidence, (first, last))
    return builder.build()


def _sources(instances: Sequence[types_pb.Instance]) -> Sources | None:
    """Read where instances come from; None if no video is named."""
    if not any(one.source_video_id for one in instances):
        return None
    return Sources(
        tuple(one.source_video_id or None for one in instances),
        floats(_source_time(one, "source_start_seconds") for one in instances),
        floats(_source_time(one, "source_end_seconds") for one in instances),
    )


def _source_time(message: types_pb.Instance, name: _SourceTime) -> float | None:
    return getattr(message, name) if message.source_video_id and message.HasField(name) else None


def _check_source(field: str, message: types_pb.Instance, report: Report) -> None:
    if not message.source_video_id:
        return
    check_id(f"{field}.source_video_id", message.source_video_id, report, MAX_SOURCE_ID_BYTES)
    for name in _SOURCE_TIMES:
        if message.HasField(name):
            fields.number(f"{field}.{name}", getattr(message, name), -MAX_SECONDS, MAX_SECONDS, report)


def read_attributes(
    message: Mapping[str, types_pb.AttributeValues], report: Report, *, may_be_empty: bool
) -> dict[str, tuple[str, ...]]:
    """Read attributes."""
    attributes = {name: message[name].values for name in message}
    return checked_attributes("attributes", attributes, report, may_be_empty=may_be_empty)


def read_interests(
    field: str, messages: Sequence[types_pb.Interest], report: Report, *, least: int = 1
) -> list[Interest]:
    """Read weighted interests."""
    if not fields.count(field, messages, limits.MAX_INTERESTS, report, least=least):
        return []
    interests = []
    for i, message in enumerate(messages):
        path = f"{field}[{i}]"
        check_keyword(f"{path}.keyword", message.keyword, report)
        weight = message.weight if message.HasField("weight") else 1.0
        fields.number(f"{path}.weight", weight, -limits.MAX_WEIGHT, limits.MAX_WEIGHT, report)
        interests.append(
            Interest(message.keyword, weight, fields.language(f"{path}.language", message.language, report))
        )
    return interests


def read_ids(field: str, video_ids: Sequence[str], most: int, report: Report, *, least: int = 0) -> list[str]:
    """Read ids of videos."""
    if not fields.count(field, video_ids, most, report, least=least):
        return []
    for i, video_id in enumerate(video_ids):
        check_id(f"{field}[{i}]", video_id, report)
    return list(video_ids)


def read_filter(field: str, message: types_pb.Filter, report: Report) -> Filter | None:
    """Read a filter; None if it allows everything."""
    parts = (message.all_of, message.any_of, message.none_of)
    conditions = read_conditions(field, parts, _CONDITIONS, report)
    return Filter(*conditions) if any(conditions) else None


def read_conditions(
    field: str,
    parts: tuple[Sequence[M], Sequence[M], Sequence[M]],
    kinds: Mapping[str, Callable[[str, M, Report], C]],
    report: Report,
) -> tuple[tuple[C, ...], tuple[C, ...], tuple[C, ...]]:
    """Read the three parts of a filter: `all_of`, `any_of` and `none_of`.

    `kinds`: what reads a condition of which this field is set.
    """
    total = sum(map(len, parts))
    if total > limits.MAX_CONDITIONS:
        message_text = f"{total} conditions; at most {limits.MAX_CONDITIONS} are allowed"
        report.refuse(field, message_text, Reason.TOO_LARGE)
        return (), (), ()

    def read(name: str, conditions: Sequence[M]) -> tuple[C, ...]:
        found = (_read_one(f"{field}.{name}[{i}]", one, kinds, report) for i, one in enumerate(conditions))
        return tuple(condition for condition in found if condition is not None)

    every, some, none = parts
    return read("all_of", every), read("any_of", some), read("none_of", none)


def read_condition(field: str, message: types_pb.Condition, report: Report) -> Condition | None:
    """Read a condition; None if it is empty, which is refused."""
    return _read_one(field, message, _CONDITIONS, report)


def _read_one(field: str, message: M, kinds: Mapping[str, Callable[[str, M, Report], C]], report: Report) -> C | None:
    kind = message.WhichOneof("condition")
    if kind is None:
        report.refuse(field, f"the condition is empty; set one of {', '.join(kinds)}", Reason.REQUIRED)
        return None
    return kinds[kind](f"{field}.{kind}", message, report)


def _language_condition(field: str, message: types_pb.Condition, report: Report) -> Condition:
    if not message.language:
        report.refuse(field, "a language is required, such as en or en-US", Reason.REQUIRED)
    return HasLanguage(fields.language(field, message.language, report))


def _attribute_condition(field: str, message: types_pb.Condition, report: Report) -> Condition:
    return HasAttribute(*read_attribute_condition(field, message.attribute, report))


def read_attribute_condition(
    field: str, condition: types_pb.AttributeCondition, report: Report
) -> tuple[str, tuple[str, ...]]:
    """Read the name of an attribute and the values that are asked for."""
    fields.attribute_name(f"{field}.name", condition.name, report)
    fields.count(f"{field}.values", condition.values, limits.MAX_CONDITION_VALUES, report, least=0)
    return condition.name, tuple(condition.values)


def _published_condition(field: str, message: types_pb.Condition, report: Report) -> Condition:
    return PublishedBetween(*read_time_range(field, message.published_time, report))


def read_time_range(field: str, bounds: types_pb.TimeRange, report: Report) -> tuple[float | None, float | None]:
    """Read a range of time in Unix seconds; None for an end that is left out."""
    start = fields.moment(f"{field}.start_time", bounds.start_time, report) if bounds.HasField("start_time") else None
    end = fields.moment(f"{field}.end_time", bounds.end_time, report) if bounds.HasField("end_time") else None
    _check_range(field, start, end, report)
    return start, end


def _duration_condition(field: str, message: types_pb.Condition, report: Report) -> Condition:
    bounds = message.duration
    shortest = bounds.min_seconds if bounds.HasField("min_seconds") else None
    longest = bounds.max_seconds if bounds.HasField("max_seconds") else None
    for name, value in (("min_seconds", shortest), ("max_seconds", longest)):
        if value is not None:
            fields.number(f"{field}.{name}", value, 0, MAX_SECONDS, report)
    _check_range(field, shortest, longest, report)
    return DurationBetween(shortest, longest)


def _ids_condition(field: str, message: types_pb.Condition, report: Report) -> Condition:
    ids = read_ids(f"{field}.video_ids", message.video_ids.video_ids, limits.MAX_CONDITION_IDS, report, least=1)
    return HasId(frozenset(ids))


def _check_range(field: str, low: float | None, high: float | None, report: Report) -> None:
    if low is None and high is None:
        report.refuse(field, "the range has no end; set at least one", Reason.REQUIRED)
    elif low is not None and high is not None and low > high:
        report.refuse(field, f"the range is empty: {low:.15g} is greater than {high:.15g}; swap them")


_CONDITIONS: dict[str, Callable[[str, types_pb.Condition, Report], Condition]] = {
    "language": _language_condition,
    "attribute": _attribute_condition,
    "published_time": _published_condition,
    "duration": _duration_condition,
    "video_ids": _ids_condition,
}
