"""What has been imported from an account into a catalog: a small SQLite file, durable with every write."""

import fcntl
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Self

SOURCE_LANGUAGE = ""
"""Stands for the language that a video's keywords come in when no other is asked for."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS origin (name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS video (
    video_id TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    languages TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


class Taken(NamedTuple):
    """A video that is in the catalog."""

    video_id: str
    version: str
    """The version of its index, as `ListedVideo.version`."""
    languages: frozenset[str]
    """The languages that were asked for and taken; the source language is `SOURCE_LANGUAGE`."""


class CheckpointError(Exception):
    """A checkpoint that cannot be used; the message says why, and what to do."""


class Checkpoint:
    """The videos that were imported. A video is recorded once the server has acknowledged it, never earlier.

    So after a crash some are read again, which does no harm, and none is missing.
    """

    def __init__(self, path: Path, origin: str) -> None:
        """Open a checkpoint, or make one. Raises `CheckpointError`.

        Args:
            path: The file; its folder is made too.
            origin: What is imported, and where to. A file that is of another origin is refused.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = path.with_name(f"{path.name}.lock").open("w")
        except OSError as error:
            raise CheckpointError(f"{error.filename}: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise CheckpointError(f"{path}: another process is working with it; wait until it has ended") from None
        try:
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._prepare(origin)
        except sqlite3.Error as error:
            self.close()
            raise CheckpointError(f"{path}: {error}; name another file, and everything is read again") from error

    def _prepare(self, origin: str) -> None:
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(_SCHEMA)
        found = self._database.execute("SELECT name FROM origin").fetchone()
        if found is None:
            self._database.execute("INSERT INTO origin VALUES (?)", (origin,))
        elif found[0] != origin:
            self.close()
            raise CheckpointError(f"{self._path}: it is of {found[0]}, and not of {origin}; name another file")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, and let others work with it."""
        if hasattr(self, "_database"):
            self._database.close()
        self._lock.close()

    def videos(self) -> dict[str, Taken]:
        """Return all videos that were imported, by id."""
        rows = self._database.execute("SELECT video_id, version, languages FROM video")
        return {row[0]: Taken(row[0], row[1], frozenset(json.loads(row[2]))) for row in rows}

    def record(self, taken: Iterable[Taken]) -> None:
        """Record videos that the server has acknowledged, in place of what was known of them; on disk on return.

        Raises `CheckpointError`.
        """
        rows = [(one.video_id, one.version, json.dumps(sorted(one.languages))) for one in taken]
        self._change("INSERT OR REPLACE INTO video VALUES (?, ?, ?)", rows)

    def forget(self, video_ids: Iterable[str]) -> None:
        """Forget videos that the server has deleted; on disk on return. Raises `CheckpointError`."""
        self._change("DELETE FROM video WHERE video_id = ?", [(video_id,) for video_id in video_ids])

    def _change(self, statement: str, rows: Sequence[tuple[str, ...]]) -> None:
        try:
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany(statement, rows)
        except sqlite3.Error as error:
            raise CheckpointError(
                f"{self._path}: {error}; nothing is lost, start again once it can be written"
            ) from error
