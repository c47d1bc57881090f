"""Keyword sets, from keywords as they come."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.errors import Reason
from matchcut_server.insights.keywords import MAX_INSTANCES, MAX_KEYWORDS, KeywordSetBuilder
from matchcut_server.insights.limits import MAX_KEYWORD_LENGTH
from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Sources, floats
from matchcut_server.insights.report import AdjustmentKind, Report
from matchcut_server.insights.spans import Spans
from matchcut_server.vectors.keyword_vector import on_screen_seconds

SPANS = [Instance(0.0, 1.0)]

Given = tuple[str | None, float | None, list[Instance]]
"""Text, confidence and instances of a keyword."""


@pytest.fixture
def report() -> Report:
    return Report()


def build(report: Report, *given: Given, duration: float = 100.0) -> KeywordSet:
    """Build the set of a video from keywords that stand in a list called `keywords`."""
    instances = [instance for *_, own in given for instance in own]
    sources = Sources(
        tuple(one.source_video_id for one in instances),
        floats(one.source_start for one in instances),
        floats(one.source_end for one in instances),
    )
    starts, ends = floats(one.start for one in instances), floats(one.end for one in instances)
    builder = KeywordSetBuilder("en-US", Spans(starts, ends, duration, sources, from_text=False), report)
    last = 0
    for number, (text, confidence, own) in enumerate(given):
        first, last = last, last + len(own)
        builder.add("keywords", number, text, confidence, (first, last))
    return builder.build()


def adjusted(report: Report) -> dict[AdjustmentKind, int]:
    return {adjustment.kind: adjustment.count for adjustment in report.adjustments}


def test_a_keyword_in_order_is_taken_as_it_is(report: Report) -> None:
    made = build(report, ("Film Festival", 0.9, [Instance(1.0, 2.0), Instance(1.5, 3.0)]))

    assert made.keywords == (Keyword("Film Festival", 0.9, (Instance(1.0, 2.0), Instance(1.5, 3.0))),)
    assert made.language == "en-US"
    assert not report.violations
    assert not report.adjustments


def test_equal_texts_are_one_keyword_with_all_instances_and_the_highest_confidence(report: Report) -> None:
    made = build(
        report,
        ("Café", 0.6, [Instance(5.0, 6.0)]),
        ("CAFE\u0301", 0.9, [Instance(1.0, 2.0), Instance(5.0, 6.0)]),
    )

    assert made.keywords == (Keyword("Café", 0.9, (Instance(1.0, 2.0), Instance(5.0, 6.0))),)
    assert adjusted(report) == {AdjustmentKind.MERGED_KEYWORD: 1}


def test_instances_are_put_in_order_and_exact_repetitions_are_dropped(report: Report) -> None:
    made = build(report, ("film", 0.9, [Instance(9.0, 10.0), Instance(1.0, 2.0), Instance(9.0, 10.0)]))

    assert made.keywords[0].instances == (Instance(1.0, 2.0), Instance(9.0, 10.0))


@pytest.mark.parametrize("given_confidence, taken", [(-0.1, 0.0), (1.5, 1.0), (675.971, 1.0), (-1e300, 0.0)])
def test_confidence_out_of_range_is_clamped_and_reported(given_confidence: float, taken: float, report: Report) -> None:
    made = build(report, ("film", given_confidence, SPANS))

    assert made.keywords[0].confidence == taken
    assert adjusted(report) == {AdjustmentKind.CLAMPED_CONFIDENCE: 1}


@pytest.mark.parametrize("confidence", [math.nan, math.inf, -math.inf])
def test_confidence_that_is_no_number_is_refused(confidence: float, report: Report) -> None:
    build(report, ("film", confidence, SPANS))

    assert [(one.field, one.reason) for one in report.violations] == [("keywords[0].confidence", Reason.INVALID_VALUE)]


def test_a_missing_confidence_is_kept_as_missing_and_reported(report: Report) -> None:
    made = build(report, ("film", None, SPANS))

    assert made.keywords[0].confidence is None
    assert adjusted(report) == {AdjustmentKind.DEFAULTED_CONFIDENCE: 1}


@pytest.mark.parametrize("spans", [[], [Instance(5.0, 5.0)], [Instance(9.0, 2.0)], [Instance(100.0, 120.0)]])
def test_a_keyword_left_without_instances_is_reported(spans: list[Instance], report: Report) -> None:
    made = build(report, ("film", 0.9, spans))

    assert made.keywords[0].instances == ()
    assert adjusted(report)[AdjustmentKind.DEFAULTED_DURATION] == 1
    assert adjusted(report).get(AdjustmentKind.DROPPED_INSTANCE, 0) == len(spans)


def test_instances_are_clipped_to_the_video_and_their_source_times_with_them(report: Report) -> None:
    made = build(
        report,
        ("film", 0.9, [Instance(-2.0, 5.0, "source", 598.0, 605.0)]),
        ("boat", 0.9, [Instance(90.0, 130.0, "source", 10.0, 50.0)]),
    )

    assert [keyword.instances for keyword in made.keywords] == [
        (Instance(0.0, 5.0, "source", 600.0, 605.0),),
        (Instance(90.0, 100.0, "source", 10.0, 20.0),),
    ]
    assert adjusted(report) == {AdjustmentKind.CLIPPED_INSTANCE: 2}


def test_nothing_is_clipped_at_the_end_of_a_video_of_unknown_duration(report: Report) -> None:
    made = build(report, ("film", 0.9, [Instance(5.0, 40_000.0)]), duration=math.inf)

    assert made.keywords[0].instances == (Instance(5.0, 40_000.0),)
    assert not report.adjustments


@pytest.mark.parametrize("end", [math.nan, math.inf, 1e308, 4e7])
def test_times_that_no_video_has_are_refused(end: float, report: Report) -> None:
    """Beyond a year sums would lose their ticks, and at 1e308 overflow."""
    build(report, ("boat", 0.9, SPANS), ("film", 0.9, [Instance(0.0, 1.0), Instance(0.0, end)]), duration=math.inf)

    assert [(one.field, one.reason) for one in report.violations] == [
        ("keywords[1].instances[1]", Reason.INVALID_VALUE)
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
def test_a_text_that_cannot_be_a_keyword_is_refused(text: str | None, reason: Reason, report: Report) -> None:
    build(report, ("boat", 0.9, SPANS), (text, 0.9, SPANS))

    (violation,) = report.violations
    assert (violation.field, violation.reason) == ("keywords[1].text", reason)
    assert violation.message.isprintable()


def test_a_text_of_signs_is_kept_and_reported(report: Report) -> None:
    made = build(report, ("—", 0.9, SPANS))

    assert made.keywords[0].text == "—"
    assert adjusted(report) == {AdjustmentKind.KEYWORD_WITHOUT_WORDS: 1}


def test_as_many_keywords_as_allowed_are_taken_and_one_more_is_refused(report: Report) -> None:
    allowed: list[Given] = [(f"word {i}", 0.9, SPANS) for i in range(MAX_KEYWORDS)]
    repeated: Given = ("word 0", 0.9, SPANS)
    build(report, *allowed, repeated)
    assert not report.violations

    build(report, *allowed, repeated, ("another", 0.9, SPANS))
    assert [(one.field, one.reason) for one in report.violations] == [("keywords[1001]", Reason.TOO_LARGE)]


def test_as_many_instances_as_allowed_are_taken_and_one_more_is_refused(report: Report) -> None:
    allowed: Given = ("film", 0.9, [Instance(i / 1000, i / 1000 + 1) for i in range(MAX_INSTANCES)])
    build(report, allowed)
    assert not report.violations

    build(report, allowed, ("boat", 0.9, SPANS))
    assert [(one.field, one.reason) for one in report.violations] == [("keywords[1].instances", Reason.TOO_LARGE)]


def test_no_more_refusals_are_kept_than_anybody_reads(report: Report) -> None:
    build(report, *[("", 0.9, SPANS)] * 500)

    assert len(report.violations) == 100


@given(st.lists(st.tuples(st.integers(-50, 160), st.integers(-50, 160)), max_size=10))
def test_on_screen_duration_is_the_part_of_the_video_that_any_instance_covers(spans: list[tuple[int, int]]) -> None:
    """Counted in tenths of a second, instances of every kind: reversed, empty, before the start, beyond the end."""
    covered = {tenth for start, end in spans for tenth in range(max(start, 0), min(end, 100))}

    made = build(Report(), ("film", 0.9, [Instance(start / 10, end / 10) for start, end in spans]), duration=10.0)

    (keyword,) = made.keywords
    assert on_screen_seconds(made, 10.0).tolist() == [pytest.approx(len(covered) / 10, abs=1e-9)]
    assert list(keyword.instances) == sorted(set(keyword.instances))
    assert all(0 <= one.start < one.end <= 10 for one in keyword.instances)


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    time = st.sampled_from([-3.0, -0.0, 0.0, 1.0, 2.5, 2.75, 9.0, 10.0, 12.0])
    source = st.none() | st.sampled_from([0.5, 4.0, 600.0])
    video_id = draw(st.sampled_from([None, "p", "q"]))
    return Instance(draw(time), draw(time), video_id, *([draw(source), draw(source)] if video_id else []))


def clipped(one: Instance) -> Instance:
    """Clip an instance to ten seconds, its source times likewise."""
    start, end = max(one.start, 0.0), min(one.end, 10.0)
    source_start = None if one.source_start is None else one.source_start + (start - one.start)
    source_end = None if one.source_end is None else one.source_end + (end - one.end)
    return Instance(start, end, one.source_video_id, source_start, source_end)


def order(one: Instance) -> tuple[float, float, str, float, float]:
    first, last = (-math.inf if time is None else time for time in (one.source_start, one.source_end))
    return one.start, one.end, one.source_video_id or "", first, last


@given(st.lists(st.tuples(st.sampled_from(["film", "FILM", "boat"]), st.lists(instances(), max_size=50)), max_size=5))
def test_instances_are_clipped_merged_and_ordered_as_one_by_one(drawn: list[tuple[str, list[Instance]]]) -> None:
    report = Report()
    expected: dict[str, set[Instance]] = {}
    kinds = dict.fromkeys(("CLIPPED_INSTANCE", "DROPPED_INSTANCE"), 0)
    for text, own in drawn:
        kept = [clipped(one) for one in own]
        expected.setdefault(text.lower(), set()).update(one for one in kept if one.start < one.end)
        kinds["DROPPED_INSTANCE"] += sum(one.start >= one.end for one in kept)
        kinds["CLIPPED_INSTANCE"] += sum(
            one.start < one.end and (one.start, one.end) != (before.start, before.end)
            for one, before in zip(kept, own, strict=True)
        )

    made = build(report, *[(text, 0.5, own) for text, own in drawn], duration=10.0)

    assert [list(keyword.instances) for keyword in made.keywords] == [
        sorted(own, key=order) for own in expected.values()
    ]
    assert {kind: adjusted(report).get(AdjustmentKind(kind), 0) for kind in kinds} == kinds
