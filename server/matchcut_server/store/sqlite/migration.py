"""Migrations: numbered steps, each applied once. Most are SQL files, `migrations/NNNN_what.sql`; a few need Python."""

import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files

from ...errors import FailedPrecondition, Reason
from .upgrade import fill_targeting, lay_out_keywords

Step = Callable[[sqlite3.Connection], None]
"""Changes a database inside a transaction, which it leaves open."""

PYTHON_STEPS: Mapping[int, Step] = {3: lay_out_keywords, 7: fill_targeting}
"""What SQL cannot do, by number; the files have the other numbers."""


def migrate(connection: sqlite3.Connection, python_steps: Mapping[int, Step] = PYTHON_STEPS) -> None:
    """Bring a database to the newest schema, or raise `FailedPrecondition` if it is from a later version.

    The number of the last migration is kept in `user_version`. Each runs in a transaction of its own.
    """
    steps = {**_sql_steps(), **python_steps}
    version = _version(connection)
    if version > len(steps):
        message = f"the data is of schema {version}, this version knows {len(steps)}; use a newer matchcut-server"
        raise FailedPrecondition(Reason.STORE_UNAVAILABLE, message)
    for number in range(version + 1, len(steps) + 1):
        _apply(connection, number, steps[number])


def _sql_steps() -> dict[int, Step]:
    scripts = [entry for entry in files(__package__).joinpath("migrations").iterdir() if entry.name.endswith(".sql")]
    return {
        int(script.name.partition("_")[0]): partial(_run_script, script=script.read_text(encoding="utf-8"))
        for script in scripts
    }


def _apply(connection: sqlite3.Connection, number: int, step: Step) -> None:
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if _version(connection) < number:  # else another process was faster
            step(connection)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run statement by statement; `executescript` would commit in between."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
