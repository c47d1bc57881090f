"""What became of the videos of an account."""

from enum import StrEnum
from typing import NamedTuple

import msgspec


class Outcome(StrEnum):
    """Why a video was not taken."""

    NOT_READY = "NOT_READY"
    """It is not indexed yet; a later sync takes it."""
    FAILED = "FAILED"
    """Video Indexer could not index it, or keeps it locked away."""
    GONE = "GONE"
    """It was deleted after it was listed."""
    REJECTED = "REJECTED"
    """It could not be read, or the server refused it; a later sync tries again."""


class NotTaken(NamedTuple):
    """A video that was not taken."""

    video_id: str
    name: str
    outcome: Outcome
    reason: str


class Summary(msgspec.Struct):
    """What a sync has done."""

    listed: int = 0
    """Videos in the account, in every state."""
    created: int = 0
    updated: int = 0
    same: int = 0
    """Videos that were read, and found to be in the catalog as they are."""
    unchanged: int = 0
    """Videos that were not read, because they were imported before and not indexed again since."""
    deleted: int = 0
    to_take: int = 0
    """In a dry run: videos that would be read."""
    to_delete: int = 0
    """In a dry run: videos that would be deleted, if they are gone indeed."""
    requests: int = 0
    """Requests to Video Indexer, repeated ones included."""
    not_taken: list[NotTaken] = msgspec.field(default_factory=list)

    @property
    def taken(self) -> int:
        """Videos that were read and imported."""
        return self.created + self.updated + self.same

    @property
    def rejected(self) -> int:
        """Videos that were rejected."""
        return self.count(Outcome.REJECTED)

    def count(self, outcome: Outcome) -> int:
        """Return how many videos were not taken for a reason of this kind."""
        return sum(one.outcome is outcome for one in self.not_taken)
