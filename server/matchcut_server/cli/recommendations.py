"""Recommendations as a table: what, when and why."""

from rich.table import Table
from rich.text import Text

from matchcut_client import (
    Fallback,
    Recommendation,
    RecommendationOrigin,
    RecommendSimilarVideosResponse,
    RecommendVideosResponse,
    TimeSpan,
)
from matchcut_server.cli.connection import Screen
from matchcut_server.cli.render import clock, plain, time_bar

_REASONS = 3
"""Keywords shown of one video."""

_SOURCES = 2
"""Watched videos shown of one video."""

_FALLBACKS = {
    Fallback.EMPTY_PROFILE: "nothing is known of this user: popular and recent videos",
    Fallback.TOO_FEW_MATCHES: "too little matches: popular and recent videos fill up",
}


def print_recommendations(response: RecommendVideosResponse | RecommendSimilarVideosResponse) -> None:
    """Print one page."""
    console = Screen()
    if response.missing_ids:
        console.print(f"not in the catalog: {plain(', '.join(response.missing_ids))}")
    if not response.recommendations:
        console.print("nothing matches; try other words or videos, or see `matchcut stats` for what is there")
        return
    if response.fallback in _FALLBACKS:
        console.print(_FALLBACKS[response.fallback], style="dim")
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
    """Name the strongest keywords and all boosts with their parts of the score, and the watched videos behind it."""
    if recommendation.origin is RecommendationOrigin.FALLBACK:
        return Text("popular or recent", "dim")
    lines = ["pinned"] if recommendation.origin is RecommendationOrigin.PINNED else []
    explanation = recommendation.explanation
    if explanation is not None and recommendation.score > 0:
        matched = explanation.matched_keywords
        shown = [f"{plain(one.keyword)} {one.share / recommendation.score:+.0%}" for one in matched[:_REASONS]]
        lines += [", ".join(shown)] if shown else []
        lines += [f"and {len(matched) - _REASONS} more"] if len(matched) > _REASONS else []
        boosts = [f"{boost.kind.lower()} {boost.share / recommendation.score:+.0%}" for boost in explanation.boosts]
        lines += [", ".join(boosts)] if boosts else []
        # Of those with a negative share the keywords push away: nobody is recommended a video because of them.
        sources = [plain(source.video_id) for source in explanation.profile_sources if source.share > 0]
        lines += [f"after {', '.join(sources[:_SOURCES])}"] if sources else []
    return Text("\n".join(lines))
