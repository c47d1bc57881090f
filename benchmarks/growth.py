"""`growth`: what a larger catalog costs: search, memory and build, each catalog in a process of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple, TypeVar

from .catalog import catalog
from .engine import LIMIT, built_index
from .measure import Memory, Row, Scale, amount, duration, log_little, median, occupied, p99_text, ratio, timed
from .rivals.port import Entry, rivals
from .rivals.weighted import column_ids, weighted
from .search import declared_profiles
from .synthetic import NOW
from .vocabulary import vocabulary

T = TypeVar("T")

_TRIALS = 3
_LEAST = 20


class _Figures(NamedTuple):
    build: float
    """Seconds."""
    grown: Memory
    searches: list[float]
    """Seconds each; of Matchcut only."""


def run(scale: Scale) -> Iterator[Row]:
    """Measure Matchcut, and what the rivals take to build and to hold."""
    for size in (*scale.sizes, *scale.larger):
        ours = _in_child(_ours, scale, size)
        yield Row("growth: search", size, duration(median(ours.searches)), p99_text(ours.searches))
        yield from _held("  memory", size, ours.grown)
        yield Row("  build", size, duration(ours.build), "", f"{size / ours.build:,.0f} videos/s")
        for entry in rivals(size, extras=scale.extras)[: scale.built]:
            name, theirs = _in_child(_theirs, entry, size)
            beside = ratio(sum(theirs.grown) / max(1, sum(ours.grown)), "Matchcut")
            yield from _held(f"  {name}, memory", size, theirs.grown, beside)
            yield Row(
                f"  {name}, build", size, duration(theirs.build), "", ratio(theirs.build / ours.build, "Matchcut")
            )


def _held(what: str, size: int, grown: Memory, beside: str = "") -> Iterator[Row]:
    if any(grown):
        told = f"{beside}, " if beside else ""
        told += f"{grown.mapped / size / 1000:.2f} shared" if grown.mapped > size else "none shared"
        yield Row(what, size, amount(sum(grown) / size / 1000, "kB/video"), "", told)


def _in_child(function: Callable[..., T], *arguments: object) -> T:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as child:
        return child.submit(function, *arguments).result()


def _ours(scale: Scale, size: int) -> _Figures:
    log_little()
    vocabulary()
    before = occupied()
    index, build = built_index(size)
    view = index.view()
    asked = declared_profiles(view, scale.queries)
    trial = median([timed(view.search, profile, LIMIT, NOW)[0] for profile in asked[:_TRIALS]])
    count = max(_LEAST, min(scale.rounds * len(asked), int(scale.seconds / trial)))
    searches = [timed(view.search, asked[number % len(asked)], LIMIT, NOW)[0] for number in range(count)]
    return _Figures(build, _grown(before), searches)


def _theirs(entry: Entry, size: int) -> tuple[str, _Figures]:
    column_ids()
    before = occupied()
    build, rival = timed(entry.make, size)
    weighted.cache_clear()
    return rival.name, _Figures(build, _grown(before), [])


def _grown(before: Memory) -> Memory:
    """Return by how much the process has grown, without the arrays that the catalog was made from."""
    catalog.cache_clear()
    after = occupied()
    return Memory(after.own - before.own, after.mapped - before.mapped)
