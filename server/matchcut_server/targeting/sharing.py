"""Sharing: how several promotions come by slots."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence

from ..search.stretches import HALF_TICK
from .promotion import PlacementRules, Promotion


class Sharing:
    """The slots that are taken, and which others the rules still allow.

    Slots are shared greedily: of all places where a promotion fits, the one with the largest weight · score is taken
    first, then the next largest that the rules allow beside those taken, and so on. Equal ones are taken by video id,
    start and promotion id, ascending. So the outcome is the same as that of sorting all of them and walking down the
    list once: what is refused once stays refused, because more is only ever taken.

    `rules` hold for the placements of all promotions together, those of a promotion for its own.
    """

    def __init__(self, rules: PlacementRules, promotions: Sequence[Promotion]) -> None:
        self._rules = rules
        self._promotions = promotions
        self._taken: defaultdict[str, list[float]] = defaultdict(list)
        """Slots by video, in seconds, ascending."""
        self._own: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
        """The same by video and promotion."""
        self._counts = [0] * len(promotions)
        self._count = 0

    def is_over(self) -> bool:
        """Tell whether no promotion may have another slot."""
        return 0 < self._rules.max_placements <= self._count

    def is_served(self, number: int) -> bool:
        """Tell whether a promotion may not have another slot, wherever it is."""
        most = self._promotions[number].rules.max_placements
        return self.is_over() or 0 < most <= self._counts[number]

    def take(self, number: int, video_id: str, slot: float) -> bool:
        """Give a slot, in seconds, to a promotion, and tell whether the rules allow it."""
        taken, own = self._taken[video_id], self._own[video_id, number]
        if (
            self.is_served(number)
            or slot in _beside(taken, slot)
            or not _has_room(taken, slot, self._rules)
            or not _has_room(own, slot, self._promotions[number].rules)
        ):
            return False
        insort(taken, slot)
        insort(own, slot)
        self._counts[number] += 1
        self._count += 1
        return True


def _has_room(taken: Sequence[float], slot: float, rules: PlacementRules) -> bool:
    """Tell whether rules allow another slot in a video beside some, ascending ones."""
    if 0 < rules.max_placements_per_video <= len(taken):
        return False
    return all(abs(one - slot) >= rules.min_distance_seconds - HALF_TICK for one in _beside(taken, slot))


def _beside(taken: Sequence[float], slot: float) -> Sequence[float]:
    """Return the nearest slots, at most one on either side; one that is the same is among them."""
    at = bisect_left(taken, slot)
    return taken[max(at - 1, 0) : at + 1]
