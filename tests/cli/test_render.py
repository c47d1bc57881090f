"""How spans, times and text look."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_client import TimeSpan
from matchcut_server.cli.render import BAR_CELLS, bar, clock, counted, plain, time_bar

DURATIONS = st.floats(0.1, 1e6)
PARTS = st.lists(st.tuples(st.floats(0, 0.999_999), st.floats(1e-6, 1)), max_size=8)
CELLS = st.integers(1, 200)


def spans(parts: list[tuple[float, float]], duration: float) -> list[TimeSpan]:
    """Make spans of their beginnings and lengths, both as parts of a duration."""
    return [TimeSpan(start * duration, min(1.0, start + length) * duration) for start, length in parts]


def test_a_cell_is_as_high_as_the_part_of_it_that_is_covered() -> None:
    some = [TimeSpan(0, 1), TimeSpan(10, 15), TimeSpan(20, 30), TimeSpan(38, 42), TimeSpan(99.99, 100)]
    assert time_bar(some, 100, 10) == "▁▄█▂▂····▁"


def test_without_a_duration_the_last_span_ends_the_bar() -> None:
    assert time_bar([TimeSpan(0, 5), TimeSpan(15, 20)], 0, 4) == "█··█"


def test_a_span_beyond_a_duration_whose_fraction_is_missing_is_seen() -> None:
    assert time_bar([TimeSpan(100.2, 100.9)], 100, 10) == "·········▁"


@pytest.mark.parametrize("duration", [0, 0.1, 100, 86_400.5])
def test_without_spans_there_are_only_dots(duration: float) -> None:
    assert time_bar([], duration) == "·" * BAR_CELLS


@given(PARTS, DURATIONS, CELLS)
def test_any_time_that_is_covered_is_seen(parts: list[tuple[float, float]], duration: float, cells: int) -> None:
    some = spans(parts, duration)
    bar = time_bar(some, duration, cells)
    assert len(bar) == cells
    for span in some:
        first = max(0, math.floor(span.start_seconds / duration * cells - 1e-6))
        last = math.ceil(span.end_seconds / duration * cells + 1e-6)
        assert set(bar[first:last]) != {"·"}


@given(PARTS, DURATIONS, CELLS)
def test_cells_that_nothing_covers_are_dots(parts: list[tuple[float, float]], duration: float, cells: int) -> None:
    some = spans(parts, duration)
    bar = time_bar(some, duration, cells)
    width, margin = duration / cells, duration * 1e-9
    for cell, shown in enumerate(bar):
        left, right = cell * width - margin, (cell + 1) * width + margin
        if all(span.end_seconds < left or span.start_seconds > right for span in some):
            assert shown == "·"


@given(PARTS, DURATIONS, CELLS)
def test_neither_order_nor_repetition_nor_overlap_matters(
    parts: list[tuple[float, float]], duration: float, cells: int
) -> None:
    some = spans(parts, duration)
    assert time_bar([*some[::-1], *some], duration, cells) == time_bar(some, duration, cells)


@given(DURATIONS, CELLS)
def test_a_whole_video_is_full(duration: float, cells: int) -> None:
    assert time_bar([TimeSpan(0, duration)], duration, cells) == "█" * cells


@pytest.mark.parametrize(
    "seconds, text",
    [(0, "0:00"), (59.99, "0:59"), (60, "1:00"), (3_599, "59:59"), (3_600, "1:00:00"), (90_061, "25:01:01")],
)
def test_times_are_written_as_clocks_do(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_one_is_singular() -> None:
    assert [counted(number, "video") for number in (0, 1, 1_000)] == ["0 videos", "1 video", "1,000 videos"]


@pytest.mark.parametrize(
    "text", ["Küste – „Meer“", "日本 🎬 👩\u200d🚀", "שלום", "\u200eLondon", "no\u00a0break", "[b]:x:"]
)
def test_text_of_any_script_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    "text, shown",
    [
        ("\x1b[31mred", "\\u001b[31mred"),
        ("\x9b31mred", "\\u009b31mred"),
        ("a\nb\tc\rd\x07\x7f", "a\\u000ab\\u0009c\\u000dd\\u0007\\u007f"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("caf\udce9", "caf\\udce9"),
    ],
)
def test_what_a_terminal_would_obey_is_spelt_out(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text())
def test_no_text_holds_control_characters_or_surrogates_once_it_is_plain(text: str) -> None:
    shown = plain(text + "\x1b\x85\u2028\ud800")
    assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in shown)
    assert json.loads(json.dumps(shown.encode().decode())) == shown


@pytest.mark.parametrize(
    "share, drawn",
    [(0, "    "), (1e-9, "▏   "), (0.25, "█   "), (0.5, "██  "), (0.6, "██▍ "), (1, "████"), (2, "████")],
)
def test_a_bar_is_as_long_as_a_share_and_anything_at_all_is_seen(share: float, drawn: str) -> None:
    assert bar(share, 4) == drawn
