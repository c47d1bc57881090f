import sqlite3
from pathlib import Path

import pytest

from matchcut_server.azure.checkpoint import SOURCE_LANGUAGE, Checkpoint, Taken
from matchcut_server.azure.state import StateError

ORIGIN = "account 5f1c into catalog default of 127.0.0.1:50051"
FIRST = Taken("first", "2026-01-01", frozenset({SOURCE_LANGUAGE}))
SECOND = Taken("second", "2026-01-02", frozenset({SOURCE_LANGUAGE, "fr-FR"}))


def test_what_was_recorded_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "state.db"
    with Checkpoint(path, ORIGIN) as checkpoint:
        assert checkpoint.videos() == {}
        checkpoint.record([FIRST, SECOND])
        checkpoint.record([FIRST._replace(version="2026-02-02", languages=frozenset({"de"}))])
    with Checkpoint(path, ORIGIN) as checkpoint:
        assert checkpoint.videos() == {
            "first": Taken("first", "2026-02-02", frozenset({"de"})),
            "second": SECOND,
        }
        checkpoint.forget(["second", "never there"])
    with Checkpoint(path, ORIGIN) as checkpoint:
        assert set(checkpoint.videos()) == {"first"}


def test_every_record_is_on_disk_when_it_is_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Checkpoint(path, ORIGIN) as checkpoint:
        with checkpoint._file.reading() as database:
            assert database.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
            assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        checkpoint.record([FIRST])
        # What a process that ends now leaves behind is what another one sees.
        other = sqlite3.connect(path)
        assert other.execute("SELECT video_id FROM video").fetchall() == [("first",)]
        other.close()
        with checkpoint._file.reading() as database:
            assert not database.in_transaction


def test_two_do_not_work_with_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Checkpoint(path, ORIGIN), pytest.raises(StateError, match="another process is working with it"):
        Checkpoint(path, ORIGIN)
    Checkpoint(path, ORIGIN).close()


def test_one_of_another_origin_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Checkpoint(path, ORIGIN) as checkpoint:
        checkpoint.record([FIRST])
    with pytest.raises(StateError, match=r"it is of account 5f1c .* name another file"):
        Checkpoint(path, "account other into catalog default of 127.0.0.1:50051")
    with Checkpoint(path, ORIGIN) as checkpoint:
        assert checkpoint.videos() == {"first": FIRST}


def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"something else entirely, and long enough to be looked at" * 20)
    with pytest.raises(StateError, match=r"state\.db: file is not a database"):
        Checkpoint(path, ORIGIN)
    with pytest.raises(StateError, match="File exists"):
        Checkpoint(path / "below", ORIGIN)


def test_a_record_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    with Checkpoint(tmp_path / "state.db", ORIGIN) as checkpoint:
        checkpoint.record([FIRST])
        with checkpoint._file.reading() as database:
            database.execute("PRAGMA query_only = ON")
        with pytest.raises(StateError, match="what was written before is kept"):
            checkpoint.record([SECOND])
        assert checkpoint.videos() == {"first": FIRST}
