"""Ways to serve a data folder: all of them give the recorded answers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from matchcut_client import MatchcutClient
from tests.answers.catalogs import AskedCatalog
from tests.rpc.service import serving

Way = Callable[[Path], AbstractContextManager[str]]
"""Serves a data folder that holds the catalogs while the block runs, and yields the address."""


@contextmanager
def in_memory(data: Path) -> Iterator[str]:
    """Serve from this process, which holds everything in memory."""
    with serving(data) as service:
        yield service.server.address


WAYS: list[Way] = [in_memory]


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
