"""Popularity: how often videos are viewed and liked, as a number from 0 to 1.

    raw = sum over days of (views + likes of the day) · 0.5 ^ ((today - day) / half-life)
    p   = ln(1 + raw) / ln(1 + the largest raw of the videos of the catalog)

A view counts its watched share, a like its weight. The logarithm, because views are spread like incomes: without it
all but a few videos of a catalog were next to 0, and a boost would tell hardly any of them apart.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from itertools import chain
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from ..index.arrays import Float64s, Int64s
from ..index.columns import Columns
from ..insights.timespan import DAY_SECONDS
from ..store.port import Catalog, Store
from ..store.profile_port import DailyViews
from .memo import Memo

REFRESH_SECONDS = 10.0
"""How long what was read of a catalog is taken as true."""

MAX_CATALOGS = 1_000
"""Catalogs whose popularity is kept; those asked for last."""

_SIDE = 4
"""An id is read from a segment in so many times the time that it takes to find it there."""

MAX_GONE = 1_000
"""So many of the most popular videos are looked for in the catalog."""

_MILLION = 1_000_000

_SHORTEST = 1e-3
"""Half-life in days that shorter ones are taken as: within one and a half minutes nothing is left of a day either."""

_LARGEST = 1_000.0
"""Power of two that no sum of views reaches."""


class Popularity:
    """The popularity of the videos of all catalogs, in one process. Any number of threads may ask.

    `has_video` tells whether a catalog holds a video now; `clock` gives seconds from anywhere.
    """

    def __init__(
        self,
        store: Store,
        has_video: Callable[[Catalog, str], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._has_video = has_video
        self._clock = clock
        self._counted: OrderedDict[int, _Counted] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, catalog: Catalog, now: float) -> "PopularVideos":
        """Return the popularity of the videos of a catalog at `now` (Unix seconds), read at most 10 seconds ago."""
        half_life = catalog.profile_settings.popularity_half_life_days
        with self._lock:
            counted = self._counted.pop(catalog.catalog_id, None)
            if counted is None or counted.half_life != half_life:
                counted = _Counted(half_life)
            self._counted[catalog.catalog_id] = counted
            while len(self._counted) > MAX_CATALOGS:
                self._counted.popitem(last=False)
        if not counted.lock.acquire(blocking=counted.popular is None):
            assert counted.popular is not None
            return counted.popular  # another thread is about to renew it
        try:
            if self._clock() >= counted.next_read:
                found = self._store.profiles.popularity_changes(catalog.catalog_id, counted.revision)
                counted.take(found.changed, found.revision)
                counted.popular = counted.settled(_day(now), partial(self._has_video, catalog))
                counted.next_read = self._clock() + REFRESH_SECONDS
            if counted.popular is None or counted.popular.day != _day(now):
                counted.popular = counted.settled(_day(now), partial(self._has_video, catalog))
            return counted.popular
        finally:
            counted.lock.release()


class PopularVideos:
    """The popularity of the videos of a catalog on one day. It never changes."""

    def __init__(self, day: int, strengths: Float64s, top: float, places: "_Places") -> None:
        self.day = day
        """Since 1970."""
        self.strengths = strengths
        """ln(1 + raw), by the numbers of the videos."""
        self.top = top
        """The largest of them, of the videos of the catalog; 0: none has been viewed or liked."""
        self._places = places
        self._memo: Memo[None, Float64s] = Memo(1)

    def of(self, video_id: str) -> float:
        """Return the popularity of a video, 0 to 1."""
        number = self._places.numbers.get(video_id, len(self.strengths))
        if number >= len(self.strengths) or not self.top:
            return 0.0
        return min(float(self.strengths[number]) / self.top, 1.0)

    def amounts(self, columns: Columns) -> Float64s:
        """Return the popularity of the videos of a segment, by position. The array is kept: nobody changes it."""
        kept = self._memo.get(columns, None)
        return self._memo.put(columns, None, self._amounts(columns)) if kept is None else kept

    def browsing_keys(self, columns: Columns) -> tuple[Float64s, Float64s]:
        """Return the keys of an order in which the most popular videos come first, then the most recent ones."""
        return self.amounts(columns), columns.published

    def _amounts(self, columns: Columns) -> Float64s:
        amounts = np.zeros(len(columns))
        if self.top:
            positions, numbers = self._places.of(columns)
            known = numbers < len(self.strengths)  # others were viewed later
            amounts[positions[known]] = np.minimum(self.strengths[numbers[known]] / self.top, 1.0)
        return amounts


class _Place(NamedTuple):
    """Where the videos that have a number are in a segment."""

    looked_for: int
    """How many numbers that is of."""
    positions: Int64s
    numbers: Int64s


_NOWHERE = _Place(0, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


class _Places:
    """The numbers of the videos that were ever viewed or liked, and where they are in segments."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.numbers: dict[str, int] = {}
        self._places: WeakKeyDictionary[Columns, _Place] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def number(self, video_id: str) -> int:
        """Return the number of a video, a new one for a new one."""
        number = self.numbers.get(video_id)
        if number is None:
            number = len(self.names)
            self.numbers[video_id] = number
            self.names.append(video_id)  # last, as others read on while names come
        return number

    def of(self, columns: Columns) -> tuple[Int64s, Int64s]:
        """Return the positions and numbers of the videos of a segment that have one."""
        with self._lock:
            place = self._places.get(columns, _NOWHERE)
            new = self.names[place.looked_for :]
            if new:
                place = self._places[columns] = self._extended(place, columns, new)
        return place.positions, place.numbers

    def _extended(self, place: _Place, columns: Columns, new: list[str]) -> _Place:
        """Look for further videos, from the side where there are far fewer of them."""
        before, count = place.looked_for, place.looked_for + len(new)
        if len(columns) < len(new) // _SIDE:
            ids = [columns.video_id(position) for position in range(len(columns))]
            numbers = np.array([self.numbers.get(video_id, count) for video_id in ids], dtype=np.int64)
            positions: Int64s = np.flatnonzero((before <= numbers) & (numbers < count))
            numbers = numbers[positions]
        else:
            found = columns.find(new)
            numbers = np.flatnonzero(found >= 0)
            positions, numbers = found[numbers], numbers + before
        return _Place(count, np.concatenate((place.positions, positions)), np.concatenate((place.numbers, numbers)))


class _Counted:
    """What is known of one catalog, for a half-life in days (0: nothing fades). Whoever changes it holds `lock`."""

    def __init__(self, half_life: float) -> None:
        self.half_life = half_life
        self.lock = threading.Lock()
        self.revision = 0
        self.next_read = -math.inf
        self.popular: PopularVideos | None = None
        self._places = _Places()
        self._days_to_half = max(half_life, _SHORTEST) if half_life else math.inf
        self._powers: Float64s = np.empty(0)
        """By number: log2 of raw, as of the day `_reference`. On another day it is less by the half-lives between."""
        self._reference: int | None = None
        self._strengths: Float64s | None = None
        """Those of `popular`; None: something has changed since."""

    def take(self, changed: Mapping[str, list[DailyViews]], revision: int) -> None:
        """Take the videos that have changed up to a revision."""
        if changed:
            numbers = [self._places.number(video_id) for video_id in changed]
            self._powers = np.concatenate((self._powers, np.full(len(self._places.names) - len(self._powers), -np.inf)))
            self._powers[numbers] = self._powers_of(list(changed.values()))
            self._strengths = None
        self.revision = revision

    def settled(self, day: int, has_video: Callable[[str], bool]) -> PopularVideos:
        """Return the popularity on a day: the same object as before, as long as nothing has changed."""
        old = self.popular
        if self._strengths is None or old is None or old.day != day:
            faded = 0.0 if self._reference is None else (day - self._reference) / self._days_to_half
            self._strengths = np.log1p(np.exp2(np.minimum(self._powers - faded, _LARGEST)))
            old = None
        top = self._top(self._strengths, has_video)
        if old is not None and old.top == top:
            return old
        return PopularVideos(day, self._strengths, top, self._places)

    def _top(self, strengths: Float64s, has_video: Callable[[str], bool]) -> float:
        """Return the strength of the most popular video of the catalog: what was viewed most may have been deleted."""
        cut = max(len(strengths) - MAX_GONE, 0)
        best = np.argpartition(strengths, cut)[cut:] if cut else np.arange(len(strengths))
        for number in best[np.argsort(-strengths[best])].tolist():
            if has_video(self._places.names[number]):
                return float(strengths[number])
        return float(strengths[best].min()) if cut else 0.0

    def _powers_of(self, videos: list[list[DailyViews]]) -> Float64s:
        """Return log2 of raw of videos, as of the day `_reference`; -inf for those without any views and likes."""
        powers = np.full(len(videos), -np.inf)
        counts = np.array(list(map(len, videos)), dtype=np.int64)
        some = np.flatnonzero(counts)
        if not len(some):
            return powers
        rows = chain.from_iterable(chain.from_iterable(videos))
        days, views, likes = np.fromiter(rows, np.int64, 3 * int(counts.sum())).reshape(-1, 3).T
        counts = counts[some]
        starts = np.cumsum(counts) - counts
        last = np.maximum.reduceat(days, starts)
        fading = (np.repeat(last, counts) - days) / self._days_to_half
        raw = np.add.reduceat((views + likes) / _MILLION * np.exp2(-fading), starts)
        if self._reference is None:
            self._reference = int(last[0])
        viewed = raw > 0.0
        powers[some[viewed]] = np.log2(raw[viewed]) + (last[viewed] - self._reference) / self._days_to_half
        return powers


def _day(now: float) -> int:
    return int(now // DAY_SECONDS)
