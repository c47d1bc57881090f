"""Ranking settings: how the videos that match are ranked, with all defaults filled in."""

from enum import StrEnum

from msgspec import Struct

from ..index.filter import Condition


class SeenVideos(StrEnum):
    """What happens to videos that the user has seen; the names of `SeenVideos` in the contract, without its prefix."""

    EXCLUDE = "EXCLUDE"
    """They are not returned."""
    DEMOTE = "DEMOTE"
    """They lose the part `seen_demotion` of their score."""
    KEEP = "KEEP"
    """They are treated like all others."""


class ConditionBoost(Struct, frozen=True):
    """A boost for videos with some property."""

    condition: Condition
    weight: float
    """What is added to their score, -1 to 1."""


class AttributeCap(Struct, frozen=True):
    """A limit on videos with the same value of an attribute."""

    name: str
    max_per_value: int
    """At most so many videos of one page have the same value; 1 or more."""


class PinnedVideo(Struct, frozen=True):
    """A video that has a fixed place in the list."""

    video_id: str
    position: int
    """From 0, counted over all pages."""
    promotion_id: str = ""
    """The promotion it is shown for; empty: none."""


class RankingSettings(Struct, frozen=True, kw_only=True):
    """See `RankingSettings` in `scenario_service.proto`, which also numbers the steps that these settings are for."""

    freshness_weight: float = 0.0
    """Most that freshness can add to a score, 0 to 1."""
    freshness_half_life_days: float = 30.0
    """Days after which freshness has fallen to half; above 0."""
    popularity_weight: float = 0.0
    """Most that popularity can add to a score, 0 to 1."""
    condition_boosts: tuple[ConditionBoost, ...] = ()
    """The weights of all whose condition holds are added up."""
    diversity: float = 0.0
    """How different the videos of a page are from each other, 0 to 1."""
    attribute_caps: tuple[AttributeCap, ...] = ()
    """All of them hold; each attribute once."""
    rotation_rate: float = 0.0
    """The part of its score that a video loses which has just been shown to the user, 0 to 1."""
    rotation_hours: float = 24.0
    """Hours after which a video that was shown has its full score again; above 0."""
    pinned_videos: tuple[PinnedVideo, ...] = ()
    """Each video and each position once."""
    seen_videos: SeenVideos = SeenVideos.EXCLUDE
    seen_watched_share: float = 0.0
    """Smallest watched share from which a view counts as seen, 0 to 1; 0: every view."""
    seen_days: float = 0.0
    """Only what the user did in the last so many days counts as seen; 0: whenever it was."""
    seen_demotion: float = 0.5
    """With `SeenVideos.DEMOTE`: the part of its score that a seen video loses, 0 to 1."""
    fallback_allowed: bool | None = None
    """Whether popular and recent videos fill the page; None: as is usual for the kind of request."""


DEFAULTS = RankingSettings()
"""What counts where nothing is set."""
