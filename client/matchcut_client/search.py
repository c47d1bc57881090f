"""Search in the keywords of a catalog: moments, statistics, trends and related keywords."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from matchcut_client.recommendations import MatchedKeyword
from matchcut_client.types import TimeSpan, Video

__all__ = [
    "AskedKeyword",
    "GetKeywordStatsResponse",
    "GetKeywordTrendResponse",
    "KeywordCount",
    "KeywordMatch",
    "KeywordStats",
    "KeywordSuggestion",
    "KeywordTrend",
    "ListRelatedKeywordsResponse",
    "Moment",
    "MomentOrder",
    "RelatedKeyword",
    "SearchMomentsResponse",
    "TrendInterval",
    "TrendIntervalTotal",
    "TrendPoint",
]


class KeywordMatch(StrEnum):
    """How a keyword of a request is compared with the keywords of videos, after normalising and stemming both."""

    UNSPECIFIED = "UNSPECIFIED"
    """The default, which is `WORDS`."""
    EXACT = "EXACT"
    """The whole keyword, word for word."""
    WORDS = "WORDS"
    """Keywords that contain all the words, in any order."""


@dataclass(frozen=True, slots=True)
class AskedKeyword:
    """A keyword that is asked for."""

    keyword: str
    language: str = ""
    """BCP-47 tag; it only picks the stemmer. Empty: the languages of the catalog are tried."""
    keyword_match: KeywordMatch = KeywordMatch.UNSPECIFIED
    weight: float | None = None
    """How much it counts in the score of a moment, above 0; only ratios matter. None counts as 1."""


@dataclass(frozen=True, slots=True)
class KeywordCount:
    """A keyword of the catalog, with the number of keyword sets that have it."""

    keyword: str
    """In its most frequent spelling."""
    language: str = ""
    """In which it is most frequent."""
    keyword_set_count: int = 0


@dataclass(frozen=True, slots=True)
class KeywordSuggestion:
    """Keywords of the catalog that resemble a keyword which does not occur."""

    asked_keyword: str
    nearest_keywords: tuple[KeywordCount, ...] = ()
    """Nearest first, at most 10."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A scored time span inside a video, with the keywords that make it match."""

    video_id: str
    span: TimeSpan
    score: float = 0.0
    language: str = ""
    """Language of the keyword set that the moment comes from."""
    keywords: tuple[str, ...] = ()
    """The matching keywords on screen in it, as in the video, largest share of the score first, at most 100."""
    matched_keywords: tuple[MatchedKeyword, ...] = ()
    """With `explain`: the same keywords with their shares of the score."""
    source_video_id: str = ""
    """For a video cut from others, where the whole moment comes from one of them: that source video."""
    source_start_seconds: float | None = None
    """Start in that source video."""
    source_end_seconds: float | None = None
    """End in that source video."""


class MomentOrder(StrEnum):
    """Order of moments."""

    UNSPECIFIED = "UNSPECIFIED"
    """The default, which is `SCORE`."""
    SCORE = "SCORE"
    """Highest score first."""
    OLDEST_FIRST = "OLDEST_FIRST"
    """Videos published first come first."""
    NEWEST_FIRST = "NEWEST_FIRST"
    """Videos published last come first."""


@dataclass(frozen=True, slots=True)
class SearchMomentsResponse:
    """Answer of `search_moments`: one page."""

    moments: tuple[Moment, ...] = ()
    """May be fewer than asked for, also when more follow."""
    videos: tuple[Video, ...] = ()
    """With `include_metadata`: the videos of these moments, each once, by id, without keyword sets."""
    next_page_token: str = ""
    """Empty on the last page."""
    total_count: int | None = None
    """With `include_total`: how many there are over all pages."""
    suggestions: tuple[KeywordSuggestion, ...] = ()
    """When no moment matches, on the first page: for each keyword that does not occur, the nearest that do."""
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class KeywordStats:
    """Exact counts of a keyword over the videos that are allowed."""

    asked_keyword: str
    video_count: int = 0
    """Videos in which it occurs."""
    keyword_set_count: int = 0
    """Keyword sets in which it occurs."""
    idf: float = 0.0
    """Its IDF in the whole catalog, whatever the filter."""
    instance_count: int = 0
    """After repeated and overlapping ones were merged."""
    on_screen_seconds: float = 0.0
    """For each video the length of the union of its instances in all languages, added up."""
    mean_confidence: float = 0.0
    """Over keyword sets; 0 if the keyword does not occur."""
    first_published_time: datetime | None = None
    """Earliest of these videos."""
    last_published_time: datetime | None = None
    """Latest of these videos."""
    matching_keywords: tuple[KeywordCount, ...] = ()
    """The keywords that were counted: the most frequent ones, at most 10."""


@dataclass(frozen=True, slots=True)
class GetKeywordStatsResponse:
    """Answer of `get_keyword_stats`."""

    stats: tuple[KeywordStats, ...] = ()
    """One for each keyword, in order."""
    suggestions: tuple[KeywordSuggestion, ...] = ()
    """With `include_suggestions`: for each keyword that does not occur, the nearest that do."""
    video_count: int = 0
    """Videos that are allowed and have any keyword that can match, these or others."""
    index_revision: int = 0
    """The revision this answer saw."""


class TrendInterval(StrEnum):
    """Length of the intervals of a trend."""

    UNSPECIFIED = "UNSPECIFIED"
    """The default, which is `MONTH`."""
    DAY = "DAY"
    WEEK = "WEEK"
    """From Monday to Sunday."""
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """Counts of a keyword in one interval."""

    video_count: int = 0
    """Videos published in the interval in which the keyword occurs."""
    instance_count: int = 0
    """Instances in these videos, after repeated and overlapping ones were merged."""
    on_screen_seconds: float = 0.0
    """On-screen duration in these videos."""


@dataclass(frozen=True, slots=True)
class KeywordTrend:
    """The trend of one keyword."""

    asked_keyword: str
    points: tuple[TrendPoint, ...] = ()
    """One for each interval of the answer, in order."""
    undated_video_count: int = 0
    """Videos without a published time in which it occurs; they are in no point."""


@dataclass(frozen=True, slots=True)
class TrendIntervalTotal:
    """One interval of a trend."""

    start_time: datetime | None = None
    """When the interval begins."""
    video_count: int = 0
    """Allowed videos published in it that have any keyword that can match, these or others."""
    duration_seconds: float = 0.0
    """Duration of these videos."""


@dataclass(frozen=True, slots=True)
class GetKeywordTrendResponse:
    """Answer of `get_keyword_trend`."""

    intervals: tuple[TrendIntervalTotal, ...] = ()
    """In order, without gaps."""
    trends: tuple[KeywordTrend, ...] = ()
    """One for each keyword, in order."""
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class RelatedKeyword:
    """A keyword that occurs together with another one more often than by chance."""

    keyword: str
    """In its most frequent spelling."""
    language: str = ""
    """In which it is most frequent."""
    together_video_count: int = 0
    """Videos in which both occur together."""
    video_count: int = 0
    """Videos in which this keyword occurs, alone or together."""
    significance: float = 0.0
    """The log-likelihood ratio G2; 10.83 is exceeded by chance in 0.1 % of cases."""
    lift: float = 0.0
    """How many times more often they occur together than they would by chance."""


@dataclass(frozen=True, slots=True)
class ListRelatedKeywordsResponse:
    """Answer of `list_related_keywords`: one page."""

    related_keywords: tuple[RelatedKeyword, ...] = ()
    """Highest significance first."""
    next_page_token: str = ""
    """Empty on the last page."""
    total_count: int | None = None
    """With `include_total`: how many there are over all pages."""
    video_count: int = 0
    """Allowed videos in which the asked keyword occurs."""
    suggestion: KeywordSuggestion | None = None
    """If the asked keyword does not occur in the catalog: the nearest that do."""
    index_revision: int = 0
    """The revision this answer saw."""
