"""Credits of events in rows: one of each video as it is, and one of each event that tells which spans were watched."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...insights.timespan import Span
from ...profiles.credit import credit_of, watched_share
from ...profiles.model import Event, EventKind
from ...vectors.settings import CatalogSettings
from . import codec
from .profile_codec import encode_credit
from .rows import as_json, load_videos

_AT_ONCE = 100
"""Videos that are read at a time, with all their keywords."""


class Credited(NamedTuple):
    """What an event counts for."""

    share: float | None
    """None as long as the video is not known."""
    credit_id: int | None


class _Known(NamedTuple):
    """A video that has keyword sets."""

    revision: int
    duration: float
    credit_id: int | None
    """The credit of all of it, if any event has it yet."""


_Made = tuple[str, int, tuple[Span, ...]]
"""What a credit is made of: a video at a revision, and the spans of it; no spans: all of it."""


class Crediting:
    """Gives the events of one catalog, as it is weighed by `settings`, their credits.

    Whoever writes may prepare them before the transaction, because other writes wait for that.
    """

    def __init__(self, catalog_id: int, settings: CatalogSettings) -> None:
        self.settings = settings
        self._catalog_id = catalog_id
        self._made: dict[_Made, bytes] = {}

    def prepare(self, connection: sqlite3.Connection, events: Sequence[Event]) -> None:
        """Make the credits that events would need now. Reads more than once, so in a transaction."""
        self._make(connection, events, self._known(connection, events))

    def credit(self, connection: sqlite3.Connection, events: Sequence[Event]) -> list[Credited]:
        """Write the credits that events need and tell which they are, inside a transaction."""
        known = self._known(connection, events)
        self._make(connection, events, known)
        return [self._credited(connection, event, known) for event in events]

    def _known(self, connection: sqlite3.Connection, events: Iterable[Event]) -> dict[str, _Known]:
        query = (
            "SELECT v.video_id, v.revision, v.metadata, c.credit_id FROM videos AS v"
            " LEFT JOIN credits AS c"
            " ON c.catalog_id = v.catalog_id AND c.video_id = v.video_id AND c.revision = v.revision"
            " WHERE v.catalog_id = ? AND v.video_id IN (SELECT value FROM json_each(?)) AND v.metadata IS NOT NULL"
            " AND EXISTS"
            " (SELECT 1 FROM keyword_sets AS k WHERE k.catalog_id = v.catalog_id AND k.video_id = v.video_id)"
        )
        video_ids = list({event.video_id for event in events})
        rows = connection.execute(query, (self._catalog_id, as_json(video_ids)))
        return {
            video_id: _Known(revision, codec.decode_duration(metadata), credit_id)
            for video_id, revision, metadata, credit_id in rows
        }

    def _make(self, connection: sqlite3.Connection, events: Iterable[Event], known: dict[str, _Known]) -> None:
        """Make the credits of events that neither the database nor this object has."""
        wanted: dict[str, set[_Made]] = {}
        for event in events:
            video = known.get(event.video_id)
            if video is not None:
                made = (event.video_id, video.revision, _spans(event))
                if made not in self._made and (made[2] or video.credit_id is None):
                    wanted.setdefault(event.video_id, set()).add(made)
        video_ids = list(wanted)
        for start in range(0, len(video_ids), _AT_ONCE):
            rows = load_videos(connection, self._catalog_id, video_ids[start : start + _AT_ONCE])
            for video_id, row in rows.items():
                assert row.video is not None
                for made in wanted[video_id]:
                    self._made[made] = encode_credit(credit_of(row.video, made[2], self.settings))

    def _credited(self, connection: sqlite3.Connection, event: Event, known: dict[str, _Known]) -> Credited:
        if not event.video_id:
            return Credited(watched_share(event, 0.0), None)
        video = known.get(event.video_id)
        if video is None:
            return Credited(None, None)
        spans = _spans(event)
        if spans:
            credit_id = self._add(connection, event.video_id, None, self._made[event.video_id, video.revision, spans])
        elif video.credit_id is None:
            credit_id = self._share(connection, event.video_id, video.revision)
            known[event.video_id] = video._replace(credit_id=credit_id)
        else:
            credit_id = video.credit_id
        return Credited(watched_share(event, video.duration), credit_id)

    def _share(self, connection: sqlite3.Connection, video_id: str, revision: int) -> int:
        """Return the credit of all of a video; where only other things than keywords have changed, the old one."""
        credit = self._made[video_id, revision, ()]
        query = (
            "UPDATE credits SET revision = ?"
            " WHERE catalog_id = ? AND video_id = ? AND revision IS NOT NULL AND credit = ? RETURNING credit_id"
        )
        found = connection.execute(query, (revision, self._catalog_id, video_id, credit)).fetchone()
        return self._add(connection, video_id, revision, credit) if found is None else int(found[0])

    def _add(self, connection: sqlite3.Connection, video_id: str, revision: int | None, credit: bytes) -> int:
        query = "INSERT INTO credits (catalog_id, video_id, revision, credit) VALUES (?, ?, ?, ?) RETURNING credit_id"
        return int(connection.execute(query, (self._catalog_id, video_id, revision, credit)).fetchone()[0])


def _spans(event: Event) -> tuple[Span, ...]:
    return event.watched_spans if event.kind is EventKind.VIEW else ()
