"""Impressions of promotions in rows: what frequency caps count."""

import sqlite3
from collections.abc import Iterable, Mapping

from ...profiles.model import Event, EventKind


def is_impression(event: Event) -> bool:
    """Tell whether an event shows a promotion to a user."""
    return event.kind is EventKind.IMPRESSION and bool(event.promotion_id)


def add_impressions(
    connection: sqlite3.Connection, catalog_id: int, events: Iterable[Event], profile_ids: Mapping[str, int]
) -> None:
    """Count new events. `profile_ids`: of the users, by their ids."""
    connection.executemany(
        "INSERT OR IGNORE INTO promotion_impressions (catalog_id, promotion_id, time, event_id, profile_id)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (catalog_id, event.promotion_id, event.time, event.event_id, profile_ids[event.user_id])
            for event in events
            if is_impression(event)
        ],
    )


def load_impressions(
    connection: sqlite3.Connection, catalog_id: int, promotion_id: str, since: float, until: float
) -> dict[int, int]:
    """Count how often each profile was shown a promotion, from `since` to `until`, in Unix seconds, both included."""
    query = (
        "SELECT profile_id, count(*) FROM promotion_impressions"
        " WHERE catalog_id = ? AND promotion_id = ? AND time >= ? AND time <= ? GROUP BY profile_id"
    )
    return dict(connection.execute(query, (catalog_id, promotion_id, since, until)).fetchall())
