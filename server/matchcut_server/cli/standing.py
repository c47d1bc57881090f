"""`matchcut standing`: saved interests and promotions, and what newly matches them."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rich.table import Table
from rich.text import Text

from matchcut_client import ListMatchesResponse, Moment, Promotion, StandingInterest, StandingMatch, Video, pages
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.filter_options import add_filter_options, filter_of
from matchcut_server.cli.render import clock, plain, print_json, print_results
from matchcut_server.cli.sending import chunks, send_all
from matchcut_server.cli.sources import read_documents
from matchcut_server.cli.standing_files import send_standing, standing_ids
from matchcut_server.cli.weights import parse_interest, parse_seed

CHUNK = 1_000
"""Standing interests in one call, where each is a line."""

_SHOWN_KEYWORDS = 4
_ALL = 1_000
"""Items of a page where all pages are wanted."""


def add_standing(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `standing` with its own commands."""
    parser = commands.add_parser("standing", help="save interests or promotions, and list what newly matches them")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_add(actions)
    _add_matches(actions)
    listing = actions.add_parser("list", help="list standing interests by id: all of the catalog, or some")
    deleting = actions.add_parser(
        "delete",
        help="delete standing interests",
        description="Delete standing interests; the exit code is 1 if any of them was not there.",
    )
    listing.add_argument("ids", nargs="*", metavar="ID")
    deleting.add_argument("ids", nargs="+", metavar="ID")
    for action, run in ((listing, run_list), (deleting, run_delete)):
        add_connection(action)
        action.set_defaults(run=run)


def _add_add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "add",
        help="create standing interests, or replace them whole",
        description="Create a standing interest, or replace it whole; or many from files, as `standing list --json` "
        "prints them or one a line. Examples: matchcut standing add --id london --interest london=2 --interest film; "
        "matchcut standing add standing.ndjson",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help=".json, .ndjson or .ndjson.gz, a folder of them, or - for standard input",
    )
    parser.add_argument("--id", metavar="ID", help="id of the standing interest, where it comes from no file")
    parser.add_argument(
        "--interest",
        action="append",
        default=[],
        metavar="KEYWORD[=WEIGHT]",
        help="an interest, weight 1 unless given; a negative weight pushes away; may be repeated",
    )
    parser.add_argument(
        "--promotion",
        metavar="PROMOTION_ID",
        help="the interests are those of a promotion of this id: videos match that have placements for it",
    )
    parser.add_argument(
        "--seed",
        action="append",
        default=[],
        metavar="VIDEO_ID[=WEIGHT]",
        help="of a promotion: a video to promote, weight 1 unless given; may be repeated",
    )
    parser.add_argument(
        "--min-score", type=float, default=0.0, metavar="SCORE", help="least score of a match, 0 to 1 (default: 0)"
    )
    add_filter_options(parser)
    add_connection(parser)
    parser.set_defaults(run=run_add)


def _add_matches(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "matches",
        help="list what newly matches since a revision",
        description="List the videos and moments that newly match since a revision, and the revision for the next "
        "time. A job that runs again and again passes it with --since, and so hears of every match once.",
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these standing interests (default: all)")
    parser.add_argument(
        "--since", type=int, default=0, metavar="REVISION", help="as the last call told (default: 0, all that matches)"
    )
    parser.add_argument(
        "--most", type=int, default=0, metavar="N", help="best videos of each standing interest (default: 0, all)"
    )
    parser.add_argument("--moments", type=int, default=3, metavar="N", help="of each video, 0 to 100 (default: 3)")
    add_connection(parser)
    parser.set_defaults(run=run_matches)


def run_add(arguments: argparse.Namespace) -> int:
    """Write one standing interest or those of files; return 1 if any was rejected."""
    if bool(arguments.paths) == (arguments.id is not None):
        raise Failure("give either --id with --interest, --promotion or --seed, or files", code=2)
    if arguments.paths:
        summary = send_all(arguments, chunks(read_documents(arguments.paths), CHUNK), standing_ids, send_standing)
        if arguments.json:
            summary.print_json()
        else:
            summary.print("standing interest")
        return summary.exit_code
    standing = _standing(arguments)
    with connect(arguments) as client:
        response = client.upsert_standing_interests([standing])
    if arguments.json:
        print_json(response)
    else:
        print_results(response.results)
    return 1 if response.rejected else 0


def run_list(arguments: argparse.Namespace) -> int:
    """List standing interests; return 1 if any that is named is not there."""
    found: list[StandingInterest] = []
    missing: list[str] = []
    with connect(arguments) as client:
        parts = [arguments.ids[start : start + _ALL] for start in range(0, len(arguments.ids), _ALL)] or [[]]
        for some in parts:
            for page in pages(client.list_standing_interests, standing_interest_ids=some, page_size=_ALL):
                found += page.standing_interests
                missing += page.missing_ids
    if arguments.json:
        print_json(found)
    else:
        for standing in found:
            print(plain(f"{standing.standing_interest_id}: {_looked_for(standing)}"))
        for one in missing:
            print(plain(f"{one}: not found"))
    return 1 if missing else 0


def run_delete(arguments: argparse.Namespace) -> int:
    """Delete standing interests; return 1 if any was not there."""
    with connect(arguments) as client:
        response = client.delete_standing_interests(arguments.ids)
    if arguments.json:
        print_json(response)
    else:
        print_results(response.results)
    return 0 if all(result.status.name == "DELETED" for result in response.results) else 1


def run_matches(arguments: argparse.Namespace) -> int:
    """List what newly matches, page by page as it comes."""
    with connect(arguments) as client:
        answers = pages(
            client.list_matches,
            standing_interest_ids=arguments.ids,
            since_revision=arguments.since,
            max_matches_per_standing_interest=arguments.most,
            max_moments_per_match=arguments.moments,
            include_metadata=True,
            page_size=_ALL,
        )
        if arguments.json:
            print_json(_joined(answers))
        else:
            _print_matches(answers)
    return 0


def _standing(arguments: argparse.Namespace) -> StandingInterest:
    """Return the standing interest that the options describe."""
    interests = tuple(map(parse_interest, arguments.interest))
    seeds = tuple(map(parse_seed, arguments.seed))
    if not interests and not seeds:
        raise Failure("nothing is looked for; give --interest or, for a promotion, --seed", code=2)
    is_promotion = arguments.promotion is not None or bool(seeds)
    promotion = Promotion(arguments.promotion or "", interests, seeds) if is_promotion else None
    return StandingInterest(
        arguments.id, None if is_promotion else interests, promotion, filter_of(arguments), arguments.min_score
    )


def _joined(answers: Iterable[ListMatchesResponse]) -> ListMatchesResponse:
    """Make one answer of all pages."""
    every = list(answers)
    videos = {video.video_id: video for page in every for video in page.videos}
    return replace(
        every[-1],
        matches=tuple(match for page in every for match in page.matches),
        videos=tuple(videos[video_id] for video_id in sorted(videos)),
    )


# --- printing ---------------------------------------------------------------------------------------------------------


def _looked_for(standing: StandingInterest) -> str:
    """Say in one line what is looked for."""
    promotion = standing.promotion
    interests = standing.interests or () if promotion is None else promotion.interests
    said = [one.keyword if one.weight in {None, 1.0} else f"{one.keyword}={one.weight:g}" for one in interests]
    said += [f"like {seed.video_id}" for seed in (promotion.seeds if promotion is not None else ())]
    told = ", ".join(said)
    if promotion is not None:
        told = f"promotion {promotion.promotion_id} of {told}" if promotion.promotion_id else f"promotion of {told}"
    limits = [f"from {standing.min_score:g}"] if standing.min_score else []
    limits += ["filtered"] if standing.filter is not None else []
    return f"{told} ({', '.join(limits)})" if limits else told


def _print_matches(answers: Iterator[ListMatchesResponse]) -> None:
    console = Screen()
    count = until = 0
    for page in answers:
        videos = {video.video_id: video for video in page.videos}
        for standing_interest_id, own in _grouped(page.matches):
            console.print(Text(plain(standing_interest_id), style="bold"))
            console.print(_table(own, videos))
        count += len(page.matches)
        until = page.until_revision
    told = f"{count:,} {'match' if count == 1 else 'matches'}"
    console.print(f"{told}; next time: --since={until}", soft_wrap=True, style="dim")


def _grouped(matches: Sequence[StandingMatch]) -> Iterator[tuple[str, list[StandingMatch]]]:
    """Yield the matches of each standing interest."""
    groups: dict[str, list[StandingMatch]] = {}
    for match in matches:
        groups.setdefault(match.standing_interest_id, []).append(match)
    yield from groups.items()


def _table(matches: Iterable[StandingMatch], videos: dict[str, Video]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column("score", justify="right")
    table.add_column("video", ratio=2, overflow="fold")
    table.add_column("moments", ratio=3, overflow="fold")
    for match in matches:
        video = videos.get(match.video_id)
        title = plain(video.title) if video is not None else ""
        named = Text.assemble(title or plain(match.video_id), (f"\n{plain(match.video_id)}" if title else "", "dim"))
        table.add_row(f"{match.score:.3f}", named, "\n".join(map(_moment, match.moments)))
    return table


def _moment(moment: Moment) -> str:
    shown = ", ".join(plain(keyword) for keyword in moment.keywords[:_SHOWN_KEYWORDS])
    more = len(moment.keywords) - _SHOWN_KEYWORDS
    span = moment.span
    return f"{clock(span.start_seconds)} to {clock(span.end_seconds)}  {shown}{f' and {more} more' if more > 0 else ''}"
