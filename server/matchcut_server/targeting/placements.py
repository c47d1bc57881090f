"""Placements: the best moments of a catalog, or of one video, for promotions."""

import heapq
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from typing import NamedTuple

from ..index.arrays import Int32s
from ..index.columns import FactColumns
from ..index.port import View
from ..index.postings import NO_ROWS
from ..store.port import Catalog, Store
from ..vectors.mixture import NO_TERMS
from ..vectors.video import VideoFacts
from .candidates import Candidate, Scope, candidates
from .fitting import DEFAULT_CONTEXT_SECONDS, Fit, Promoted, Rules, stretches_around
from .promotion import NO_RULES, PlacementRules, Promotion
from .screens import VideoScreen, read_screens
from .sharing import Sharing

HELD_BYTES = 32 * 1024 * 1024
"""Of videos that are kept for the next promotion that asks for them."""

_FIRST_BATCH, _LARGEST_BATCH = 8, 256
"""Videos of a promotion that are read at once: twice as many each time."""


class Placement(NamedTuple):
    """A slot that a promotion has got."""

    number: int
    """Of the promotion."""
    fit: Fit
    video: VideoScreen


class Wanted(NamedTuple):
    """What placements are wanted."""

    promotions: Sequence[Promotion]
    """Their ids are different."""
    rules: PlacementRules = NO_RULES
    """For all promotions together."""
    context_seconds: float = DEFAULT_CONTEXT_SECONDS
    min_score: float = 0.0


class Placer:
    """Shares the moments of a catalog, or the slots of a video, between promotions: see `Sharing` for the law.

    `check` is called now and then; it may raise what ends the search.
    """

    def __init__(
        self, wanted: Wanted, store: Store, catalog: Catalog, view: View, check: Callable[[], None] = lambda: None
    ) -> None:
        self._wanted = wanted
        self._store = store
        self._catalog = catalog
        self._view = view
        self._check = check
        self.promoted = [Promoted(promotion, catalog, view) for promotion in wanted.promotions]
        self._common = Rules(wanted.rules, catalog, view)
        self._held = _Held()
        self._numbers = count()

    def over_videos(self, now: float | None, among: View | None = None) -> Iterator[Placement]:
        """Yield the placements over all videos that are published and not expired at a time, as they are taken.

        `now`: Unix seconds; None: all videos, whenever they are published. `among`: a view of some of the videos, None:
        all. The promotions are weighed as in the whole catalog.

        A video is read when it is its turn: for each promotion in the order of the most that it can score there. A slot
        is taken once nothing that has not been read can come before it, so that the outcome is exact.
        """
        view = self._view if among is None else among
        closed = self._closed(self._common, view)
        scope = Scope(view, now, self._wanted.rules.allowed, closed, self._wanted.min_score)
        queue: list[_Turn] = []
        for number, promoted in enumerate(self.promoted):
            self._check()
            self._draw(queue, number, candidates(promoted, scope, self._closed(promoted.rules, view)), _FIRST_BATCH)
        return self._shared(queue)

    def in_video(self, video: VideoScreen, facts: VideoFacts, slots: Sequence[float] = ()) -> Iterator[Placement]:
        """Yield the placements in one video, as they are taken, whenever it is published.

        `facts`: of the video, for filters. `slots`: in seconds; none: the moments that fit are the slots.
        """
        queue: list[_Turn] = []
        columns = FactColumns([facts])
        context, scheme = self._wanted.context_seconds, self._catalog.settings.scheme
        around = stretches_around(video, slots, context, scheme) if slots else None
        if self._common.allow(video, columns):
            for number, promoted in enumerate(self.promoted):
                self._check()
                if promoted.rules.allow(video, columns):
                    if around is None:
                        fits = self._moments(promoted, video)
                    else:
                        fits = promoted.slots(video, around, self._wanted.min_score, self._common)
                    self._put(queue, _Fits(number, video, fits))
        return self._shared(queue)

    def _shared(self, queue: "list[_Turn]") -> Iterator[Placement]:
        sharing = Sharing(self._wanted.rules, self._wanted.promotions)
        while queue and not sharing.is_over():
            self._check()
            own = heapq.heappop(queue).own
            if isinstance(own, _Fits):
                fit = own.fits[own.place]
                if sharing.take(own.number, own.video.video_id, fit.slot):
                    yield Placement(own.number, fit, own.video)
                self._put(queue, own._replace(place=own.place + 1))
            elif not sharing.is_served(own.number):
                promoted = self.promoted[own.number]
                for video in self._read([own.head, *islice(own.rest, own.batch - 1)]):
                    if self._common.allow(video) and promoted.rules.allow(video):
                        self._put(queue, _Fits(own.number, video, self._moments(promoted, video)))
                self._draw(queue, own.number, own.rest, min(2 * own.batch, _LARGEST_BATCH))

    def _moments(self, promoted: Promoted, video: VideoScreen) -> list[Fit]:
        wanted = self._wanted
        scheme = self._catalog.settings.scheme
        return promoted.moments(video, scheme, wanted.context_seconds, wanted.min_score, self._common)

    def _draw(self, queue: "list[_Turn]", number: int, rest: Iterator[Candidate], batch: int) -> None:
        """Put the next candidate of a promotion into the queue, if there is one."""
        head = next(rest, None)
        if head is not None:
            weight = self._wanted.promotions[number].weight
            # Before any slot of this video with the same weight · score.
            turn = (weight * head.below, head.video_id, -1.0, "")
            heapq.heappush(queue, _Turn(turn, next(self._numbers), _Drawn(number, head, rest, batch)))

    def _put(self, queue: "list[_Turn]", own: "_Fits") -> None:
        """Put the next place of a promotion in a video into the queue, if there is one."""
        if own.place < len(own.fits):
            fit, promotion = own.fits[own.place], self._wanted.promotions[own.number]
            turn = (-promotion.weight * fit.score, own.video.video_id, fit.slot, promotion.promotion_id)
            heapq.heappush(queue, _Turn(turn, next(self._numbers), own))

    def _closed(self, rules: Rules, view: View) -> list[Int32s]:
        """Return the positions of the videos that rules exclude by their keywords, for each segment of a view."""
        if rules.excluded:
            return rules.excluded.videos(self._store, self._catalog, view)
        return [NO_ROWS for _ in view.postings(NO_TERMS.keys, None)]

    def _read(self, wanted: Sequence[Candidate]) -> Iterator[VideoScreen]:
        """Yield the videos of candidates as far as they are still there."""
        missing = [(one.video_id, one.languages) for one in wanted if one.video_id not in self._held]
        read = {one.video_id: one for one in read_screens(self._store, self._catalog, self._view, missing)}
        for one in wanted:
            video = read.get(one.video_id) or self._held.get(one.video_id)
            if video is not None:
                yield video
        for video in read.values():
            self._held.put(video)


class _Drawn(NamedTuple):
    """The candidates of a promotion that have not been read."""

    number: int
    head: Candidate
    rest: Iterator[Candidate]
    batch: int
    """How many to read the next time."""


class _Fits(NamedTuple):
    """The places of a promotion in a video, from `place` on."""

    number: int
    video: VideoScreen
    fits: Sequence[Fit]
    place: int = 0


class _Turn(NamedTuple):
    """Something in the queue; the lowest turn comes first."""

    turn: tuple[float, str, float, str]
    """Negative weight · score, at most; video, slot and promotion."""
    number: int
    """Of equal turns that which was put in first comes first."""
    own: _Drawn | _Fits


class _Held:
    """Videos that were read last, of at most `HELD_BYTES`."""

    def __init__(self) -> None:
        self._videos: OrderedDict[str, VideoScreen] = OrderedDict()
        self._bytes = 0

    def __contains__(self, video_id: str) -> bool:
        return video_id in self._videos

    def get(self, video_id: str) -> VideoScreen | None:
        """Return a video; None if it is not held."""
        if video_id not in self._videos:
            return None
        self._videos.move_to_end(video_id)
        return self._videos[video_id]

    def put(self, video: VideoScreen) -> None:
        """Keep a video."""
        self._videos[video.video_id] = video
        self._bytes += video.size
        while self._bytes > HELD_BYTES:
            self._bytes -= self._videos.popitem(last=False)[1].size
