"""What has been imported from an account into a catalog, durable with every write."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from .state import StateFile

SOURCE_LANGUAGE = ""
"""Stands for the language that a video's keywords come in when no other is asked for."""

_SCHEMA = """
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


class Checkpoint:
    """The videos that were imported. A video is recorded once the server has acknowledged it, never earlier.

    So after a crash some are read again, which does no harm, and none is missing.
    """

    def __init__(self, path: Path, origin: str) -> None:
        """Open a checkpoint, or make one. Raises `StateError`.

        Args:
            path: The file; its folder is made too.
            origin: What is imported, and where to. A file that is of another origin is refused.
        """
        self._file = StateFile(path, origin, _SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, and let others work with it."""
        self._file.close()

    def videos(self) -> dict[str, Taken]:
        """Return all videos that were imported, by id. Raises `StateError`."""
        with self._file.reading() as database:
            rows = database.execute("SELECT video_id, version, languages FROM video")
            return {row[0]: Taken(row[0], row[1], frozenset(json.loads(row[2]))) for row in rows}

    def record(self, taken: Iterable[Taken]) -> None:
        """Record videos that the server has acknowledged, in place of what was known of them; on disk on return.

        Raises `StateError`.
        """
        rows = [(one.video_id, one.version, json.dumps(sorted(one.languages))) for one in taken]
        self._change("INSERT OR REPLACE INTO video VALUES (?, ?, ?)", rows)

    def forget(self, video_ids: Iterable[str]) -> None:
        """Forget videos that the server has deleted; on disk on return. Raises `StateError`."""
        self._change("DELETE FROM video WHERE video_id = ?", [(video_id,) for video_id in video_ids])

    def _change(self, statement: str, rows: Sequence[tuple[str, ...]]) -> None:
        with self._file.writing() as database:
            database.executemany(statement, rows)
