"""Access tokens: a ready one, or those that Azure Resource Manager makes for whoever may read the account."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from .account import Secret, checked_endpoint
from .errors import ApiError, Busy, Stop, Unreadable, api_error
from .http import Http
from .limiter import Clock, SystemClock

MANAGEMENT = "https://management.azure.com"
API_VERSION = "2025-04-01"
LIFE_SECONDS = 55 * 60.0
"""A token lives for an hour; it is renewed five minutes earlier."""

_MAX_ANSWER_BYTES = 256 * 1024


class TokenSource(Protocol):
    """What gives access tokens of a Video Indexer account. Tasks may share it."""

    async def token(self) -> Secret:
        """Return a token that should be good. Raises `AzureError`."""

    async def renew(self, refused: Secret) -> Secret:
        """Return a token in place of one that was refused; the same where there is no other. Raises `AzureError`."""


class ReadyToken:
    """A token that somebody else made and keeps fresh, where it can be read anew."""

    def __init__(self, read: Callable[[], Secret]) -> None:
        """Read the token; `read` raises `OSError` or `ValueError` where there is none."""
        self._read = read
        self._token = read()

    async def token(self) -> Secret:
        """Return the token as it was last read."""
        return self._token

    async def renew(self, refused: Secret) -> Secret:
        """Read the token again. Raises `Stop` if it is gone."""
        if self._token == refused:
            try:
                self._token = await asyncio.to_thread(self._read)
            except (OSError, ValueError) as error:
                raise Stop(401, "", str(error)) from None
        return self._token


def token_in(path: Path) -> Secret:
    """Read a token from a file that holds nothing else. Raises `OSError`, and `ValueError` for what is no token."""
    try:
        text = path.read_text(encoding="ascii").strip().strip('"')  # some tools write it as JSON
        return Secret(text)
    except ValueError:  # a UnicodeDecodeError is one too, and would show the text
        reason = f"{path}: no access token; it is one line, as generateAccessToken answers it"
    raise ValueError(reason)


class Credential(Protocol):
    """What azure-identity's credentials have in common."""

    def get_token(self, *scopes: str, **kwargs: Any) -> Any:
        """Return an object whose `token` is for Azure Resource Manager."""


@dataclass(frozen=True, slots=True)
class Resource:
    """The Video Indexer account as a resource of Azure."""

    subscription: str
    resource_group: str
    name: str
    endpoint: str = MANAGEMENT
    """Where Azure Resource Manager is reached. Raises `ValueError` for one that tokens must not be sent to."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "endpoint", checked_endpoint(self.endpoint))

    @property
    def url(self) -> str:
        """The address that makes tokens."""
        subscription, group, name = (
            quote(part, safe="") for part in (self.subscription, self.resource_group, self.name)
        )
        return (
            f"{self.endpoint}/subscriptions/{subscription}/resourceGroups/{group}"
            f"/providers/Microsoft.VideoIndexer/accounts/{name}/generateAccessToken"
        )


class _Generated(msgspec.Struct, rename="camel"):
    access_token: str


class ArmToken:
    """Tokens for reading an account, made by Azure Resource Manager and renewed before they expire."""

    def __init__(self, http: Http, credential: Credential, resource: Resource, clock: Clock | None = None) -> None:
        self._http = http
        self._credential = credential
        self._resource = resource
        self._clock: Clock = clock or SystemClock()
        self._token: Secret | None = None
        self._made = 0.0
        self._turn = asyncio.Lock()

    async def token(self) -> Secret:
        """Return a token that lives for five minutes at least."""
        async with self._turn:
            if self._token is None or self._clock.now() >= self._made + LIFE_SECONDS:
                self._token = await self._generate()
            return self._token

    async def renew(self, refused: Secret) -> Secret:
        """Make another token, unless another task that was refused has done so."""
        async with self._turn:
            if self._token is None or self._token == refused:
                self._token = await self._generate()
            return self._token

    async def _generate(self) -> Secret:
        made = self._clock.now()
        identity = await asyncio.to_thread(self._identify)
        answer = await self._http.post(
            self._resource.url,
            params={"api-version": API_VERSION},
            json={"permissionType": "Reader", "scope": "Account"},
            token=identity,
            max_bytes=_MAX_ANSWER_BYTES,
        )
        if not answer.ok:
            raise _no_token(api_error(answer.status, answer.headers, answer.body))
        try:
            token = Secret(msgspec.json.decode(answer.body, type=_Generated).access_token)
        except (ValueError, RecursionError):  # a msgspec error is the first; it may show what it read
            pass
        else:
            self._made = made
            return token
        raise Unreadable("Azure Resource Manager answers without an access token")

    def _identify(self) -> Secret:
        """Get a token for Azure Resource Manager itself."""
        try:
            return Secret(self._credential.get_token(f"{MANAGEMENT}/.default").token)
        except Exception as error:  # noqa: BLE001 - each credential has errors of its own
            lines = str(error).strip().splitlines()
            reason = f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}"
        raise Stop(401, "", f"no sign-in to Azure ({reason})")


def _no_token(error: ApiError) -> ApiError:
    """Tell what refuses a token from what refuses a video: nothing can be read until somebody does something."""
    if isinstance(error, Busy):
        return error
    return Stop(error.status, error.kind, f"no access token from Azure Resource Manager: {error.message}")


def default_credential() -> Credential:
    """Return what signs in by the environment, a managed identity, or the tools of Azure on this machine.

    Raises `ImportError` without azure-identity.
    """
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - an extra that only this needs

    return DefaultAzureCredential()
