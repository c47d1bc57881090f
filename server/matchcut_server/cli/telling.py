"""`matchcut story`: a search turned into a list of cuts."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from rich.table import Table

from matchcut_client import MatchcutClient
from matchcut_server.cli.asked_options import add_asked_options, asked_of
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.render import clock, counted, plain, print_json
from matchcut_server.cli.searching import suggested
from matchcut_server.story.cut import Cut, cut_of
from matchcut_server.story.lists import as_csv, rows_of
from matchcut_server.story.selection import StoryOrder, StoryPlan, select
from matchcut_server.story.timeline import as_edl, as_otio

_PAGE = 200
_MAX_PER_VIDEO = 3
_FORMATS = ("table", "json", "csv", "otio", "edl")


def add_story(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `story`."""
    parser = commands.add_parser(
        "story",
        help="turn a search into a list of cuts for a feature story",
        description="Take the best moments of a search as the cuts of a story. Example: matchcut story football "
        "--total 120 --shortest 3 --longest 15 --padding 1 --format edl --out football.edl",
    )
    add_asked_options(parser)
    group = parser.add_argument_group("story", "Lengths are in seconds.")
    for name, text in (
        ("total", "the story is at most so long"),
        ("shortest", "no cut is shorter; what is gets left out"),
        ("longest", "no cut is longer; the middle is kept"),
        ("padding", "added before and after each moment"),
    ):
        group.add_argument(f"--{name}", type=_seconds, metavar="SECONDS", help=text)
    group.add_argument(
        "--max-per-video",
        type=int,
        default=_MAX_PER_VIDEO,
        metavar="N",
        help=f"at most N cuts of a video; 0: no limit (default: {_MAX_PER_VIDEO})",
    )
    group.add_argument(
        "--order",
        choices=[str(order) for order in StoryOrder],
        default=str(StoryOrder.SCORE),
        help="best cut, oldest or newest video first (default: score)",
    )
    group.add_argument("--format", choices=_FORMATS, default="table", help="how it is written (default: table)")
    group.add_argument("--rate", type=_seconds, default=25.0, metavar="FPS", help="frames a second (default: 25)")
    group.add_argument("--title", default="Story", help="name of the timeline (default: Story)")
    group.add_argument("--out", metavar="FILE", help="where it is written to (default: standard output)")
    add_connection(parser)
    parser.set_defaults(run=run_story)


def run_story(arguments: argparse.Namespace) -> int:
    """Make a story; return 1 if nothing matches."""
    plan = StoryPlan(
        padding_seconds=arguments.padding or 0.0,
        shortest_seconds=arguments.shortest or 0.0,
        max_per_video=arguments.max_per_video,
        order=StoryOrder(arguments.order),
        **{
            f"{name}_seconds": given for name in ("total", "longest") if (given := getattr(arguments, name)) is not None
        },
    )
    if plan.shortest_seconds > plan.longest_seconds:
        raise Failure(f"--shortest {arguments.shortest:g} is more than --longest {arguments.longest:g}", code=2)
    # What is limited is the cuts, which may take several moments.
    asked = {**asked_of(arguments), "max_moments_per_video": 0}
    suggestions: list[str] = []
    with connect(arguments) as client:
        cuts = select(_moments(client, asked, suggestions), plan)
    for suggestion in suggestions:
        print(suggestion, file=sys.stderr)
    _write(cuts, arguments)
    return 0 if cuts else 1


def _moments(client: MatchcutClient, asked: dict[str, Any], suggestions: list[str]) -> Iterator[Cut]:
    """Yield all moments that match, best first, as cuts."""
    token = ""
    while True:
        page = client.search_moments(**asked, include_metadata=True, page_size=_PAGE, page_token=token)
        suggestions += [suggested(suggestion) for suggestion in page.suggestions]
        videos = {video.video_id: video for video in page.videos}
        for moment in page.moments:
            yield cut_of(moment, videos.get(moment.video_id))
        token = page.next_page_token
        if not token:
            return


def _write(cuts: list[Cut], arguments: argparse.Namespace) -> None:
    how = "json" if arguments.json else arguments.format
    if how == "table" and not arguments.out:
        _print(cuts)
    elif how == "json" and not arguments.out:
        print_json(rows_of(cuts))
    else:
        text = _text(cuts, how, arguments)
        if arguments.out:
            Path(arguments.out).write_text(text, encoding="utf-8")
            print(f"{_told(cuts)} in {plain(arguments.out)}")
        else:
            sys.stdout.write(text)


def _text(cuts: list[Cut], how: str, arguments: argparse.Namespace) -> str:
    """Write a story in one of the formats. Raises `Failure` if that needs what is not there."""
    if how == "csv":
        return as_csv(cuts)
    if how == "json":
        return msgspec.json.encode(rows_of(cuts)).decode() + "\n"
    if how == "table":
        raise Failure("--out needs a --format: json, csv, otio or edl", code=2)
    write = as_otio if how == "otio" else as_edl
    try:
        return write(cuts, arguments.title, arguments.rate)
    except ImportError:
        message = "timelines need OpenTimelineIO: pip install 'matchcut-server[timeline]'"
        raise Failure(f"--format {how}: {message}", code=2) from None
    except ValueError as error:
        raise Failure(f"--rate {arguments.rate:g}: {error}", code=2) from None


def _print(cuts: list[Cut]) -> None:
    console = Screen()
    if not cuts:
        console.print("no moment matches, or none that fits")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("at", justify="right")
    table.add_column("cut", no_wrap=True)
    table.add_column("seconds", justify="right")
    table.add_column("video", ratio=3, overflow="fold")
    table.add_column("keywords", ratio=2, overflow="fold")
    for row in rows_of(cuts):
        table.add_row(
            clock(row["story_start_seconds"]),
            f"{clock(row['start_seconds'])} to {clock(row['end_seconds'])}",
            f"{row['length_seconds']:.1f}",
            plain(row["title"] or row["video_id"]),
            plain(", ".join(row["keywords"])),
        )
    console.print(table)
    console.print(f"\n{_told(cuts)}", style="dim")


def _told(cuts: list[Cut]) -> str:
    videos = len({cut.video_id for cut in cuts})
    return f"{counted(len(cuts), 'cut')} of {counted(videos, 'video')}, {sum(cut.length for cut in cuts):.1f} seconds"


def _seconds(text: str) -> float:
    """Read a number of 0 or more."""
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of 0 or more")
    return number
