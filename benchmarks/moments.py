"""`moments`: searches for the moments in which keywords are on screen."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from matchcut_server.index.follower import Follower
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.search.asked import AskedKeyword
from matchcut_server.search.conditions import AskedMoments
from matchcut_server.search.finding import MomentOrder, MomentPage, MomentQuery, search_moments
from matchcut_server.store.port import DEFAULT_CATALOG
from matchcut_server.store.sqlite.store import SqliteStore

from .engine import LIMIT
from .measure import Row, Scale, duration, median, p99_text, ratio, timed
from .stored import data_folder
from .synthetic import profiles

SEARCHES = 50
"""Different ones."""
WINDOW_SECONDS = 30.0
_WARM = 5
"""Searches of each kind that are not counted: the first ones work out what the others find."""

_TOTAL = "any of 3, with the total"

Search = Callable[[MomentQuery], MomentPage]


@dataclass(frozen=True)
class _Kind:
    """One way to ask, beside another one."""

    asked: Callable[[Sequence[str]], MomentQuery]
    """Makes a query of the keywords of a user."""
    seconds: list[float] = field(default_factory=list)
    found: list[int] = field(default_factory=list)
    """Moments of the page."""


def run(scale: Scale) -> Iterator[Row]:
    """Measure searches in this process, in turns, as a server makes them after a call is read."""
    for size in (*scale.served, *scale.larger_served):
        data = data_folder(size)
        store = SqliteStore(data)
        try:
            with Follower(store, ShelfSource(Shelf(data, store.secret), store), max_waiting=1) as follower:
                catalog = follower.catalog(DEFAULT_CATALOG)
                view = follower.view(catalog)
                yield from _measured(scale, size, lambda query: search_moments(query, store, catalog, view))  # noqa: B023 - used before the next
        finally:
            store.close()


def _measured(scale: Scale, size: int, search: Search) -> Iterator[Row]:
    keywords = [[one.keyword for one in interests] for interests in profiles(SEARCHES)]
    kinds = _kinds()
    if size not in scale.served:
        del kinds[_TOTAL]  # it reads all that matches
    for kind in kinds.values():
        for some in keywords[:_WARM]:
            search(kind.asked(some))
    rounds = scale.rounds if size in scale.served else 1  # frequent keywords take seconds in the largest
    for number in range(rounds * SEARCHES):
        for kind in kinds.values():
            seconds, page = timed(search, kind.asked(keywords[number % SEARCHES]))
            kind.seconds.append(seconds)
            kind.found.append(len(page.moments))
    first = median(next(iter(kinds.values())).seconds)
    for what, kind in kinds.items():
        assert any(kind.found), f"{what} found nothing"
        own = median(kind.seconds)
        beside = "" if own == first else ratio(own / first, "one keyword")
        yield Row(f"moments: {what}", size, duration(own), p99_text(kind.seconds), beside)


def _kinds() -> dict[str, _Kind]:
    return {
        "one keyword": _Kind(lambda own: MomentQuery(_any(own[:1]), LIMIT)),
        "any of 3": _Kind(lambda own: MomentQuery(_any(own[:3]), LIMIT)),
        "any of 3, newest first": _Kind(lambda own: MomentQuery(_any(own[:3]), LIMIT, order=MomentOrder.NEWEST_FIRST)),
        _TOTAL: _Kind(lambda own: MomentQuery(_any(own[:3]), LIMIT, with_total=True)),
        "all of 2": _Kind(lambda own: MomentQuery(_all(own[:2]), LIMIT)),
        "all of 2, within 30 s": _Kind(lambda own: MomentQuery(_all(own[:2], WINDOW_SECONDS), LIMIT)),
        "any of 10, explained": _Kind(lambda own: MomentQuery(_any(own[:10]), LIMIT, explain=True)),
    }


def _any(keywords: Sequence[str]) -> AskedMoments:
    return AskedMoments(any_of=tuple(map(AskedKeyword, keywords)))


def _all(keywords: Sequence[str], within: float | None = None) -> AskedMoments:
    return AskedMoments(all_of=tuple(map(AskedKeyword, keywords)), within_seconds=within)
