from pathlib import Path

import numpy as np
import pytest

from matchcut_server.index.held import UnitVector
from matchcut_server.insights.model import Video
from matchcut_server.ranking.duplicates import MIN_TERMS, Distinct
from tests.cli.command import EXAMPLES
from tests.documents import read_video, real_videos
from tests.ranking.unit_vectors import unit_vector, unit_vectors


def ones(*keys: int) -> UnitVector:
    return unit_vector(dict.fromkeys(keys, 1.0))


THIRTY = ones(*range(30))


def is_copy(first: UnitVector, second: UnitVector, *, durations: tuple[float, float] = (60.0, 60.0)) -> bool:
    known = Distinct()
    known.add(first, durations[0])
    return known.has_copy(second, durations[1])


def copies(videos: list[Video]) -> list[str]:
    """Go along some videos and return those that are near-duplicates of one before them."""
    durations = {video.video_id: video.duration for video in videos}
    known, found = Distinct(), []
    for (video_id, _), vector in unit_vectors(videos).items():
        if known.has_copy(vector, durations[video_id]):
            found.append(video_id)
        else:
            known.add(vector, durations[video_id])
    return found


def test_the_example_catalog_has_one_video_twice() -> None:
    videos = {path.stem: read_video(path.read_bytes()) for path in sorted(EXAMPLES.glob("*.json"))}
    assert copies(list(videos.values())) == [videos["rolls-royce-derby-testbed"].video_id]


def test_of_the_real_documents_two_are_of_the_same_media(real_documents: Path) -> None:
    assert len(copies(real_videos(real_documents))) == 1


def test_one_of_thirty_keywords_may_be_another_three_may_not() -> None:
    assert is_copy(THIRTY, ones(*range(1, 31)))
    assert not is_copy(THIRTY, ones(*range(3, 33)))


@pytest.mark.parametrize(
    "durations, expected",
    [
        ((60.0, 60.0), True),
        ((60.0, 62.0), True),
        ((61.9, 60.0), True),
        ((59.9, 61.9), True),
        ((60.0, 62.1), False),
        ((60.0, 57.9), False),
        ((60.0, 0.0), False),
        ((0.0, 60.0), False),
        ((0.0, 0.0), False),
    ],
)
def test_durations_are_known_and_about_the_same(durations: tuple[float, float], expected: bool) -> None:
    assert is_copy(THIRTY, THIRTY, durations=durations) is expected


def test_a_few_equal_keywords_make_no_copy() -> None:
    assert not is_copy(ones(1, 2), ones(1, 2))
    enough = ones(*range(MIN_TERMS))
    assert is_copy(enough, enough)
    nothing = UnitVector(np.empty(0, dtype=np.uint64), np.empty(0))
    assert not is_copy(nothing, nothing)


def test_every_one_taken_in_is_looked_at() -> None:
    known = Distinct()
    for first in (0, 100, 200):
        known.add(ones(*range(first, first + 30)), 60.0 + first)
    assert known.has_copy(ones(*range(100, 130)), 161.0)
    assert not known.has_copy(ones(*range(100, 130)), 60.0)
