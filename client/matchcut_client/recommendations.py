"""Recommendations: the videos that match an interest profile, with the moments that match and the reason why."""

from dataclasses import dataclass
from enum import StrEnum

from matchcut_client.scenarios import RankingSettings
from matchcut_client.types import FieldError, Filter, Interest, TimeSpan, Video

__all__ = [
    "AppliedBoost",
    "BatchProfile",
    "BatchRecommendVideosResponse",
    "BatchRecommendation",
    "BoostKind",
    "Explanation",
    "Fallback",
    "MatchedKeyword",
    "ProfileSource",
    "RecommendSimilarVideosResponse",
    "RecommendVideosResponse",
    "Recommendation",
    "RecommendationOrigin",
    "VideoSeed",
]


@dataclass(frozen=True, slots=True)
class RecommendationOptions:
    """What is asked of every recommendation; methods take these fields as arguments."""

    filter: Filter | None = None
    exclude_ids: tuple[str, ...] = ()
    min_score: float = 0.0
    explain: bool = False
    include_metadata: bool = False
    min_revision: int = 0
    scenario: str = ""
    ranking: RankingSettings | None = None


class Fallback(StrEnum):
    """Why a result is not a match of the profile."""

    UNSPECIFIED = "UNSPECIFIED"
    """A reason that this client does not know."""
    NONE = "NONE"
    """No fallback: only matches of the profile were returned."""
    EMPTY_PROFILE = "EMPTY_PROFILE"
    """Nothing is known about the user; popular and recent videos were returned."""
    TOO_FEW_MATCHES = "TOO_FEW_MATCHES"
    """Popular and recent videos fill the page."""


@dataclass(frozen=True, slots=True)
class MatchedKeyword:
    """A keyword of a video that matches the profile."""

    keyword: str
    """As in the video. Empty in a last entry that sums up what follows the first 100 keywords."""
    interests: tuple[str, ...] = ()
    """The interests that it matches, as given, strongest first; at most 3."""
    share: float = 0.0
    """Its share of the score; the shares of all matched keywords and boosts add up to the score."""
    idf: float = 0.0
    """IDF of the whole keyword in this catalog."""
    confidence: float = 0.0
    """0.75 where it had none."""
    on_screen_seconds: float = 0.0
    """The length of the union of its instances; 1 where it had none."""
    spans: tuple[TimeSpan, ...] = ()
    """When it is on screen: merged where they overlap, in order; at most the first 100."""


class BoostKind(StrEnum):
    """What can change a score besides the matched keywords."""

    UNSPECIFIED = "UNSPECIFIED"
    """A kind that this client does not know."""
    FRESHNESS = "FRESHNESS"
    """The video is new."""
    POPULARITY = "POPULARITY"
    """The video is popular."""
    CONDITION = "CONDITION"
    """The video fulfils a condition of the ranking settings."""
    LATENT = "LATENT"
    """The latent match differs from that of the keywords."""
    ROTATION = "ROTATION"
    """The video was shown to the user recently (negative)."""
    SEEN = "SEEN"
    """The user has seen the video (negative)."""


@dataclass(frozen=True, slots=True)
class AppliedBoost:
    """What a boost of the ranking settings added to a score."""

    kind: BoostKind
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class ProfileSource:
    """A watched video that part of a derived profile comes from."""

    video_id: str
    share: float = 0.0
    """Its share of the score."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a video was recommended."""

    language: str = ""
    """Language of the keyword set that matches best."""
    matched_keywords: tuple[MatchedKeyword, ...] = ()
    """Largest absolute share first."""
    boosts: tuple[AppliedBoost, ...] = ()
    profile_sources: tuple[ProfileSource, ...] = ()
    """For profiles derived from events: the watched videos behind the match, largest share first, at most 10."""


class RecommendationOrigin(StrEnum):
    """How a video came into the recommendations."""

    UNSPECIFIED = "UNSPECIFIED"
    """An origin that this client does not know."""
    MATCH = "MATCH"
    """It matches the profile and stands where its score puts it."""
    PINNED = "PINNED"
    """It was pinned to its position."""
    FALLBACK = "FALLBACK"
    """It is popular or recent and fills up for missing matches."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommended video."""

    video_id: str
    score: float = 0.0
    """Rounded to 6 decimals: the match with the profile, plus boosts where ranking settings ask for them."""
    video: Video | None = None
    """With `include_metadata`: everything but the keyword sets."""
    explanation: Explanation | None = None
    """With `explain`."""
    origin: RecommendationOrigin = RecommendationOrigin.UNSPECIFIED
    promotion_id: str = ""
    """For pinned videos: the promotion they were pinned for."""


@dataclass(frozen=True, slots=True)
class RecommendVideosResponse:
    """Answer of `recommend_videos`: one page."""

    recommendations: tuple[Recommendation, ...] = ()
    """Best first. May be fewer than asked for, also when more follow."""
    next_page_token: str = ""
    """Empty on the last page."""
    recommendation_id: str = ""
    """To be given in events that follow from this answer."""
    missing_ids: tuple[str, ...] = ()
    """Ids of the request that do not exist in the catalog; at most the first 1,000."""
    index_revision: int = 0
    """The revision this answer saw."""
    fallback: Fallback = Fallback.UNSPECIFIED
    ranked_candidates: int = 0
    """0 if the ranking was over the whole catalog; otherwise over how many candidates."""


@dataclass(frozen=True, slots=True)
class BatchProfile:
    """One user of a batch. Interests or a stored user: one of the two is required."""

    key: str = ""
    """Caller's key of this profile; returned with its result."""
    interests: tuple[Interest, ...] | None = None
    """None: those of the stored profile of `user_id`."""
    user_id: str = ""
    exclude_ids: tuple[str, ...] = ()
    """Videos that must not be returned for this profile, besides those excluded for all."""


@dataclass(frozen=True, slots=True)
class BatchRecommendation:
    """Recommendations for one profile of a batch."""

    index: int
    """Position of the profile in the whole input of the call, from 0."""
    key: str = ""
    field_errors: tuple[FieldError, ...] = ()
    """Why this profile was refused; empty if it was not."""
    recommendations: tuple[Recommendation, ...] = ()
    """Best first."""
    missing_ids: tuple[str, ...] = ()
    """Ids of this profile that do not exist in the catalog; at most the first 1,000."""
    fallback: Fallback = Fallback.UNSPECIFIED
    recommendation_id: str = ""
    """To be given in events that follow from this recommendation."""
    ranked_candidates: int = 0
    """0 if the ranking was over the whole catalog; otherwise over how many candidates."""


@dataclass(frozen=True, slots=True)
class BatchRecommendVideosResponse:
    """Answer of `batch_recommend_videos`."""

    results: tuple[BatchRecommendation, ...] = ()
    """One for each profile of the input, in order."""
    index_revision: int = 0
    """The revision that all results saw; where they took several requests, the lowest of theirs."""


@dataclass(frozen=True, slots=True)
class VideoSeed:
    """One seed of a search for similar videos."""

    video_id: str
    weight: float | None = None
    """How much it counts; negative pushes away. None counts as 1."""


@dataclass(frozen=True, slots=True)
class RecommendSimilarVideosResponse:
    """Answer of `recommend_similar_videos`: one page."""

    recommendations: tuple[Recommendation, ...] = ()
    """Best first."""
    next_page_token: str = ""
    """Empty on the last page."""
    recommendation_id: str = ""
    """To be given in events that follow from this answer."""
    missing_ids: tuple[str, ...] = ()
    """Seeds and excluded ids that do not exist in the catalog; at most the first 1,000."""
    index_revision: int = 0
    """The revision this answer saw."""
    ranked_candidates: int = 0
    """0 if the ranking was over the whole catalog; otherwise over how many candidates."""
    fallback: Fallback = Fallback.UNSPECIFIED
