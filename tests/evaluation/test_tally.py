"""What the lists of a ranking are worth together."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from matchcut_server.evaluation.bootstrap import Estimate
from matchcut_server.evaluation.tally import DEEP, TOP, Tally, Worth

CATALOG = {str(number): number for number in range(100)}
VIDEOS = list(CATALOG)


def alike(video_ids: Sequence[str]) -> Iterable[float]:
    """Half of what each pair has is the same."""
    return [0.5] * (len(video_ids) * (len(video_ids) - 1) // 2)


def worth(*lists: tuple[Sequence[str], dict[str, float]]) -> Worth:
    tally = Tally(CATALOG, alike)
    for ranked, gains in lists:
        tally.add(ranked, gains)
    return tally.worth(None)


def test_figures_are_means_over_lists() -> None:
    found = worth((["0", "1"], {"0": 1.0}), (["1", "2", "0"], {"0": 1.0, "3": 1.0})).figures()

    best = 1 + 1 / math.log2(3)
    assert found.ndcg_at_10.value == pytest.approx((1 + 0.5 / best) / 2, abs=1e-6)
    assert found.precision_at_10.value == 0.1
    assert found.recall_at_50.value == 0.75
    assert found.mrr.value == pytest.approx((1 + 1 / 3) / 2, abs=1e-6)
    assert found.coverage == Estimate(0.03)
    assert found.diversity == Estimate(0.5, 0.5, 0.5)


def test_most_figures_look_at_the_first_ten_and_recall_at_fifty() -> None:
    found = worth((VIDEOS, {VIDEOS[TOP]: 1.0, VIDEOS[DEEP]: 1.0})).figures()

    assert found.ndcg_at_10.value == found.precision_at_10.value == 0.0
    assert found.recall_at_50.value == 0.5
    assert found.mrr.value == pytest.approx(1 / (TOP + 1), abs=1e-6)
    assert found.coverage.value == TOP / len(CATALOG)


def test_novelty_is_told_by_how_many_know_a_video_or_by_the_lists_themselves() -> None:
    tally = Tally(CATALOG, alike)
    tally.add(["0"], {"0": 1.0})
    tally.add(["0", "1"], {"0": 1.0})
    tally.add(["0"], {"0": 1.0})

    # Of three lists video 0 is in all, video 1 in one.
    assert tally.worth(None).figures().novelty.value == pytest.approx((0 + (0 + 1) / 2 + 0) / 3, abs=1e-6)
    # Of three users nobody has seen video 0, all have seen video 1.
    seen = np.zeros(len(CATALOG))
    seen[1] = 3
    assert tally.worth((seen, 3)).figures().novelty.value == pytest.approx((2 + (2 + 0) / 2 + 2) / 3, abs=1e-6)


def test_empty_lists_find_nothing_and_have_neither_novelty_nor_diversity() -> None:
    found = worth(([], {"0": 1.0}), ([], {"1": 1.0})).figures()

    assert found.ndcg_at_10 == found.recall_at_50 == Estimate(0.0, 0.0, 0.0)
    assert found.coverage == Estimate(0.0)
    assert found.novelty == found.diversity == Estimate(None)


def test_differences_are_taken_question_by_question() -> None:
    """Both rankings differ a lot from question to question, but one is always a little better."""
    lists = [(["50"] * number + ["0"], {"0": 1.0}) for number in range(1, 9)]
    better = worth(*[(ranked[1:], gains) for ranked, gains in lists])
    other = worth(*lists)

    found = better.differences(other).ndcg_at_10

    assert found.low is not None
    assert found.low > 0
    assert other.figures().ndcg_at_10.high > better.figures().ndcg_at_10.low  # type: ignore[operator]
    assert better.differences(better).mrr == Estimate(0.0, 0.0, 0.0)
