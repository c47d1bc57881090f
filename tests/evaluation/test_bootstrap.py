"""Intervals: the same for the same seed, narrow where there is much to go by, and right as often as they say."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.evaluation.bootstrap import CONFIDENCE, Estimate, estimate_means

VALUES = st.lists(st.floats(-1, 1), min_size=1, max_size=30)


def estimate(*values: float, seed: int = 1) -> Estimate:
    [found] = estimate_means(np.array(values)[:, None], seed=seed)
    return found


@given(VALUES)
def test_the_mean_lies_among_the_values_and_the_interval_too(values: list[float]) -> None:
    found = estimate(*values)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.value == pytest.approx(np.mean(values), abs=1e-6)
    assert min(values) - 1e-6 <= found.low <= found.high <= max(values) + 1e-6


@given(VALUES, st.integers(0, 3))
def test_the_same_seed_gives_the_same_interval(values: list[float], seed: int) -> None:
    assert estimate(*values, seed=seed) == estimate(*values, seed=seed)


def test_another_seed_gives_another_interval() -> None:
    values = np.random.default_rng(1).random(50)
    assert estimate(*values, seed=1) != estimate(*values, seed=2)


def test_columns_do_not_depend_on_each_other() -> None:
    both = np.random.default_rng(1).random((40, 2))
    assert estimate_means(both) == [*estimate_means(both[:, :1]), *estimate_means(both[:, 1:])]


def test_values_that_are_all_the_same_leave_no_doubt() -> None:
    assert estimate(0.25, 0.25, 0.25) == Estimate(0.25, 0.25, 0.25)


def test_what_has_no_value_is_left_out_of_the_mean() -> None:
    found = estimate(math.nan, 1.0, math.nan, 0.5, 0.5, 0.5)
    assert found.value == 0.625
    assert found.low is not None
    assert 0.5 <= found.low <= 0.625
    assert estimate(math.nan, math.nan) == Estimate(None)


def test_the_interval_is_right_as_often_as_it_says() -> None:
    """Means of 60 draws from a distribution of mean 0.3; the percentile interval is known to be a little too narrow."""
    draws = np.random.default_rng(1)
    right = 0
    for _ in range(200):
        found = estimate(*(draws.random(60) < 0.3).astype(float))
        assert found.low is not None
        assert found.high is not None
        right += found.low <= 0.3 <= found.high
    assert CONFIDENCE - 0.05 <= right / 200 <= CONFIDENCE + 0.05
