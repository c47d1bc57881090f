"""Changed profiles: those that stand in memory, alone or beside a file of them.

As in the memory index of videos, changes gather and become a segment when a view is asked for, and segments of similar
size are joined, so that a write costs time in proportion to itself. What a segment is weighed from is kept, so that all
of it can be weighed anew when the IDF of the catalog has changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..index.arrays import Bytes, Float64s, Int64s
from ..index.terms import Keys
from ..store.profile_port import FollowedProfile
from .cells import Cells, Stated, cells_of, joined_cells, unit_cells
from .readings import Readings, Weighing
from .segment import Arrays, ProfileSegment, row_arrays, weighted_arrays

MAX_PENDING = 4_096
"""Profiles that gather before a segment is made of them."""


class Shown(NamedTuple):
    """A segment as a view sees it."""

    segment: ProfileSegment
    alive: Bytes
    """By row: 1 if the profile is still there as it is here."""


@dataclass(slots=True)
class _Layer:
    """Some profiles, and which of them are still there."""

    profiles: Sequence[Stated]
    cells: Cells
    keys: Keys
    """Of the different terms, ascending."""
    places: Int64s
    """The term of each cell."""
    arrays: Arrays
    alive: Bytes
    count: int
    idf: Float64s
    segment: ProfileSegment

    @classmethod
    def make(cls, profiles: Sequence[Stated], cells: Cells, weighing: Weighing) -> "_Layer":
        keys, places = np.unique(cells.keys, return_inverse=True)
        arrays = row_arrays(profiles, cells.starts, cells.words, places.astype(np.int32))
        of_keys = weighing.idf_of(keys)
        weights = unit_cells(cells, of_keys[places])
        segment = ProfileSegment(weighted_arrays(arrays, weights), keys)
        alive = np.ones(len(profiles), dtype=np.uint8)
        return cls(profiles, cells, keys, places, arrays, alive, len(profiles), of_keys, segment)

    def weigh(self, weighing: Weighing) -> None:
        """Weigh all profiles anew if the IDF of any of their terms has changed."""
        of_keys = weighing.idf_of(self.keys)
        if not np.array_equal(of_keys, self.idf):
            weights = unit_cells(self.cells, of_keys[self.places])
            self.idf, self.segment = of_keys, ProfileSegment(weighted_arrays(self.arrays, weights), self.keys)


class ChangedProfiles:
    """Profiles in memory. One thread at a time may use it; what it shows stays as it is."""

    def __init__(self) -> None:
        self._pending: dict[int, Stated] = {}
        self._layers: list[_Layer] = []
        self._place: dict[int, tuple[_Layer, int]] = {}

    def __len__(self) -> int:
        return len(self._pending) + len(self._place)

    def apply(
        self, changes: Iterable[tuple[FollowedProfile, Stated | None]], readings: Readings, weighing: Weighing
    ) -> None:
        """Take changes in their order; None: the profile is gone, or may not be found."""
        for change, profile in changes:
            self._take_out(change.profile_id)
            if profile is not None and (profile.interests or len(profile.derived.parts)):
                self._pending[change.profile_id] = profile
        if len(self._pending) >= MAX_PENDING:
            self.settle(readings, weighing)

    def settle(self, readings: Readings, weighing: Weighing) -> None:
        """Make a segment of what has gathered, joined with those before it that are not at least twice as large."""
        self._layers = [layer for layer in self._layers if layer.count]
        if not self._pending:
            return
        profiles = list(self._pending.values())
        parts = [(cells_of(profiles, readings), np.arange(len(profiles)))]
        while self._layers and self._layers[-1].count < 2 * len(profiles):
            layer = self._layers.pop()
            rows = np.flatnonzero(layer.alive)
            parts.insert(0, (layer.cells, rows))
            profiles = [layer.profiles[row] for row in rows.tolist()] + profiles
        whole = _Layer.make(profiles, joined_cells(parts), weighing)
        self._layers.append(whole)
        self._place.update({one.profile_id: (whole, row) for row, one in enumerate(profiles)})
        self._pending = {}

    def weigh(self, weighing: Weighing) -> None:
        """Weigh all anew where the IDF has changed."""
        for layer in self._layers:
            layer.weigh(weighing)

    def show(self) -> list[Shown]:
        """Return all that is settled, as it is now."""
        return [Shown(layer.segment, layer.alive) for layer in self._layers]

    def read_anew(self, before: Readings, now: Readings, weighing: Weighing) -> None:
        """Take those profiles anew that have interests which were read in one way and are now read in another."""
        anew: dict[int, Stated] = {
            one.profile_id: one
            for layer in self._layers
            for one, alive in zip(layer.profiles, layer.alive.tolist(), strict=True)
            if alive and any(before.terms(interest) != now.terms(interest) for interest in one.interests)
        }
        for profile_id in anew:
            self._take_out(profile_id)
        self._pending.update(anew)
        self.settle(now, weighing)

    def _take_out(self, profile_id: int) -> None:
        self._pending.pop(profile_id, None)
        place = self._place.pop(profile_id, None)
        if place is not None:
            layer, row = place
            layer.alive = layer.alive.copy()  # a view may hold it
            layer.alive[row] = 0
            layer.count -= 1
