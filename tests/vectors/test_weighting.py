"""TF-IDF over arrays; scikit-learn is the reference."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer

from matchcut_server.vectors.weighting import block_shares, inverse_document_frequency, strongest, unit_weights
from tests.documents import real_videos
from tests.makers import DEFAULTS, indexed

Matrix = NDArray[np.float32]


@pytest.mark.parametrize(
    "document_frequency, set_count, expected",
    [(0, 0, 1.0), (1, 1, 1.0), (0, 1, 1 + math.log(2)), (2, 8, 1 + math.log(3)), (9, 9, 1.0)],
)
def test_idf_is_smooth(document_frequency: int, set_count: int, expected: float) -> None:
    assert float(inverse_document_frequency(document_frequency, set_count)) == pytest.approx(expected)


def test_a_vector_has_unit_length_and_the_proportions_of_weight_times_idf() -> None:
    found = unit_weights(np.array([3.0, 2.0]), np.array([1.0, 2.0]))

    assert found.tolist() == pytest.approx([0.6, 0.8])


def test_length_counts_negative_weights_as_much_as_positive_ones() -> None:
    assert unit_weights(np.array([3.0, -4.0]), np.ones(2)).tolist() == pytest.approx([0.6, -0.8])


def test_nothing_has_no_length() -> None:
    assert unit_weights(np.zeros(0), np.zeros(0)).tolist() == []
    assert unit_weights(np.zeros(2), np.ones(2)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("scale", [1e-300, 5e-324, 1e300])
def test_no_weight_is_too_small_or_too_large_for_unit_length(scale: float) -> None:
    assert unit_weights(np.array([scale, 0.0]), np.ones(2)).tolist() == [1.0, 0.0]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_terms_does_not_change_a_bit(weights: list[float], random: object) -> None:
    shuffled = list(range(len(weights)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    idf = np.linspace(1, 5, len(weights))

    found = unit_weights(np.array(weights), idf)

    assert unit_weights(np.array(weights)[shuffled], idf[shuffled]).tolist() == found[shuffled].tolist()


@pytest.mark.parametrize(
    "has_phrases, has_words, shares",
    [(True, True, (0.5, 0.5)), (True, False, (1, 0)), (False, True, (0, 1)), (False, False, (0, 0))],
)
def test_two_blocks_share_the_length_and_one_has_all_of_it(
    has_phrases: bool, has_words: bool, shares: tuple[float, float]
) -> None:
    found = block_shares(has_phrases, has_words)

    assert tuple(share * share for share in found) == pytest.approx(shares)


@pytest.mark.parametrize(
    "values, combined",
    [([1.0], 1.0), ([1.0, 3.0, 2.0], 3.0), ([-1.0, -3.0], -3.0), ([3.0, 2.0, -1.0], 2.0), ([0.5, -2.0], -1.5)],
)
def test_of_several_weights_the_strongest_of_each_sign_count(values: list[float], combined: float) -> None:
    assert strongest(("film", value) for value in values) == {"film": combined}


def test_weights_that_cancel_out_leave_nothing() -> None:
    assert strongest([("film", 2.0), ("film", -2.0), ("boat", 1.0)]) == {"boat": 1.0}


def rows(matrix: Matrix) -> Matrix:
    """Weigh each row of a matrix of tf with this package."""
    present = matrix > 0
    idf = inverse_document_frequency(present.sum(axis=0), len(matrix))
    found = np.zeros_like(matrix)
    for row, has in enumerate(present):
        found[row, has] = unit_weights(matrix[row, has].astype(np.float64), idf[has])
    return found


def reference(matrix: Matrix) -> Matrix:
    """Weigh a matrix of tf with scikit-learn."""
    found: Matrix = TfidfTransformer(smooth_idf=True, norm="l2").fit_transform(csr_matrix(matrix)).toarray()
    return found


@st.composite
def matrices(draw: st.DrawFn) -> Matrix:
    width = draw(st.integers(1, 6))
    cell = st.one_of(st.just(0.0), st.floats(0.001953125, 1000, width=32))
    drawn = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=6))
    return np.array(drawn, dtype=np.float32)


@given(matrices())
def test_vectors_of_any_tf_equal_those_of_scikit_learn(matrix: Matrix) -> None:
    assert rows(matrix) == pytest.approx(reference(matrix), abs=1e-6)


@pytest.mark.parametrize("block", ["phrases", "words"])
def test_vectors_of_the_real_documents_equal_those_of_scikit_learn(block: str) -> None:
    blocks = [getattr(vector, block) for one in real_videos() for vector in indexed(one, settings=DEFAULTS).vectors]
    keys = sorted({key for one in blocks for key in one.keys.tolist()})
    matrix = np.zeros((len(blocks), len(keys)), dtype=np.float32)
    for row, one in enumerate(blocks):
        for key, frequency in zip(one.keys.tolist(), one.frequencies, strict=True):
            matrix[row, keys.index(key)] = frequency

    assert len(keys) > 50
    assert rows(matrix) == pytest.approx(reference(matrix), abs=1e-6)
