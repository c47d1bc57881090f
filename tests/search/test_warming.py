"""After warming no loop is compiled by a search."""

from matchcut_server.search.stretches import find_moments
from matchcut_server.search.warming import warm
from tests.search.test_moments import find


def test_a_search_finds_its_loops_compiled() -> None:
    warm()
    ready = len(find_moments.signatures)  # type: ignore[attr-defined]  # numba's dispatcher has them
    assert find(all_of=["london"], none_of=["paris"], within=5.0)
    assert find(any_of=["london"])
    assert len(find_moments.signatures) == ready  # type: ignore[attr-defined]  # as above
