"""Keyword sets as tf vectors."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.insights.model import KeywordSet
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.keyword_vector import (
    KeywordVector,
    SetCounts,
    TermBlock,
    effective_duration,
    merged_spans,
    on_screen_seconds,
    vectorise,
)
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from tests.makers import DEFAULTS, keyword, keyword_set


def weights(block: TermBlock) -> dict[int, float]:
    return dict(zip(block.keys.tolist(), block.frequencies.tolist(), strict=True))


def phrases(**expected: float) -> dict[int, float]:
    """Key tf by phrase, whose words are joined by underscores here."""
    return {term_key("phrases", term.replace("_", " ")): tf for term, tf in expected.items()}


def words(**expected: float) -> dict[int, float]:
    return {term_key("words", term): tf for term, tf in expected.items()}


def vector(*keywords: object, duration: float = 100.0, settings: CatalogSettings = DEFAULTS) -> KeywordVector:
    return vectorise(keyword_set("en-US", *keywords), duration, settings)  # type: ignore[arg-type]


def test_each_keyword_is_a_phrase_and_each_of_its_words_a_word() -> None:
    found = vector(keyword("film festival", (0, 9), confidence=0.5), keyword("London", (0, 1), confidence=1.0))

    festival, london = 0.5 * math.log(10), math.log(2)
    assert weights(found.phrases) == pytest.approx(phrases(film_festiv=festival, london=london))
    assert weights(found.words) == pytest.approx(words(film=festival, festiv=festival, london=london))
    assert (found.language, found.summarized) == ("en-US", False)


def test_a_word_weighs_as_its_strongest_keyword_and_never_the_sum() -> None:
    found = vector(
        keyword("film", (0, 9), confidence=0.5),
        keyword("film festival", (0, 99), confidence=0.9),
        keyword("film music", (0, 1), confidence=0.6),
    )

    assert weights(found.words)[term_key("words", "film")] == pytest.approx(0.9 * math.log(100))
    assert weights(found.phrases)[term_key("phrases", "film")] == pytest.approx(0.5 * math.log(10))


def test_keywords_of_one_stem_are_one_phrase_of_the_stronger_weight() -> None:
    found = vector(keyword("festival", (0, 9), confidence=0.5), keyword("festivals", (0, 99), confidence=0.5))

    assert weights(found.phrases) == pytest.approx(phrases(festiv=0.5 * math.log(100)))


def test_a_word_that_occurs_twice_in_a_keyword_counts_once() -> None:
    assert weights(vector(keyword("new york new", (0, 9))).words) == pytest.approx(
        words(new=math.log(10), york=math.log(10))
    )


def test_overlapping_instances_count_once() -> None:
    assert weights(vector(keyword("film", (0, 6), (4, 9))).phrases) == pytest.approx(phrases(film=math.log(10)))


def test_what_is_not_given_has_a_default() -> None:
    found = vector(keyword("film", confidence=None))

    assert weights(found.phrases) == pytest.approx(phrases(film=0.75 * math.log(2)))


def test_keys_are_in_order_and_their_weights_are_float32() -> None:
    found = vector("zebra", "apple tree", "mango")

    for block in (found.phrases, found.words):
        assert block.keys.tolist() == sorted(set(block.keys.tolist()))
    assert found.phrases.keys.dtype == found.words.keys.dtype == np.uint64
    assert found.phrases.frequencies.dtype == found.words.frequencies.dtype == np.float32


@pytest.mark.parametrize(
    "scheme, expected",
    [
        (Scheme.LOG, 0.5 * math.log(26)),
        (Scheme.SQRT, 2.5),
        (Scheme.LINEAR, 12.5),
        (Scheme.SHARE, 0.5 * math.log(1 + 1000 * 25 / 200)),
        (Scheme.CONFIDENCE, 0.5),
    ],
)
def test_the_catalog_names_the_scheme(scheme: Scheme, expected: float) -> None:
    one = keyword("film", (0, 10), (10, 25), confidence=0.5)

    found = vector(one, duration=200.0, settings=CatalogSettings(scheme=scheme))

    assert weights(found.phrases) == pytest.approx(phrases(film=expected))


def test_ignored_keywords_have_no_terms_and_aliases_those_of_what_they_stand_for() -> None:
    settings = CatalogSettings(ignored_keywords=("today",), keyword_aliases=(("uk", "United Kingdom"),))

    found = vector("Today", "UK", settings=settings)

    assert weights(found.phrases).keys() == phrases(unit_kingdom=0).keys()
    assert weights(found.words).keys() == words(kingdom=0, unit=0).keys()
    assert found.counts.keywords == 2


@pytest.mark.parametrize("one", [keyword("—", (0, 9)), keyword("film", (0, 9), confidence=0.0)])
def test_keywords_without_words_or_weight_have_no_terms_but_are_counted(one: object) -> None:
    found = vector(one)

    assert found.is_empty
    assert len(found.words.keys) == 0
    assert found.counts.keywords == 1


def test_an_empty_set_has_an_empty_vector() -> None:
    found = vectorise(KeywordSet("en-US", ()), 0.0, DEFAULTS)

    assert found.is_empty
    assert found.counts == SetCounts()


def test_counts_are_whole_numbers_of_what_the_set_holds() -> None:
    found = vector(
        keyword("film", (0, 0.1), (0.2, 0.3)), keyword("boat"), keyword("London", (5, 6), confidence=None), duration=0.0
    )

    assert found.counts == SetCounts(
        keywords=3, on_screen_ticks=2_000_000 + 2 * 10_000_000, defaulted_confidences=1, defaulted_durations=1
    )


def test_a_keyword_that_a_shorter_duration_leaves_no_time_counts_a_second_and_as_defaulted() -> None:
    found = vector(keyword("film", (50, 60)), duration=40.0)

    assert weights(found.phrases) == pytest.approx(phrases(film=math.log(2)))
    assert (found.counts.on_screen_ticks, found.counts.defaulted_durations) == (10_000_000, 1)


def test_spans_are_merged_and_clipped_to_the_video() -> None:
    film = keyword("film", (1, 3), (2, 4), (5, 8), (90, 130))
    both = keyword_set("en-US", film, keyword("boat"))

    assert merged_spans(film, 100.0) == [(1, 4), (5, 8), (90, 100)]
    assert on_screen_seconds(both, 100.0).tolist() == [16, 0]
    assert merged_spans(film, 0.0) == [(1, 4), (5, 8), (90, 130)]
    assert on_screen_seconds(both, 0.0).tolist() == [46, 0]


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=12), min_size=1, max_size=4),
    st.sampled_from([0.0, 0.1, 0.25]),
)
def test_on_screen_durations_are_sums_of_merged_spans(spans: list[list[tuple[int, int]]], duration: float) -> None:
    """To the last bit, as the one is stored and the other shown."""
    keywords = [
        keyword(f"film {i}", *sorted((start / 1000, (start + length) / 1000) for start, length in own))
        for i, own in enumerate(spans)
    ]

    measured = on_screen_seconds(KeywordSet("en", keywords), duration)

    assert measured.tolist() == [sum(end - start for start, end in merged_spans(one, duration)) for one in keywords]


def test_a_video_of_unknown_duration_lasts_as_long_as_its_keywords() -> None:
    keywords = keyword_set("en-US", keyword("film", (5, 8), (1, 3)), keyword("boat"))

    assert effective_duration(keywords, 60.0) == 60.0
    assert effective_duration(keywords, 0.0) == 8.0
    assert effective_duration(KeywordSet("en-US", ()), 0.0) == 1.0
