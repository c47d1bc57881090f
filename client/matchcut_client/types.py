"""What all services share: videos and their keywords, interests, filters, and results of writes.

The dataclasses of this package are named as the messages of the contract, and so are their fields. Lists are tuples,
times are `datetime` with a time zone, and None means that a field is left out.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = [
    "Adjustment",
    "AdjustmentKind",
    "AttributeCondition",
    "Condition",
    "DurationRange",
    "ErrorReason",
    "FieldError",
    "Filter",
    "Instance",
    "Interest",
    "Keyword",
    "KeywordSet",
    "TimeRange",
    "TimeSpan",
    "Video",
    "WriteResponse",
    "WriteResult",
    "WriteStatus",
]


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A span of time inside a video, in seconds from its start."""

    start_seconds: float
    end_seconds: float
    """Greater than `start_seconds`."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One time span in which a keyword is on screen or spoken, in seconds from the start of the video."""

    start_seconds: float
    end_seconds: float
    """Clipped to the duration of the video."""
    source_video_id: str = ""
    """For a video cut from others: the video this instance comes from."""
    source_start_seconds: float | None = None
    """For a video cut from others: start in that source video."""
    source_end_seconds: float | None = None
    """For a video cut from others: end in that source video."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword of a video, as the extractor gave it."""

    text: str
    """1 to 256 characters."""
    confidence: float | None = None
    """0 to 1. None counts as 0.75."""
    instances: tuple[Instance, ...] = ()
    """In any order, also overlapping. None at all counts as 1 second on screen."""


@dataclass(frozen=True, slots=True)
class KeywordSet:
    """The keywords of one video in one language: the unit that is vectorised and indexed."""

    language: str = ""
    """BCP-47 tag such as `en-US`. Empty: the default language of the catalog."""
    keywords: tuple[Keyword, ...] = ()
    """At most 1,000."""
    summarized: bool = False
    """True when the keywords come from the deprecated `summarizedInsights`: no confidence, coarse times."""


@dataclass(frozen=True, slots=True)
class Video:
    """One entry of a catalog."""

    video_id: str
    """The caller's id: opaque, 1 to 256 bytes."""
    title: str = ""
    """At most 1,024 characters."""
    duration_seconds: float = 0.0
    """Exact duration. 0: unknown."""
    published_time: datetime | None = None
    """Before this moment the video is never recommended. None: always published."""
    expire_time: datetime | None = None
    """From this moment on the video is no longer recommended. None: never expires."""
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For filters and display, such as genre or country."""
    keyword_sets: tuple[KeywordSet, ...] = ()
    """One for each language."""
    revision: int = 0
    """Only in answers: the revision at which the video was last changed."""


@dataclass(frozen=True, slots=True)
class Interest:
    """One weighted interest of a user."""

    keyword: str
    """A word or phrase; it matches keywords as a whole phrase and word by word."""
    weight: float | None = None
    """Positive attracts, negative pushes away; only ratios matter. None counts as 1."""
    language: str = ""
    """BCP-47 tag; it only picks the stemmer. Empty: the languages of the catalog are tried."""


@dataclass(frozen=True, slots=True)
class AttributeCondition:
    """Asks for a value of an attribute."""

    name: str
    values: tuple[str, ...] = ()
    """Any of these. None at all: the attribute only has to exist."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of time, of which at least one end is set."""

    start_time: datetime | None = None
    """Inclusive."""
    end_time: datetime | None = None
    """Exclusive."""


@dataclass(frozen=True, slots=True)
class DurationRange:
    """A range of durations in seconds, both ends inclusive, of which at least one is set."""

    min_seconds: float | None = None
    max_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one property of a video. Exactly one of the fields is set; otherwise ValueError."""

    language: str | None = None
    """The video has a keyword set in this language. `en` also takes `en-US`; `en-US` takes only itself."""
    attribute: AttributeCondition | None = None
    """The video has an attribute with one of the given values."""
    published_time: TimeRange | None = None
    """The published time lies in a range."""
    duration: DurationRange | None = None
    """The duration lies in a range."""
    video_ids: tuple[str, ...] | None = None
    """The video has one of these ids, at most 10,000."""

    def __post_init__(self) -> None:
        check_alternatives(self, "language", "attribute", "published_time", "duration", "video_ids")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which videos are allowed. All three parts must hold; at most 100 conditions in all."""

    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()


class WriteStatus(StrEnum):
    """What happened to one item of a batch."""

    UNSPECIFIED = "UNSPECIFIED"
    """A status that this client does not know."""
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    """The item existed and is the same as before."""
    DELETED = "DELETED"
    NOT_FOUND = "NOT_FOUND"
    """The item does not exist, so there was nothing to change or delete."""
    REJECTED = "REJECTED"
    """The item was refused; see `WriteResult.field_errors`."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why a field was refused."""

    field: str
    """Path of the field inside the item or the request. Empty when the item as a whole is meant."""
    reason: str
    """One of the values of `ErrorReason`."""
    message: str
    """What is wrong and what to do about it."""


class AdjustmentKind(StrEnum):
    """What was changed while an item was taken."""

    UNSPECIFIED = "UNSPECIFIED"
    """A kind that this client does not know."""
    DEFAULTED_CONFIDENCE = "DEFAULTED_CONFIDENCE"
    CLAMPED_CONFIDENCE = "CLAMPED_CONFIDENCE"
    DEFAULTED_DURATION = "DEFAULTED_DURATION"
    DROPPED_INSTANCE = "DROPPED_INSTANCE"
    CLIPPED_INSTANCE = "CLIPPED_INSTANCE"
    MERGED_KEYWORD = "MERGED_KEYWORD"
    KEYWORD_WITHOUT_WORDS = "KEYWORD_WITHOUT_WORDS"
    SUMMARIZED_KEYWORDS = "SUMMARIZED_KEYWORDS"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One kind of change made while an item was taken, with how often it was made."""

    kind: AdjustmentKind
    count: int
    first_field: str
    """Path of the first field it was made at."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The outcome for one item of a batch."""

    index: int
    """Position of the item in the whole input of the call, from 0."""
    id: str
    """Id of the item; empty when it was rejected because it had none."""
    status: WriteStatus
    field_errors: tuple[FieldError, ...] = ()
    """For rejected items: why; at least one."""
    adjustments: tuple[Adjustment, ...] = ()
    """For accepted items: what was changed on the way in."""
    revision: int = 0
    """The revision of the item after this call; 0 for items that were rejected or not found."""


@dataclass(frozen=True, slots=True)
class WriteResponse:
    """Answer of a batch of writes."""

    results: tuple[WriteResult, ...] = ()
    """One for each item of the input, in order."""
    revision: int = 0
    """The highest revision written, or the store's current one if nothing was."""

    @property
    def rejected(self) -> tuple[WriteResult, ...]:
        """The results of the items that were refused."""
        return tuple(result for result in self.results if result.status is WriteStatus.REJECTED)


class ErrorReason(StrEnum):
    """Values of `MatchcutError.reason` and `FieldError.reason`."""

    UNSPECIFIED = "UNSPECIFIED"
    INVALID_VALUE = "INVALID_VALUE"
    REQUIRED = "REQUIRED"
    TOO_LARGE = "TOO_LARGE"
    INVALID_PAGE_TOKEN = "INVALID_PAGE_TOKEN"  # noqa: S105 - no secret, a name
    DUPLICATE_ID = "DUPLICATE_ID"
    MALFORMED_REQUEST = "MALFORMED_REQUEST"
    MALFORMED_JSON = "MALFORMED_JSON"
    RETIRED_FORMAT = "RETIRED_FORMAT"
    NOT_PROCESSED = "NOT_PROCESSED"
    CATALOG_NOT_FOUND = "CATALOG_NOT_FOUND"
    VIDEO_NOT_FOUND = "VIDEO_NOT_FOUND"
    PROFILE_NOT_FOUND = "PROFILE_NOT_FOUND"
    SCENARIO_NOT_FOUND = "SCENARIO_NOT_FOUND"
    STANDING_INTEREST_NOT_FOUND = "STANDING_INTEREST_NOT_FOUND"
    CATALOG_EXISTS = "CATALOG_EXISTS"
    DEFAULT_CATALOG = "DEFAULT_CATALOG"
    REVISION_AHEAD = "REVISION_AHEAD"
    REVISION_NOT_REACHED = "REVISION_NOT_REACHED"
    OVERLOADED = "OVERLOADED"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    INTERNAL = "INTERNAL"


def check_alternatives(value: Any, *names: str, required: bool = True) -> None:
    """Raise ValueError unless exactly one of these fields is set (or none, if not `required`).

    More than one must not leave the client: a message holds only the last of them and would hide the mistake.
    """
    given = [name for name in names if getattr(value, name) is not None]
    if len(given) > 1 or (required and not given):
        wanted = "exactly one" if required else "at most one"
        raise ValueError(f"{type(value).__name__}: {wanted} of {', '.join(names)} may be set, not {len(given)}")
