"""A query, and its answer as it is recorded."""

from dataclasses import dataclass
from typing import Any

from matchcut_client import Filter, Interest, MatchcutClient, MatchedKeyword, Recommendation

Recorded = dict[str, Any]
"""`pages`: the videos of each as [video_id, score, language], some with the matched keywords as the fourth; `more`:
whether a page follows the last; `missing_ids`. Scores as they are, other numbers rounded to 6 decimals."""

_COUNTS = (
    "video_count",
    "video_without_keywords_count",
    "keyword_set_count",
    "keyword_count",
    "phrase_term_count",
    "word_term_count",
    "on_screen_seconds",
    "defaulted_confidence_count",
    "defaulted_duration_count",
    "summarized_keyword_set_count",
)
"""Those that an index keeps."""


@dataclass(frozen=True)
class Query:
    """What is asked of a catalog."""

    interests: tuple[Interest, ...]
    filter: Filter | None = None
    exclude_ids: tuple[str, ...] = ()
    min_score: float = 0.0
    page_size: int = 0
    """0: the default."""
    pages: int = 1
    """How many pages are asked for at most."""
    explained: bool = False
    """Whether the matched keywords are recorded too."""

    @property
    def options(self) -> dict[str, Any]:
        """What a call takes besides the interests."""
        return {
            "filter": self.filter,
            "exclude_ids": self.exclude_ids,
            "min_score": self.min_score,
            "page_size": self.page_size,
        }


def ask(client: MatchcutClient, query: Query) -> Recorded:
    """Ask for one page after the other; the explanations give the languages."""
    pages: list[list[Any]] = []
    token = ""
    while len(pages) < query.pages and (token or not pages):
        answer = client.recommend_videos(query.interests, **query.options, explain=True, page_token=token)
        pages.append([_told(one, query.explained) for one in answer.recommendations])
        token = answer.next_page_token
    return {"pages": pages, "more": bool(token), "missing_ids": list(answer.missing_ids)}


def statistics(client: MatchcutClient) -> Recorded:
    """Return the counts of the client's catalog."""
    counts = client.get_catalog().statistics
    languages = {one.language: one.keyword_set_count for one in counts.languages}
    return {**{name: getattr(counts, name) for name in _COUNTS}, "languages": languages}


def _told(one: Recommendation, explained: bool) -> list[Any]:
    assert one.explanation is not None
    hit = [one.video_id, one.score, one.explanation.language]
    return [*hit, [_matched(keyword) for keyword in one.explanation.matched_keywords]] if explained else hit


def _matched(one: MatchedKeyword) -> dict[str, Any]:
    return {
        "keyword": one.keyword,
        "interests": list(one.interests),
        "share": _rounded(one.share),
        "idf": _rounded(one.idf),
        "confidence": _rounded(one.confidence),
        "on_screen_seconds": _rounded(one.on_screen_seconds),
        "spans": [[_rounded(span.start_seconds), _rounded(span.end_seconds)] for span in one.spans],
    }


def _rounded(value: float) -> float:
    return round(value, 6)
