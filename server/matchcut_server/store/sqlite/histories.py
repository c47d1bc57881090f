"""Profiles with all their events, many at a time: for jobs that go through all users."""

import sqlite3
from collections.abc import Mapping

from ...profiles.model import Credit, CreditedEvent
from .profile_codec import decode_credit, decode_event
from .rows import as_json

_QUERY = (
    "SELECT e.profile_id, e.event_id, e.kind, e.time, e.video_id, e.details, e.share, e.credit_id, c.credit"
    " FROM events AS e LEFT JOIN credits AS c ON c.credit_id = e.credit_id"
    " WHERE e.profile_id IN (SELECT value FROM json_each(?)) ORDER BY e.profile_id, e.time, e.event_id"
)


def load_events_of_many(connection: sqlite3.Connection, users: Mapping[int, str]) -> dict[int, list[CreditedEvent]]:
    """Read all events of some profiles, by time and id. `users`: their ids, by the numbers of the profiles."""
    decoded: dict[int, Credit] = {}
    found: dict[int, list[CreditedEvent]] = {}
    for profile_id, event_id, kind, time, video_id, details, share, credit_id, credit in connection.execute(
        _QUERY, (as_json(list(users)),)
    ):
        if credit_id is not None and credit_id not in decoded:
            decoded[credit_id] = decode_credit(credit)
        event = decode_event(event_id, users[profile_id], kind, time, video_id, details)
        found.setdefault(profile_id, []).append(CreditedEvent(event, share, decoded.get(credit_id)))
    return found
