"""Every index, to be put through the same tests."""

from collections.abc import Callable

import pytest

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Index

MakeIndex = Callable[[], Index]

INDEXES: list[MakeIndex] = [MemoryIndex]


@pytest.fixture(params=INDEXES, ids=lambda make: make.__name__)
def make_index(request: pytest.FixtureRequest) -> MakeIndex:
    """What makes an empty index."""
    make: MakeIndex = request.param
    return make


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    """An empty index."""
    return make_index()
