"""Catalogs as a process sees them, with a real store."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from matchcut_server.errors import FailedPrecondition, NotFound, Reason, Unavailable
from matchcut_server.index.follower import Follower
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Index, View
from matchcut_server.store.port import Catalog, Store
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import IndexedVideo, Removal
from tests.makers import delete, keyword, put, video

FILM = Profile({"film": 1.0}, {"film": 1.0})


@pytest.fixture
def follower(store: SqliteStore, make_index: Callable[[], Index]) -> Follower:
    return Follower(store, make_index, max_waiting=2)


@pytest.fixture
def catalog(follower: Follower) -> Catalog:
    return follower.catalog("default")


def found(view: View) -> list[str]:
    return [hit.video_id for hit in view.search(FILM, 100, 0.0)]


def test_what_was_written_is_in_the_next_view(store: SqliteStore, follower: Follower, catalog: Catalog) -> None:
    assert found(follower.view(catalog)) == []

    store.write_videos(catalog.catalog_id, [put(video("a", "film")), put(video("b", "film"))])
    assert found(follower.view(catalog)) == ["a", "b"]

    store.write_videos(catalog.catalog_id, [delete("a"), put(video("b", "boat")), put(video("c", "film"))])
    assert found(follower.view(catalog)) == ["c"]
    assert follower.view(catalog).revision == store.revision()


def test_what_was_there_before_is_in_the_first_view(store: SqliteStore, make_index: Callable[[], Index]) -> None:
    default = store.catalog("default")
    assert default is not None
    store.write_videos(default.catalog_id, [put(video(f"{i:04}", "film")) for i in range(1100)])
    late = Follower(store, make_index, max_waiting=1)

    view = late.view(default)

    assert view.statistics.videos == 1100
    assert view.revision == store.revision()


def test_a_view_names_the_newest_revision_also_after_writes_elsewhere(
    store: SqliteStore, follower: Follower, catalog: Catalog
) -> None:
    other, _ = store.create_catalog("films", CatalogSettings())
    (outcome,) = store.write_videos(other.catalog_id, [put(video("a", "film"))])

    assert follower.view(catalog, min_revision=outcome.revision).revision == outcome.revision
    assert found(follower.view(catalog)) == []


def test_a_revision_that_the_store_has_not_reached_is_refused_at_once(
    store: SqliteStore, follower: Follower, catalog: Catalog
) -> None:
    newest = store.revision()

    with pytest.raises(FailedPrecondition) as refusal:
        follower.view(catalog, min_revision=newest + 1, wait=3600)

    assert refusal.value.reason is Reason.REVISION_AHEAD
    assert refusal.value.metadata == {"min_revision": str(newest + 1), "revision": str(newest)}
    assert follower.view(catalog, min_revision=newest).revision == newest


def test_an_unknown_catalog_is_not_found(follower: Follower) -> None:
    with pytest.raises(NotFound) as refusal:
        follower.catalog("defualt")

    assert refusal.value.reason is Reason.CATALOG_NOT_FOUND
    assert refusal.value.metadata == {"catalog": "defualt"}


def test_a_catalog_comes_with_its_newest_settings(store: SqliteStore, follower: Follower) -> None:
    assert follower.catalog("default").settings == CatalogSettings()

    store.update_catalog("default", CatalogSettings(Scheme.LINEAR))
    assert follower.catalog("default").settings == CatalogSettings(Scheme.LINEAR)

    store.create_catalog("films", CatalogSettings())
    first = follower.catalog("films")
    store.delete_catalog("films")
    with pytest.raises(NotFound):
        follower.catalog("films")
    store.create_catalog("films", CatalogSettings())
    assert follower.catalog("films").catalog_id != first.catalog_id


def test_new_settings_are_in_the_next_view(store: SqliteStore, follower: Follower, catalog: Catalog) -> None:
    videos = [
        video("long", keyword("film", (0, 50)), keyword("boat", (0, 50))),
        video("sure", keyword("film", (0, 1)), keyword("boat", (0, 0.1))),
    ]
    store.write_videos(catalog.catalog_id, list(map(put, videos)))
    assert found(follower.view(catalog)) == ["sure", "long"]

    store.update_catalog("default", CatalogSettings(Scheme.CONFIDENCE))
    long, sure = (hit.score for hit in follower.view(catalog).search(FILM, 2, 0.0))
    assert long == sure

    store.update_catalog("default", CatalogSettings(ignored_keywords=("Film",)))
    assert found(follower.view(catalog)) == []


def test_a_new_catalog_of_an_old_name_is_empty(store: SqliteStore, follower: Follower) -> None:
    old, _ = store.create_catalog("films", CatalogSettings())
    store.write_videos(old.catalog_id, [put(video("a", "film"))])
    assert found(follower.view(follower.catalog("films"))) == ["a"]
    store.delete_catalog("films")
    store.create_catalog("films", CatalogSettings())

    assert found(follower.view(follower.catalog("films"))) == []


def test_indexes_of_deleted_catalogs_are_dropped(store: SqliteStore, follower: Follower, catalog: Catalog) -> None:
    films, _ = store.create_catalog("films", CatalogSettings())
    store.write_videos(catalog.catalog_id, [put(video("a", "film"))])
    follower.view(films)
    follower.view(catalog)
    store.delete_catalog("films")

    follower.forget(films.catalog_id)
    follower.forget(12345)

    assert set(follower._followed) == {catalog.catalog_id}
    assert found(follower.view(catalog)) == ["a"]


def test_it_tells_whether_a_video_is_there(store: SqliteStore, follower: Follower, catalog: Catalog) -> None:
    store.write_videos(catalog.catalog_id, [put(video("a", "film")), put(video("bare")), put(video("gone", "film"))])
    store.write_videos(catalog.catalog_id, [delete("gone")])
    follower.view(catalog)

    assert [name for name in ("a", "bare", "gone", "never") if follower.has_video(catalog, name)] == ["a", "bare"]


def test_a_writer_brings_the_index_up_to_date_for_those_who_read(
    store: SqliteStore, follower: Follower, catalog: Catalog
) -> None:
    for name in ("a", "b"):
        (outcome,) = store.write_videos(catalog.catalog_id, [put(video(name, "film"))])
        assert not follower.has_video(catalog, name)

        follower.follow(catalog, outcome.revision)

        assert follower.has_video(catalog, name)


def test_a_process_sees_what_another_wrote(
    store: SqliteStore, follower: Follower, make_index: Callable[[], Index], tmp_path: Path
) -> None:
    elsewhere = SqliteStore(tmp_path / "data")
    other = Follower(elsewhere, make_index, max_waiting=1)
    catalog = follower.catalog("default")

    (outcome,) = store.write_videos(catalog.catalog_id, [put(video("a", "film"))])
    assert found(other.view(other.catalog("default"), min_revision=outcome.revision)) == ["a"]

    elsewhere.write_videos(catalog.catalog_id, [put(video("b", "film")), delete("a")])
    assert found(follower.view(catalog)) == ["b"]

    elsewhere.update_catalog("default", CatalogSettings(ignored_keywords=("film",)))
    assert follower.catalog("default").settings.ignored_keywords == ("film",)
    assert found(follower.view(catalog)) == []
    elsewhere.close()


class SlowIndex(MemoryIndex):
    """An index that takes changes only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.opened = threading.Event(), threading.Event()

    def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
        if changes:
            self.reached.set()
            assert self.opened.wait(30)
        super().apply(changes, revision)


@pytest.fixture
def slow() -> Iterator[SlowIndex]:
    index = SlowIndex()
    yield index
    index.opened.set()


def catching_up(
    store: Store, slow: SlowIndex, threads: ThreadPoolExecutor, max_waiting: int
) -> tuple[Follower, Catalog]:
    """Start a thread that brings the index up to date and is not done with it."""
    follower = Follower(store, lambda: slow, max_waiting)
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
    follower = Follower(store, lambda: slow, max_waiting=1)
    catalog = follower.catalog("default")
    slow.opened.set()
    (first,) = store.write_videos(catalog.catalog_id, [put(video("a", "film"))])
    follower.view(catalog)
    slow.opened.clear()
    slow.reached.clear()
    (second,) = store.write_videos(catalog.catalog_id, [put(video("b", "film"))])
    with ThreadPoolExecutor(1) as threads:
        catching_up = threads.submit(follower.view, catalog)
        assert slow.reached.wait(30)

        behind = follower.view(catalog, min_revision=first.revision, wait=3600)
        assert (found(behind), behind.revision) == (["a"], first.revision)
        with pytest.raises(Unavailable) as failure:
            follower.view(catalog, min_revision=second.revision, wait=0.01)
        assert failure.value.metadata["lag"] == str(second.revision - first.revision)

        slow.opened.set()
        assert found(catching_up.result()) == ["a", "b"]


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
        follower = Follower(store, make, max_waiting=1)
        first = follower.catalog("default")
        store.write_videos(first.catalog_id, [put(video("a", "film"))])
        threads.submit(follower.view, first)
        assert slow.reached.wait(30)
        second, _ = store.create_catalog("films", CatalogSettings())
        store.write_videos(second.catalog_id, [put(video("b", "film"))])

        assert found(follower.view(second, wait=0.0)) == ["b"]
        slow.opened.set()


def test_a_catch_up_that_breaks_is_made_up_for_by_the_next(store: SqliteStore) -> None:
    class BrokenOnce(MemoryIndex):
        broken = False

        def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
            super().apply(changes, revision)
            if changes and not self.broken:
                self.broken = True
                raise MemoryError

    follower = Follower(store, BrokenOnce, max_waiting=1)
    catalog = follower.catalog("default")
    store.write_videos(catalog.catalog_id, [put(video("a", "film")), put(video("b", "film"))])

    with pytest.raises(MemoryError):
        follower.view(catalog)

    view = follower.view(catalog)
    assert found(view) == ["a", "b"]
    assert view.statistics.videos == 2


def test_threads_that_write_and_read_always_see_their_own_writes(
    store: SqliteStore, follower: Follower, catalog: Catalog
) -> None:
    def write_and_look(thread: int) -> bool:
        seen = []
        for number in range(10):
            name = f"{thread}-{number}"
            (outcome,) = store.write_videos(catalog.catalog_id, [put(video(name, "film"))])
            view = follower.view(catalog, outcome.revision, wait=30.0)
            seen.append(name in found(view) and view.revision >= outcome.revision)
        return all(seen)

    with ThreadPoolExecutor(2) as threads:
        assert all(threads.map(write_and_look, range(2)))
    assert follower.view(catalog).statistics.videos == 20
