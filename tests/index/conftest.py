"""Every index, to be put through the same tests."""

from collections.abc import Callable
from functools import partial

import pytest

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Index
from tests.index.generations import BuiltIndex

MakeIndex = Callable[[], Index]

INDEXES: dict[str, MakeIndex] = {
    "memory": MemoryIndex,
    "beside nothing": partial(BuiltIndex, is_empty=True),
    "planned": BuiltIndex,
    "pruned": partial(BuiltIndex, "pruned"),
    "plain": partial(BuiltIndex, "plain"),
    "scan": partial(BuiltIndex, "scan"),
}
"""What makes an empty index, by its name in the tests; those over a generation are built of the first write."""


@pytest.fixture(params=INDEXES.values(), ids=INDEXES)
def make_index(request: pytest.FixtureRequest) -> MakeIndex:
    """What makes an empty index."""
    make: MakeIndex = request.param
    return make


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    """An empty index."""
    return make_index()
