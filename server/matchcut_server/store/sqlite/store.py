"""See `port.Store`."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ...errors import FailedPrecondition, NotFound, Reason, Unavailable
from ...index.video import IndexedVideo, Removal
from ...vectors.settings import CatalogSettings
from ..port import DEFAULT_CATALOG, Catalog, StoredVideo, VideoChange, WriteOutcome
from . import codec
from .commit import MAX_DOCUMENTS, GroupCommit
from .migration import migrate
from .rows import CatalogRows, load_video, next_revisions

FILE_NAME = "matchcut.sqlite3"
FEED_CHUNK = 1_000
"""Videos in one list of the feed."""

BUSY_SECONDS = 10
"""How long to wait for another process that writes."""


class SqliteStore:
    """The store in a folder, which is made if it is not there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE_NAME
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self.write_connection = self._open()
        self._commit = GroupCommit(self.write_connection)
        try:
            migrate(self.write_connection)
            _sync_folder(folder)
            self.secret: bytes = self._read().execute("SELECT secret FROM store").fetchone()[0]
            self.create_catalog(DEFAULT_CATALOG, CatalogSettings())
        except BaseException:
            self.close()
            raise

    @staticmethod
    def exists(folder: Path) -> bool:
        """Tell whether a folder holds a store."""
        return (folder / FILE_NAME).is_file()

    def revision(self) -> int:
        """See `port.Store`."""
        return int(self._read().execute("SELECT revision FROM store").fetchone()[0])

    def catalog(self, name: str) -> Catalog | None:
        """See `port.Store`."""
        return _find_catalog(self._read(), name)

    def catalogs(self, after: str, limit: int) -> list[Catalog]:
        """See `port.Store`."""
        query = "SELECT catalog_id, name, settings, revision FROM catalogs WHERE name > ? ORDER BY name LIMIT ?"
        return [_catalog(row) for row in self._read().execute(query, (after, limit))]

    def catalog_count(self) -> int:
        """See `port.Store`."""
        return int(self._read().execute("SELECT count(*) FROM catalogs").fetchone()[0])

    def has_catalog(self, catalog_id: int) -> bool:
        """See `port.Store`."""
        query = "SELECT 1 FROM catalogs WHERE catalog_id = ?"
        return self._read().execute(query, (catalog_id,)).fetchone() is not None

    def create_catalog(self, name: str, settings: CatalogSettings) -> tuple[Catalog, bool]:
        """See `port.Store`."""

        def create(connection: sqlite3.Connection) -> tuple[Catalog, bool]:
            found = _find_catalog(connection, name)
            if found is not None:
                return found, False
            revision = next_revisions(connection, 1)
            connection.execute(
                "INSERT INTO catalogs (name, settings, revision) VALUES (?, ?, ?)",
                (name, codec.encode_settings(settings), revision),
            )
            return _existing_catalog(connection, name), True

        return self._commit.run(create, 1)

    def update_catalog(self, name: str, settings: CatalogSettings) -> Catalog | None:
        """See `port.Store`."""

        def update(connection: sqlite3.Connection) -> Catalog | None:
            found = _find_catalog(connection, name)
            if found is None or found.settings == settings:
                return found
            connection.execute(
                "UPDATE catalogs SET settings = ?, revision = ? WHERE catalog_id = ?",
                (codec.encode_settings(settings), next_revisions(connection, 1), found.catalog_id),
            )
            CatalogRows(connection, found.catalog_id, settings).weigh_anew()
            return _existing_catalog(connection, name)

        return self._commit.run(update, MAX_DOCUMENTS)

    def delete_catalog(self, name: str) -> bool:
        """See `port.Store`."""

        def delete(connection: sqlite3.Connection) -> bool:
            found = _find_catalog(connection, name)
            if found is None:
                return False
            key = (found.catalog_id,)
            connection.execute("DELETE FROM keyword_sets WHERE catalog_id = ?", key)
            connection.execute("DELETE FROM videos WHERE catalog_id = ?", key)
            connection.execute("DELETE FROM catalogs WHERE catalog_id = ?", key)
            next_revisions(connection, 1)
            return True

        return self._commit.run(delete, MAX_DOCUMENTS)

    def video(self, catalog_id: int, video_id: str) -> StoredVideo | None:
        """See `port.Store`."""
        return load_video(self._read(), catalog_id, video_id)

    def videos(self, catalog_id: int, after: str, limit: int, *, with_keywords: bool = True) -> list[StoredVideo]:
        """See `port.Store`."""
        query = (
            "SELECT video_id, metadata, revision FROM videos"
            " WHERE catalog_id = ? AND video_id > ? AND metadata IS NOT NULL ORDER BY video_id LIMIT ?"
        )
        connection = self._read()
        if not with_keywords:
            return [
                StoredVideo(codec.decode_video(video_id, metadata, ()), revision)
                for video_id, metadata, revision in connection.execute(query, (catalog_id, after, limit))
            ]
        connection.execute("BEGIN")  # so that the keyword sets are those of the same moment
        try:
            rows = connection.execute(query, (catalog_id, after, limit)).fetchall()
            found = [load_video(connection, catalog_id, video_id) for video_id, _, _ in rows]
        finally:
            connection.execute("COMMIT")
        return [stored for stored in found if stored is not None]

    def write_videos(
        self, catalog_id: int, changes: Sequence[VideoChange], *, dry_run: bool = False
    ) -> list[WriteOutcome]:
        """See `port.Store`."""

        def write(connection: sqlite3.Connection, some: Sequence[VideoChange]) -> list[WriteOutcome]:
            row = connection.execute("SELECT settings FROM catalogs WHERE catalog_id = ?", (catalog_id,)).fetchone()
            if row is None:
                raise NotFound(Reason.CATALOG_NOT_FOUND, "the catalog has been deleted; create it again to write to it")
            rows = CatalogRows(connection, catalog_id, codec.decode_settings(row[0]))
            return [rows.write(change) for change in some]

        if dry_run:
            return self._commit.try_run(lambda connection: write(connection, changes))
        outcomes: list[WriteOutcome] = []
        for start in range(0, len(changes), MAX_DOCUMENTS):
            some = changes[start : start + MAX_DOCUMENTS]
            outcomes += self._commit.run(partial(write, some=some), len(some))
        return outcomes

    def feed(self, catalog_id: int, after: int) -> Iterator[list[IndexedVideo | Removal]]:
        """See `port.Store`."""
        query = (
            "SELECT v.video_id, v.revision, v.metadata, k.language, k.vector FROM"
            " (SELECT * FROM videos WHERE catalog_id = ? AND revision > ? ORDER BY revision LIMIT ?) AS v"
            " LEFT JOIN keyword_sets AS k ON k.catalog_id = v.catalog_id AND k.video_id = v.video_id"
            " ORDER BY v.revision, k.language"
        )
        while True:
            rows = self._read().execute(query, (catalog_id, after, FEED_CHUNK)).fetchall()
            if not rows:
                return
            after = rows[-1][1]
            yield list(_changes(rows))

    def backup(self, target: Path) -> None:
        """See `port.Store`."""
        if target.exists():
            message = f"{target} exists; name a file that does not"
            raise FailedPrecondition(Reason.INVALID_VALUE, message)
        unfinished = target.with_name(f"{target.name}.partial")
        unfinished.unlink(missing_ok=True)
        copy = sqlite3.connect(unfinished)
        try:
            self._read().backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, which can be moved
        finally:
            copy.close()
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(target)
        _sync_folder(target.parent)

    def close(self) -> None:
        """See `port.Store`."""
        with self._lock:
            for connection in (*self._readers, self.write_connection):
                connection.close()
            self._readers = []

    def _open(self) -> sqlite3.Connection:
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
            message = f"cannot open the store {self._path}: {error}"
            raise Unavailable(Reason.STORE_UNAVAILABLE, message, retry_after=1.0) from error
        return connection

    def _read(self) -> sqlite3.Connection:
        """Return this thread's connection for reading."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._open()
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            with self._lock:
                self._readers.append(connection)
        return connection


def _catalog(row: tuple[int, str, bytes, int]) -> Catalog:
    catalog_id, name, settings, revision = row
    return Catalog(catalog_id, name, codec.decode_settings(settings), revision)


def _find_catalog(connection: sqlite3.Connection, name: str) -> Catalog | None:
    query = "SELECT catalog_id, name, settings, revision FROM catalogs WHERE name = ?"
    row = connection.execute(query, (name,)).fetchone()
    return None if row is None else _catalog(row)


def _existing_catalog(connection: sqlite3.Connection, name: str) -> Catalog:
    found = _find_catalog(connection, name)
    assert found is not None
    return found


def _changes(
    rows: Sequence[tuple[str, int, bytes | None, str | None, bytes | None]],
) -> Iterator[IndexedVideo | Removal]:
    """Join the rows of the keyword sets of each video; a video without any has one row with nulls."""
    start = 0
    while start < len(rows):
        video_id, revision, metadata, _, _ = rows[start]
        end = start
        while end < len(rows) and rows[end][1] == revision:
            end += 1
        if metadata is None:
            yield Removal(video_id, revision)
        else:
            vectors = tuple(
                codec.decode_vector(language, vector)
                for _, _, _, language, vector in rows[start:end]
                if language is not None and vector is not None
            )
            languages = tuple(vector.language for vector in vectors)
            yield IndexedVideo(codec.decode_facts(video_id, metadata, languages), vectors, revision)
        start = end


def _sync_folder(folder: Path) -> None:
    """Make the names of new files in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
