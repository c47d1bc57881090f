"""Options that say which profiles are allowed: the same wherever a command takes a filter of profiles."""

import argparse

from matchcut_client import AttributeCondition, ProfileCondition, ProfileFilter, TimeRange
from matchcut_server.cli.events import parse_time
from matchcut_server.cli.failure import Failure


def add_profile_filter_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for a filter of profiles."""
    parser.add_argument(
        "--attribute",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only profiles with this value of an attribute; may be repeated, then all must hold",
    )
    parser.add_argument(
        "--targeting-allowed",
        action=argparse.BooleanOptionalAction,
        help="only users who may be found for promotions, or who may not",
    )
    parser.add_argument("--active-since", metavar="TIME", help="only users with an event at this time or later")
    parser.add_argument("--active-before", metavar="TIME", help="only users whose latest event was before this time")


def profile_filter_of(arguments: argparse.Namespace) -> ProfileFilter | None:
    """Return the filter that was given; None if every profile is allowed. Raises `Failure`."""
    conditions = [
        ProfileCondition(attribute=AttributeCondition(name, (value,)))
        for name, value in map(read_pair, arguments.attribute)
    ]
    if arguments.targeting_allowed is not None:
        conditions.append(ProfileCondition(targeting_allowed=arguments.targeting_allowed))
    if arguments.active_since or arguments.active_before:
        start = parse_time("--active-since", arguments.active_since) if arguments.active_since else None
        end = parse_time("--active-before", arguments.active_before) if arguments.active_before else None
        conditions.append(ProfileCondition(last_event_time=TimeRange(start, end)))
    return ProfileFilter(all_of=tuple(conditions)) if conditions else None


def read_pair(text: str) -> tuple[str, str]:
    """Read an attribute as `--attribute` takes it. Raises `Failure`."""
    name, separator, value = text.partition("=")
    if not separator:
        raise Failure(f"--attribute {text}: write NAME=VALUE", code=2)
    return name, value
