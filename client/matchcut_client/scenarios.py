"""Scenarios: named, stored sets of ranking settings."""

from dataclasses import dataclass, field
from enum import StrEnum

from matchcut_client.types import Condition, WriteStatus

__all__ = [
    "AttributeCap",
    "ConditionBoost",
    "DeleteScenarioResponse",
    "GetScenarioResponse",
    "ListScenariosResponse",
    "PinnedVideo",
    "RankingSettings",
    "Scenario",
    "SeenVideos",
    "UpsertScenarioResponse",
]


@dataclass(frozen=True, slots=True)
class ConditionBoost:
    """A boost for videos with some property."""

    condition: Condition
    weight: float
    """What is added to their score, -1 to 1; negative demotes."""


@dataclass(frozen=True, slots=True)
class AttributeCap:
    """A limit on videos with the same value of an attribute."""

    name: str
    max_per_value: int
    """At most so many videos of one page have the same value."""


@dataclass(frozen=True, slots=True)
class PinnedVideo:
    """A video that has a fixed place in the list."""

    video_id: str
    position: int = 0
    """From 0, counted over all pages; at most 999."""
    promotion_id: str = ""
    """The promotion it is shown for, to be given in events that follow from it."""


class SeenVideos(StrEnum):
    """What happens to videos that the user has seen."""

    UNSPECIFIED = "UNSPECIFIED"
    """The setting of the scenario, or else `EXCLUDE`."""
    EXCLUDE = "EXCLUDE"
    DEMOTE = "DEMOTE"
    """They lose the part `seen_demotion` of their score."""
    KEEP = "KEEP"


@dataclass(frozen=True, slots=True)
class RankingSettings:
    """How the videos that match are ranked.

    What is None is, in a request, that of the scenario, and without one the default. A list or a number that is set,
    also an empty list or 0, replaces that of the scenario.
    """

    freshness_weight: float | None = None
    """Most that freshness can add to a score, 0 to 1. Default 0: off."""
    freshness_half_life_days: float | None = None
    """Days after which freshness has fallen to half. Default 30."""
    popularity_weight: float | None = None
    """Most that popularity can add to a score, 0 to 1. Default 0: off."""
    condition_boosts: tuple[ConditionBoost, ...] | None = None
    """At most 100; the weights of all whose condition holds are added up."""
    diversity: float | None = None
    """How different the videos of a page are from each other, 0 to 1. Default 0: by score alone."""
    attribute_caps: tuple[AttributeCap, ...] | None = None
    """At most 10; all of them hold."""
    rotation_rate: float | None = None
    """How strongly videos lately shown to the user give way to others, 0 to 1. Default 0: off."""
    rotation_hours: float | None = None
    """Hours after which a video that was shown has its full score again. Default 24."""
    pinned_videos: tuple[PinnedVideo, ...] | None = None
    """At most 100, each video once."""
    seen_videos: SeenVideos = SeenVideos.UNSPECIFIED
    seen_watched_share: float | None = None
    """Smallest watched share from which a view counts as seen, 0 to 1. Default 0: every view."""
    seen_days: float | None = None
    """Only what the user did in the last so many days counts as seen. Default 0: whenever it was."""
    seen_demotion: float | None = None
    """With `SeenVideos.DEMOTE`: the part of its score that a seen video loses, 0 to 1. Default 0.5."""
    fallback_allowed: bool | None = None
    """Whether popular and recent videos fill the page. Default: True for a stored user, otherwise False."""
    latent_share: float | None = None
    """Checked and kept, but it changes nothing: no index has latent vectors."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named, stored set of ranking settings for one place on a site."""

    name: str
    """1 to 64 characters of `a-z`, `0-9`, `-` and `_`, beginning with a letter or digit."""
    ranking: RankingSettings = field(default_factory=RankingSettings)
    """Only those that were set."""
    revision: int = 0
    """Only in answers: the revision at which the scenario was last changed."""


@dataclass(frozen=True, slots=True)
class UpsertScenarioResponse:
    """Answer of `upsert_scenario`."""

    scenario: Scenario
    status: WriteStatus = WriteStatus.UNSPECIFIED
    """CREATED, UPDATED or UNCHANGED."""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class GetScenarioResponse:
    """Answer of `get_scenario`."""

    scenario: Scenario
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class ListScenariosResponse:
    """Answer of `list_scenarios`: one page."""

    scenarios: tuple[Scenario, ...] = ()
    """By name, ascending."""
    next_page_token: str = ""
    """Empty on the last page."""
    total_count: int | None = None
    """With `include_total`: how many there are over all pages."""
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class DeleteScenarioResponse:
    """Answer of `delete_scenario`."""

    deleted: bool = False
    """False if there was no such scenario."""
    revision: int = 0
