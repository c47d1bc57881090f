"""Where the index of a catalog comes from: the follower need not know how one is made."""

from typing import Protocol

from ..store.port import Catalog
from .memory import MemoryIndex
from .port import Index


class IndexSource(Protocol):
    """Opens indexes. Any number of threads may call it."""

    def open(self, catalog: Catalog) -> tuple[Index, int]:
        """Return an index of a catalog and the revision up to which it is filled; the rest comes from the feed."""

    def newer(self, catalog: Catalog, index: Index) -> tuple[Index, int] | None:
        """Return a better index to go on with than `index`, opened and warmed, and its revision; None if there is none.

        It is asked for every loaded catalog again and again, so that a no has to be cheap.
        """


class MemoryIndexes:
    """Indexes that are empty at first and have all from the feed."""

    def open(self, catalog: Catalog) -> tuple[Index, int]:  # noqa: ARG002 - all are the same
        """See `IndexSource`."""
        return MemoryIndex(), 0

    def newer(self, catalog: Catalog, index: Index) -> tuple[Index, int] | None:  # noqa: ARG002 - there never is one
        """See `IndexSource`."""
        return None
