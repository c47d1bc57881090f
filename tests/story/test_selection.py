import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.story.cut import Cut
from matchcut_server.story.selection import StoryOrder, StoryPlan, select
from tests.story.cuts import cut


def spans(cuts: list[Cut]) -> list[tuple[str, float, float]]:
    return [(one.video_id, one.start, one.end) for one in cuts]


def test_the_best_moments_come_in_until_the_story_is_long_enough() -> None:
    given_cuts = [cut("a", 0, 4, 3), cut("b", 10, 14, 2), cut("c", 0, 4, 1)]
    assert spans(select(given_cuts, StoryPlan(total_seconds=8))) == [("a", 0, 4), ("b", 10, 14)]


def test_the_last_cut_is_shortened_around_its_middle() -> None:
    assert spans(select([cut("a", 0, 4), cut("b", 10, 20)], StoryPlan(total_seconds=8))) == [("a", 0, 4), ("b", 13, 17)]


def test_what_would_be_too_short_is_left_out_and_the_next_one_fits() -> None:
    given_cuts = [cut("a", 0, 7, 3), cut("b", 10, 12, 2), cut("c", 5, 8, 1)]
    plan = StoryPlan(total_seconds=10, shortest_seconds=3)
    assert spans(select(given_cuts, plan)) == [("a", 0, 7), ("c", 5, 8)]


def test_padding_stays_inside_the_video() -> None:
    assert spans(select([cut("a", 1, 4), cut("b", 55, 59)], StoryPlan(padding_seconds=2))) == [
        ("a", 0, 6),
        ("b", 53, 60),
    ]


def test_padding_stays_inside_the_source_of_a_piece() -> None:
    piece = cut("a", 30, 34, source_video_id="s", source_start=0.5)
    [padded] = select([piece], StoryPlan(padding_seconds=2))
    assert (padded.start, padded.end, padded.source_start) == (29.5, 36, 0)


def test_padded_cuts_of_one_video_that_touch_become_one() -> None:
    near = cut("a", 5, 7, 1, keywords=("film",))
    [joined] = select([cut("a", 0, 3, 2, keywords=("london",)), near], StoryPlan(padding_seconds=1))
    assert (joined.start, joined.end, joined.score, joined.keywords) == (0, 8, 2, ("london", "film"))


def test_pieces_of_different_sources_have_none_together() -> None:
    one = cut("a", 0, 5, source_video_id="s", source_start=100.0)
    [joined] = select([one, cut("a", 5, 9, source_video_id="t", source_start=0.0)], StoryPlan())
    assert (joined.start, joined.end, joined.source_video_id, joined.source_start) == (0, 9, "", None)


def test_pieces_that_follow_each_other_in_one_source_keep_it() -> None:
    one = cut("a", 0, 5, source_video_id="s", source_start=100.0)
    [joined] = select([one, cut("a", 4, 9, source_video_id="s", source_start=104.0)], StoryPlan())
    assert (joined.start, joined.end, joined.source_video_id, joined.source_start) == (0, 9, "s", 100)


@pytest.mark.parametrize(
    "order, expected",
    [(StoryOrder.SCORE, ["b", "c", "a"]), (StoryOrder.OLDEST, ["c", "b", "a"]), (StoryOrder.NEWEST, ["b", "c", "a"])],
)
def test_cuts_come_in_the_order_asked_for(order: StoryOrder, expected: list[str]) -> None:
    """Of the video `a` it is not known when it was published."""
    given_cuts = [cut("b", 0, 4, 3, 200), cut("c", 0, 4, 2, 100), cut("a", 0, 4, 1, float("inf"))]
    assert [one.video_id for one in select(given_cuts, StoryPlan(order=order))] == expected


def test_no_more_moments_are_read_than_the_story_needs() -> None:
    endless = (cut(f"v{number}", 0, 4) for number in itertools.count())
    assert len(select(endless, StoryPlan(total_seconds=40))) == 10


CUTS = st.builds(
    lambda video, start, length, score: cut(video, start, min(start + length, 60.0), score),
    st.sampled_from("abc"),
    st.floats(0, 59),
    st.floats(0.05, 30),
    st.floats(0.01, 5),
)
PLANS = st.builds(
    StoryPlan,
    total_seconds=st.floats(0, 200),
    shortest_seconds=st.floats(0, 6),
    longest_seconds=st.floats(6, 60),
    padding_seconds=st.floats(0, 5),
    max_per_video=st.integers(0, 3),
    order=st.sampled_from(StoryOrder),
)


@settings(max_examples=200)
@given(st.lists(CUTS, max_size=12), PLANS)
def test_a_story_keeps_to_its_plan(given_cuts: list[Cut], plan: StoryPlan) -> None:
    best_first = sorted(given_cuts, key=lambda one: -one.score)
    story = select(best_first, plan)
    assert sum(one.length for one in story) <= plan.total_seconds + 1e-6
    for one in story:
        assert 0 <= one.start < one.end <= 60
        assert plan.shortest_seconds - 1e-6 <= one.length <= plan.longest_seconds + 1e-6
        assert any(
            one.video_id == other.video_id and other.start < one.end and one.start < other.end for other in given_cuts
        )
    for one, other in itertools.combinations(story, 2):
        assert one.video_id != other.video_id or one.end < other.start or other.end < one.start
    for video in "abc":
        assert not plan.max_per_video or sum(one.video_id == video for one in story) <= plan.max_per_video
