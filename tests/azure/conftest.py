from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina.instrumentation

from tests.azure.syncing import Catalog, new_catalog
from tests.azure_stand_in.control import StandIn, stand_in
from tests.cli.command import serving


@pytest.fixture(scope="session", autouse=True)
def quiet_retries() -> None:
    """Retries are said by nobody, as in the commands."""
    stamina.instrumentation.set_on_retry_hooks([])


@pytest.fixture
def azure() -> Iterator[StandIn]:
    """An account without videos."""
    with stand_in() as running:
        yield running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server."""
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def catalog(server: str, azure: StandIn, tmp_path: Path) -> Iterator[Catalog]:
    """An empty catalog, and the account that it follows."""
    made = new_catalog(server, azure, tmp_path)
    yield made
    made.client.close()
