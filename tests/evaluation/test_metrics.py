"""Figures of lists: equal to scikit-learn's where it has them, and to what one counts by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from matchcut_server.evaluation.metrics import (
    coverage,
    discounted_gain,
    diversity,
    normalised_gain,
    precision,
    recall,
    reciprocal_rank,
    self_information,
)

GAINS = st.lists(st.sampled_from([0.0, 0.0, 0.25, 1 / 3, 0.5, 1.0]), min_size=2, max_size=80).filter(any)


def gains(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


@given(GAINS, st.integers(1, 100), st.integers(0, 80))
def test_ndcg_is_that_of_scikit_learn(ranked: list[float], cutoff: int, returned: int) -> None:
    """Over a whole catalog in ranked order, of which a ranking returned the first few."""
    everything = gains(*ranked)
    scores = -np.arange(len(ranked), dtype=np.float64)
    shown = np.where(np.arange(len(ranked)) < returned, everything, 0.0)

    expected = ndcg_score([everything], [scores], k=cutoff, ignore_ties=True)
    assert normalised_gain(everything, everything[everything > 0], cutoff) == pytest.approx(expected, abs=1e-12)
    # What was not returned may come in any order after it; here it brings nothing.
    ideal = discounted_gain(np.sort(everything)[::-1], cutoff)
    partial = normalised_gain(everything[:returned], everything[everything > 0], cutoff)
    assert partial == pytest.approx(discounted_gain(shown, cutoff) / ideal, abs=1e-12)


@given(GAINS, st.integers(1, 100))
def test_ndcg_is_one_for_the_best_order_and_never_more(ranked: list[float], cutoff: int) -> None:
    relevant = gains(*[gain for gain in ranked if gain])
    assert normalised_gain(np.sort(gains(*ranked))[::-1], relevant, cutoff) == pytest.approx(1.0)
    assert 0.0 <= normalised_gain(gains(*ranked), relevant, cutoff) <= 1.0 + 1e-12


def test_ndcg_by_hand() -> None:
    found = 1.0 / math.log2(2) + 0.5 / math.log2(4)
    best = 1.0 / math.log2(2) + 1.0 / math.log2(3) + 0.5 / math.log2(4)
    assert normalised_gain(gains(1.0, 0.0, 0.5), gains(0.5, 1.0, 1.0), 10) == pytest.approx(found / best)
    assert normalised_gain(gains(0.0, 1.0), gains(1.0), 1) == 0.0
    assert normalised_gain(gains(), gains(1.0), 10) == 0.0


def test_precision_counts_relevant_ones_and_a_short_list_as_filled_with_wrong_ones() -> None:
    assert precision(gains(1.0, 0.0, 0.2, 0.0, 1.0), 4) == 0.5
    assert precision(gains(1.0), 10) == 0.1
    assert precision(gains(), 10) == 0.0


def test_recall_is_the_share_of_all_relevant_ones() -> None:
    assert recall(gains(1.0, 0.0, 0.2, 0.0, 1.0), gains(1.0, 1.0, 1.0, 0.2), 4) == 0.5
    assert recall(gains(1.0, 1.0), gains(1.0, 1.0), 50) == 1.0
    assert recall(gains(), gains(1.0), 50) == 0.0


@pytest.mark.parametrize(
    "ranked, expected", [((1.0,), 1.0), ((0.0, 0.1, 1.0), 0.5), ((0.0, 0.0, 0.0, 1.0), 0.25), ((0.0,), 0.0), ((), 0.0)]
)
def test_the_reciprocal_rank_is_that_of_the_first_relevant_one(ranked: tuple[float, ...], expected: float) -> None:
    assert reciprocal_rank(gains(*ranked)) == expected


def test_coverage_counts_each_video_once() -> None:
    assert coverage([3, 1, 3, 3], 8) == 0.25
    assert coverage([], 8) == 0.0


def test_self_information_is_less_the_more_know_a_video() -> None:
    found = self_information(gains(7, 3, 1, 0), 7)
    assert found.tolist() == pytest.approx([0.0, 1.0, 2.0, 3.0])


def test_diversity_is_what_pairs_do_not_share() -> None:
    assert diversity([1.0, 0.5, 0.0]) == 0.5
    assert math.isnan(diversity([]))
