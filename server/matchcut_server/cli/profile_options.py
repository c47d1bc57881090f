"""Options that say which profiles are allowed: the same wherever a command takes a filter of them."""

import argparse

from matchcut_client import AttributeCondition, ProfileCondition, TimeRange
from matchcut_server.cli.events import parse_time
from matchcut_server.cli.failure import Failure


def add_profile_options(parser: "argparse._ActionsContainer") -> None:
    """Add the options for conditions to a parser, or to a group of one."""
    parser.add_argument(
        "--attribute",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only profiles with this value of an attribute; may be repeated, then all must hold",
    )
    parser.add_argument("--active-since", metavar="TIME", help="only users with an event at this time or later")
    parser.add_argument("--active-before", metavar="TIME", help="only users whose latest event was before this time")


def profile_conditions(arguments: argparse.Namespace) -> list[ProfileCondition]:
    """Return the conditions that were given, all of which have to hold. Raises `Failure` for what cannot be read."""
    conditions = [
        ProfileCondition(attribute=AttributeCondition(name, (value,)))
        for name, value in map(parse_attribute, arguments.attribute)
    ]
    if arguments.active_since or arguments.active_before:
        start = parse_time("--active-since", arguments.active_since) if arguments.active_since else None
        end = parse_time("--active-before", arguments.active_before) if arguments.active_before else None
        conditions.append(ProfileCondition(last_event_time=TimeRange(start, end)))
    return conditions


def parse_attribute(text: str) -> tuple[str, str]:
    """Read `NAME=VALUE`."""
    name, separator, value = text.partition("=")
    if not separator:
        raise Failure(f"--attribute {text}: write NAME=VALUE", code=2)
    return name, value
