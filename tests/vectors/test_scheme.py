"""Weighting schemes, by numbers worked out by hand."""

import numpy as np
import pytest

from matchcut_server.vectors.scheme import Scheme, term_frequency


@pytest.mark.parametrize(
    "scheme, expected",
    [
        (Scheme.LOG, [1.1989476364, 0.6931471806, 0.0]),  # 0.5 ln 11, 1 ln 2, 0
        (Scheme.SQRT, [1.5811388301, 1.0, 0.0]),  # 0.5 √10, 1 √1, 0
        (Scheme.LINEAR, [5.0, 1.0, 0.0]),
        (Scheme.SHARE, [2.3075602584, 2.3978952728, 0.0]),  # 0.5 ln 101, 1 ln 11, 0
        (Scheme.CONFIDENCE, [0.5, 1.0, 0.0]),
    ],
)
def test_a_scheme_weighs_by_its_formula(scheme: Scheme, expected: list[float]) -> None:
    """Three keywords of a video of 100 s: 10 s at confidence 0.5, 1 s at 1, and 50 s at 0."""
    confidence, seconds = np.array([0.5, 1.0, 0.0]), np.array([10.0, 1.0, 50.0])

    assert term_frequency(scheme, confidence, seconds, 100.0) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("scheme", Scheme)
def test_more_confidence_weighs_more_and_more_time_no_less(scheme: Scheme) -> None:
    ascending = np.array([0.1, 0.5, 0.9])
    constant = np.full(3, 0.5)

    by_confidence = term_frequency(scheme, ascending, np.full(3, 7.0), 60.0)
    by_time = term_frequency(scheme, constant, 60.0 * ascending, 60.0)

    assert (np.diff(by_confidence) > 0).all()
    assert (np.diff(by_time) >= 0).all()


@pytest.mark.parametrize("scheme", Scheme)
def test_no_keywords_have_no_weights(scheme: Scheme) -> None:
    assert len(term_frequency(scheme, np.zeros(0), np.zeros(0), 1.0)) == 0
