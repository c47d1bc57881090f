"""Catalogs as a process sees them, with a real store."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from matchcut_server.errors import FailedPrecondition, NotFound, Reason, Unavailable
from matchcut_server.index.follower import Follower
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Index, View
from matchcut_server.store.port import Catalog, Store
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from tests.index.following import FILM, Made, SlowIndex, found
from tests.makers import delete, keyword, put, video


@pytest.fixture
def follower(store: SqliteStore, make_index: Callable[[], Index]) -> Follower:
    return Follower(store, Made(make_index), max_waiting=2)


@pytest.fixture
def catalog(follower: Follower) -> Catalog:
    return follower.catalog("default")


def newest(follower: Follower, catalog: Catalog) -> View:
    """Return the view as it is when the background has had its turn."""
    follower.catch_up()
    return follower.view(catalog)


# --- what is written is seen ----------------------------------------------------------------------------------------


def test_what_was_written_is_seen_after_a_turn(store: SqliteStore, follower: Follower, catalog: Catalog) -> None:
    assert found(follower.view(catalog)) == []

    store.write_videos(catalog.catalog_id, [put(video("a", "film")), put(video("b", "film"))])
    assert found(follower.view(catalog)) == []
    assert found(newest(follower, catalog)) == ["a", "b"]

    store.write_videos(catalog.catalog_id, [delete("a"), put(video("b", "boat")), put(video("c", "film"))])
    assert found(newest(follower, catalog)) == ["c"]
    assert follower.view(catalog).revision == store.revision()


def test_what_was_there_before_is_in_the_first_view(store: SqliteStore, make_index: Callable[[], Index]) -> None:
    default = store.catalog("default")
    assert default is not None
    store.write_videos(default.catalog_id, [put(video(f"{i:04}", "film")) for i in range(1100)])
    late = Follower(store, Made(make_index), max_waiting=1)

    view = late.view(default)

    assert view.statistics.videos == 1100
    assert view.revision == store.revision()


def test_a_view_names_the_newest_revision_also_after_writes_elsewhere(
    store: SqliteStore, follower: Follower, catalog: Catalog
) -> None:
    films, _ = store.create_catalog("films", CatalogSettings())
    follower.view(films)
    follower.view(catalog)
    (outcome,) = store.write_videos(films.catalog_id, [put(video("a", "film"))])
    assert follower.view(catalog).revision < outcome.revision

    follower.catch_up()

    assert follower.view(catalog, min_revision=outcome.revision, wait=0.0).revision == outcome.revision
    assert found(follower.view(catalog)) == []


def test_a_read_that_is_satisfied_with_what_is_there_asks_the_store_nothing(
    store: SqliteStore, follower: Follower, catalog: Catalog
) -> None:
    (outcome,) = store.write_videos(catalog.catalog_id, [put(video("a", "film"))])
    follower.view(catalog)
    follower.catch_up()
    del follower._store

    known = follower.catalog("default", outcome.revision)
    assert known == catalog
    assert found(follower.view(known, outcome.revision, wait=0.0)) == ["a"]
    assert follower.has_video(known, "a")


def test_a_revision_that_the_store_has_not_reached_is_refused_at_once(
    store: SqliteStore, follower: Follower, catalog: Catalog
) -> None:
    last = store.revision()

    with pytest.raises(FailedPrecondition) as refusal:
        follower.view(catalog, min_revision=last + 1, wait=3600)

    assert refusal.value.reason is Reason.REVISION_AHEAD
    assert refusal.value.metadata == {"min_revision": str(last + 1), "revision": str(last)}
    assert follower.view(catalog, min_revision=last).revision == last


def test_an_unknown_catalog_is_not_found(follower: Follower) -> None:
    with pytest.raises(NotFound) as refusal:
        follower.catalog("defualt")

    assert refusal.value.reason is Reason.CATALOG_NOT_FOUND
    assert refusal.value.metadata == {"catalog": "defualt"}


def test_a_catalog_comes_with_its_newest_settings(store: SqliteStore, follower: Follower, catalog: Catalog) -> None:
    follower.view(catalog)
    linear, sqrt = CatalogSettings(Scheme.LINEAR), CatalogSettings(Scheme.SQRT)

    store.update_catalog("default", linear)
    assert follower.catalog("default").settings == CatalogSettings()
    assert follower.catalog("default", store.revision()).settings == linear  # asked for, so not a turn later
    follower.catch_up()
    assert follower.catalog("default").settings == linear

    updated = store.update_catalog("default", sqrt)
    assert updated is not None
    follower.follow(updated, store.revision())
    assert follower.catalog("default").settings == sqrt
    follower.follow(catalog, store.revision())  # by a thread that has read it before
    assert follower.catalog("default").settings == sqrt


def test_new_settings_are_in_the_view_after_a_turn(store: SqliteStore, follower: Follower, catalog: Catalog) -> None:
    videos = [
        video("long", keyword("film", (0, 50)), keyword("boat", (0, 50))),
        video("sure", keyword("film", (0, 1)), keyword("boat", (0, 0.1))),
    ]
    store.write_videos(catalog.catalog_id, list(map(put, videos)))
    assert found(follower.view(catalog)) == ["sure", "long"]

    store.update_catalog("default", CatalogSettings(Scheme.CONFIDENCE))
    long, sure = (hit.score for hit in newest(follower, catalog).search(FILM, 2, 0.0))
    assert long == sure

    store.update_catalog("default", CatalogSettings(ignored_keywords=("Film",)))
    assert found(newest(follower, catalog)) == []


def test_a_deleted_catalog_is_not_found_after_a_turn_and_its_index_is_let_go(
    store: SqliteStore, follower: Follower, catalog: Catalog
) -> None:
    films, _ = store.create_catalog("films", CatalogSettings())
    (outcome,) = store.write_videos(films.catalog_id, [put(video("a", "film"))])
    follower.view(catalog)
    view = weakref.ref(follower.view(films))

    store.delete_catalog("films")
    follower.catch_up()

    with pytest.raises(NotFound):
        follower.catalog("films")
    with pytest.raises(NotFound):
        follower.view(films, outcome.revision)
    assert set(follower._loaded) == {catalog.catalog_id}
    gc.collect()
    assert view() is None


def test_a_new_catalog_of_an_old_name_is_empty(store: SqliteStore, follower: Follower) -> None:
    old, _ = store.create_catalog("films", CatalogSettings())
    store.write_videos(old.catalog_id, [put(video("a", "film"))])
    assert found(follower.view(follower.catalog("films"))) == ["a"]
    store.delete_catalog("films")
    new, _ = store.create_catalog("films", CatalogSettings())

    assert follower.catalog("films", store.revision()) == new
    follower.catch_up()

    assert follower.catalog("films") == new
    assert found(follower.view(new)) == []


def test_a_write_to_a_new_catalog_of_an_old_name_is_seen_at_once(store: SqliteStore, follower: Follower) -> None:
    """Another process has deleted the old one, of which this one has not heard yet."""
    old, _ = store.create_catalog("films", CatalogSettings())
    follower.view(old)
    assert follower.catalog("films") == old
    store.delete_catalog("films")
    new, _ = store.create_catalog("films", CatalogSettings())
    (outcome,) = store.write_videos(new.catalog_id, [put(video("a", "film"))])

    follower.follow(new, outcome.revision)

    assert follower.catalog("films") == new
    assert found(follower.view(new)) == ["a"]


def test_forgotten_catalogs_are_dropped(store: SqliteStore, follower: Follower, catalog: Catalog) -> None:
    films, _ = store.create_catalog("films", CatalogSettings())
    store.write_videos(catalog.catalog_id, [put(video("a", "film"))])
    follower.view(films)
    follower.view(catalog)
    store.delete_catalog("films")

    follower.forget(films.catalog_id)
    follower.forget(12345)

    assert set(follower._loaded) == {catalog.catalog_id}
    assert found(follower.view(catalog)) == ["a"]
    with pytest.raises(NotFound):
        follower.catalog("films")


def test_it_tells_whether_a_video_is_there(store: SqliteStore, follower: Follower, catalog: Catalog) -> None:
    store.write_videos(catalog.catalog_id, [put(video("a", "film")), put(video("bare")), put(video("gone", "film"))])
    store.write_videos(catalog.catalog_id, [delete("gone")])
    follower.view(catalog)

    assert [name for name in ("a", "bare", "gone", "never") if follower.has_video(catalog, name)] == ["a", "bare"]


def test_a_writer_brings_the_index_up_to_date_for_those_who_read(
    store: SqliteStore, follower: Follower, catalog: Catalog
) -> None:
    follower.view(catalog)
    for name in ("a", "b"):
        (outcome,) = store.write_videos(catalog.catalog_id, [put(video(name, "film"))])
        assert not follower.has_video(catalog, name)

        follower.follow(catalog, outcome.revision)

        assert follower.has_video(catalog, name)
        assert follower.view(catalog, outcome.revision, wait=0.0).revision == outcome.revision


def test_a_write_to_a_catalog_that_is_not_loaded_does_not_load_it(
    store: SqliteStore, follower: Follower, catalog: Catalog
) -> None:
    (outcome,) = store.write_videos(catalog.catalog_id, [put(video("a", "film"))])

    follower.follow(catalog, outcome.revision)

    assert follower._loaded == {}
    assert found(follower.view(catalog)) == ["a"]


# --- waiting --------------------------------------------------------------------------------------------------------


@pytest.fixture
def slow() -> Iterator[SlowIndex]:
    index = SlowIndex()
    yield index
    index.opened.set()


def catching_up(
    store: Store, slow: SlowIndex, threads: ThreadPoolExecutor, max_waiting: int
) -> tuple[Follower, Catalog]:
    """Start a thread that brings the index up to date and is not done with it."""
    follower = Follower(store, Made(lambda: slow), max_waiting)
    catalog = follower.catalog("default")
    store.write_videos(catalog.catalog_id, [put(video("a", "film"))])
    threads.submit(follower.view, catalog)
    assert slow.reached.wait(30)
    return follower, catalog


def test_a_read_waits_for_a_bounded_time_and_tells_how_far_behind_the_index_is(
    store: SqliteStore, slow: SlowIndex
) -> None:
    with ThreadPoolExecutor(1) as threads:
        follower, catalog = catching_up(store, slow, threads, max_waiting=1)

        with pytest.raises(Unavailable) as failure:
            follower.view(catalog, wait=0.01)

        assert failure.value.reason is Reason.REVISION_NOT_REACHED
        assert failure.value.metadata == {"lag": str(store.revision()), "revision": str(store.revision())}
        assert failure.value.retry_after > 0
        slow.opened.set()


def test_a_read_that_waits_long_enough_is_answered(store: SqliteStore, slow: SlowIndex) -> None:
    with ThreadPoolExecutor(2) as threads:
        follower, catalog = catching_up(store, slow, threads, max_waiting=1)
        waiting = threads.submit(follower.view, catalog, 0, 30.0)
        slow.opened.set()

        assert found(waiting.result()) == ["a"]


def test_no_more_threads_wait_than_may(store: SqliteStore, slow: SlowIndex) -> None:
    """The others are sent away at once, however long they would wait."""
    with ThreadPoolExecutor(3) as threads:
        follower, catalog = catching_up(store, slow, threads, max_waiting=1)
        waiting = threads.submit(follower.view, catalog, 0, 30.0)
        while follower._waiting._value:
            threading.Event().wait(0.001)

        with pytest.raises(Unavailable):
            follower.view(catalog, wait=3600)

        slow.opened.set()
        assert found(waiting.result()) == ["a"]


def test_a_read_that_may_be_behind_is_answered_from_the_view_that_is_there(store: SqliteStore, slow: SlowIndex) -> None:
    follower = Follower(store, Made(lambda: slow), max_waiting=1)
    catalog = follower.catalog("default")
    slow.opened.set()
    (first,) = store.write_videos(catalog.catalog_id, [put(video("a", "film"))])
    follower.view(catalog)
    slow.opened.clear()
    slow.reached.clear()
    (second,) = store.write_videos(catalog.catalog_id, [put(video("b", "film"))])
    with ThreadPoolExecutor(1) as threads:
        catching_up = threads.submit(follower.catch_up)
        assert slow.reached.wait(30)

        behind = follower.view(catalog, min_revision=first.revision, wait=3600)
        assert (found(behind), behind.revision) == (["a"], first.revision)
        with pytest.raises(Unavailable) as failure:
            follower.view(catalog, min_revision=second.revision, wait=0.01)
        assert failure.value.metadata["lag"] == str(second.revision - first.revision)

        slow.opened.set()
        catching_up.result()
        assert found(follower.view(catalog)) == ["a", "b"]


def test_a_writer_waits_until_its_write_can_be_found(store: SqliteStore, slow: SlowIndex) -> None:
    with ThreadPoolExecutor(2) as threads:
        follower, catalog = catching_up(store, slow, threads, max_waiting=1)
        (outcome,) = store.write_videos(catalog.catalog_id, [put(video("b", "film"))])

        following = threads.submit(follower.follow, catalog, outcome.revision)
        with pytest.raises(TimeoutError):
            following.result(timeout=0.05)

        slow.opened.set()
        following.result()
        assert found(follower.view(catalog, outcome.revision, wait=0.0)) == ["a", "b"]


def test_catalogs_do_not_wait_for_each_other(store: SqliteStore, slow: SlowIndex) -> None:
    made: list[Index] = []

    def make() -> Index:
        made.append(MemoryIndex() if made else slow)
        return made[-1]

    with ThreadPoolExecutor(1) as threads:
        follower = Follower(store, Made(make), max_waiting=1)
        first = follower.catalog("default")
        store.write_videos(first.catalog_id, [put(video("a", "film"))])
        threads.submit(follower.view, first)
        assert slow.reached.wait(30)
        second, _ = store.create_catalog("films", CatalogSettings())
        store.write_videos(second.catalog_id, [put(video("b", "film"))])

        assert found(follower.view(second, wait=0.0)) == ["b"]
        slow.opened.set()
