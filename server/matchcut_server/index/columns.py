"""Columns: what filters ask of the videos of a segment, as arrays by position."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..vectors.video import VideoFacts
from .arrays import Float64s, Int32s, Int64s

Mask = NDArray[np.bool_]


class Columns(Protocol):
    """What filters ask of the videos of a segment."""

    @property
    def duration(self) -> Float64s:
        """Seconds; 0 if unknown."""

    @property
    def published(self) -> Float64s:
        """Unix seconds; -inf: always."""

    @property
    def rank(self) -> Int64s | None:
        """Place of each video among all, by id; None: positions are in that order."""

    @property
    def languages(self) -> Collection[str]:
        """The languages of all keyword sets, empty ones included."""

    def with_language(self, language: str) -> Int32s:
        """Return the positions of the videos that have a keyword set in `language`."""

    def with_attribute(self, name: str, value: str | None) -> Int32s:
        """Return the positions of the videos that have a value of an attribute; None: any value."""

    def find(self, video_ids: Collection[str]) -> Int64s:
        """Return the position of each of some videos, -1 for those that are not here."""

    def video_id(self, position: int) -> str:
        """Return the id of a video."""

    def __len__(self) -> int:
        """Return the number of videos."""


def positions_of(columns: Columns, video_ids: Collection[str]) -> list[int]:
    """Return the positions of those of some videos that are in a segment."""
    if not video_ids:
        return []
    found = columns.find(video_ids)
    positions: list[int] = found[found >= 0].tolist()
    return positions


def any_of(columns: Columns, groups: Iterable[Int32s | list[int]]) -> Mask:
    """Tell for each video whether it is in any of the groups of positions."""
    mask = np.zeros(len(columns), dtype=bool)
    for positions in groups:
        mask[positions] = True
    return mask


_NONE = np.empty(0, dtype=np.int32)


class FactColumns:
    """Columns over facts in memory."""

    def __init__(self, videos: Sequence[VideoFacts]) -> None:
        self.videos = videos
        self.duration = np.array([video.duration for video in videos], dtype=np.float64)
        self.published = np.array([_or(video.published_time, -np.inf) for video in videos], dtype=np.float64)
        self.expire = np.array([_or(video.expire_time, np.inf) for video in videos], dtype=np.float64)

    def __len__(self) -> int:
        return len(self.videos)

    @property
    def languages(self) -> Collection[str]:
        """See `Columns`."""
        return self._by_language

    def with_language(self, language: str) -> Int32s:
        """See `Columns`."""
        return self._by_language[language]

    def with_attribute(self, name: str, value: str | None) -> Int32s:
        """See `Columns`."""
        values = self._by_attribute.get(name, {})
        if value is None:
            return np.concatenate([_NONE, *values.values()])
        return values.get(value, _NONE)

    def find(self, video_ids: Collection[str]) -> Int64s:
        """See `Columns`."""
        positions = self.positions
        return np.fromiter((positions.get(video_id, -1) for video_id in video_ids), np.int64, len(video_ids))

    def video_id(self, position: int) -> str:
        """See `Columns`."""
        return self.videos[position].video_id

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Position of each video, by id."""
        return {video.video_id: position for position, video in enumerate(self.videos)}

    @cached_property
    def rank(self) -> Int64s:
        """Place of each video among all, by id."""
        order = sorted(range(len(self.videos)), key=lambda position: self.videos[position].video_id)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank

    @cached_property
    def _by_language(self) -> Mapping[str, Int32s]:
        found: dict[str, list[int]] = {}
        for position, video in enumerate(self.videos):
            for language in video.languages:
                found.setdefault(language, []).append(position)
        return {language: np.array(positions, dtype=np.int32) for language, positions in found.items()}

    @cached_property
    def _by_attribute(self) -> Mapping[str, Mapping[str, Int32s]]:
        found: dict[str, dict[str, list[int]]] = {}
        for position, video in enumerate(self.videos):
            for name, values in video.attributes.items():
                for value in values:
                    found.setdefault(name, {}).setdefault(value, []).append(position)
        return {
            name: {value: np.array(positions, dtype=np.int32) for value, positions in values.items()}
            for name, values in found.items()
        }


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
