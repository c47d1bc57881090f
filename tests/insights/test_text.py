"""Normalised text: what makes two keywords the same."""

# ruff: noqa: RUF001 - letters that look alike, and other scripts, are what is tested

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchcut_server.insights.text import has_control, has_word, normalise, without_control


@pytest.mark.parametrize(
    "text, same",
    [
        ("London", "london"),
        ("  film \t\n festival ", "film festival"),
        ("STRASSE", "straße"),
        ("ﬁlm", "film"),
        ("ｆｉｌｍ", "film"),
        ("caf\u00e9", "cafe\u0301"),
        ("ΟΔΟΣ", "οδος"),
        ("ｶﾞｲﾄﾞ", "ガイド"),
        ("co\u00adoperation", "cooperation"),
        ("\u202eשלום\u202c", "שלום"),
        ("\u2066שלום\u2069", "שלום"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("می\u200cخواهم", "میخواهم"),
        ("葛\U000e0100城", "葛城"),
        ("\u2764\ufe0f", "\u2764"),
        ("film\u00a0festival", "film festival"),
        ("film\u3000festival", "film festival"),
    ],
)
def test_what_makes_no_difference_is_folded(text: str, same: str) -> None:
    assert normalise(text) == normalise(same)


@pytest.mark.parametrize("pair", [("c", "c++"), ("resume", "résumé"), ("film festival", "filmfestival")])
def test_what_makes_a_difference_stays(pair: tuple[str, str]) -> None:
    first, second = pair

    assert normalise(first) != normalise(second)


@given(st.text())
@example("ß\u0301")  # folded to two letters, the second of which then takes the accent
@example("ΐ")
def test_normalised_text_is_normal(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once
    assert once == once.strip()


@given(st.text())
def test_neither_composition_nor_surrounding_space_matters(text: str) -> None:
    assert normalise(f" {unicodedata.normalize('NFD', text)}\n") == normalise(text)


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\t", "\r", "\n"])
def test_control_characters_are_found_and_give_way_to_spaces(character: str) -> None:
    assert has_control(f"a{character}b")
    assert without_control(f"a{character}b") == "a b"


@pytest.mark.parametrize("text", ["", "film festival", "\u202eשלום\u202c", "zero\u200bwidth", "\u00a0", "🎬"])
def test_what_is_only_invisible_is_no_control_character(text: str) -> None:
    assert not has_control(text)
    assert without_control(text) == text


@pytest.mark.parametrize("text", ["a", "7", "é", "ش", "語", "c++", "'n'"])
def test_a_letter_or_a_digit_makes_a_word(text: str) -> None:
    assert has_word(text)


@pytest.mark.parametrize("text", ["", "—", "...", "_", "\u0301", "🎬", "\u2764\ufe0f", "++"])
def test_signs_alone_make_none(text: str) -> None:
    assert not has_word(text)
