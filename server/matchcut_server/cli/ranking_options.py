"""Options for ranking settings: the same wherever a command takes some."""

import argparse
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from matchcut_client import (
    AttributeCap,
    AttributeCondition,
    Condition,
    ConditionBoost,
    PinnedVideo,
    RankingSettings,
    SeenVideos,
)
from matchcut_server.cli.failure import Failure

T = TypeVar("T")

_NUMBERS = {
    "freshness_weight": "most that freshness adds to a score, 0 to 1",
    "freshness_half_life_days": "days after which freshness has fallen to half (default: 30)",
    "popularity_weight": "most that popularity adds to a score, 0 to 1",
    "diversity": "how different the videos of a page are from each other, 0 to 1",
    "rotation_rate": "how strongly videos lately shown to the user give way, 0 to 1",
    "rotation_hours": "hours after which a video that was shown has its full score again (default: 24)",
    "seen_watched_share": "smallest watched share from which a view counts as seen, 0 to 1",
    "seen_days": "only what the user did in the last so many days counts as seen (default: 0, all)",
    "seen_demotion": "part of its score that a seen video loses with --seen demote, 0 to 1 (default: 0.5)",
}
_SEEN = [one.name.lower() for one in SeenVideos if one is not SeenVideos.UNSPECIFIED]
_PIN = re.compile(r"(?P<video_id>.+)@(?P<position>\d+)(?::(?P<promotion_id>.*))?", re.DOTALL)


def add_ranking_options(parser: argparse.ArgumentParser) -> None:
    """Add one option for each ranking setting; those not given stay unset."""
    group = parser.add_argument_group("ranking", "An empty --boost '', --cap '' or --pin '' stands for none of them.")
    for name, text in _NUMBERS.items():
        group.add_argument(f"--{name.replace('_', '-')}", type=float, metavar="NUMBER", help=text)
    group.add_argument(
        "--boost",
        action="append",
        metavar="ATTRIBUTE=VALUE:WEIGHT",
        help="add a weight, -1 to 1, to the score of videos with this value of an attribute; may be repeated",
    )
    group.add_argument(
        "--cap",
        action="append",
        metavar="ATTRIBUTE=N",
        help="at most N videos of a page with the same value of an attribute; may be repeated",
    )
    group.add_argument(
        "--pin",
        action="append",
        metavar="VIDEO_ID@POSITION[:PROMOTION_ID]",
        help="put a video at a fixed position, counted from 0 over all pages; may be repeated",
    )
    group.add_argument("--seen", choices=_SEEN, help="what happens to videos the user has seen (default: exclude)")
    group.add_argument(
        "--fallback",
        action=argparse.BooleanOptionalAction,
        help="whether popular and recent videos fill the page where too little matches",
    )


def ranking_of(arguments: argparse.Namespace) -> RankingSettings:
    """Return the settings that were given; the others are unset. Raises `Failure` for what cannot be read."""
    given: dict[str, Any] = {name: getattr(arguments, name) for name in _NUMBERS}
    return RankingSettings(
        condition_boosts=_each(arguments.boost, _boost),
        attribute_caps=_each(arguments.cap, _cap),
        pinned_videos=_each(arguments.pin, _pin),
        seen_videos=SeenVideos[arguments.seen.upper()] if arguments.seen else SeenVideos.UNSPECIFIED,
        fallback_allowed=arguments.fallback,
        **given,
    )


def _each(texts: Iterable[str] | None, read: Callable[[str], T]) -> tuple[T, ...] | None:
    return None if texts is None else tuple(read(text) for text in texts if text)


def _boost(text: str) -> ConditionBoost:
    attribute, _, weight = text.rpartition(":")
    name, separator, value = attribute.partition("=")
    try:
        number = float(weight)
    except ValueError:
        separator = ""
    if not separator:
        raise Failure(f"--boost {text}: write ATTRIBUTE=VALUE:WEIGHT, such as genre=drama:0.2", code=2)
    return ConditionBoost(Condition(attribute=AttributeCondition(name, (value,))), number)


def _cap(text: str) -> AttributeCap:
    name, separator, most = text.rpartition("=")
    if not separator or not most.isdecimal():
        raise Failure(f"--cap {text}: write ATTRIBUTE=N, such as series=2", code=2)
    return AttributeCap(name, int(most))


def _pin(text: str) -> PinnedVideo:
    found = _PIN.fullmatch(text)
    if found is None:
        raise Failure(f"--pin {text}: write VIDEO_ID@POSITION[:PROMOTION_ID], such as intro@0:spring", code=2)
    return PinnedVideo(found["video_id"], int(found["position"]), found["promotion_id"] or "")
