"""Fading: videos that were shown lately, or that the user has seen, give way to others."""

from typing import NamedTuple

from ..index.port import rounded


class Fading(NamedTuple):
    """The parts of its score that a video loses, each 0 to 1; the second of what the first leaves."""

    rotation: float = 0.0
    seen: float = 0.0

    def of(self, score: float) -> float:
        """Return what is left of a score, rounded; one that is not positive stays as it is."""
        return rounded(score * (1.0 - self.rotation) * (1.0 - self.seen)) if score > 0.0 else score

    def shares(self, score: float) -> tuple[float, float]:
        """Return what rotation and having been seen add to a score: 0 or less."""
        if score <= 0.0:
            return 0.0, 0.0
        by_rotation = score * self.rotation
        return -by_rotation, -(score - by_rotation) * self.seen


NOT_FADED = Fading()


def rotation(hours: float, rate: float, rotation_hours: float) -> float:
    """Return the part that a video loses which was shown so many hours ago.

    rate · (1 - hours / rotation_hours), and nothing from `rotation_hours` on.
    """
    return rate * min(max(1.0 - hours / rotation_hours, 0.0), 1.0)
