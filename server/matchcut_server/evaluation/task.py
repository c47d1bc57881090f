"""What is asked of every ranking, and which answers are right."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .ranker import Ranker
from .truth import Truth
from .user import User

DEPTH = 50
"""How many videos are asked for each time."""

Counts = NDArray[np.float64]


class Question(NamedTuple):
    """One question, and the videos that are relevant to it."""

    ask: Callable[[Ranker], Sequence[str]]
    gains: Mapping[str, float]
    """By id: more than 0, at most 1. Videos that are not named are not relevant."""


class LeftOut(Struct):
    """What of the files says nothing about a ranking."""

    unknown_videos: int = 0
    """Ids that the catalog does not have, or that have expired; each counts as often as it is named."""
    watched_before: int = 0
    """Held-out videos that are in the history of the same user too."""
    questions: int = 0
    """Those to which no video is relevant after that."""


class Task(Protocol):
    """Questions about a catalog. Iterated again, it gives the same ones."""

    @property
    def left_out(self) -> LeftOut:
        """What was left out."""

    @property
    def popularity(self) -> Counts:
        """How popular each video of the catalog is, in the catalog's order."""

    @property
    def known_to(self) -> tuple[Counts, int] | None:
        """How many have each video, out of how many, for novelty; None: to be counted in the lists themselves."""

    def users(self) -> Iterable[User]:
        """Give the users who are asked for; none where no user is."""

    def __iter__(self) -> Iterator[Question]:
        """Give all questions."""

    def __len__(self) -> int:
        """Count the questions."""


class SimilarTask:
    """For each labelled video of a catalog: which videos are similar to it?

    `positions`: the catalog, ids with their places from 0. Popularity is told by the truth itself: the sum of the gains
    of a video over all questions, so that no list that is the same for all could do much better.
    """

    known_to = None
    users = tuple

    def __init__(self, truth: Truth, positions: Mapping[str, int]) -> None:
        self._truth = truth
        self._positions = positions
        self.left_out = LeftOut()
        self.popularity = np.zeros(len(positions))
        self._asked: list[str] = []
        for video_id in truth:
            named = {video_id, *truth.related(video_id)}
            self.left_out.unknown_videos += sum(one not in positions for one in named)
            if video_id not in positions:
                continue
            gains = self._gains(video_id)
            if not gains:
                self.left_out.questions += 1
                continue
            self._asked.append(video_id)
            for other, gain in gains.items():
                self.popularity[positions[other]] += gain

    def __len__(self) -> int:
        return len(self._asked)

    def __iter__(self) -> Iterator[Question]:
        for video_id in self._asked:
            yield Question(partial(_similar, video_id), self._gains(video_id))

    def _gains(self, video_id: str) -> dict[str, float]:
        return {other: gain for other, gain in self._truth.gains(video_id).items() if other in self._positions}


class UserTask:
    """For each user: which videos that are not in the history will be watched? All of them are equally relevant.

    `users` opens the users, as often as needed. `positions`: as in `SimilarTask`. Popularity is in how many histories a
    video is.
    """

    def __init__(self, users: Callable[[], Iterator[User]], positions: Mapping[str, int]) -> None:
        self.users = users
        self._positions = positions
        self.left_out = LeftOut()
        self.popularity = np.zeros(len(positions))
        self._count = 0
        everyone = 0
        for user in users():
            everyone += 1
            self._note(user)
        self.known_to = (self.popularity, everyone)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Question]:
        for user in self.users():
            gains = self._gains(user)
            if gains:
                yield Question(partial(_for_user, user), gains)

    def _note(self, user: User) -> None:
        watched = {one.id for one in user.history}
        for video_id in watched:
            if video_id in self._positions:
                self.popularity[self._positions[video_id]] += 1
        named = (*watched, *user.held_out)
        self.left_out.unknown_videos += sum(one not in self._positions for one in named)
        self.left_out.watched_before += sum(one in watched and one in self._positions for one in user.held_out)
        if self._gains(user):
            self._count += 1
        else:
            self.left_out.questions += 1

    def _gains(self, user: User) -> dict[str, float]:
        watched = {one.id for one in user.history}
        return {one: 1.0 for one in user.held_out if one in self._positions and one not in watched}


def _similar(video_id: str, ranker: Ranker) -> Sequence[str]:
    return ranker.similar(video_id, DEPTH)


def _for_user(user: User, ranker: Ranker) -> Sequence[str]:
    return ranker.for_user(user, DEPTH)
