"""Numbering keys, and finding them, against a dictionary."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from matchcut_server.index.terms import KeyNumbers, Keys, find_keys

LAST = 2**64 - 1
# Neighbours that are one number as float64, and keys that fall on the same place of a table.
ODD = [0, 1, 2**16, 2**17, 2**32, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**63 + 1, LAST - 1, LAST]
KEYS = st.sampled_from(ODD) | st.integers(0, LAST)


def keys_of(numbers: list[int]) -> Keys:
    return np.array(numbers, dtype=np.uint64)


@given(st.sets(KEYS, max_size=50), st.lists(KEYS, max_size=10))
@example(set(ODD), [3, 2**63 + 2, LAST - 2])
@example(set(), ODD)
def test_keys_are_found_where_they_are(there: set[int], others: list[int]) -> None:
    ordered = sorted(there)
    places = {key: place for place, key in enumerate(ordered)}
    wanted = ordered[::-1] + others

    assert find_keys(keys_of(ordered), keys_of(wanted)).tolist() == [places.get(key, -1) for key in wanted]


@given(st.lists(st.lists(KEYS, max_size=20), max_size=10))
@example([ODD, ODD[::-1], [LAST] * 3])
def test_keys_are_numbered_in_the_order_they_come(lists: list[list[int]]) -> None:
    numbers, expected = KeyNumbers(), {}
    for keys in lists:
        found = numbers.number(keys_of(keys))
        assert found.tolist() == [expected.setdefault(key, len(expected)) for key in keys]
    assert len(numbers) == len(expected)
    assert numbers.keys().tolist() == list(expected)


def test_keys_that_want_the_same_place_are_told_apart() -> None:
    keys = np.arange(2_000, dtype=np.uint64) * np.uint64(2**40)
    numbers = KeyNumbers()

    assert numbers.number(keys).tolist() == list(range(2_000))
    assert numbers.number(keys[::-1].copy()).tolist() == list(range(2_000))[::-1]


def test_numbers_stay_when_the_table_grows() -> None:
    keys = np.random.default_rng(2).permutation(100_000).astype(np.uint64) * np.uint64(0x9E37_79B9_7F4A_7C15)
    numbers = KeyNumbers()

    for start in range(0, len(keys), 7_001):
        some = keys[start : start + 7_001]
        assert numbers.number(some).tolist() == list(range(start, start + len(some)))
    assert (numbers.keys() == keys).all()
    assert (numbers.number(keys) == np.arange(len(keys))).all()
