"""A batch is what its profiles find one by one."""

import numpy as np
import pytest

from matchcut_server.index.batch import search_batch
from matchcut_server.index.filter import Filter, HasLanguage
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Index
from tests.index.generations import BuiltIndex
from tests.index.strategies import numbered_video, zipf_profile


@pytest.mark.parametrize("index", [MemoryIndex(), BuiltIndex()], ids=["memory", "generation"])
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_a_batch_finds_what_its_profiles_find_one_by_one(threads: int, index: Index) -> None:
    random = np.random.default_rng(1)
    index.apply([numbered_video(number, random) for number in range(200)], 200)
    index.apply([numbered_video(number, random) for number in range(150, 250)], 300)
    view = index.view()
    profiles = [zipf_profile(count, random) for count in (1, 5, 40, 100) for _ in range(5)]
    german = Filter((HasLanguage("de"),))

    for limit, allowed, excluded in ((1, None, ()), (20, german, ()), (500, None, {"v00001", "v00200", "nobody"})):
        expected = [view.search(profile, limit, 50.0, allowed, excluded) for profile in profiles]
        assert search_batch(view, profiles, limit, 50.0, allowed, excluded, threads) == expected
    assert search_batch(view, [], 5, 50.0, threads=threads) == []
