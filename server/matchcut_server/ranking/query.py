"""What is asked of recommendations, and what they answer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ..index.filter import Filter
from ..vectors.video import VideoFacts
from .explanation import MatchedKeyword, ProfileSource
from .paging import Given
from .settings import DEFAULTS, RankingSettings
from .users import User


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for, whoever or whatever it is for."""

    limit: int
    """1 to `MAX_PAGED`."""
    allowed: Filter | None = None
    excluded: frozenset[str] = frozenset()
    min_score: float = 0.0
    explain: bool = False
    with_metadata: bool = False
    given: bytes = b""
    """Videos of earlier pages, as `Page.given` of the page before returned them."""
    user: User | None = None
    """Whose events tell what has been seen, shown or hidden; and whose profile counts, where no interests are given."""
    ranking: RankingSettings = DEFAULTS


class Seed(NamedTuple):
    """A video to be similar to; a weight below 0 pushes away."""

    video_id: str
    weight: float = 1.0


class Origin(StrEnum):
    """How a video came into the answer; the names of `RecommendationOrigin` in the contract, without its prefix."""

    MATCH = "MATCH"
    PINNED = "PINNED"
    FALLBACK = "FALLBACK"


class Fallback(StrEnum):
    """Why not all of an answer are matches; the names of `Fallback` in the contract, without its prefix."""

    NONE = "NONE"
    EMPTY_PROFILE = "EMPTY_PROFILE"
    TOO_FEW_MATCHES = "TOO_FEW_MATCHES"


class BoostKind(StrEnum):
    """What can change a score besides the matched keywords; the names of `BoostKind` in the contract, as above."""

    FRESHNESS = "FRESHNESS"
    POPULARITY = "POPULARITY"
    CONDITION = "CONDITION"
    ROTATION = "ROTATION"
    SEEN = "SEEN"


class AppliedBoost(NamedTuple):
    """What a boost added to a score."""

    kind: BoostKind
    share: float


class Explanation(NamedTuple):
    """Why a video was recommended. All shares add up to its score."""

    language: str
    """Of the keyword set that matches best."""
    matched: tuple[MatchedKeyword, ...]
    """Largest absolute share first."""
    boosts: tuple[AppliedBoost, ...] = ()
    sources: tuple[ProfileSource, ...] = ()
    """The watched videos behind a derived profile: parts of what `matched` tells, seen from the other side."""


NOT_EXPLAINED = Explanation("", ())
"""Of what does not match."""


@dataclass(frozen=True, slots=True)
class Recommended:
    """One recommended video."""

    video_id: str
    score: float
    origin: Origin = Origin.MATCH
    promotion_id: str = ""
    """Of a pinned video."""
    facts: VideoFacts | None = None
    """Where metadata was asked for."""
    explanation: Explanation | None = None
    """Where one was asked for."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the best videos."""

    recommended: tuple[Recommended, ...]
    has_more: bool
    fallback: Fallback = Fallback.NONE
    ranked_candidates: int = 0
    """Among how many the videos were chosen; 0: the whole catalog."""

    def given(self, before: bytes, count: int) -> bytes:
        """Return what `Query.given` must be for the next page, if `count` videos of this page are sent."""
        return Given(before).and_also(one.video_id for one in self.recommended[:count])
