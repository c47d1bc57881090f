"""`matchcut trend`: how often keywords occur by day, week or month of publishing, as a chart."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from rich.table import Table

from matchcut_client import GetKeywordTrendResponse, KeywordTrend, TimeRange, TrendInterval
from matchcut_server.cli.asked_options import add_counted_options, counted_of, keyword_of
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.filter_options import read_time
from matchcut_server.cli.render import bar, clock, counted, plain, print_json

_CELLS = 32
_INTERVALS = {
    "day": (TrendInterval.DAY, "%Y-%m-%d"),
    "week": (TrendInterval.WEEK, "%Y-%m-%d"),
    "month": (TrendInterval.MONTH, "%Y-%m"),
}
"""What is asked for, and how it is written."""


def add_trend(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `trend`."""
    parser = commands.add_parser(
        "trend",
        help="chart how often keywords occur by day, week or month of publishing",
        description="Chart in how many videos keywords occur, and for how long they are on screen, by day, week or "
        "month of publishing. Example: matchcut trend london 'film festival' --interval week --from 2024-01-01",
    )
    parser.add_argument("keywords", nargs="+", metavar="KEYWORD", help="what to chart, 1 to 20")
    parser.add_argument(
        "--interval", choices=_INTERVALS, default="month", help="length of the intervals (default: month)"
    )
    parser.add_argument(
        "--time-zone", default="", metavar="NAME", help="where days begin, such as Europe/London (default: UTC)"
    )
    parser.add_argument(
        "--from", dest="start", metavar="TIME", help="where the chart begins (default: at the first video)"
    )
    parser.add_argument("--to", dest="end", metavar="TIME", help="before when it ends (default: after the last video)")
    add_counted_options(parser)
    add_connection(parser)
    parser.set_defaults(run=run_trend)


def run_trend(arguments: argparse.Namespace) -> int:
    """Chart keywords."""
    interval, written = _INTERVALS[arguments.interval]
    span = TimeRange(read_time("--from", arguments.start), read_time("--to", arguments.end))
    with connect(arguments) as client:
        response = client.get_keyword_trend(
            [keyword_of(text, arguments) for text in arguments.keywords],
            interval=interval,
            time_zone=arguments.time_zone,
            published_time=None if span == TimeRange() else span,
            **counted_of(arguments),
        )
    if arguments.json:
        print_json(response)
    else:
        # The server has checked the name.
        _print(response, written, ZoneInfo(arguments.time_zone) if arguments.time_zone else UTC)
    return 0


def _print(response: GetKeywordTrendResponse, written: str, zone: tzinfo) -> None:
    console = Screen()
    labels = [_label(interval.start_time, written, zone) for interval in response.intervals]
    totals = [interval.video_count for interval in response.intervals]
    most = max((point.video_count for trend in response.trends for point in trend.points), default=0)
    for number, trend in enumerate(response.trends):
        console.print(f"{chr(10) * (number > 0)}{_heading(trend)}", style="bold")
        if trend.points:
            console.print(_chart(trend, labels, totals, most))
    if not response.intervals:
        console.print("no video was published in that time")


def _label(start: datetime | None, written: str, zone: tzinfo) -> str:
    if start is None:
        return ""
    try:
        return start.astimezone(zone).strftime(written)
    except OverflowError:  # at the ends of the calendar
        return start.strftime(written)


def _heading(trend: KeywordTrend) -> str:
    videos = sum(point.video_count for point in trend.points)
    seconds = sum(point.on_screen_seconds for point in trend.points)
    undated = f", {trend.undated_video_count:,} more without a published time" if trend.undated_video_count else ""
    return f"{plain(trend.asked_keyword)}: {counted(videos, 'video')}, {clock(seconds)} on screen{undated}"


def _chart(trend: KeywordTrend, labels: Sequence[str], totals: Sequence[int], most: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("from", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("videos", justify="right", no_wrap=True)
    table.add_column("instances", justify="right")
    table.add_column("on screen", justify="right")
    for label, total, point in zip(labels, totals, trend.points, strict=True):
        table.add_row(
            label,
            bar(point.video_count / max(most, 1), _CELLS),
            f"{point.video_count:,} of {total:,}",
            f"{point.instance_count:,}",
            clock(point.on_screen_seconds),
        )
    return table
