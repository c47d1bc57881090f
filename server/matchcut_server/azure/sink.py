"""Where videos go: a catalog of a Matchcut server."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import stamina

from matchcut_client import MatchcutClient, Overloaded, Unavailable, VideoIndex, WriteResponse, WriteResult
from matchcut_client.reduction import reduce_video_index

_ATTEMPTS = 6
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0
"""Seconds: together they outlast a server that is started again."""


class Document(NamedTuple):
    """The index of a video in one language."""

    video_id: str
    content: bytes


class Sink(Protocol):
    """What takes videos. Everything may be done twice with the same effect as once."""

    async def import_documents(self, documents: Sequence[Document]) -> Sequence[WriteResult]:
        """Import documents in order, durably; a result for each. Several may be of one video."""

    async def delete(self, video_ids: Sequence[str]) -> Sequence[WriteResult]:
        """Delete videos; a result for each."""


class CatalogSink:
    """The catalog that a client works on. Its calls outlast a server that is away for some seconds.

    They raise the client's `MatchcutError`.
    """

    def __init__(self, client: MatchcutClient) -> None:
        self._client = client
        # Taking a document apart needs many times its size, so it is done to one at a time.
        self._reducing = asyncio.Lock()

    async def import_documents(self, documents: Sequence[Document]) -> Sequence[WriteResult]:
        """Import documents with nothing beside them, so that all metadata that is in the catalog stays.

        The server takes the name and the time of creation of a document for a new video only. What it does not read,
        such as user names and tokens, is not sent.
        """
        indexes = []
        for document in documents:
            async with self._reducing:
                content = await asyncio.to_thread(reduce_video_index, document.content)
            indexes.append(VideoIndex(content, video_id=document.video_id))
        return await _patiently(lambda: self._client.import_video_indexes(indexes, reduce=False))

    async def delete(self, video_ids: Sequence[str]) -> Sequence[WriteResult]:
        """Delete videos from the catalog."""
        return await _patiently(lambda: self._client.delete_videos(video_ids))


async def _patiently(call: Callable[[], WriteResponse]) -> Sequence[WriteResult]:
    """Make a call in a thread, and again where the server may be back soon."""
    async for attempt in stamina.retry_context(
        on=(Overloaded, Unavailable),
        attempts=_ATTEMPTS,
        timeout=None,
        wait_initial=_FIRST_WAIT,
        wait_max=_LONGEST_WAIT,
    ):
        with attempt:
            return (await asyncio.to_thread(call)).results
    raise AssertionError("the last attempt returns or raises")
