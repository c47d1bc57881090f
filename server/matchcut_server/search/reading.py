"""Reading: the moments of candidates, from their documents."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter

from ..insights.model import KeywordSet
from ..store.port import Catalog, Store
from .candidates import Candidates
from .copies import NEAR_SECONDS, Scored
from .moments import FoundMoment, MomentFinder

MAX_READ = 4_096
"""Videos that are read at a time."""


class Reader:
    """Reads candidates, and finds those of their moments that stay whatever other videos have.

    `least`: the score a moment has at least. `most_a_video`: only the best of each video, so many; 0: all. `check` is
    called from time to time; what it raises ends the reading.
    """

    def __init__(
        self,
        candidates: Candidates,
        finder: MomentFinder,
        store: Store,
        catalog: Catalog,
        *,
        least: float = 0.0,
        most_a_video: int = 0,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self.candidates = candidates
        self.least = least
        self.check = check
        self._finder = finder
        self._store = store
        self._catalog_id = catalog.catalog_id
        self._most_a_video = most_a_video

    def read(self, numbers: Sequence[int]) -> Iterator[Scored]:
        """Yield the moments of some candidates, given by place, in the order of these."""
        for start in range(0, len(numbers), MAX_READ):
            wanted = [
                (number, candidate.video_id, language)
                for number in numbers[start : start + MAX_READ]
                for candidate in (self.candidates[number],)
                for language in candidate.languages
            ]
            for _, own in groupby(self._scored(wanted), key=itemgetter(0)):
                yield from self._staying(list(own))

    def _scored(self, wanted: Sequence[tuple[int, str, str]]) -> Iterator[Scored]:
        """Yield all moments of some keyword sets: each a candidate, its id, and a language."""
        for some in self._store.keyword_sets(self._catalog_id, [one[1:] for one in wanted]):
            self.check()
            found = self._finder.find_all([(keyword_set, duration) for _, duration, keyword_set in some])
            for place, *moment in zip(*(column.tolist() for column in found), strict=True):
                yield Scored(*wanted[some[place][0]], *moment)

    def _staying(self, moments: list[Scored]) -> Iterable[Scored]:
        """Return the moments of one video that stay: no span twice, the best ones, of enough score."""
        if len(moments) == 1:  # most of them, and there may be very many
            return moments if moments[0].score >= self.least else ()
        if any(one.language != moments[0].language for one in moments):
            moments = list(_of_best_language(moments))
        if 0 < self._most_a_video < len(moments):
            moments = sorted(moments, key=lambda one: (-one.score, one.start, one.language))[: self._most_a_video]
        return [one for one in moments if one.score >= self.least]


def _of_best_language(moments: list[Scored]) -> Iterator[Scored]:
    """Yield those of some moments of one video whose span no other keyword set has better."""
    by_start = sorted(moments, key=attrgetter("start"))
    starts = [one.start for one in by_start]
    for one in by_start:
        first, last = (
            bisect_left(starts, one.start - 2 * NEAR_SECONDS),
            bisect_right(starts, one.start + 2 * NEAR_SECONDS),
        )
        if not any(other.is_near(one) and other.is_better(one) for other in by_start[first:last]):
            yield one


class Documents:
    """Reads keyword sets once more, to tell of moments in them."""

    def __init__(self, store: Store, catalog: Catalog, wanted: Iterable[tuple[str, str]]) -> None:
        pairs = list(dict.fromkeys(wanted))
        self._held: dict[tuple[str, str], tuple[KeywordSet, float]] = {
            pairs[place]: (keyword_set, duration)
            for some in store.keyword_sets(catalog.catalog_id, pairs)
            for place, duration, keyword_set in some
        }

    def get(self, video_id: str, language: str) -> tuple[KeywordSet, float]:
        """Return a keyword set that has moments, and the duration of its video."""
        return self._held[video_id, language]

    def moments(self, finder: MomentFinder) -> set[tuple[str, str, FoundMoment]]:
        """Return all moments there are now, with video and language."""
        pairs = list(self._held)
        found = finder.find_all(list(self._held.values()))
        columns = zip(*(column.tolist() for column in found), strict=True)
        return {(*pairs[place], FoundMoment(*moment)) for place, *moment in columns}
