"""Every store, to be put through the same tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matchcut_server.store.port import DEFAULT_CATALOG, Store
from matchcut_server.store.sqlite.store import SqliteStore

OpenStore = Callable[[Path], Store]

STORES: list[OpenStore] = [SqliteStore]


@pytest.fixture(params=STORES, ids=lambda opened: opened.__name__)
def open_store(request: pytest.FixtureRequest) -> Iterator[OpenStore]:
    """What opens the store of a folder; everything opened is closed after the test."""
    make: OpenStore = request.param
    opened: list[Store] = []

    def open_one(folder: Path) -> Store:
        opened.append(make(folder))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: OpenStore, tmp_path: Path) -> Store:
    """An empty store in `tmp_path / "data"`."""
    return open_store(tmp_path / "data")


@pytest.fixture
def catalog_id(store: Store) -> int:
    """The id of the default catalog."""
    catalog = store.catalog(DEFAULT_CATALOG)
    assert catalog is not None
    return catalog.catalog_id
