"""Rows of events."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...errors import Reason, Violation
from ...profiles.model import Credit, CreditedEvent, Declared, Event
from ...vectors.settings import CatalogSettings
from ..port import WriteOutcome, WriteStatus
from ..profile_port import Recorded
from .credits import Crediting
from .deletion import Deletions
from .impressions import add_impressions
from .popularity import Count
from .profile_codec import KIND_NUMBERS, decode_credit, decode_event, encode_declared, encode_details
from .rows import as_json, next_revisions

_AT_ONCE = 1_000
"""Events that are credited at a time, when their video arrives."""

_NOTHING_DECLARED = encode_declared(Declared())


def record(
    connection: sqlite3.Connection,
    catalog_id: int,
    events: Sequence[Event],
    crediting: Crediting,
    deletions: Deletions,
) -> Recorded:
    """Record the events that are new, inside a transaction."""
    known = _known_events(connection, catalog_id, events)
    deleted = deletions.times(connection, catalog_id, {event.user_id for event in events})
    statuses: list[WriteStatus] = []
    new: dict[str, Event] = {}
    for event in events:
        if event.event_id in known or event.event_id in new:
            statuses.append(WriteStatus.UNCHANGED)
        elif event.time <= deleted.get(event.user_id, -1.0):
            statuses.append(WriteStatus.REJECTED)
        else:
            statuses.append(WriteStatus.CREATED)
            new[event.event_id] = event
    revision = 0
    if new:
        revision = next_revisions(connection, 1)
        _insert(connection, catalog_id, list(new.values()), crediting, revision)
    changed = {event.user_id for event in new.values()}
    outcomes = []
    for event, status in zip(events, statuses, strict=True):
        owner = known.get(event.event_id)
        if status is WriteStatus.REJECTED:
            outcomes.append(_too_old(deleted[event.user_id]))
        elif owner is None or owner.user_id in changed:
            outcomes.append(WriteOutcome(status, revision))
        else:
            outcomes.append(WriteOutcome(status, owner.revision))
    accepted = [event for event, status in zip(events, statuses, strict=True) if status is not WriteStatus.REJECTED]
    return Recorded(outcomes, _missing(connection, catalog_id, accepted))


def credit_pending(
    connection: sqlite3.Connection, catalog_id: int, settings: CatalogSettings, revisions: Mapping[str, int]
) -> None:
    """Credit the events that waited for videos, inside the transaction that has written these.

    `revisions`: those of the videos, by id. The profiles and the popularity that change with it get the same.
    """
    query = (
        "SELECT value FROM json_each(?) WHERE EXISTS"
        " (SELECT 1 FROM events WHERE catalog_id = ? AND video_id = value AND share IS NULL)"
    )
    waiting = connection.execute(query, (as_json(list(revisions)), catalog_id)).fetchall()
    crediting = Crediting(catalog_id, settings)
    for (video_id,) in waiting:
        count = Count()
        for pending in _pending(connection, catalog_id, video_id):
            events = [event for _, event in pending]
            credited = crediting.credit(connection, events)
            if credited[0].share is None:
                break  # it has no keywords yet
            connection.executemany(
                "UPDATE events SET share = ?, credit_id = ? WHERE profile_id = ? AND time = ? AND event_id = ?",
                [
                    (*own, profile_id, event.time, event.event_id)
                    for own, (profile_id, event) in zip(credited, pending, strict=True)
                ],
            )
            connection.executemany(
                "UPDATE profiles SET revision = ? WHERE profile_id = ?",
                [(revisions[video_id], profile_id) for profile_id in {profile_id for profile_id, _ in pending}],
            )
            for own, event in zip(credited, events, strict=True):
                count.add(event, own.share)
        count.write(connection, catalog_id, revisions[video_id])


def load_events(
    connection: sqlite3.Connection, profile_id: int, user_id: str, after: tuple[float, str], limit: int
) -> list[CreditedEvent]:
    """Read events of a user by time and id, those greater than `after`; with a negative limit all."""
    query = (
        "SELECT e.event_id, e.kind, e.time, e.video_id, e.details, e.share, e.credit_id, c.credit"
        " FROM events AS e LEFT JOIN credits AS c ON c.credit_id = e.credit_id"
        " WHERE e.profile_id = ? AND (e.time, e.event_id) > (?, ?) ORDER BY e.time, e.event_id LIMIT ?"
    )
    decoded: dict[int, Credit] = {}
    found = []
    for event_id, kind, time, video_id, details, share, credit_id, credit in connection.execute(
        query, (profile_id, *after, limit)
    ):
        if credit_id is not None and credit_id not in decoded:
            decoded[credit_id] = decode_credit(credit)
        event = decode_event(event_id, user_id, kind, time, video_id, details)
        found.append(CreditedEvent(event, share, decoded.get(credit_id)))
    return found


def delete_events(connection: sqlite3.Connection, catalog_id: int, profile_id: int, revision: int) -> None:
    """Delete the events of a user, what they add to the popularity of videos, and the credits that are theirs alone."""
    count = Count(-1)
    query = "SELECT event_id, kind, time, video_id, details, share FROM events WHERE profile_id = ?"
    for event_id, kind, time, video_id, details, share in connection.execute(query, (profile_id,)):
        count.add(decode_event(event_id, "", kind, time, video_id, details), share)
    count.write(connection, catalog_id, revision)
    connection.execute(
        "DELETE FROM credits"
        " WHERE revision IS NULL AND credit_id IN (SELECT credit_id FROM events WHERE profile_id = ?)",
        (profile_id,),
    )
    connection.execute("DELETE FROM events WHERE profile_id = ?", (profile_id,))
    connection.execute("DELETE FROM promotion_impressions WHERE profile_id = ?", (profile_id,))


class _Owner(NamedTuple):
    """Whose an event is."""

    user_id: str
    revision: int
    """Of the profile."""


def _known_events(connection: sqlite3.Connection, catalog_id: int, events: Sequence[Event]) -> dict[str, _Owner]:
    query = (
        "SELECT e.event_id, p.user_id, p.revision FROM events AS e JOIN profiles AS p ON p.profile_id = e.profile_id"
        " WHERE e.catalog_id = ? AND e.event_id IN (SELECT value FROM json_each(?))"
    )
    event_ids = as_json([event.event_id for event in events])
    return {event_id: _Owner(*own) for event_id, *own in connection.execute(query, (catalog_id, event_ids))}


def _insert(
    connection: sqlite3.Connection, catalog_id: int, events: Sequence[Event], crediting: Crediting, revision: int
) -> None:
    profile_ids = _count_events(connection, catalog_id, events, revision)
    credited = crediting.credit(connection, events)
    connection.executemany(
        "INSERT INTO events (profile_id, time, event_id, catalog_id, video_id, kind, details, share, credit_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                profile_ids[event.user_id],
                event.time,
                event.event_id,
                catalog_id,
                event.video_id,
                KIND_NUMBERS[event.kind],
                encode_details(event),
                *own,
            )
            for event, own in zip(events, credited, strict=True)
        ],
    )
    add_impressions(connection, catalog_id, events, profile_ids)
    count = Count()
    for event, own in zip(events, credited, strict=True):
        count.add(event, own.share)
    count.write(connection, catalog_id, revision)


def _count_events(
    connection: sqlite3.Connection, catalog_id: int, events: Sequence[Event], revision: int
) -> dict[str, int]:
    """Note in the profiles, which are made where there are none, that events come. Returns their ids by user."""
    times: dict[str, list[float]] = {}
    for event in events:
        times.setdefault(event.user_id, []).append(event.time)
    query = (
        "INSERT INTO profiles (catalog_id, user_id, revision, birth, declared, event_count, last_event_time)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (catalog_id, user_id) DO UPDATE"
        " SET revision = excluded.revision, event_count = event_count + excluded.event_count,"
        " last_event_time = max(coalesce(last_event_time, excluded.last_event_time), excluded.last_event_time)"
        " RETURNING profile_id"
    )
    return {
        user_id: int(
            connection.execute(
                query, (catalog_id, user_id, revision, revision, _NOTHING_DECLARED, len(own), max(own))
            ).fetchone()[0]
        )
        for user_id, own in times.items()
    }


def _pending(connection: sqlite3.Connection, catalog_id: int, video_id: str) -> Iterator[list[tuple[int, Event]]]:
    """Yield the events that wait for a video, each with its profile, some at a time, for as long as there are any."""
    query = (
        "SELECT e.profile_id, e.event_id, p.user_id, e.kind, e.time, e.video_id, e.details"
        " FROM events AS e JOIN profiles AS p ON p.profile_id = e.profile_id"
        " WHERE e.catalog_id = ? AND e.video_id = ? AND e.share IS NULL LIMIT ?"
    )
    while rows := connection.execute(query, (catalog_id, video_id, _AT_ONCE)).fetchall():
        yield [(profile_id, decode_event(*own)) for profile_id, *own in rows]


def _missing(connection: sqlite3.Connection, catalog_id: int, events: Sequence[Event]) -> list[str]:
    """List the videos of events that are not in the catalog, each once, in order."""
    named = dict.fromkeys(event.video_id for event in events if event.video_id)
    query = (
        "SELECT video_id FROM videos"
        " WHERE catalog_id = ? AND video_id IN (SELECT value FROM json_each(?)) AND metadata IS NOT NULL"
    )
    there = {video_id for (video_id,) in connection.execute(query, (catalog_id, as_json(list(named))))}
    return [video_id for video_id in named if video_id not in there]


def _too_old(deletion: float) -> WriteOutcome:
    message = (
        f"the user was deleted at {deletion:.3f} (Unix seconds), and events up to then are refused;"
        " leave them out, and send only what happened later"
    )
    return WriteOutcome(WriteStatus.REJECTED, violations=(Violation("event_time", Reason.INVALID_VALUE, message),))
