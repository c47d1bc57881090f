"""What a store does with standing interests."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from .port import WriteOutcome


class StoredStanding(NamedTuple):
    """A standing interest and the revision at which it was last changed."""

    standing_interest_id: str
    body: bytes
    """What is looked for, in an encoding that the store does not know."""
    revision: int


class StandingState(NamedTuple):
    """What tells whether the standing interests of a catalog are the same as before: then both are."""

    total: int
    newest: int
    """The newest revision of any that is there; 0 if there is none."""


class StandingStore(Protocol):
    """The standing interests of all catalogs. Any number of threads may call it.

    Every write is durable when its call returns. It takes a revision of the store, which is not one of its catalog:
    an index that has heard of all up to it has nothing to apply. `timeout`: as in `Store.write_videos`. Raises
    `Unavailable` when the store cannot be read or written.
    """

    def put(
        self, catalog_id: int, items: Sequence[tuple[str, bytes]], most: int, timeout: float | None = None
    ) -> list[WriteOutcome]:
        """Create or replace standing interests, given by id and body, in order: CREATED, UPDATED or UNCHANGED.

        Those that would make it more than `most` in the catalog are REJECTED. Raises `NotFound` if the catalog has been
        deleted.
        """

    def delete(
        self, catalog_id: int, standing_interest_ids: Sequence[str], timeout: float | None = None
    ) -> list[WriteOutcome]:
        """Delete standing interests in order: DELETED or NOT_FOUND. Raises `NotFound` as `put` does."""

    def find(self, catalog_id: int, standing_interest_ids: Sequence[str]) -> list[StoredStanding]:
        """Return those of some standing interests that are there, each once, by the bytes of their id."""

    def listed(self, catalog_id: int, after: str, limit: int) -> list[StoredStanding]:
        """List standing interests whose id is greater than `after`, by the bytes of their id."""

    def count(self, catalog_id: int) -> int:
        """Count the standing interests of a catalog."""

    def state(self, catalog_id: int) -> StandingState:
        """Return what tells whether any has been written or deleted since the last time."""

    def revisions(self, catalog_id: int) -> dict[str, int]:
        """Return the revisions of all standing interests of a catalog, by their ids, ascending; all of one moment."""
