"""What outlives a process: a small SQLite file for one account and catalog, durable with every write."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ORIGIN = "CREATE TABLE IF NOT EXISTS origin (name TEXT NOT NULL) STRICT;"


class StateError(Exception):
    """A file that cannot be used; the message says why, and what to do."""


class StateFile:
    """A file that one process has for itself. Its threads may share it, one at a time."""

    def __init__(self, path: Path, origin: str, schema: str) -> None:
        """Open a file, or make one. Raises `StateError`.

        Args:
            path: The file; its folder is made too.
            origin: What it is about. A file that is of another origin is refused.
            schema: What makes its tables where they are missing.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = path.with_name(f"{path.name}.lock").open("w")
        except OSError as error:
            raise StateError(f"{error.filename}: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise StateError(f"{path}: another process is working with it; wait until it has ended") from None
        try:
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.executescript(_ORIGIN + schema)
            found = self._database.execute("SELECT name FROM origin").fetchone()
            if found is None:
                self._database.execute("INSERT INTO origin VALUES (?)", (origin,))
        except sqlite3.Error as error:
            self.close()
            raise StateError(f"{path}: {error}; name another file") from error
        if found is not None and found[0] != origin:
            self.close()
            raise StateError(f"{path}: it is of {found[0]}, and not of {origin}; name another file")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection. Raises `StateError` for what goes wrong with it."""
        try:
            yield self._database
        except sqlite3.Error as error:
            raise StateError(f"{self._path} cannot be read: {error}") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for a transaction, which is on disk when the block is left. Raises `StateError`."""
        try:
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                yield self._database
        except sqlite3.Error as error:
            raise StateError(f"{self._path} cannot be written: {error}; what was written before is kept") from error

    def close(self) -> None:
        """Close the file, and let others work with it."""
        if hasattr(self, "_database"):
            self._database.close()
        self._lock.close()
