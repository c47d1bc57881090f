"""One pass over an account: what is new goes into the catalog, and on request what is gone leaves it."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from matchcut_client import WriteResult, WriteStatus

from ..errors import Reason
from .checkpoint import SOURCE_LANGUAGE, Checkpoint, Taken
from .client import ListedVideo, VideoIndexer
from .errors import AzureError, Busy, Gone, NetworkError, Stop, Unreadable
from .sink import Document, Sink
from .summary import NotTaken, Outcome, Summary

_FAILED_STATES = frozenset({"failed", "quarantined"})
_MIN_TROUBLES = 8
"""Videos in a row that cannot be read, however often it is tried, before the rest is left for another time."""


class RefusedDeletion(AzureError):
    """An account that lists nothing, though videos were imported from it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a sync does."""

    languages: Sequence[str] = ()
    """Languages to take beside the source language."""
    mirror: bool = False
    """Delete what was imported and is gone from the account."""
    dry_run: bool = False
    """Only list the videos, and count what would be done."""
    concurrency: int = 4
    """Videos that are worked on at a time: so many documents are in memory, and no more."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A video to read, and in which languages."""

    video: ListedVideo
    languages: tuple[str, ...]
    known: frozenset[str]
    """Languages of this version that were taken before."""


@dataclass(frozen=True, slots=True)
class _Deletion:
    """A video to delete if it is gone indeed."""

    video_id: str


@dataclass(slots=True)
class _Fetched:
    """What could be read of a video."""

    documents: list[Document]
    languages: list[str]
    """Those of the documents."""
    problems: list[str]


class Sync:
    """Brings a catalog up to date with an account. To be run once."""

    def __init__(
        self,
        indexer: VideoIndexer,
        sink: Sink,
        checkpoint: Checkpoint,
        options: Options,
        observe: Callable[[int, int], None] = lambda _done, _left: None,
    ) -> None:
        """Make a sync.

        Args:
            indexer: The account.
            sink: The catalog.
            checkpoint: What was imported before.
            options: What to do.
            observe: Told after each video how many are done, and how many are left.
        """
        self.summary = Summary()
        """What has been done so far; also if it has failed."""
        self._indexer = indexer
        self._sink = sink
        self._checkpoint = checkpoint
        self._options = options
        self._observe = observe
        self._jobs: deque[_Reading | _Deletion] = deque()
        self._writes: set[asyncio.Task[None]] = set()
        self._done = 0
        self._troubles = 0

    async def run(self) -> Summary:
        """Do it. Raises `Stop` when access is refused, and other `AzureError` where nothing can be read any more."""
        try:
            await self._plan()
            if not self._options.dry_run:
                await self._work()
        finally:
            self.summary.requests = self._indexer.requests
        return self.summary

    async def _plan(self) -> None:
        """List the account, and find out what there is to do."""
        known = self._checkpoint.videos()
        listed = [video async for video in self._indexer.videos()]
        self.summary.listed = len(listed)
        absent = known.keys() - {video.id for video in listed} if self._options.mirror else set()
        if absent and not listed:
            raise RefusedDeletion(
                f"the account lists no videos, and {len(known):,} were imported from it: nothing was deleted; "
                "check the account, or delete the videos from the catalog yourself"
            )
        self._jobs.extend(_Deletion(video_id) for video_id in sorted(absent))
        for video in listed:
            self._consider(video, known.get(video.id))
        if self._options.dry_run:
            self.summary.to_delete, self.summary.to_take = len(absent), len(self._jobs) - len(absent)

    def _consider(self, video: ListedVideo, taken: Taken | None) -> None:
        if not video.is_processed:
            failed = (video.state or "").lower() in _FAILED_STATES
            said = [f"state {video.state or 'unknown'}", video.processing_progress, video.failure_message]
            reason = ", ".join(filter(None, said))
            self._leave(video.id, video.name, Outcome.FAILED if failed else Outcome.NOT_READY, reason)
            return
        source = (video.source_language or "").lower()
        further = [language for language in self._options.languages if language.lower() != source]
        wanted = dict.fromkeys([SOURCE_LANGUAGE, *further])
        same = taken is not None and bool(video.version) and taken.version == video.version
        before = taken.languages if taken is not None and same else frozenset[str]()
        missing = tuple(language for language in wanted if language not in before)
        if missing:
            self._jobs.append(_Reading(video, missing, before))
        else:
            self.summary.unchanged += 1

    async def _work(self) -> None:
        """Do all jobs, some at a time. What ends one worker ends all; only what is with the server is waited for."""
        workers = [asyncio.create_task(self._worker()) for _ in range(self._options.concurrency)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await asyncio.gather(*self._writes, return_exceptions=True)

    async def _written(self, write: Coroutine[Any, Any, None]) -> None:
        """Do what changes the catalog to its end, even if nobody waits for it any more, so that it is counted."""
        task = asyncio.create_task(write)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        await asyncio.shield(task)

    async def _worker(self) -> None:
        while self._jobs:
            job = self._jobs.popleft()
            if isinstance(job, _Reading):
                await self._take(job)
            else:
                await self._delete(job.video_id)
            self._done += 1
            self._observe(self._done, len(self._jobs))

    async def _take(self, job: _Reading) -> None:
        """Read a video in all its languages, and import it."""
        video = job.video
        try:
            fetched = await self._fetch(job)
        except Gone as error:
            self._leave(video.id, video.name, Outcome.GONE, f"deleted since it was listed ({error})")
            return
        await self._written(self._import(job, fetched))

    async def _import(self, job: _Reading, fetched: _Fetched) -> None:
        """Import what was read of a video, and record it once the server has it."""
        video = job.video
        results = await self._sink.import_documents(fetched.documents) if fetched.documents else ()
        accepted = [
            language
            for language, result in zip(fetched.languages, results, strict=True)
            if result.status is not WriteStatus.REJECTED
        ]
        if accepted:
            self._checkpoint.record([Taken(video.id, video.version, job.known.union(accepted))])
        self._count(job, fetched, results)

    async def _fetch(self, job: _Reading) -> _Fetched:
        fetched = _Fetched([], [], [])
        for language in job.languages:
            try:
                content = await self._indexer.index(job.video.id, language or None)
            except (Gone, Stop):
                raise
            except AzureError as error:
                self._note_trouble(error)
                fetched.problems.append(f"{language}: {error}" if language else str(error))
            else:
                self._troubles = 0
                fetched.documents.append(Document(job.video.id, content))
                fetched.languages.append(language)
        return fetched

    def _note_trouble(self, error: AzureError) -> None:
        """Give up where it is not about one video: when nothing can be read any more, however often it is tried."""
        if isinstance(error, (Busy, NetworkError, Unreadable)):
            self._troubles += 1
            if self._troubles >= max(_MIN_TROUBLES, 2 * self._options.concurrency):
                raise error

    def _count(self, job: _Reading, fetched: _Fetched, results: Sequence[WriteResult]) -> None:
        """Count a video by what became of its documents: it was created, updated, or is as it was; or not taken."""
        problems = [*fetched.problems, *(_problem(result) for result in results if result.field_errors)]
        statuses = {result.status for result in results}
        if problems:
            unready = {error.reason for result in results for error in result.field_errors} == {Reason.NOT_PROCESSED}
            outcome = Outcome.NOT_READY if unready and not fetched.problems else Outcome.REJECTED
            self._leave(job.video.id, job.video.name, outcome, "; ".join(problems))
        elif WriteStatus.CREATED in statuses:
            self.summary.created += 1
        elif WriteStatus.UPDATED in statuses:
            self.summary.updated += 1
        else:
            self.summary.same += 1

    async def _delete(self, video_id: str) -> None:
        """Delete a video if Video Indexer says itself that it is gone: a list that changes may leave videos out."""
        try:
            await self._indexer.index(video_id)
        except Gone:
            pass
        except Stop:
            raise
        except AzureError as error:
            self._note_trouble(error)
            self._leave(video_id, None, Outcome.REJECTED, f"not listed, and not known to be gone ({error})")
            return
        else:
            return
        await self._written(self._delete_from_catalog(video_id))

    async def _delete_from_catalog(self, video_id: str) -> None:
        results = await self._sink.delete([video_id])
        self.summary.deleted += sum(result.status is WriteStatus.DELETED for result in results)
        self._checkpoint.forget([video_id])

    def _leave(self, video_id: str, name: str | None, outcome: Outcome, reason: str) -> None:
        self.summary.not_taken.append(NotTaken(video_id, name or "", outcome, reason))


def _problem(result: WriteResult) -> str:
    """Say why the server refused a document."""
    return "; ".join(
        f"{error.field}: {error.message}" if error.field else error.message for error in result.field_errors
    )
