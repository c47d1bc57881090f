"""Boosts: what is added to the scores of videos, whatever the profile."""

from typing import Protocol

from .arrays import Float64s
from .columns import Columns


class Boost(Protocol):
    """Amounts by video. Any number of threads may ask for them."""

    def amounts(self, columns: Columns) -> Float64s:
        """Return a finite amount, which may be negative, for each video of a segment, by position.

        It is asked for again with every search: implementations keep what they have worked out, by segment.
        """
