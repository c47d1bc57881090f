"""Catalogs are loaded on first use, and dropped when others need their place."""

import gc
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from matchcut_server.errors import NotFound, Unavailable
from matchcut_server.index.followed import CATALOG_COST
from matchcut_server.index.follower import MIN_LOADED_CATALOGS, Follower
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Index
from matchcut_server.store.port import Catalog
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.settings import CatalogSettings
from tests.index.following import Made, SlowIndex, found, new_catalog, write
from tests.makers import delete


def names(follower: Follower) -> set[str]:
    return {catalog.name for catalog in follower.loaded}


def test_a_catalog_is_loaded_on_first_use_and_once(store: SqliteStore, make_index: Callable[[], Index]) -> None:
    source = Made(make_index)
    follower = Follower(store, source, max_waiting=1)
    films = new_catalog(store, "films", "a")
    follower.catalog("films")
    assert source.opened == []

    assert [found(follower.view(films)) for _ in range(2)] == [["a"], ["a"]]
    assert follower.has_video(films, "a")
    assert source.opened == ["films"]


def test_asking_for_a_video_loads_the_catalog(store: SqliteStore) -> None:
    follower = Follower(store, Made(), max_waiting=1)
    films = new_catalog(store, "films", "a")

    assert [one for one in "ab" if follower.has_video(films, one)] == ["a"]


def test_threads_that_ask_for_a_catalog_at_the_same_time_load_it_once(store: SqliteStore) -> None:
    slow = SlowIndex()
    source = Made(lambda: slow)
    films = new_catalog(store, "films", "a")
    with ThreadPoolExecutor(3) as threads:
        follower = Follower(store, source, max_waiting=2)
        asking = [threads.submit(follower.view, films, 0, 30.0) for _ in range(3)]
        assert slow.reached.wait(30)
        slow.opened.set()

        assert [found(one.result()) for one in asking] == [["a"]] * 3
    assert source.opened == ["films"]


def test_a_load_that_breaks_is_made_up_for_by_who_waits_for_it(store: SqliteStore) -> None:
    """The thread that loads hears of what went wrong; the one that waited loads the catalog itself."""
    films = new_catalog(store, "films", "a")
    waits, broken = threading.Event(), threading.Event()

    def make() -> Index:
        if broken.is_set():
            return MemoryIndex()
        broken.set()
        assert waits.wait(30)
        raise MemoryError

    source = Made(make)
    follower = Follower(store, source, max_waiting=1)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(follower.view, films)
        assert broken.wait(30)
        second = threads.submit(follower.view, films, 0, 30.0)
        while follower._waiting._value:
            threading.Event().wait(0.001)
        waits.set()

        with pytest.raises(MemoryError):
            first.result()
        assert found(second.result()) == ["a"]
    assert source.opened == ["films", "films"]


def test_a_catalog_that_is_gone_is_not_loaded(store: SqliteStore) -> None:
    """Its name may have been asked for before it was deleted."""
    follower = Follower(store, Made(), max_waiting=1)
    films = new_catalog(store, "films", "a")
    store.delete_catalog("films")
    for _ in range(2):
        with pytest.raises(NotFound):
            follower.view(films)
        new_catalog(store, "films")

    assert names(follower) == set()


def test_the_least_recently_used_catalogs_are_dropped_when_all_are_too_large(store: SqliteStore) -> None:
    source = Made()
    room = 6 * (CATALOG_COST + 1)
    follower = Follower(store, source, 1, max_loaded_videos=room)
    catalogs = {name: new_catalog(store, name, name) for name in "abcdefgh"}
    for name in "abcdef":
        follower.view(catalogs[name])
    assert names(follower) == set("abcdef")

    follower.view(catalogs["a"])
    follower.has_video(catalogs["b"], "b")
    follower.view(catalogs["b"])
    follower.view(catalogs["g"])
    assert names(follower) == set("abdefg")
    follower.view(catalogs["h"])
    assert names(follower) == set("abefgh")

    assert found(follower.view(catalogs["c"])) == ["c"]
    assert source.opened == [*"abcdefgh", "c"]


def test_a_catalog_costs_its_videos(store: SqliteStore) -> None:
    follower = Follower(store, Made(), 1, max_loaded_videos=100 + 6 * CATALOG_COST)
    large = new_catalog(store, "large", *[f"{i:03}" for i in range(99)])
    small = [new_catalog(store, name, name) for name in "abcdef"]
    follower.view(large)
    follower.view(small[0])
    assert names(follower) == {"large", "a"}

    for one in small:
        follower.view(one)

    assert names(follower) == set("abcdef")


def test_some_catalogs_stay_however_large_they_are(store: SqliteStore) -> None:
    follower = Follower(store, Made(), 1, max_loaded_videos=1)
    catalogs = [new_catalog(store, name, name) for name in "abcdefgh"]

    for one in catalogs:
        follower.view(one)

    assert names(follower) == set("abcdefgh"[-MIN_LOADED_CATALOGS:])


def test_a_view_of_a_dropped_catalog_stays_valid_and_the_next_one_is_newer(store: SqliteStore) -> None:
    follower = Follower(store, Made(), 1, max_loaded_videos=1)
    films = new_catalog(store, "films", "a")
    view = follower.view(films)
    gone = weakref.ref(view)
    for number in range(MIN_LOADED_CATALOGS):
        follower.view(new_catalog(store, f"{number}"))
    revision = write(store, films, "b")
    follower.follow(films, revision)

    assert found(view) == ["a"]
    assert found(follower.view(films, revision, wait=0.0)) == ["a", "b"]
    del view
    gc.collect()
    assert gone() is None


def test_who_waits_for_a_catalog_that_is_dropped_loads_it_anew(store: SqliteStore) -> None:
    follower = Follower(store, Made(), 1)
    films = new_catalog(store, "films", "a")
    follower.view(films)
    revision = write(store, films, "b")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(follower.view, films, revision, 30.0)
        while follower._waiting._value:
            threading.Event().wait(0.001)
        follower.forget(films.catalog_id)

        assert found(waiting.result()) == ["a", "b"]


def test_a_catalog_that_is_deleted_while_it_is_loaded_is_let_go(store: SqliteStore) -> None:
    slow = SlowIndex()
    follower = Follower(store, Made(lambda: slow), 1)
    films = new_catalog(store, "films", "a")
    with ThreadPoolExecutor(1) as threads:
        loading = threads.submit(follower.view, films)
        assert slow.reached.wait(30)
        store.delete_catalog("films")
        follower.catch_up()
        slow.opened.set()
        loading.result()

    assert names(follower) == set()
    with pytest.raises(NotFound):
        follower.catalog("films")


def test_what_is_written_while_a_catalog_is_loaded_is_seen(store: SqliteStore) -> None:
    slow = SlowIndex()
    follower = Follower(store, Made(lambda: slow), 1)
    films = new_catalog(store, "films", "a")
    with ThreadPoolExecutor(1) as threads:
        loading = threads.submit(follower.view, films)
        assert slow.reached.wait(30)
        revision = write(store, films, "b")
        follower.catch_up()
        with pytest.raises(Unavailable):
            follower.view(films, revision, wait=0.01)
        slow.opened.set()
        loading.result()
    follower.catch_up()

    assert found(follower.view(films, revision, wait=0.0)) == ["a", "b"]


def test_the_default_catalog_and_those_that_changed_last_are_loaded_at_start(store: SqliteStore) -> None:
    default = store.catalog("default")
    assert default is not None
    catalogs = [new_catalog(store, name, name) for name in "abcdef"]
    write(store, catalogs[0], "again")
    source = Made()

    Follower(store, source, 1, max_loaded_videos=2 * 3 * CATALOG_COST).warm()
    assert source.opened == ["default", "a", "f"]

    source.opened.clear()
    Follower(store, source, 1).warm()
    assert source.opened == ["default", "a", *"fedcb"]


def test_a_catalog_that_cannot_be_loaded_at_start_keeps_no_other_from_it(store: SqliteStore) -> None:
    class Broken(Made):
        def open(self, catalog: Catalog) -> tuple[Index, int]:
            if catalog.name in {"default", "b"}:
                raise OSError("/some/path")
            return super().open(catalog)

    for name in "abc":
        write(store, store.create_catalog(name, CatalogSettings())[0], name)
    follower = Follower(store, Broken(), 1)
    with capture_logs() as logs:
        follower.warm()

    assert [catalog.name for catalog in follower.loaded] == ["c", "a"]
    assert [one["catalog"] for one in logs if one["event"] == "trouble"] == ["default", "b"]


def test_a_thousand_catalogs_are_served_in_bounded_memory(store: SqliteStore) -> None:
    """In two rounds over all of them, each has its own video in it and no more are loaded than there is room for."""
    store.write_connection.execute("PRAGMA synchronous = OFF")  # what a crash would lose is made again
    room = 100
    follower = Follower(store, Made(), 1, max_loaded_videos=room * (CATALOG_COST + 2))
    made: list[Catalog] = []
    for number in range(1_000):
        catalog, _ = store.create_catalog(f"tenant-{number}", CatalogSettings())
        write(store, catalog, f"{number}", "gone")
        made.append(catalog)
    views: weakref.WeakSet[object] = weakref.WeakSet()
    for _ in range(2):
        for number, catalog in enumerate(made):
            view = follower.view(follower.catalog(catalog.name))
            views.add(view)
            assert f"{number}" in found(view)
            assert len(follower.loaded) <= room + 1
        store.write_videos(made[-1].catalog_id, [delete("gone")])
        follower.catch_up()
        assert found(follower.view(made[-1])) == ["999"]
    del view
    gc.collect()
    assert len(views) <= room + 2
