"""Ranking settings of requests and scenarios: read, checked, and put over each other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from matchcut.v1 import scenario_service_pb2 as pb

from ..errors import Reason, quote
from ..insights.limits import check_id
from ..insights.report import Report
from ..ranking.settings import DEFAULTS, AttributeCap, ConditionBoost, PinnedVideo, RankingSettings, SeenVideos
from . import fields, limits
from .requests import read_condition


class _Range(NamedTuple):
    """The numbers that a setting may have: from 0 to `most`."""

    most: float
    above_zero: bool = False
    """Whether 0 itself is none of them."""


_NUMBERS: Mapping[str, _Range] = {
    "freshness_weight": _Range(1),
    "freshness_half_life_days": _Range(36_500, above_zero=True),
    "popularity_weight": _Range(1),
    "diversity": _Range(1),
    "rotation_rate": _Range(1),
    "rotation_hours": _Range(8_760, above_zero=True),
    "seen_watched_share": _Range(1),
    "seen_days": _Range(36_500),
    "seen_demotion": _Range(1),
}


def read_ranking(field: str, message: pb.RankingSettings, report: Report) -> RankingSettings:
    """Read ranking settings, with defaults filled in; refuse what is out of the ranges of the contract."""
    known: dict[str, Any] = {}
    names = {one.name for one, _ in message.ListFields()}
    for name, allowed in _NUMBERS.items():
        if name in names:
            known[name] = _number(f"{field}.{name}", getattr(message, name), allowed, report)
    for name, read in _LISTS.items():
        if name in names:
            known[name] = read(f"{field}.{name}", getattr(message, name), report)
    if "latent_share" in names:  # no index has latent vectors yet
        _number(f"{field}.latent_share", message.latent_share, _Range(1), report)
    if message.seen_videos != pb.SEEN_VIDEOS_UNSPECIFIED:
        known["seen_videos"] = _seen_videos(f"{field}.seen_videos", message.seen_videos, report)
    if "fallback_allowed" in names:
        known["fallback_allowed"] = message.fallback_allowed
    return replace(DEFAULTS, **known)


def ranking_settings(message: pb.RankingSettings) -> RankingSettings:
    """Read ranking settings that have been checked before, such as those of a scenario."""
    return read_ranking("", message, Report())


def merged(scenario: pb.RankingSettings, own: pb.RankingSettings) -> pb.RankingSettings:
    """Return the settings of a scenario with those that a request sets itself in their place, lists whole."""
    result = pb.RankingSettings()
    result.CopyFrom(scenario)
    for field, value in own.ListFields():
        if field.message_type is None:
            setattr(result, field.name, value)
        else:
            getattr(result, field.name).CopyFrom(value)
    return result


def _number(field: str, value: float, allowed: _Range, report: Report) -> float:
    if allowed.above_zero and not 0 < value <= allowed.most:
        report.refuse(field, f"{value} is not a number above 0 and up to {allowed.most:g}")
        return value
    return fields.number(field, value, 0, allowed.most, report)


def _seen_videos(field: str, value: int, report: Report) -> SeenVideos:
    names = pb.SeenVideos.DESCRIPTOR.values_by_number
    if value not in names:
        report.refuse(field, f"{value} says nothing of seen videos; give one of {', '.join(SeenVideos)}")
        return DEFAULTS.seen_videos
    return SeenVideos(names[value].name.removeprefix("SEEN_VIDEOS_"))


def _boosts(field: str, message: pb.ConditionBoostList, report: Report) -> tuple[ConditionBoost, ...]:
    path = f"{field}.boosts"
    found = []
    if fields.count(path, message.boosts, limits.MAX_BOOSTS, report, least=0):
        for i, boost in enumerate(message.boosts):
            condition = read_condition(f"{path}[{i}].condition", boost.condition, report)
            weight = fields.number(f"{path}[{i}].weight", boost.weight, -1, 1, report)
            if condition is not None:
                found.append(ConditionBoost(condition, weight))
    return tuple(found)


def _caps(field: str, message: pb.AttributeCapList, report: Report) -> tuple[AttributeCap, ...]:
    path = f"{field}.caps"
    if not fields.count(path, message.caps, limits.MAX_CAPS, report, least=0):
        return ()
    for i, cap in enumerate(message.caps):
        fields.attribute_name(f"{path}[{i}].name", cap.name, report)
        _check_count(f"{path}[{i}].max_per_value", cap.max_per_value, report)
    _check_once(path, "name", [cap.name for cap in message.caps], report)
    return tuple(AttributeCap(cap.name, cap.max_per_value) for cap in message.caps)


def _pins(field: str, message: pb.PinnedVideoList, report: Report) -> tuple[PinnedVideo, ...]:
    path = f"{field}.videos"
    if not fields.count(path, message.videos, limits.MAX_PINNED, report, least=0):
        return ()
    for i, pin in enumerate(message.videos):
        check_id(f"{path}[{i}].video_id", pin.video_id, report)
        if not 0 <= pin.position <= limits.MAX_PINNED_POSITION:
            text = f"{pin.position} is not a position from 0, the first one, to {limits.MAX_PINNED_POSITION}"
            report.refuse(f"{path}[{i}].position", text)
        if pin.promotion_id:
            check_id(f"{path}[{i}].promotion_id", pin.promotion_id, report)
    _check_once(path, "video_id", [pin.video_id for pin in message.videos], report)
    _check_once(path, "position", [pin.position for pin in message.videos], report)
    return tuple(PinnedVideo(pin.video_id, pin.position, pin.promotion_id) for pin in message.videos)


_LISTS: Mapping[str, Callable[[str, Any, Report], object]] = {
    "condition_boosts": _boosts,
    "attribute_caps": _caps,
    "pinned_videos": _pins,
}


def _check_count(field: str, count: int, report: Report) -> None:
    if not 1 <= count <= limits.MAX_PER_VALUE:
        text = f"{count} is not how many videos may have the same value; give 1 to {limits.MAX_PER_VALUE}"
        report.refuse(field, text, Reason.INVALID_VALUE if count else Reason.REQUIRED)


def _check_once(path: str, name: str, values: Sequence[object], report: Report) -> None:
    """Refuse values that occur earlier in the list."""
    seen: set[object] = set()
    for i, value in enumerate(values):
        if value in seen:
            report.refuse(f"{path}[{i}].{name}", f"{quote(value)} occurs earlier in the list; give it once")
        seen.add(value)
