"""The part of Video Indexer's API that is read: the list of videos, and their indexes."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import stamina

from .account import Account, Secret
from .errors import Busy, NetworkError, Unreadable, api_error
from .http import Http, Response
from .limiter import Limiter
from .token import TokenSource

PAGE_SIZE = 100
MAX_DOCUMENT_BYTES = 64 * 2**20
"""The largest index that is read: with nothing but keywords, hours of video have less than a hundredth of it."""

_MAX_PAGE_BYTES = 16 * 2**20
_PROCESSED = "processed"
_INDEX_PARAMS: Mapping[str, str] = {
    "includedInsights": "Keywords",
    "includeSummarizedInsights": "false",
    "includeStreamingUrls": "false",
}

T = TypeVar("T")


class ListedVideo(msgspec.Struct, rename="camel", frozen=True):
    """What the list says of a video. Everything may be missing; one without an id is left out of the list."""

    id: str = ""
    name: str | None = None
    state: str | None = None
    """`Uploaded`, `Processing`, `Processed`, `Failed`, `Quarantined`, or what is new since."""
    last_modified: str | None = None
    last_indexed: str | None = None
    """Both times as they come, in ISO 8601: they are only compared with what they were."""
    processing_progress: str | None = None
    failure_message: str | None = None
    source_language: str | None = None

    @property
    def is_processed(self) -> bool:
        """Whether its index can be read. The failure code does not count: it is there on perfectly good videos."""
        return (self.state or "").lower() == _PROCESSED

    @property
    def version(self) -> str:
        """What changes when the video is indexed again; empty if the list does not say."""
        return self.last_indexed or self.last_modified or ""


class _NextPage(msgspec.Struct):
    skip: int = 0
    done: bool = False


class _Page(msgspec.Struct, rename="camel"):
    results: list[ListedVideo] | None = None
    next_page: _NextPage | None = None


class _Whole(msgspec.Struct):
    """Decoded for its own sake: reading an answer as this finds out whether it is JSON from its start to its end."""

    id: str | None = None


_PAGE = msgspec.json.Decoder(_Page)
_WHOLE = msgspec.json.Decoder(_Whole)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is sent again, and after how many seconds, which double from time to time."""

    attempts: int = 10
    first_wait: float = 0.5
    longest_wait: float = 30.0
    jitter: float = 1.0
    """Up to so many seconds are added, at random."""
    longest_pause: float = 300.0
    """When Azure asks for a longer one, the request is given up."""


class VideoIndexer:
    """A client of one account. Requests wait for the limiter, and are repeated where that can help."""

    def __init__(
        self, account: Account, tokens: TokenSource, http: Http, limiter: Limiter, patience: Patience | None = None
    ) -> None:
        self._account = account
        self._tokens = tokens
        self._http = http
        self._limiter = limiter
        self._patience = patience or Patience()
        self.requests = 0
        """How many requests were sent, repeated ones included."""

    async def videos(self) -> AsyncIterator[ListedVideo]:
        """Yield all videos in all states, each once. Raises `AzureError`."""
        seen: set[str] = set()
        skip = 0
        while True:
            params = {"pageSize": str(PAGE_SIZE), "skip": str(skip)}
            page = await self._read(("Videos",), params, _MAX_PAGE_BYTES, _PAGE)
            results = page.results or []
            for video in results:
                if video.id and video.id not in seen:  # a video that is added shifts those behind it into the next page
                    seen.add(video.id)
                    yield video
            if page.next_page is None or page.next_page.done or not results:
                return
            skip = max(page.next_page.skip, skip + 1)

    async def index(self, video_id: str, language: str | None = None) -> bytes:
        """Read the index of a video, with keywords alone: in its source language, or translated into another.

        Raises `AzureError`: `Gone` if there is no such video, `TooLarge` above 64 MiB.
        """
        params = {**_INDEX_PARAMS, **({"language": language} if language else {})}
        parts = ("Videos", video_id, "Index")
        content = await self._content(parts, params, MAX_DOCUMENT_BYTES, _WHOLE)
        return content[0]

    async def _read(
        self, parts: tuple[str, ...], params: Mapping[str, str], max_bytes: int, decoder: msgspec.json.Decoder[T]
    ) -> T:
        return (await self._content(parts, params, max_bytes, decoder))[1]

    async def _content(
        self, parts: tuple[str, ...], params: Mapping[str, str], max_bytes: int, decoder: msgspec.json.Decoder[T]
    ) -> tuple[bytes, T]:
        """Read something of the account, as it comes and decoded; again and again where that can help."""
        patience = self._patience
        async for attempt in stamina.retry_context(
            on=self._wait,
            attempts=patience.attempts,
            timeout=None,
            wait_initial=patience.first_wait,
            wait_max=patience.longest_wait,
            wait_jitter=patience.jitter,
        ):
            with attempt:
                answer = await self._authorized(self._account.url(*parts), params, max_bytes)
                if not answer.ok:
                    raise api_error(answer.status, answer.headers, answer.body)
                return answer.body, _decoded(answer.body, decoder)
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, error: Exception) -> bool | float:
        """Tell whether to try again; where Azure says when, all requests wait until then."""
        if not isinstance(error, (Busy, NetworkError, Unreadable)):
            return False
        pause = error.retry_after if isinstance(error, Busy) else None
        if not pause:
            return True
        if pause > self._patience.longest_pause:
            return False
        self._limiter.pause(pause)
        return 0.0

    async def _authorized(self, url: str, params: Mapping[str, str], max_bytes: int) -> Response:
        """Send a request; once more with another token, if Azure refuses this one and there is another."""
        token = await self._tokens.token()
        answer = await self._send(url, params, token, max_bytes)
        if answer.status == 401 and (renewed := await self._tokens.renew(token)) != token:
            answer = await self._send(url, params, renewed, max_bytes)
        return answer

    async def _send(self, url: str, params: Mapping[str, str], token: Secret, max_bytes: int) -> Response:
        await self._limiter.acquire()
        self.requests += 1
        return await self._http.get(url, params=params, token=token, max_bytes=max_bytes)


def _decoded(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode an answer. Raises `Unreadable`, which may be one that was cut off."""
    try:
        return decoder.decode(body)
    except ValueError as error:  # a msgspec error is one too
        reason = str(error)[:200]
    raise Unreadable(f"not the expected JSON ({reason}); the answer may have been cut off")
