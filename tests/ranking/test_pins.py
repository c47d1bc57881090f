from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.ranking.pins import with_pinned


def test_pinned_videos_are_at_their_positions_and_the_others_around_them() -> None:
    assert "".join(with_pinned("abcdef", {0: "X", 3: "Y"}, 0, 6, is_end=False)) == "XabYcd"
    assert with_pinned("abc", {}, 0, 2, is_end=False) == ["a", "b"]


def test_positions_are_counted_over_all_pages() -> None:
    pinned = {1: "X", 4: "Y", 9: "Z"}
    assert "".join(with_pinned("abcdefgh", pinned, 0, 4, is_end=False)) == "aXbc"
    assert "".join(with_pinned("defgh", pinned, 4, 4, is_end=False)) == "Ydef"
    assert "".join(with_pinned("ghi", pinned, 8, 2, is_end=False)) == "gZ"


def test_where_the_list_ends_before_their_positions_they_come_last() -> None:
    pinned = {2: "X", 7: "Y", 5: "Z"}
    assert "".join(with_pinned("a", pinned, 0, 10, is_end=True)) == "aXZY"
    assert "".join(with_pinned("a", pinned, 0, 3, is_end=True)) == "aXZ"
    assert "".join(with_pinned("", {7: "Y"}, 3, 10, is_end=True)) == "Y"


def test_where_more_follows_they_wait_for_their_page() -> None:
    assert with_pinned("a", {2: "X", 7: "Y"}, 0, 10, is_end=False) == ["a"]


def test_no_more_of_the_others_is_taken_than_is_needed() -> None:
    taken = []

    def others() -> Iterator[str]:
        for one in "abcdef":
            taken.append(one)
            yield one

    with_pinned(others(), {0: "X", 2: "Y"}, 0, 3, is_end=False)
    assert taken == ["a"]


@given(
    others=st.lists(st.integers(0, 999), max_size=30, unique=True),
    places=st.sets(st.integers(0, 40), max_size=6),
    size=st.integers(1, 7),
)
def test_page_by_page_gives_the_list_that_one_page_would_give(others: list[int], places: set[int], size: int) -> None:
    pinned = {place: 1_000 + place for place in places}
    whole = with_pinned(others, pinned, 0, 1_000, is_end=True)
    pages: list[int] = []
    while True:
        rest = [one for one in others if one not in pages]
        left = {place: one for place, one in pinned.items() if one not in pages}
        page = with_pinned(rest, left, len(pages), size, is_end=True)
        if not page:
            break
        assert len(page) <= size
        pages += page
    assert pages == whole
    assert sorted(whole) == sorted([*others, *pinned.values()])
    assert [one for one in whole if one < 1_000] == others
    for place, one in pinned.items():
        at = whole.index(one)
        assert at == place or (at < place and set(whole[at:]) <= set(pinned.values()))


@pytest.mark.parametrize("offset", [0, 3])
def test_a_position_before_the_page_has_had_its_turn(offset: int) -> None:
    before = {position: f"{position}" for position in range(offset)}
    assert "".join(with_pinned("abc", {**before, offset + 1: "X"}, offset, 4, is_end=True)) == "aXbc"
