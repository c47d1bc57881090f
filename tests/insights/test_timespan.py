"""Times as Video Indexer writes them, and the union of spans."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.insights.timespan import MAX_SECONDS, parse_time, union

TICKS = 10_000_000


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("0:00:05", 5.0),
        ("0:00:05.7", 5.7),
        ("0:00:05.75", 5.75),
        ("0:00:05.751", 5.751),
        ("0:00:05.7512345", 5.7512345),
        ("0:02:11.200000", 131.2),
        ("00:00:07.2400000", 7.24),
        ("01:02:03", 3723.0),
        ("12:00:00", 43_200.0),
        ("100:00:00", 360_000.0),
        ("1.02:03:04", 93_784.0),
        ("0:00:01.02", 1.02),
        ("1.02:03:04.5", 93_784.5),
        ("-0:00:05.5", -5.5),
        ("0:00:00", 0.0),
    ],
)
def test_every_form_of_a_time_is_read_exactly(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "0:05",
        "0:60:00",
        "0:00:60",
        "0:0:05",
        "0:00:05.",
        "0:00:05,5",
        " 0:00:05",
        "0:00:05\n",
        "+0:00:05",
        "0:-1:05",
        "PT5S",
        "00.00.05.50",
        "2022-06-19",
        "1e3:00:00",
        "NaN",
        "99999999:00:00",
    ],
)
def test_what_is_not_a_time_is_not_read(text: str) -> None:
    assert parse_time(text) is None


@given(st.integers(0, int(MAX_SECONDS) * TICKS))
def test_every_tick_is_the_float_nearest_to_it(ticks: int) -> None:
    whole, fraction = divmod(ticks, TICKS)
    text = f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}.{fraction:07}"

    assert parse_time(text) == ticks / TICKS


@pytest.mark.parametrize(
    "spans, merged",
    [
        ([], []),
        ([(1, 2)], [(1, 2)]),
        ([(1, 5), (3, 8)], [(1, 8)]),
        ([(1, 2), (2, 3)], [(1, 3)]),
        ([(1, 9), (2, 3)], [(1, 9)]),
        ([(5, 6), (1, 2)], [(1, 2), (5, 6)]),
        ([(1, 2), (1, 2)], [(1, 2)]),
        ([(1, 2), (2.0000001, 3)], [(1, 2), (2.0000001, 3)]),
    ],
)
def test_spans_that_overlap_or_touch_are_merged(
    spans: list[tuple[float, float]], merged: list[tuple[float, float]]
) -> None:
    assert union(spans) == merged


@st.composite
def millisecond_spans(draw: st.DrawFn) -> list[tuple[int, int]]:
    starts = draw(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=12))
    return [(start, start + length) for start, length in starts]


@given(millisecond_spans())
def test_the_union_covers_what_a_grid_of_milliseconds_covers(spans: list[tuple[int, int]]) -> None:
    covered = {cell for start, end in spans for cell in range(start, end)}
    seconds = [(start / 1000, end / 1000) for start, end in spans]

    merged = union(seconds)

    assert {cell for start, end in merged for cell in range(round(start * 1000), round(end * 1000))} == covered
    assert all(before[1] < after[0] for before, after in pairwise(merged))
