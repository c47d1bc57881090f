"""Which Video Indexer account is read, and secrets that do not show themselves."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

ENDPOINT = "https://api.videoindexer.ai"
"""Where Video Indexer answers for every region."""

_LOCATION = re.compile(r"[A-Za-z0-9]{1,64}")
_ACCOUNT_ID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Secret:
    """A text that is written nowhere by accident: only `reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep a text. Raises `ValueError`, without the text, for one that cannot stand in a header."""
        if not text or not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("a secret is one word of printable ASCII characters; it may have been cut or quoted")
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one who has to send or to compare it."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of Video Indexer. Raises `ValueError`, which names the field, for what cannot be one."""

    location: str
    """Region code of Azure, such as `westeurope`, or `trial`."""
    account_id: str
    """The account's GUID."""
    endpoint: str = ENDPOINT
    """Where it is reached; without encryption only on this machine."""

    def __post_init__(self) -> None:
        if not _LOCATION.fullmatch(self.location):
            raise ValueError(f"location {self.location!r}: give a region code such as westeurope, or trial")
        if not _ACCOUNT_ID.fullmatch(self.account_id):
            raise ValueError(f"account id {self.account_id!r}: give the GUID that the account's settings show")
        object.__setattr__(self, "endpoint", checked_endpoint(self.endpoint))

    def url(self, *parts: str) -> str:
        """Return the address of something in the account."""
        path = "/".join(quote(part, safe="") for part in (self.location, "Accounts", self.account_id, *parts))
        return f"{self.endpoint}/{path}"


def checked_endpoint(url: str) -> str:
    """Return an endpoint without a slash at its end. Raises `ValueError` for one that tokens must not be sent to."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError(f"endpoint {parts.scheme}://{parts.hostname}: give https://HOST, or http:// on this machine")
    return url.rstrip("/")
