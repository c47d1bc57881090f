"""Catalogs as this process sees them: each index follows the store's feed.

No process is special: the one that took a write learns of it in the same way as all others, from the store. Whoever
writes brings the index up to date before it answers, so that reads seldom have to; a read that finds it behind does it
itself, or is answered from the view that is there while another thread is at it.
"""

import threading
from collections.abc import Callable

from ..errors import FailedPrecondition, Reason, Unavailable, catalog_not_found
from ..store.port import Catalog, Store
from .port import Index, View

MAX_WAIT_SECONDS = 1.0
"""How long a read waits for its revision at most."""

RETRY_SECONDS = 0.1


class _Followed:
    """The index of one catalog and its newest view. Only whoever holds the lock changes them."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.view: View | None = None
        self.lock = threading.Lock()


class Follower:
    """Gives views of catalogs.

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
                raise catalog_not_found(name)
            with self._lock:
                if revision == self._catalogs_revision:
                    self._catalogs[name] = found
        return found

    def view(self, catalog: Catalog, min_revision: int = 0, wait: float = MAX_WAIT_SECONDS) -> View:
        """Return a view that has seen at least `min_revision`, the newest one unless another thread is making it.

        Waits for that thread for at most `wait` seconds where there is no such view yet. Raises `Unavailable` after
        that, and `FailedPrecondition` for a revision that the store has not reached.
        """
        newest = self.check_revision(min_revision)
        followed = self._follow(catalog)
        view = followed.view
        if view is not None and view.revision >= newest:
            return view
        if not followed.lock.acquire(blocking=False):
            if view is not None and view.revision >= min_revision:
                return view
            self._wait_for(followed, newest, wait)
        try:
            return self._catch_up(catalog, followed, newest)
        finally:
            followed.lock.release()

    def check_revision(self, min_revision: int) -> int:
        """Return the newest revision of the store. Raises `FailedPrecondition` if that is less than asked for."""
        newest = self._store.revision()
        if min_revision > newest:
            message = f"min_revision {min_revision} is beyond the newest revision {newest}: it comes from another store"
            metadata = {"min_revision": str(min_revision), "revision": str(newest)}
            raise FailedPrecondition(Reason.REVISION_AHEAD, message, metadata=metadata)
        return newest

    def follow(self, catalog: Catalog, revision: int) -> None:
        """Make a view that has seen a write of this process. Threads that wait here find it made by the first one."""
        followed = self._follow(catalog)
        with followed.lock:
            if followed.view is None or followed.view.revision < revision:
                self._catch_up(catalog, followed, self._store.revision())

    def has_video(self, catalog: Catalog, video_id: str) -> bool:
        """Tell whether the catalog, as last seen, holds a video."""
        return self._follow(catalog).index.has_video(video_id)

    def forget(self, catalog_id: int) -> None:
        """Drop the index of a catalog that is deleted."""
        with self._lock:
            self._followed.pop(catalog_id, None)

    def _follow(self, catalog: Catalog) -> _Followed:
        with self._lock:
            followed = self._followed.get(catalog.catalog_id)
            if followed is None:
                followed = self._followed[catalog.catalog_id] = _Followed(self._make_index())
            return followed

    def _catch_up(self, catalog: Catalog, followed: _Followed, newest: int) -> View:
        """Apply the feed up to at least `newest`, with the lock held."""
        if followed.view is not None and followed.view.revision >= newest:
            return followed.view  # another thread did it while this one waited
        seen = 0 if followed.view is None else followed.view.revision
        for changes in self._store.feed(catalog.catalog_id, seen):
            seen = changes[-1].revision
            followed.index.apply(changes, seen)
        followed.index.apply([], max(seen, newest))
        followed.view = followed.index.view()
        return followed.view

    def _wait_for(self, followed: _Followed, newest: int, wait: float) -> None:
        """Acquire the lock of an index that another thread is bringing up to date."""
        if self._waiting.acquire(blocking=False):
            try:
                if followed.lock.acquire(timeout=max(wait, 0.0)):
                    return
            finally:
                self._waiting.release()
        lag = newest - (0 if followed.view is None else followed.view.revision)
        message = f"this process is {lag} revisions behind; try again in a moment"
        metadata = {"lag": str(lag), "revision": str(newest)}
        raise Unavailable(Reason.REVISION_NOT_REACHED, message, retry_after=RETRY_SECONDS, metadata=metadata)
