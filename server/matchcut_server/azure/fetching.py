"""Reads the videos of a queue from an account, and gives them to a sink."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from matchcut_client import ErrorReason, MatchcutError, WriteResult, WriteStatus

from .client import VideoIndexer
from .errors import ApiError, AzureError, Busy, NetworkError, Stop, Unreadable
from .queue import Entry, VideoQueue
from .sink import Document, Sink
from .state import StateError

MAX_TRIES = 40
"""How often a video may turn out not to be ready: that takes more than an hour."""
MAX_SECONDS = 2 * 86_400.0
"""How long Azure, or access to it, may be away before what waits for it is given up."""
SHORTEST_WAIT = 2.0
LONGEST_WAIT = 300.0
LEAVE_SECONDS = 10.0
"""When asked to stop, how long what is under way may take; after that it stays in the queue."""

_PAUSE_SECONDS = 5.0
"""How long nothing more is begun when access was refused or the sink is away: that holds for all videos."""
_QUEUE_SECONDS = 5.0
_UNREADY = frozenset({ErrorReason.NOT_PROCESSED, ErrorReason.MALFORMED_JSON})
_OUTAGE = (Busy, NetworkError, Unreadable)


class Fetcher:
    """Takes videos from a queue: some at a time, and again later where that can help."""

    def __init__(
        self,
        queue: VideoQueue,
        indexer: VideoIndexer,
        sink: Sink,
        languages: Sequence[str],
        concurrency: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make it.

        Args:
            queue: What is to be read.
            indexer: Where it is read.
            sink: Where it goes to.
            languages: Languages that videos are read in, besides their source language.
            concurrency: How many videos are read at a time.
            now: Returns seconds since 1970, as the queue's.
        """
        self.counts: Counter[str] = Counter()
        """How many videos were `imported`, turned out `not_ready`, met `trouble`, or `failed`."""
        self._queue = queue
        self._indexer = indexer
        self._sink = sink
        self._languages = (None, *languages)
        self._concurrency = concurrency
        self._now = now
        self._woken = asyncio.Event()
        self._resume = 0.0  # on the clock of the loop, which nobody sets
        self._log = structlog.get_logger("matchcut.azure")

    def wake(self) -> None:
        """Look into the queue: something has been put into it."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Read what is in the queue and what comes, until stopped. Raises `StateError` if the queue cannot be read."""
        under_way: set[asyncio.Task[None]] = set()

        def ended(task: asyncio.Task[None]) -> None:
            under_way.discard(task)
            self.wake()

        stopped = asyncio.ensure_future(stop.wait())
        stopped.add_done_callback(lambda _: self.wake())
        try:
            while not stop.is_set():
                self._woken.clear()
                wait = await self._hand_out(under_way, ended)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._woken.wait()
            if under_way:
                await asyncio.wait(under_way, timeout=LEAVE_SECONDS)
        finally:
            stopped.cancel()
            for task in under_way:
                task.cancel()

    async def _hand_out(
        self, under_way: set[asyncio.Task[None]], ended: Callable[[asyncio.Task[None]], None]
    ) -> float | None:
        """Begin with what can be begun; return the seconds after which more can be, as far as that is known."""
        pause = self._resume - asyncio.get_running_loop().time()
        if pause > 0:
            return pause
        room = self._concurrency - len(under_way)
        if not room:
            return None
        for entry in await self._queue.take(room):
            task = asyncio.create_task(self._work(entry))
            under_way.add(task)
            task.add_done_callback(ended)
        return await self._queue.seconds_to_next() if len(under_way) < self._concurrency else None

    async def _work(self, entry: Entry) -> None:
        """Read a video and give it away, and tell the queue what became of it."""
        try:
            await self._read(entry)
        except StateError as error:
            self._log.error("queue_unavailable", video_id=entry.video_id, error=str(error))
            await asyncio.sleep(_QUEUE_SECONDS)  # the entry is as it was, and would be next

    async def _read(self, entry: Entry) -> None:
        """Read a video and give it away; what goes wrong decides when, and whether, it is tried again."""
        try:
            contents = [await self._indexer.index(entry.video_id, language) for language in self._languages]
            results = await self._sink.import_documents([Document(entry.video_id, content) for content in contents])
        except Stop as error:
            self._log.error("access_refused", error=str(error), advice=error.advice)
            await self._wait_for_all(entry, str(error))
        except MatchcutError as error:
            await self._wait_for_all(entry, str(error))
        except _OUTAGE as error:
            await self._trouble(entry, str(error))
        except ApiError as error:  # it is not there yet, or being indexed again
            await self._not_ready(entry, str(error))
        except AzureError as error:
            await self._fail(entry, str(error))
        except Exception as error:  # noqa: BLE001 - one video must not end the work on all the others
            # The text of an error that nobody expected may hold anything.
            await self._not_ready(entry, f"a fault of this program: {type(error).__name__}")
        else:
            await self._settle(entry, results)

    async def _settle(self, entry: Entry, results: Sequence[WriteResult]) -> None:
        errors = [error for result in results if result.status is WriteStatus.REJECTED for error in result.field_errors]
        reason = "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors)
        if not errors:
            await self._queue.finish(entry)
            self.counts["imported"] += 1
            self._log.info("video_imported", video_id=entry.video_id)
        elif any(error.reason in _UNREADY for error in errors):
            await self._not_ready(entry, reason)
        else:
            await self._fail(entry, reason)

    async def _not_ready(self, entry: Entry, reason: str) -> None:
        """Try a video again later, unless it has been tried too often."""
        self.counts["not_ready"] += 1
        if entry.tries + 1 >= MAX_TRIES:
            await self._fail(entry, f"not ready after {MAX_TRIES} tries: {reason}")
        else:
            await self._queue.retry(entry, self._wait(entry), reason, counts=True)

    async def _wait_for_all(self, entry: Entry, reason: str) -> None:
        self._resume = asyncio.get_running_loop().time() + _PAUSE_SECONDS
        await self._trouble(entry, reason)

    async def _trouble(self, entry: Entry, reason: str) -> None:
        """Try a video again when whatever is away may be back; that says nothing about the video."""
        self.counts["trouble"] += 1
        if self._now() - entry.since >= MAX_SECONDS:
            await self._fail(entry, f"given up after {MAX_SECONDS / 3600:.0f} hours: {reason}")
        else:
            self._log.warning("video_delayed", video_id=entry.video_id, reason=reason)
            await self._queue.retry(entry, self._wait(entry), reason, counts=False)

    async def _fail(self, entry: Entry, reason: str) -> None:
        await self._queue.fail(entry, reason)
        self.counts["failed"] += 1
        self._log.error("video_failed", video_id=entry.video_id, reason=reason)

    def _wait(self, entry: Entry) -> float:
        """Return the time to the next try: a quarter of how long it has been in the queue, so waits grow with it."""
        return min(LONGEST_WAIT, max(SHORTEST_WAIT, (self._now() - entry.since) / 4))
