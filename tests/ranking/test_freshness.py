"""Freshness: what is new gets something added, and ever less as it grows old."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.index.columns import FactColumns
from matchcut_server.ranking.freshness import freshness, freshness_amounts
from matchcut_server.vectors.video import VideoFacts

DAY = 86_400.0
NOW = 1_700_000_000.0


def columns_of(*published: float | None) -> FactColumns:
    return FactColumns([VideoFacts(f"v{i}", published_time=time) for i, time in enumerate(published)])


def test_freshness_halves_with_every_half_life() -> None:
    columns = columns_of(NOW, NOW - 7 * DAY, NOW - 14 * DAY, NOW - 70 * DAY, None)

    assert freshness_amounts(columns, NOW, 0.4, 7.0) == pytest.approx([0.4, 0.2, 0.1, 0.4 / 1024, 0.0])
    assert [freshness(time, NOW, 7.0) for time in (NOW, NOW - 7 * DAY, None)] == [1.0, 0.5, 0.0]


def test_what_is_not_published_yet_is_as_fresh_as_can_be() -> None:
    assert freshness_amounts(columns_of(NOW + DAY, NOW + 1e11), NOW, 0.4, 7.0).tolist() == [0.4, 0.4]
    assert freshness(NOW + DAY, NOW, 7.0) == 1.0


def test_amounts_follow_the_clock() -> None:
    columns = columns_of(NOW - 7 * DAY, NOW + 7 * DAY)

    assert freshness_amounts(columns, NOW, 1.0, 7.0) == pytest.approx([0.5, 1.0])
    assert freshness_amounts(columns, NOW + 14 * DAY, 1.0, 7.0) == pytest.approx([0.125, 0.5])
    assert freshness_amounts(columns, NOW, 1.0, 14.0) == pytest.approx([0.5**0.5, 1.0])
    assert freshness_amounts(columns, NOW, 1.0, 7.0) == pytest.approx([0.5, 1.0])


def test_whoever_gets_amounts_may_change_them() -> None:
    columns = columns_of(NOW)

    freshness_amounts(columns, NOW, 1.0, 7.0)[:] = 0.0

    assert freshness_amounts(columns, NOW, 1.0, 7.0).tolist() == [1.0]


TIMES = st.none() | st.floats(-62_135_596_800, 253_402_300_799) | st.floats(NOW - 100 * DAY, NOW + 100 * DAY)


@given(
    st.lists(TIMES, min_size=1, max_size=5),
    st.lists(st.floats(NOW - 1e6, NOW + 1e9), min_size=1, max_size=4),
    st.floats(0.0, 1.0),
    st.sampled_from([5e-324, 1e-9, 1e-3, 1.0, 30.0, 36_500.0]),
)
def test_over_a_segment_it_is_what_it_is_for_each_video(
    published: list[float | None], times: list[float], weight: float, half_life: float
) -> None:
    """At any time after any other, with whatever is kept from before."""
    columns = columns_of(*published)
    for now in times:
        amounts = freshness_amounts(columns, now, weight, half_life)

        expected = [weight * freshness(time, now, half_life) for time in published]
        assert np.abs(amounts - expected).max() < 1e-12
