"""Generations are built when enough has changed, one at a time; whatever ends a builder leaves nothing half-made."""

import errno
import fcntl
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from matchcut_server.index import builder as builder_module
from matchcut_server.index import follower as follower_module
from matchcut_server.index import source as source_module
from matchcut_server.index.build import build
from matchcut_server.index.builder import Builder, run_builders
from matchcut_server.index.container import unfinished_name
from matchcut_server.index.follower import Follower
from matchcut_server.index.generation import Generation
from matchcut_server.index.layered import LayeredIndex
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.store.port import Catalog
from matchcut_server.store.sqlite.store import SqliteStore
from tests.index.following import found, new_catalog, write
from tests.makers import delete, put, video

LIVE, FEW, FIRST = 10, 5, 100
"""Catalogs of at most so many videos need no generation here, or no more; those of the tests begin with so many."""


@dataclass
class Site:
    """A store, its shelf, and a builder whose clock the test sets."""

    store: SqliteStore
    shelf: Shelf
    now: float = 1_000.0

    def __post_init__(self) -> None:
        self.builder = self.new_builder()

    def new_builder(self) -> Builder:
        return Builder(self.store, self.shelf, clock=lambda: self.now)

    def due(self) -> list[str]:
        """Look, and tell which catalogs are to be built now."""
        self.builder.look()
        return [catalog.name for catalog in self.builder._due()]

    def build_due(self) -> list[str]:
        self.builder.look()
        names = []
        for catalog in self.builder._due():
            self.builder.build(catalog)
            names.append(catalog.name)
        return names

    def change(self, catalog: Catalog, numbers: range, text: str = "film") -> None:
        changes = [put(video(f"{number:04}", text)) for number in numbers]
        self.store.write_videos(catalog.catalog_id, changes)

    def filled(self, name: str, count: int = FIRST) -> Catalog:
        catalog = new_catalog(self.store, name)
        self.change(catalog, range(count))
        return catalog

    def files(self) -> list[str]:
        return sorted(path.name for path in self.shelf.folder.iterdir() if path.name != "builder.lock")


@pytest.fixture
def site(store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(builder_module, "LIVE_VIDEOS", LIVE)
    monkeypatch.setattr(builder_module, "FEW_VIDEOS", FEW)
    monkeypatch.setattr(source_module, "FEW_VIDEOS", FEW)
    return Site(store, Shelf(tmp_path / "data", store.secret))


# --- when -----------------------------------------------------------------------------------------------------------


def test_a_small_catalog_needs_no_generation_and_a_larger_one_gets_it_at_once(site: Site) -> None:
    catalog = site.filled("films", LIVE)
    assert site.due() == []

    site.change(catalog, range(LIVE, LIVE + 1))
    assert site.due() == ["films"]


def test_videos_that_are_gone_do_not_make_a_catalog_large(site: Site) -> None:
    catalog = site.filled("films", LIVE + 5)
    site.store.write_videos(catalog.catalog_id, [delete(f"{number:04}") for number in range(5)])

    assert site.due() == []


def test_what_is_built_is_due_no_more(site: Site) -> None:
    site.filled("films")
    assert site.build_due() == ["films"]

    assert site.due() == []
    site.now += 1_000
    assert site.due() == []
    site.builder = site.new_builder()
    assert site.due() == []


@pytest.mark.parametrize(
    "changed, at_once, when_quiet", [(2, False, False), (3, False, True), (10, False, True), (11, True, True)]
)
def test_a_generation_is_renewed_by_how_much_has_changed(
    changed: int, at_once: bool, when_quiet: bool, site: Site
) -> None:
    """More than a tenth: now; more than a fiftieth: after half a minute without a change."""
    catalog = site.filled("films")
    site.build_due()
    site.change(catalog, range(changed), "boat")

    assert site.due() == ["films"] * at_once
    site.now += 29.9
    assert site.due() == ["films"] * at_once
    site.now += 0.2
    assert site.due() == ["films"] * when_quiet


def test_a_small_generation_is_not_renewed_for_every_change(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was built by hand, or whose catalog has shrunk, is renewed for as many changes as a larger one."""
    monkeypatch.setattr(builder_module, "LIVE_VIDEOS", 1_000)
    films = site.filled("films")
    site.builder.build(films)
    site.change(films, range(20), "boat")

    assert site.due() == []
    site.now += 60
    assert site.due() == []
    site.change(films, range(20, 21), "boat")
    assert site.due() == []
    site.now += 60
    assert site.due() == ["films"]
    site.change(films, range(21, 101), "boat")
    assert site.due() == ["films"]


def test_every_change_of_a_catalog_puts_the_quiet_off_and_those_of_others_do_not(site: Site) -> None:
    films, others = site.filled("films"), site.filled("others")
    site.build_due()
    for catalog in (films, others):
        site.change(catalog, range(5), "boat")
    assert site.due() == []
    for _ in range(5):
        site.now += 20
        site.change(films, range(1), f"boat {site.now}")
        site.due()

    assert site.due() == ["others"]
    site.now += 31
    assert site.due() == ["films", "others"]


def test_deleted_videos_are_changes_too(site: Site) -> None:
    catalog = site.filled("films")
    site.build_due()
    site.store.write_videos(catalog.catalog_id, [delete(f"{number:04}") for number in range(11)])

    assert site.build_due() == ["films"]
    assert site.builder.changed(catalog) == (0, 89)


def test_what_is_written_while_a_generation_is_built_counts_for_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = site.filled("films")

    def build_slowly(*arguments: Any) -> int:
        videos = build(*arguments)
        site.change(catalog, range(50), "boat")
        return videos

    monkeypatch.setattr(builder_module, "build", build_slowly)
    assert site.build_due() == ["films"]

    assert site.builder.changed(catalog) == (50, 100)
    assert site.due() == ["films"]


def test_many_catalogs_are_looked_at(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        site.filled(f"catalog {number:02}", LIVE + number % 2)

    assert site.due() == [f"catalog {number:02}" for number in range(1, 30, 2)]


# --- what is left -----------------------------------------------------------------------------------------------------


def test_a_new_generation_takes_the_place_of_the_one_before(site: Site) -> None:
    catalog = site.filled("films")
    site.build_due()
    site.change(catalog, range(50), "boat")
    site.build_due()

    assert site.files() == [site.shelf.path(catalog.catalog_id, site.store.revision()).name]
    assert not list(site.shelf.folder.glob(unfinished_name("*")))


def test_the_generation_of_a_deleted_catalog_goes(site: Site) -> None:
    films, others = site.filled("films"), site.filled("others")
    site.build_due()
    view = LayeredIndex(Generation(site.shelf.path(films.catalog_id, site.store.revision()))).view()
    site.store.delete_catalog("films")

    assert site.due() == []
    assert [entry.catalog_id for entry in site.shelf.entries()] == [others.catalog_id]
    assert len(found(view)) == FIRST


def test_a_catalog_that_is_deleted_before_its_turn_is_not_built(site: Site) -> None:
    site.filled("films")
    assert site.due() == ["films"]
    site.store.delete_catalog("films")

    assert site.build_due() == []
    assert not site.shelf.folder.exists()


def test_a_builder_that_starts_cleans_up_after_others(site: Site) -> None:
    catalog = site.filled("films")
    gone = site.filled("gone")
    site.build_due()
    site.store.delete_catalog("gone")
    unfinished = site.shelf.folder / unfinished_name(site.shelf.path(catalog.catalog_id, 10_000).name)
    unfinished.write_bytes(b"begun")
    site.builder = site.new_builder()

    assert site.due() == []

    assert not unfinished.exists()
    assert [entry.catalog_id for entry in site.shelf.entries()] == [catalog.catalog_id]
    assert gone.catalog_id != catalog.catalog_id


def test_a_generation_that_is_set_aside_is_built_anew_although_nothing_changes(site: Site) -> None:
    catalog = site.filled("films")
    site.build_due()
    assert site.due() == []
    entry = site.shelf.newest(catalog.catalog_id)
    assert entry is not None
    entry.path.write_bytes(entry.path.read_bytes()[:-1])
    index, _ = ShelfSource(Shelf(site.shelf.folder.parent, site.store.secret), site.store).open(catalog)
    assert not isinstance(index, LayeredIndex)

    assert site.build_due() == ["films"]
    newest = ShelfSource(site.shelf, site.store).newer(catalog, index)
    assert newest is not None
    assert len(found(newest[0].view())) == FIRST
    assert site.due() == []


def test_a_generation_that_no_server_will_use_counts_as_none(site: Site) -> None:
    catalog = site.filled("films")
    site.build_due()
    entry = site.shelf.newest(catalog.catalog_id)
    assert entry is not None
    entry.path.rename(site.shelf.path(catalog.catalog_id, entry.revision + 1_000))
    site.change(catalog, range(1), "boat")

    assert site.builder.changed(catalog) == (FIRST, 0)
    assert site.due() == ["films"]


def test_a_full_disk_leaves_the_old_generation_until_there_is_room(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = site.filled("films")
    site.build_due()
    before = site.files()
    site.change(catalog, range(50), "boat")
    fsync = os.fsync

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no room"):
        site.build_due()
    assert site.files() == before
    assert isinstance(ShelfSource(site.shelf, site.store).open(catalog)[0], LayeredIndex)

    monkeypatch.setattr(os, "fsync", fsync)
    assert site.build_due() == ["films"]
    assert len(site.files()) == 1


def test_a_catalog_that_has_become_small_is_held_in_memory_again(site: Site) -> None:
    films = site.filled("films")
    site.build_due()
    source = ShelfSource(site.shelf, site.store)
    follower = Follower(site.store, source, max_waiting=1)
    follower.view(films)

    def shrink_to(count: int) -> None:
        site.store.write_videos(films.catalog_id, [delete(f"{number:04}") for number in range(count, FIRST)])
        site.builder.look()
        site.now += 60
        assert site.due() == ["films"]
        site.builder._attempt(films)
        follower.catch_up()
        follower._renew()
        assert len(found(follower.view(films))) == count

    shrink_to(FEW + 1)
    assert isinstance(follower._loaded[films.catalog_id].index, LayeredIndex)
    assert len(site.files()) == 1
    shrink_to(FEW)
    assert isinstance(follower._loaded[films.catalog_id].index, MemoryIndex)
    assert site.files() == []
    assert site.due() == []
    site.change(films, range(LIVE))
    assert site.due() == []


# --- by itself --------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """What lets the builder run until the test is over."""
    monkeypatch.setattr(builder_module, "LOOK_SECONDS", 0.01)
    stopping = threading.Event()
    thread = threading.Thread(target=run_builders, args=([site.builder], stopping))
    yield thread.start
    stopping.set()
    thread.join(30)
    assert not thread.is_alive()


def until(is_so: Callable[[], object]) -> None:
    """Wait for something that another thread or process does."""
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_it_builds_without_being_asked(site: Site, run: Callable[[], None]) -> None:
    films = site.filled("films")
    run()
    until(lambda: site.shelf.newest(films.catalog_id))

    others = site.filled("others")
    until(lambda: site.shelf.newest(others.catalog_id))


def test_a_catalog_that_cannot_be_built_holds_up_no_other(
    site: Site, run: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, films = site.filled("broken"), site.filled("films")
    original, text = Builder.build, "it holds /some/path"

    def build_or_break(self: Builder, catalog: Catalog) -> int:
        if catalog.name == "broken":
            raise OSError(errno.EIO, text)
        return original(self, catalog)

    monkeypatch.setattr(Builder, "build", build_or_break)
    with capture_logs() as logs:
        run()
        until(lambda: site.shelf.newest(films.catalog_id))
        until(lambda: any(one.get("work") == "build" for one in logs))

    assert site.shelf.newest(broken.catalog_id) is None
    assert text not in str(logs)
    monkeypatch.setattr(Builder, "build", original)
    site.now += builder_module.FIRST_RETRY_SECONDS
    until(lambda: site.shelf.newest(broken.catalog_id))


def test_a_catalog_that_cannot_be_built_is_tried_again_ever_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.filled("films")
    site.builder.look()
    (films,) = site.builder._due()
    with monkeypatch.context() as broken:
        broken.setattr(builder_module, "build", lambda *_: Path("/not there").read_bytes())
        for wait in (2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
            site.builder._attempt(films)
            site.now += wait - 0.1
            assert site.due() == []
            site.now += 0.2
            assert site.due() == ["films"]

    site.builder._attempt(films)
    assert site.due() == []
    site.change(films, range(50), "boat")
    assert site.due() == ["films"]
    site.builder._attempt(films)
    assert site.due() == []


# --- beside others ----------------------------------------------------------------------------------------------------

_KILLED = """
import os, signal, sys
from pathlib import Path
from matchcut_server.index import builder, container
from matchcut_server.index.shelf import Shelf
from matchcut_server.store.sqlite.store import SqliteStore

def dies(owner, name, call):
    original, calls = getattr(owner, name), []
    def maybe(*arguments):
        calls.append(1)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments)
    setattr(owner, name, maybe)

POINTS = {
    "begun": (container.ContainerWriter, "add", 1),
    "half": (container.ContainerWriter, "add", 20),
    "written": (container.os, "fsync", 1),
    "not named": (Path, "rename", 1),
    "named": (container.os, "fsync", 2),
    "not removed": (Shelf, "remove", 1),
}
for point, folder in zip(POINTS, sys.argv[1:], strict=True):
    child = os.fork()
    if child == 0:
        store = SqliteStore(Path(folder))
        dies(*POINTS[point])
        builder.Builder(store, Shelf(Path(folder), store.secret)).build(store.catalog("films"))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(point, os.WTERMSIG(status), flush=True)
"""


def test_a_builder_killed_at_any_moment_leaves_nothing_half_made(site: Site, tmp_path: Path) -> None:
    films = site.filled("films")
    site.build_due()
    first = site.store.revision()
    site.change(films, range(50), "boat")
    second = site.store.revision()
    site.store.close()
    points = ["begun", "half", "written", "not named", "named", "not removed"]
    folders = [tmp_path / point for point in points]
    for folder in folders:
        shutil.copytree(tmp_path / "data", folder)

    ran = subprocess.run(
        [sys.executable, "-c", _KILLED, *map(str, folders)], capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.splitlines() == [f"{point} 9" for point in points], ran.stderr

    for point, folder in zip(points, folders, strict=True):
        store = SqliteStore(folder)
        try:
            shelf = Shelf(folder, store.secret)
            index, revision = ShelfSource(shelf, store).open(films)
            assert isinstance(index, LayeredIndex)
            assert revision == (second if point in {"named", "not removed"} else first)
            assert len(found(index.view())) == FIRST - 50 * (revision == second)
            unfinished = list(shelf.folder.glob(unfinished_name("*")))
            assert bool(unfinished) == (revision == first)

            builder = Builder(store, shelf)
            builder.look()
            assert not list(shelf.folder.glob(unfinished_name("*")))
            assert builder.build(films) == FIRST
            assert [entry.revision for entry in shelf.entries()] == [second]
            assert len(found(ShelfSource(shelf, store).open(films)[0].view())) == FIRST - 50
        finally:
            store.close()


@pytest.mark.parametrize("task", ["build", "look"])
def test_builders_take_turns(task: str, site: Site) -> None:
    """One that has to wait neither builds nor cleans away what another is about to finish."""
    films = site.filled("films")
    site.build_due()
    site.change(films, range(50), "boat")
    unfinished = site.shelf.folder / unfinished_name(site.shelf.path(films.catalog_id, 10_000).name)
    with (site.shelf.folder / "builder.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as another process does that builds
        unfinished.write_bytes(b"begun")
        other = site.new_builder()
        waiting = threading.Thread(target=other.look if task == "look" else lambda: other.build(films))
        waiting.start()
        waiting.join(0.3)
        is_waiting = waiting.is_alive()
        there = unfinished.exists()
        entries = [entry.revision for entry in Shelf(site.shelf.folder.parent, site.store.secret).entries()]
    waiting.join(30)

    assert there
    assert entries != [site.store.revision()]
    assert is_waiting or task == "look"


def test_two_builders_at_once_leave_one_whole_generation(site: Site) -> None:
    films = site.filled("films")
    builders = [site.new_builder() for _ in range(2)]
    threads = [threading.Thread(target=builder.build, args=(films,)) for builder in builders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(site.files()) == 1
    index, _ = ShelfSource(site.shelf, site.store).open(films)
    assert isinstance(index, LayeredIndex)
    assert len(found(index.view())) == FIRST


@dataclass
class Watch:
    """What threads do until it is over, and what went wrong."""

    follower: Follower
    catalog: Catalog
    over: threading.Event = field(default_factory=threading.Event)
    failures: list[BaseException] = field(default_factory=list)
    generations: set[int] = field(default_factory=set)
    """The revisions of those that were in use; 0: none."""

    def generation(self) -> int:
        index = self.follower._loaded[self.catalog.catalog_id].index
        return index.generation.about.revision if isinstance(index, LayeredIndex) else 0

    def again_and_again(self, work: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            try:
                while not self.over.is_set():
                    work()
            except BaseException as error:  # noqa: BLE001 - told by the test
                self.failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def reader(self) -> Callable[[], None]:
        """Return what reads, and checks that it sees no less than before."""
        seen, count = 0, 0

        def read() -> None:
            nonlocal seen, count
            view = self.follower.view(self.catalog, wait=0.0)
            assert view.revision >= seen
            assert view.statistics.videos >= count
            assert len(found(view)) == view.statistics.videos
            seen, count = view.revision, view.statistics.videos
            self.generations.add(self.generation())

        return read


def test_readers_and_writers_go_on_while_generations_are_built_and_swapped(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No reader sees an older revision than before, misses a video, or fails; in the end it reads a generation."""
    monkeypatch.setattr(follower_module, "RENEW_SECONDS", 0.001)
    films = site.filled("films", LIVE)
    source = ShelfSource(Shelf(site.shelf.folder.parent, site.store.secret), site.store)

    with Follower(site.store, source, max_waiting=1) as follower:
        follower.view(films)
        watch = Watch(follower, films)
        threads = [watch.again_and_again(work) for work in (watch.reader(), watch.reader())]
        threads.append(watch.again_and_again(lambda: site.builder.build(films)))
        try:
            for number in range(40):
                if number in {15, 30}:  # however fast writes are, some are made over one generation, some over another
                    until(lambda: watch.generation() == site.store.revision())
                revision = write(site.store, films, f"new {number:02}")
                if number % 2:
                    follower.follow(films, revision)
                assert follower.view(films, revision, wait=30.0).statistics.videos == LIVE + number + 1
            until(lambda: len(watch.generations) > 2)
        finally:
            watch.over.set()
            for thread in threads:
                thread.join(30)
        assert watch.failures == []
        site.builder.build(films)
        until(lambda: watch.generation() == site.store.revision())
        assert follower.view(films).statistics.videos == LIVE + 40
