"""Sources of indexes for tests of the follower, and what they look at."""

import threading
from collections.abc import Callable, Sequence

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Index, View
from matchcut_server.store.port import Catalog, Store
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import IndexedVideo, Removal
from tests.makers import put, video

FILM = Profile({"film": 1.0}, {"film": 1.0})


def found(view: View) -> list[str]:
    """Return the ids of the videos about film."""
    return [hit.video_id for hit in view.search(FILM, 100, 0.0)]


def write(store: Store, catalog: Catalog, *video_ids: str) -> int:
    """Write videos about film, and return the revision."""
    return store.write_videos(catalog.catalog_id, [put(video(one, "film")) for one in video_ids])[-1].revision


def new_catalog(store: Store, name: str, *video_ids: str) -> Catalog:
    """Create a catalog with videos about film."""
    catalog, _ = store.create_catalog(name, CatalogSettings())
    if video_ids:
        write(store, catalog, *video_ids)
    return catalog


class Made:
    """A source of empty indexes, with one newer index if the test gives it."""

    def __init__(self, make: Callable[[], Index] = MemoryIndex) -> None:
        self.make = make
        self.opened: list[str] = []
        """Names of catalogs."""
        self.next: tuple[Index, int] | None = None

    def open(self, catalog: Catalog) -> tuple[Index, int]:
        self.opened.append(catalog.name)
        return self.make(), 0

    def newer(self, catalog: Catalog, index: Index) -> tuple[Index, int] | None:
        found, self.next = self.next, None
        return found


class WrittenMeanwhile(MemoryIndex):
    """An index of a catalog to which another video is written whenever some are applied, up to a number of them."""

    def __init__(self, store: Store, catalog: Catalog, times: int = 200) -> None:
        super().__init__()
        self.left = times
        self._store, self._catalog = store, catalog

    def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
        super().apply(changes, revision)
        if changes and self.left:
            self.left -= 1
            write(self._store, self._catalog, f"written {self.left:03}")


class SlowIndex(MemoryIndex):
    """An index that takes changes only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.opened = threading.Event(), threading.Event()

    def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
        if changes:
            self.reached.set()
            assert self.opened.wait(30)
        super().apply(changes, revision)
