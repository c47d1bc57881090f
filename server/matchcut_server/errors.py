"""Everything that can go wrong on purpose.

MatchcutError
├── InvalidInput            fields with values that are not allowed
├── NotFound                a catalog, video, ... that does not exist
├── AlreadyExists           it exists, but is not the same
├── FailedPrecondition      the state of the store does not allow it
├── DeadlineExceeded        the caller's deadline has passed
└── Retryable               may work later
    ├── Unavailable         this process cannot answer yet
    └── Overloaded          this process has too much to do

The servicers let them pass; one interceptor turns them into gRPC statuses. Whatever else is raised is a fault of
the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Machine-readable reasons; the names of `ErrorReason` in the contract, without its prefix."""

    INVALID_VALUE = "INVALID_VALUE"
    REQUIRED = "REQUIRED"
    TOO_LARGE = "TOO_LARGE"
    INVALID_PAGE_TOKEN = "INVALID_PAGE_TOKEN"
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


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that was refused."""

    field: str
    """Path of the field, such as `videos[0].insights.keywords[3].text`; empty for the item as a whole."""
    reason: Reason
    message: str
    """What is wrong and what to do about it."""


class MatchcutError(Exception):
    """Base of all expected errors."""

    def __init__(self, reason: Reason, message: str, *, metadata: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = metadata or {}


class InvalidInput(MatchcutError):
    """One or more fields have values that are not allowed."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        first = violations[0]
        more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
        message = f"{first.field}: {first.message}{more}" if first.field else f"{first.message}{more}"
        super().__init__(first.reason, message, metadata={"field": first.field} if first.field else {})
        self.violations = tuple(violations)


class NotFound(MatchcutError):
    """What was named does not exist."""


def catalog_not_found(name: str) -> NotFound:
    """Say that there is no catalog of a name."""
    message = f"there is no catalog '{name}'; create it first, or check the spelling"
    return NotFound(Reason.CATALOG_NOT_FOUND, message, metadata={"catalog": name})


def video_not_found(catalog: str, video_id: str) -> NotFound:
    """Say that a catalog has no video of an id."""
    message = f"there is no video {quote(video_id)} in catalog '{catalog}'; import it, or check the id"
    return NotFound(Reason.VIDEO_NOT_FOUND, message, metadata={"catalog": catalog, "video_id": video_id})


def scenario_not_found(catalog: str, name: str) -> NotFound:
    """Say that a catalog has no scenario of a name."""
    message = f"there is no scenario '{name}' in catalog '{catalog}'; create it first, or check the spelling"
    return NotFound(Reason.SCENARIO_NOT_FOUND, message, metadata={"catalog": catalog, "scenario": name})


class AlreadyExists(MatchcutError):
    """It exists and is not the same."""


class FailedPrecondition(MatchcutError):
    """The state of the store does not allow the call."""


class DeadlineExceeded(MatchcutError):
    """The caller's deadline has passed."""

    def __init__(self) -> None:
        super().__init__(Reason.DEADLINE_EXCEEDED, "the deadline has passed; give the call more time, or less to do")


class Retryable(MatchcutError):
    """May work when tried again after `retry_after` seconds."""

    def __init__(
        self, reason: Reason, message: str, *, retry_after: float, metadata: dict[str, str] | None = None
    ) -> None:
        super().__init__(reason, message, metadata=metadata)
        self.retry_after = retry_after


class Unavailable(Retryable):
    """This process cannot answer now."""


class Overloaded(Retryable):
    """This process has too much to do."""


def quote(value: object, limit: int = 80) -> str:
    """Show a refused value in a message: shortened, and without control or invisible characters."""
    text = value if isinstance(value, str) else repr(value)
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: limit + 1])
    if len(shown) > limit:
        shown = shown[:limit] + "…"
    return f"'{shown}'" if isinstance(value, str) else shown
