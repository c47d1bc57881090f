"""`matchcut recommend`: the videos that match some interests, when and why."""

import argparse
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from matchcut_client import (
    AttributeCondition,
    Condition,
    Filter,
    Interest,
    Recommendation,
    RecommendVideosResponse,
    TimeSpan,
)
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.render import clock, plain, print_json, time_bar

_REASONS = 3
"""Keywords shown of one video."""


def add_recommend(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `recommend`."""
    parser = commands.add_parser(
        "recommend",
        help="recommend videos for some interests",
        description="Recommend the videos whose keywords match some interests best, and show when and why. Example: "
        "matchcut recommend --interest england=1 --interest 'film festival=2' --interest football=-1",
    )
    parser.add_argument(
        "--interest",
        action="append",
        required=True,
        metavar="KEYWORD[=WEIGHT]",
        help="an interest, weight 1 unless given; a negative weight pushes away; may be repeated",
    )
    parser.add_argument("--page-size", type=int, default=10, metavar="N", help="how many, 1 to 1000 (default: 10)")
    parser.add_argument("--page-token", default="", metavar="TOKEN", help="token of the next page, as printed")
    parser.add_argument(
        "--min-score", type=float, default=0.0, metavar="SCORE", help="least score, 0 to 1 (default: 0)"
    )
    parser.add_argument("--language", metavar="TAG", help="only videos with keywords in this language, such as en")
    parser.add_argument(
        "--attribute",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only videos with this value of an attribute; may be repeated, then all must hold",
    )
    parser.add_argument(
        "--exclude-id", action="append", default=[], metavar="VIDEO_ID", help="not this video; may be repeated"
    )
    add_connection(parser)
    parser.set_defaults(run=run_recommend)


def run_recommend(arguments: argparse.Namespace) -> int:
    """Recommend videos."""
    with connect(arguments) as client:
        response = client.recommend_videos(
            [parse_interest(text) for text in arguments.interest],
            filter=_filter(arguments.language, arguments.attribute),
            exclude_ids=arguments.exclude_id,
            min_score=arguments.min_score,
            explain=True,
            include_metadata=True,
            page_size=arguments.page_size,
            page_token=arguments.page_token,
        )
    if arguments.json:
        print_json(response)
    else:
        _print(response)
    return 0


def parse_interest(text: str) -> Interest:
    """Read `KEYWORD[=WEIGHT]`; what follows the last `=` is the weight if it is a number."""
    keyword, separator, weight = text.rpartition("=")
    if separator:
        try:
            return Interest(keyword=keyword.strip(), weight=float(weight))
        except ValueError:
            pass
    return Interest(keyword=text.strip())


def _filter(language: str | None, attributes: Sequence[str]) -> Filter | None:
    conditions = [Condition(language=language)] if language else []
    for attribute in attributes:
        name, separator, value = attribute.partition("=")
        if not separator:
            raise Failure(f"--attribute {attribute}: write NAME=VALUE", code=2)
        conditions.append(Condition(attribute=AttributeCondition(name=name, values=(value,))))
    return Filter(all_of=tuple(conditions)) if conditions else None


def _print(response: RecommendVideosResponse) -> None:
    console = Screen()
    if not response.recommendations:
        console.print("nothing matches these interests; try other words, or see `matchcut stats` for what is there")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("score", justify="right")
    table.add_column("video", ratio=3, overflow="fold")
    table.add_column("when", no_wrap=True)
    table.add_column("why", ratio=2, overflow="fold")
    for recommendation in response.recommendations:
        table.add_row(
            f"{recommendation.score:.3f}", _video(recommendation), _when(recommendation), _why(recommendation)
        )
    console.print(table)
    if response.next_page_token:
        # With "=", because a token may begin with "-".
        console.print(f"\nnext page: --page-token={response.next_page_token}", soft_wrap=True, style="dim")
    if response.missing_ids:
        console.print(f"not in the catalog: {plain(', '.join(response.missing_ids))}")


def _video(recommendation: Recommendation) -> Text:
    title = plain(recommendation.video.title) if recommendation.video else ""
    video_id = plain(recommendation.video_id)
    return Text.assemble(title or video_id, (f"\n{video_id}" if title else "", "dim"))


def _when(recommendation: Recommendation) -> Text:
    """Draw where the keywords that attract are, and name their first moment."""
    spans = _spans(recommendation)
    if not spans:
        return Text("")
    duration = recommendation.video.duration_seconds if recommendation.video else 0.0
    first = min(spans, key=lambda span: span.start_seconds)
    end = f" of {clock(duration)}" if duration else ""
    return Text.assemble(time_bar(spans, duration), (f"\nfrom {clock(first.start_seconds)}{end}", "dim"))


def _spans(recommendation: Recommendation) -> list[TimeSpan]:
    if recommendation.explanation is None:
        return []
    attracting = [matched for matched in recommendation.explanation.matched_keywords if matched.share > 0]
    return [span for matched in attracting for span in matched.spans]


def _why(recommendation: Recommendation) -> Text:
    if recommendation.explanation is None:
        return Text("")
    matched = recommendation.explanation.matched_keywords
    shown = [f"{plain(one.keyword)} {one.share / recommendation.score:+.0%}" for one in matched[:_REASONS]]
    more = [f"and {len(matched) - _REASONS} more"] if len(matched) > _REASONS else []
    return Text("\n".join([", ".join(shown), *more]))
