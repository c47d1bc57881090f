"""The data folder: as durable as what is written into it, and one server's at a time."""

import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from matchcut_server import app
from matchcut_server.app import open_service
from matchcut_server.errors import FailedPrecondition
from matchcut_server.index.shelf import Shelf
from matchcut_server.settings import load_settings
from matchcut_server.store.sqlite.store import SqliteStore


def test_the_names_of_new_folders_are_on_disk_before_the_server_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    settings = load_settings(None, {"data": tmp_path / "deep" / "data", "listen": "127.0.0.1:0"})
    with open_service(settings):
        assert {str(tmp_path), str(tmp_path / "deep"), str(tmp_path / "deep" / "data")} <= synced


def test_generations_that_the_store_has_not_reached_are_set_aside_at_start(tmp_path: Path) -> None:
    """A backup has been restored, and what is written from now on would get the revisions that were lost."""
    store = SqliteStore(tmp_path)
    secret = store.secret
    store.close()
    path = Shelf(tmp_path, secret).path(1, 10_000)
    path.parent.mkdir()
    path.write_bytes(b"of another life of the store")

    with open_service(load_settings(None, {"data": tmp_path, "listen": "127.0.0.1:0"})):
        assert [one.name for one in path.parent.iterdir()] == [f"{path.name}.damaged"]


@pytest.fixture
def lock_of_the_dead(tmp_path: Path) -> Iterator[TextIO]:
    """The lock of a server that was killed, which one of its workers still holds."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    assert dead.wait(30) == 0
    with (tmp_path / "matchcut.lock").open("w") as file:
        file.write(str(dead.pid))
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def test_what_is_left_of_a_server_that_was_killed_is_waited_for(tmp_path: Path, lock_of_the_dead: TextIO) -> None:
    threading.Timer(0.2, lambda: fcntl.flock(lock_of_the_dead, fcntl.LOCK_UN)).start()
    with open_service(load_settings(None, {"data": tmp_path, "listen": "127.0.0.1:0"})) as server:
        assert server.address


@pytest.mark.usefixtures("lock_of_the_dead")
def test_it_is_not_waited_for_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "ORPHAN_SECONDS", 0.1)
    with (
        pytest.raises(FailedPrecondition, match="another server"),
        open_service(load_settings(None, {"data": tmp_path, "listen": "127.0.0.1:0"})),
    ):
        pass
