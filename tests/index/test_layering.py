"""Layers hold every posting once, and bound what they hold."""

from collections import defaultdict
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.index import layering
from matchcut_server.index.arrays import Float64s, Impacts, Rows
from matchcut_server.index.kernels import PARTS
from matchcut_server.index.layering import RATIO, layered
from matchcut_server.index.scoring import scales_of

SPREADS = {"equal": (1.0, 1.0), "usual": (0.1, 8.0), "wide": (1e-12, 1e3), "widest": (1e-45, 1e30)}
TINIEST = float(np.finfo(np.float32).tiny)


def random_rows(count: int, terms: int, spread: tuple[float, float], random: np.random.Generator) -> Rows:
    """Make rows of up to 12 phrase terms and as many word terms; the first term is in all of them, the last in none."""
    starts, words, ids, frequencies = [0], [], [], []
    half, (low, high) = terms // 2, np.log(spread).tolist()
    for _ in range(count):
        phrases = {0, *random.integers(0, half, random.integers(0, 12)).tolist()}
        own = {half, *random.integers(half, terms - 1, random.integers(0, 12)).tolist()}
        words.append(starts[-1] + len(phrases))
        starts.append(words[-1] + len(own))
        ids += [*sorted(phrases), *sorted(own)]
        frequencies += np.exp(random.uniform(low, high, len(phrases) + len(own))).tolist()
    return Rows(
        np.array(starts, dtype=np.int64),
        np.array(words, dtype=np.int64),
        np.array(ids, dtype=np.int32),
        np.array(frequencies, dtype=np.float32),
        np.arange(count, dtype=np.int32),
    )


def impacts_by_term(rows: Rows, idf: Float64s) -> dict[int, dict[int, float]]:
    """Weigh every posting by the formulas: by term, and by row."""
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for row in range(len(rows.words)):
        for start, end in ((rows.starts[row], rows.words[row]), (rows.words[row], rows.starts[row + 1])):
            own = [float(rows.frequencies[at]) * idf[rows.terms[at]] for at in range(start, end)]
            length = np.sqrt(sum(weight * weight for weight in own))
            for at, weight in zip(range(start, end), own, strict=True):
                found[int(rows.terms[at])][row] = max(np.sqrt(0.5) * weight / length, TINIEST)
    return found


def check(rows: Rows, idf: Float64s, impacts: Impacts, least: int) -> None:
    expected = impacts_by_term(rows, idf)
    assert len(impacts.layers) == len(idf) + 1
    assert impacts.layers[0] == impacts.starts[0] == 0
    assert impacts.layers[-1] == len(impacts.bounds) == len(impacts.starts) - 1
    assert impacts.starts[-1] == len(impacts.rows) == len(impacts.parts) == len(rows.terms)
    for term in range(len(idf)):
        layers = range(impacts.layers[term], impacts.layers[term + 1])
        held = [impacts.rows[impacts.starts[layer] : impacts.starts[layer + 1]].tolist() for layer in layers]
        assert sorted(row for some in held for row in some) == sorted(expected[term])
        assert all(len(some) >= least for some in held) or len(held) == 1
        last = np.inf
        for layer, some in zip(layers, held, strict=True):
            assert some == sorted(some)
            bound = float(impacts.bounds[layer])
            highest = max(expected[term][row] for row in some)
            # float32 rounds the next layer's highest up, at most to the lowest of this one.
            assert highest <= last * (1 + 1e-6)
            assert highest <= bound <= highest * (1 + 3e-7)
            last = min(expected[term][row] for row in some)
            parts = impacts.parts[impacts.starts[layer] : impacts.starts[layer + 1]].tolist()
            for row, part in zip(some, parts, strict=True):
                assert bound * part / PARTS == pytest.approx(expected[term][row], rel=1e-6, abs=0.51 * bound / PARTS)


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 2, 40, 300]),
    st.sampled_from(list(SPREADS)),
    st.sampled_from([1, 2, 5, 32]),
)
def test_every_posting_is_in_one_layer_that_bounds_it(seed: int, count: int, spread: str, least: int) -> None:
    random = np.random.default_rng(seed)
    terms = int(random.integers(3, 40))
    rows = random_rows(count, terms, SPREADS[spread], random)
    idf = random.uniform(1.0, 14.0, terms)

    with patch.object(layering, "LEAST", least):
        impacts = layered(rows, scales_of(rows, idf), idf)

    check(rows, idf, impacts, least)
    if spread == "equal" and count == 1:
        assert len(impacts.bounds) == len(rows.terms)


def test_layers_get_lighter_by_a_ratio() -> None:
    """Where one posting is enough for a layer, it holds nothing that is lighter than that part of its highest."""
    random = np.random.default_rng(7)
    rows = random_rows(500, 6, SPREADS["usual"], random)
    idf = np.ones(6)
    with patch.object(layering, "LEAST", 1):
        impacts = layered(rows, scales_of(rows, idf), idf)

    expected = impacts_by_term(rows, idf)
    for term in (0, 3):
        layers = range(impacts.layers[term], impacts.layers[term + 1])
        assert len(layers) > 10
        for layer in layers:
            own = [expected[term][row] for row in impacts.rows[impacts.starts[layer] : impacts.starts[layer + 1]]]
            assert min(own) >= RATIO * max(own) * (1 - 1e-6)


def test_no_rows_have_no_layers() -> None:
    nothing = np.empty(0, dtype=np.int32)
    rows = Rows(np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int64), nothing, np.empty(0, np.float32), nothing)

    impacts = layered(rows, scales_of(rows, np.ones(3)), np.ones(3))

    assert impacts.layers.tolist() == [0, 0, 0, 0]
    assert impacts.starts.tolist() == [0]
    assert len(impacts.rows) == len(impacts.bounds) == 0
