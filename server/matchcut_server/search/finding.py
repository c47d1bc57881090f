"""Finding: the moments of a catalog, page by page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import dropwhile, islice
from typing import NamedTuple

import numpy as np

from ..index.filter import Filter
from ..index.port import View, rounded
from ..store.port import Catalog, Store
from .candidates import Candidates
from .conditions import AskedMoments, Conditions, conditions_of
from .copies import Copies, Scored
from .moments import FoundMoment, MomentFinder
from .reading import Documents, Reader
from .telling import Teller, Told

FIRST_READ = 64
"""Videos that are read at first; then, as long as the page is not certain, ..."""
READ_GROWTH = 4
"""... so many times as many."""


_AT_ONCE = 500
"""Moments that are compared with copies before it is asked again whether anybody waits."""


class MomentOrder(StrEnum):
    """Order of moments; the names of `MomentOrder` in the contract, without its prefix."""

    SCORE = "SCORE"
    OLDEST_FIRST = "OLDEST_FIRST"
    NEWEST_FIRST = "NEWEST_FIRST"


class Place(NamedTuple):
    """Where a moment stands: moments are ordered by it, ascending."""

    key: float
    """From the score or the published time, so that what comes first has the lowest; infinite without a time."""
    video_id: str
    start: float
    language: str


class MomentQuery(NamedTuple):
    """Which moments are wanted."""

    asked: AskedMoments
    limit: int
    allowed: Filter | None = None
    now: float | None = None
    """Unix seconds: only videos that are published and not expired then; None: all."""
    min_score: float = 0.0
    order: MomentOrder = MomentOrder.SCORE
    most_a_video: int = 0
    """The best ones; 0: all."""
    keep_copies: bool = False
    """Whether near-identical spans of near-duplicate videos are all wanted."""
    explain: bool = False
    with_total: bool = False
    after: Place | None = None
    """Only moments behind this place."""


class Moment(NamedTuple):
    """A moment of a video."""

    place: Place
    video_id: str
    language: str
    found: FoundMoment
    told: Told


class MomentPage(NamedTuple):
    """Moments in their order."""

    moments: list[Moment]
    last: Place | None
    """Behind it more follow; None if none do."""
    total: int | None
    conditions: Conditions


def search_moments(
    query: MomentQuery, store: Store, catalog: Catalog, view: View, check: Callable[[], None] = lambda: None
) -> MomentPage:
    """Return the moments of a page. `check` is called from time to time; what it raises ends the search."""
    conditions = conditions_of(query.asked, store, catalog, view)
    finder = MomentFinder(conditions, catalog.settings)
    candidates = Candidates(conditions, view, query.now, query.allowed)
    reader = Reader(
        candidates,
        finder,
        store,
        catalog,
        least=query.min_score,
        most_a_video=query.most_a_video,
        check=check,
    )
    copies = None if query.keep_copies else Copies(view, candidates)
    search = _Search(query, reader, copies)
    total = None
    if query.with_total:
        every = list(search.every())
        total = len(every)
        found: Iterator[Scored] = iter(every)
    elif query.order is MomentOrder.SCORE:
        found = search.by_score()
    else:
        found = search.by_time()
    placed = ((search.place(one), one) for one in found)
    page = list(islice((own for own in placed if query.after is None or own[0] > query.after), query.limit + 1))
    documents = Documents(store, catalog, ((one.video_id, one.language) for _, one in page[: query.limit]))
    teller = Teller(finder, view, catalog.settings, explain=query.explain)
    moments = list(_told(page[: query.limit], documents, finder, teller))
    return MomentPage(moments, page[query.limit - 1][0] if len(page) > query.limit else None, total, conditions)


class _Search:
    """One search: yields moments in their order, each as soon as it is certain that it comes next."""

    def __init__(self, query: MomentQuery, reader: Reader, copies: Copies | None) -> None:
        self._query = query
        self._reader = reader
        self._copies = copies
        self._candidates = reader.candidates
        self._times = self._candidates.time_keys(newest_first=query.order is MomentOrder.NEWEST_FIRST)

    def place(self, moment: Scored) -> Place:
        """Tell where a moment stands."""
        key = -moment.score if self._query.order is MomentOrder.SCORE else float(self._times[moment.number])
        return Place(key, moment.video_id, moment.start, moment.language)

    def every(self) -> Iterator[Scored]:
        """Yield all moments."""
        return self._distinct(list(self._reader.read(range(len(self._candidates)))))

    def by_score(self) -> Iterator[Scored]:
        """Yield moments by score: those that score more than what has not been read yet can."""
        order, bounds = self._candidates.by_bound(), self._candidates.bounds
        pending: list[Scored] = []
        for start, end in _growing(len(order)):
            pending += self._reader.read(order[start:end].tolist())
            ceiling = rounded(float(bounds[order[end]])) if end < len(order) else -np.inf
            if ceiling < self._query.min_score:
                ceiling = -np.inf
            yield from self._distinct([one for one in pending if one.score > ceiling])
            if ceiling == -np.inf:
                return
            pending = [one for one in pending if one.score <= ceiling]

    def by_time(self) -> Iterator[Scored]:
        """Yield moments by the published times of their videos, beginning with that of the last page's last moment."""
        numbers = self._numbers_by_time()
        size = FIRST_READ
        while some := list(islice(numbers, size)):
            found = self._moments_of(some)
            if self._copies is not None:
                self._copies.add(self._moments_of(self._copied_by(found, self._copies)))
            yield from self._distinct(found)
            size *= READ_GROWTH

    def _copied_by(self, moments: Iterable[Scored], copies: Copies) -> list[int]:
        """Return the candidates that may have better copies of some moments."""
        lowest: dict[tuple[int, str], Scored] = {}
        for one in moments:
            known = lowest.setdefault((one.number, one.language), one)
            if one.score < known.score:
                lowest[one.number, one.language] = one
        others: set[int] = set()
        for one in lowest.values():
            self._reader.check()
            others.update(copies.copies_of(one))
        return sorted(others)

    def _distinct(self, moments: list[Scored]) -> Iterator[Scored]:
        """Yield those of some moments, in their order, that are no copies of better ones seen so far."""
        moments.sort(key=self.place)
        if self._copies is not None:
            self._copies.add(moments)
        for place, one in enumerate(moments):
            if place % _AT_ONCE == 0:
                self._reader.check()
            if self._copies is None or not self._copies.has_better(one):
                yield one

    def _moments_of(self, numbers: Sequence[int]) -> list[Scored]:
        return list(self._reader.read(numbers))

    def _numbers_by_time(self) -> Iterator[int]:
        """Yield the candidates by published time, as far as they are not on earlier pages."""
        after = self._query.after
        if after is None:
            return self._candidates.by_keys(self._times)
        numbers = self._candidates.by_keys(self._times, after.key)
        at = (after.key, after.video_id)
        return dropwhile(lambda one: (float(self._times[one]), self._candidates.video_id(one)) < at, numbers)


def _growing(count: int) -> Iterator[tuple[int, int]]:
    """Yield parts of so many candidates, each larger than the one before."""
    start, size = 0, FIRST_READ
    while start < count:
        yield start, min(start + size, count)
        start, size = start + size, size * READ_GROWTH


def _told(
    page: Iterable[tuple[Place, Scored]], documents: Documents, finder: MomentFinder, teller: Teller
) -> Iterator[Moment]:
    """Yield the moments of a page with what is told of them; what a write has changed meanwhile is left out."""
    there = documents.moments(finder)
    for place, one in page:
        found = FoundMoment(one.start, one.end, one.score)
        if (one.video_id, one.language, found) in there:
            told = teller.tell(*documents.get(one.video_id, one.language), found)
            yield Moment(place, one.video_id, one.language, found, told)
