"""Generations on the disk: the newest that can be trusted is served, and what cannot be is set aside and told."""

import errno
import shutil
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from matchcut_server.index import shelf as shelf_module
from matchcut_server.index.builder import Builder
from matchcut_server.index.container import read_contents, unfinished_name
from matchcut_server.index.follower import Follower
from matchcut_server.index.generation import Generation
from matchcut_server.index.layered import LayeredIndex
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.shelf import Entry, Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.store.port import Catalog
from matchcut_server.store.sqlite.database import FILE_NAME, back_up
from matchcut_server.store.sqlite.store import SqliteStore
from tests.index.following import found, new_catalog, write
from tests.makers import delete


@pytest.fixture
def shelf(store: SqliteStore, tmp_path: Path) -> Shelf:
    """The shelf of the store."""
    return Shelf(tmp_path / "data", store.secret)


@pytest.fixture
def films(store: SqliteStore) -> Catalog:
    """A catalog of three videos about film."""
    return new_catalog(store, "films", "a", "b", "c")


def built(store: SqliteStore, shelf: Shelf, catalog: Catalog) -> Path:
    """Build a generation, and return its file."""
    Builder(store, shelf).build(catalog)
    entry = shelf.newest(catalog.catalog_id)
    assert entry is not None
    return entry.path


def opened(store: SqliteStore, shelf: Shelf, catalog: Catalog) -> LayeredIndex:
    """Open what the source gives, which must be a generation."""
    index, revision = ShelfSource(shelf, store).open(catalog)
    assert isinstance(index, LayeredIndex)
    assert revision == index.generation.about.revision
    return index


def test_a_catalog_without_a_generation_is_held_in_memory(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    source = ShelfSource(shelf, store)

    index, revision = source.open(films)

    assert isinstance(index, MemoryIndex)
    assert (revision, index.view().statistics.videos) == (0, 0)
    assert source.newer(films, index) is None
    assert not shelf.folder.exists()


def test_a_generation_is_opened_as_it_was_built(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    revision = store.revision()
    built(store, shelf, films)
    write(store, films, "d")

    index = opened(store, shelf, films)

    assert index.generation.about.revision == index.view().revision == revision
    assert found(index.view()) == ["a", "b", "c"]
    assert [index.has_video(video_id) for video_id in "ad"] == [True, False]


def test_each_catalog_has_its_own(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    others = new_catalog(store, "others", "x")
    for catalog in (films, others):
        built(store, shelf, catalog)

    assert found(opened(store, shelf, films).view()) == ["a", "b", "c"]
    assert found(opened(store, shelf, others).view()) == ["x"]


def test_the_newer_one_is_told_of_once(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    source, memory = ShelfSource(shelf, store), MemoryIndex()
    built(store, shelf, films)
    first = source.newer(films, memory)
    assert first is not None
    assert source.newer(films, first[0]) is None

    revision = write(store, films, "d")
    built(store, shelf, films)
    second = source.newer(films, first[0])

    assert second is not None
    assert second[1] == revision
    assert source.newer(films, second[0]) is None
    assert [found(index.view()) for index, _ in (first, second)] == [["a", "b", "c"], ["a", "b", "c", "d"]]


def test_a_view_outlives_its_file(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    path = built(store, shelf, films)
    view = opened(store, shelf, films).view()
    write(store, films, "d")
    built(store, shelf, films)

    assert not path.exists()
    assert found(view) == ["a", "b", "c"]


# --- what cannot be trusted -------------------------------------------------------------------------------------------

Damage = Callable[[Path], object]


def changed(place: Callable[[bytes], int]) -> Damage:
    """Change one byte."""

    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[place(bytes(content))] ^= 0xFF
        path.write_bytes(content)

    return damage


def cut(length: Callable[[int], int]) -> Damage:
    def damage(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[: length(len(content))])

    return damage


def in_array(name: str) -> Damage:
    def damage(path: Path) -> None:
        with path.open("rb") as file:
            offset = read_contents(file).arrays[name].offset
        changed(lambda _: offset)(path)

    return damage


DAMAGES: dict[str, Damage] = {
    "the magic": changed(lambda _: 0),
    "the version": changed(lambda _: 8),
    "the keys": in_array("keys"),
    "the last array": in_array("0.attributes.starts"),
    "the contents": changed(lambda content: len(content) - 40),
    "the end": changed(lambda content: len(content) - 1),
    "empty": cut(lambda _: 0),
    "a byte": cut(lambda _: 1),
    "half": cut(lambda length: length // 2),
    "all but the end": cut(lambda length: length - 36),
    "all but a byte": cut(lambda length: length - 1),
    "something else": lambda path: path.write_bytes(b"something else" * 100),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_generation_is_told_and_set_aside_and_the_catalog_served_without_it(
    damage: Damage, store: SqliteStore, shelf: Shelf, films: Catalog
) -> None:
    path = built(store, shelf, films)
    damage(path)
    content = path.read_bytes()
    follower = Follower(store, ShelfSource(shelf, store), max_waiting=1)

    with capture_logs() as logs:
        assert found(follower.view(films)) == ["a", "b", "c"]

    (told,) = (one for one in logs if one["event"] == "generation_damaged")
    assert told["log_level"] == "error"
    assert told["file"] == str(path)
    assert told["why"]
    aside = path.with_name(told["set_aside"])
    assert aside.read_bytes() == content
    assert not path.exists()
    assert isinstance(follower._loaded[films.catalog_id].index, MemoryIndex)

    built(store, shelf, films)
    follower._renew()

    assert isinstance(follower._loaded[films.catalog_id].index, LayeredIndex)
    assert found(follower.view(films)) == ["a", "b", "c"]


def test_an_older_generation_is_better_than_none(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    older = built(store, shelf, films)
    kept = older.read_bytes()
    write(store, films, "d")
    newer = built(store, shelf, films)
    older.write_bytes(kept)
    cut(lambda length: length // 2)(newer)
    follower = Follower(store, ShelfSource(shelf, store), max_waiting=1)

    assert found(follower.view(films)) == ["a", "b", "c", "d"]

    index = follower._loaded[films.catalog_id].index
    assert isinstance(index, LayeredIndex)
    assert index.generation.path == older


def test_a_damaged_newer_generation_leaves_the_one_in_use(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    built(store, shelf, films)
    follower = Follower(store, ShelfSource(shelf, store), max_waiting=1)
    follower.view(films)
    before = follower._loaded[films.catalog_id].index
    revision = write(store, films, "d")
    newer = built(store, shelf, films)
    in_array("idf")(newer)

    follower._renew()
    follower.catch_up()

    assert follower._loaded[films.catalog_id].index is before
    assert not newer.exists()
    assert found(follower.view(films, revision)) == ["a", "b", "c", "d"]


def test_the_generation_of_another_store_is_not_taken(
    store: SqliteStore, shelf: Shelf, films: Catalog, tmp_path: Path
) -> None:
    other = SqliteStore(tmp_path / "other")
    theirs = new_catalog(other, "films", "x")
    assert theirs.catalog_id == films.catalog_id
    path = built(other, Shelf(tmp_path / "other", other.secret), theirs)
    other.close()
    shelf.folder.mkdir()
    shutil.copy(path, shelf.folder)

    with capture_logs() as logs:
        index, _ = ShelfSource(shelf, store).open(films)

    assert isinstance(index, MemoryIndex)
    assert "another store" in logs[0]["why"]


def test_the_generation_of_another_catalog_is_not_taken(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    others = new_catalog(store, "others", "x")
    path = built(store, shelf, others)
    shutil.copy(path, shelf.path(films.catalog_id, store.revision()))

    index, _ = ShelfSource(shelf, store).open(films)

    assert isinstance(index, MemoryIndex)
    assert found(opened(store, shelf, others).view()) == ["x"]


def test_a_generation_is_not_taken_for_one_of_another_revision(
    store: SqliteStore, shelf: Shelf, films: Catalog
) -> None:
    path = built(store, shelf, films)
    write(store, films, "d")
    path.rename(shelf.path(films.catalog_id, store.revision()))

    index, _ = ShelfSource(shelf, store).open(films)

    assert isinstance(index, MemoryIndex)


def test_a_generation_from_the_future_of_the_store_is_not_taken(
    store: SqliteStore, shelf: Shelf, films: Catalog, tmp_path: Path
) -> None:
    """A backup has been restored: what was written after it has never been."""
    (tmp_path / "restored").mkdir()
    back_up(tmp_path / "data", tmp_path / "restored" / FILE_NAME)
    write(store, films, "d")
    built(store, shelf, films)
    shutil.copytree(shelf.folder, tmp_path / "restored" / shelf.folder.name)
    restored = SqliteStore(tmp_path / "restored")
    try:
        with capture_logs() as logs:
            follower = Follower(
                restored, ShelfSource(Shelf(tmp_path / "restored", restored.secret), restored), max_waiting=1
            )
            assert found(follower.view(films)) == ["a", "b", "c"]
    finally:
        restored.close()

    assert f"the store of {store.revision() - 1}" in logs[0]["why"]


def test_what_is_from_the_future_of_the_store_is_set_aside_before_the_store_gets_there(
    store: SqliteStore, shelf: Shelf, films: Catalog
) -> None:
    others = new_catalog(store, "others", "x")
    kept, built_later = built(store, shelf, films), built(store, shelf, others)
    future = shelf.path(others.catalog_id, store.revision() + 1)
    unreadable = shelf.path(others.catalog_id, store.revision() + 2)
    unreadable.mkdir()
    built_later.rename(future)

    with capture_logs() as logs:
        shelf.check(store.revision)

    assert [one["event"] for one in logs] == ["generation_unreadable", "generation_damaged"]
    write(store, others, "y", "z")
    assert [entry.path for entry in shelf.entries()] == [unreadable, kept]
    assert isinstance(ShelfSource(shelf, store).open(others)[0], MemoryIndex)


# --- what cannot be read ---------------------------------------------------------------------------------------------


@pytest.fixture
def unreadable(store: SqliteStore, shelf: Shelf, films: Catalog) -> Path:
    """What cannot be opened, whoever tries: a folder in the place of a generation."""
    path = shelf.path(films.catalog_id, store.revision())
    path.mkdir(parents=True)
    return path


def test_what_cannot_be_opened_is_told_and_left_alone_for_a_while(
    unreadable: Path, store: SqliteStore, shelf: Shelf, films: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ShelfSource(shelf, store)
    with capture_logs() as logs:
        index, _ = source.open(films)
        assert isinstance(index, MemoryIndex)
        assert source.newer(films, index) is None
    (told,) = logs
    assert (told["event"], told["file"], told["why"]) == ("generation_unreadable", str(unreadable), "Is a directory")
    assert unreadable.exists()

    unreadable.rmdir()
    assert built(store, shelf, films) == unreadable
    assert source.newer(films, index) is None
    now = time.monotonic() + shelf_module.UNREADABLE_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert source.newer(films, index) is not None


def test_an_older_generation_is_better_than_one_that_cannot_be_opened(
    unreadable: Path, store: SqliteStore, shelf: Shelf, films: Catalog
) -> None:
    unreadable.rmdir()
    built(store, shelf, films)
    shelf.path(films.catalog_id, write(store, films, "d")).mkdir()
    source = ShelfSource(shelf, store)

    index, _ = source.open(films)

    assert isinstance(index, LayeredIndex)
    assert index.generation.path == unreadable
    assert source.newer(films, index) is None


def test_damage_that_cannot_be_set_aside_is_left_alone(
    store: SqliteStore, shelf: Shelf, films: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = built(store, shelf, films)
    cut(lambda length: length // 2)(path)

    def read_only(self: Path, target: Path) -> Path:
        raise PermissionError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "rename", read_only)
    follower = Follower(store, ShelfSource(shelf, store), max_waiting=1)
    with capture_logs() as logs:
        assert found(follower.view(films)) == ["a", "b", "c"]
        follower._renew()

    assert [one["event"] for one in logs] == ["generation_damaged", "generation_unreadable", "loaded"]


# --- whatever others do at the same time -----------------------------------------------------------------------------


def test_a_generation_that_is_replaced_while_it_is_opened_gives_way_to_the_next(
    store: SqliteStore, shelf: Shelf, films: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = built(store, shelf, films)
    tried: list[Path] = []

    def open_late(path: Path) -> Generation:
        tried.append(path)
        if len(tried) == 1:
            write(store, films, "d")
            built(store, Shelf(shelf.folder.parent, store.secret), films)
        return Generation(path)

    monkeypatch.setattr(shelf_module, "Generation", open_late)

    with capture_logs() as logs:
        index = opened(store, shelf, films)

    assert tried[0] == first
    assert not first.exists()
    assert found(index.view()) == ["a", "b", "c", "d"]
    assert not any(one["event"] == "generation_damaged" for one in logs)


def test_a_generation_that_is_built_just_before_it_is_opened_is_none_from_the_future(
    store: SqliteStore, shelf: Shelf, films: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its revision is compared with that of the store as it is then, not as it was a moment before."""
    built(store, shelf, films)
    newest = Shelf._newest_readable
    seen: list[int] = []

    def newest_after_a_build(self: Shelf, catalog_id: int) -> Entry | None:
        if not seen:
            seen.append(write(store, films, "d"))
            built(store, Shelf(shelf.folder.parent, store.secret), films)
        return newest(self, catalog_id)

    monkeypatch.setattr(Shelf, "_newest_readable", newest_after_a_build)

    index = opened(store, shelf, films)

    assert index.generation.about.revision == seen[0]
    assert found(index.view()) == ["a", "b", "c", "d"]


def test_two_processes_may_find_the_same_damage(
    store: SqliteStore, shelf: Shelf, films: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = built(store, shelf, films)
    cut(lambda length: length // 2)(path)
    tried = []

    def open_late(path: Path) -> Generation:
        tried.append(path)
        try:
            return Generation(path)
        finally:
            if len(tried) == 1:
                assert ShelfSource(Shelf(shelf.folder.parent, store.secret), store).open(films)[1] == 0

    monkeypatch.setattr(shelf_module, "Generation", open_late)

    index, _ = ShelfSource(shelf, store).open(films)

    assert isinstance(index, MemoryIndex)
    assert [one.name for one in shelf.folder.iterdir() if "revision" in one.name] == [f"{path.name}.damaged"]


def test_what_others_put_there_or_take_away_is_seen(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    theirs = Shelf(shelf.folder.parent, store.secret)
    assert shelf.entries() == []

    path = built(store, theirs, films)
    assert [entry.path for entry in shelf.entries()] == [path]
    theirs.remove(theirs.entries())
    assert shelf.entries() == []


def test_of_what_is_superseded_or_was_set_aside_only_the_newest_of_each_catalog_stays(shelf: Shelf) -> None:
    shelf.folder.mkdir()
    kept = {"catalog-7-revision-12.generation", "catalog-7-revision-11.generation.damaged"}
    kept |= {"catalog-8-revision-3.generation.damaged", "another.generation.damaged"}
    gone = {"catalog-7-revision-9.generation", "catalog-7-revision-10.generation.damaged"}
    gone |= {"catalog-9-revision-1.generation", "catalog-9-revision-1.generation.damaged"}
    for name in kept | gone:
        (shelf.folder / name).touch()

    shelf.clean({7, 8})

    assert {path.name for path in shelf.folder.iterdir()} == kept


def test_what_is_set_aside_again_and_again_does_not_fill_the_disk(
    store: SqliteStore, shelf: Shelf, films: Catalog
) -> None:
    for video_id in "de":
        write(store, films, video_id)
        path = built(store, shelf, films)
        cut(lambda length: length // 2)(path)
        assert isinstance(ShelfSource(shelf, store).open(films)[0], MemoryIndex)

    assert [one.name for one in shelf.folder.glob("catalog*")] == [f"{path.name}.damaged"]


def test_a_generation_of_another_format_is_deleted(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    """Every version builds its own, and one of another format may be large."""
    path = built(store, shelf, films)
    content = path.read_bytes()
    other = struct.pack("<I", 1_000_000)
    path.write_bytes(content[:8] + other + content[12:-12] + other + content[-8:])

    with capture_logs() as logs:
        index, _ = ShelfSource(shelf, store).open(films)

    assert isinstance(index, MemoryIndex)
    assert [(one["event"], one["log_level"]) for one in logs] == [("generation_of_other_format", "info")]
    assert not list(shelf.folder.glob("catalog*"))


def test_only_unfinished_files_and_those_of_deleted_catalogs_are_cleaned_away(
    store: SqliteStore, shelf: Shelf, films: Catalog
) -> None:
    others = new_catalog(store, "others", "x")
    kept, gone = built(store, shelf, films), built(store, shelf, others)
    unfinished = shelf.folder / unfinished_name(shelf.path(films.catalog_id, 1_000).name)
    another = shelf.folder / "another.file"
    for path in (unfinished, another):
        path.write_bytes(b"begun")

    shelf.clean({films.catalog_id})

    assert kept.exists()
    assert another.exists()
    assert not gone.exists()
    assert not unfinished.exists()
    assert shelf.newest(others.catalog_id) is None


def test_names_tell_catalog_and_revision_and_other_files_are_no_generations(shelf: Shelf) -> None:
    shelf.folder.mkdir()
    for name in (
        "catalog-7-revision-12.generation",
        "catalog-7-revision-9.generation",
        "catalog-8-revision-10.generation",
    ):
        (shelf.folder / name).touch()
    for name in ("catalog-7-revision-99.generation.damaged", "catalog-7-revision-x.generation", "x", "builder.lock"):
        (shelf.folder / name).touch()

    assert [(entry.catalog_id, entry.revision) for entry in shelf.entries()] == [(7, 12), (8, 10), (7, 9)]
    newest = shelf.newest(7)
    assert newest is not None
    assert newest.path == shelf.path(7, 12)


def test_a_deleted_video_stays_deleted_over_a_generation(store: SqliteStore, shelf: Shelf, films: Catalog) -> None:
    built(store, shelf, films)
    store.write_videos(films.catalog_id, [delete("b")])
    follower = Follower(store, ShelfSource(shelf, store), max_waiting=1)

    assert found(follower.view(films)) == ["a", "c"]
    assert not follower.has_video(films, "b")
    built(store, shelf, films)
    follower._renew()
    assert found(follower.view(films)) == ["a", "c"]
