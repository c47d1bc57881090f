"""A newer index from the source takes the place of the old one, and nobody who reads or writes notices."""

import gc
import threading
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from matchcut_server.index import follower as follower_module
from matchcut_server.index.followed import CATALOG_COST
from matchcut_server.index.follower import Follower
from matchcut_server.index.layered import LayeredView
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Index
from matchcut_server.store.port import Catalog, Store
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.video import IndexedVideo, Removal
from tests.index.following import Made, SlowIndex, found, new_catalog, write
from tests.index.generations import BuiltIndex
from tests.makers import delete, put, video


def built(store: Store, catalog: Catalog, index: Index | None = None) -> tuple[Index, int]:
    """Fill an index outside the follower, as one on the disk would be."""
    index = MemoryIndex() if index is None else index
    revision = 0
    for changes in store.feed(catalog.catalog_id, 0):
        revision = changes[-1].revision
        index.apply(changes, revision)
    return index, revision


def test_a_newer_index_takes_the_place_of_the_old_one_which_is_let_go(store: SqliteStore) -> None:
    source = Made()
    follower = Follower(store, source, max_waiting=1)
    films = new_catalog(store, "films", "a", "b")
    old = weakref.ref(follower.view(films))
    source.next = built(store, films)
    newer = source.next[0]
    store.write_videos(films.catalog_id, [delete("a")])
    revision = write(store, films, "c")

    follower._renew()

    assert follower._loaded[films.catalog_id].index is newer
    assert found(follower.view(films, revision, wait=0.0)) == ["b", "c"]
    gc.collect()
    assert old() is None
    revision = write(store, films, "d")
    follower.catch_up()
    assert found(follower.view(films, revision, wait=0.0)) == ["b", "c", "d"]


def test_an_index_that_comes_filled_is_only_told_what_came_after(store: SqliteStore) -> None:
    told: list[str] = []

    class Noting(MemoryIndex):
        def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
            told.extend(one.facts.video_id for one in changes if isinstance(one, IndexedVideo))
            super().apply(changes, revision)

    class Filled(Made):
        def open(self, catalog: Catalog) -> tuple[Index, int]:
            return ready

    films = new_catalog(store, "films", "a", "b")
    ready = built(store, films, Noting())
    told.clear()
    write(store, films, "c")

    follower = Follower(store, Filled(), max_waiting=1)

    assert found(follower.view(films)) == ["a", "b", "c"]
    assert told == ["c"]


def test_videos_that_come_with_an_index_cost_no_memory(store: SqliteStore) -> None:
    source = Made()
    follower = Follower(store, source, max_waiting=1)
    films = new_catalog(store, "films", "a", "b")
    follower.view(films)
    followed = follower._loaded[films.catalog_id]
    assert followed.cost == CATALOG_COST + 2
    source.next = built(store, films, BuiltIndex())
    write(store, films, "c")

    follower._renew()

    assert followed.cost == CATALOG_COST + 1
    store.write_videos(
        films.catalog_id, [put(video("a", "boat"))]
    )  # in memory now, in the place of the one that came with the index
    follower.catch_up()
    assert followed.cost == CATALOG_COST + 2
    store.write_videos(films.catalog_id, [delete("b")])
    follower.catch_up()
    assert followed.cost == CATALOG_COST + 2


def test_what_takes_long_to_count_is_not_counted_for_every_view(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Made()
    follower = Follower(store, source, max_waiting=1)
    films = new_catalog(store, "films", "a", "b")
    follower.view(films)
    source.next = built(store, films, BuiltIndex())
    monkeypatch.delattr(LayeredView, "statistics")

    follower._renew()
    write(store, films, "c")
    follower.catch_up()

    assert isinstance(follower.view(films), LayeredView)
    assert found(follower.view(films)) == ["a", "b", "c"]


def test_reads_and_writes_go_on_while_a_newer_index_is_made_ready(store: SqliteStore) -> None:
    """Nothing waits for it, and what is written in the meantime is in it."""
    source = Made()
    follower = Follower(store, source, max_waiting=1)
    films = new_catalog(store, "films", "a")
    follower.view(films)
    slow = SlowIndex()
    source.next = slow, 0
    with ThreadPoolExecutor(1) as threads:
        renewing = threads.submit(follower._renew)
        assert slow.reached.wait(30)

        first = write(store, films, "b")
        follower.follow(films, first)
        assert found(follower.view(films, first, wait=0.0)) == ["a", "b"]
        second = write(store, films, "c")
        follower.catch_up()
        assert found(follower.view(films, second, wait=0.0)) == ["a", "b", "c"]
        last = write(store, films, "d")  # which this process has not heard of

        slow.opened.set()
        renewing.result()

    assert follower._loaded[films.catalog_id].index is slow
    assert found(follower.view(films, last, wait=0.0)) == ["a", "b", "c", "d"]


def test_reads_do_not_wait_for_the_swap(store: SqliteStore) -> None:
    """What came while the newer index was made ready is applied to it while nobody may change the catalog."""
    source = Made()
    follower = Follower(store, source, max_waiting=1)
    films = new_catalog(store, "films", "a")
    follower.view(films)
    swapping, go_on = threading.Event(), threading.Event()

    class SlowAtTheEnd(MemoryIndex):
        def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
            super().apply(changes, revision)
            if follower._loaded[films.catalog_id].lock.locked():
                swapping.set()
                assert go_on.wait(30)

    source.next = SlowAtTheEnd(), 0
    with ThreadPoolExecutor(1) as threads:
        renewing = threads.submit(follower._renew)
        assert swapping.wait(30)
        revision = write(store, films, "b")
        follower.catch_up()
        assert found(follower.view(films, wait=0.0)) == ["a"]
        assert follower.has_video(films, "a")
        go_on.set()
        renewing.result()
    follower.catch_up()

    assert found(follower.view(films, revision, wait=0.0)) == ["a", "b"]


def test_no_reader_sees_an_older_revision_or_loses_a_write_while_indexes_are_swapped(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_module, "RENEW_SECONDS", 0.001)
    source = Made()
    films = new_catalog(store, "films", "start")
    done = threading.Event()

    def read() -> int:
        seen, count, reads = 0, 0, 0
        while not done.is_set():
            view = follower.view(films, wait=0.0)
            assert view.revision >= seen
            assert view.statistics.videos >= count
            seen, count, reads = view.revision, view.statistics.videos, reads + 1
        return reads

    with Follower(store, source, max_waiting=1) as follower, ThreadPoolExecutor(2) as threads:
        follower.view(films)
        reading = [threads.submit(read) for _ in range(2)]
        try:
            for number in range(60):
                if number % 3 == 0 and source.next is None:
                    source.next = built(store, films)
                revision = write(store, films, f"{number:02}")
                if number % 2:
                    follower.follow(films, revision)
                assert follower.view(films, revision, wait=30.0).statistics.videos == number + 2
        finally:
            done.set()
        assert all(one.result() for one in reading)


def test_a_source_that_breaks_leaves_the_old_index_and_is_asked_again(store: SqliteStore) -> None:
    text = "a path of the server"

    class Broken(Made):
        is_broken = True

        def newer(self, catalog: Catalog, index: Index) -> tuple[Index, int] | None:
            if self.is_broken:
                raise OSError(text)
            return super().newer(catalog, index)

    source = Broken()
    follower = Follower(store, source, max_waiting=1)
    films = new_catalog(store, "films", "a")
    follower.view(films)
    source.next = built(store, films)
    with capture_logs() as logs:
        follower._renew()

    assert [(one["event"], one["work"], one["error"]) for one in logs] == [("trouble", "renew", "OSError")]
    assert text not in str(logs)
    assert found(follower.view(films)) == ["a"]

    newer = source.next[0]
    source.is_broken = False
    follower._renew()
    assert follower._loaded[films.catalog_id].index is newer


def test_a_catalog_that_has_grown_drops_others(store: SqliteStore) -> None:
    follower = Follower(store, Made(), max_waiting=1, max_loaded_videos=100 + 6 * CATALOG_COST)
    catalogs = [new_catalog(store, name, name) for name in "abcdef"]
    for one in catalogs:
        follower.view(one)
    write(store, catalogs[-1], *[f"{number:03}" for number in range(100)])
    follower.catch_up()
    assert len(follower.loaded) == 6

    follower._renew()

    assert {one.name for one in follower.loaded} == set("bcdef")
