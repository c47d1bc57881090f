"""What follows from the events of a user beside interests: the videos seen, hidden and shown."""

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..insights.model import FloatArray
from .model import CreditedEvent, EventKind

_SEEING = frozenset({EventKind.VIEW, EventKind.LIKE, EventKind.DISLIKE})

_CLOSE = 1e-9
"""Shares that add up to a limit but for rounding errors reach it."""


class Seen:
    """The videos that a user has viewed, liked or disliked, and when.

    What counts as seen is asked anew each time, as it is a setting of the ranking.
    """

    def __init__(self, events: Iterable[CreditedEvent]) -> None:
        numbers: dict[str, int] = {}
        views: list[tuple[int, float, float]] = []
        judged: dict[int, float] = {}
        for event, share, _ in events:
            if not event.video_id or event.kind not in _SEEING:
                continue
            number = numbers.setdefault(event.video_id, len(numbers))
            if event.kind is EventKind.VIEW:
                views.append((number, event.time, share or 0.0))
            else:
                judged[number] = max(event.time, judged.get(number, -np.inf))
        self._videos = list(numbers)
        self._viewed = np.array([number for number, _, _ in views], dtype=np.int64)
        self._times: FloatArray = np.array([time for _, time, _ in views], dtype=np.float64)
        self._shares: FloatArray = np.array([share for _, _, share in views], dtype=np.float64)
        self._judged: FloatArray = np.full(len(numbers), -np.inf)
        self._judged[list(judged)] = list(judged.values())

    def __len__(self) -> int:
        return len(self._videos)

    @cached_property
    def ever(self) -> frozenset[str]:
        """All of the videos."""
        return frozenset(self._videos)

    def videos(self, watched_share: float = 0.0, since: float = -np.inf) -> frozenset[str]:
        """Return the videos that count as seen.

        Those judged at `since` (Unix seconds) or later, and those viewed from then on, if the watched shares of these
        views add up to `watched_share` at least. A view of a video that was never known has watched nothing.
        """
        if watched_share <= 0.0 and since == -np.inf:
            return self.ever
        lately = self._times >= since
        viewed = self._viewed[lately]
        count = len(self._videos)
        watched = np.bincount(viewed, weights=self._shares[lately], minlength=count)
        enough = (np.bincount(viewed, minlength=count) > 0) & (watched >= watched_share - _CLOSE)
        found = np.flatnonzero(enough | (self._judged >= since) & np.isfinite(self._judged))
        return frozenset(self._videos[i] for i in found.tolist())


class Shown(NamedTuple):
    """When the user was last shown something, in Unix seconds."""

    videos: dict[str, float]
    promotions: dict[str, float]


def hidden_videos(events: Iterable[CreditedEvent]) -> frozenset[str]:
    """Return the videos that the user has hidden and not liked at a later time."""
    hidden: dict[str, float] = {}
    liked: dict[str, float] = {}
    for event, _, _ in events:
        if event.video_id and event.kind in {EventKind.HIDE, EventKind.LIKE}:
            last = hidden if event.kind is EventKind.HIDE else liked
            last[event.video_id] = max(event.time, last.get(event.video_id, -np.inf))
    return frozenset(video_id for video_id, time in hidden.items() if liked.get(video_id, -np.inf) <= time)


def last_shown(events: Iterable[CreditedEvent]) -> Shown:
    """Return when the user was last shown each video and each promotion."""
    shown = Shown({}, {})
    for event, _, _ in events:
        if event.kind is EventKind.IMPRESSION:
            for last, name in ((shown.videos, event.video_id), (shown.promotions, event.promotion_id)):
                if name:
                    last[name] = max(event.time, last.get(name, -np.inf))
    return shown
