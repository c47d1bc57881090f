"""What only the SQLite store promises: durability, group commit, migrations."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from matchcut_server.errors import FailedPrecondition, Unavailable
from matchcut_server.insights.model import Video
from matchcut_server.store.port import VideoChange
from matchcut_server.store.sqlite.commit import MAX_DOCUMENTS, GroupCommit
from matchcut_server.store.sqlite.store import FILE_NAME, SqliteStore
from tests.makers import put, video


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def catalog_id(sqlite_store: SqliteStore) -> int:
    catalog = sqlite_store.catalog("default")
    assert catalog is not None
    return catalog.catalog_id


def pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_every_commit_is_synced_to_the_disk(sqlite_store: SqliteStore) -> None:
    assert pragma(sqlite_store.write_connection, "synchronous") == 2
    assert pragma(sqlite_store.write_connection, "journal_mode") == "wal"


def test_a_reader_cannot_write(sqlite_store: SqliteStore) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        sqlite_store._read().execute("UPDATE store SET revision = 0")


def test_a_copy_of_the_files_holds_every_write_that_has_returned(
    sqlite_store: SqliteStore, catalog_id: int, tmp_path: Path
) -> None:
    """As after a power cut: nothing is closed, nothing is checkpointed."""
    for number in range(5):
        (outcome,) = sqlite_store.write_videos(catalog_id, [put(video(f"{number}", "film"))])
        shutil.copytree(tmp_path / "data", tmp_path / f"copy{number}")

        copy = SqliteStore(tmp_path / f"copy{number}")
        with closing(copy):
            assert copy.revision() == outcome.revision
            assert [one.video.video_id for one in copy.videos(catalog_id, "", 10)] == [
                f"{i}" for i in range(number + 1)
            ]
        with closing(sqlite3.connect(tmp_path / f"copy{number}" / FILE_NAME)) as connection:
            assert pragma(connection, "integrity_check") == "ok"


class Gate:
    """A change that lets go of the store only when it is told to."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def change(self, _old: Video | None) -> Video:
        self.reached.set()
        assert self.opened.wait(30)
        return Video("gate")


def counted(store: SqliteStore, statement: str) -> list[str]:
    """Collect a statement each time it runs on the connection that writes."""
    ran: list[str] = []
    store.write_connection.set_trace_callback(lambda sql: ran.append(sql) if sql == statement else None)
    return ran


@pytest.mark.parametrize("documents, commits", [(1, 1), (20, 3), (MAX_DOCUMENTS, 12)])
def test_writes_that_wait_at_the_same_time_share_a_commit(
    documents: int, commits: int, sqlite_store: SqliteStore, catalog_id: int
) -> None:
    """Twelve calls wait for a thirteenth: they are done in transactions of at most a hundred documents."""
    gate = Gate()
    with ThreadPoolExecutor(13) as threads:
        holding = threads.submit(sqlite_store.write_videos, catalog_id, [VideoChange("gate", gate.change)])
        assert gate.reached.wait(30)
        ran = counted(sqlite_store, "COMMIT")
        waiting = [
            threads.submit(
                sqlite_store.write_videos, catalog_id, [put(video(f"{call}-{i}", "film")) for i in range(documents)]
            )
            for call in range(12)
        ]
        while len(sqlite_store._commit._jobs) < 12:
            threading.Event().wait(0.001)
        gate.opened.set()
        wait([holding, *waiting])

    assert all(len(call.result()) == documents for call in waiting)
    assert len(ran) == 1 + commits
    assert len(sqlite_store.videos(catalog_id, "", 10_000)) == 1 + 12 * documents


def test_in_a_shared_commit_a_call_that_fails_is_undone_alone(sqlite_store: SqliteStore, catalog_id: int) -> None:
    gate = Gate()

    def fail(_old: Video | None) -> Video:
        raise ZeroDivisionError

    with ThreadPoolExecutor(4) as threads:
        holding = threads.submit(sqlite_store.write_videos, catalog_id, [VideoChange("gate", gate.change)])
        assert gate.reached.wait(30)
        good = threads.submit(sqlite_store.write_videos, catalog_id, [put(video("good", "film"))])
        bad = threads.submit(sqlite_store.write_videos, catalog_id, [put(video("undone", "x")), VideoChange("b", fail)])
        also_good = threads.submit(sqlite_store.write_videos, catalog_id, [put(video("also good", "film"))])
        while len(sqlite_store._commit._jobs) < 3:
            threading.Event().wait(0.001)
        gate.opened.set()
        wait([holding, good, bad, also_good])

    assert isinstance(bad.exception(), ZeroDivisionError)
    assert [one.video.video_id for one in sqlite_store.videos(catalog_id, "", 10)] == ["also good", "gate", "good"]
    assert sqlite_store.revision() == max(good.result()[0].revision, also_good.result()[0].revision)


def test_when_the_disk_fails_everybody_hears_and_nothing_is_written(tmp_path: Path) -> None:
    """A full disk, made by a limit on pages."""
    store = SqliteStore(tmp_path)
    with closing(store):
        default = store.catalog("default")
        assert default is not None
        store.write_videos(default.catalog_id, [put(video("before", "film"))])
        before = store.revision()
        pages = pragma(store.write_connection, "page_count")
        store.write_connection.execute(f"PRAGMA max_page_count = {pages}")
        large = [put(video(f"{i}", *[f"{i} {j}" for j in range(200)])) for i in range(50)]

        with pytest.raises(Unavailable) as failure:
            store.write_videos(default.catalog_id, large)

        assert "nothing was changed" in failure.value.message
        assert store.revision() == before
        assert [one.video.video_id for one in store.videos(default.catalog_id, "", 100)] == ["before"]
        store.write_connection.execute("PRAGMA max_page_count = 1000000")
        assert len(store.write_videos(default.catalog_id, large)) == 50


def test_a_transaction_that_another_process_holds_too_long_is_told(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    with closing(store), closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
        default = store.catalog("default")
        assert default is not None
        store.write_connection.execute("PRAGMA busy_timeout = 10")
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(Unavailable):
            store.write_videos(default.catalog_id, [put(video("a", "film"))])
        with pytest.raises(Unavailable):
            store.write_videos(default.catalog_id, [put(video("a", "film"))], dry_run=True)

        other.execute("ROLLBACK")
        assert len(store.write_videos(default.catalog_id, [put(video("a", "film"))])) == 1


def insert(number: int, connection: sqlite3.Connection) -> object:
    return connection.execute("INSERT INTO t VALUES (?) RETURNING n", (number,)).fetchone()


def test_jobs_of_one_thread_run_in_order_and_give_their_results() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (n INTEGER)")
        commit = GroupCommit(connection)

        for number in range(5):
            assert commit.run(partial(insert, number), 1) == (number,)
        assert commit.try_run(lambda c: c.execute("DELETE FROM t").rowcount) == 5
        assert connection.execute("SELECT n FROM t").fetchall() == [(n,) for n in range(5)]


def test_a_schema_of_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    SqliteStore(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 1000")

    with pytest.raises(FailedPrecondition, match="newer matchcut-server"):
        SqliteStore(tmp_path)

    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert pragma(connection, "user_version") == 1000


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database, but long enough to be looked at" * 100)

    with pytest.raises(Unavailable, match="cannot open the store"):
        SqliteStore(tmp_path)


def test_processes_that_open_a_new_folder_at_the_same_time_make_one_store(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as threads:
        stores = list(threads.map(lambda _: SqliteStore(tmp_path), range(6)))

    assert len({store.secret for store in stores}) == 1
    assert stores[0].catalog_count() == 1
    for store in stores:
        store.close()


def test_a_folder_tells_whether_it_holds_a_store(tmp_path: Path) -> None:
    assert not SqliteStore.exists(tmp_path)
    SqliteStore(tmp_path).close()
    assert SqliteStore.exists(tmp_path)


def test_closing_lets_go_of_all_files(tmp_path: Path) -> None:
    """SQLite removes the log when the last connection is closed."""
    store = SqliteStore(tmp_path)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: store.revision(), range(10)))
    store.close()

    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
