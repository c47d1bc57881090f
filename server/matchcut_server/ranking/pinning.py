"""Pinning: which of the pinned videos can be returned."""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from ..index.columns import FactColumns
from ..index.filter import Filter
from ..vectors.video import VideoFacts
from .settings import PinnedVideo


class Pinned(NamedTuple):
    """A pinned video that can be returned."""

    pin: PinnedVideo
    facts: VideoFacts


def available(
    pins: Iterable[PinnedVideo],
    find: Callable[[str], VideoFacts | None],
    now: float,
    allowed: Filter | None,
    excluded: Collection[str],
) -> dict[int, Pinned]:
    """Return by position the videos that exist, are published and not expired, allowed and not excluded.

    `find` returns what is known of a video; `now` in Unix seconds.
    """
    found = [Pinned(pin, facts) for pin in pins if pin.video_id not in excluded and (facts := find(pin.video_id))]
    mask = None if allowed is None else allowed.mask(FactColumns([one.facts for one in found]))
    return {
        one.pin.position: one
        for number, one in enumerate(found)
        if (mask is None or mask[number]) and _is_there(one.facts, now)
    }


def _is_there(facts: VideoFacts, now: float) -> bool:
    published = facts.published_time is None or facts.published_time <= now
    return published and (facts.expire_time is None or facts.expire_time > now)
