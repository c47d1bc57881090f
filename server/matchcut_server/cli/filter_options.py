"""Options that say which videos are allowed: the same wherever a command takes a filter."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from matchcut_client import AttributeCondition, Condition, Filter, TimeRange
from matchcut_server.cli.failure import Failure


def add_filter_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for a filter."""
    group = parser.add_argument_group("filter")
    group.add_argument("--language", metavar="TAG", help="only videos with keywords in this language, such as en")
    group.add_argument(
        "--attribute",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only videos with this value of an attribute; may be repeated, then all must hold",
    )
    group.add_argument(
        "--published-from",
        metavar="TIME",
        help="only videos published at or after this date or time, such as 2024-05-31",
    )
    group.add_argument("--published-until", metavar="TIME", help="only videos published before this date or time")


def filter_of(arguments: argparse.Namespace) -> Filter | None:
    """Return the filter that was given; None if everything is allowed. Raises `Failure` for what cannot be read."""
    conditions = [Condition(language=arguments.language)] if arguments.language else []
    conditions += _attributes(arguments.attribute)
    published = TimeRange(
        start_time=read_time("--published-from", arguments.published_from),
        end_time=read_time("--published-until", arguments.published_until),
    )
    if published != TimeRange():
        conditions.append(Condition(published_time=published))
    return Filter(all_of=tuple(conditions)) if conditions else None


def read_time(option: str, text: str | None) -> datetime | None:
    """Read a date or time as ISO 8601 writes it, of UTC unless it says otherwise; None if there is none."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(f"{option} {text}: write a date or time such as 2024-05-31 or 2024-05-31T18:00", code=2) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _attributes(attributes: Sequence[str]) -> list[Condition]:
    conditions = []
    for attribute in attributes:
        name, separator, value = attribute.partition("=")
        if not separator:
            raise Failure(f"--attribute {attribute}: write NAME=VALUE", code=2)
        conditions.append(Condition(attribute=AttributeCondition(name=name, values=(value,))))
    return conditions
