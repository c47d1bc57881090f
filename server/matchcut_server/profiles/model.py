"""What Matchcut keeps of users: what they declare, and their events with the credits these give."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from ..insights.timespan import Span
from ..vectors.keyword_vector import TermBlock
from ..vectors.profile import Interest


class EventKind(StrEnum):
    """What a user did with a video; the names of `EventKind` in the contract, without its prefix."""

    IMPRESSION = "IMPRESSION"
    VIEW = "VIEW"
    LIKE = "LIKE"
    DISLIKE = "DISLIKE"
    HIDE = "HIDE"


class EventWeights(Struct, frozen=True):
    """How much the kinds of events count for the derived part; negative pushes away."""

    impression: float = 0.0
    view: float = 1.0
    """Of a whole video."""
    like: float = 2.0
    dislike: float = -1.0
    hide: float = -1.0


class ProfileSettings(Struct, frozen=True):
    """How events count in a catalog."""

    derived_share: float = 0.5
    """Share of the derived part in profiles that do not say otherwise, 0 to 1."""
    half_life_days: float = 0.0
    """Days after which an event counts half in profiles that do not say otherwise; 0: never."""
    event_weights: EventWeights = EventWeights()
    popularity_half_life_days: float = 30.0
    """Days after which a view or like counts half in the popularity of its video; 0: never."""


class Declared(Struct, frozen=True):
    """The part of a profile that the user or the site states."""

    interests: tuple[Interest, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = {}
    targeting_allowed: bool = False
    derived_share: float | None = None
    """None: that of the catalog."""
    half_life_days: float | None = None
    """None: that of the catalog; 0: events never fade."""

    def share_in(self, settings: ProfileSettings) -> float:
        """Return the share of the derived part in a catalog with these settings."""
        return settings.derived_share if self.derived_share is None else self.derived_share

    def half_life_in(self, settings: ProfileSettings) -> float:
        """Return the days after which an event counts half in a catalog with these settings; 0: never."""
        return settings.half_life_days if self.half_life_days is None else self.half_life_days


class StoredProfile(NamedTuple):
    """The stored profile of a user."""

    user_id: str
    declared: Declared
    event_count: int
    last_event_time: float | None
    """Unix seconds of the latest event."""
    revision: int
    """At which the declared part or the events were last changed."""
    birth: int
    """The revision at which the profile came to be: that of a deleted and new profile is another one."""


class Event(Struct, frozen=True):
    """What a user did with a video, once."""

    event_id: str
    user_id: str
    kind: EventKind
    time: float
    """Unix seconds."""
    video_id: str = ""
    """Empty for a promotion that is not a video."""
    watched_seconds: float | None = None
    watched_share: float | None = None
    """At most one of the two is given."""
    watched_spans: tuple[Span, ...] = ()
    recommendation_id: str = ""
    promotion_id: str = ""
    weight: float = 1.0
    """Factor to the weight of its kind."""


class Credit(Struct, frozen=True, eq=False):
    """The keywords that an event stands for: tf over its L2 norm, in the two blocks of a keyword vector.

    A block without terms has no weight.
    """

    phrases: TermBlock
    words: TermBlock
    texts: tuple[str, ...]
    """The keyword of each phrase term, as in the video."""


class CreditedEvent(NamedTuple):
    """An event and what it counts for."""

    event: Event
    share: float | None
    """The watched share, 0 to 1, and 1 for other kinds than views; None as long as the video is not known."""
    credit: Credit | None
    """None as long as the video is not known, and for events without a video."""


class History(NamedTuple):
    """All that is stored of a user, as of one moment."""

    profile: StoredProfile
    events: tuple[CreditedEvent, ...]
    """By time, then by id, ascending."""
