"""`swap`: searches while the next generation is built by another process, taken over and warmed in this one."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from matchcut_server.index.builder import LIVE_VIDEOS
from matchcut_server.index.follower import Follower
from matchcut_server.index.layered import LayeredView
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.store.port import DEFAULT_CATALOG, Catalog, VideoChange
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Profile

from .cache import FOLDER
from .engine import LIMIT
from .measure import Row, Scale, duration, median, p99, ratio, timed
from .search import declared_profiles
from .stored import data_folder
from .synthetic import NOW

_CHANGED = 0.01
"""Of the videos, before the next generation is built."""
_WAIT_SECONDS = 600.0
_COMMAND = "from matchcut_server.cli.main import main; main()"
_AFTER = 200
"""Searches on the new generation."""


def run(scale: Scale) -> Iterator[Row]:
    """Measure searches in one thread, of a process that follows the store as a server does."""
    for size in scale.served:
        if size > LIVE_VIDEOS:
            with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
                data = Path(folder) / "data"
                shutil.copytree(data_folder(size), data)
                yield from _swap(scale, size, data)


def _swap(scale: Scale, size: int, data: Path) -> Iterator[Row]:
    store = SqliteStore(data)
    with Follower(store, ShelfSource(Shelf(data, store.secret), store), max_waiting=1) as follower:
        catalog = follower.catalog(DEFAULT_CATALOG)
        asked = declared_profiles(follower.view(catalog), scale.queries)
        before = [_search(follower, catalog, asked, number) for number in range(scale.rounds * scale.queries)]
        _change(store, catalog, round(_CHANGED * size))
        during = _while_built(follower, catalog, asked, data)
    store.close()
    yield Row("search, and nothing else happens", size, duration(median(before)), duration(p99(before)))
    beside = f"{ratio(p99(during) / p99(before), 'p99')}; longest {duration(max(during))}"
    yield Row(
        "  while the next generation is built and taken over",
        size,
        duration(median(during)),
        duration(p99(during)),
        beside,
    )


def _while_built(follower: Follower, catalog: Catalog, asked: Sequence[Profile], data: Path) -> list[float]:
    """Search until the new generation has answered for a while; return seconds each."""
    seconds: list[float] = []
    built = _revision(follower, catalog)
    command = [sys.executable, "-c", _COMMAND, "index", "build", "--data", str(data)]
    end = time.monotonic() + _WAIT_SECONDS
    left = _AFTER
    with subprocess.Popen(["nice", *command], stdout=subprocess.DEVNULL) as builder:  # noqa: S603, S607 - as above
        while left and time.monotonic() < end:
            seconds.append(_search(follower, catalog, asked, len(seconds)))
            left -= _revision(follower, catalog) > built
        if builder.wait() or left:
            raise AssertionError("the next generation was not taken over")
    return seconds


def _revision(follower: Follower, catalog: Catalog) -> int:
    view = follower.view(catalog)
    return view.generation.about.revision if isinstance(view, LayeredView) else 0


def _search(follower: Follower, catalog: Catalog, asked: Sequence[Profile], number: int) -> float:
    return timed(lambda: follower.view(catalog).search(asked[number % len(asked)], LIMIT, NOW))[0]


def _change(store: SqliteStore, catalog: Catalog, count: int) -> None:
    """Delete some videos, so that there is something to build."""
    found = store.videos(catalog.catalog_id, "", count, with_keywords=False)
    store.write_videos(catalog.catalog_id, [VideoChange(one.video.video_id, lambda _: None) for one in found])
