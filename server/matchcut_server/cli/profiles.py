"""`matchcut profile`: the stored interest profiles of users."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rich.table import Table

from matchcut_client import (
    Event,
    GetProfileResponse,
    Interest,
    Profile,
    ProfileCondition,
    ProfileFilter,
    ProfileMerge,
    WriteStatus,
    pages,
)
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.profile_files import add_export, add_import
from matchcut_server.cli.profile_options import add_profile_options, parse_attribute, profile_conditions
from matchcut_server.cli.render import counted, plain, print_json, print_results
from matchcut_server.cli.weights import parse_interest

_CATALOG = "catalog"
"""The word for: as the catalog says."""
_EVENTS_PER_PAGE = 1_000
_SHOWN_INTERESTS = 30
"""Derived interests that are shown to people."""


def add_profile(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `profile` with its own commands."""
    parser = commands.add_parser("profile", help="set, show, list, merge, delete, export and import profiles of users")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_set(actions)
    _add_show(actions)
    _add_list(actions)
    deleting = actions.add_parser(
        "delete",
        help="delete profiles with all events",
        description="Delete users with all that is stored of them; the exit code is 1 if any of them was not there.",
    )
    deleting.add_argument("user_ids", nargs="+", metavar="USER_ID")
    merging = actions.add_parser(
        "merge",
        help="merge a profile into another",
        description="Merge the profile of an anonymous visitor, say, into that of the account; events move, and where "
        "both declare something, the second one stays.",
    )
    merging.add_argument("from_user_id", metavar="FROM", help="the user whose profile is merged and then gone")
    merging.add_argument("into_user_id", metavar="INTO", help="the user whose profile remains")
    for action, run in ((deleting, run_delete), (merging, run_merge)):
        add_connection(action)
        action.set_defaults(run=run)
    add_export(actions)
    add_import(actions)


def _add_set(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "set",
        help="create a profile, or replace what is declared",
        description="Create a profile, or replace what is declared: only what is given, whole. An empty --interest '' "
        "or --attribute '' removes all of them. Events stay. Example: matchcut profile set ada --interest england=2 "
        "--interest football=-1 --attribute region=eu",
    )
    parser.add_argument("user_id", metavar="USER_ID")
    parser.add_argument(
        "--interest",
        action="append",
        metavar="KEYWORD[=WEIGHT]",
        help="an interest, weight 1 unless given; a negative weight pushes away; may be repeated",
    )
    parser.add_argument(
        "--attribute",
        action="append",
        metavar="NAME=VALUE",
        help="an attribute for filters; may be repeated, also with the same name",
    )
    parser.add_argument(
        "--targeting-allowed",
        action=argparse.BooleanOptionalAction,
        help="whether the user may be found for promotions",
    )
    parser.add_argument(
        "--derived-share",
        metavar="SHARE",
        help=f"share of what events say beside what is declared, 0 to 1, or {_CATALOG}: as its settings say",
    )
    parser.add_argument(
        "--half-life-days",
        metavar="DAYS",
        help=f"days after which an event counts half, 0: never, or {_CATALOG}: as its settings say",
    )
    add_connection(parser)
    parser.set_defaults(run=run_set)


def _add_show(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser("show", help="show a profile")
    parser.add_argument("user_id", metavar="USER_ID")
    parser.add_argument("--derived", action="store_true", help="the interests that follow from events too")
    parser.add_argument("--events", action="store_true", help="all events too")
    add_connection(parser)
    parser.set_defaults(run=run_show)


def _add_list(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser("list", help="list profiles by user id, page by page")
    add_profile_options(parser)
    parser.add_argument(
        "--targeting-allowed",
        action=argparse.BooleanOptionalAction,
        help="only users who may be found for promotions, or who may not",
    )
    parser.add_argument("--total", action="store_true", help="count all of them too")
    parser.add_argument("--page-size", type=int, default=100, metavar="N", help="how many, 1 to 1000 (default: 100)")
    parser.add_argument("--page-token", default="", metavar="TOKEN", help="token of the next page, as printed")
    add_connection(parser)
    parser.set_defaults(run=run_list)


def run_set(arguments: argparse.Namespace) -> int:
    """Write the fields that are given; return 1 if they were rejected."""
    profile = Profile(
        arguments.user_id,
        interests=tuple(parse_interest(text) for text in arguments.interest or () if text),
        attributes=_attributes(arguments.attribute or ()),
        targeting_allowed=bool(arguments.targeting_allowed),
        derived_share=_number("--derived-share", arguments.derived_share),
        half_life_days=_number("--half-life-days", arguments.half_life_days),
    )
    given = {
        "interests": arguments.interest,
        "attributes": arguments.attribute,
        "targeting_allowed": arguments.targeting_allowed,
        "derived_share": arguments.derived_share,
        "half_life_days": arguments.half_life_days,
    }
    mask = [name for name, value in given.items() if value is not None]
    if not mask:
        raise Failure("nothing to set; give --interest, --attribute or another option", code=2)
    with connect(arguments) as client:
        response = client.upsert_profiles([profile], update_mask=mask)
    if arguments.json:
        print_json(response)
    else:
        print_results(response.results)
    return 1 if response.rejected else 0


def run_show(arguments: argparse.Namespace) -> int:
    """Show a profile; its events are printed as they come."""
    with connect(arguments) as client:
        answers = pages(
            client.get_profile,
            arguments.user_id,
            include_derived_interests=arguments.derived,
            include_events=arguments.events,
            page_size=_EVENTS_PER_PAGE,
        )
        first = next(answers)
        if arguments.json:
            events = [event for page in (first, *answers) for event in page.events]
            print_json(replace(first, events=tuple(events), next_page_token=""))
            return 0
        _print_profile(first.profile)
        if arguments.derived:
            _print_derived(first.derived_interests)
        if arguments.events:
            _print_events(first, answers)
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """List one page of profiles."""
    with connect(arguments) as client:
        answers = pages(
            client.list_profiles,
            filter=_filter(arguments),
            page_size=arguments.page_size,
            page_token=arguments.page_token,
            include_total=arguments.total,
        )
        # A page may be empty although others follow, where few profiles are allowed.
        response = next(answers)
        while not response.profiles and response.next_page_token:
            response = next(answers)
    if arguments.json:
        print_json(response)
        return 0
    console = Screen()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("user", overflow="fold")
    table.add_column("interests", justify="right")
    table.add_column("events", justify="right")
    table.add_column("latest event", no_wrap=True)
    for profile in response.profiles:
        latest = profile.last_event_time.isoformat(timespec="seconds") if profile.last_event_time else ""
        table.add_row(plain(profile.user_id), f"{len(profile.interests):,}", f"{profile.event_count:,}", latest)
    console.print(table if response.profiles else "no profiles")
    if response.total_count is not None:
        console.print(f"\n{counted(response.total_count, 'profile')} in all")
    if response.next_page_token:
        # With "=", because a token may begin with "-".
        console.print(f"\nnext page: --page-token={response.next_page_token}", soft_wrap=True, style="dim")
    return 0


def run_delete(arguments: argparse.Namespace) -> int:
    """Delete profiles; return 1 if any was not deleted."""
    with connect(arguments) as client:
        results = client.delete_profiles(arguments.user_ids).results
    if arguments.json:
        print_json(results)
    else:
        print_results(results)
    return 0 if all(result.status is WriteStatus.DELETED for result in results) else 1


def run_merge(arguments: argparse.Namespace) -> int:
    """Merge a profile into another; return 1 if there was nothing to merge."""
    with connect(arguments) as client:
        results = client.merge_profiles([ProfileMerge(arguments.from_user_id, arguments.into_user_id)]).results
    if arguments.json:
        print_json(results)
    elif results[0].status is WriteStatus.NOT_FOUND:
        print(plain(f"{arguments.from_user_id}: not found"))
    else:
        print_results(results)
    return 0 if results[0].status in {WriteStatus.CREATED, WriteStatus.UPDATED} else 1


# --- reading ----------------------------------------------------------------------------------------------------------


def _attributes(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    attributes: dict[str, tuple[str, ...]] = {}
    for name, value in map(parse_attribute, filter(None, texts)):
        attributes[name] = (*attributes.get(name, ()), value)
    return attributes


def _number(option: str, text: str | None) -> float | None:
    if text is None or text == _CATALOG:
        return None
    try:
        return float(text)
    except ValueError:
        raise Failure(f"{option} {text}: write a number, or {_CATALOG}", code=2) from None


def _filter(arguments: argparse.Namespace) -> ProfileFilter | None:
    conditions = profile_conditions(arguments)
    if arguments.targeting_allowed is not None:
        conditions.append(ProfileCondition(targeting_allowed=arguments.targeting_allowed))
    return ProfileFilter(all_of=tuple(conditions)) if conditions else None


# --- printing ---------------------------------------------------------------------------------------------------------


def _print_profile(profile: Profile) -> None:
    console = Screen()
    console.print(plain(profile.user_id), style="bold")
    share, days = profile.derived_share, profile.half_life_days
    latest = f", the latest at {profile.last_event_time.isoformat()}" if profile.last_event_time else ""
    facts = {
        "interests": ", ".join(map(_interest, profile.interests)) or "none",
        **{name: ", ".join(values) for name, values in profile.attributes.items()},
        "targeting": "allowed" if profile.targeting_allowed else "not allowed",
        "share of events": "as the catalog says" if share is None else f"{share:g}",
        "half-life of events": "as the catalog says" if days is None else f"{days:g} days" if days else "none",
        "events": f"{profile.event_count:,}{latest}",
    }
    for name, value in facts.items():
        console.print(plain(f"{name}: {value}"), soft_wrap=True)


def _interest(interest: Interest) -> str:
    weight = "" if interest.weight in {None, 1.0} else f" {interest.weight:+g}"
    return f"{interest.keyword}{weight}{f' [{interest.language}]' if interest.language else ''}"


def _print_derived(interests: Sequence[Interest]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("from events", overflow="fold")
    table.add_column("weight", justify="right")
    for interest in interests[:_SHOWN_INTERESTS]:
        table.add_row(plain(interest.keyword), f"{interest.weight:+.4f}")
    print()
    Screen().print(table if interests else "no interests from events")
    if len(interests) > _SHOWN_INTERESTS:
        print(f"and {len(interests) - _SHOWN_INTERESTS:,} more; --json lists up to 1,000")


def _print_events(first: GetProfileResponse, others: Iterator[GetProfileResponse]) -> None:
    """Print events, one a line: there may be many."""
    print()
    for page in (first, *others):
        for event in page.events:
            print(plain("  ".join(_event(event))))


def _event(event: Event) -> Iterator[str]:
    yield event.event_time.isoformat(timespec="seconds")
    yield f"{event.kind.name.lower():<10}"
    yield event.video_id or f"promotion {event.promotion_id}"
    if event.watched_share is not None:
        yield f"{event.watched_share:.0%}"
    if event.watched_seconds is not None:
        yield f"{event.watched_seconds:g} s"
    if event.watched_spans:
        yield ", ".join(f"{span.start_seconds:g}-{span.end_seconds:g}" for span in event.watched_spans)
    if event.weight not in {None, 1.0}:
        yield f"weight {event.weight:g}"
    yield event.event_id
