"""Near-duplicates: the same media indexed twice."""

from collections import defaultdict

from ..index.held import UnitVector, cosine

MIN_COSINE = 0.95
"""From this on two videos have the same keywords at the same times but for one or two.

The same media indexed twice gave 0.9996 among real documents and 0.99999 in the example catalog, two different videos
0.57 at most; one of 30 equal keywords replaced by another gives 0.967.
"""

MAX_SECONDS = 2.0
"""By this the durations of near-duplicates differ at most."""

MIN_TERMS = 10
"""With fewer, some five keywords, equal vectors say little: many videos have the same few."""


class Distinct:
    """Videos that are no near-duplicates of each other.

    Those of unknown duration or with too few terms are never taken for near-duplicates.
    """

    def __init__(self) -> None:
        self._by_duration: defaultdict[int, list[tuple[UnitVector, float]]] = defaultdict(list)

    def add(self, vector: UnitVector, duration: float) -> None:
        """Take a video in. `duration` in seconds; 0: unknown."""
        if _can_be_compared(vector, duration):
            self._by_duration[_slot(duration)].append((vector, duration))

    def has_copy(self, vector: UnitVector, duration: float) -> bool:
        """Tell whether a video is a near-duplicate of any that was taken in."""
        if not _can_be_compared(vector, duration):
            return False
        slot = _slot(duration)
        near = (one for some in (slot - 1, slot, slot + 1) for one in self._by_duration.get(some, ()))
        return any(_are_equal(own, own_duration, vector, duration) for own, own_duration in near)


def are_copies(first: UnitVector, first_duration: float, second: UnitVector, second_duration: float) -> bool:
    """Tell whether two videos are near-duplicates. Durations in seconds; 0: unknown."""
    return (
        _can_be_compared(first, first_duration)
        and _can_be_compared(second, second_duration)
        and _are_equal(first, first_duration, second, second_duration)
    )


def _are_equal(first: UnitVector, first_duration: float, second: UnitVector, second_duration: float) -> bool:
    return abs(first_duration - second_duration) <= MAX_SECONDS and cosine(first, second) >= MIN_COSINE


def _can_be_compared(vector: UnitVector, duration: float) -> bool:
    return duration > 0 and len(vector.keys) >= MIN_TERMS


def _slot(duration: float) -> int:
    return int(duration // MAX_SECONDS)
