"""How the in-memory index keeps itself in shape."""

import sys

import pytest

from matchcut_server.index.memory import MAX_PENDING, MemoryIndex
from matchcut_server.index.segment import Segment
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.video import IndexedVideo, Removal, VideoFacts
from tests.index.strategies import vector

FILM = Profile({"film": 1.0}, {"film": 1.0})
KEYWORDS = vector("en", {"film": 1.0}, {"film": 1.0})


def one(number: int) -> IndexedVideo:
    return IndexedVideo(VideoFacts(f"v{number:05}", languages=("en",)), (KEYWORDS,))


def test_many_small_writes_leave_few_segments_and_lose_nothing() -> None:
    index = MemoryIndex()

    for number in range(500):
        index.apply([one(number)], number + 1)
        assert index.view().statistics.videos == number + 1

    assert len(index._layers) <= 10
    assert len(index.view().search(FILM, 1000, 0.0)) == 500


def test_segments_of_deleted_videos_go_away() -> None:
    index = MemoryIndex()
    for number in range(100):
        index.apply([one(number)], number + 1)
        index.view()

    index.apply([Removal(f"v{number:05}") for number in range(100)], 200)

    assert index.view().search(FILM, 1000, 0.0) == []
    assert index._layers == []
    assert index._place == {}


def test_a_video_written_again_and_again_is_kept_once() -> None:
    index = MemoryIndex()
    for number in range(200):
        index.apply([one(number % 3)], number + 1)
        index.view()

    assert [hit.video_id for hit in index.view().search(FILM, 10, 0.0)] == ["v00000", "v00001", "v00002"]
    assert sum(len(layer.segment) for layer in index._layers) < 20


def test_a_large_write_becomes_a_segment_before_anybody_looks() -> None:
    index = MemoryIndex()

    index.apply([one(number) for number in range(MAX_PENDING)], MAX_PENDING)
    index.apply([Removal("v00000"), one(1), one(MAX_PENDING)], MAX_PENDING + 3)

    assert len(index._pending) == 2
    assert index.view().statistics.videos == MAX_PENDING
    assert [hit.video_id for hit in index.view().search(FILM, 2, 0.0)] == ["v00001", "v00002"]


def test_what_could_not_be_merged_for_want_of_memory_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    index = MemoryIndex()
    for number in range(3):
        index.apply([one(number)], number + 1)
        index.view()
    index.apply([one(3)], 4)
    with monkeypatch.context() as full:
        full.setattr(Segment, "merge", lambda _: bytearray(sys.maxsize))
        with pytest.raises(MemoryError):
            index.view()

    assert [hit.video_id for hit in index.view().search(FILM, 10, 0.0)] == ["v00000", "v00001", "v00002", "v00003"]
