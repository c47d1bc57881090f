"""Videos whose indexes are to be read: a queue that no crash empties."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from .state import StateFile

_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (
    video_id TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    since REAL NOT NULL,
    due REAL NOT NULL,
    tries INTEGER NOT NULL,
    reason TEXT NOT NULL,
    failed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting_due ON waiting (failed, due);
"""
_PUT = """
INSERT INTO waiting VALUES (?, 1, ?, ?, 0, '', 0)
ON CONFLICT DO UPDATE
SET number = number + 1, since = excluded.since, due = excluded.due, tries = 0, reason = '', failed = 0
"""
_DUE = "SELECT video_id, number, since, tries FROM waiting WHERE failed = 0 AND due <= ? ORDER BY due LIMIT ?"
_NEXT = "SELECT video_id, due FROM waiting WHERE failed = 0 ORDER BY due LIMIT ?"

T = TypeVar("T")


class Entry(NamedTuple):
    """A video that is to be read."""

    video_id: str
    number: int
    """How often it was put since it was last finished: one that is put while it is worked on stays in the queue."""
    since: float
    """When it was put last, in seconds since 1970."""
    tries: int
    """How often it was tried and was not ready since then."""


class Counts(NamedTuple):
    """How many videos are in a queue."""

    waiting: int
    failed: int


class VideoQueue:
    """The queue: one entry a video, however often it is put. All of it is for the tasks of one event loop."""

    def __init__(self, path: Path, origin: str, now: Callable[[], float] = time.time) -> None:
        """Open a queue, or make one. What was under way when its process ended is there again. Raises `StateError`.

        Args:
            path: The file.
            origin: From where the videos are read, and where to.
            now: Returns seconds since 1970.
        """
        self._file = StateFile(path, origin, _SCHEMA)
        self._now = now
        self._coming: deque[str] = deque()
        self._under_way: set[str] = set()
        # One thread, so that one waits for the disk, and not the loop; what comes meanwhile goes into one commit.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="queue")
        with self._file.writing() as database:
            # Nothing waits longer than before because of a clock that was wrong, or a trouble that may be over.
            database.execute("UPDATE waiting SET due = min(due, ?)", (now(),))

    async def put(self, video_id: str) -> None:
        """Put a video, which then is on disk. Raises `StateError`."""
        self._coming.append(video_id)
        await self._run(self._write_coming)

    async def take(self, most: int) -> list[Entry]:
        """Return some videos whose time has come, oldest first; they are under way until they are given back."""
        return await self._run(lambda: self._take(most))

    async def finish(self, entry: Entry) -> None:
        """Give a video back that is done: it is gone, unless it was put again meanwhile."""
        statement = "DELETE FROM waiting WHERE video_id = ? AND number = ?"
        await self._run(lambda: self._give_back(entry, statement))

    async def retry(self, entry: Entry, seconds: float, reason: str, *, counts: bool) -> None:
        """Give a video back that is to be tried again after some seconds, unless it was put again meanwhile.

        `counts`: whether it was tried, or what is wrong is not about this video.
        """
        statement = "UPDATE waiting SET due = ?, tries = tries + ?, reason = ? WHERE video_id = ? AND number = ?"
        due = self._now() + seconds
        await self._run(lambda: self._give_back(entry, statement, due, int(counts), reason))

    async def fail(self, entry: Entry, reason: str) -> None:
        """Give a video back that is not tried again before it is put again; it is kept, with the reason."""
        statement = "UPDATE waiting SET failed = 1, reason = ? WHERE video_id = ? AND number = ?"
        await self._run(lambda: self._give_back(entry, statement, reason))

    async def counts(self) -> Counts:
        """Return how many wait, those under way included, and how many have failed."""
        return await self._run(self._count)

    async def failed(self) -> dict[str, str]:
        """Return the videos that have failed, each with the reason."""
        return await self._run(lambda: dict(self._rows("SELECT video_id, reason FROM waiting WHERE failed = 1")))

    async def seconds_to_next(self) -> float | None:
        """Return how long it takes until the next video can be taken; None if all are under way, or there is none."""
        return await self._run(self._seconds_to_next)

    async def close(self) -> None:
        """Close the file, and let others work with it."""
        await self._run(self._file.close)
        self._thread.shutdown()

    async def _run(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def _write_coming(self) -> None:
        """Write all that is there, in one commit. What an earlier call has written is on disk already."""
        coming: list[str] = []
        while self._coming:
            coming.append(self._coming.popleft())
        if not coming:
            return
        now = self._now()
        try:
            with self._file.writing() as database:
                database.executemany(_PUT, [(video_id, now, now) for video_id in coming])
        except BaseException:
            self._coming.extendleft(reversed(coming))  # others wait for them too, and try again
            raise

    def _take(self, most: int) -> list[Entry]:
        statement = (
            "SELECT video_id, number, since, tries FROM waiting WHERE failed = 0 AND due <= ? ORDER BY due LIMIT ?"
        )
        rows = self._rows(statement, self._now(), most + len(self._under_way))
        taken = [Entry(*row) for row in rows if row[0] not in self._under_way][:most]
        self._under_way.update(entry.video_id for entry in taken)
        return taken

    def _give_back(self, entry: Entry, statement: str, *values: float | str) -> None:
        try:
            with self._file.writing() as database:
                database.execute(statement, (*values, entry.video_id, entry.number))
        finally:
            self._under_way.discard(entry.video_id)

    def _count(self) -> Counts:
        [row] = self._rows("SELECT count(*) - total(failed), total(failed) FROM waiting")
        return Counts(int(row[0]), int(row[1]))

    def _seconds_to_next(self) -> float | None:
        rows = self._rows(_NEXT, 1 + len(self._under_way))
        now = self._now()
        return next((max(0.0, due - now) for video_id, due in rows if video_id not in self._under_way), None)

    def _rows(self, statement: str, *values: float) -> list[Any]:
        with self._file.reading() as database:
            return database.execute(statement, values).fetchall()
