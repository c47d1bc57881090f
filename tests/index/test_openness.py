"""What may be returned at a time, remembered between the moments at which that changes."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.index.openness import OpenRows, Surplus, Timely, by_row, several_rows, without

MOMENTS = [-np.inf, -5.0, 0.0, 99.0, 100.0, 100.5, 200.0, np.inf]
TIMES = st.lists(st.tuples(st.sampled_from(MOMENTS[:-1]), st.sampled_from(MOMENTS[1:])), max_size=6)
NOW = st.sampled_from(MOMENTS[1:-1]) | st.floats(-10, 210)


def timely(times: list[tuple[float, float]]) -> Timely:
    return Timely(np.array([start for start, _ in times]), np.array([end for _, end in times]))


@given(TIMES, st.lists(NOW, max_size=12))
def test_a_video_is_there_from_its_publication_until_it_expires_whatever_was_asked_before(
    times: list[tuple[float, float]], moments: list[float]
) -> None:
    asked = timely(times)
    for now in moments:
        assert asked.at(now).tolist() == [start <= now < end for start, end in times]


def test_between_two_changes_nothing_is_looked_at_again() -> None:
    asked = timely([(100.0, 200.0), (-np.inf, np.inf)])

    assert asked.at(100.0) is asked.at(150.0) is asked.at(199.9)
    assert asked.at(200.0) is not asked.at(199.9)
    assert asked.at(1e12) is asked.at(200.0)


@given(TIMES, st.lists(NOW, max_size=6), st.data())
def test_rows_are_open_whose_video_is_there_and_alive(
    times: list[tuple[float, float]], moments: list[float], data: st.DataObject
) -> None:
    alive = data.draw(st.lists(st.integers(0, 1), min_size=len(times), max_size=len(times)))
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(times), max_size=len(times)))
    videos = np.repeat(np.arange(len(times), dtype=np.int32), counts)
    rows = OpenRows(timely(times), np.array(alive, dtype=np.uint8), several_rows(videos, len(times)))

    for now in moments:
        found, count = rows.at(now)
        expected = [int(alive[video] and times[video][0] <= now < times[video][1]) for video in videos]
        assert found.tolist() == expected
        assert count == sum(expected)


def test_taking_videos_out_leaves_what_others_use_as_it_is() -> None:
    first_rows = np.array([0, 2, 2, 3, 6], dtype=np.int64)
    rows = np.ones(6, dtype=np.uint8)

    assert without(rows, first_rows, [0, 1, 3]).tolist() == [0, 0, 1, 0, 0, 0]
    assert without(rows, first_rows, []) is rows
    assert rows.tolist() == [1] * 6


def test_rows_are_those_of_the_videos_themselves_where_each_has_one() -> None:
    told = np.array([1, 0, 1], dtype=np.uint8)

    assert several_rows(np.array([0, 1, 2], dtype=np.int32), 3) is None
    assert by_row(told, None) is told
    for videos in ([0, 1], [0, 1, 1, 2], [0, 2]):
        kept = several_rows(np.array(videos, dtype=np.int32), 3)
        assert by_row(told, kept).tolist() == [told[video] for video in videos]


@given(st.lists(st.integers(0, 5), max_size=8), st.randoms(use_true_random=False), st.integers(1, 10))
def test_the_best_rows_are_of_as_many_videos_as_are_asked_for(counts: list[int], random: Random, videos: int) -> None:
    count = Surplus(np.array(counts, dtype=np.int64)).rows(videos)
    rows = [video for video, own in enumerate(counts) for _ in range(own)]
    best_first = sorted(rows, key=lambda video: -counts[video])
    random.shuffle(rows)

    for order in (rows, best_first):
        assert len(set(order[:count])) >= min(videos, len(set(rows)))


def test_one_video_with_many_rows_adds_its_own_and_no_others() -> None:
    surplus = Surplus(np.array([1, 64, 1, 0, 3, *[1] * 1_000], dtype=np.int64))

    assert [surplus.rows(videos) for videos in (1, 2, 3, 1_000)] == [64, 67, 68, 1_065]
