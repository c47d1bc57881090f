"""`matchcut keyword`: how often keywords occur, and with which others."""

import argparse

from rich.table import Table

from matchcut_client import GetKeywordStatsResponse, KeywordStats, ListRelatedKeywordsResponse
from matchcut_server.cli.asked_options import add_counted_options, counted_of, keyword_of
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.render import clock, counted, plain, print_json
from matchcut_server.cli.searching import suggested

_SPELLINGS = 3
"""Matching keywords shown of one."""


def add_keyword(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `keyword` with its own commands."""
    parser = commands.add_parser("keyword", help="count keywords, and list those that occur with another one")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    counting = actions.add_parser(
        "stats",
        help="count in how many videos keywords occur, how often, and for how long",
        description="Count in how many videos keywords occur, how often, and for how long they are on screen. Example: "
        "matchcut keyword stats london 'film festival'",
    )
    counting.add_argument("keywords", nargs="+", metavar="KEYWORD", help="what to count")
    relating = actions.add_parser(
        "related",
        help="list the keywords that occur with a keyword more often than by chance",
        description="List the keywords that occur together with a keyword more often than by chance, most significant "
        "first: 10.83 is exceeded by chance in 0.1 %% of cases. Example: matchcut keyword related london --within 30",
    )
    relating.add_argument("keyword", metavar="KEYWORD")
    relating.add_argument(
        "--within", type=float, metavar="SECONDS", help="they are on screen with at most so much between them"
    )
    relating.add_argument(
        "--min-videos", type=int, default=0, metavar="N", help="together in at least N videos (default: 2)"
    )
    relating.add_argument("--total", action="store_true", help="count all related keywords")
    relating.add_argument("--page-size", type=int, default=20, metavar="N", help="how many, 1 to 1000 (default: 20)")
    relating.add_argument("--page-token", default="", metavar="TOKEN", help="token of the next page, as printed")
    for action, run in ((counting, run_stats), (relating, run_related)):
        add_counted_options(action)
        add_connection(action)
        action.set_defaults(run=run)


def run_stats(arguments: argparse.Namespace) -> int:
    """Count keywords."""
    keywords = [keyword_of(text, arguments) for text in arguments.keywords]
    with connect(arguments) as client:
        response = client.get_keyword_stats(keywords, include_suggestions=True, **counted_of(arguments))
    if arguments.json:
        print_json(response)
    else:
        _print_stats(response)
    return 0


def run_related(arguments: argparse.Namespace) -> int:
    """List the keywords that occur with another one."""
    with connect(arguments) as client:
        response = client.list_related_keywords(
            keyword_of(arguments.keyword, arguments),
            within_seconds=arguments.within,
            min_video_count=arguments.min_videos,
            include_total=arguments.total,
            page_size=arguments.page_size,
            page_token=arguments.page_token,
            **counted_of(arguments),
        )
    if arguments.json:
        print_json(response)
    else:
        _print_related(response)
    return 0


def _print_stats(response: GetKeywordStatsResponse) -> None:
    console = Screen()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("keyword", overflow="fold")
    for name in ("videos", "instances", "on screen", "confidence", "idf"):
        table.add_column(name, justify="right")
    table.add_column("published", no_wrap=True)
    table.add_column("as", overflow="fold")
    for stats in response.stats:
        table.add_row(
            plain(stats.asked_keyword),
            f"{stats.video_count:,}",
            f"{stats.instance_count:,}",
            clock(stats.on_screen_seconds),
            f"{stats.mean_confidence:.2f}" if stats.video_count else "",
            f"{stats.idf:.2f}",
            _published(stats),
            _spellings(stats),
        )
    console.print(table)
    console.print(f"\nof {counted(response.video_count, 'video')}", style="dim")
    for suggestion in response.suggestions:
        console.print(suggested(suggestion), soft_wrap=True)


def _published(stats: KeywordStats) -> str:
    first, last = stats.first_published_time, stats.last_published_time
    if first is None or last is None:
        return ""
    days = dict.fromkeys((f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"))
    return " to ".join(days)


def _spellings(stats: KeywordStats) -> str:
    shown = [f"{plain(one.keyword)} ({one.keyword_set_count:,})" for one in stats.matching_keywords[:_SPELLINGS]]
    more = len(stats.matching_keywords) > _SPELLINGS
    return ", ".join(shown) + (" and more" if more else "")


def _print_related(response: ListRelatedKeywordsResponse) -> None:
    console = Screen()
    if not response.related_keywords:
        console.print(f"no keyword is related to it; it occurs in {counted(response.video_count, 'video')}")
        if response.suggestion is not None:
            console.print(suggested(response.suggestion), soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("keyword", overflow="fold")
    for name in ("together", "videos", "lift", "significance"):
        table.add_column(name, justify="right")
    for one in response.related_keywords:
        table.add_row(
            plain(one.keyword),
            f"{one.together_video_count:,}",
            f"{one.video_count:,}",
            f"{one.lift:.1f}",
            f"{one.significance:.2f}",
        )
    console.print(table)
    console.print(f"\nit occurs in {counted(response.video_count, 'video')}", style="dim")
    if response.total_count is not None:
        console.print(f"{counted(response.total_count, 'related keyword')} in all", style="dim")
    if response.next_page_token:
        # With "=", because a token may begin with "-".
        console.print(f"\nnext page: --page-token={response.next_page_token}", soft_wrap=True, style="dim")
