"""`filters`: searches that allow only a part of the videos, beside the same ones that allow all."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from matchcut_server.index.filter import DurationBetween, Filter, HasAttribute, PublishedBetween
from matchcut_server.index.port import Hit
from matchcut_server.vectors.profile import Profile

from .catalog import PUBLISHED_MINUTES, SHARES, catalog
from .engine import LIMIT, Search, open_index, searches
from .measure import Row, Scale, duration, median, p99_text, ratio, timed
from .search import declared_profiles
from .synthetic import NOW, PUBLISHED_FROM, SHARE, share_name

_TRIALS = 3
_LEAST = 20

_TENTH_OF_TIMES = (PUBLISHED_FROM + 24 * PUBLISHED_MINUTES, PUBLISHED_FROM + 30 * PUBLISHED_MINUTES)
_TENTH_OF_DURATIONS = (600.0, 816.0)


def run(scale: Scale) -> Iterator[Row]:
    """Measure each filter in turns with no filter."""
    for size in scale.sizes:
        view = open_index(size)
        asked = declared_profiles(view, scale.queries)
        for what, allowed, mask in _filters(size):
            for name, search in searches(view).items():
                yield _filtered(scale, f"{what}: {name}", asked, search, allowed, mask)


def _filters(size: int) -> Iterator[tuple[str, Filter, NDArray[np.bool_]]]:
    """Yield what each filter is called, the filter, and which videos it allows."""
    videos = catalog(size)
    for place, share in enumerate(SHARES):
        condition = HasAttribute(SHARE, (share_name(share),))
        yield f"{share_name(share)} by an attribute", Filter((condition,)), videos.shares >= len(SHARES) - place
    start, end = _TENTH_OF_TIMES
    published = PUBLISHED_FROM + 60 * videos.published.astype(np.int64)
    yield "10% by published time", Filter((PublishedBetween(start, end),)), (published >= start) & (published < end)
    shortest, longest = _TENTH_OF_DURATIONS
    seconds = videos.duration / 1000
    yield "10% by duration", Filter((DurationBetween(shortest, longest),)), (seconds >= shortest) & (seconds <= longest)


def _filtered(
    scale: Scale,
    what: str,
    asked: Sequence[Profile],
    search: Search,
    allowed: Filter,
    mask: NDArray[np.bool_],
) -> Row:
    trials = [timed(search, profile, LIMIT, NOW)[0] for profile in asked[:_TRIALS]]
    count = max(_LEAST, min(len(asked), int(scale.seconds / 4 / median(trials))))
    took: dict[Filter | None, list[float]] = {None: [], allowed: []}
    for number, profile in enumerate(asked[:count]):
        for only in (None, allowed) if number % 2 else (allowed, None):  # the second one finds the caches warm
            seconds, hits = timed(search, profile, LIMIT, NOW, only)
            took[only].append(seconds)
            if only is not None:
                _check(hits, mask)
    free, filtered = took.values()
    beside = ratio(median(filtered) / median(free), "unfiltered")
    return Row(f"filter, {what}", len(mask), duration(median(filtered)), p99_text(filtered), beside)


def _check(hits: Sequence[Hit], mask: NDArray[np.bool_]) -> None:
    if not hits or not all(mask[int(hit.video_id.removeprefix("video"))] for hit in hits):
        raise AssertionError(f"not what the filter allows: {hits}")
