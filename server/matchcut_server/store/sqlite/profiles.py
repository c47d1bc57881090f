"""See `profile_port.ProfileStore`."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from ...errors import InvalidInput, Reason, Violation
from ...profiles.model import CreditedEvent, Event, History, StoredProfile
from ..port import WriteOutcome, WriteStatus
from ..profile_port import FeedPlace, FollowedProfile, Merge, PopularityChanges, ProfileChange, Recorded
from .commit import MAX_DOCUMENTS, GroupCommit, commits
from .credits import Crediting
from .database import Database
from .deletion import Deletions
from .events import delete_events, load_events, record
from .histories import load_events_of_many
from .impressions import load_impressions
from .popularity import load_popularity
from .profile_codec import decode_declared, encode_declared
from .profile_feed import PROFILE_CHUNK, load_changes, load_followed
from .rows import as_json, load_settings, next_revisions

T = TypeVar("T")

EVENTS_OF_A_DOCUMENT = 10
"""Events, or profiles, that take about as long to write as a document."""

_FIRST = (float("-inf"), "")


class _Row(NamedTuple):
    """The row of a profile."""

    profile_id: int
    user_id: str
    declared: bytes
    event_count: int
    last_event_time: float | None
    revision: int
    birth: int

    @property
    def stored(self) -> StoredProfile:
        """The profile as the store hands it on."""
        return StoredProfile(
            self.user_id,
            decode_declared(self.declared),
            self.event_count,
            self.last_event_time,
            self.revision,
            self.birth,
        )


class SqliteProfiles:
    """Profiles and events in the database of a store."""

    def __init__(self, database: Database, commit: GroupCommit, secret: bytes) -> None:
        self._database = database
        self._commit = commit
        self._deletions = Deletions(secret)

    def profile(self, catalog_id: int, user_id: str) -> StoredProfile | None:
        """See `profile_port.ProfileStore`."""
        with self._database.reading() as connection:
            row = _find(connection, catalog_id, user_id)
        return None if row is None else row.stored

    def profiles(self, catalog_id: int, after: str, limit: int) -> list[StoredProfile]:
        """See `profile_port.ProfileStore`."""
        with self._database.reading() as connection:
            return [row.stored for row in _list(connection, catalog_id, after, limit)]

    def profile_count(self, catalog_id: int) -> int:
        """See `profile_port.ProfileStore`."""
        return self._count("SELECT count(*) FROM profiles WHERE catalog_id = ?", catalog_id)

    def event_count(self, catalog_id: int) -> int:
        """See `profile_port.ProfileStore`."""
        return self._count("SELECT count(*) FROM events WHERE catalog_id = ?", catalog_id)

    def history(self, catalog_id: int, user_id: str) -> History | None:
        """See `profile_port.ProfileStore`."""
        with self._database.snapshot() as connection:
            row = _find(connection, catalog_id, user_id)
            if row is None:
                return None
            return History(row.stored, tuple(load_events(connection, row.profile_id, user_id, _FIRST, -1)))

    def histories(self, catalog_id: int, after: str, limit: int) -> list[History]:
        """See `profile_port.ProfileStore`."""
        with self._database.snapshot() as connection:
            rows = _list(connection, catalog_id, after, limit)
            active = {row.profile_id: row.user_id for row in rows if row.event_count}
            events = load_events_of_many(connection, active) if active else {}
        return [History(row.stored, tuple(events.get(row.profile_id, ()))) for row in rows]

    def every_nth_user(self, catalog_id: int, n: int) -> list[str]:
        """See `profile_port.ProfileStore`."""
        query = "SELECT user_id FROM profiles WHERE catalog_id = ? AND user_id > ? ORDER BY user_id LIMIT 1 OFFSET ?"
        found: list[str] = []
        with self._database.snapshot() as connection:
            row = connection.execute(query, (catalog_id, "", n - 1)).fetchone()
            while row is not None:
                found.append(row[0])
                row = connection.execute(query, (catalog_id, row[0], n - 1)).fetchone()
        return found

    def events(self, catalog_id: int, user_id: str, after: tuple[float, str], limit: int) -> list[CreditedEvent]:
        """See `profile_port.ProfileStore`."""
        with self._database.snapshot() as connection:
            row = _find(connection, catalog_id, user_id)
            return [] if row is None else load_events(connection, row.profile_id, user_id, after, limit)

    def write_profiles(
        self, catalog_id: int, changes: Sequence[ProfileChange], timeout: float | None = None
    ) -> list[WriteOutcome]:
        """See `profile_port.ProfileStore`."""
        most = MAX_DOCUMENTS * EVENTS_OF_A_DOCUMENT
        return self._write_each(catalog_id, changes, _change, most, timeout)

    def record_events(self, catalog_id: int, events: Sequence[Event], timeout: float | None = None) -> Recorded:
        """See `profile_port.ProfileStore`."""
        outcomes: list[WriteOutcome] = []
        missing: dict[str, None] = {}
        for some, documents, left in commits(events, MAX_DOCUMENTS * EVENTS_OF_A_DOCUMENT, timeout):
            with self._database.snapshot() as connection:
                crediting = Crediting(catalog_id, load_settings(connection, catalog_id))
                crediting.prepare(connection, some)
            write = partial(_record, catalog_id=catalog_id, events=some, crediting=crediting, deletions=self._deletions)
            recorded = self._commit.run(write, documents, left)
            outcomes += recorded.outcomes
            missing.update(dict.fromkeys(recorded.missing_ids))
        return Recorded(outcomes, list(missing))

    def merge_profiles(
        self, catalog_id: int, merges: Sequence[Merge], timeout: float | None = None
    ) -> list[WriteOutcome]:
        """See `profile_port.ProfileStore`."""
        return self._write_each(catalog_id, merges, _merge, MAX_DOCUMENTS, timeout)

    def delete_profiles(
        self, catalog_id: int, user_ids: Sequence[str], time: float, timeout: float | None = None
    ) -> list[WriteOutcome]:
        """See `profile_port.ProfileStore`."""
        delete = partial(_delete, time=time, deletions=self._deletions)
        return self._write_each(catalog_id, user_ids, delete, MAX_DOCUMENTS, timeout)

    def last_deletion(self) -> int:
        """See `profile_port.ProfileStore`."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT last_deletion FROM store").fetchone()[0])

    def impressions(self, catalog_id: int, promotion_id: str, since: float, until: float) -> dict[int, int]:
        """See `profile_port.ProfileStore`."""
        with self._database.reading() as connection:
            return load_impressions(connection, catalog_id, promotion_id, since, until)

    def feed(self, catalog_id: int, after: FeedPlace) -> Iterator[list[FollowedProfile]]:
        """See `profile_port.ProfileStore`."""
        while True:
            with self._database.snapshot() as connection:
                changes = load_changes(connection, catalog_id, after)
            if not changes:
                return
            yield changes
            after = changes[-1].place

    def followed(
        self, catalog_id: int, profile_ids: Sequence[int], *, with_events: bool = True
    ) -> Iterator[list[FollowedProfile]]:
        """See `profile_port.ProfileStore`."""
        for start in range(0, len(profile_ids), PROFILE_CHUNK):
            with self._database.snapshot() as connection:
                some = profile_ids[start : start + PROFILE_CHUNK]
                found = load_followed(connection, catalog_id, some, with_events=with_events)
            if found:
                yield found

    def changes_after(self, catalog_id: int, revision: int) -> int:
        """See `profile_port.ProfileStore`."""
        query = (
            "SELECT (SELECT count(*) FROM profiles WHERE catalog_id = :catalog AND revision > :revision)"
            " + (SELECT count(*) FROM removed_profiles WHERE catalog_id = :catalog AND revision > :revision)"
        )
        with self._database.reading() as connection:
            row = connection.execute(query, {"catalog": catalog_id, "revision": revision}).fetchone()
        return int(row[0])

    def removals_after(self, catalog_id: int, revision: int) -> int:
        """See `profile_port.ProfileStore`."""
        query = "SELECT count(*) FROM removed_profiles WHERE catalog_id = ? AND revision > ?"
        with self._database.reading() as connection:
            return int(connection.execute(query, (catalog_id, revision)).fetchone()[0])

    def profile_ids(self, catalog_id: int, user_ids: Sequence[str]) -> dict[str, int]:
        """See `profile_port.ProfileStore`."""
        query = (
            "SELECT user_id, profile_id FROM profiles"
            " WHERE catalog_id = ? AND user_id IN (SELECT value FROM json_each(?))"
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query, (catalog_id, as_json(user_ids))).fetchall())

    def popularity_changes(self, catalog_id: int, after: int) -> PopularityChanges:
        """See `profile_port.ProfileStore`."""
        with self._database.snapshot() as connection:
            return load_popularity(connection, catalog_id, after)

    def _count(self, query: str, catalog_id: int) -> int:
        with self._database.reading() as connection:
            return int(connection.execute(query, (catalog_id,)).fetchone()[0])

    def _write_each(
        self,
        catalog_id: int,
        items: Sequence[T],
        write: Callable[[sqlite3.Connection, int, T], WriteOutcome],
        most: int,
        timeout: float | None,
    ) -> list[WriteOutcome]:
        """Write items in order, at most so many in a commit."""

        def write_some(connection: sqlite3.Connection, some: Sequence[T]) -> list[WriteOutcome]:
            load_settings(connection, catalog_id)  # which refuses a deleted catalog
            return [write(connection, catalog_id, item) for item in some]

        outcomes: list[WriteOutcome] = []
        for some, documents, left in commits(items, most, timeout):
            outcomes += self._commit.run(partial(write_some, some=some), documents, left)
        return outcomes


def _list(connection: sqlite3.Connection, catalog_id: int, after: str, limit: int) -> list[_Row]:
    query = (
        "SELECT profile_id, user_id, declared, event_count, last_event_time, revision, birth FROM profiles"
        " WHERE catalog_id = ? AND user_id > ? ORDER BY user_id LIMIT ?"
    )
    return [_Row(*row) for row in connection.execute(query, (catalog_id, after, limit))]


def _find(connection: sqlite3.Connection, catalog_id: int, user_id: str) -> _Row | None:
    query = (
        "SELECT profile_id, user_id, declared, event_count, last_event_time, revision, birth FROM profiles"
        " WHERE catalog_id = ? AND user_id = ?"
    )
    row = connection.execute(query, (catalog_id, user_id)).fetchone()
    return None if row is None else _Row(*row)


def _record(
    connection: sqlite3.Connection,
    catalog_id: int,
    events: Sequence[Event],
    crediting: Crediting,
    deletions: Deletions,
) -> Recorded:
    """Record events with the credits that were prepared, or if the settings have changed since then, with new ones."""
    settings = load_settings(connection, catalog_id)
    if settings != crediting.settings:
        crediting = Crediting(catalog_id, settings)
    return record(connection, catalog_id, events, crediting, deletions)


def _change(connection: sqlite3.Connection, catalog_id: int, change: ProfileChange) -> WriteOutcome:
    row = _find(connection, catalog_id, change.user_id)
    old = None if row is None else decode_declared(row.declared)
    try:
        new = change.change(old)
    except InvalidInput as refusal:
        return WriteOutcome(WriteStatus.REJECTED, violations=refusal.violations)
    if row is None:
        birth = next_revisions(connection, 1)
        query = (
            "INSERT INTO profiles (catalog_id, user_id, revision, birth, declared, event_count)"
            " VALUES (?, ?, ?, ?, ?, 0)"
        )
        connection.execute(query, (catalog_id, change.user_id, birth, birth, encode_declared(new)))
        return WriteOutcome(WriteStatus.CREATED, birth)
    if new == old:
        return WriteOutcome(WriteStatus.UNCHANGED, row.revision)
    revision = next_revisions(connection, 1)
    query = "UPDATE profiles SET declared = ?, revision = ? WHERE profile_id = ?"
    connection.execute(query, (encode_declared(new), revision, row.profile_id))
    return WriteOutcome(WriteStatus.UPDATED, revision)


def _merge(connection: sqlite3.Connection, catalog_id: int, merge: Merge) -> WriteOutcome:
    if merge.from_user_id == merge.into_user_id:
        message = "a profile cannot be merged into itself; name another one"
        violation = Violation("into_user_id", Reason.INVALID_VALUE, message)
        return WriteOutcome(WriteStatus.REJECTED, violations=(violation,))
    gone = _find(connection, catalog_id, merge.from_user_id)
    if gone is None:
        return WriteOutcome(WriteStatus.NOT_FOUND)
    found = _find(connection, catalog_id, merge.into_user_id)
    try:
        declared = merge.unite(
            decode_declared(gone.declared), None if found is None else decode_declared(found.declared)
        )
    except InvalidInput as refusal:
        return WriteOutcome(WriteStatus.REJECTED, violations=refusal.violations)
    revision = next_revisions(connection, 1)
    if found is None:
        query = "UPDATE profiles SET user_id = ?, declared = ?, revision = ?, birth = ? WHERE profile_id = ?"
        row = (merge.into_user_id, encode_declared(declared), revision, revision, gone.profile_id)
        connection.execute(query, row)
        _note_deletion(connection, revision)
        return WriteOutcome(WriteStatus.CREATED, revision)
    times = [time for time in (gone.last_event_time, found.last_event_time) if time is not None]
    count = gone.event_count + found.event_count
    connection.execute(
        "UPDATE profiles SET declared = ?, revision = ?, event_count = ?, last_event_time = ? WHERE profile_id = ?",
        (encode_declared(declared), revision, count, max(times, default=None), found.profile_id),
    )
    for table in ("events", "promotion_impressions"):
        query = f"UPDATE {table} SET profile_id = ? WHERE profile_id = ?"  # noqa: S608 - the names stand above
        connection.execute(query, (found.profile_id, gone.profile_id))
    _remove(connection, catalog_id, gone.profile_id, revision)
    return WriteOutcome(WriteStatus.UPDATED, revision)


def _remove(connection: sqlite3.Connection, catalog_id: int, profile_id: int, revision: int) -> None:
    """Delete the row of a profile, and have whoever follows profiles hear of it."""
    connection.execute("DELETE FROM profiles WHERE profile_id = ?", (profile_id,))
    query = "INSERT INTO removed_profiles (catalog_id, revision, profile_id) VALUES (?, ?, ?)"
    connection.execute(query, (catalog_id, revision, profile_id))
    _note_deletion(connection, revision)


def _note_deletion(connection: sqlite3.Connection, revision: int) -> None:
    """Have every process let go of what it keeps of users."""
    connection.execute("UPDATE store SET last_deletion = ?", (revision,))


def _delete(
    connection: sqlite3.Connection, catalog_id: int, user_id: str, time: float, deletions: Deletions
) -> WriteOutcome:
    row = _find(connection, catalog_id, user_id)
    if row is None:
        return WriteOutcome(WriteStatus.NOT_FOUND)
    revision = next_revisions(connection, 1)
    delete_events(connection, catalog_id, row.profile_id, revision)
    _remove(connection, catalog_id, row.profile_id, revision)
    deletions.note(connection, catalog_id, user_id, time)
    return WriteOutcome(WriteStatus.DELETED, revision)
