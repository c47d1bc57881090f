"""Data folders that hold a synthetic catalog, for servers to start with."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from matchcut_server.index.builder import LIVE_VIDEOS, Builder
from matchcut_server.index.shelf import Shelf
from matchcut_server.insights.model import Video
from matchcut_server.store.port import DEFAULT_CATALOG, VideoChange
from matchcut_server.store.sqlite.store import SqliteStore

from .cache import cached, fingerprint
from .engine import GENERATION_SOURCES
from .synthetic import videos

_AT_ONCE = 1_000


FOLDER_SOURCES = (
    *("vocabulary.py", "catalog.py", "synthetic.py", "stored.py"),
    *GENERATION_SOURCES,
    *("insights", "vectors", "store"),
)
"""What a data folder depends on."""


def data_folder(size: int) -> Path:
    """Return a data folder whose default catalog is the synthetic one of this many videos."""
    return cached(f"data-{size}", fingerprint(*FOLDER_SOURCES), lambda path: fill(path, videos(size), size))


def fill(folder: Path, made: Iterator[Video], size: int) -> None:
    """Make a data folder whose default catalog has some videos, `size` of them."""
    store = SqliteStore(folder)
    store.write_connection.execute("PRAGMA synchronous = OFF")  # what is lost in a crash is made again
    catalog = store.catalog(DEFAULT_CATALOG)
    assert catalog is not None
    while some := list(islice(made, _AT_ONCE)):
        store.write_videos(catalog.catalog_id, [_put(video) for video in some])
    if size > LIVE_VIDEOS:
        Builder(store, Shelf(folder, store.secret)).build(catalog)
    store.close()


def _put(video: Video) -> VideoChange:
    return VideoChange(video.video_id, lambda _: video)
