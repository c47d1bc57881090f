"""An IDF table tells what the view it was taken from tells."""

from collections.abc import Callable

import numpy as np
import pytest

from matchcut_server.index.layered import LayeredIndex
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Index
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.video import Removal
from matchcut_server.vectors.weighting import BLOCKS
from tests.index.generations import generation_of
from tests.makers import indexed, video

VIDEOS = [indexed(video("a", "castle", "moat")), indexed(video("b", "castle", "bread"))]
WORDS = ("castl", "moat", "bread", "film", "unheard")
"""As they are stemmed."""


def layered() -> Index:
    return LayeredIndex(generation_of(VIDEOS))


@pytest.mark.parametrize("make", [MemoryIndex, layered])
def test_a_table_has_the_idf_and_the_words_of_its_view(make: Callable[[], Index]) -> None:
    index = make()
    index.apply([*VIDEOS, Removal("b"), indexed(video("c", "film"))], 1)
    view = index.view()
    table = view.table()
    keys = np.array([term_key(block, word) for block in BLOCKS for word in WORDS], dtype=np.uint64)
    assert table.idf_of(keys).tolist() == view.idf_of(keys).tolist()
    assert [table.knows("words", word) for word in WORDS] == [view.knows("words", word) for word in WORDS]
    assert table.languages == view.languages
    assert [table.knows("words", word) for word in WORDS] == [True, True, False, True, False]


@pytest.mark.parametrize("make", [MemoryIndex, layered])
def test_the_state_of_a_view_is_another_one_when_a_video_changes(make: Callable[[], Index]) -> None:
    index = make()
    index.apply(VIDEOS, 1)
    before = index.view().state
    index.apply([], 2)
    assert index.view().state is before
    index.apply([Removal("b")], 3)
    assert index.view().state is not before


def test_the_table_of_nothing_knows_no_word() -> None:
    table = MemoryIndex().view().table()
    assert table.idf_of(np.array([1], dtype=np.uint64)).tolist() == [1.0]
    assert not table.knows("words", "castle")
