"""Keyword sets, from keywords as they come."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.errors import Reason
from matchcut_server.insights.keywords import MAX_INSTANCES, MAX_KEYWORDS, KeywordSetBuilder
from matchcut_server.insights.limits import MAX_KEYWORD_LENGTH
from matchcut_server.insights.model import Instance, Keyword
from matchcut_server.insights.report import AdjustmentKind, Report
from matchcut_server.vectors.keyword_vector import on_screen_seconds

SPANS = [Instance(0.0, 1.0)]


@pytest.fixture
def report() -> Report:
    return Report()


@pytest.fixture
def builder(report: Report) -> KeywordSetBuilder:
    """A set of a video of 100 seconds."""
    return KeywordSetBuilder("en-US", 100.0, report)


def adjusted(report: Report) -> dict[AdjustmentKind, int]:
    return {adjustment.kind: adjustment.count for adjustment in report.adjustments}


def test_a_keyword_in_order_is_taken_as_it_is(builder: KeywordSetBuilder, report: Report) -> None:
    builder.add("keywords[0]", "Film Festival", 0.9, [Instance(1.0, 2.0), Instance(1.5, 3.0)])

    assert builder.build().keywords == (Keyword("Film Festival", 0.9, (Instance(1.0, 2.0), Instance(1.5, 3.0))),)
    assert builder.build().language == "en-US"
    assert not report.violations
    assert not report.adjustments


def test_equal_texts_are_one_keyword_with_all_instances_and_the_highest_confidence(
    builder: KeywordSetBuilder, report: Report
) -> None:
    builder.add("keywords[0]", "Café", 0.6, [Instance(5.0, 6.0)])
    builder.add("keywords[1]", "CAFE\u0301", 0.9, [Instance(1.0, 2.0), Instance(5.0, 6.0)])

    assert builder.build().keywords == (Keyword("Café", 0.9, (Instance(1.0, 2.0), Instance(5.0, 6.0))),)
    assert adjusted(report) == {AdjustmentKind.MERGED_KEYWORD: 1}


def test_instances_are_put_in_order_and_exact_repetitions_are_dropped(builder: KeywordSetBuilder) -> None:
    builder.add("keywords[0]", "film", 0.9, [Instance(9.0, 10.0), Instance(1.0, 2.0), Instance(9.0, 10.0)])

    assert builder.build().keywords[0].instances == (Instance(1.0, 2.0), Instance(9.0, 10.0))


@pytest.mark.parametrize("given_confidence, taken", [(-0.1, 0.0), (1.5, 1.0), (675.971, 1.0), (-1e300, 0.0)])
def test_confidence_out_of_range_is_clamped_and_reported(
    given_confidence: float, taken: float, builder: KeywordSetBuilder, report: Report
) -> None:
    builder.add("keywords[0]", "film", given_confidence, SPANS)

    assert builder.build().keywords[0].confidence == taken
    assert adjusted(report) == {AdjustmentKind.CLAMPED_CONFIDENCE: 1}


@pytest.mark.parametrize("confidence", [math.nan, math.inf, -math.inf])
def test_confidence_that_is_no_number_is_refused(confidence: float, builder: KeywordSetBuilder, report: Report) -> None:
    builder.add("keywords[0]", "film", confidence, SPANS)

    assert [(one.field, one.reason) for one in report.violations] == [("keywords[0].confidence", Reason.INVALID_VALUE)]


def test_a_missing_confidence_is_kept_as_missing_and_reported(builder: KeywordSetBuilder, report: Report) -> None:
    builder.add("keywords[0]", "film", None, SPANS)

    assert builder.build().keywords[0].confidence is None
    assert adjusted(report) == {AdjustmentKind.DEFAULTED_CONFIDENCE: 1}


@pytest.mark.parametrize("spans", [[], [Instance(5.0, 5.0)], [Instance(9.0, 2.0)], [Instance(100.0, 120.0)]])
def test_a_keyword_left_without_instances_is_reported(
    spans: list[Instance], builder: KeywordSetBuilder, report: Report
) -> None:
    builder.add("keywords[0]", "film", 0.9, spans)

    assert builder.build().keywords[0].instances == ()
    assert adjusted(report)[AdjustmentKind.DEFAULTED_DURATION] == 1
    assert adjusted(report).get(AdjustmentKind.DROPPED_INSTANCE, 0) == len(spans)


def test_instances_are_clipped_to_the_video_and_their_source_times_with_them(
    builder: KeywordSetBuilder, report: Report
) -> None:
    builder.add("keywords[0]", "film", 0.9, [Instance(-2.0, 5.0, "source", 598.0, 605.0)])
    builder.add("keywords[1]", "boat", 0.9, [Instance(90.0, 130.0, "source", 10.0, 50.0)])

    assert [keyword.instances for keyword in builder.build().keywords] == [
        (Instance(0.0, 5.0, "source", 600.0, 605.0),),
        (Instance(90.0, 100.0, "source", 10.0, 20.0),),
    ]
    assert adjusted(report) == {AdjustmentKind.CLIPPED_INSTANCE: 2}


def test_nothing_is_clipped_at_the_end_of_a_video_of_unknown_duration(report: Report) -> None:
    builder = KeywordSetBuilder("en-US", None, report)

    builder.add("keywords[0]", "film", 0.9, [Instance(5.0, 40_000.0)])

    assert builder.build().keywords[0].instances == (Instance(5.0, 40_000.0),)
    assert not report.adjustments


@pytest.mark.parametrize("end", [math.nan, math.inf, 1e308, 4e7])
def test_times_that_no_video_has_are_refused(end: float, report: Report) -> None:
    """Beyond a year sums would lose their ticks, and at 1e308 overflow."""
    builder = KeywordSetBuilder("en-US", None, report)

    builder.add("keywords[3]", "film", 0.9, [Instance(0.0, 1.0), Instance(0.0, end)])

    assert [(one.field, one.reason) for one in report.violations] == [
        ("keywords[3].instances[1]", Reason.INVALID_VALUE)
    ]


@pytest.mark.parametrize(
    "text, reason",
    [
        (None, Reason.REQUIRED),
        ("", Reason.REQUIRED),
        (" \n", Reason.REQUIRED),
        ("a" * (MAX_KEYWORD_LENGTH + 1), Reason.TOO_LARGE),
        ("null\x00byte", Reason.INVALID_VALUE),
        ("bell\x07", Reason.INVALID_VALUE),
    ],
)
def test_a_text_that_cannot_be_a_keyword_is_refused(
    text: str | None, reason: Reason, builder: KeywordSetBuilder, report: Report
) -> None:
    builder.add("keywords[7]", text, 0.9, SPANS)

    (violation,) = report.violations
    assert (violation.field, violation.reason) == ("keywords[7].text", reason)
    assert violation.message.isprintable()


def test_a_text_of_signs_is_kept_and_reported(builder: KeywordSetBuilder, report: Report) -> None:
    builder.add("keywords[0]", "—", 0.9, SPANS)

    assert builder.build().keywords[0].text == "—"
    assert adjusted(report) == {AdjustmentKind.KEYWORD_WITHOUT_WORDS: 1}


def test_as_many_keywords_as_allowed_are_taken_and_one_more_is_refused(
    builder: KeywordSetBuilder, report: Report
) -> None:
    for i in range(MAX_KEYWORDS):
        builder.add(f"keywords[{i}]", f"word {i}", 0.9, SPANS)
    assert not report.violations

    builder.add("keywords[1000]", "word 0", 0.9, SPANS)  # the same as an earlier one
    assert not report.violations

    builder.add("keywords[1001]", "another", 0.9, SPANS)
    assert [(one.field, one.reason) for one in report.violations] == [("keywords[1001]", Reason.TOO_LARGE)]


def test_as_many_instances_as_allowed_are_taken_and_one_more_is_refused(
    builder: KeywordSetBuilder, report: Report
) -> None:
    builder.add("keywords[0]", "film", 0.9, [Instance(i / 1000, i / 1000 + 1) for i in range(MAX_INSTANCES)])
    assert not report.violations

    builder.add("keywords[1]", "boat", 0.9, SPANS)
    assert [(one.field, one.reason) for one in report.violations] == [("keywords[1].instances", Reason.TOO_LARGE)]


def test_no_more_refusals_are_kept_than_anybody_reads(builder: KeywordSetBuilder, report: Report) -> None:
    for i in range(500):
        builder.add(f"keywords[{i}]", "", 0.9, SPANS)

    assert len(report.violations) == 100


@given(st.lists(st.tuples(st.integers(-50, 160), st.integers(-50, 160)), max_size=10))
def test_on_screen_duration_is_the_part_of_the_video_that_any_instance_covers(spans: list[tuple[int, int]]) -> None:
    """Counted in tenths of a second, instances of every kind: reversed, empty, before the start, beyond the end."""
    covered = {tenth for start, end in spans for tenth in range(max(start, 0), min(end, 100))}
    builder = KeywordSetBuilder("en-US", 10.0, Report())

    builder.add("keywords[0]", "film", 0.9, [Instance(start / 10, end / 10) for start, end in spans])

    (keyword,) = builder.build().keywords
    assert on_screen_seconds(keyword, 10.0) == pytest.approx(len(covered) / 10, abs=1e-9)
    assert list(keyword.instances) == sorted(set(keyword.instances))
    assert all(0 <= one.start < one.end <= 10 for one in keyword.instances)
