"""Group commit: writes that wait at the same time share one fsync."""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, NamedTuple, TypeVar

from ...errors import DeadlineExceeded, Reason, Unavailable

T = TypeVar("T")

MAX_DOCUMENTS = 100
"""Documents in one commit. More would make others wait; fewer would spend the time on fsync."""

RETRY_SECONDS = 0.5

Job = Callable[[sqlite3.Connection], Any]


class _Waiting(NamedTuple):
    job: Job
    documents: int
    future: Future[Any]


class GroupCommit:
    """Runs jobs on the one connection that writes, several in a transaction.

    Whoever finds the connection free takes it, with the jobs that have gathered, and commits them; the others find
    theirs done when they get it. A job that fails is undone alone. `connect` opens the connection, `process_turn` holds
    off other processes meanwhile. No more than `max_waiting` threads wait at the same time; the others are sent away,
    so that a long write does not use up all.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        max_waiting: int,
        process_turn: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._connect = connect
        self._process_turn = process_turn
        self.connection = connect()
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(max_waiting)
        self._jobs: deque[_Waiting] = deque()
        self._taking = threading.Lock()
        """For whoever takes jobs out, to run them or because they have waited too long."""

    def run(self, job: Callable[[sqlite3.Connection], T], documents: int, timeout: float | None = None) -> T:
        """Run `job` in a transaction and return its result once that is durable.

        `documents`: how many it writes. Raises what the job raises, `DeadlineExceeded` if it could not begin within
        `timeout` seconds, or `Unavailable` if the commit fails or too many wait.
        """
        if not self._places.acquire(blocking=False):
            message = "too many writes wait for the store; try again in a moment"
            raise Unavailable(Reason.STORE_UNAVAILABLE, message, retry_after=RETRY_SECONDS)
        try:
            result: T = self._run(_Waiting(job, documents, Future()), timeout)
            return result
        finally:
            self._places.release()

    def try_run(self, job: Callable[[sqlite3.Connection], T], timeout: float | None = None) -> T:
        """Run `job` in a transaction of its own and undo it."""
        if not self._turn.acquire(timeout=-1 if timeout is None else max(timeout, 0.0)):
            raise DeadlineExceeded
        try:
            with self._process_turn():
                try:
                    self.connection.execute("BEGIN IMMEDIATE")
                    return job(self.connection)
                finally:
                    self._undo()
        except sqlite3.Error as error:
            raise unavailable(error) from error
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _run(self, waiting: _Waiting, timeout: float | None) -> Any:
        end = None if timeout is None else time.monotonic() + timeout
        self._jobs.append(waiting)
        while not waiting.future.done():
            left = -1 if end is None else max(end - time.monotonic(), 0.0)
            if self._turn.acquire(timeout=left):
                try:
                    if not waiting.future.done():
                        self._commit_some()
                finally:
                    self._turn.release()
            else:
                # What has not begun by now never begins; what has is as good as done.
                with suppress(ValueError):
                    with self._taking:
                        self._jobs.remove(waiting)
                    raise DeadlineExceeded
                break
        return waiting.future.result()

    def _take_some(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        documents = 0
        with self._taking:
            while self._jobs and (not batch or documents + self._jobs[0].documents <= MAX_DOCUMENTS):
                batch.append(self._jobs.popleft())
                documents += batch[-1].documents
        return batch

    def _commit_some(self) -> None:
        batch = self._take_some()
        outcomes: list[tuple[Any, Exception | None]] = []
        failure: BaseException | None = None
        try:
            with self._process_turn():
                try:
                    self.connection.execute("BEGIN IMMEDIATE")
                    outcomes = [self._run_one(waiting.job) for waiting in batch]
                    self.connection.execute("COMMIT")
                finally:
                    self._undo()
        except sqlite3.Error as error:
            failure = unavailable(error)
        except BaseException as error:  # noqa: BLE001 - every waiting caller has to hear of it
            failure = error
        finally:
            for number, waiting in enumerate(batch):
                _resolve(waiting.future, failure, outcomes[number] if failure is None else None)

    def _run_one(self, job: Job) -> tuple[Any, Exception | None]:
        self.connection.execute("SAVEPOINT job")
        try:
            result = job(self.connection)
        except sqlite3.Error:
            raise  # a full disk concerns the whole transaction
        except Exception as error:  # noqa: BLE001 - raised again in the thread whose job it was
            self.connection.execute("ROLLBACK TO job")
            self.connection.execute("RELEASE job")
            return None, error
        self.connection.execute("RELEASE job")
        return result, None

    def _undo(self) -> None:
        """Leave no transaction open, whatever it takes: a connection that cannot even roll back is replaced."""
        with suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if not self.connection.in_transaction:
                return
        with suppress(sqlite3.Error):
            self.connection.close()
        with suppress(Unavailable):  # then writes fail until the disk is well again
            self.connection = self._connect()


def commits(items: Sequence[T], most: int, timeout: float | None) -> Iterator[tuple[Sequence[T], int, float | None]]:
    """Cut items into commits; yield each with how many documents it is worth, and the seconds that are left for it."""
    end = None if timeout is None else time.monotonic() + timeout
    for start in range(0, len(items), most):
        some = items[start : start + most]
        left = None if end is None else max(end - time.monotonic(), 0.0)
        yield some, -(-len(some) * MAX_DOCUMENTS // most), left


def _resolve(future: Future[Any], failure: BaseException | None, outcome: tuple[Any, Exception | None] | None) -> None:
    error = failure if outcome is None else outcome[1]
    if error is not None:
        future.set_exception(error)
    elif outcome is not None:
        future.set_result(outcome[0])


def unavailable(error: sqlite3.Error) -> Unavailable:
    """Say that the store cannot be used, without SQLite's words, which name files of the server."""
    message = (
        f"the store of the server cannot be used now ({type(error).__name__}; its log has more); items of a batch may "
        "have been written: send the whole batch again"
    )
    refusal = Unavailable(Reason.STORE_UNAVAILABLE, message, retry_after=RETRY_SECONDS)
    refusal.__cause__ = error
    return refusal
