import itertools
from collections.abc import Iterator

import pytest

from matchcut_client import MatchcutClient, VideoIndex
from tests.cli.command import EXAMPLES, serving

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server."""
    with serving(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(scope="module")
def other_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of another server."""
    with serving(tmp_path_factory.mktemp("other")) as address:
        yield address


@pytest.fixture
def catalog(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new catalog, which commands take as long as they are not told another."""
    name = f"catalog-{next(_numbers)}"
    with MatchcutClient(server) as client:
        client.create_catalog(name)
    monkeypatch.setenv("MATCHCUT_SERVER", server)
    monkeypatch.setenv("MATCHCUT_CATALOG", name)
    return name


@pytest.fixture
def client(server: str, catalog: str) -> Iterator[MatchcutClient]:
    """A client of the new catalog."""
    with MatchcutClient(server, catalog=catalog) as opened:
        yield opened


@pytest.fixture(scope="session")
def example_catalog(server: str) -> str:
    """A catalog that holds the example catalog, for tests that only read."""
    documents = [VideoIndex(path.read_bytes()) for path in sorted(EXAMPLES.glob("*.json"))]
    with MatchcutClient(server, catalog="examples") as client:
        client.create_catalog("examples")
        assert not client.import_video_indexes(documents).rejected
    return "examples"


@pytest.fixture
def examples(server: str, example_catalog: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The example catalog, which commands take as long as they are not told another."""
    monkeypatch.setenv("MATCHCUT_SERVER", server)
    monkeypatch.setenv("MATCHCUT_CATALOG", example_catalog)
    return example_catalog
