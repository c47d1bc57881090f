"""`matchcut recommend` and `matchcut similar`: the videos that match, when and why."""

import argparse
from typing import Any

from matchcut_client import RankingSettings, VideoSeed
from matchcut_server.cli.connection import add_connection, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.filter_options import add_filter_options, filter_of
from matchcut_server.cli.ranking_options import add_ranking_options, ranking_of
from matchcut_server.cli.recommendations import print_recommendations
from matchcut_server.cli.render import print_json
from matchcut_server.cli.weights import parse_interest, parse_seed


def add_recommend(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `recommend`."""
    parser = commands.add_parser(
        "recommend",
        help="recommend videos for some interests, or for a stored user",
        description="Recommend the videos whose keywords best match some interests, or the profile of a user, and show "
        "when and why. Examples: matchcut recommend --interest england=1 --interest 'film festival=2'; "
        "matchcut recommend --user ada",
    )
    parser.add_argument(
        "--interest",
        action="append",
        default=[],
        metavar="KEYWORD[=WEIGHT]",
        help="an interest, weight 1 unless given; a negative weight pushes away; may be repeated",
    )
    parser.add_argument(
        "--user",
        default="",
        metavar="USER_ID",
        help="whose profile counts, unless interests are given, and whose events",
    )
    _add_options(parser)
    parser.set_defaults(run=run_recommend)


def add_similar(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `similar`."""
    parser = commands.add_parser(
        "similar",
        help="recommend videos that are similar to others",
        description="Recommend the videos that are most similar to some others, and show when and why. Example: "
        "matchcut similar ealing-comedies --and hitchcock-london=0.5",
    )
    parser.add_argument("video_id", metavar="VIDEO_ID", help="the video to be similar to")
    parser.add_argument(
        "--and",
        dest="more",
        action="append",
        default=[],
        metavar="VIDEO_ID[=WEIGHT]",
        help="another one, weight 1 unless given; a negative weight pushes away; may be repeated",
    )
    parser.add_argument(
        "--near-duplicates", action="store_true", help="keep videos that are nearly the same as others in the list"
    )
    parser.add_argument("--user", default="", metavar="USER_ID", help="whose events tell what has been seen or hidden")
    _add_options(parser)
    parser.set_defaults(run=run_similar)


def run_recommend(arguments: argparse.Namespace) -> int:
    """Recommend videos for interests or a user."""
    interests = [parse_interest(text) for text in arguments.interest]
    if not interests and not arguments.user:
        raise Failure("give at least one --interest, or --user", code=2)
    with connect(arguments) as client:
        response = client.recommend_videos(interests or None, user_id=arguments.user, **_options(arguments))
    if arguments.json:
        print_json(response)
    else:
        print_recommendations(response)
    return 0


def run_similar(arguments: argparse.Namespace) -> int:
    """Recommend videos that are similar to others."""
    seeds = [VideoSeed(arguments.video_id), *(parse_seed(text) for text in arguments.more)]
    with connect(arguments) as client:
        response = client.recommend_similar_videos(
            seeds, include_near_duplicates=arguments.near_duplicates, user_id=arguments.user, **_options(arguments)
        )
    if arguments.json:
        print_json(response)
    else:
        print_recommendations(response)
    return 0


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--page-size", type=int, default=10, metavar="N", help="how many, 1 to 1000 (default: 10)")
    parser.add_argument("--page-token", default="", metavar="TOKEN", help="token of the next page, as printed")
    parser.add_argument(
        "--min-score", type=float, default=0.0, metavar="SCORE", help="least match, 0 to 1 (default: 0)"
    )
    parser.add_argument(
        "--exclude-id", action="append", default=[], metavar="VIDEO_ID", help="not this video; may be repeated"
    )
    parser.add_argument(
        "--scenario", default="", metavar="NAME", help="ranking settings of this scenario; options replace them"
    )
    add_filter_options(parser)
    add_ranking_options(parser)
    add_connection(parser)


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    ranking = ranking_of(arguments)
    return {
        "filter": filter_of(arguments),
        "exclude_ids": arguments.exclude_id,
        "min_score": arguments.min_score,
        "explain": True,
        "include_metadata": True,
        "scenario": arguments.scenario,
        "ranking": None if ranking == RankingSettings() else ranking,
        "page_size": arguments.page_size,
        "page_token": arguments.page_token,
    }
