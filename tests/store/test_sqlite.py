"""What only the SQLite store promises: durability, group commit, migrations."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from matchcut_server.errors import DeadlineExceeded, FailedPrecondition, Reason, Unavailable
from matchcut_server.profiles.model import Declared, EventKind
from matchcut_server.store.port import WriteOutcome
from matchcut_server.store.profile_port import ProfileChange
from matchcut_server.store.sqlite.commit import MAX_DOCUMENTS, GroupCommit, _Waiting
from matchcut_server.store.sqlite.database import FILE_NAME, back_up
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Interest
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import Removal
from tests.makers import delete, keyword, keyword_set, put, video
from tests.store.profiles import history, merge, view


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
    with sqlite_store._database.reading() as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("UPDATE store SET revision = 0")


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


def test_a_copy_of_the_files_holds_every_scenario_that_has_been_written(
    sqlite_store: SqliteStore, catalog_id: int, tmp_path: Path
) -> None:
    """As above: a power cut right after the answer loses nothing."""
    for number in range(3):
        written, _ = sqlite_store.scenarios.put(catalog_id, f"s{number}", b"settings", 1_000)
        sqlite_store.scenarios.delete(catalog_id, f"s{number - 1}")
        shutil.copytree(tmp_path / "data", tmp_path / f"copy{number}")

        with closing(SqliteStore(tmp_path / f"copy{number}")) as copy:
            assert copy.scenarios.scenarios(catalog_id, "", 10) == [written]
            assert copy.revision() == sqlite_store.revision()


def test_what_was_deleted_is_no_longer_in_the_tables(
    sqlite_store: SqliteStore, catalog_id: int, tmp_path: Path
) -> None:
    films, _ = sqlite_store.create_catalog("films", CatalogSettings())
    for own in (catalog_id, films.catalog_id):
        sqlite_store.write_videos(
            own, [put(video("a", keyword_set("de", "x"), keyword_set("en", "y"))), put(video("b"))]
        )
    sqlite_store.write_videos(catalog_id, [delete("a"), delete("b")])
    sqlite_store.delete_catalog("films")

    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as connection:
        assert connection.execute("SELECT count(*) FROM keyword_sets").fetchone() == (0,)
        assert connection.execute("SELECT video_id, metadata FROM videos").fetchall() == [("a", None), ("b", None)]


class Gate:
    """A job that holds the turn to write until it is told to let go."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def hold(self, _connection: sqlite3.Connection) -> list[WriteOutcome]:
        self.reached.set()
        assert self.opened.wait(30)
        return []


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
        holding = threads.submit(sqlite_store._commit.run, gate.hold, 1)
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
    assert len(sqlite_store.videos(catalog_id, "", 10_000)) == 12 * documents


def test_in_a_shared_commit_a_call_that_fails_is_undone_alone(sqlite_store: SqliteStore, catalog_id: int) -> None:
    gate = Gate()

    def fail(connection: sqlite3.Connection) -> list[WriteOutcome]:
        connection.execute("UPDATE store SET revision = 1000")
        raise ZeroDivisionError

    with ThreadPoolExecutor(4) as threads:
        holding = threads.submit(sqlite_store._commit.run, gate.hold, 1)
        assert gate.reached.wait(30)
        good = threads.submit(sqlite_store.write_videos, catalog_id, [put(video("good", "film"))])
        bad = threads.submit(sqlite_store._commit.run, fail, 1)
        also_good = threads.submit(sqlite_store.write_videos, catalog_id, [put(video("also good", "film"))])
        while len(sqlite_store._commit._jobs) < 3:
            threading.Event().wait(0.001)
        gate.opened.set()
        wait([holding, good, bad, also_good])

    assert isinstance(bad.exception(), ZeroDivisionError)
    assert [one.video.video_id for one in sqlite_store.videos(catalog_id, "", 10)] == ["also good", "good"]
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

        assert failure.value.reason is Reason.STORE_UNAVAILABLE
        assert str(tmp_path) not in failure.value.message
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
    with closing(GroupCommit(lambda: sqlite3.connect(":memory:", isolation_level=None), max_waiting=1)) as commit:
        commit.connection.execute("CREATE TABLE t (n INTEGER)")

        for number in range(5):
            assert commit.run(partial(insert, number), 1) == (number,)
        assert commit.try_run(lambda c: c.execute("DELETE FROM t").rowcount) == 5
        assert commit.connection.execute("SELECT n FROM t").fetchall() == [(n,) for n in range(5)]


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

    with pytest.raises(Unavailable, match="cannot be used"):
        SqliteStore(tmp_path)


def test_processes_that_open_a_new_folder_at_the_same_time_make_one_store(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as threads:
        stores = list(threads.map(lambda _: SqliteStore(tmp_path), range(6)))

    assert len({store.secret for store in stores}) == 1
    assert stores[0].catalog_count() == 1
    for store in stores:
        store.close()


def test_closing_lets_go_of_all_files(tmp_path: Path) -> None:
    """SQLite removes the log when the last connection is closed."""
    store = SqliteStore(tmp_path)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: store.revision(), range(10)))
    store.close()

    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


# --- turns and deadlines --------------------------------------------------------------------------------------------


def test_a_write_that_gets_no_turn_in_time_is_never_made(sqlite_store: SqliteStore, catalog_id: int) -> None:
    gate = Gate()
    with ThreadPoolExecutor(1) as threads:
        holding = threads.submit(sqlite_store._commit.run, gate.hold, 1)
        assert gate.reached.wait(30)

        for timeout in (0.01, 0.0, -1.0):
            with pytest.raises(DeadlineExceeded):
                sqlite_store.write_videos(catalog_id, [put(video("late", "film"))], timeout=timeout)
            with pytest.raises(DeadlineExceeded):
                sqlite_store.write_videos(catalog_id, [put(video("late", "film"))], dry_run=True, timeout=timeout)

        gate.opened.set()
        holding.result()
    sqlite_store.write_videos(catalog_id, [put(video("next", "film"))], timeout=30)
    assert [one.video.video_id for one in sqlite_store.videos(catalog_id, "", 10)] == ["next"]


class LookedAt(deque[_Waiting]):
    """Jobs. Whoever looks at the first of them stops there until one is taken out, or a while."""

    def __init__(self) -> None:
        super().__init__()
        self.removed = threading.Event()

    def __getitem__(self, place: Any) -> Any:
        first = super().__getitem__(place)
        self.removed.wait(1)
        return first

    def remove(self, one: _Waiting) -> None:
        super().remove(one)
        self.removed.set()


def test_a_write_that_gives_up_while_others_are_taken_leaves_them_as_they_are() -> None:
    made: list[str] = []
    with (
        closing(GroupCommit(lambda: sqlite3.connect(":memory:", isolation_level=None), max_waiting=2)) as commit,
        ThreadPoolExecutor(2) as threads,
    ):
        commit._jobs = jobs = LookedAt()
        with commit._turn:
            stays = threads.submit(commit.run, lambda _: made.append("stays"), 1)
            while len(jobs) < 1:
                threading.Event().wait(0.001)
            leaves = threads.submit(commit.run, lambda _: made.append("leaves"), 1, 0.5)
            while len(jobs) < 2:
                threading.Event().wait(0.001)
            commit._commit_some()
        stays.result(30)
        leaves.result(30)  # it had begun by then

    assert made == ["stays", "leaves"]


def test_no_more_threads_wait_to_write_than_may(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path, max_waiting_writes=2)
    gate = Gate()
    with closing(store), ThreadPoolExecutor(2) as threads:
        default = store.catalog("default")
        assert default is not None
        holding = threads.submit(store._commit.run, gate.hold, 1)
        assert gate.reached.wait(30)
        waiting = threads.submit(store.write_videos, default.catalog_id, [put(video("waits", "film"))])
        while not store._commit._jobs:
            threading.Event().wait(0.001)

        with pytest.raises(Unavailable) as refusal:
            store.write_videos(default.catalog_id, [put(video("one too many", "film"))])

        assert refusal.value.retry_after > 0
        gate.opened.set()
        wait([holding, waiting])
        assert [one.video.video_id for one in store.videos(default.catalog_id, "", 10)] == ["waits"]
        assert len(store.write_videos(default.catalog_id, [put(video("later", "film"))])) == 1


# --- backups --------------------------------------------------------------------------------------------------------


def everything(store: SqliteStore, catalog_id: int) -> object:
    feed = [
        (change.revision, change.video_id if isinstance(change, Removal) else change.facts.video_id)
        for some in store.feed(catalog_id, 0)
        for change in some
    ]
    return store.revision(), store.secret, store.catalogs("", 10), store.videos(catalog_id, "", 1000), feed


def test_a_backup_is_the_store_as_it_was(sqlite_store: SqliteStore, tmp_path: Path) -> None:
    films, _ = sqlite_store.create_catalog("films", CatalogSettings(Scheme.SQRT))
    kept = video("kept", keyword_set("de", "x"), keyword_set("en", "y"))
    sqlite_store.write_videos(films.catalog_id, [put(kept), put(video("gone", "film")), delete("gone")])
    before = everything(sqlite_store, films.catalog_id)
    (tmp_path / "copy").mkdir()

    back_up(tmp_path / "data", tmp_path / "copy" / FILE_NAME)
    sqlite_store.write_videos(films.catalog_id, [delete("kept")])

    assert [path.name for path in (tmp_path / "copy").iterdir()] == [FILE_NAME]
    with closing(SqliteStore(tmp_path / "copy")) as copy:
        assert everything(copy, films.catalog_id) == before


def test_a_backup_is_taken_while_others_write(sqlite_store: SqliteStore, catalog_id: int, tmp_path: Path) -> None:
    pairs = [[put(video(f"{i:03}-{half}", "film")) for half in "ab"] for i in range(120)]
    sqlite_store.write_videos(catalog_id, pairs[0])
    (tmp_path / "copy").mkdir()

    with ThreadPoolExecutor(1) as thread:
        writing = thread.submit(lambda: [sqlite_store.write_videos(catalog_id, pair) for pair in pairs[1:]])
        back_up(tmp_path / "data", tmp_path / "copy" / FILE_NAME)
        writing.result()

    with closing(SqliteStore(tmp_path / "copy")) as copy:
        stored = copy.videos(catalog_id, "", 1000)
        names = [change.video_id for pair in pairs for change in pair]
        assert [one.video.video_id for one in stored] == names[: len(stored)]
        assert len(stored) % 2 == 0
        assert copy.revision() == max(one.revision for one in stored)


def test_a_backup_overwrites_nothing_and_needs_a_store(sqlite_store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")

    with pytest.raises(FailedPrecondition, match="exists"):
        back_up(tmp_path / "data", tmp_path / "precious")
    with pytest.raises(FailedPrecondition, match="not a data folder"):
        back_up(tmp_path, tmp_path / "copy")

    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "copy").exists()


# --- users ----------------------------------------------------------------------------------------------------------


def cells(folder: Path) -> str:
    """All that is in any row of any table, as text that can be searched."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = [row for name in tables for row in connection.execute(f"SELECT * FROM {name}")]
    return " ".join(cell.decode("latin-1") if isinstance(cell, bytes) else str(cell) for row in rows for cell in row)


def test_nothing_of_a_deleted_user_remains_in_any_row(
    sqlite_store: SqliteStore, catalog_id: int, tmp_path: Path
) -> None:
    """What others have of the same videos stays, as does the credit of a whole video, which tells of nobody."""
    spans = ((0.0, 6.25),)
    film = video("film", keyword("film", (0, 10)), keyword("boat", (20, 40)))
    sqlite_store.write_videos(catalog_id, [put(film)])
    declared = Declared((Interest("gardening"),), {"hometown": ("Coventry",)})
    sqlite_store.profiles.write_profiles(
        catalog_id, [ProfileChange("ann@home", lambda _: declared), ProfileChange("ann's phone", lambda _: declared)]
    )
    for user_id in ("ann@home", "ann's phone", "bob"):
        events = [
            view(f"1 of {user_id}", user_id, "never", promotion_id=f"to {user_id}"),
            view(f"2 of {user_id}", user_id, "film", watched_spans=spans),
            view(f"3 of {user_id}", user_id, "film", recommendation_id=f"for {user_id}"),
        ]
        sqlite_store.profiles.record_events(catalog_id, events)
    traces = ["ann@home", "ann's phone", "gardening", "hometown", "Coventry"]
    assert all(trace in cells(tmp_path / "data") for trace in traces)

    sqlite_store.profiles.merge_profiles(catalog_id, [merge("ann's phone", "ann@home")])
    sqlite_store.profiles.delete_profiles(catalog_id, ["ann@home"], 1.0)

    left = cells(tmp_path / "data")
    assert [trace for trace in traces if trace in left] == []
    query = "SELECT count(*), count(revision) FROM credits"
    assert sqlite_store.write_connection.execute(query).fetchone() == (2, 1)  # bob's own, and that of the whole video
    assert [share for _, share, _ in history(sqlite_store, catalog_id, "bob")] == [None, 0.0625, 1.0]
    hashes = sqlite_store.write_connection.execute("SELECT user_hash FROM deleted_users").fetchall()
    assert [len(user_hash) for (user_hash,) in hashes] == [16]


def test_a_deleted_catalog_leaves_no_row(sqlite_store: SqliteStore) -> None:
    own = sqlite_store.create_catalog("films", CatalogSettings())[0].catalog_id
    tables = {
        name
        for name, sql in sqlite_store.write_connection.execute("SELECT name, sql FROM sqlite_schema WHERE type='table'")
        if "catalog_id INTEGER" in sql and name != "deleted_catalogs"
    }
    sqlite_store.write_videos(own, [put(video("a", "film"))])
    sqlite_store.scenarios.put(own, "home", b"", 10)
    shown = view("3", kind=EventKind.IMPRESSION, promotion_id="spring")
    sqlite_store.profiles.record_events(own, [view("1"), view("2", "bob"), shown])
    sqlite_store.profiles.delete_profiles(own, ["bob"], 1.0)
    sqlite_store.standing.put(own, [("new films", b"")], 10)

    def filled() -> set[str]:
        query = "SELECT count(*) FROM {} WHERE catalog_id = ?"
        return {
            name
            for name in tables
            if sqlite_store.write_connection.execute(query.format(name), (own,)).fetchone() != (0,)
        }

    assert filled() == tables
    sqlite_store.delete_catalog("films")
    assert filled() == set()


WRITER = """
import sys
from pathlib import Path
from typing import Any
from matchcut_server.store.sqlite.store import SqliteStore
from tests.makers import put, video

store = SqliteStore(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    store.write_videos(1, [put(video(f"{sys.argv[2]}-{number}-{i}", "film")) for i in range(10)])
    print(store.revision(), flush=True)
store.close()
"""


def test_processes_that_write_at_the_same_time_take_turns(
    sqlite_store: SqliteStore, catalog_id: int, tmp_path: Path
) -> None:
    """None is refused, nothing is lost, and none has to wait until another one is done."""
    command = [sys.executable, "-c", WRITER, str(tmp_path / "data")]
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen([*command, name], cwd=root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name in ("a", "b", "c")
    ]
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        answers = [writer.communicate("go\n", timeout=60)[0] for writer in writers]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    seen = [[int(line) for line in answer.split()] for answer in answers]
    assert [len(own) for own in seen] == [40, 40, 40]
    assert sqlite_store.catalog_changes(0).changed[catalog_id] == max(own[-1] for own in seen)
    assert len(sqlite_store.videos(catalog_id, "", 2_000)) == 1_200
