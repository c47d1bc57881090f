"""Generations for tests, and indexes over them."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from matchcut_server.index import layering
from matchcut_server.index.build import build
from matchcut_server.index.generation import Generation
from matchcut_server.index.layered import LayeredIndex, LayeredView
from matchcut_server.index.planner import Kernel
from matchcut_server.index.port import Index
from matchcut_server.vectors.video import IndexedVideo, Removal
from tests import naive
from tests.index.strategies import Change

MARK = b"of a test"


def there_after(changes: Iterable[Change]) -> list[IndexedVideo]:
    """Return the videos that are there after changes to nothing, by id."""
    there: dict[str, IndexedVideo] = {}
    for change in changes:
        if isinstance(change, Removal):
            there.pop(change.video_id, None)
        else:
            there[change.facts.video_id] = change
    return [there[video_id] for video_id in sorted(there)]


def generation_of(
    videos: Iterable[IndexedVideo], revision: int = 0, *, segment_videos: int = 7, least: int = 2
) -> Generation:
    """Build a generation, of several small segments and layers unless told otherwise, and map it.

    Its file is gone at once; what is mapped stays. `least`: postings of a layer.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "generation"
        generation_file(videos, path, revision, segment_videos=segment_videos, least=least)
        return Generation(path)


def generation_file(
    videos: Iterable[IndexedVideo], path: Path, revision: int = 0, *, segment_videos: int = 7, least: int = 2
) -> None:
    """Build a generation, and leave it as a file."""
    ordered = sorted(videos, key=lambda video: video.facts.video_id)
    lists = [ordered[start : start + 5] for start in range(0, len(ordered), 5)]
    with patch.object(layering, "LEAST", least):
        assert build(lists, 1, revision, MARK, path, segment_videos) == len(ordered)


class BuiltIndex:
    """An index whose generation is built of what is written to it first; what comes later stands beside that.

    `is_empty`: the generation is one of nothing, and everything stands beside it.
    """

    def __init__(self, kernel: Kernel | None = None, *, is_empty: bool = False) -> None:
        self.built_of: Sequence[IndexedVideo] = ()
        self.is_empty = is_empty
        self._kernel = kernel
        self._is_built = is_empty
        self._index = LayeredIndex(generation_of([]), kernel)

    @property
    def held_videos(self) -> int:
        return self._index.held_videos

    def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
        if self._is_built or not changes:
            self._index.apply(changes, revision)
        else:
            self.built_of = there_after(changes)
            self._index = LayeredIndex(generation_of(self.built_of, revision), self._kernel)
            self._is_built = True

    def view(self) -> LayeredView:
        return self._index.view()

    def has_video(self, video_id: str) -> bool:
        return self._index.has_video(video_id)


def ranking_idf(index: Index, videos: Collection[IndexedVideo]) -> naive.Idf:
    """Return the IDF that an index of `videos` ranks with: that of its generation, if it has one."""
    return naive.live_idf(index.built_of if isinstance(index, BuiltIndex) else videos)
