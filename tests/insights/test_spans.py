"""Times read many at once."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.insights.spans import read_spans
from matchcut_server.insights.timespan import parse_time

DIGITS = st.text("0123456789", min_size=1, max_size=8)
TIMES = st.one_of(
    st.builds("{}:{:02}:{:02}".format, st.integers(0, 9_000), st.integers(0, 61), st.integers(0, 61)),
    st.builds("{}:{:02}:{:02}.{}".format, st.integers(0, 9_000), st.integers(0, 59), st.integers(0, 59), DIGITS),
    st.text("0123456789:.-\n\u0660 ", max_size=12),
    st.sampled_from(
        ["1.02:03:04", "-0:00:01", "0:00:05\n", "0:00:05\x00", "8784:00:00", "8784:00:00.0000001", "", "\ud800"]
    ),
)


@given(st.lists(st.tuples(st.none() | TIMES, st.none() | TIMES), max_size=6))
def test_times_read_together_are_those_read_one_by_one(spans: list[tuple[str | None, str | None]]) -> None:
    """To the last bit."""
    starts, ends = read_spans([start for start, _ in spans], [end for _, end in spans])

    for read, texts in ((starts, [start for start, _ in spans]), (ends, [end for _, end in spans])):
        alone = [None if text is None else parse_time(text) for text in texts]
        assert [None if math.isnan(seconds) else seconds for seconds in read.tolist()] == alone


@pytest.mark.parametrize("ticks", [1, 7, 15_350_000, 1_104_860_001, 431_999_999_999, 316_224_000_000_000 - 1])
def test_a_time_is_the_float_next_to_its_decimal_number(ticks: int) -> None:
    seconds, fraction = divmod(ticks, 10_000_000)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:07}"

    ((read,), _) = read_spans([text], [text])

    assert read == float(f"{seconds}.{fraction:07}")
