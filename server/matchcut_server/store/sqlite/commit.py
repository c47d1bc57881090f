"""Group commit: writes that wait at the same time share one fsync."""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from ...errors import MatchcutError, Reason, Unavailable

T = TypeVar("T")

MAX_DOCUMENTS = 100
"""Documents in one commit. More would make others wait; fewer would spend the time on fsync."""

Job = Callable[[sqlite3.Connection], Any]


class GroupCommit:
    """Runs jobs on the one connection that writes, several in a transaction.

    Whoever finds the connection free takes it, with the jobs that have gathered, and commits them; the others find
    theirs done when they get it. A job that fails is undone alone.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._turn = threading.Lock()
        self._jobs: deque[tuple[Job, int, Future[Any]]] = deque()

    def run(self, job: Callable[[sqlite3.Connection], T], documents: int) -> T:
        """Run `job` in a transaction and return its result once that is durable.

        `documents`: how many it writes. Raises what the job raises, or `Unavailable` if the commit fails.
        """
        future: Future[T] = Future()
        self._jobs.append((job, documents, future))
        while not future.done():
            with self._turn:
                if not future.done():
                    self._commit_some()
        return future.result()

    def try_run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run `job` in a transaction of its own and undo it."""
        with self._turn:
            self._begin()
            try:
                return job(self._connection)
            finally:
                self._connection.execute("ROLLBACK")

    def _commit_some(self) -> None:
        batch: list[tuple[Job, int, Future[Any]]] = []
        documents = 0
        while self._jobs and (not batch or documents + self._jobs[0][1] <= MAX_DOCUMENTS):
            batch.append(self._jobs.popleft())
            documents += batch[-1][1]
        try:
            self._begin()
            outcomes = [(future, *self._run_one(job)) for job, _, future in batch]
            self._connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - every waiting caller has to hear of it
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            failure = _unavailable(error) if isinstance(error, sqlite3.Error) else error
            for _, _, future in batch:
                future.set_exception(failure)
            return
        for future, result, failed in outcomes:
            if failed is None:
                future.set_result(result)
            else:
                future.set_exception(failed)

    def _begin(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise _unavailable(error) from error

    def _run_one(self, job: Job) -> tuple[Any, Exception | None]:
        self._connection.execute("SAVEPOINT job")
        try:
            return job(self._connection), None
        except sqlite3.Error:
            raise  # a full disk concerns the whole transaction
        except Exception as error:  # noqa: BLE001 - raised again in the thread whose job it was
            self._connection.execute("ROLLBACK TO job")
            return None, error
        finally:
            if self._connection.in_transaction:
                self._connection.execute("RELEASE job")


def _unavailable(error: BaseException) -> MatchcutError:
    message = f"the store cannot write ({type(error).__name__}); nothing was changed: check the disk of the server"
    return Unavailable(Reason.STORE_UNAVAILABLE, message, retry_after=1.0)
