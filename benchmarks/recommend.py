"""`recommend`: exact top-20 searches in one thread, scipy's product beside them."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

import numpy as np

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Hit, Index, View
from matchcut_server.vectors.profile import Profile, make_profile
from matchcut_server.vectors.settings import CatalogSettings

from .measure import Row, Scale, amount, duration, median, p99, ratio, resident_bytes, timed
from .rivals.scipy_product import ORIENTATIONS, Orientation, ScipyProduct
from .synthetic import LANGUAGE, catalog, indexed_videos, profiles, video_id, vocabulary

LIMIT = 20

_FEED = 1_000
"""Videos that the store's feed gives at once."""
_TRIALS = 20
"""Searches that decide which orientation is better."""
_CLOSE = 1e-5
"""What float32 scores may differ by."""


def run(scale: Scale) -> Iterator[Row]:
    """Measure searches, build and memory."""
    for size in scale.sizes:
        yield from _searches(scale, size)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as child:
            ours, theirs = child.submit(_build_ours, size).result(), child.submit(_build_theirs, size).result()
        yield Row("index of Matchcut, built", size, duration(ours[0]))
        yield Row("  scipy, weighted and turned", size, duration(theirs[0]), "", ratio(theirs[0] / ours[0], "Matchcut"))
        if ours[1]:
            yield Row("index of Matchcut, memory", size, amount(ours[1] / size / 1000, "kB/video"))
            beside = ratio(theirs[1] / ours[1], "Matchcut")
            yield Row("  scipy, memory", size, amount(theirs[1] / size / 1000, "kB/video"), "", beside)


def built_index(size: int) -> tuple[Index, float]:
    """Return the index of a catalog, filled as from the store's feed, and the seconds that took until it answers."""
    index = MemoryIndex()
    seconds = 0.0
    videos = indexed_videos(size)
    while changes := list(islice(videos, _FEED)):
        seconds += timed(index.apply, changes, changes[-1].revision)[0]
    [asked] = read_profiles(index.view(), 1)
    return index, seconds + timed(search_newest, index, asked)[0]


def search_newest(index: Index, profile: Profile) -> list[Hit]:
    """Search the index as it is now."""
    return index.view().search(profile, LIMIT, time.time())


def read_profiles(view: View, count: int) -> list[Profile]:
    """Return profiles of 30 interests as terms."""
    return [make_profile(own, [LANGUAGE], view.knows, CatalogSettings()) for own in profiles(count)]


def _searches(scale: Scale, size: int) -> Iterator[Row]:
    view = built_index(size)[0].view()
    asked = read_profiles(view, scale.queries)
    orientation, rival = _better_orientation(size, asked[:_TRIALS])
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(scale.rounds):
        for profile in asked:
            seconds, hits = timed(view.search, profile, LIMIT, time.time())
            ours.append(seconds)
            seconds, found = timed(rival.search, profile, LIMIT)
            theirs.append(seconds)
            _check_same(hits, found)
    yield Row("search of Matchcut", size, duration(median(ours)), duration(p99(ours)))
    beside = ratio(median(theirs) / median(ours), "Matchcut")
    yield Row(f"  scipy, product by {orientation}", size, duration(median(theirs)), duration(p99(theirs)), beside)


def _better_orientation(size: int, asked: Sequence[Profile]) -> tuple[Orientation, ScipyProduct]:
    best: tuple[float, Orientation, ScipyProduct] | None = None
    for orientation in ORIENTATIONS:
        rival = ScipyProduct(catalog(size), vocabulary(), orientation)
        seconds = median([timed(rival.search, profile, LIMIT)[0] for profile in asked])
        if best is None or seconds < best[0]:
            best = seconds, orientation, rival
    assert best is not None
    return best[1:]


def _check_same(hits: Sequence[Hit], found: Sequence[tuple[int, float]]) -> None:
    """Make sure that both lists are the same, but for the order and the last of equal scores."""
    ours = np.array([hit.score for hit in hits])
    theirs = np.array([score for _, score in found])
    same = len(ours) == len(theirs) and bool(np.allclose(ours, theirs, rtol=0, atol=_CLOSE))
    ids = {video_id(number) for number, _ in found}
    if not same or any(hit.video_id not in ids for hit in hits if hit.score > ours[-1] + 2 * _CLOSE):
        raise AssertionError(f"Matchcut and scipy differ: {hits} and {found}")


def _build_ours(size: int) -> tuple[float, int]:
    return _measured_build(size, lambda: built_index(size))


def _build_theirs(size: int) -> tuple[float, int]:
    def build() -> tuple[ScipyProduct, float]:
        start = time.perf_counter()
        rival = ScipyProduct(catalog(size), vocabulary(), "terms")
        return rival, time.perf_counter() - start

    return _measured_build(size, build)


def _measured_build(size: int, build: Callable[[], tuple[object, float]]) -> tuple[float, int]:
    """Return seconds, and by how much the process grew; in a process of its own, with the catalog loaded before."""
    catalog(size)
    vocabulary()
    gc.collect()
    before = resident_bytes()
    built, seconds = build()
    gc.collect()
    grown = resident_bytes() - before
    del built
    return seconds, grown
