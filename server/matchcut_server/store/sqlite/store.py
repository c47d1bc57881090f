"""See `port.Store`."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ...insights.model import KeywordSet
from ...profiles.model import ProfileSettings
from ...vectors.settings import CatalogSettings
from ...vectors.video import IndexedVideo, Removal
from ..port import (
    DEFAULT_CATALOG,
    DEFAULT_PROFILE_SETTINGS,
    Catalog,
    CatalogChanges,
    StoredVideo,
    VideoChange,
    WriteOutcome,
)
from . import codec
from .commit import MAX_DOCUMENTS, GroupCommit
from .database import Database
from .migration import migrate
from .plan import Plan, Planner, different
from .profile_codec import decode_profile_settings, encode_profile_settings
from .profiles import SqliteProfiles
from .rows import as_json, load_settings, load_videos, next_revisions, note_change, weigh_anew
from .scenarios import SqliteScenarios
from .standing import SqliteStanding
from .texts import KnownTexts, load_keywords_with, renew_texts, signed, unsigned

FEED_CHUNK = 1_000
"""Videos in one list of the feed."""

_TEXTS_AT_ONCE = 20_000

MAX_WAITING_WRITES = 64

_DELETE_CATALOG = (
    "DELETE FROM keyword_sets WHERE catalog_id = ?",
    "DELETE FROM videos WHERE catalog_id = ?",
    "DELETE FROM scenarios WHERE catalog_id = ?",
    "DELETE FROM events WHERE catalog_id = ?",
    "DELETE FROM profiles WHERE catalog_id = ?",
    "DELETE FROM credits WHERE catalog_id = ?",
    "DELETE FROM popularity WHERE catalog_id = ?",
    "DELETE FROM popular_videos WHERE catalog_id = ?",
    "DELETE FROM deleted_users WHERE catalog_id = ?",
    "DELETE FROM standing_interests WHERE catalog_id = ?",
    "DELETE FROM promotion_impressions WHERE catalog_id = ?",
    "DELETE FROM removed_profiles WHERE catalog_id = ?",
    "DELETE FROM keyword_texts WHERE catalog_id = ?",
    "DELETE FROM keyword_words WHERE catalog_id = ?",
    "DELETE FROM catalogs WHERE catalog_id = ?",
)
"""All that is in a catalog, and it itself."""


class SqliteStore:
    """The store in a folder, which is made if it is not there.

    No more than `max_waiting_writes` threads wait to write at the same time.
    """

    def __init__(self, folder: Path, max_waiting_writes: int = MAX_WAITING_WRITES) -> None:
        self._database = Database(folder)
        self._commit = GroupCommit(self._database.connect, max_waiting_writes, self._database.turn)
        self._texts = KnownTexts()
        self.scenarios = SqliteScenarios(self._database, self._commit)
        self.standing = SqliteStanding(self._database, self._commit)
        try:
            migrate(self._commit.connection)
            self._database.sync_name()
            with self._database.reading() as connection:
                self.secret: bytes = connection.execute("SELECT secret FROM store").fetchone()[0]
            self.profiles = SqliteProfiles(self._database, self._commit, self.secret)
            self.create_catalog(DEFAULT_CATALOG, CatalogSettings())
        except BaseException:
            self.close()
            raise

    @property
    def write_connection(self) -> sqlite3.Connection:
        """The one connection that writes."""
        return self._commit.connection

    def revision(self) -> int:
        """See `port.Store`."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT revision FROM store").fetchone()[0])

    def version(self) -> int:
        """See `port.Store`."""
        return self._database.version()

    def catalog_changes(self, after: int) -> CatalogChanges:
        """See `port.Store`."""
        # One statement, so all of one moment.
        query = (
            "SELECT NULL, NULL, NULL, NULL, NULL, revision FROM store"
            " UNION ALL SELECT catalog_id, name, settings, profile_settings, revision, last_change"
            " FROM catalogs WHERE last_change > :after"
            " UNION ALL SELECT catalog_id, NULL, NULL, NULL, NULL, revision"
            " FROM deleted_catalogs WHERE revision > :after"
        )
        with self._database.reading() as connection:
            (*_, newest), *rows = connection.execute(query, {"after": after}).fetchall()
        there = [row for row in rows if row[1] is not None]
        return CatalogChanges(
            newest,
            {catalog_id: last_change for catalog_id, *_, last_change in there},
            [_catalog(row[:5]) for row in there if row[4] > after],
            [row[0] for row in rows if row[1] is None],
        )

    def catalog(self, name: str) -> Catalog | None:
        """See `port.Store`."""
        with self._database.reading() as connection:
            return _find_catalog(connection, name)

    def catalogs(self, after: str, limit: int) -> list[Catalog]:
        """See `port.Store`."""
        query = (
            "SELECT catalog_id, name, settings, profile_settings, revision FROM catalogs"
            " WHERE name > ? ORDER BY name LIMIT ?"
        )
        with self._database.reading() as connection:
            return [_catalog(row) for row in connection.execute(query, (after, limit))]

    def catalog_count(self) -> int:
        """See `port.Store`."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM catalogs").fetchone()[0])

    def create_catalog(
        self, name: str, settings: CatalogSettings, profile_settings: ProfileSettings = DEFAULT_PROFILE_SETTINGS
    ) -> tuple[Catalog, bool]:
        """See `port.Store`."""

        def create(connection: sqlite3.Connection) -> tuple[Catalog, bool]:
            found = _find_catalog(connection, name)
            if found is not None:
                return found, False
            revision = next_revisions(connection, 1)
            connection.execute(
                "INSERT INTO catalogs (name, settings, profile_settings, revision, last_change) VALUES (?, ?, ?, ?, ?)",
                (
                    name,
                    codec.encode_settings(settings),
                    encode_profile_settings(profile_settings),
                    revision,
                    revision,
                ),
            )
            return _existing_catalog(connection, name), True

        return self._commit.run(create, 1)

    def update_catalog(
        self,
        name: str,
        settings: CatalogSettings,
        profile_settings: ProfileSettings = DEFAULT_PROFILE_SETTINGS,
        timeout: float | None = None,
    ) -> Catalog | None:
        """See `port.Store`."""

        def update(connection: sqlite3.Connection) -> Catalog | None:
            found = _find_catalog(connection, name)
            if found is None or (found.settings, found.profile_settings) == (settings, profile_settings):
                return found
            connection.execute(
                "UPDATE catalogs SET settings = ?, profile_settings = ?, revision = ? WHERE catalog_id = ?",
                (
                    codec.encode_settings(settings),
                    encode_profile_settings(profile_settings),
                    next_revisions(connection, 1),
                    found.catalog_id,
                ),
            )
            if found.settings != settings:
                weigh_anew(connection, found.catalog_id, settings)
                renew_texts(connection, found.catalog_id, settings)
            note_change(connection, found.catalog_id)
            return _existing_catalog(connection, name)

        return self._commit.run(update, MAX_DOCUMENTS, timeout)

    def delete_catalog(self, name: str, timeout: float | None = None) -> int | None:
        """See `port.Store`."""

        def delete(connection: sqlite3.Connection) -> int | None:
            found = _find_catalog(connection, name)
            if found is None:
                return None
            for query in _DELETE_CATALOG:
                connection.execute(query, (found.catalog_id,))
            connection.execute(
                "INSERT INTO deleted_catalogs (revision, catalog_id) VALUES (?, ?)",
                (next_revisions(connection, 1), found.catalog_id),
            )
            return found.catalog_id

        return self._commit.run(delete, MAX_DOCUMENTS, timeout)

    def video(self, catalog_id: int, video_id: str) -> StoredVideo | None:
        """See `port.Store`."""
        with self._database.reading() as connection:
            row = load_videos(connection, catalog_id, [video_id]).get(video_id)
        return None if row is None else row.stored

    def videos(self, catalog_id: int, after: str, limit: int, *, with_keywords: bool = True) -> list[StoredVideo]:
        """See `port.Store`."""
        query = (
            "SELECT video_id, metadata, revision FROM videos"
            " WHERE catalog_id = ? AND video_id > ? AND metadata IS NOT NULL ORDER BY video_id LIMIT ?"
        )
        with self._database.snapshot() as connection:  # so that the ids are still those of videos when these are read
            if not with_keywords:
                return [
                    StoredVideo(codec.decode_video(video_id, metadata, ()), revision)
                    for video_id, metadata, revision in connection.execute(query, (catalog_id, after, limit))
                ]
            video_ids = [video_id for video_id, _, _ in connection.execute(query, (catalog_id, after, limit))]
            rows = load_videos(connection, catalog_id, video_ids).values()
        return [row.stored for row in rows if row.stored is not None]

    def write_videos(
        self,
        catalog_id: int,
        changes: Sequence[VideoChange],
        *,
        dry_run: bool = False,
        timeout: float | None = None,
    ) -> list[WriteOutcome]:
        """See `port.Store`."""

        def plan_and_write(connection: sqlite3.Connection) -> list[WriteOutcome]:
            planner = Planner(catalog_id, load_settings(connection, catalog_id), self._texts)
            runs = different(changes, len(changes))
            return [outcome for some in runs for outcome in planner.write(connection, planner.plan(connection, some))]

        if dry_run:
            return self._commit.try_run(plan_and_write, timeout)
        end = None if timeout is None else time.monotonic() + timeout
        outcomes: list[WriteOutcome] = []
        for some in different(changes, MAX_DOCUMENTS):
            with self._database.reading() as connection:
                settings = load_settings(connection, catalog_id)
                planner = Planner(catalog_id, settings, self._texts)
                plans = planner.plan(connection, some)
            write = partial(_write, catalog_id=catalog_id, settings=settings, plans=plans, known=self._texts)
            outcomes += self._commit.run(write, len(some), end and max(end - time.monotonic(), 0.0))
            self._texts.note(catalog_id, [text for plan in plans for text in plan.texts])
        return outcomes

    def keyword_sets(
        self, catalog_id: int, wanted: Sequence[tuple[str, str]]
    ) -> Iterator[list[tuple[int, float, KeywordSet]]]:
        """See `port.Store`."""
        query = (
            "SELECT w.key, v.metadata, k.language, k.keywords FROM json_each(?) AS w"
            " CROSS JOIN keyword_sets AS k ON k.catalog_id = ? AND k.video_id = json_extract(w.value, '$[0]')"
            " AND k.language = json_extract(w.value, '$[1]')"
            " CROSS JOIN videos AS v ON v.catalog_id = k.catalog_id AND v.video_id = k.video_id"
        )
        for start in range(0, len(wanted), FEED_CHUNK):
            some = as_json(wanted[start : start + FEED_CHUNK])
            with self._database.reading() as connection:
                rows = connection.execute(query, (some, catalog_id)).fetchall()
            yield [
                (start + place, codec.decode_duration(metadata), codec.decode_keywords(language, keywords))
                for place, metadata, language, keywords in rows
            ]

    def keyword_texts(self, catalog_id: int, keys: Sequence[int]) -> dict[int, str]:
        """See `port.Store`."""
        query = "SELECT key, text FROM keyword_texts WHERE catalog_id = ? AND key IN (SELECT value FROM json_each(?))"
        with self._database.reading() as connection:
            rows = connection.execute(query, (catalog_id, as_json([signed(key) for key in keys])))
            return {unsigned(key): text for key, text in rows}

    def keywords_with(self, catalog_id: int, words: Sequence[int]) -> list[int]:
        """See `port.Store`."""
        with self._database.reading() as connection:
            return [
                unsigned(key) for key in load_keywords_with(connection, catalog_id, [signed(word) for word in words])
            ]

    def all_keyword_texts(self, catalog_id: int) -> Iterator[list[tuple[int, str]]]:
        """See `port.Store`."""
        query = "SELECT key, text FROM keyword_texts WHERE catalog_id = ? AND key > ? ORDER BY key LIMIT ?"
        after = -(1 << 63)
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(query, (catalog_id, after, _TEXTS_AT_ONCE)).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            yield [(unsigned(key), text) for key, text in rows]

    def feed(self, catalog_id: int, after: int) -> Iterator[list[IndexedVideo | Removal]]:
        """See `port.Store`."""
        query = (
            "SELECT v.video_id, v.revision, v.metadata, k.language, k.vector FROM"
            " (SELECT * FROM videos WHERE catalog_id = ? AND revision > ? ORDER BY revision LIMIT ?) AS v"
            " LEFT JOIN keyword_sets AS k ON k.catalog_id = v.catalog_id AND k.video_id = v.video_id"
            " ORDER BY v.revision, k.language"
        )
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(query, (catalog_id, after, FEED_CHUNK)).fetchall()
            if not rows:
                return
            after = rows[-1][1]
            yield list(_changes(rows))

    def indexed_videos(self, catalog_id: int, revision: int) -> Iterator[list[IndexedVideo]]:
        """See `port.Store`."""
        query = (
            "SELECT v.video_id, v.revision, v.metadata, k.language, k.vector FROM"
            " (SELECT * FROM videos WHERE catalog_id = ? AND video_id > ? AND revision <= ? AND metadata IS NOT NULL"
            " ORDER BY video_id LIMIT ?) AS v"
            " LEFT JOIN keyword_sets AS k ON k.catalog_id = v.catalog_id AND k.video_id = v.video_id"
            " ORDER BY v.video_id, k.language"
        )
        after = ""
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(query, (catalog_id, after, revision, FEED_CHUNK)).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            yield [change for change in _changes(rows) if isinstance(change, IndexedVideo)]

    def changes_after(self, catalog_id: int, revision: int) -> int:
        """See `port.Store`."""
        query = "SELECT count(*) FROM videos WHERE catalog_id = ? AND revision > ?"
        with self._database.reading() as connection:
            return int(connection.execute(query, (catalog_id, revision)).fetchone()[0])

    def video_count(self, catalog_id: int) -> int:
        """See `port.Store`."""
        query = "SELECT count(*) FROM videos WHERE catalog_id = ? AND metadata IS NOT NULL"
        with self._database.reading() as connection:
            return int(connection.execute(query, (catalog_id,)).fetchone()[0])

    def close(self) -> None:
        """See `port.Store`."""
        self._database.close()
        self._commit.close()


def _catalog(row: tuple[int, str, bytes, bytes, int]) -> Catalog:
    catalog_id, name, settings, profile_settings, revision = row
    return Catalog(
        catalog_id, name, codec.decode_settings(settings), revision, decode_profile_settings(profile_settings)
    )


def _find_catalog(connection: sqlite3.Connection, name: str) -> Catalog | None:
    query = "SELECT catalog_id, name, settings, profile_settings, revision FROM catalogs WHERE name = ?"
    row = connection.execute(query, (name,)).fetchone()
    return None if row is None else _catalog(row)


def _write(
    connection: sqlite3.Connection,
    catalog_id: int,
    settings: CatalogSettings,
    plans: Sequence[Plan],
    known: KnownTexts,
) -> list[WriteOutcome]:
    """Carry out plans, or if the settings have changed since they were made, new ones."""
    now = load_settings(connection, catalog_id)
    planner = Planner(catalog_id, now, known)
    if now != settings:
        plans = planner.plan(connection, [plan.change for plan in plans])
    return planner.write(connection, plans)


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
            yield IndexedVideo(codec.decode_facts(video_id, metadata, languages, revision), vectors, revision)
        start = end
