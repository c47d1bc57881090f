"""What servers of earlier schemas have written, written as it is now."""

import sqlite3

import msgspec
from msgspec import Struct

from ...insights.model import Keyword, KeywordSet
from . import codec
from .impressions import add_impressions, is_impression
from .profile_codec import decode_event
from .rows import weigh_anew
from .texts import renew_texts

_AT_ONCE = 1_000


class _Keywords(Struct, frozen=True, array_like=True):
    """How schemas 1 and 2 wrote keywords: one by one."""

    summarized: bool
    keywords: tuple[Keyword, ...]


_decode = msgspec.msgpack.Decoder(_Keywords).decode


def lay_out_keywords(connection: sqlite3.Connection) -> None:
    """Write keywords in columns, and vectors, which held the texts of terms, with their keys."""
    last = 0
    query = "SELECT rowid, language, keywords FROM keyword_sets WHERE rowid > ? ORDER BY rowid LIMIT ?"
    while rows := connection.execute(query, (last, _AT_ONCE)).fetchall():
        last = rows[-1][0]
        connection.executemany(
            "UPDATE keyword_sets SET keywords = ? WHERE rowid = ?",
            [(_laid_out(language, keywords), rowid) for rowid, language, keywords in rows],
        )
    with_videos = (
        "SELECT catalog_id, settings FROM catalogs"
        " WHERE catalog_id IN (SELECT catalog_id FROM videos WHERE metadata IS NOT NULL)"
    )
    for catalog_id, settings in connection.execute(with_videos).fetchall():
        weigh_anew(connection, catalog_id, codec.decode_settings(settings))


def fill_targeting(connection: sqlite3.Connection) -> None:
    """Write the texts of keywords and the impressions of promotions, which earlier schemas did not have apart."""
    for catalog_id, settings in connection.execute("SELECT catalog_id, settings FROM catalogs").fetchall():
        renew_texts(connection, catalog_id, codec.decode_settings(settings))
    query = "SELECT catalog_id, profile_id, event_id, kind, time, video_id, details FROM events"
    for catalog_id, profile_id, *columns in connection.execute(query):
        event_id, kind, time, video_id, details = columns
        event = decode_event(event_id, "", kind, time, video_id, details)
        if is_impression(event):
            add_impressions(connection, catalog_id, [event], {"": profile_id})


def _laid_out(language: str, keywords: bytes) -> bytes:
    old = _decode(keywords)
    return codec.encode_keywords(KeywordSet(language, old.keywords, old.summarized))
