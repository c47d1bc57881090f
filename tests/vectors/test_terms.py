"""Terms: the phrase and the words of a keyword."""

# ruff: noqa: RUF001 - other scripts are what is tested

from concurrent.futures import ThreadPoolExecutor

import pytest
import Stemmer
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.insights.text import has_word, normalise
from matchcut_server.vectors.terms import _STEMMER_OF_LANGUAGE, Terms, keyword_terms, stemmer_name


def terms(text: str, language: str = "en-US") -> list[str]:
    """Split a keyword into words, and check that its phrase is these in order."""
    found = keyword_terms(text, stemmer_name(language))
    assert found.phrase == " ".join(found.words)
    return list(found.words)


@pytest.mark.parametrize(
    "language, text, expected",
    [
        ("en-US", "Film Festivals", ["film", "festiv"]),
        ("en-US", "running runs", ["run", "run"]),
        ("de-DE", "Häuser", ["haus"]),
        ("fr-FR", "chevaux", ["cheval"]),
        ("es-ES", "películas", ["pelicul"]),
        ("pt-BR", "filmes", ["film"]),
        ("it-IT", "attori", ["attor"]),
        ("nl-NL", "fietsen", ["fiets"]),
        ("sv-SE", "filmer", ["film"]),
        ("nb-NO", "filmer", ["film"]),
        ("ru-RU", "фильмы", ["фильм"]),
        ("hi-IN", "किताबें", ["किताब"]),
        ("ta-IN", "பாடல்கள்", ["பாடல்"]),
    ],
)
def test_words_are_stemmed_in_their_language(language: str, text: str, expected: list[str]) -> None:
    assert terms(text, language) == expected


@pytest.mark.parametrize(
    "language, text, expected",
    [
        ("he-IL", "סרטים טובים", ["סרטים", "טובים"]),
        ("ko-KR", "한국 영화", ["한국", "영화"]),
        ("bn-IN", "বাংলা ভাষা", ["বাংলা", "ভাষা"]),
        ("xx", "Festivals", ["festivals"]),
    ],
)
def test_words_stay_as_they_are_where_there_is_no_stemmer(language: str, text: str, expected: list[str]) -> None:
    assert terms(text, language) == expected


def test_every_stemmer_named_is_there() -> None:
    assert set(_STEMMER_OF_LANGUAGE.values()) <= set(Stemmer.algorithms())


@pytest.mark.parametrize("tag", ["en", "en-US", "EN-gb", "en-Latn-GB"])
def test_the_language_decides_the_stemmer_not_the_region(tag: str) -> None:
    assert stemmer_name(tag) == "english"


@pytest.mark.parametrize("language", ["ja-JP", "en-US", "zh-Hans", "th-TH"])
@pytest.mark.parametrize(
    "text, expected",
    [
        ("映画祭", ["映画", "画祭"]),
        ("犬", ["犬"]),
        ("東京 tower", ["東京", "tower"]),
        ("東京tower", ["東京", "tower"]),
        ("人々", ["人々"]),
        ("ラーメン", ["ラー", "ーメ", "メン"]),
        ("ｶﾞｲﾄﾞ", ["ガイ", "イド"]),
        ("葛\U000e0100城市", ["葛城", "城市"]),
        ("映画#1", ["映画", "1"]),
        ("ภาพ", ["ภา", "าพ"]),
        ("ยนตร์", ["ยน", "นต", "ตร์"]),
        ("ລາວ", ["ລາ", "າວ"]),
    ],
)
def test_the_script_decides_where_words_are_pairs_of_characters(language: str, text: str, expected: list[str]) -> None:
    """A language tag may be wrong. Marks stay with the character they stand on."""
    assert terms(text, language) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("c", ["c"]),
        ("C++", ["c++"]),
        ("c#", ["c#"]),
        ("#film @home", ["film", "home"]),
        ("node.js", ["node", "js"]),
        ("co-op", ["co", "op"]),
        ("state—of—affairs", ["state", "of", "affair"]),
        ("/half", ["half"]),
        ("covid-19", ["covid", "19"]),
        ("don't", ["don't"]),
        ("don’t", ["don't"]),
        ("London's", ["london"]),
        ("'quoted'", ["quot"]),
        ("o'neill", ["o'neil"]),
        ("❤️ love", ["love"]),
    ],
)
def test_signs_part_words_except_where_they_belong_to_them(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_hebrew_keeps_its_marks_and_its_apostrophes() -> None:
    assert terms("צ'רצ'יל", "he-IL") == ["צ'רצ'יל"]
    assert terms("\u202bשלום עולם\u202c", "he-IL") == ["שלום", "עולם"]


def test_vowel_signs_of_indic_scripts_do_not_part_words() -> None:
    assert terms("किताब की दुकान", "xx") == ["किताब", "की", "दुकान"]


def test_a_word_that_is_all_suffix_stays_as_it_is() -> None:
    """Greek and Nepali stemmers leave nothing of some words; a term must be something."""
    assert terms("αμε", "el-GR") == ["αμε"]
    assert terms("की", "ne-NP") == ["की"]


@pytest.mark.parametrize("text", ["", " ", "—", "...", "_", "++", "\u0301", "🎬", "\u2764\ufe0f", "'"])
def test_a_keyword_without_letters_and_digits_has_no_terms(text: str) -> None:
    assert keyword_terms(text, "english") == Terms("", ())


TEXTS = st.text(st.characters() | st.sampled_from("ab '’+#_-éё映画ラーかภาักำ한ש٣\u3099\u0301\u200d"), max_size=12)
STEMMERS = st.sampled_from(sorted({"", *_STEMMER_OF_LANGUAGE.values()}))


@given(TEXTS, STEMMERS)
def test_any_text_gives_terms_exactly_if_it_has_a_letter_or_digit(text: str, stemmer: str) -> None:
    found = keyword_terms(text, stemmer)

    assert bool(found.words) == has_word(normalise(text))
    assert all(word and not word.isspace() for word in found.words)
    assert found.phrase == " ".join(found.words)


@given(TEXTS, STEMMERS)
def test_equal_texts_have_equal_terms_and_every_stemmer_finds_as_many_words(text: str, stemmer: str) -> None:
    assert keyword_terms(normalise(text), stemmer) == keyword_terms(text, stemmer)
    assert len(keyword_terms(text, stemmer).words) == len(keyword_terms(text, "").words)


def test_threads_do_not_disturb_each_others_stemmers() -> None:
    words = [f"{stem}ing festivals" for stem in ("run", "jump", "film", "walk", "talk")] * 200
    alone = [keyword_terms.__wrapped__(word, "english") for word in words]

    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda word: keyword_terms.__wrapped__(word, "english"), words))

    assert together == alone
