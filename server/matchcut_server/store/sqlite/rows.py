"""The rows of one catalog: videos and keyword sets read and written inside a transaction."""

import sqlite3

from ...errors import InvalidInput
from ...insights.model import KeywordSet, Video
from ...vectors.keyword_vector import vectorise
from ...vectors.settings import CatalogSettings
from ..port import StoredVideo, VideoChange, WriteOutcome, WriteStatus
from . import codec


def next_revisions(connection: sqlite3.Connection, count: int) -> int:
    """Take `count` revisions and return the last of them."""
    query = "UPDATE store SET revision = revision + ? RETURNING revision"
    return int(connection.execute(query, (count,)).fetchone()[0])


def note_change(connection: sqlite3.Connection, catalog_id: int) -> None:
    """Keep the newest revision, the last one taken, as that of a catalog; once a transaction is enough."""
    query = "UPDATE catalogs SET last_change = (SELECT revision FROM store) WHERE catalog_id = ?"
    connection.execute(query, (catalog_id,))


def load_video(connection: sqlite3.Connection, catalog_id: int, video_id: str) -> StoredVideo | None:
    """Read a video with all its keyword sets; one statement, so all of one moment."""
    query = (
        "SELECT v.metadata, v.revision, k.language, k.keywords FROM videos AS v LEFT JOIN keyword_sets AS k"
        " ON k.catalog_id = v.catalog_id AND k.video_id = v.video_id"
        " WHERE v.catalog_id = ? AND v.video_id = ? ORDER BY k.language"
    )
    rows = connection.execute(query, (catalog_id, video_id)).fetchall()
    if not rows or rows[0][0] is None:
        return None
    metadata, revision = rows[0][:2]
    sets = tuple(codec.decode_keywords(language, keywords) for _, _, language, keywords in rows if language is not None)
    return StoredVideo(codec.decode_video(video_id, metadata, sets), revision)


def weigh_all_anew(connection: sqlite3.Connection) -> None:
    """Compute the vectors of all catalogs, as after a change of how they are made or stored."""
    query = (
        "SELECT catalog_id, settings FROM catalogs"
        " WHERE catalog_id IN (SELECT catalog_id FROM videos WHERE metadata IS NOT NULL)"
    )
    for catalog_id, settings in connection.execute(query).fetchall():
        CatalogRows(connection, catalog_id, codec.decode_settings(settings)).weigh_anew()


class CatalogRows:
    """Writes the rows of one catalog."""

    def __init__(self, connection: sqlite3.Connection, catalog_id: int, settings: CatalogSettings) -> None:
        self._connection = connection
        self._catalog_id = catalog_id
        self._settings = settings

    def write(self, change: VideoChange) -> WriteOutcome:
        """Make one change."""
        stored = load_video(self._connection, self._catalog_id, change.video_id)
        old = stored.video if stored else None
        try:
            new = change.change(old)
        except InvalidInput as refusal:
            return WriteOutcome(WriteStatus.REJECTED, violations=refusal.violations)
        if new is None:
            if old is None:
                return WriteOutcome(WriteStatus.NOT_FOUND)
            return WriteOutcome(WriteStatus.DELETED, self._delete(change.video_id))
        if stored is not None and new == old:
            return WriteOutcome(WriteStatus.UNCHANGED, stored.revision)
        revision = next_revisions(self._connection, 1)
        self._connection.execute(
            "INSERT INTO videos (catalog_id, video_id, revision, metadata) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET revision = excluded.revision, metadata = excluded.metadata",
            (self._catalog_id, change.video_id, revision, codec.encode_metadata(new)),
        )
        self._replace_sets(old, new)
        return WriteOutcome(WriteStatus.UPDATED if old else WriteStatus.CREATED, revision)

    def weigh_anew(self) -> None:
        """Compute all vectors with the settings, and give every video a new revision so that followers hear of it."""
        query = "SELECT video_id FROM videos WHERE catalog_id = ? AND metadata IS NOT NULL ORDER BY video_id"
        for (video_id,) in self._connection.execute(query, (self._catalog_id,)).fetchall():
            stored = load_video(self._connection, self._catalog_id, video_id)
            assert stored is not None
            self._connection.execute(
                "UPDATE videos SET revision = ? WHERE catalog_id = ? AND video_id = ?",
                (next_revisions(self._connection, 1), self._catalog_id, video_id),
            )
            for keyword_set in stored.video.keyword_sets:
                self._write_set(video_id, keyword_set, stored.video.duration)
        note_change(self._connection, self._catalog_id)

    def _delete(self, video_id: str) -> int:
        revision = next_revisions(self._connection, 1)
        key = (self._catalog_id, video_id)
        self._connection.execute("DELETE FROM keyword_sets WHERE catalog_id = ? AND video_id = ?", key)
        self._connection.execute(
            "UPDATE videos SET revision = ?, metadata = NULL WHERE catalog_id = ? AND video_id = ?", (revision, *key)
        )
        return revision

    def _replace_sets(self, old: Video | None, new: Video) -> None:
        before = {keyword_set.language: keyword_set for keyword_set in old.keyword_sets} if old else {}
        same_duration = old is not None and old.duration == new.duration
        for keyword_set in new.keyword_sets:
            if before.pop(keyword_set.language, None) != keyword_set or not same_duration:
                self._write_set(new.video_id, keyword_set, new.duration)
        for language in before:
            self._connection.execute(
                "DELETE FROM keyword_sets WHERE catalog_id = ? AND video_id = ? AND language = ?",
                (self._catalog_id, new.video_id, language),
            )

    def _write_set(self, video_id: str, keyword_set: KeywordSet, duration: float) -> None:
        vector = vectorise(keyword_set, duration, self._settings)
        self._connection.execute(
            "INSERT INTO keyword_sets (catalog_id, video_id, language, keywords, vector) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET keywords = excluded.keywords, vector = excluded.vector",
            (
                self._catalog_id,
                video_id,
                keyword_set.language,
                codec.encode_keywords(keyword_set),
                codec.encode_vector(vector),
            ),
        )
