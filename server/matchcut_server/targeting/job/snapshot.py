"""Snapshots: a copy of a data folder as of one moment, so that a job holds no transaction on the live one.

A copy holds the generations of the catalog too, so that it is weighed as a server weighs it: scores are the same.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ...errors import catalog_not_found
from ...index.builder import LIVE_VIDEOS, Builder
from ...index.follower import Follower
from ...index.port import View
from ...index.shelf import FOLDER, Shelf
from ...index.source import ShelfSource
from ...store.port import Catalog, Store
from ..generation import FOLDER as AUDIENCES_FOLDER
from ..generation import AudienceShelf


class Source(NamedTuple):
    """A data folder, and how its store is read."""

    data: Path
    open_store: Callable[[Path], Store]
    """Opens the store in a folder. It is pickled, as workers use it too."""
    copy_store: Callable[[Path, Path], None]
    """Copies the store of a folder, as of one moment, into another folder."""


class Place(NamedTuple):
    """Where a snapshot is. It is pickled for the processes that work."""

    folder: Path
    catalog: str
    as_of: float
    """Unix seconds of the moment that counts as now: for what is published, expires or fades."""
    open_store: Callable[[Path], Store]


class Snapshot(NamedTuple):
    """A snapshot, opened."""

    store: Store
    catalog: Catalog
    follower: Follower
    of_profiles: AudienceShelf
    """The files of the profiles of catalogs."""
    folder: Path
    as_of: float

    @property
    def view(self) -> View:
        """The videos of the catalog."""
        return self.follower.view(self.catalog)


def take_snapshot(source: Source, folder: Path, catalog: Catalog) -> None:
    """Copy the store, and what is built of a catalog, into a new folder; build what a server would have built."""
    folder.mkdir()
    # First, so that no generation is of a later revision than the copy.
    for name in (FOLDER, AUDIENCES_FOLDER):
        _take_generations(source.data / name, folder / name, catalog.catalog_id)
    source.copy_store(source.data, folder)
    store = source.open_store(folder)
    try:
        shelf = Shelf(folder, store.secret)
        if shelf.newest(catalog.catalog_id) is None and store.video_count(catalog.catalog_id) > LIVE_VIDEOS:
            Builder(store, shelf).build(catalog)
    finally:
        store.close()


@contextmanager
def opened(place: Place) -> Iterator[Snapshot]:
    """Open a snapshot. Raises `NotFound` if it has no such catalog."""
    store = place.open_store(place.folder)
    try:
        catalog = store.catalog(place.catalog)
        if catalog is None:
            raise catalog_not_found(place.catalog)
        source = ShelfSource(Shelf(place.folder, store.secret), store)
        follower = Follower(store, source, max_waiting=1)
        of_profiles = AudienceShelf(place.folder, store.secret)
        yield Snapshot(store, catalog, follower, of_profiles, place.folder, place.as_of)
    finally:
        store.close()


def _take_generations(source: Path, target: Path, catalog_id: int) -> None:
    """Link the files that are built of a catalog, or copy them where that cannot be; they never change."""
    target.mkdir()
    is_complete = False
    while not is_complete:
        is_complete = True
        for path in source.glob(f"catalog-{catalog_id}-revision-*.generation"):
            own = target / path.name
            if own.exists():
                continue
            try:
                _link(path, own)
            except FileNotFoundError:  # a newer one has just taken its place
                is_complete = False


def _link(path: Path, own: Path) -> None:
    try:
        os.link(path, own)
    except FileNotFoundError:
        raise
    except OSError:  # another file system
        shutil.copyfile(path, own)
