"""Profiles of catalogs as a process sees them: from the store alone, or with files that a builder makes."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from matchcut_server.errors import Unavailable
from matchcut_server.index.follower import Follower
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.profiles.model import Declared
from matchcut_server.store.port import DEFAULT_CATALOG, Catalog
from matchcut_server.store.profile_port import ProfileChange
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.targeting import audiences as audiences_module
from matchcut_server.targeting import builder as builder_module
from matchcut_server.targeting.audiences import Audiences
from matchcut_server.targeting.builder import AudienceBuilder
from matchcut_server.targeting.generation import AudienceShelf
from matchcut_server.targeting.index import AudienceView, Wanted
from matchcut_server.vectors.profile import Interest
from matchcut_server.vectors.settings import CatalogSettings
from tests.makers import put, video
from tests.targeting.profiles import promotion_of

LIVE = 20
"""Catalogs of at most so many profiles need no file here."""


@dataclass
class Site:
    """A store, what follows it, and a builder whose clock the test sets."""

    store: SqliteStore
    data: Path
    follower: Follower
    now: float = 1_000.0

    def __post_init__(self) -> None:
        self.shelf = AudienceShelf(self.data, self.store.secret)
        self.audiences = self.new_audiences()
        self.source = ShelfSource(Shelf(self.data, self.store.secret), self.store)
        self.builder = AudienceBuilder(self.store, self.shelf, self.source, clock=lambda: self.now)

    @property
    def catalog(self) -> Catalog:
        found = self.store.catalog(DEFAULT_CATALOG)
        assert found is not None
        return found

    def new_audiences(self) -> Audiences:
        return Audiences(self.store, AudienceShelf(self.data, self.store.secret), self.follower, max_waiting=2)

    def work(self) -> list[str]:
        """Have the builder look and build; return the files there are."""
        self.now += 10.0
        self.builder.work(threading.Event())
        return self.files()

    def files(self) -> list[str]:
        return sorted(path.name for path in self.shelf.folder.glob("*") if path.name != "builder.lock")

    def declare(self, numbers: range, keyword: str = "castle") -> None:
        declared = Declared((Interest(keyword),), targeting_allowed=True)
        changes = [ProfileChange(f"user-{number:03}", lambda _: declared) for number in numbers]
        self.store.profiles.write_profiles(1, changes)

    def view(self, audiences: Audiences | None = None) -> AudienceView:
        self.follower.catch_up()
        view = self.follower.view(self.catalog)
        return (audiences or self.audiences).view(self.catalog, view, 0.0)

    def castle_lovers(self, audiences: Audiences | None = None) -> list[str]:
        view = self.view(audiences)
        members = view.match(promotion_of([Interest("castle")], self.follower.view(self.catalog)), Wanted(1_000))
        return [members.user_id(place) for place in range(len(members))]


def names(*numbers: int) -> list[str]:
    return [f"user-{number:03}" for number in numbers]


@pytest.fixture
def site(store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for module in (audiences_module, builder_module):
        monkeypatch.setattr(module, "LIVE_PROFILES", LIVE)
    store.write_videos(1, [put(video("a", "castle", "moat")), put(video("b", "bread"))])
    data = tmp_path / "data"
    with Follower(store, ShelfSource(Shelf(data, store.secret), store), max_waiting=1) as follower:
        yield Site(store, data, follower)


def test_few_profiles_need_no_file(site: Site) -> None:
    site.declare(range(LIVE))
    assert site.castle_lovers() == names(*range(LIVE))
    assert site.work() == []


def test_many_profiles_wait_for_their_file(site: Site) -> None:
    site.declare(range(LIVE + 1))
    with pytest.raises(Unavailable, match="is being built") as refused:
        site.view()
    assert refused.value.retry_after > 0
    assert len(site.work()) == 1
    assert site.castle_lovers() == names(*range(LIVE + 1))


def test_what_grows_in_memory_goes_on_with_a_file_when_there_is_one(site: Site) -> None:
    site.declare(range(5))
    assert site.castle_lovers() == names(*range(5))
    site.declare(range(40))
    assert site.castle_lovers() == names(*range(40))
    site.work()
    while site.audiences.keep_up():
        pass
    site.declare(range(3), "bread")
    site.store.profiles.delete_profiles(1, names(4), 0.0)
    assert site.castle_lovers() == names(3, *range(5, 40))
    assert site.castle_lovers(site.new_audiences()) == names(3, *range(5, 40))


def test_after_a_restart_only_what_has_changed_is_read(site: Site) -> None:
    site.declare(range(40))
    site.work()
    site.declare(range(2), "bread")
    started = site.new_audiences()
    assert site.castle_lovers(started) == names(*range(2, 40))
    [followed] = started._followed.values()
    assert followed.held == 2


def test_a_new_file_is_built_when_enough_has_changed(site: Site) -> None:
    site.declare(range(100))
    [first] = site.work()
    site.declare(range(2), "bread")
    assert site.work() == [first]  # 2 %
    site.declare(range(6), "bread")
    assert site.work() == [first]
    site.now += 30.0
    [second] = site.work()  # 6 %, and quiet
    assert second != first
    site.declare(range(30), "bread")
    [third] = site.work()
    assert third != second
    assert site.castle_lovers() == names(*range(30, 100))


def test_new_settings_of_the_catalog_make_a_new_file(site: Site) -> None:
    site.declare(range(40), "palace")
    site.work()
    assert site.castle_lovers() == []
    site.store.update_catalog(DEFAULT_CATALOG, CatalogSettings(keyword_aliases=(("palace", "castle"),)))
    site.work()
    while site.audiences.keep_up():
        pass
    assert site.castle_lovers() == names(*range(40))


def test_no_file_holds_a_deleted_user_for_long(site: Site) -> None:
    site.declare(range(50))
    before = site.work()
    site.store.profiles.delete_profiles(1, ["user-007"], 1.0)
    assert site.work() == before
    assert "user-007" not in site.castle_lovers()
    assert b"user-007" in (site.shelf.folder / before[0]).read_bytes()
    site.now += builder_module.REMOVED_SECONDS
    [after] = site.work()
    assert b"user-007" not in (site.shelf.folder / after).read_bytes()
    assert site.work() == [after]


def test_a_catalog_that_has_grown_makes_a_new_file(site: Site) -> None:
    site.declare(range(40))
    [first] = site.work()
    site.store.write_videos(1, [put(video(f"v{i}", "bread")) for i in range(101)])
    [second] = site.work()
    assert second != first


def test_a_catalog_that_has_shrunk_needs_its_file_no_more(site: Site) -> None:
    site.declare(range(40))
    site.work()
    assert site.castle_lovers() == names(*range(40))
    site.store.profiles.delete_profiles(1, names(*range(35)), 0.0)
    assert site.work() == []
    site.audiences.keep_up()
    assert site.castle_lovers() == names(*range(35, 40))


def test_a_damaged_file_is_set_aside_and_built_anew(site: Site) -> None:
    site.declare(range(40))
    [name] = site.work()
    path = site.shelf.folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with capture_logs() as logs, pytest.raises(Unavailable):
        site.view(site.new_audiences())
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["generation_damaged"]
    assert len(site.work()) == 2
    assert site.castle_lovers() == names(*range(40))


def test_a_deleted_catalog_is_let_go_of_with_its_file(site: Site) -> None:
    other, _ = site.store.create_catalog("other", CatalogSettings())
    declared = Declared((Interest("castle"),), targeting_allowed=True)
    site.store.profiles.write_profiles(
        other.catalog_id, [ProfileChange(f"u{number}", lambda _: declared) for number in range(40)]
    )
    assert len(site.work()) == 1
    site.audiences.view(other, site.follower.view(other), 0.0)
    site.store.delete_catalog("other")
    site.follower.catch_up()
    site.audiences.keep_up()
    assert not site.audiences._followed
    assert site.work() == []


def test_what_was_not_asked_for_for_longest_is_dropped(site: Site) -> None:
    audiences = Audiences(site.store, site.shelf, site.follower, max_waiting=1, max_loaded=3)
    catalogs = [site.store.create_catalog(f"c{i}", CatalogSettings())[0] for i in range(6)]
    declared = Declared((Interest("castle"),), targeting_allowed=True)
    for catalog in catalogs:
        site.store.profiles.write_profiles(catalog.catalog_id, [ProfileChange("ada", lambda _: declared)])
    site.follower.catch_up()
    for catalog in catalogs:
        assert len(audiences.view(catalog, site.follower.view(catalog), 0.0)) == 1
    assert list(audiences._followed) == [catalog.catalog_id for catalog in catalogs[-4:]]


def test_who_waits_too_long_for_others_is_told_so(site: Site) -> None:
    site.declare(range(3))
    site.view()
    [followed] = site.audiences._followed.values()
    with followed.lock, pytest.raises(Unavailable, match="being loaded"):
        site.view()


def test_many_threads_ask_while_profiles_change(site: Site) -> None:
    """Each sees what was written before it asked; nobody is ever told of half a profile."""
    view = site.follower.view(site.catalog)
    castle = promotion_of([Interest("castle")], view)

    def ask(number: int) -> int:
        site.declare(range(number, number + 1))
        members = site.audiences.view(site.catalog, view, 10.0).match(castle, Wanted(100))
        assert set(members.scores.tolist()) == {1.0}
        ids = {members.user_id(place) for place in range(len(members))}
        assert set(names(number)) <= ids
        return len(ids)

    with ThreadPoolExecutor(3) as pool:
        assert max(pool.map(ask, range(LIVE))) == LIVE
