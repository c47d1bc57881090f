"""Where the index of a catalog comes from: the follower need not know how one is made."""

from typing import Protocol

from ..store.port import Catalog, Store
from .builder import FEW_VIDEOS
from .generation import Generation
from .layered import LayeredIndex
from .memory import MemoryIndex
from .port import Index
from .shelf import Shelf


class IndexSource(Protocol):
    """Opens indexes. Any number of threads may call it."""

    def open(self, catalog: Catalog) -> tuple[Index, int]:
        """Return an index of a catalog and the revision up to which it is filled; the rest comes from the feed."""

    def newer(self, catalog: Catalog, index: Index) -> tuple[Index, int] | None:
        """Return a better index to go on with than `index`, opened and warmed, and its revision; None if there is none.

        It is asked for every loaded catalog again and again, so that a no has to be cheap.
        """


class ShelfSource:
    """Generations where there are any; else indexes that are empty at first and have all from the feed."""

    def __init__(self, shelf: Shelf, store: Store) -> None:
        self._shelf = shelf
        self._store = store

    def open(self, catalog: Catalog) -> tuple[Index, int]:
        """See `IndexSource`."""
        generation = self._shelf.open(catalog.catalog_id, self._store.revision)
        if generation is None:
            return MemoryIndex(), 0
        return _warmed(generation), generation.about.revision

    def newer(self, catalog: Catalog, index: Index) -> tuple[Index, int] | None:
        """See `IndexSource`."""
        if isinstance(index, LayeredIndex) and len(index) <= FEW_VIDEOS and not self._shelf.newest(catalog.catalog_id):
            return MemoryIndex(), 0
        revision = index.generation.about.revision if isinstance(index, LayeredIndex) else 0
        # Mapping it checks every byte of it, which also brings it into memory.
        generation = self._shelf.open(catalog.catalog_id, self._store.revision, after=revision)
        return None if generation is None else (_warmed(generation), generation.about.revision)


def _warmed(generation: Generation) -> LayeredIndex:
    index = LayeredIndex(generation)
    index.warm()
    return index
