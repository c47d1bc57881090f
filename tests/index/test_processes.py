"""What one process writes or builds, another sees."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median

import pytest

from matchcut_server.index import follower as follower_module
from matchcut_server.index.follower import Follower
from matchcut_server.index.layered import LayeredIndex
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.store.sqlite.store import SqliteStore
from tests.index.following import found, new_catalog, write

_WRITES = 30

_WRITER = """
import sys, time
from pathlib import Path
from matchcut_server.insights.model import Video
from matchcut_server.store.port import VideoChange
from matchcut_server.store.sqlite.store import SqliteStore

store = SqliteStore(Path(sys.argv[1]))
default = store.catalog("default")
for number in range(int(sys.argv[2])):
    time.sleep(0.017)  # so that writes fall between the turns of whoever follows, now here, now there
    (outcome,) = store.write_videos(default.catalog_id, [VideoChange("a", lambda _: Video("a", str(number)))])
    print(outcome.revision, time.time(), flush=True)
store.close()
"""

_BUILDER = """
import sys
from pathlib import Path
from matchcut_server.index.builder import Builder
from matchcut_server.index.shelf import Shelf
from matchcut_server.store.sqlite.store import SqliteStore

store = SqliteStore(Path(sys.argv[1]))
Builder(store, Shelf(Path(sys.argv[1]), store.secret)).build(store.catalog("films"))
store.close()
"""


def test_a_process_sees_what_another_has_written_soon_after_its_commit(store: SqliteStore, tmp_path: Path) -> None:
    """The goal is 100 ms; the bound is for machines that do other things too."""
    delays = []
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "data"), str(_WRITES)]
    with (
        Follower(store, ShelfSource(Shelf(tmp_path, store.secret), store), max_waiting=1) as follower,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer,
    ):
        default = follower.catalog("default")
        assert writer.stdout is not None
        try:
            for line in writer.stdout:
                revision, committed = line.split()
                while follower.view(default).revision < int(revision):
                    assert time.time() < float(committed) + 30
                    threading.Event().wait(0.0005)
                delays.append(time.time() - float(committed))
        finally:
            writer.kill()
    print(f"seen after {median(delays) * 1000:.1f} ms (median), {max(delays) * 1000:.1f} ms at most")
    assert len(delays) == _WRITES
    assert median(delays) < 2


def test_a_process_goes_on_with_the_generation_that_another_has_built(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_module, "RENEW_SECONDS", 0.01)
    films = new_catalog(store, "films", "a", "b")
    source = ShelfSource(Shelf(tmp_path / "data", store.secret), store)
    with Follower(store, source, max_waiting=1) as follower:
        assert found(follower.view(films)) == ["a", "b"]
        subprocess.run([sys.executable, "-c", _BUILDER, str(tmp_path / "data")], timeout=60, check=True)
        revision = write(store, films, "c")
        end = time.monotonic() + 30
        while not isinstance(follower._loaded[films.catalog_id].index, LayeredIndex):
            assert time.monotonic() < end
            threading.Event().wait(0.005)
        assert found(follower.view(films, revision)) == ["a", "b", "c"]
