"""Ids packed into one array are found where they are."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from matchcut_server.index.identifiers import Identifiers, packed

ODD = ["", "a", "aa", "aaa", "ab", "b", "Z", "é", "e\u0301", "映", "映画", "\uff5e", "😀", "\x00", "\x7f", "\u0080"]
TEXTS = st.sampled_from(ODD) | st.text(max_size=4)


@given(st.lists(TEXTS, unique=True, max_size=40), st.lists(TEXTS, max_size=5))
@example(ODD, ["aaaa", "😀😀", "\U0010ffff"])
@example([], ["a"])
def test_every_id_is_found_at_its_place_and_no_other_is(texts: list[str], others: list[str]) -> None:
    ordered = sorted(texts, key=str.encode)
    ids = Identifiers(*packed([text.encode() for text in ordered]))

    assert len(ids) == len(ordered)
    assert [ids[position] for position in range(len(ids))] == ordered
    assert [ids.find(text) for text in ordered] == list(range(len(ordered)))
    places = [ordered.index(text) if text in ordered else -1 for text in others]
    assert [ids.find(text) for text in others] == ids.find_all(others).tolist() == places


def test_thousands_of_ids_are_found() -> None:
    ordered = sorted({f"video {number}" for number in np.random.default_rng(1).integers(0, 10**9, 5_000).tolist()})
    ids = Identifiers(*packed([text.encode() for text in ordered]))

    assert [ids.find(text) for text in ordered] == list(range(len(ordered)))
    assert ids.find("video") == ids.find("video 1000000001") == ids.find("") == -1
