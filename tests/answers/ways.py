"""Ways to serve a data folder: all of them give the recorded answers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

from matchcut_client import MatchcutClient
from matchcut_server.index import layered
from matchcut_server.index.builder import Builder
from matchcut_server.index.layered import CHOSEN
from matchcut_server.index.planner import Kernel, Plan
from matchcut_server.index.shelf import Shelf
from matchcut_server.store.sqlite.store import SqliteStore
from tests.answers.catalogs import AskedCatalog
from tests.makers import delete, put
from tests.rpc.service import serving

Way = Callable[[Path], AbstractContextManager[str]]
"""Serves a data folder that holds the catalogs while the block runs, and yields the address."""


@contextmanager
def in_memory(data: Path) -> Iterator[str]:
    """Serve from this process, which holds everything in memory."""
    with serving(data) as service:
        yield service.server.address


def with_generations(kernel: Kernel | None = None) -> Way:
    """Serve from generations of all catalogs. `kernel`: the one that searches them; None: the planner chooses."""

    @contextmanager
    def way(data: Path) -> Iterator[str]:
        with closing(SqliteStore(data)) as store:
            _build(store, data)
        with _planned(kernel), serving(data) as service:
            yield service.server.address

    return way


def with_changes(kernel: Kernel | None = None) -> Way:
    """Serve from generations of all catalogs, half of whose videos have been deleted and written again since.

    Their IDF is that of the catalogs as they are then, so the answers are the same.
    """

    @contextmanager
    def way(data: Path) -> Iterator[str]:
        with closing(SqliteStore(data)) as store:
            _build(store, data)
            for catalog in store.catalogs("", 1_000):
                videos = [one.video for one in store.videos(catalog.catalog_id, "", 1_000)][::2]
                store.write_videos(catalog.catalog_id, [delete(video.video_id) for video in videos])
                store.write_videos(catalog.catalog_id, [put(video) for video in videos])
        with _planned(kernel), serving(data) as service:
            yield service.server.address

    return way


def _build(store: SqliteStore, data: Path) -> None:
    builder = Builder(store, Shelf(data, store.secret))
    for catalog in store.catalogs("", 1_000):
        assert builder.build(catalog) == store.video_count(catalog.catalog_id)


@contextmanager
def _planned(kernel: Kernel | None) -> Iterator[None]:
    """Have a kernel chosen, and see that one was."""
    CHOSEN.clear()
    with patch.object(layered, "plan", lambda *_: Plan(kernel, {})) if kernel else nullcontext():
        yield
    assert CHOSEN if kernel is None else CHOSEN[kernel] == CHOSEN.total() > 0


WAYS: dict[str, Way] = {
    "in memory": in_memory,
    "with generations": with_generations(),
    "with generations, all added up": with_generations("plain"),
    "with changes, pruned": with_changes("pruned"),
}


@contextmanager
def served(way: Way, catalogs: Sequence[AskedCatalog], data: Path) -> Iterator[dict[str, MatchcutClient]]:
    """Fill a new data folder, then serve it in a way while the block runs; yield a client for each catalog, by name."""
    with serving(data) as service:
        for catalog in catalogs:
            with MatchcutClient(service.server.address, catalog=catalog.name) as client:
                client.create_catalog(catalog.name)
                catalog.fill(client)
    with way(data) as address, ExitStack() as stack:
        yield {catalog.name: stack.enter_context(MatchcutClient(address, catalog=catalog.name)) for catalog in catalogs}
