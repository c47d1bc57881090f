"""See `standing_port.StandingStore`."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from ...errors import Reason, Violation
from ..port import WriteOutcome, WriteStatus
from ..standing_port import StandingState, StoredStanding
from .commit import MAX_DOCUMENTS, GroupCommit, commits
from .database import Database
from .rows import as_json, load_settings, next_revisions

T = TypeVar("T")

STANDING_OF_A_DOCUMENT = 10
"""Standing interests that take about as long to write as a document."""


class SqliteStanding:
    """Standing interests in the database of a store."""

    def __init__(self, database: Database, commit: GroupCommit) -> None:
        self._database = database
        self._commit = commit

    def put(
        self, catalog_id: int, items: Sequence[tuple[str, bytes]], most: int, timeout: float | None = None
    ) -> list[WriteOutcome]:
        """See `standing_port.StandingStore`."""
        return self._write(catalog_id, items, partial(_put, catalog_id=catalog_id, most=most), timeout)

    def delete(
        self, catalog_id: int, standing_interest_ids: Sequence[str], timeout: float | None = None
    ) -> list[WriteOutcome]:
        """See `standing_port.StandingStore`."""
        return self._write(catalog_id, standing_interest_ids, partial(_delete, catalog_id=catalog_id), timeout)

    def find(self, catalog_id: int, standing_interest_ids: Sequence[str]) -> list[StoredStanding]:
        """See `standing_port.StandingStore`."""
        query = (
            "SELECT standing_interest_id, body, revision FROM standing_interests WHERE catalog_id = ?"
            " AND standing_interest_id IN (SELECT value FROM json_each(?)) ORDER BY standing_interest_id"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, (catalog_id, as_json(standing_interest_ids)))
            return [StoredStanding(*row) for row in rows]

    def listed(self, catalog_id: int, after: str, limit: int) -> list[StoredStanding]:
        """See `standing_port.StandingStore`."""
        query = (
            "SELECT standing_interest_id, body, revision FROM standing_interests"
            " WHERE catalog_id = ? AND standing_interest_id > ? ORDER BY standing_interest_id LIMIT ?"
        )
        with self._database.reading() as connection:
            return [StoredStanding(*row) for row in connection.execute(query, (catalog_id, after, limit))]

    def count(self, catalog_id: int) -> int:
        """See `standing_port.StandingStore`."""
        return self.state(catalog_id).total

    def state(self, catalog_id: int) -> StandingState:
        """See `standing_port.StandingStore`."""
        # Every write takes a revision greater than all before, so only deletions can leave the newest one as it was.
        with self._database.reading() as connection:
            return _state(connection, catalog_id)

    def revisions(self, catalog_id: int) -> dict[str, int]:
        """See `standing_port.StandingStore`."""
        query = (
            "SELECT standing_interest_id, revision FROM standing_interests INDEXED BY standing_feed"
            " WHERE catalog_id = ?"
        )
        with self._database.reading() as connection:
            return dict(sorted(connection.execute(query, (catalog_id,))))

    def _write(
        self,
        catalog_id: int,
        items: Sequence[T],
        write: Callable[[sqlite3.Connection, Sequence[T]], list[WriteOutcome]],
        timeout: float | None,
    ) -> list[WriteOutcome]:
        """Write items in order, at most so many in a commit."""

        def write_some(connection: sqlite3.Connection, some: Sequence[T]) -> list[WriteOutcome]:
            load_settings(connection, catalog_id)  # which refuses a deleted catalog
            return write(connection, some)

        outcomes: list[WriteOutcome] = []
        for some, documents, left in commits(items, MAX_DOCUMENTS * STANDING_OF_A_DOCUMENT, timeout):
            outcomes += self._commit.run(partial(write_some, some=some), documents, left)
        return outcomes


def _state(connection: sqlite3.Connection, catalog_id: int) -> StandingState:
    query = "SELECT count(*), ifnull(max(revision), 0) FROM standing_interests WHERE catalog_id = ?"
    return StandingState(*connection.execute(query, (catalog_id,)).fetchone())


def _put(
    connection: sqlite3.Connection, items: Sequence[tuple[str, bytes]], catalog_id: int, most: int
) -> list[WriteOutcome]:
    room = most - _state(connection, catalog_id).total
    find = "SELECT body, revision FROM standing_interests WHERE catalog_id = ? AND standing_interest_id = ?"
    replace = (
        "INSERT OR REPLACE INTO standing_interests (catalog_id, standing_interest_id, body, revision)"
        " VALUES (?, ?, ?, ?)"
    )
    outcomes = []
    for standing_interest_id, body in items:
        found = connection.execute(find, (catalog_id, standing_interest_id)).fetchone()
        if found is not None and found[0] == body:
            outcomes.append(WriteOutcome(WriteStatus.UNCHANGED, found[1]))
            continue
        if found is None and room <= 0:
            message = f"the catalog has {most} standing interests, and no more are allowed: delete some first"
            violation = Violation("", Reason.TOO_LARGE, message)
            outcomes.append(WriteOutcome(WriteStatus.REJECTED, violations=(violation,)))
            continue
        revision = next_revisions(connection, 1)
        connection.execute(replace, (catalog_id, standing_interest_id, body, revision))
        room -= found is None
        outcomes.append(WriteOutcome(WriteStatus.CREATED if found is None else WriteStatus.UPDATED, revision))
    return outcomes


def _delete(
    connection: sqlite3.Connection, standing_interest_ids: Sequence[str], catalog_id: int
) -> list[WriteOutcome]:
    query = "DELETE FROM standing_interests WHERE catalog_id = ? AND standing_interest_id = ?"
    outcomes = []
    for standing_interest_id in standing_interest_ids:
        if connection.execute(query, (catalog_id, standing_interest_id)).rowcount > 0:
            outcomes.append(WriteOutcome(WriteStatus.DELETED, next_revisions(connection, 1)))
        else:
            outcomes.append(WriteOutcome(WriteStatus.NOT_FOUND))
    return outcomes
