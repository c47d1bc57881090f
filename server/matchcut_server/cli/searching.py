"""`matchcut search`: the moments in which keywords are on screen."""

import argparse

from rich.table import Table
from rich.text import Text

from matchcut_client import KeywordSuggestion, Moment, SearchMomentsResponse, Video
from matchcut_server.cli.asked_options import add_asked_options, add_order_option, asked_of, order_of
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.render import clock, counted, plain, print_json, time_bar

_SHOWN_KEYWORDS = 4


def add_search(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `search`."""
    parser = commands.add_parser(
        "search",
        help="find the moments in which keywords are on screen",
        description="Find the moments in which keywords are on screen or spoken. Examples: matchcut search microsoft; "
        "matchcut search london --any film --any theatre --within 30",
    )
    add_asked_options(parser)
    add_order_option(parser)
    parser.add_argument(
        "--max-per-video", type=int, default=0, metavar="N", help="at most N moments a video (default: 0, all)"
    )
    parser.add_argument("--page-size", type=int, default=20, metavar="N", help="how many, 1 to 1000 (default: 20)")
    parser.add_argument("--page-token", default="", metavar="TOKEN", help="token of the next page, as printed")
    parser.add_argument("--total", action="store_true", help="count all moments that match")
    add_connection(parser)
    parser.set_defaults(run=run_search)


def run_search(arguments: argparse.Namespace) -> int:
    """Find moments."""
    asked = asked_of(arguments)
    with connect(arguments) as client:
        response = client.search_moments(
            **asked,
            order=order_of(arguments),
            explain=True,
            include_metadata=True,
            include_total=arguments.total,
            page_size=arguments.page_size,
            page_token=arguments.page_token,
        )
    if arguments.json:
        print_json(response)
    else:
        _print(response)
    return 0


def _print(response: SearchMomentsResponse) -> None:
    console = Screen()
    if not response.moments:
        console.print("no moment matches")
        for suggestion in response.suggestions:
            console.print(suggested(suggestion), soft_wrap=True)
        return
    videos = {video.video_id: video for video in response.videos}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("score", justify="right")
    table.add_column("when", no_wrap=True)
    table.add_column("video", ratio=3, overflow="fold")
    table.add_column("keywords", ratio=2, overflow="fold")
    for moment in response.moments:
        video = videos.get(moment.video_id)
        table.add_row(f"{moment.score:.3f}", _when(moment, video), _video(moment, video), _keywords(moment))
    console.print(table)
    if response.total_count is not None:
        console.print(f"\n{counted(response.total_count, 'moment')} in all", style="dim")
    if response.next_page_token:
        # With "=", because a token may begin with "-".
        console.print(f"\nnext page: --page-token={response.next_page_token}", soft_wrap=True, style="dim")


def suggested(suggestion: KeywordSuggestion) -> str:
    """Say that a keyword does not occur, and which ones resemble it."""
    missing = f"{plain(suggestion.asked_keyword)} does not occur"
    if not suggestion.nearest_keywords:
        return missing
    nearest = [f"{plain(near.keyword)} ({near.keyword_set_count:,})" for near in suggestion.nearest_keywords]
    return f"{missing}; near it: {', '.join(nearest)}"


def _when(moment: Moment, video: Video | None) -> Text:
    """Tell the span, and draw where in the video it is."""
    span = moment.span
    bar = time_bar([span], video.duration_seconds if video else 0.0)
    return Text.assemble(f"{clock(span.start_seconds)} to {clock(span.end_seconds)}\n", (bar, "dim"))


def _video(moment: Moment, video: Video | None) -> Text:
    title = plain(video.title) if video else ""
    video_id = plain(moment.video_id)
    return Text.assemble(title or video_id, (f"\n{video_id}" if title else "", "dim"))


def _keywords(moment: Moment) -> str:
    shown = [plain(keyword) for keyword in moment.keywords[:_SHOWN_KEYWORDS]]
    more = len(moment.keywords) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
