"""What every store does with scenarios."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from matchcut_server.errors import InvalidInput, NotFound, Reason
from matchcut_server.index.follower import Follower
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.store.port import Scenario, Store, WriteStatus
from matchcut_server.vectors.settings import CatalogSettings
from tests.makers import put, video
from tests.store.conftest import OpenStore

MOST = 1_000


def test_a_scenario_is_created_then_changed_or_left_as_it_is(store: Store, catalog_id: int) -> None:
    before = store.revision()

    created, first = store.scenarios.put(catalog_id, "home", b"\x00\xff", MOST)
    again, second = store.scenarios.put(catalog_id, "home", b"\x00\xff", MOST)
    assert (first, second) == (WriteStatus.CREATED, WriteStatus.UNCHANGED)
    assert created == again == Scenario("home", b"\x00\xff", before + 1)
    assert store.revision() == before + 1

    changed, third = store.scenarios.put(catalog_id, "home", b"", MOST)
    assert third is WriteStatus.UPDATED
    assert changed == Scenario("home", b"", before + 2) == store.scenarios.scenario(catalog_id, "home")


def test_a_deleted_scenario_is_gone(store: Store, catalog_id: int) -> None:
    store.scenarios.put(catalog_id, "home", b"1", MOST)
    before = store.revision()

    assert store.scenarios.delete(catalog_id, "home")
    assert store.revision() == before + 1
    assert store.scenarios.scenario(catalog_id, "home") is None
    assert not store.scenarios.delete(catalog_id, "home")
    assert store.revision() == before + 1


def test_scenarios_are_listed_by_name_and_by_page(store: Store, catalog_id: int) -> None:
    for name in ("zoo", "after-a-film", "home", "home-2", "home_1", "0"):
        store.scenarios.put(catalog_id, name, name.encode(), MOST)

    listed = store.scenarios.scenarios(catalog_id, "", 100)
    assert [one.name for one in listed] == ["0", "after-a-film", "home", "home-2", "home_1", "zoo"]
    assert all(one.ranking == one.name.encode() for one in listed)
    assert [one.name for one in store.scenarios.scenarios(catalog_id, "home", 2)] == ["home-2", "home_1"]
    assert store.scenarios.scenarios(catalog_id, "zoo", 2) == []
    assert store.scenarios.scenario_count(catalog_id) == 6


def test_a_catalog_takes_no_more_than_so_many(store: Store, catalog_id: int) -> None:
    other = store.create_catalog("films", CatalogSettings())[0].catalog_id
    for name in ("a", "b"):
        store.scenarios.put(catalog_id, name, b"", 2)
    before = store.revision()

    with pytest.raises(InvalidInput, match="delete one first") as refusal:
        store.scenarios.put(catalog_id, "c", b"", 2)
    assert refusal.value.reason is Reason.TOO_LARGE
    assert store.revision() == before
    assert store.scenarios.scenario(catalog_id, "c") is None

    assert store.scenarios.put(catalog_id, "b", b"changed", 2)[1] is WriteStatus.UPDATED
    assert store.scenarios.put(other, "c", b"", 2)[1] is WriteStatus.CREATED
    store.scenarios.delete(catalog_id, "a")
    assert store.scenarios.put(catalog_id, "c", b"", 2)[1] is WriteStatus.CREATED


def test_the_limit_holds_for_writes_at_the_same_time(store: Store, catalog_id: int) -> None:
    def write(number: int) -> bool:
        try:
            return store.scenarios.put(catalog_id, f"s{number}", b"", 5)[1] is WriteStatus.CREATED
        except InvalidInput:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(write, range(40))) == 5
    assert store.scenarios.scenario_count(catalog_id) == 5


def test_nothing_crosses_catalogs_and_a_deleted_one_takes_its_scenarios_along(store: Store, catalog_id: int) -> None:
    films, _ = store.create_catalog("films", CatalogSettings())
    store.scenarios.put(catalog_id, "home", b"here", MOST)
    store.scenarios.put(films.catalog_id, "home", b"there", MOST)
    store.scenarios.put(films.catalog_id, "more", b"", MOST)

    store.delete_catalog("films")
    assert store.scenarios.scenarios(films.catalog_id, "", 10) == []
    assert store.scenarios.scenario_count(films.catalog_id) == 0
    found = store.scenarios.scenario(catalog_id, "home")
    assert found is not None
    assert found.ranking == b"here"

    with pytest.raises(NotFound) as refusal:
        store.scenarios.put(films.catalog_id, "home", b"", MOST)
    assert refusal.value.reason is Reason.CATALOG_NOT_FOUND
    assert not store.scenarios.delete(films.catalog_id, "more")
    new, _ = store.create_catalog("films", CatalogSettings())
    assert store.scenarios.scenario(new.catalog_id, "home") is None


def test_scenarios_are_there_when_the_store_is_opened_again(open_store: OpenStore, tmp_path: Path) -> None:
    first = open_store(tmp_path / "data")
    default = first.catalog("default")
    assert default is not None
    written, _ = first.scenarios.put(default.catalog_id, "home", b"1", MOST)
    first.scenarios.put(default.catalog_id, "gone", b"2", MOST)
    first.scenarios.delete(default.catalog_id, "gone")

    with closing(open_store(tmp_path / "data")) as again:
        assert again.scenarios.scenarios(default.catalog_id, "", 10) == [written]


def test_an_index_reaches_the_revision_of_a_scenario_in_every_process(open_store: OpenStore, tmp_path: Path) -> None:
    """Two stores of one folder are what two processes have; nothing is to be applied, so nobody waits in vain."""
    own, others = open_store(tmp_path / "data"), open_store(tmp_path / "data")
    default = own.catalog("default")
    assert default is not None
    own.write_videos(default.catalog_id, [put(video("a", "film"))])
    source = ShelfSource(Shelf(tmp_path / "data", own.secret), own)
    with Follower(own, source, max_waiting=1) as follower:
        follower.view(default)
        for writer in (own, others):
            scenario, _ = writer.scenarios.put(default.catalog_id, "home", str(writer).encode(), MOST)
            assert follower.view(default, scenario.revision).revision >= scenario.revision
            writer.scenarios.delete(default.catalog_id, "home")
            assert follower.view(default, writer.revision()).revision >= writer.revision()
        assert follower.view(default, own.revision()).statistics.videos == 1


def test_a_scenario_is_no_change_of_the_catalog_that_followers_would_have_to_apply(
    store: Store, catalog_id: int
) -> None:
    before = store.revision()
    version = store.version()

    scenario, _ = store.scenarios.put(catalog_id, "home", b"", MOST)

    changes = store.catalog_changes(before)
    assert (changes.revision, changes.changed, changes.settled) == (scenario.revision, {}, [])
    assert store.version() != version
