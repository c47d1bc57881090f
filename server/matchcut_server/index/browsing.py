"""Browsing: the first videos of a segment by keys of their own, whatever they are about."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

import numpy as np

from .arrays import Bytes, Float64s, Int64s
from .columns import Columns

KeysOf = Callable[[Columns], tuple[Float64s, Float64s]]
"""Returns the first and the second key of each video of a segment, by position; infinite ones may be among them.

It is asked again with every call: what it has worked out it keeps, by segment.
"""


class Place(NamedTuple):
    """What a video is ordered by: ascending."""

    first: float
    """The first key, negated; so is the second."""
    second: float
    video_id: str


class Browsed(Protocol):
    """What browsing needs to know of a segment."""

    @property
    def rank(self) -> Int64s | None:
        """Place of each video among all by id; None where the positions are in that order."""

    def video_id(self, position: int) -> str:
        """Return the id of a video."""

    def by_video(self, by_row: Bytes) -> Bytes:
        """Tell of each video whether it is told of any of its rows."""


def first_places(segment: Browsed, rows: Bytes, keys: tuple[Float64s, Float64s], limit: int) -> list[Place]:
    """Return the places of the first `limit` videos of a segment, in no order.

    `rows`: 1 for each row that may be returned; `keys`: of the videos by position.
    """
    positions = _first(np.flatnonzero(segment.by_video(rows).view(np.bool_)), keys, segment.rank, limit)
    return [
        Place(-first, -second, segment.video_id(position))
        for position, first, second in zip(positions.tolist(), *(key[positions].tolist() for key in keys), strict=True)
    ]


def _first(positions: Int64s, keys: tuple[Float64s, Float64s], rank: Int64s | None, limit: int) -> Int64s:
    """Return the first `limit` of some positions, which ascend, in no order."""
    tied = positions
    chosen: list[Int64s] = []
    wanted = limit
    for key in keys:
        if wanted == 0 or len(tied) <= wanted:
            break
        own = key[tied]
        last = own.min()
        above = own[own > last]  # often few, and a partition of many equal values takes long
        if len(above) > wanted:
            last = np.partition(above, len(above) - wanted)[len(above) - wanted]
        sure = tied[own > last]
        chosen.append(sure)
        wanted -= len(sure)
        tied = tied[own == last]
    if 0 < wanted < len(tied) and rank is not None:
        tied = tied[np.argpartition(rank[tied], wanted - 1)]
    return np.concatenate([*chosen, tied[:wanted]])


def in_order(parts: Iterable[Iterable[Place]], limit: int) -> list[str]:
    """Return the ids of the first videos of several segments."""
    return [place.video_id for place in sorted(place for part in parts for place in part)[:limit]]
