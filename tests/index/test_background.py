"""Work in threads of its own, and the follower's."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from matchcut_server.errors import NotFound, Reason, Unavailable
from matchcut_server.index import followed
from matchcut_server.index.background import Background, Pause
from matchcut_server.index.follower import Follower
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.store.port import CatalogChanges
from matchcut_server.store.sqlite.store import FEED_CHUNK, SqliteStore
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import IndexedVideo, Removal
from tests.index.following import Made, WrittenMeanwhile, found, new_catalog, write

AN_HOUR = 3600.0


def until(is_so: Callable[[], bool]) -> None:
    """Wait for what another thread does all the time."""
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        threading.Event().wait(0.001)


# --- threads --------------------------------------------------------------------------------------------------------


def test_work_is_done_again_and_again_until_it_is_stopped() -> None:
    calls = threading.Semaphore(0)

    def call() -> bool:
        calls.release()
        return False

    work = Background("test", call, 0.001)
    work.start()
    for _ in range(5):
        assert calls.acquire(timeout=30)
    work.stop()
    while calls.acquire(blocking=False):
        pass

    assert not calls.acquire(timeout=0.02)


def test_work_goes_on_at_once_when_there_is_more_or_when_it_is_woken() -> None:
    left = [False, True, True]
    calls = threading.Semaphore(0)

    def call() -> bool:
        calls.release()
        return bool(left) and left.pop()

    work = Background("test", call, AN_HOUR)
    work.start()
    for _ in range(3):
        assert calls.acquire(timeout=30)
    assert not calls.acquire(timeout=0.02)

    work.wake()
    assert calls.acquire(timeout=30)
    work.stop()


def test_what_was_never_started_can_be_stopped() -> None:
    Background("test", lambda: False, AN_HOUR).stop()


def test_what_goes_wrong_is_logged_without_its_text_and_tried_again() -> None:
    worked = threading.Event()
    failures = 3
    text = "what a user is interested in"

    def fail() -> bool:
        nonlocal failures
        if failures:
            failures -= 1
            raise ValueError(text)
        worked.set()
        return False

    work = Background("test", fail, 0.001)
    with capture_logs() as logs:
        work.start()
        assert worked.wait(30)
        work.stop()

    assert [(one["event"], one["work"], one["error"]) for one in logs] == [("trouble", "test", "ValueError")] * 3
    assert text not in str(logs)


def test_pauses_grow_to_a_bound_and_begin_anew_when_all_is_well() -> None:
    now = 0.0
    pause = Pause(clock=lambda: now)
    assert pause.left == 0
    lengths = []
    for _ in range(8):
        pause.failed()
        lengths.append(pause.left)
        now += 5.1
        assert pause.left == 0
    assert lengths == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])

    pause.failed()
    pause.worked()
    assert pause.left == 0
    pause.failed()
    assert pause.left == pytest.approx(0.1)


# --- following ------------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(store: SqliteStore, tmp_path: Path) -> Iterator[SqliteStore]:
    """The same store, as another process has it."""
    opened = SqliteStore(tmp_path / "data")
    yield opened
    opened.close()


def test_what_another_process_does_is_seen_without_asking(store: SqliteStore, elsewhere: SqliteStore) -> None:
    with Follower(store, Made(), max_waiting=1) as follower:
        default = follower.catalog("default")
        films = new_catalog(elsewhere, "films", "a")
        assert found(follower.view(default)) == []
        assert found(follower.view(films)) == ["a"]

        revision = write(elsewhere, default, "b")
        until(lambda: found(follower.view(default)) == ["b"])
        until(lambda: follower.view(films).revision == revision)

        elsewhere.update_catalog("films", CatalogSettings(ignored_keywords=("film",)))
        until(lambda: follower.catalog("films").settings.ignored_keywords == ("film",))
        until(lambda: found(follower.view(films)) == [])

        elsewhere.delete_catalog("films")
        until(lambda: films.catalog_id not in follower._loaded)
        with pytest.raises(NotFound):
            follower.catalog("films")


def test_a_read_waits_for_what_another_process_wrote(store: SqliteStore, elsewhere: SqliteStore) -> None:
    with Follower(store, Made(), max_waiting=1) as follower:
        default = follower.catalog("default")
        films = new_catalog(store, "films", "a")
        follower.view(films)
        follower.view(default)
        for number in range(20):
            revision = write(elsewhere, default, f"{number:02}")

            assert len(found(follower.view(default, revision, wait=30.0))) == number + 1
            assert follower.view(films, revision, wait=30.0).revision >= revision


def test_a_read_that_waits_has_the_store_asked_at_once(store: SqliteStore, elsewhere: SqliteStore) -> None:
    """However seldom it is asked else."""
    follower = Follower(store, Made(), max_waiting=1)
    follower._polling = Background("follow", follower._poll, AN_HOUR)
    with follower:
        default = follower.catalog("default")
        follower.view(default)
        revision = write(elsewhere, default, "a")

        assert found(follower.view(default, revision, wait=30.0)) == ["a"]


def test_threads_that_write_and_read_always_see_their_own_writes(store: SqliteStore) -> None:
    with Follower(store, Made(), max_waiting=2) as follower:
        catalog = follower.catalog("default")

        def write_and_look(thread: int) -> bool:
            seen = []
            for number in range(10):
                name = f"{thread}-{number}"
                revision = write(store, catalog, name)
                if thread:
                    follower.follow(catalog, revision)
                    seen.append(name in found(follower.view(catalog)))
                view = follower.view(catalog, revision, wait=30.0)
                seen.append(name in found(view) and view.revision >= revision)
            return all(seen)

        with ThreadPoolExecutor(2) as threads:
            assert all(threads.map(write_and_look, range(2)))
        assert follower.view(catalog).statistics.videos == 20


def test_a_large_change_of_one_catalog_does_not_hold_up_the_others(store: SqliteStore) -> None:
    follower = Follower(store, Made(), max_waiting=1)
    large, small = new_catalog(store, "large"), new_catalog(store, "small")
    follower.view(large)
    follower.view(small)
    store.write_connection.execute("PRAGMA synchronous = OFF")
    last = write(store, large, *[f"{number:04}" for number in range(3 * FEED_CHUNK)])
    revision = write(store, small, "a")

    for _ in range(2):  # a list of the feed each, then the end of it
        assert follower._poll()

    assert follower.view(small, revision, wait=0.0).revision == revision
    assert follower.view(large).statistics.videos < 3 * FEED_CHUNK
    with pytest.raises(Unavailable) as failure:
        follower.view(large, last, wait=0.0)
    assert failure.value.reason is Reason.REVISION_NOT_REACHED
    follower.catch_up()
    assert follower.view(large, last, wait=0.0).statistics.videos == 3 * FEED_CHUNK


def test_a_view_appears_while_writes_go_on(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed, "VIEW_SECONDS", 0.0)
    films = new_catalog(store, "films")
    index = WrittenMeanwhile(store, films)
    follower = Follower(store, Made(lambda: index), max_waiting=1)
    follower.view(films)
    revision = write(store, films, "a")

    while follower.view(films).revision < revision:
        assert follower._poll()

    assert index.left
    assert found(follower.view(films, revision, wait=0.0)) == ["a"]


def test_a_view_is_made_now_and_then_and_not_of_every_list_of_the_feed(store: SqliteStore) -> None:
    films = new_catalog(store, "films")
    follower = Follower(store, Made(lambda: WrittenMeanwhile(store, films)), max_waiting=1)
    seen = {follower.view(films).revision}
    write(store, films, "a")
    start = time.monotonic()

    while follower._poll():
        seen.add(follower.view(films).revision)

    assert len(seen) <= 3 + (time.monotonic() - start) / followed.VIEW_SECONDS


def test_a_writer_waits_for_no_other_writes_than_its_own(store: SqliteStore) -> None:
    films = new_catalog(store, "films")
    index = WrittenMeanwhile(store, films)
    follower = Follower(store, Made(lambda: index), max_waiting=1)
    follower.view(films)
    revision = write(store, films, "a")

    follower.follow(films, revision)

    assert index.left
    assert follower.view(films).revision >= revision


@pytest.mark.parametrize("how", ["load", "renew"])
def test_an_index_is_taken_although_writes_go_on(how: str, store: SqliteStore) -> None:
    films = new_catalog(store, "films", "a")
    index = WrittenMeanwhile(store, films)
    source = Made(lambda: index)
    follower = Follower(store, source, max_waiting=1)
    if how == "renew":
        source.make = MemoryIndex
        follower.view(films)
        source.next = index, 0
        follower._renew()

    assert "a" in found(follower.view(films))
    assert index.left


def test_a_catalog_that_cannot_be_brought_up_to_date_holds_up_no_other_and_is_tried_again(store: SqliteStore) -> None:
    class BrokenLater(MemoryIndex):
        def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
            super().apply(changes, revision)
            if changes and broken.is_set():
                raise MemoryError

    broken = threading.Event()
    source = Made(BrokenLater)
    follower = Follower(store, source, max_waiting=1)
    films, other = new_catalog(store, "films", "a"), new_catalog(store, "other")
    before = follower.view(films).revision
    source.make = MemoryIndex
    follower.view(other)
    broken.set()
    revision = write(store, films, "b")
    write(store, other, "a")
    with capture_logs() as logs:
        follower.catch_up()
        follower.catch_up()  # in the pause

    assert [(one["event"], one["error"], one["catalog"]) for one in logs] == [("trouble", "MemoryError", "films")]
    assert follower.view(films).revision == before
    assert found(follower.view(films)) == ["a"]
    assert found(follower.view(other, store.revision(), wait=0.0)) == ["a"]

    broken.clear()
    with follower:
        assert found(follower.view(films, revision, wait=30.0)) == ["a", "b"]
        assert follower.view(films).statistics.videos == 2


def test_a_write_whose_index_breaks_is_made_up_for(store: SqliteStore) -> None:
    class BrokenAt(MemoryIndex):
        def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
            super().apply(changes, revision)
            if revision in breaks:
                breaks.remove(revision)
                raise MemoryError

    breaks: set[int] = set()
    follower = Follower(store, Made(BrokenAt), max_waiting=1)
    films = new_catalog(store, "films", "a")
    follower.view(films)
    revision = write(store, films, "b", "c")
    breaks.add(revision)

    with pytest.raises(MemoryError):
        follower.follow(films, revision)
    assert found(follower.view(films)) == ["a"]

    follower.catch_up()
    view = follower.view(films, revision, wait=0.0)
    assert (found(view), view.statistics.videos) == (["a", "b", "c"], 3)


def test_a_store_that_fails_for_a_while_is_followed_again(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = threading.Semaphore(0)
    well = threading.Event()
    changes = store.catalog_changes

    def fail(after: int) -> CatalogChanges:
        if well.is_set():
            return changes(after)
        failed.release()
        raise Unavailable(Reason.STORE_UNAVAILABLE, "no", retry_after=1)

    monkeypatch.setattr(store, "catalog_changes", fail)
    with capture_logs() as logs, Follower(store, Made(), max_waiting=1) as follower:
        default = follower.catalog("default")
        follower.view(default)
        revision = write(store, default, "a")
        for _ in range(2):
            assert failed.acquire(timeout=30)
        assert found(follower.view(default)) == []
        well.set()

        assert found(follower.view(default, revision, wait=30.0)) == ["a"]
    assert {(one["event"], one.get("error")) for one in logs} == {("loaded", None), ("trouble", "Unavailable")}
