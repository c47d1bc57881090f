"""Migrations: numbered SQL files, each applied once; some have a second half that SQL cannot express."""

import sqlite3
from collections.abc import Callable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from ...errors import FailedPrecondition, Reason
from .rows import weigh_all_anew

_AFTER: Mapping[str, Callable[[sqlite3.Connection], None]] = {"0003_term_keys.sql": weigh_all_anew}
"""What runs after a file, in the same transaction."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to the newest schema, or raise `FailedPrecondition` if it is from a later version.

    The number of the last migration is kept in `user_version`. Each runs in a transaction of its own.
    """
    scripts = sorted(
        (entry for entry in files(__package__).joinpath("migrations").iterdir() if entry.name.endswith(".sql")),
        key=lambda entry: entry.name,
    )
    version = _version(connection)
    if version > len(scripts):
        message = f"the data is of schema {version}, this version knows {len(scripts)}; use a newer matchcut-server"
        raise FailedPrecondition(Reason.STORE_UNAVAILABLE, message)
    for number, script in enumerate(scripts, start=1):
        if number > version:
            _apply(connection, number, script)


def _apply(connection: sqlite3.Connection, number: int, script: Traversable) -> None:
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if _version(connection) < number:  # else another process was faster
            for statement in _statements(script.read_text(encoding="utf-8")):
                connection.execute(statement)
            if script.name in _AFTER:
                _AFTER[script.name](connection)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> list[str]:
    """Split a script at the ends of its statements; `executescript` would commit in between."""
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
