"""Requests about profiles and events to domain objects. What is wrong with a field goes into a report."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from msgspec.structs import asdict, replace

from matchcut.v1 import profile_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb

from ..errors import InvalidInput, Reason, Violation, quote
from ..insights.limits import MAX_ATTRIBUTES, check_id
from ..insights.report import Report
from ..insights.text import normalise
from ..insights.timespan import Span
from ..profiles.filter import (
    AllowsTargeting,
    HasAttribute,
    IsUser,
    LastEventBetween,
    ProfileCondition,
    ProfileFilter,
)
from ..profiles.model import Declared, Event, EventKind, EventWeights, ProfileSettings
from ..store.profile_port import Merge, ProfileChange
from . import fields, limits
from .requests import read_attribute_condition, read_attributes, read_conditions, read_interests, read_time_range

D = TypeVar("D", float, None)

_SHARE = (0.0, 1.0)
_HALF_LIFE_DAYS = (0.0, 36_500.0)
_EVENT_WEIGHT = (-1_000.0, 1_000.0)
_FACTOR = (0.0, 1_000.0)

DECLARED = tuple(Declared.__struct_fields__)
"""The names of the fields that a profile's declared part has, here and in the contract."""


def read_profile_settings(message: pb.ProfileSettings, report: Report) -> ProfileSettings:
    """Read how events count in a catalog, with defaults filled in."""
    defaults = ProfileSettings()
    where = "settings.profile_settings."
    weights = {
        name: _number(message.event_weights, name, _EVENT_WEIGHT, default, report, f"{where}event_weights.")
        for name, default in asdict(defaults.event_weights).items()
    }
    return ProfileSettings(
        _number(message, "derived_share", _SHARE, defaults.derived_share, report, where),
        _number(message, "half_life_days", _HALF_LIFE_DAYS, defaults.half_life_days, report, where),
        EventWeights(**weights),
        _number(
            message, "popularity_half_life_days", _HALF_LIFE_DAYS, defaults.popularity_half_life_days, report, where
        ),
    )


def _number(
    message: Message, name: str, bounds: tuple[float, float], default: D, report: Report, where: str = ""
) -> float | D:
    """Read a number that may be left out. `where`: the path of the message, with a dot at its end."""
    if not message.HasField(name):
        return default
    value: float = getattr(message, name)
    return fields.number(f"{where}{name}", value, *bounds, report)


def read_mask(field: str, mask: FieldMask, report: Report) -> tuple[str, ...]:
    """Read which fields of profiles are written; all of them if none is named."""
    for i, path in enumerate(mask.paths):
        if path not in DECLARED:
            report.refuse(f"{field}.paths[{i}]", f"{quote(path)} cannot be written; name any of {', '.join(DECLARED)}")
    return tuple(dict.fromkeys(mask.paths)) or DECLARED


def read_profile(message: pb.Profile, names: Sequence[str], report: Report) -> ProfileChange:
    """Read the fields of a profile that are to be written."""
    check_id("user_id", message.user_id, report)
    new = {name: _DECLARED[name](message, report) for name in names}

    def change(old: Declared | None) -> Declared:
        return _small_enough(replace(old or Declared(), **new))

    return ProfileChange(message.user_id, change)


_DECLARED: dict[str, Callable[[pb.Profile, Report], object]] = {
    "interests": lambda message, report: tuple(read_interests("interests", message.interests, report, least=0)),
    "attributes": lambda message, report: read_attributes(message.attributes, report, may_be_empty=False),
    "targeting_allowed": lambda message, _: message.targeting_allowed,
    "derived_share": lambda message, report: _number(message, "derived_share", _SHARE, None, report),
    "half_life_days": lambda message, report: _number(message, "half_life_days", _HALF_LIFE_DAYS, None, report),
}


def read_merge(message: pb.ProfileMerge, report: Report) -> Merge:
    """Read a merge of two profiles."""
    check_id("from_user_id", message.from_user_id, report)
    check_id("into_user_id", message.into_user_id, report)
    if message.from_user_id and message.from_user_id == message.into_user_id:
        report.refuse("into_user_id", f"{quote(message.into_user_id)} is from_user_id too; name two different users")
    return Merge(message.from_user_id, message.into_user_id, _united)


def _united(first: Declared, second: Declared | None) -> Declared:
    """Unite what is declared by a profile that goes with that of the one that stays, which prevails."""
    if second is None:
        return first
    known = {normalise(interest.keyword) for interest in second.interests}
    added = tuple(interest for interest in first.interests if normalise(interest.keyword) not in known)
    attributes = {**first.attributes, **second.attributes}
    return _small_enough(
        replace(
            second,
            interests=(*second.interests, *added),
            attributes={name: attributes[name] for name in sorted(attributes)},
        )
    )


def _small_enough(declared: Declared) -> Declared:
    """Return what can be kept and answered. Raises `InvalidInput` otherwise."""
    violations = []
    if len(declared.interests) > limits.MAX_INTERESTS:
        message = f"{len(declared.interests)} interests; at most {limits.MAX_INTERESTS} are allowed: remove some"
        violations.append(Violation("interests", Reason.TOO_LARGE, message))
    if len(declared.attributes) > MAX_ATTRIBUTES:
        message = f"{len(declared.attributes)} attributes; at most {MAX_ATTRIBUTES} are allowed: remove some"
        violations.append(Violation("attributes", Reason.TOO_LARGE, message))
    # What the contract's encoding adds to the texts is bounded.
    size = sum(18 + len(one.keyword.encode()) + len(one.language) for one in declared.interests)
    for name, values in declared.attributes.items():
        size += 12 + len(name.encode()) + sum(3 + len(value.encode()) for value in values)
    if size > limits.MAX_PROFILE_BYTES:
        message = (
            f"{size} bytes of interests and attributes; at most {limits.MAX_PROFILE_BYTES} are allowed: remove some"
        )
        violations.append(Violation("", Reason.TOO_LARGE, message))
    if violations:
        raise InvalidInput(violations)
    return declared


# --- events -----------------------------------------------------------------------------------------------------------


def read_event(message: pb.Event, now: float, report: Report) -> Event:
    """Read an event. `now`: the time by the server's clock, in Unix seconds."""
    check_id("event_id", message.event_id, report)
    check_id("user_id", message.user_id, report)
    if message.video_id or not message.promotion_id:
        check_id("video_id", message.video_id, report)
    fields.size("recommendation_id", message.recommendation_id, limits.MAX_RECOMMENDATION_ID_BYTES, report)
    fields.size("promotion_id", message.promotion_id, limits.MAX_KEY_BYTES, report)
    return Event(
        message.event_id,
        message.user_id,
        _kind(message.kind, report),
        _event_time(message, now, report),
        message.video_id,
        _watched_seconds(message, report),
        _number(message, "watched_share", _SHARE, None, report),
        _watched_spans(message.watched_spans, report),
        message.recommendation_id,
        message.promotion_id,
        _number(message, "weight", _FACTOR, 1.0, report),
    )


def _kind(value: int, report: Report) -> EventKind:
    names = pb.EventKind.DESCRIPTOR.values_by_number
    if value == pb.EVENT_KIND_UNSPECIFIED:
        report.refuse("kind", f"a kind is required: one of {', '.join(EventKind)}", Reason.REQUIRED)
    elif value not in names:
        report.refuse("kind", f"{value} is not a kind of events; give one of {', '.join(EventKind)}")
    else:
        return EventKind(names[value].name.removeprefix("EVENT_KIND_"))
    return EventKind.IMPRESSION


def _event_time(message: pb.Event, now: float, report: Report) -> float:
    if not message.HasField("event_time"):
        report.refuse("event_time", "the time of the event is required", Reason.REQUIRED)
        return 0.0
    before = len(report.violations)
    time = fields.moment("event_time", message.event_time, report)
    if len(report.violations) > before:
        return 0.0
    if time < 0:
        report.refuse("event_time", f"{_written(time)} lies before 1970; give the time at which it happened")
    elif time > now + limits.MAX_CLOCK_LEAD_SECONDS:
        text = (
            f"{_written(time)} lies more than an hour ahead of the server's clock, {_written(now)}; check both clocks"
        )
        report.refuse("event_time", text)
    return time


def _written(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds")


def _watched_seconds(message: pb.Event, report: Report) -> float | None:
    if not message.HasField("watched_seconds"):
        return None
    return fields.finite("watched_seconds", message.watched_seconds, 0, report)


def _watched_spans(messages: Sequence[types_pb.TimeSpan], report: Report) -> tuple[Span, ...]:
    if not fields.count("watched_spans", messages, limits.MAX_WATCHED_SPANS, report, least=0):
        return ()
    for i, span in enumerate(messages):
        path = f"watched_spans[{i}]"
        start = fields.finite(f"{path}.start_seconds", span.start_seconds, 0, report)
        end = fields.finite(f"{path}.end_seconds", span.end_seconds, 0, report)
        if end <= start:
            report.refuse(
                f"{path}.end_seconds", f"{end} does not lie after start_seconds, {start}; leave such spans out"
            )
    return tuple((span.start_seconds, span.end_seconds) for span in messages)


# --- filters ----------------------------------------------------------------------------------------------------------


def read_profile_filter(field: str, message: pb.ProfileFilter, report: Report) -> ProfileFilter | None:
    """Read a filter; None if it allows everything."""
    parts = (message.all_of, message.any_of, message.none_of)
    conditions = read_conditions(field, parts, _CONDITIONS, report)
    return ProfileFilter(*conditions) if any(conditions) else None


def _users_condition(field: str, message: pb.ProfileCondition, report: Report) -> ProfileCondition:
    ids = message.user_ids.user_ids
    if fields.count(f"{field}.user_ids", ids, limits.MAX_CONDITION_IDS, report):
        for i, user_id in enumerate(ids):
            check_id(f"{field}.user_ids[{i}]", user_id, report)
    return IsUser(frozenset(ids))


def _attribute_condition(field: str, message: pb.ProfileCondition, report: Report) -> ProfileCondition:
    name, values = read_attribute_condition(field, message.attribute, report)
    return HasAttribute(name, frozenset(values))


_CONDITIONS: dict[str, Callable[[str, pb.ProfileCondition, Report], ProfileCondition]] = {
    "attribute": _attribute_condition,
    "last_event_time": lambda field, message, report: LastEventBetween(
        *read_time_range(field, message.last_event_time, report)
    ),
    "user_ids": _users_condition,
    "targeting_allowed": lambda _field, message, _report: AllowsTargeting(message.targeting_allowed),
}
