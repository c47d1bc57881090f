"""What is evaluated: anything that ranks videos; and two rankings that know nothing of keywords, to compare with."""

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .user import User

SEED = 20_240_301


class Ranker(Protocol):
    """Ranks the videos of a catalog, best first, without repetitions."""

    def similar(self, video_id: str, limit: int) -> Sequence[str]:
        """Return at most `limit` videos that are similar to one, without itself."""

    def for_user(self, user: User, limit: int) -> Sequence[str]:
        """Return at most `limit` videos for a user, of whom only the history is known."""


class Popular:
    """The same videos for all, those with the largest count first, equal ones in the order they are given in."""

    def __init__(self, video_ids: Sequence[str], counts: NDArray[np.float64]) -> None:
        self._ranked = [video_ids[i] for i in np.argsort(-counts, kind="stable").tolist()]

    def similar(self, video_id: str, limit: int) -> Sequence[str]:
        """See `Ranker`."""
        return self._without({video_id}, limit)

    def for_user(self, user: User, limit: int) -> Sequence[str]:
        """See `Ranker`: what the user has watched is left out."""
        return self._without({watched.id for watched in user.history}, limit)

    def _without(self, known: Collection[str], limit: int) -> Sequence[str]:
        return [one for one in self._ranked[: limit + len(known)] if one not in known][:limit]


class Random:
    """Any videos, each as likely as all others; the same for the same questions in the same order."""

    def __init__(self, video_ids: Sequence[str], seed: int = SEED) -> None:
        self._video_ids = video_ids
        self._draws = np.random.default_rng(seed)

    def similar(self, video_id: str, limit: int) -> Sequence[str]:
        """See `Ranker`."""
        return self._without({video_id}, limit)

    def for_user(self, user: User, limit: int) -> Sequence[str]:
        """See `Ranker`: what the user has watched is left out."""
        return self._without({watched.id for watched in user.history}, limit)

    def _without(self, known: Collection[str], limit: int) -> Sequence[str]:
        count = min(limit + len(known), len(self._video_ids))
        drawn = self._draws.choice(len(self._video_ids), count, replace=False)
        return [one for one in (self._video_ids[i] for i in drawn.tolist()) if one not in known][:limit]
