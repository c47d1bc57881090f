"""Profiles of several parts, weighted with IDF."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from matchcut_server.index.query import reach, weigh
from matchcut_server.vectors.mixture import NO_TERMS, Mixture, Part, WeightedTerms


def idf_of(keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return an IDF of 1 to 4."""
    return 1.0 + (keys % np.uint64(4)).astype(np.float64)


def terms(weights: dict[int, float]) -> WeightedTerms:
    if not weights:
        return NO_TERMS
    return WeightedTerms(np.array(list(weights), dtype=np.uint64), np.array(list(weights.values())))


def part(share: float, phrases: dict[int, float], words: dict[int, float]) -> Part:
    return Part(share, terms(phrases), terms({key + 100: weight for key, weight in words.items()}))


WEIGHTS = st.dictionaries(st.integers(0, 5), st.sampled_from([-2.0, -0.5, 0.1, 1.0, 3.0]), max_size=4)
MIXTURES = st.lists(st.builds(part, st.sampled_from([0.05, 0.3, 0.7, 1.0]), WEIGHTS, WEIGHTS), max_size=3).map(
    lambda parts: Mixture(tuple(parts))
)


@given(MIXTURES)
def test_what_the_parts_reach_adds_up_to_the_whole(mixture: Mixture) -> None:
    weighted = weigh(mixture, idf_of)
    whole = dict(zip(weighted.keys.tolist(), weighted.weights.tolist(), strict=True))

    added = dict.fromkeys(whole, 0.0)
    for one in mixture.parts:
        for own, factor in zip((one.phrases, one.words), reach(mixture, one, idf_of), strict=True):
            for key, weight in zip(own.keys.tolist(), (own.weights * idf_of(own.keys)).tolist(), strict=True):
                added[key] += factor * weight

    assert added == pytest.approx(whole, abs=1e-9)


@given(MIXTURES)
def test_a_profile_is_of_length_one_unless_its_parts_cancel_out(mixture: Mixture) -> None:
    lengths = [
        math.sqrt(sum(weigh(mixture, idf_of).weights[weigh(mixture, idf_of).words == words] ** 2)) for words in (0, 1)
    ]

    both = all(any(len(getattr(one, block).keys) for one in mixture.parts) for block in ("phrases", "words"))
    for length in lengths:
        assert length == pytest.approx(0.0) or length == pytest.approx(math.sqrt(0.5) if both else 1.0)


def test_parts_that_say_the_opposite_leave_nothing_of_what_they_say() -> None:
    """Rounding errors would otherwise be all there is, and be brought to length 1."""
    film = {1: 0.1, 2: 0.3, 3: 0.7}
    mixture = Mixture((part(0.5, film, film), part(0.5, {key: -3.0 * own for key, own in film.items()}, {4: 1.0})))

    weighted = weigh(mixture, idf_of)

    assert not weighted.weights[weighted.words == 0].any()
    assert reach(mixture, mixture.parts[0], idf_of)[0] == 0.0
    assert np.sqrt(np.sum(weighted.weights**2)) == pytest.approx(math.sqrt(0.5))
