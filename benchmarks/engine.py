"""The engine that is measured: how Matchcut opens the index of a synthetic catalog, and the ways it searches it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Hit, Index, View
from matchcut_server.vectors.profile import Profile

from .measure import timed
from .synthetic import NOW, indexed_videos

LIMIT = 20

Search = Callable[..., list[Hit]]
"""As `View.search`."""

_FEED = 1_000
"""Videos that the store's feed gives at once."""


def built_index(size: int) -> tuple[Index, float]:
    """Return an index that has taken a catalog as from the store's feed, and the seconds until its first view is there.

    The seconds leave out making the videos.
    """
    index = MemoryIndex()
    seconds = 0.0
    videos = indexed_videos(size)
    while changes := list(islice(videos, _FEED)):
        seconds += timed(index.apply, changes, changes[-1].revision)[0]
    return index, seconds + timed(index.view)[0]


@cache
def open_index(size: int) -> View:
    """Return a catalog to be searched."""
    return built_index(size)[0].view()


def searches(view: View) -> dict[str, Search]:
    """Return Matchcut's ways to search by name, the one that others are compared with first."""
    return {"Matchcut": view.search}


def search_all(view: View, profiles: Sequence[Profile], threads: int) -> list[list[Hit]]:
    """Search for many profiles on so many threads."""

    def search(profile: Profile) -> list[Hit]:
        return view.search(profile, LIMIT, NOW)

    if threads == 1:
        return [search(profile) for profile in profiles]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(search, profiles))
