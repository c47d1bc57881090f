"""`matchcut placements`: moments in videos where promotions fit."""

import argparse
from collections.abc import Iterator
from typing import Any

import msgspec
from google.protobuf import json_format
from rich.table import Table
from rich.text import Text

from matchcut.v1 import targeting_service_pb2 as pb
from matchcut_client import (
    AskedKeyword,
    MatchPlacementsResponse,
    MatchPromotionsResponse,
    Placement,
    PlacementRules,
    Promotion,
)
from matchcut_client.conversion import from_message
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.filter_options import add_filter_options, filter_of
from matchcut_server.cli.render import clock, counted, plain, print_json
from matchcut_server.cli.sources import read_documents
from matchcut_server.cli.weights import parse_interest, parse_seed

_SHOWN_KEYWORDS = 4


def add_placements(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `placements`."""
    parser = commands.add_parser(
        "placements",
        help="find the moments in which promotions fit",
        description="Find the best moments for promotions, over all videos or in one. Several promotions share the "
        "moments by weight and score. PROMOTIONS has one JSON object a line, with the names of `Promotion` in the "
        'contract, such as {"promotion_id": "p1", "interests": [{"keyword": "football"}], "weight": 2}; a .json file '
        "has one object, or a list of them. Examples: matchcut placements promotions.ndjson --exclude war; "
        "matchcut placements --keyword football=2 --keyword cup --video derby --slot 60 --slot 180",
    )
    group = parser.add_argument_group("promotions", "Without a file, the keywords and videos are one promotion.")
    group.add_argument("promotions", nargs="?", metavar="PROMOTIONS", help=".json, .ndjson, or - for standard input")
    group.add_argument(
        "--keyword", action="append", default=[], metavar="KEYWORD[=WEIGHT]", help="of the promotion; may be repeated"
    )
    group.add_argument(
        "--seed",
        action="append",
        default=[],
        metavar="VIDEO_ID[=WEIGHT]",
        help="a video to promote; may be repeated; it gets no placement itself",
    )
    group = parser.add_argument_group("where")
    group.add_argument("--video", default="", metavar="VIDEO_ID", help="only in this video, whenever it is published")
    group.add_argument(
        "--slot",
        action="append",
        type=float,
        default=[],
        metavar="SECONDS",
        help="with --video: a planned break; may be repeated (default: the moments that fit)",
    )
    group.add_argument(
        "--context", type=float, metavar="SECONDS", help="before and after a moment what counts too (default: 10)"
    )
    group.add_argument("--min-score", type=float, default=0.0, metavar="SCORE", help="least score, 0 to 1 (default: 0)")
    _add_rules(parser)
    add_filter_options(parser)
    parser.add_argument("--page-size", type=int, default=20, metavar="N", help="how many, 1 to 1000 (default: 20)")
    parser.add_argument("--page-token", default="", metavar="TOKEN", help="token of the next page, as printed")
    parser.add_argument("--total", action="store_true", help="count all placements")
    add_connection(parser)
    parser.set_defaults(run=run_placements)


def _add_rules(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("rules", "For the placements of all promotions together.")
    group.add_argument(
        "--min-distance", type=float, metavar="SECONDS", help="between two placements in one video (default: 60)"
    )
    group.add_argument("--max-per-video", type=int, default=0, metavar="N", help="at most N a video (default: 0, all)")
    group.add_argument("--max", type=int, default=0, metavar="N", help="at most N in all (default: 0, all)")
    group.add_argument("--skip-first", type=float, default=0.0, metavar="SECONDS", help="none so early in a video")
    group.add_argument("--skip-last", type=float, default=0.0, metavar="SECONDS", help="none so late in a video")
    group.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="KEYWORD",
        help="none in videos with this keyword; may be repeated",
    )
    group.add_argument(
        "--exclude-nearby",
        action="append",
        default=[],
        metavar="KEYWORD",
        help="none where this keyword is on screen in the moment or its context; may be repeated",
    )


def run_placements(arguments: argparse.Namespace) -> int:
    """Find placements."""
    if arguments.slot and not arguments.video:
        raise Failure("--slot is a time in a video; name it with --video", code=2)
    asked: dict[str, Any] = {
        "rules": _rules(arguments),
        "context_seconds": arguments.context,
        "min_score": arguments.min_score,
        "explain": True,
        "include_total": arguments.total,
        "page_size": arguments.page_size,
        "page_token": arguments.page_token,
    }
    promotions = _promotions(arguments)
    response: MatchPlacementsResponse | MatchPromotionsResponse
    with connect(arguments) as client:
        if arguments.video:
            response = client.match_promotions(arguments.video, promotions, slot_seconds=arguments.slot, **asked)
        else:
            response = client.match_placements(promotions, include_metadata=True, **asked)
    if arguments.json:
        print_json(response)
    else:
        _print(response)
    return 0


def _rules(arguments: argparse.Namespace) -> PlacementRules:
    return PlacementRules(
        filter_of(arguments),
        arguments.min_distance,
        arguments.max_per_video,
        arguments.max,
        arguments.skip_first,
        arguments.skip_last,
        tuple(AskedKeyword(keyword) for keyword in arguments.exclude),
        tuple(AskedKeyword(keyword) for keyword in arguments.exclude_nearby),
    )


def _promotions(arguments: argparse.Namespace) -> list[Promotion]:
    """Return the promotions that were given. Raises `Failure` if there are none, or both a file and keywords."""
    interests = tuple(map(parse_interest, arguments.keyword))
    seeds = tuple(map(parse_seed, arguments.seed))
    if bool(arguments.promotions) == bool(interests or seeds):
        raise Failure("give a file of promotions, or --keyword and --seed", code=2)
    if not arguments.promotions:
        return [Promotion(interests=interests, seeds=seeds)]
    return list(_read(arguments.promotions))


def _read(path: str) -> Iterator[Promotion]:
    """Yield the promotions of a file. Raises `Failure` for what is none."""
    for document in read_documents([path]):
        if document.problem:
            raise Failure(f"{document.name}: {document.problem}", code=2)
        try:
            given = msgspec.json.decode(document.content)
            for one in given if isinstance(given, list) else [given]:
                yield from_message(Promotion, json_format.ParseDict(one, pb.Promotion()))
        except (json_format.ParseError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise Failure(f"{document.name}: not a promotion: {error}", code=2) from None


def _print(response: MatchPlacementsResponse | MatchPromotionsResponse) -> None:
    console = Screen()
    if response.missing_ids:
        console.print(f"not in the catalog: {plain(', '.join(response.missing_ids))}")
    if not response.placements:
        console.print("no moment fits, or the rules allow none")
        return
    videos = response.videos if isinstance(response, MatchPlacementsResponse) else ()
    titles = {video.video_id: video.title for video in videos}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("score", justify="right")
    table.add_column("slot", justify="right", no_wrap=True)
    table.add_column("video", ratio=3, overflow="fold")
    table.add_column("promotion", ratio=1, overflow="fold")
    table.add_column("keywords", ratio=2, overflow="fold")
    for one in response.placements:
        table.add_row(
            f"{one.moment.score:.3f}",
            clock(one.slot_seconds),
            _video(one, titles.get(one.moment.video_id, "")),
            plain(one.promotion_id),
            _keywords(one),
        )
    console.print(table)
    if response.total_count is not None:
        console.print(f"\n{counted(response.total_count, 'placement')} in all", style="dim")
    if response.next_page_token:
        # With "=", because a token may begin with "-".
        console.print(f"\nnext page: --page-token={response.next_page_token}", soft_wrap=True, style="dim")


def _video(placement: Placement, title: str) -> Text:
    span, video_id = placement.moment.span, plain(placement.moment.video_id)
    when = f"{clock(span.start_seconds)} to {clock(span.end_seconds)}"
    return Text.assemble(plain(title) or video_id, (f"\n{f'{video_id}, ' if title else ''}{when}", "dim"))


def _keywords(placement: Placement) -> str:
    keywords = placement.moment.keywords
    more = len(keywords) - _SHOWN_KEYWORDS
    return ", ".join(map(plain, keywords[:_SHOWN_KEYWORDS])) + (f" and {more} more" if more > 0 else "")
