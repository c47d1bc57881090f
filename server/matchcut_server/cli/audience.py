"""`matchcut audience`: the users that a promotion suits."""

import argparse
import sys
from collections.abc import Iterator, Sequence

from rich.table import Table

from matchcut_client import (
    AudienceMember,
    FrequencyCap,
    MatchAudienceResponse,
    MatchcutClient,
    MatchedInterest,
    ProfileFilter,
    Promotion,
    pages,
)
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.profile_options import add_profile_options, profile_conditions
from matchcut_server.cli.render import counted, plain, print_json
from matchcut_server.cli.weights import parse_interest, parse_seed, parse_weighted

_MOST = 100_000
"""Users that can be paged through."""
_PAGE = 10_000
_EXPLAINED_PAGE = 1_000
_SHOWN_INTERESTS = 4


def add_audience(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `audience`."""
    parser = commands.add_parser(
        "audience",
        help="find the users that a promotion suits",
        description="Find the users that a promotion suits best, among those who may be found for promotions. "
        "Examples: matchcut audience --keyword london --keyword 'film festival=2' --explain; "
        "matchcut audience --video ealing-comedies --promotion-id p1 --cap 7=3 --limit 10000 --json. With --json each "
        "user is a line.",
    )
    promotion = parser.add_argument_group("promotion")
    promotion.add_argument(
        "--keyword",
        action="append",
        default=[],
        metavar="KEYWORD[=WEIGHT]",
        help="a keyword of it, weight 1 unless given; a negative weight pushes away; may be repeated",
    )
    promotion.add_argument(
        "--video",
        action="append",
        default=[],
        metavar="VIDEO_ID[=WEIGHT]",
        help="a video to promote, weight 1 unless given; may be repeated",
    )
    promotion.add_argument("--promotion-id", default="", metavar="ID", help="its id, by which impressions are counted")
    users = parser.add_argument_group("users")
    add_profile_options(users)
    users.add_argument(
        "--exclude-id", action="append", default=[], metavar="USER_ID", help="not this user; may be repeated"
    )
    users.add_argument(
        "--cap",
        action="append",
        default=[],
        metavar="[PROMOTION_ID:]DAYS[=MAX]",
        help="not those who were shown the promotion, or another one, so often (default: once) in the last days",
    )
    users.add_argument("--min-score", type=float, default=0.0, metavar="SCORE", help="least match, 0 to 1 (default: 0)")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="how many, 1 to 100000 (default: 20)")
    parser.add_argument("--explain", action="store_true", help="the interests that match, with their shares")
    parser.add_argument("--total", action="store_true", help="count all users that match")
    add_connection(parser)
    parser.set_defaults(run=run_audience)


def run_audience(arguments: argparse.Namespace) -> int:
    """Find the users of a promotion."""
    promotion = Promotion(
        promotion_id=arguments.promotion_id,
        interests=tuple(map(parse_interest, arguments.keyword)),
        seeds=tuple(map(parse_seed, arguments.video)),
    )
    if not promotion.interests and not promotion.seeds:
        raise Failure("give at least one --keyword or --video", code=2)
    if not 1 <= arguments.limit <= _MOST:
        raise Failure(f"--limit {arguments.limit}: give 1 to {_MOST}; larger audiences: matchcut target", code=2)
    with connect(arguments) as client:
        found = _pages(client, promotion, arguments)
        (_print_lines if arguments.json else _print)(found, arguments)
    return 0


def _pages(
    client: MatchcutClient, promotion: Promotion, arguments: argparse.Namespace
) -> Iterator[tuple[MatchAudienceResponse, Sequence[AudienceMember]]]:
    """Yield answers, each with those of its users that are wanted."""
    conditions = profile_conditions(arguments)
    left = arguments.limit
    for page in pages(
        client.match_audience,
        promotion,
        filter=ProfileFilter(all_of=tuple(conditions)) if conditions else None,
        min_score=arguments.min_score,
        exclude_ids=arguments.exclude_id,
        frequency_caps=[parse_cap(text) for text in arguments.cap],
        explain=arguments.explain,
        include_total=arguments.total,
        page_size=min(left, _EXPLAINED_PAGE if arguments.explain else _PAGE),
    ):
        yield page, page.members[:left]
        left -= len(page.members)
        if left <= 0:
            return


def parse_cap(text: str) -> FrequencyCap:
    """Read `[PROMOTION_ID:]DAYS[=MAX]`. Raises `Failure`."""
    promotion_id, _, rest = text.rpartition(":")
    days, most = parse_weighted(rest)
    try:
        return FrequencyCap(float(days), 1 if most is None else int(most), promotion_id)
    except ValueError:
        raise Failure(f"--cap {text}: write [PROMOTION_ID:]DAYS[=MAX], such as 7=3", code=2) from None


def _print_lines(
    found: Iterator[tuple[MatchAudienceResponse, Sequence[AudienceMember]]], arguments: argparse.Namespace
) -> None:
    """Print one user a line, and at the end the total where it is asked for."""
    total: int | None = None
    missing: Sequence[str] = ()
    for page, members in found:
        total, missing = page.total_count, page.missing_ids
        for member in members:
            print_json(member)
    if arguments.total:
        print_json({"total_count": total})
    for one in missing:
        print(f"not there: {plain(one)}", file=sys.stderr)


def _print(
    found: Iterator[tuple[MatchAudienceResponse, Sequence[AudienceMember]]], arguments: argparse.Namespace
) -> None:
    console = Screen()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("score", justify="right")
    table.add_column("user", ratio=1, overflow="fold")
    if arguments.explain:
        table.add_column("interests that match", ratio=3, overflow="fold")
    more = False
    total: int | None = None
    missing: Sequence[str] = ()
    for page, members in found:
        total, missing, more = page.total_count, page.missing_ids, bool(page.next_page_token)
        for member in members:
            told = [_interests(member.matched_interests)] if arguments.explain else []
            table.add_row(f"{member.score:.3f}", plain(member.user_id), *told)
    console.print(table if table.row_count else "no user matches")
    if total is not None:
        console.print(f"\n{counted(total, 'user')} in all", style="dim")
    elif more:
        console.print("\nand more; --limit gives up to 100,000", style="dim")
    for one in missing:
        console.print(f"not there: {plain(one)}", soft_wrap=True)


def _interests(matched: Sequence[MatchedInterest]) -> str:
    told = [
        f"{plain(one.interest)} {one.share:+.3f}{' (events)' if one.derived else ''}"
        for one in matched[:_SHOWN_INTERESTS]
    ]
    more = len(matched) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")
