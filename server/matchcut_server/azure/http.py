"""HTTP: requests with limits on their time and on the size of answers. No other module knows how it is done."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import httpx2

from .account import Secret
from .errors import NetworkError, TooLarge

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
"""How long to wait for the next bytes of an answer; a large document takes its time to begin."""
CALL_SECONDS = 300.0
"""How long a request may take with all of its answer."""
CONNECTIONS = 16

_MAX_ERROR_BYTES = 64 * 1024
"""Of answers that refuse no more is read: they are not documents."""


class Response(NamedTuple):
    """An answer of any status."""

    status: int
    headers: Mapping[str, str]
    """With names in lower case."""
    body: bytes
    """Decompressed; of an answer that refuses only the beginning, and without the token that was sent."""

    @property
    def ok(self) -> bool:
        """Whether it is what was asked for."""
        return 200 <= self.status < 300


class Http:
    """Connections to servers, to be used as an asynchronous context. Redirects are answers, and not followed."""

    def __init__(
        self,
        *,
        connections: int = CONNECTIONS,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        call_seconds: float = CALL_SECONDS,
        transport: Any = None,
    ) -> None:
        """Make it; connections are opened by requests.

        Args:
            connections: The most at a time; further requests wait.
            connect_seconds: Seconds until a connection is there.
            read_seconds: Seconds until the next bytes of an answer are there, or of a request are taken.
            call_seconds: Seconds for a request and all of its answer, the wait for a connection included.
            transport: What carries requests instead of the network.
        """
        self._call_seconds = call_seconds
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(connect=connect_seconds, read=read_seconds, write=read_seconds, pool=call_seconds),
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
            transport=transport,
            # What goes without encryption stays on this machine, and is for no proxy, which would read the token.
            mounts={"http://": None},
            headers={"user-agent": "matchcut", "accept": "application/json"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: Secret | None = None,
        max_bytes: int,
    ) -> Response:
        """Read something, as whoever the token is of. Raises `NetworkError` and `TooLarge`."""
        request = self._client.build_request("GET", url, params=params, headers=_headers(headers, token))
        return await self._answer(request, token, max_bytes)

    async def post(
        self,
        url: str,
        *,
        json: object,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: Secret | None = None,
        max_bytes: int,
    ) -> Response:
        """Send JSON, as whoever the token is of. Raises `NetworkError` and `TooLarge`."""
        request = self._client.build_request("POST", url, params=params, headers=_headers(headers, token), json=json)
        return await self._answer(request, token, max_bytes)

    async def _answer(self, request: httpx2.Request, token: Secret | None, max_bytes: int) -> Response:
        try:
            async with asyncio.timeout(self._call_seconds):
                return await self._exchange(request, token, max_bytes)
        except (httpx2.HTTPError, httpx2.StreamError, TimeoutError) as error:
            trouble = _described(error, request.url.host)
        # Outside of the handler: the library's error knows the request with its headers, and would come along.
        raise NetworkError(trouble)

    async def _exchange(self, request: httpx2.Request, token: Secret | None, max_bytes: int) -> Response:
        answer = await self._client.send(request, stream=True)
        try:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            if not answer.is_success:
                body = await _beginning(answer, _MAX_ERROR_BYTES)
                shown = body.replace(token.reveal().encode(), b"***") if token else body
                return Response(answer.status_code, headers, shown)
            body = await _beginning(answer, max_bytes + 1)
            if len(body) > max_bytes:
                raise TooLarge(f"{request.url.host} answers with more than {max_bytes:,} bytes")
            return Response(answer.status_code, headers, body)
        finally:
            await answer.aclose()


def _headers(headers: Mapping[str, str] | None, token: Secret | None) -> dict[str, str]:
    authorization = {"authorization": f"Bearer {token.reveal()}"} if token else {}
    return {**(headers or {}), **authorization}


async def _beginning(answer: httpx2.Response, most: int) -> bytes:
    """Read an answer, but no more than so many bytes."""
    parts, size = [], 0
    async for part in answer.aiter_bytes():
        parts.append(part[: most - size])
        size += len(parts[-1])
        if size == most:
            break
    return b"".join(parts)


def _described(error: Exception, host: str) -> str:
    """Say what went wrong with a connection; the texts of the library may hold addresses."""
    if isinstance(error, httpx2.ConnectError):
        return f"no connection to {host}: {error}"
    if isinstance(error, (TimeoutError, httpx2.TimeoutException)):
        return f"{host} did not answer in time"
    return f"the connection to {host} broke off ({type(error).__name__})"
