"""Moments that a person finds in the real documents by reading their keywords and times."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchcut_server.search.asked import AskedKeyword, KeywordMatch
from tests.documents import real_videos
from tests.search.test_finding import Archive, archive, spans

TWICE, AGAIN = "8r3kil0qj5", "d4kbrk5z1s"
"""The same talk, indexed twice: most keywords are at the same times."""
NEWS, SKY, ADVICE = "a4d67b054f", "c1b3c12e75", "765ae329c7"
SETS = 8
"""Keyword sets with keywords among the documents."""


@pytest.fixture(scope="module")
def real(real_documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with archive(real_videos(real_documents), tmp_path_factory.mktemp("real")) as opened:
        yield opened


def idf(count: int) -> float:
    return math.log((1 + SETS) / (1 + count)) + 1


def test_there_are_as_many_keyword_sets_as_were_counted(real: Archive) -> None:
    assert real.view.statistics.keyword_sets == SETS


def test_a_keyword_of_two_spans_far_apart_has_two_moments(real: Archive) -> None:
    page = real.search(any_of=["erath county"])
    assert spans(page) == [(NEWS, 72.072, 85.1183666), (NEWS, 114.114, 123.1563666)]
    assert [one.found.score for one in page.moments] == [round(0.9975 * idf(1), 6)] * 2


def test_overlapping_spans_are_one_moment(real: Archive) -> None:
    assert spans(real.search(any_of=["gun range"])) == [(NEWS, 10.01, 21.94)]


def test_a_word_is_found_in_longer_keywords_and_the_surest_of_them_counts(real: Archive) -> None:
    """`gun range` and `range`: 10.01-16.05, 14.07-21.94, 21.94-28.78, 28.03-71.10 and 64.54-67.93."""
    page = real.search(any_of=["range"])
    assert spans(page) == [(NEWS, 10.01, 71.1043666)]
    assert page.moments[0].found.score == round(0.9938 * idf(1), 6)
    assert page.moments[0].told.keywords == ("gun range", "range")
    exact = (AskedKeyword("range", KeywordMatch.EXACT),)
    assert real.search(any_of=exact).moments[0].found.score == round(0.8041 * idf(1), 6)


def test_keywords_a_hundredth_of_a_second_apart_are_not_at_the_same_time_but_within_a_second(real: Archive) -> None:
    """`sky news` and `snapchat` open the clip together; later one follows the other: until 10.53, and from 10.54."""
    both = ["sky news", "snapchat"]
    assert spans(real.search(all_of=both, within_seconds=0.0)) == [(SKY, 0.5, 2.61)]
    page = real.search(all_of=both, within_seconds=1.0)
    assert spans(page) == [(SKY, 0.5, 2.61), (SKY, 9.36, 11.93)]
    assert [one.found.score for one in page.moments] == [round((0.9975 + 0.6211) * idf(1), 6)] * 2
    assert spans(real.search(all_of=both)) == spans(page)


def test_a_moment_with_more_of_what_was_asked_for_comes_first(real: Archive) -> None:
    """`spend` alone until 4.13 s; from 14.18 s on `time`, `spend` and `time` again, without a pause."""
    page = real.search(any_of=["time", "spend"])
    assert spans(page) == [(ADVICE, 14.18, 24.2), (ADVICE, 0.0, 4.13)]
    assert [one.found.score for one in page.moments] == [
        round(2 * 0.6211 * idf(1), 6),
        round(0.6211 * idf(1) / 2, 6),
    ]


def test_a_talk_that_was_indexed_twice_is_shown_once(real: Archive) -> None:
    """`committee`: 53.08-57.36 in one, 53.32-57.36 in the other."""
    page = real.search(any_of=["committee"])
    assert spans(page) == [(TWICE, 53.08, 57.36)]
    assert page.moments[0].found.score == round(0.69 * idf(2), 6)
    everything = real.search(any_of=["committee"], keep_copies=True)
    assert spans(everything) == [(TWICE, 53.08, 57.36), (AGAIN, 53.32, 57.36)]


def test_spans_of_both_that_differ_are_shown_of_both(real: Archive) -> None:
    """`fair`: 36.04-41.07 in both, but 57.4-74.96 in one and 60.56-74.96 in the other."""
    page = real.search(any_of=["fair"])
    assert sorted(spans(page)) == [
        (TWICE, 36.036, 41.0743667),
        (TWICE, 57.4, 74.96),
        (AGAIN, 60.56, 74.96),
    ]


def test_of_both_the_surer_one_is_shown(real: Archive) -> None:
    """`people` has a confidence of 0.6734 in one, and 0.7217 in the other, at nearly the same times."""
    page = real.search(any_of=["people"])
    assert spans(page) == [(AGAIN, 18.04, 24.88), (AGAIN, 28.92, 43.88), (AGAIN, 86.76, 93.52)]


def test_of_two_meetings_the_one_without_what_is_unwanted_is_left(real: Archive) -> None:
    """`ralph` is named three times while `police` is on screen until 71.10, and ends at 96.18 as `police` begins.

    The other spans of `police` until 72.73 overlap. `labor dept` is on screen from 63.06 on, then until 77.11.
    """
    both = ["ralph", "police"]
    assert spans(real.search(all_of=both, within_seconds=0.0)) == [(NEWS, 21.94, 72.73), (NEWS, 94.11, 98.1)]
    without = real.search(all_of=both, none_of=["labor dept"], within_seconds=0.0)
    assert spans(without) == [(NEWS, 94.11, 98.1)]
    assert spans(real.search(all_of=both, none_of=["labor dept"], within_seconds=17.0)) == []


def test_a_keyword_in_hebrew_is_found(real: Archive) -> None:
    assert spans(real.search(any_of=["טסטינג"])) == [("3i36ju6qq6", 60.75, 61.75)]
