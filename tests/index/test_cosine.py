import pytest
from hypothesis import given

from matchcut_server.index.held import UnitVector, cosine
from tests.ranking.unit_vectors import VECTORS, dot, unit_vector


def test_the_cosine_is_that_of_the_terms_both_have() -> None:
    first = unit_vector({1: 3.0, 5: 4.0})
    assert cosine(first, unit_vector({5: 1.0})) == pytest.approx(0.8)
    assert cosine(first, unit_vector({2: 1.0, 6: 1.0})) == 0
    assert cosine(first, first) == pytest.approx(1)
    assert cosine(first, unit_vector({})) == 0


@given(first=VECTORS, second=VECTORS)
def test_it_is_what_the_library_gives_either_way_round(first: UnitVector, second: UnitVector) -> None:
    assert cosine(first, second) == pytest.approx(dot(first, second), abs=1e-12)
    assert cosine(first, second) == cosine(second, first)
