"""Migrations of the SQLite store."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from matchcut_server.store.sqlite.migration import PYTHON_STEPS, migrate


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a database of the newest schema."""
    with closing(sqlite3.connect(tmp_path / "store", isolation_level=None)) as opened:
        migrate(opened)
        yield opened


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_catalogs_made_before_know_their_newest_change(tmp_path: Path) -> None:
    first = files("matchcut_server.store.sqlite").joinpath("migrations/0001_initial.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "store", isolation_level=None)) as old:
        old.executescript(first)
        old.execute("PRAGMA user_version = 1")
        rows = [(1, "default", b"{}", 1), (2, "films", b"{}", 9)]
        old.executemany("INSERT INTO catalogs VALUES (?, ?, ?, ?)", rows)
        old.executemany("INSERT INTO videos VALUES (?, ?, ?, NULL)", [(1, "a", 3), (1, "b", 7), (2, "a", 8)])

        migrate(old)

        query = "SELECT catalog_id, last_change FROM catalogs ORDER BY catalog_id"
        assert old.execute(query).fetchall() == [(1, 7), (2, 9)]


def test_a_step_in_python_has_its_number_in_the_order_and_is_taken_once(connection: sqlite3.Connection) -> None:
    before = version(connection)
    taken: list[str] = []

    def first(within: sqlite3.Connection) -> None:
        assert within.in_transaction
        taken.append("first")

    def second(within: sqlite3.Connection) -> None:
        within.execute("UPDATE store SET revision = 42")
        taken.append("second")

    for _ in range(2):
        migrate(connection, {**PYTHON_STEPS, before + 2: second, before + 1: first})

    assert taken == ["first", "second"]
    assert version(connection) == before + 2
    assert connection.execute("SELECT revision FROM store").fetchone() == (42,)


def test_a_step_that_breaks_is_undone_and_taken_again(connection: sqlite3.Connection) -> None:
    before = version(connection)

    def broken(within: sqlite3.Connection) -> None:
        within.execute("UPDATE store SET revision = 42")
        raise MemoryError

    with pytest.raises(MemoryError):
        migrate(connection, {**PYTHON_STEPS, before + 1: broken})
    assert version(connection) == before
    assert connection.execute("SELECT revision FROM store").fetchone() == (0,)

    migrate(connection, {**PYTHON_STEPS, before + 1: lambda within: None})
    assert version(connection) == before + 1
