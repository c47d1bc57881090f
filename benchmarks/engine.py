"""The engine that is measured: how Matchcut opens the index of a synthetic catalog, and the ways it searches it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path

from matchcut_server.index.build import build
from matchcut_server.index.builder import LIVE_VIDEOS
from matchcut_server.index.generation import Generation
from matchcut_server.index.layered import LayeredIndex, LayeredView
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Hit, Index, View
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.video import IndexedVideo

from .cache import FOLDER, cached, fingerprint
from .measure import timed
from .synthetic import NOW, indexed_videos

LIMIT = 20

Search = Callable[..., list[Hit]]
"""As `View.search`."""

GENERATION_SOURCES = tuple(
    f"index/{name}.py" for name in ("build", "container", "generation", "identifiers", "layering", "scoring", "terms")
)
"""What generations are made with."""

_FEED = 1_000
"""Videos that the store's feed gives at once."""


def built_index(size: int) -> tuple[Index, float]:
    """Return an index of a catalog as a server holds it, and the seconds that took without making the videos."""
    return _filled_memory(size) if size <= LIVE_VIDEOS else _built_generation(size)


def _filled_memory(size: int) -> tuple[Index, float]:
    index = MemoryIndex()
    seconds = 0.0
    for changes in _lists(size):
        seconds += timed(index.apply, changes, changes[-1].revision)[0]
    return index, seconds + timed(index.view)[0]


def _built_generation(size: int) -> tuple[Index, float]:
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"generation-{size}.measured"
    making = _Making(_lists(size))
    seconds = timed(_build, making, size, path)[0]
    index = LayeredIndex(Generation(path))
    path.unlink()
    return index, seconds - making.seconds


class _Making:
    """Lists of videos, and how long it took to make them."""

    def __init__(self, lists: Iterator[list[IndexedVideo]]) -> None:
        self._lists = lists
        self.seconds = 0.0

    def __iter__(self) -> Iterator[list[IndexedVideo]]:
        return self

    def __next__(self) -> list[IndexedVideo]:
        seconds, videos = timed(next, self._lists, None)
        self.seconds += seconds
        if videos is None:
            raise StopIteration
        return videos


def _lists(size: int) -> Iterator[list[IndexedVideo]]:
    videos = indexed_videos(size)
    while some := list(islice(videos, _FEED)):
        yield some


def _build(videos: Iterator[list[IndexedVideo]], size: int, path: Path) -> None:
    build(videos, 1, size, bytes(16), path)


@cache
def open_index(size: int) -> View:
    """Return a catalog to be searched."""
    if size <= LIVE_VIDEOS:
        return _filled_memory(size)[0].view()
    return LayeredIndex(Generation(generation_file(size))).view()


def generation_file(size: int) -> Path:
    """Return the file of a generation of a catalog."""
    made_by = ("vocabulary.py", "catalog.py", "synthetic.py", "engine.py")
    version = fingerprint(*made_by, *GENERATION_SOURCES)
    return cached(f"generation-{size}", version, lambda path: _build(_lists(size), size, path))


def searches(view: View) -> dict[str, Search]:
    """Return Matchcut's ways to search by name, the one that others are compared with first."""
    found: dict[str, Search] = {"Matchcut": view.search}
    if isinstance(view, LayeredView):
        found["Matchcut, plain accumulator"] = replace(view, kernel="plain").search
    return found


def search_all(view: View, profiles: Sequence[Profile], threads: int) -> list[list[Hit]]:
    """Search for many profiles on so many threads. Kernels hold no lock, so threads use several cores."""

    def search(profile: Profile) -> list[Hit]:
        return view.search(profile, LIMIT, NOW)

    if threads == 1:
        return list(map(search, profiles))
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(search, profiles))
