"""`matchcut show`, `stats` and `delete`."""

import argparse
import sys

from rich.table import Table

from matchcut_client import GetCatalogResponse, Keyword, KeywordSet, TimeSpan, Video, WriteStatus
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.render import clock, counted, plain, print_json, print_results, time_bar


def add_show(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `show`."""
    parser = commands.add_parser("show", help="show a video with its keywords and when they are on screen")
    parser.add_argument("video_id", metavar="VIDEO_ID")
    add_connection(parser)
    parser.set_defaults(run=run_show)


def run_show(arguments: argparse.Namespace) -> int:
    """Show a video."""
    with connect(arguments) as client:
        video = client.get_video(arguments.video_id).video
    if arguments.json:
        print_json(video)
    else:
        _print_video(video)
    return 0


def add_stats(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `stats`."""
    parser = commands.add_parser("stats", help="count what a catalog holds")
    add_connection(parser)
    parser.set_defaults(run=run_stats)


def run_stats(arguments: argparse.Namespace) -> int:
    """Show the statistics of a catalog."""
    with connect(arguments) as client:
        response = client.get_catalog(arguments.catalog)
    if arguments.json:
        print_json(response)
    else:
        _print_statistics(response)
    return 0


def add_delete(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `delete`."""
    parser = commands.add_parser(
        "delete", help="delete videos", description="Delete videos; the exit code is 1 if any of them was not there."
    )
    parser.add_argument("video_ids", nargs="+", metavar="VIDEO_ID")
    add_connection(parser)
    parser.set_defaults(run=run_delete)


def run_delete(arguments: argparse.Namespace) -> int:
    """Delete videos; return 1 if any was not deleted."""
    with connect(arguments) as client:
        results = client.delete_videos(arguments.video_ids).results
    if arguments.json:
        print_json(results)
    else:
        print_results(results)
    deleted = all(result.status is WriteStatus.DELETED for result in results)
    return 0 if deleted else 1


def _print_video(video: Video) -> None:
    console = Screen()
    console.print(plain(video.title or video.video_id), style="bold")
    facts = {
        "id": video.video_id,
        "duration": clock(video.duration_seconds) if video.duration_seconds else "unknown",
        "published": video.published_time.isoformat() if video.published_time else "always",
        "expires": video.expire_time.isoformat() if video.expire_time else "never",
        **{name: ", ".join(values) for name, values in video.attributes.items()},
    }
    for name, value in facts.items():
        console.print(plain(f"{name}: {value}"))
    for keyword_set in video.keyword_sets:
        _print_keyword_set(console, keyword_set, video.duration_seconds)


def _print_keyword_set(console: Screen, keyword_set: KeywordSet, duration: float) -> None:
    summarized = " (from summarizedInsights)" if keyword_set.summarized else ""
    heading = f"\n{keyword_set.language}: {counted(len(keyword_set.keywords), 'keyword')}{summarized}"
    console.print(heading, style="bold")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("keyword", overflow="fold")
    table.add_column("confidence", justify="right")
    table.add_column("instances", justify="right")
    table.add_column("when", no_wrap=True)
    for keyword in keyword_set.keywords:
        confidence = "none" if keyword.confidence is None else f"{keyword.confidence:.4f}"
        when = time_bar(_spans(keyword), duration)
        table.add_row(plain(keyword.text), confidence, str(len(keyword.instances)), when)
    console.print(table)


def _spans(keyword: Keyword) -> list[TimeSpan]:
    return [TimeSpan(start_seconds=i.start_seconds, end_seconds=i.end_seconds) for i in keyword.instances]


def _print_statistics(response: GetCatalogResponse) -> None:
    statistics = response.statistics
    rows = [
        ("videos", f"{statistics.video_count:,}"),
        ("videos without keywords", f"{statistics.video_without_keywords_count:,}"),
        ("keyword sets that can match", f"{statistics.keyword_set_count:,}"),
        ("keywords", f"{statistics.keyword_count:,}"),
        ("different keywords (phrase terms)", f"{statistics.phrase_term_count:,}"),
        ("different words (word terms)", f"{statistics.word_term_count:,}"),
        ("hours of keywords on screen", f"{statistics.on_screen_seconds / 3600:,.1f}"),
        ("keywords without confidence", f"{statistics.defaulted_confidence_count:,}"),
        ("keywords without instances", f"{statistics.defaulted_duration_count:,}"),
        ("keyword sets from summarizedInsights", f"{statistics.summarized_keyword_set_count:,}"),
        *((f"keyword sets in {one.language}", f"{one.keyword_set_count:,}") for one in statistics.languages),
        ("profiles of users", f"{statistics.profile_count:,}"),
        ("events of users", f"{statistics.event_count:,}"),
        ("scenarios", f"{statistics.scenario_count:,}"),
        ("weighting scheme", response.catalog.settings.weighting_scheme.name.lower()),
        ("revision", f"{response.index_revision}"),
    ]
    width = max(len(name) for name, _ in rows)
    sys.stdout.writelines(f"{name:<{width}}  {value:>12}\n" for name, value in rows)
