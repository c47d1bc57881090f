"""`batch`: many profiles at once, on one core and on two, beside what is made for it."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from matchcut_server.vectors.profile import Profile

from .engine import LIMIT, open_index, search_all
from .measure import Row, Scale, median, rate, ratio, timed
from .rivals.port import batch_rivals
from .search import declared_profiles

_CORES = (1, 2)
_TRIALS = 5
_MOST = 1_000
"""Profiles in a round."""

Batch = Callable[[Sequence[Profile]], object]


def run(scale: Scale) -> Iterator[Row]:
    """Measure profiles a second."""
    for size in scale.sizes:
        view = open_index(size)
        asked = declared_profiles(view, _MOST)
        others = batch_rivals(size, extras=scale.extras)
        for cores in _CORES:
            ways: dict[str, Batch] = {"Matchcut": partial(search_all, view, threads=cores)}
            ways |= {other.name: partial(other.search_all, limit=LIMIT) for other in others}
            with on_cores(cores) as got:
                if got:
                    yield from _rates(scale, size, f"batch, {cores} core{'s' * (cores > 1)}", ways, asked)


def _rates(scale: Scale, size: int, what: str, ways: dict[str, Batch], asked: Sequence[Profile]) -> Iterator[Row]:
    counts: dict[str, int] = {}
    for name, way in ways.items():
        each = timed(way, asked[:_TRIALS])[0] / _TRIALS
        counts[name] = max(_TRIALS, min(len(asked), int(scale.seconds / scale.rounds / each)))
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(scale.rounds):
        for name, way in ways.items():
            rates[name].append(counts[name] / timed(way, asked[: counts[name]])[0])
    ours = median(rates["Matchcut"])
    for name, found in rates.items():
        if name == "Matchcut":
            yield Row(f"{what}: {name}", size, rate(ours, "profiles"))
        else:
            yield Row(f"  {name}", size, rate(median(found), "profiles"), "", ratio(median(found) / ours, "Matchcut"))


@contextmanager
def on_cores(count: int) -> Iterator[bool]:
    """Keep all threads of this process on so many cores while the block runs; False where that can't be had."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < count:
        yield False
        return
    _pin(cores[:count])
    try:
        yield True
    finally:
        _pin(cores)


def _pin(cores: Sequence[int]) -> None:
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), cores)
