"""Promotions: whom they suit, where they fit, and what newly matches a standing interest."""

from dataclasses import dataclass

from matchcut_client.recommendations import VideoSeed
from matchcut_client.search import AskedKeyword, Moment
from matchcut_client.types import Filter, Interest, Video, WriteResponse, check_alternatives

__all__ = [
    "AudienceMember",
    "DeleteStandingInterestsResponse",
    "FrequencyCap",
    "ListMatchesResponse",
    "ListStandingInterestsResponse",
    "MatchAudienceResponse",
    "MatchPlacementsResponse",
    "MatchPromotionsResponse",
    "MatchedInterest",
    "Placement",
    "PlacementRules",
    "Promotion",
    "StandingInterest",
    "StandingMatch",
    "UpsertStandingInterestsResponse",
]


@dataclass(frozen=True, slots=True)
class PlacementRules:
    """Where placements may be."""

    filter: Filter | None = None
    """Which videos are allowed. None: all."""
    min_distance_seconds: float | None = None
    """At least so much between two placements in one video. None: 60 in a request, 0 in a promotion."""
    max_placements_per_video: int = 0
    """The best ones; 0: no limit."""
    max_placements: int = 0
    """The best ones in all; 0: no limit."""
    skip_first_seconds: float = 0.0
    """No placement in so much of the beginning of a video."""
    skip_last_seconds: float = 0.0
    """No placement in so much of the end of a video."""
    excluded_keywords: tuple[AskedKeyword, ...] = ()
    """Keywords that exclude a whole video in which they occur, at most 1,000."""
    excluded_nearby_keywords: tuple[AskedKeyword, ...] = ()
    """Keywords that exclude a placement when they are on screen in it or near it, at most 1,000."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """Something to promote: keywords, videos or both, plus rules."""

    promotion_id: str = ""
    """The caller's id. Required where a request takes several promotions."""
    interests: tuple[Interest, ...] = ()
    """Weighted keywords: at most 10,000. Required: at least one here or in `seeds`."""
    seeds: tuple[VideoSeed, ...] = ()
    """Videos to promote, at most 100; what they have in common counts."""
    weight: float | None = None
    """How much the promotion is worth where several compete for a slot, above 0. None counts as 1."""
    rules: PlacementRules | None = None
    """Rules for the placements of this promotion alone, besides those of the request."""


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """Leaves out users who were shown a promotion often enough."""

    days: float
    """Impressions of the last so many days count."""
    max_impressions: int = 0
    """Users with so many impressions or more are left out. 0 means 1."""
    promotion_id: str = ""
    """The promotion whose impressions are counted. Empty: the promotion of the request."""


@dataclass(frozen=True, slots=True)
class MatchedInterest:
    """An interest of a user that matches a promotion."""

    interest: str
    keywords: tuple[str, ...] = ()
    """The keywords of the promotion that it matches, strongest first."""
    share: float = 0.0
    """Its share of the score; the shares of all interests add up to the score."""
    idf: float = 0.0
    derived: bool = False
    """True if it comes, at least in part, from events."""


@dataclass(frozen=True, slots=True)
class AudienceMember:
    """One user of an audience."""

    user_id: str
    score: float = 0.0
    """The cosine between the profile and the promotion."""
    matched_interests: tuple[MatchedInterest, ...] = ()
    """With `explain`: largest absolute share first, at most 20."""


@dataclass(frozen=True, slots=True)
class MatchAudienceResponse:
    """Answer of `match_audience`: one page."""

    members: tuple[AudienceMember, ...] = ()
    """Highest score first."""
    next_page_token: str = ""
    """Empty on the last page."""
    total_count: int | None = None
    """With `include_total`: how many users match, also beyond those that can be paged through."""
    missing_ids: tuple[str, ...] = ()
    """Videos and users of the request that do not exist in the catalog; at most the first 1,000."""
    index_revision: int = 0
    """The revision that all pages of this audience see."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A moment in a video where a promotion fits."""

    promotion_id: str
    slot_seconds: float
    """Where in the video the promotion may begin."""
    moment: Moment
    """What is on screen there; its score is that of the placement."""


@dataclass(frozen=True, slots=True)
class MatchPlacementsResponse:
    """Answer of `match_placements`: one page."""

    placements: tuple[Placement, ...] = ()
    """In the order in which they were taken."""
    videos: tuple[Video, ...] = ()
    """With `include_metadata`: the videos of these placements, each once, by id, without keyword sets."""
    next_page_token: str = ""
    """Empty on the last page."""
    total_count: int | None = None
    """With `include_total`: how many there are over all pages, at most 10,000."""
    missing_ids: tuple[str, ...] = ()
    """Seeds that do not exist in the catalog; at most the first 1,000."""
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class MatchPromotionsResponse:
    """Answer of `match_promotions`: one page."""

    placements: tuple[Placement, ...] = ()
    """At most one a slot, by `slot_seconds`, ascending."""
    next_page_token: str = ""
    """Empty on the last page."""
    total_count: int | None = None
    """With `include_total`: how many there are over all pages."""
    missing_ids: tuple[str, ...] = ()
    """Seeds that do not exist in the catalog; at most the first 1,000."""
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class StandingInterest:
    """A saved interest or promotion, for which new matches are listed.

    Exactly one of `interests` and `promotion` is set; otherwise ValueError.
    """

    standing_interest_id: str
    """The caller's id: opaque, 1 to 256 bytes."""
    interests: tuple[Interest, ...] | None = None
    promotion: Promotion | None = None
    filter: Filter | None = None
    """Which videos are allowed. None: all."""
    min_score: float = 0.0
    """Only videos (for a promotion: placements) whose score is at least this, 0 to 1."""
    revision: int = 0
    """Only in answers: the revision at which it was last changed."""

    def __post_init__(self) -> None:
        check_alternatives(self, "interests", "promotion")


@dataclass(frozen=True, slots=True)
class UpsertStandingInterestsResponse(WriteResponse):
    """Answer of `upsert_standing_interests`: CREATED, UPDATED, UNCHANGED or REJECTED."""


@dataclass(frozen=True, slots=True)
class ListStandingInterestsResponse:
    """Answer of `list_standing_interests`: one page."""

    standing_interests: tuple[StandingInterest, ...] = ()
    """By id, ascending."""
    next_page_token: str = ""
    """Empty on the last page."""
    total_count: int | None = None
    """With `include_total`: how many there are over all pages."""
    missing_ids: tuple[str, ...] = ()
    """Ids of the request that do not exist in the catalog; on the first page."""
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class DeleteStandingInterestsResponse(WriteResponse):
    """Answer of `delete_standing_interests`: DELETED, NOT_FOUND, or REJECTED for an id that cannot exist."""


@dataclass(frozen=True, slots=True)
class StandingMatch:
    """A video that newly matches a standing interest."""

    standing_interest_id: str
    video_id: str
    score: float = 0.0
    """For interests the cosine of the video, for a promotion the score of its best placement."""
    moments: tuple[Moment, ...] = ()
    """The moments that match, highest score first."""
    revision: int = 0
    """The revision at which the match became new."""


@dataclass(frozen=True, slots=True)
class ListMatchesResponse:
    """Answer of `list_matches`: one page."""

    matches: tuple[StandingMatch, ...] = ()
    """By standing interest, ascending; for each, highest score first."""
    videos: tuple[Video, ...] = ()
    """With `include_metadata`: the videos of these matches, each once, by id, without keyword sets."""
    next_page_token: str = ""
    """Empty on the last page."""
    total_count: int | None = None
    """With `include_total`: how many there are over all pages."""
    until_revision: int = 0
    """The newest revision that these matches cover, the same on all pages; `since_revision` of the next call."""
    index_revision: int = 0
    """The revision this answer saw."""
