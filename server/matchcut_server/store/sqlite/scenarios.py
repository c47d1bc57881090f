"""See `scenario_port.ScenarioStore`."""

import sqlite3

from ...errors import InvalidInput, Reason, Violation
from ..port import Scenario, WriteStatus
from .commit import GroupCommit
from .database import Database
from .rows import load_settings, next_revisions


class SqliteScenarios:
    """Scenarios in the database of a store."""

    def __init__(self, database: Database, commit: GroupCommit) -> None:
        self._database = database
        self._commit = commit

    def scenario(self, catalog_id: int, name: str) -> Scenario | None:
        """See `scenario_port.ScenarioStore`."""
        with self._database.reading() as connection:
            return _find(connection, catalog_id, name)

    def scenarios(self, catalog_id: int, after: str, limit: int) -> list[Scenario]:
        """See `scenario_port.ScenarioStore`."""
        query = "SELECT name, ranking, revision FROM scenarios WHERE catalog_id = ? AND name > ? ORDER BY name LIMIT ?"
        with self._database.reading() as connection:
            return [Scenario(*row) for row in connection.execute(query, (catalog_id, after, limit))]

    def scenario_count(self, catalog_id: int) -> int:
        """See `scenario_port.ScenarioStore`."""
        with self._database.reading() as connection:
            return _count(connection, catalog_id)

    def put(
        self, catalog_id: int, name: str, ranking: bytes, most: int, timeout: float | None = None
    ) -> tuple[Scenario, WriteStatus]:
        """See `scenario_port.ScenarioStore`."""

        def write(connection: sqlite3.Connection) -> tuple[Scenario, WriteStatus]:
            load_settings(connection, catalog_id)  # which refuses a deleted one
            found = _find(connection, catalog_id, name)
            if found is not None and found.ranking == ranking:
                return found, WriteStatus.UNCHANGED
            if found is None and _count(connection, catalog_id) >= most:
                message = f"the catalog has {most} scenarios, and no more are allowed: delete one first"
                raise InvalidInput([Violation("scenario", Reason.TOO_LARGE, message)])
            scenario = Scenario(name, ranking, next_revisions(connection, 1))
            connection.execute("INSERT OR REPLACE INTO scenarios VALUES (?, ?, ?, ?)", (catalog_id, *scenario))
            return scenario, WriteStatus.CREATED if found is None else WriteStatus.UPDATED

        return self._commit.run(write, 1, timeout)

    def delete(self, catalog_id: int, name: str, timeout: float | None = None) -> bool:
        """See `scenario_port.ScenarioStore`."""

        def write(connection: sqlite3.Connection) -> bool:
            query = "DELETE FROM scenarios WHERE catalog_id = ? AND name = ?"
            deleted = connection.execute(query, (catalog_id, name)).rowcount > 0
            if deleted:
                next_revisions(connection, 1)
            return deleted

        return self._commit.run(write, 1, timeout)


def _find(connection: sqlite3.Connection, catalog_id: int, name: str) -> Scenario | None:
    query = "SELECT name, ranking, revision FROM scenarios WHERE catalog_id = ? AND name = ?"
    row = connection.execute(query, (catalog_id, name)).fetchone()
    return None if row is None else Scenario(*row)


def _count(connection: sqlite3.Connection, catalog_id: int) -> int:
    query = "SELECT count(*) FROM scenarios WHERE catalog_id = ?"
    return int(connection.execute(query, (catalog_id,)).fetchone()[0])
