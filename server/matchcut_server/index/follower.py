"""Catalogs as this process sees them: each index follows the store's feed.

No process is special: the one that took a write learns of it in the same way as all others, by asking the store for its
revision at every read, which costs some microseconds.
"""

import threading
from collections.abc import Callable

from ..errors import FailedPrecondition, NotFound, Reason, Unavailable
from ..store.port import Catalog, Store
from .port import Index, View

MAX_WAIT_SECONDS = 1.0
"""How long a read waits for its revision at most."""

RETRY_SECONDS = 0.1


class _Followed:
    """The index of one catalog, and up to where it has seen the feed."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.revision = -1
        self.lock = threading.Lock()


class Follower:
    """Gives views of catalogs that hold all that the store holds.

    `max_waiting`: how many threads may wait for a catalog to catch up at the same time; the others are sent away, so
    that one slow catalog does not stop all.
    """

    def __init__(self, store: Store, make_index: Callable[[], Index], max_waiting: int) -> None:
        self._store = store
        self._make_index = make_index
        self._waiting = threading.BoundedSemaphore(max_waiting)
        self._followed: dict[int, _Followed] = {}
        self._catalogs: dict[str, Catalog] = {}
        self._catalogs_revision = -1
        self._lock = threading.Lock()

    def catalog(self, name: str) -> Catalog:
        """Return a catalog with its newest settings. Raises `NotFound`."""
        revision = self._store.revision()
        with self._lock:
            if revision != self._catalogs_revision:
                self._catalogs = {}
                self._catalogs_revision = revision
            found = self._catalogs.get(name)
        if found is None:
            found = self._store.catalog(name)
            if found is None:
                message = f"there is no catalog '{name}'; create it first, or check the spelling"
                raise NotFound(Reason.CATALOG_NOT_FOUND, message, metadata={"catalog": name})
            with self._lock:
                if revision == self._catalogs_revision:
                    self._catalogs[name] = found
        return found

    def view(self, catalog: Catalog, min_revision: int = 0, wait: float = MAX_WAIT_SECONDS) -> View:
        """Return a view that holds everything the store holds, and at least `min_revision`.

        Waits for at most `wait` seconds for another thread that is catching up. Raises `Unavailable` after that, and
        `FailedPrecondition` for a revision that the store has not reached.
        """
        newest = self.check_revision(min_revision)
        followed = self._follow(catalog)
        if followed.revision < newest:
            self._catch_up(catalog, followed, newest, wait)
        return followed.index.view()

    def check_revision(self, min_revision: int) -> int:
        """Return the newest revision of the store. Raises `FailedPrecondition` if that is less than asked for."""
        newest = self._store.revision()
        if min_revision > newest:
            message = f"min_revision {min_revision} is beyond the newest revision {newest}: it comes from another store"
            metadata = {"min_revision": str(min_revision), "revision": str(newest)}
            raise FailedPrecondition(Reason.REVISION_AHEAD, message, metadata=metadata)
        return newest

    def follow(self, catalog: Catalog) -> None:
        """Take what has been written, so that the next read need not; leave it to another thread that is at it."""
        followed = self._follow(catalog)
        if followed.lock.acquire(blocking=False):
            try:
                self._take(catalog, followed, self._store.revision())
            finally:
                followed.lock.release()

    def has_video(self, catalog: Catalog, video_id: str) -> bool:
        """Tell whether the catalog, as last viewed, holds a video."""
        return self._follow(catalog).index.has_video(video_id)

    def forget_deleted(self) -> None:
        """Drop the indexes of catalogs that are gone."""
        with self._lock:
            followed = list(self._followed)
        gone = [catalog_id for catalog_id in followed if not self._store.has_catalog(catalog_id)]
        with self._lock:
            for catalog_id in gone:
                self._followed.pop(catalog_id, None)

    def _follow(self, catalog: Catalog) -> _Followed:
        with self._lock:
            followed = self._followed.get(catalog.catalog_id)
            if followed is None:
                followed = self._followed[catalog.catalog_id] = _Followed(self._make_index())
            return followed

    def _catch_up(self, catalog: Catalog, followed: _Followed, newest: int, wait: float) -> None:
        if not followed.lock.acquire(blocking=False):
            self._wait_for(followed, newest, wait)
        try:
            self._take(catalog, followed, newest)
        finally:
            followed.lock.release()

    def _take(self, catalog: Catalog, followed: _Followed, newest: int) -> None:
        """Apply the feed up to at least `newest`, with the lock held."""
        if followed.revision >= newest:
            return  # another thread did it while this one waited
        seen = max(followed.revision, 0)
        for changes in self._store.feed(catalog.catalog_id, seen):
            seen = changes[-1].revision
            followed.index.apply(changes, seen)
        followed.revision = max(seen, newest)
        followed.index.apply([], followed.revision)

    def _wait_for(self, followed: _Followed, newest: int, wait: float) -> None:
        """Acquire the lock of an index that another thread is bringing up to date."""
        if self._waiting.acquire(blocking=False):
            try:
                if followed.lock.acquire(timeout=max(wait, 0.0)):
                    return
            finally:
                self._waiting.release()
        lag = newest - max(followed.revision, 0)
        message = f"this process is {lag} revisions behind; try again in a moment"
        metadata = {"lag": str(lag), "revision": str(newest)}
        raise Unavailable(Reason.REVISION_NOT_REACHED, message, retry_after=RETRY_SECONDS, metadata=metadata)
