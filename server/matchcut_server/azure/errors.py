"""What goes wrong with Azure, and how its answers say it.

AzureError
├── ApiError            an answer that refuses: status, kind, message
│   ├── Stop            401, 403, or no token at all: nothing can be read before somebody does something
│   ├── Gone            there is no such video (any more), says Video Indexer itself
│   └── Busy            429 or 5xx: later it may work; `retry_after` if the answer says when
├── NetworkError        no answer, or one that was cut off: later it may work
├── TooLarge            an answer larger than the caller takes
└── Unreadable          an answer that is not what was asked for

No text of these holds a token, a header or the query of an address.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

_TRY_AGAIN = re.compile(r"try again in (\d{1,6}) second", re.IGNORECASE)
_MAX_MESSAGE = 300
_GONE = frozenset({"BREAKDOWN_NOT_FOUND", "NOT_FOUND", "VIDEO_REMOVED"})
"""Kinds of an answer of Video Indexer to who asks for a video that is not there; the last one has status 400."""


class AzureError(Exception):
    """Base of all that goes wrong with Azure."""


class ApiError(AzureError):
    """An answer that refuses."""

    def __init__(self, status: int, kind: str, message: str, retry_after: float | None = None) -> None:
        """Keep what the answer says.

        Args:
            status: Status of HTTP.
            kind: Machine-readable reason, such as `USER_NOT_ALLOWED`; empty if the answer has none.
            message: What the answer says to people; empty if nothing.
            retry_after: Seconds after which trying again can help; None if the answer does not say.
        """
        super().__init__(": ".join(filter(None, [f"HTTP {status}", kind, message])))
        self.status = status
        self.kind = kind
        self.message = message
        self.retry_after = retry_after


class Stop(ApiError):
    """Access is refused, whatever is asked for."""

    @property
    def advice(self) -> str:
        """What somebody has to do before anything can be read."""
        if self.status == 401:
            return "get a new access token of this account, or let tokens be made for you, and start again"
        return "see to it that the account is the right one and that the access token may read it, and start again"


class Gone(ApiError):
    """There is no such video."""


class Busy(ApiError):
    """Azure has too much to do, or a fault."""


class NetworkError(AzureError):
    """No answer, or one that was cut off."""


class TooLarge(AzureError):
    """An answer larger than the caller takes."""


class Unreadable(AzureError):
    """An answer that is not what was asked for."""


def api_error(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """Read an answer that refuses, in any of its shapes: those of Video Indexer, of its gateway and of Azure itself.

    Args:
        status: Status of HTTP: all but 2xx.
        headers: Headers of the answer, with names in lower case.
        body: The answer itself, or its beginning.
    """
    kind, message = _said(body)
    wait = _retry_after(headers, message)
    if status in {401, 403}:
        return Stop(status, kind, message)
    if status in {400, 404} and kind in _GONE:  # any other kind, or none, may be of who only knows no such address
        return Gone(status, kind, message)
    if status == 429 or status >= 500:
        return Busy(status, kind, message, wait)
    return ApiError(status, kind, message, wait)


def _said(body: bytes) -> tuple[str, str]:
    """Return the kind and the message of an answer, as far as it has them."""
    try:
        said = msgspec.json.decode(body, type=dict[str, Any])
    except (ValueError, RecursionError):  # a msgspec error is the first; the second is of what is nested too deeply
        return "", ""
    if isinstance(said.get("error"), dict):  # Azure Resource Manager
        said = said["error"]
    kind = said.get("ErrorType") or said.get("code") or ""
    message = said.get("Message") or said.get("message") or ""
    return _short(kind), _short(message)


def _short(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]}…"


def _retry_after(headers: Mapping[str, str], message: str) -> float | None:
    """Return the seconds to wait: by the header, in seconds or as a date, or else by the gateway's message."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    moment = _date(text)
    if moment is not None:
        # Counted by the clock that wrote it, whatever this machine's says.
        now = _date(headers.get("date", "")) or datetime.now(UTC)
        return max(0.0, (moment - now).total_seconds())
    found = _TRY_AGAIN.search(message)
    return float(found[1]) if found else None


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
