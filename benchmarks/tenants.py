"""`tenants`: thousands of small catalogs in one process, loaded on first use."""

import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from matchcut_server.index.follower import MAX_LOADED_VIDEOS, Follower
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.insights.model import Video
from matchcut_server.store.port import DEFAULT_CATALOG, VideoChange
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Interest, make_profile
from matchcut_server.vectors.settings import CatalogSettings

from .cache import cached, fingerprint
from .engine import LIMIT
from .measure import Row, Scale, amount, duration, log_little, median, occupied, p99, ratio, timed
from .synthetic import profiles, videos

VIDEOS = 200
"""In a catalog."""

_TEMPLATES = 20
"""Catalogs that differ; the others are copies of them."""
_USES = 300
"""Catalogs that are used for the first time, chosen at random."""
_WRITES = 50


class _Measured(NamedTuple):
    start: float
    first: list[float]
    again: list[float]
    seen: list[float]
    loaded: int
    bytes: int


def run(scale: Scale) -> Iterator[Row]:
    """Measure the first and the next search in a catalog, with as many loaded as there is room for."""
    folder = data_folder(scale.catalogs)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        got = child.submit(_measure, folder, scale.catalogs).result()
    size = scale.catalogs * VIDEOS
    yield Row(f"{scale.catalogs:,} catalogs of {VIDEOS} videos, ready to serve", size, duration(got.start))
    yield Row("  first search in a catalog", size, duration(median(got.first)), duration(p99(got.first)))
    beside = ratio(median(got.again) / median(got.first), "the first")
    yield Row("  the same search again", size, duration(median(got.again)), duration(p99(got.again)), beside)
    yield Row("  a write of another process, seen after", size, duration(median(got.seen)), duration(p99(got.seen)))
    yield Row("  loaded in the end", size, amount(got.loaded, "catalogs"))
    if got.bytes:
        yield Row("  memory", size, amount(got.bytes / got.loaded / 1000, "kB/catalog"))


def data_folder(catalogs: int) -> Path:
    """Return a data folder with so many catalogs."""
    version = fingerprint("vocabulary.py", "catalog.py", "synthetic.py", "tenants.py", "insights", "vectors", "store")
    return cached(f"tenants-{catalogs}", version, lambda path: _fill(path, catalogs))


def _name(number: int) -> str:
    return f"tenant{number:05d}"


def _fill(folder: Path, catalogs: int) -> None:
    with closing(SqliteStore(folder)) as store:
        store.write_connection.execute("PRAGMA synchronous = OFF")  # what is lost in a crash is made again
        ids = [store.create_catalog(_name(number), CatalogSettings())[0].catalog_id for number in range(catalogs)]
        made = videos(10_000)
        for catalog_id in ids[:_TEMPLATES]:
            store.write_videos(catalog_id, [_put(video) for video in islice(made, VIDEOS)])
        for number, catalog_id in enumerate(ids[_TEMPLATES:]):
            _copy(store.write_connection, ids[number % _TEMPLATES], catalog_id)


def _put(video: Video) -> VideoChange:
    return VideoChange(video.video_id, lambda _: video)


def _copy(connection: sqlite3.Connection, source: int, target: int) -> None:
    """Copy the videos of a catalog, without the keywords, which no index reads."""
    connection.execute(
        "INSERT INTO videos SELECT ?, video_id, revision, metadata FROM videos WHERE catalog_id = ?", (target, source)
    )
    connection.execute(
        "INSERT INTO keyword_sets SELECT ?, video_id, language, zeroblob(0), vector FROM keyword_sets"
        " WHERE catalog_id = ?",
        (target, source),
    )
    connection.execute(
        "UPDATE catalogs SET last_change = (SELECT last_change FROM catalogs WHERE catalog_id = ?)"
        " WHERE catalog_id = ?",
        (source, target),
    )


def _measure(folder: Path, catalogs: int) -> _Measured:
    log_little()
    asked = profiles(_USES)
    with closing(SqliteStore(folder)) as store, closing(SqliteStore(folder)) as elsewhere:
        before = occupied().own
        with Follower(store, ShelfSource(Shelf(folder, store.secret), store), max_waiting=1) as follower:
            chosen = [_name(number) for number in random.Random(1).sample(range(catalogs), min(_USES, catalogs))]
            first, again = (
                [timed(_search, follower, name, own)[0] for name, own in zip(chosen, asked, strict=False)]
                for _ in range(2)
            )
            for number in range(min(catalogs, MAX_LOADED_VIDEOS // VIDEOS)):  # so that all the room is taken
                _search(follower, _name(number), asked[0])
            grown = occupied().own - before
            seen = [_seen(follower, elsewhere) for _ in range(_WRITES)]
            loaded = len(follower.loaded)
        ready = timed(Follower(store, ShelfSource(Shelf(folder, store.secret), store), max_waiting=1).warm)[0]
        return _Measured(ready, first, again, seen, loaded, grown)


def _search(follower: Follower, name: str, interests: Sequence[Interest]) -> None:
    """Do what a call does before and in its search."""
    catalog = follower.catalog(name)
    view = follower.view(catalog)
    profile = make_profile(interests, tuple(view.statistics.languages), view.knows, catalog.settings)
    view.search(profile, LIMIT, time.time())


def _seen(follower: Follower, elsewhere: SqliteStore) -> float:
    """Write a video of the default catalog elsewhere, and return the seconds after which a view has it."""
    catalog = follower.catalog(DEFAULT_CATALOG)
    follower.view(catalog)
    (outcome,) = elsewhere.write_videos(catalog.catalog_id, [_put(Video("written", str(time.time())))])
    start = time.perf_counter()
    while follower.view(catalog).revision < outcome.revision:
        time.sleep(0.0005)
    return time.perf_counter() - start
