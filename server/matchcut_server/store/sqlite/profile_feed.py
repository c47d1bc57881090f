"""The feed of profiles in rows: what has changed after a place, and of those gone the numbers."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from ...profiles.model import Credit, CreditedEvent, StoredProfile
from ..profile_port import FeedPlace, FollowedProfile
from .profile_codec import decode_credit, decode_declared, decode_event
from .rows import as_json

PROFILE_CHUNK = 500
"""Profiles that are read at a time, each with its events."""

_COLUMNS = "revision, profile_id, user_id, declared, event_count, last_event_time, birth"


def load_changes(connection: sqlite3.Connection, catalog_id: int, after: FeedPlace) -> list[FollowedProfile]:
    """Read the next profiles after a place, at most `PROFILE_CHUNK`. In a transaction: it reads more than once."""
    query = (
        f"SELECT {_COLUMNS} FROM profiles WHERE catalog_id = :catalog AND (revision, profile_id) > (:revision, :id)"  # noqa: S608 - the names stand above
        " UNION ALL SELECT revision, profile_id, NULL, NULL, NULL, NULL, NULL FROM removed_profiles"
        " WHERE catalog_id = :catalog AND (revision, profile_id) > (:revision, :id)"
        " ORDER BY revision, profile_id LIMIT :limit"
    )
    place = {"catalog": catalog_id, "revision": after.revision, "id": after.profile_id, "limit": PROFILE_CHUNK}
    return _with_events(connection, connection.execute(query, place))


def load_followed(
    connection: sqlite3.Connection, catalog_id: int, profile_ids: Sequence[int], *, with_events: bool
) -> list[FollowedProfile]:
    """Read profiles by their numbers. In a transaction: it reads more than once."""
    query = (
        f"SELECT {_COLUMNS} FROM profiles"  # noqa: S608 - the names stand above
        " WHERE profile_id IN (SELECT value FROM json_each(?)) AND catalog_id = ? ORDER BY profile_id"
    )
    rows = connection.execute(query, (as_json(profile_ids), catalog_id))
    return _with_events(connection, rows) if with_events else list(map(_followed, rows))


def _with_events(connection: sqlite3.Connection, rows: Iterable[Sequence[Any]]) -> list[FollowedProfile]:
    found = [_followed(row) for row in rows]
    wanted = {
        one.profile_id: one.profile.user_id
        for one in found
        if one.profile is not None and one.profile.declared.targeting_allowed and one.profile.event_count
    }
    events = _credited_events(connection, wanted) if wanted else {}
    return [one._replace(events=tuple(events.get(one.profile_id, ()))) for one in found]


def _followed(row: Sequence[Any]) -> FollowedProfile:
    revision, profile_id, user_id, declared, event_count, last_event_time, birth = row
    if user_id is None:
        return FollowedProfile(revision, profile_id, None)
    profile = StoredProfile(user_id, decode_declared(declared), event_count, last_event_time, revision, birth)
    return FollowedProfile(revision, profile_id, profile)


def _credited_events(connection: sqlite3.Connection, users: dict[int, str]) -> dict[int, list[CreditedEvent]]:
    """Read the events that have a credit. `users`: the ids of the users by those of their profiles."""
    query = (
        "SELECT profile_id, event_id, kind, time, video_id, details, share, credit_id FROM events"
        " WHERE profile_id IN (SELECT value FROM json_each(?)) AND credit_id IS NOT NULL"
    )
    rows = connection.execute(query, (as_json(list(users)),)).fetchall()
    credits_of = _credits(connection, {row[-1] for row in rows})
    found: dict[int, list[CreditedEvent]] = {}
    for profile_id, event_id, kind, time, video_id, details, share, credit_id in rows:
        event = decode_event(event_id, users[profile_id], kind, time, video_id, details)
        found.setdefault(profile_id, []).append(CreditedEvent(event, share, credits_of[credit_id]))
    return found


def _credits(connection: sqlite3.Connection, credit_ids: Iterable[int]) -> dict[int, Credit]:
    query = "SELECT credit_id, credit FROM credits WHERE credit_id IN (SELECT value FROM json_each(?))"
    return {
        credit_id: decode_credit(credit)
        for credit_id, credit in connection.execute(query, (as_json(list(credit_ids)),))
    }
