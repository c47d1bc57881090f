"""Rows of videos and keyword sets, and what all writes have in common."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import msgspec

from ...errors import NotFound, Reason
from ...insights.model import KeywordSet, Video
from ...vectors.keyword_vector import vectorise
from ...vectors.settings import CatalogSettings
from ..port import StoredVideo
from . import codec

_AT_ONCE = 1_000
"""Videos that are weighed anew at a time."""


def next_revisions(connection: sqlite3.Connection, count: int) -> int:
    """Take `count` revisions and return the last of them."""
    query = "UPDATE store SET revision = revision + ? RETURNING revision"
    return int(connection.execute(query, (count,)).fetchone()[0])


def note_change(connection: sqlite3.Connection, catalog_id: int) -> None:
    """Keep the newest revision, the last one taken, as that of a catalog; once a transaction is enough."""
    query = "UPDATE catalogs SET last_change = (SELECT revision FROM store) WHERE catalog_id = ?"
    connection.execute(query, (catalog_id,))


def load_settings(connection: sqlite3.Connection, catalog_id: int) -> CatalogSettings:
    """Read the settings of a catalog. Raises `NotFound` if it has been deleted."""
    row = connection.execute("SELECT settings FROM catalogs WHERE catalog_id = ?", (catalog_id,)).fetchone()
    if row is None:
        raise NotFound(Reason.CATALOG_NOT_FOUND, "the catalog has been deleted; create it again to write to it")
    return codec.decode_settings(row[0])


class VideoRow(NamedTuple):
    """The row of a video that is there or was."""

    revision: int
    video: Video | None
    """None if it has been deleted."""

    @property
    def stored(self) -> StoredVideo | None:
        """The video as the store hands it on."""
        return None if self.video is None else StoredVideo(self.video, self.revision)


def load_videos(connection: sqlite3.Connection, catalog_id: int, video_ids: Sequence[str]) -> dict[str, VideoRow]:
    """Read videos with all their keyword sets, by id; one statement, so all of one moment."""
    query = (
        "SELECT v.video_id, v.revision, v.metadata, k.language, k.keywords FROM videos AS v LEFT JOIN keyword_sets AS k"
        " ON k.catalog_id = v.catalog_id AND k.video_id = v.video_id"
        " WHERE v.catalog_id = ? AND v.video_id IN (SELECT value FROM json_each(?)) ORDER BY v.video_id, k.language"
    )
    rows = connection.execute(query, (catalog_id, as_json(video_ids)))
    return {video_id: _video_row(video_id, list(own)) for video_id, own in groupby(rows, itemgetter(0))}


def load_revisions(connection: sqlite3.Connection, catalog_id: int, video_ids: Sequence[str]) -> dict[str, int]:
    """Read at which revisions videos were last changed, deleted ones too, by id."""
    query = (
        "SELECT video_id, revision FROM videos WHERE catalog_id = ? AND video_id IN (SELECT value FROM json_each(?))"
    )
    return dict(connection.execute(query, (catalog_id, as_json(video_ids))).fetchall())


def vector_blob(keyword_set: KeywordSet, duration: float, settings: CatalogSettings) -> bytes:
    """Weigh a keyword set and write its vector as it is stored."""
    return codec.encode_vector(vectorise(keyword_set, duration, settings))


def weigh_anew(connection: sqlite3.Connection, catalog_id: int, settings: CatalogSettings) -> None:
    """Compute all vectors of a catalog, and give every video a new revision so that followers hear of it."""
    for video_ids in _id_lists(connection, catalog_id):
        last = next_revisions(connection, len(video_ids))
        revisions = range(last - len(video_ids) + 1, last + 1)
        connection.executemany(
            "UPDATE videos SET revision = ? WHERE catalog_id = ? AND video_id = ?",
            [(revision, catalog_id, video_id) for revision, video_id in zip(revisions, video_ids, strict=True)],
        )
        videos = [row.video for row in load_videos(connection, catalog_id, video_ids).values() if row.video is not None]
        connection.executemany(
            "UPDATE keyword_sets SET vector = ? WHERE catalog_id = ? AND video_id = ? AND language = ?",
            [
                (vector_blob(keyword_set, video.duration, settings), catalog_id, video.video_id, keyword_set.language)
                for video in videos
                for keyword_set in video.keyword_sets
            ],
        )
    note_change(connection, catalog_id)


def _id_lists(connection: sqlite3.Connection, catalog_id: int) -> Iterator[list[str]]:
    """Yield the ids of the videos that are there, in order, some at a time."""
    query = (
        "SELECT video_id FROM videos"
        " WHERE catalog_id = ? AND video_id > ? AND metadata IS NOT NULL ORDER BY video_id LIMIT ?"
    )
    after = ""
    while found := [video_id for (video_id,) in connection.execute(query, (catalog_id, after, _AT_ONCE))]:
        yield found
        after = found[-1]


def _video_row(video_id: str, rows: Sequence[tuple[str, int, bytes | None, str | None, bytes | None]]) -> VideoRow:
    """Join the rows of the keyword sets of a video; one without any has one row with nulls."""
    _, revision, metadata, _, _ = rows[0]
    if metadata is None:
        return VideoRow(revision, None)
    sets = tuple(
        codec.decode_keywords(language, keywords)
        for *_, language, keywords in rows
        if language is not None and keywords is not None
    )
    return VideoRow(revision, codec.decode_video(video_id, metadata, sets))


def as_json(values: Sequence[str | int | tuple[str, str]]) -> str:
    """Write values so that SQLite's `json_each` reads them: a list of any length as one parameter."""
    return msgspec.json.encode(values).decode()
