"""Interest profiles of users, and the events they are derived from."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from matchcut_client.types import (
    AttributeCondition,
    Interest,
    TimeRange,
    TimeSpan,
    WriteResponse,
    check_alternatives,
)

__all__ = [
    "DeleteProfilesResponse",
    "Event",
    "EventKind",
    "EventWeights",
    "GetProfileResponse",
    "ListProfilesResponse",
    "MergeProfilesResponse",
    "Profile",
    "ProfileCondition",
    "ProfileFilter",
    "ProfileMerge",
    "ProfileSettings",
    "RecordEventsResponse",
    "UpsertProfilesResponse",
]


class EventKind(StrEnum):
    """What a user did with a video."""

    UNSPECIFIED = "UNSPECIFIED"
    """A kind that this client does not know; refused in events to record."""
    IMPRESSION = "IMPRESSION"
    """The video or promotion was shown to the user."""
    VIEW = "VIEW"
    """The user watched the video or a part of it."""
    LIKE = "LIKE"
    DISLIKE = "DISLIKE"
    HIDE = "HIDE"
    """The user does not want to see the video again."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a user did with a video, once."""

    event_id: str
    """The caller's id, unique in the catalog."""
    user_id: str
    kind: EventKind
    event_time: datetime
    video_id: str = ""
    """Required unless `promotion_id` is given."""
    watched_seconds: float | None = None
    """For a view: seconds watched. Not together with `watched_share`, otherwise ValueError."""
    watched_share: float | None = None
    """For a view: share of the video that was watched, 0 to 1."""
    watched_spans: tuple[TimeSpan, ...] = ()
    """For a view: which parts were watched, at most 1,000."""
    recommendation_id: str = ""
    """Of the answer from which this followed."""
    promotion_id: str = ""
    """The promotion that was shown or watched."""
    weight: float | None = None
    """Factor to the weight of the kind of event, 0 to 1,000. None counts as 1."""

    def __post_init__(self) -> None:
        check_alternatives(self, "watched_seconds", "watched_share", required=False)


@dataclass(frozen=True, slots=True)
class EventWeights:
    """How much the kinds of events count for the derived part of profiles, each from -1,000 to 1,000."""

    impression: float | None = None
    """None: 0."""
    view: float | None = None
    """Of a whole video. None: 1."""
    like: float | None = None
    """None: 2."""
    dislike: float | None = None
    """None: -1."""
    hide: float | None = None
    """None: -1."""


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """How events count in a catalog. Changes hold for all events, also those recorded before."""

    derived_share: float | None = None
    """Share of the derived part in profiles that do not say otherwise, 0 to 1. None: 0.5."""
    half_life_days: float | None = None
    """Days after which an event counts half. None or 0: events never fade."""
    event_weights: EventWeights | None = None
    """None: the defaults."""
    popularity_half_life_days: float | None = None
    """Days after which a view or like counts half in the popularity of its video; 0: never. None: 30."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The stored interest profile of a user."""

    user_id: str
    """The caller's id: opaque, 1 to 256 bytes."""
    interests: tuple[Interest, ...] = ()
    """The declared interests, at most 10,000."""
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For filters, such as region or plan."""
    targeting_allowed: bool = False
    """Whether the user may be found for promotions."""
    derived_share: float | None = None
    """Share of the part derived from events, 0 to 1. None: that of the catalog."""
    half_life_days: float | None = None
    """Days after which an event counts half; 0: never. None: that of the catalog."""
    event_count: int = 0
    """Only in answers: how many events are recorded for this user."""
    last_event_time: datetime | None = None
    """Only in answers: time of the latest of them."""
    revision: int = 0
    """Only in answers: the revision at which the declared part or the events were last changed."""


@dataclass(frozen=True, slots=True)
class ProfileCondition:
    """A condition on one property of a profile. Exactly one of the fields is set; otherwise ValueError."""

    attribute: AttributeCondition | None = None
    """The profile has an attribute with one of the given values."""
    last_event_time: TimeRange | None = None
    """The latest event lies in a range."""
    user_ids: tuple[str, ...] | None = None
    """The profile is that of one of these users, at most 10,000."""
    targeting_allowed: bool | None = None
    """The profile's `targeting_allowed` has this value."""

    def __post_init__(self) -> None:
        check_alternatives(self, "attribute", "last_event_time", "user_ids", "targeting_allowed")


@dataclass(frozen=True, slots=True)
class ProfileFilter:
    """Which profiles are allowed. All three parts must hold; at most 100 conditions in all."""

    all_of: tuple[ProfileCondition, ...] = ()
    any_of: tuple[ProfileCondition, ...] = ()
    none_of: tuple[ProfileCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileMerge:
    """A profile to merge into another."""

    from_user_id: str
    """The user whose profile is merged and then gone."""
    into_user_id: str
    """The user whose profile remains; it is created if it does not exist."""


@dataclass(frozen=True, slots=True)
class UpsertProfilesResponse(WriteResponse):
    """Answer of `upsert_profiles`: CREATED, UPDATED, UNCHANGED or REJECTED."""


@dataclass(frozen=True, slots=True)
class GetProfileResponse:
    """Answer of `get_profile`: the profile and one page of its events."""

    profile: Profile
    derived_interests: tuple[Interest, ...] = ()
    """With `include_derived_interests`, on the first page: at most 1,000, largest absolute weight first."""
    events: tuple[Event, ...] = ()
    """With `include_events`: by time, then by id, ascending."""
    next_page_token: str = ""
    """Of the next page of events; empty on the last one."""
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class ListProfilesResponse:
    """Answer of `list_profiles`: one page."""

    profiles: tuple[Profile, ...] = ()
    """By user id, ascending. May be fewer than asked for, also when more follow."""
    next_page_token: str = ""
    """Empty on the last page."""
    total_count: int | None = None
    """With `include_total`: how many there are over all pages."""
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class DeleteProfilesResponse(WriteResponse):
    """Answer of `delete_profiles`: DELETED, NOT_FOUND, or REJECTED for an id that cannot exist."""


@dataclass(frozen=True, slots=True)
class RecordEventsResponse(WriteResponse):
    """Answer of `record_events`: CREATED, UNCHANGED (known already) or REJECTED."""

    missing_ids: tuple[str, ...] = ()
    """Videos of accepted events that do not exist yet, each once."""


@dataclass(frozen=True, slots=True)
class MergeProfilesResponse(WriteResponse):
    """Answer of `merge_profiles`: UPDATED, CREATED, NOT_FOUND (nothing to merge) or REJECTED."""
