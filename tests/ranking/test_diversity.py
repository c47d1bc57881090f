from collections.abc import Sequence
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.index.held import UnitVector
from matchcut_server.ranking.caps import Caps
from matchcut_server.ranking.diversity import diverse
from matchcut_server.ranking.settings import AttributeCap
from tests.ranking.unit_vectors import ATTRIBUTES, VECTORS, dot, unit_vector

Candidate = tuple[float, UnitVector]
CANDIDATES = st.lists(st.tuples(st.integers(-3, 10).map(lambda n: n / 10), VECTORS), max_size=12).map(
    lambda some: sorted(some, key=lambda one: -one[0])
)
DIVERSITIES = st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0])


def always(_: int) -> bool:
    return True


def chosen(candidates: Sequence[Candidate], diversity: float) -> list[int]:
    return list(diverse([score for score, _ in candidates], [own for _, own in candidates], diversity, always))


def test_a_video_like_one_before_it_gives_way_to_another() -> None:
    london, same, paris = unit_vector({1: 1, 2: 1}), unit_vector({1: 1, 2: 1.1}), unit_vector({3: 1})
    candidates = [(0.9, london), (0.8, same), (0.6, paris)]
    assert chosen(candidates, 0.0) == [0, 1, 2]
    assert chosen(candidates, 0.1) == [0, 1, 2]  # 0.9 · 0.8 - 0.1 · 0.999 = 0.62 is still more than 0.9 · 0.6
    assert chosen(candidates, 0.3) == [0, 2, 1]


def test_with_full_diversity_only_the_first_place_goes_by_order() -> None:
    near, far = unit_vector({1: 1}), unit_vector({2: 1})
    assert chosen([(0.9, near), (0.8, near), (0.1, far)], 1.0) == [0, 2, 1]


def test_equal_candidates_come_in_the_order_given() -> None:
    assert chosen([(0.5, unit_vector({1: 1}))] * 4, 0.5) == [0, 1, 2, 3]


def test_there_may_be_none_or_none_with_terms() -> None:
    assert chosen([], 0.5) == []
    assert chosen([(0.5, unit_vector({})), (0.4, unit_vector({}))], 0.5) == [0, 1]


def test_who_is_refused_neither_comes_nor_counts() -> None:
    """A video of the same keywords as the refused one comes as if that had never been there."""
    first, refused, like_refused = unit_vector({1: 1}), unit_vector({2: 1}), unit_vector({2: 1})
    asked: list[int] = []

    def may_take(position: int) -> bool:
        asked.append(position)
        return position != 1

    other = unit_vector({1: 1, 3: 1})
    vectors = [first, refused, like_refused, other]
    assert list(diverse([0.9, 0.8, 0.7, 0.6], vectors, 0.5, may_take)) == [0, 2, 3]
    assert asked == [0, 1, 2, 3]


@pytest.mark.parametrize("diversity", [0.0, 0.4])
def test_nobody_is_asked_for_who_is_not_needed(diversity: float) -> None:
    asked: list[int] = []

    def may_take(position: int) -> bool:
        asked.append(position)
        return True

    vectors = [unit_vector({key: 1}) for key in range(5)]
    assert list(islice(diverse([0.5, 0.4, 0.3, 0.2, 0.1], vectors, diversity, may_take), 2)) == [0, 1]
    assert asked == [0, 1]


@given(candidates=CANDIDATES)
def test_without_diversity_the_order_is_the_given_one(candidates: list[Candidate]) -> None:
    assert chosen(candidates, 0.0) == list(range(len(candidates)))


@given(candidates=CANDIDATES, diversity=DIVERSITIES)
def test_it_chooses_what_the_formula_says(candidates: list[Candidate], diversity: float) -> None:
    """Where two are as good as equal, either may come, so that values are compared instead of positions."""
    found = chosen(candidates, diversity)
    assert sorted(found) == list(range(len(candidates)))
    for count, position in enumerate(found):
        values = _values(candidates, found[:count], diversity)
        assert values[position] == pytest.approx(max(values.values()), abs=3e-6)


def _values(candidates: Sequence[Candidate], taken: Sequence[int], diversity: float) -> dict[int, float]:
    return {
        position: (1 - diversity) * score
        - diversity * max((dot(candidates[one][1], own) for one in taken), default=0.0)
        for position, (score, own) in enumerate(candidates)
        if position not in taken
    }


@given(
    candidates=CANDIDATES,
    diversity=DIVERSITIES,
    attributes=st.lists(ATTRIBUTES, min_size=12, max_size=12),
    most=st.integers(1, 2),
)
def test_caps_hold_while_it_chooses(
    candidates: list[Candidate], diversity: float, attributes: list[dict[str, Sequence[str]]], most: int
) -> None:
    caps = Caps([AttributeCap("series", most)])

    def may_take(position: int) -> bool:
        if not caps.allows(attributes[position]):
            return False
        caps.add(attributes[position])
        return True

    scores, vectors = [score for score, _ in candidates], [own for _, own in candidates]
    found = list(diverse(scores, vectors, diversity, may_take))
    assert len(set(found)) == len(found)
    values = [value for position in found for value in attributes[position].get("series", ())]
    assert all(values.count(value) <= most for value in values)
    for position in set(range(len(candidates))) - set(found):
        assert any(values.count(value) == most for value in attributes[position].get("series", ()))
