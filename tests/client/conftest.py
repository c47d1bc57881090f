from collections.abc import Iterator

import pytest

from matchcut_client import MatchcutClient
from tests.client.fake_server import FakeServer


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server that runs."""
    running = FakeServer()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def client(server: FakeServer) -> Iterator[MatchcutClient]:
    """A client of that server."""
    with MatchcutClient(server.target) as opened:
        yield opened
