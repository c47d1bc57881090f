"""The database file: its folder, its connections, and copies of it."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from ...errors import FailedPrecondition, Reason
from .commit import unavailable
from .turn import process_turn

FILE_NAME = "matchcut.sqlite3"

BUSY_SECONDS = 10
"""How long to wait for another process that writes."""


class Database:
    """The database of a folder, which is made if it is not there; durably, as what will be written to it."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._path = folder / FILE_NAME
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._watcher: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def connect(self) -> sqlite3.Connection:
        """Open a connection that waits for other processes and whose commits are durable. Raises `Unavailable`."""
        connection = None
        try:
            connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise unavailable(error) from error
        return connection

    def turn(self) -> AbstractContextManager[None]:
        """Return what holds off other processes that write; it raises `sqlite3.Error` if they leave no turn."""
        return process_turn(self._path.parent, BUSY_SECONDS)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend this thread's connection for reading. Raises `Unavailable` for what goes wrong with it."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self.connect()
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            with self._lock:
                self._readers.append(connection)
        try:
            yield connection
        except sqlite3.Error as error:
            raise unavailable(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Lend this thread's connection for reading more than once what is of one moment. Raises `Unavailable`."""
        with self.reading() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    def version(self) -> int:
        """Return a number that changes with every commit, of any process. Raises `Unavailable`."""
        with self._lock:  # one connection for all threads: the number says what other connections did
            if self._watcher is None:
                self._watcher = self.connect()
            try:
                return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error as error:
                raise unavailable(error) from error

    def close(self) -> None:
        """Close the connections for reading."""
        with self._lock:
            if self._watcher is not None:
                self._watcher.close()
            for connection in self._readers:
                connection.close()
            self._readers = []

    def sync_name(self) -> None:
        """Make the name of the file durable, once it is there."""
        _sync_folder(self._path.parent)


def back_up(folder: Path, target: Path) -> None:
    """Copy the database of a folder, as of one moment, into a new file. The original is only read.

    Raises `FailedPrecondition` if there is no database or the file exists, and `Unavailable`.
    """
    source = folder / FILE_NAME
    if not source.is_file():
        raise FailedPrecondition(Reason.STORE_UNAVAILABLE, f"{folder} is not a data folder of Matchcut; check the path")
    if target.exists():
        raise FailedPrecondition(Reason.INVALID_VALUE, f"{target} exists; name a file that does not")
    unfinished = target.with_name(f"{target.name}.partial")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source, timeout=BUSY_SECONDS)) as original:
            original.execute("PRAGMA query_only = ON")
            with closing(sqlite3.connect(unfinished)) as copy:
                original.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, which can be moved
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(target)
    except sqlite3.Error as error:
        raise unavailable(error) from error
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(target.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it where they are missing, and their names durable."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
