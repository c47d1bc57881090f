"""Catalogs as this process sees them: each index follows the store's feed.

No process is special: the one that took a write learns of it in the same way as all others, from the store. A thread
asks the store all the time whether anything has changed, and brings the loaded catalogs up to date, so that reads need
not ask. Whoever writes brings the index up to date before it answers, so that its own next read sees the write.
"""

import threading
import time
from types import TracebackType
from typing import Self

import structlog

from ..errors import FailedPrecondition, NotFound, Reason, Unavailable, catalog_not_found
from ..store.port import DEFAULT_CATALOG, Catalog, Store
from .background import Background, log_trouble
from .followed import Followed
from .port import View
from .source import IndexSource

POLL_SECONDS = 0.02
"""How often the store is asked whether anything has changed."""

RENEW_SECONDS = 1.0
"""How often the source is asked for newer indexes."""

MAX_WAIT_SECONDS = 1.0
"""How long a read waits for its revision at most."""

RETRY_SECONDS = 0.1

MAX_LOADED_VIDEOS = 100_000
"""Videos that are held in memory, of all catalogs; each takes 1 to 10 kB, the more the smaller its catalog is."""

MIN_LOADED_CATALOGS = 4
"""Catalogs that stay loaded, however large they are."""

WARM_SECONDS = 2.0
"""After this, no further catalog is loaded at start."""


class Follower:
    """Gives views of catalogs, which are loaded on first use and dropped when others need their place.

    `max_waiting`: how many threads may wait for a catalog at the same time; the others are sent away, so that one slow
    catalog does not stop all. `max_loaded_videos`: see `MAX_LOADED_VIDEOS`. While it runs, between `start` and `stop`
    or in a `with` block, every write of any process is seen soon; else only those that `follow` or `catch_up` is
    called for.
    """

    def __init__(
        self, store: Store, source: IndexSource, max_waiting: int, max_loaded_videos: int = MAX_LOADED_VIDEOS
    ) -> None:
        self._store = store
        self._source = source
        self._max_loaded_videos = max_loaded_videos
        self._waiting = threading.BoundedSemaphore(max_waiting)
        self._lock = threading.Condition()
        """For all below, and notified when any view or what is loaded changes. Never held while taking another lock."""
        self._loaded: dict[int, Followed] = {}
        self._named: dict[str, Followed] = {}
        self._behind: set[Followed] = set()
        self._version = store.version()
        self._heard = store.revision()
        """All changes of loaded catalogs up to this revision are noted in them; settings and deletions too."""
        self._polling = Background("follow", self._poll, POLL_SECONDS)
        self._renewing = Background("renew", self._renew, RENEW_SECONDS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Follow the store from now on."""
        self._polling.start()
        self._renewing.start()

    def stop(self) -> None:
        """Follow it no more."""
        self._polling.stop()
        self._renewing.stop()

    def warm(self) -> None:
        """Load the default catalog, and others, those that changed last first, as long as half of the room is left.

        Raises `Unavailable` if the store cannot be read.
        """
        changes = self._store.catalog_changes(0)
        end = time.monotonic() + WARM_SECONDS
        for catalog in sorted(
            changes.settled, key=lambda one: (one.name != DEFAULT_CATALOG, -changes.changed[one.catalog_id])
        ):
            try:
                self.view(catalog)
            except NotFound:  # deleted by now
                pass
            except Unavailable:  # it is the store that cannot be read
                raise
            except Exception as error:  # noqa: BLE001 - one broken catalog must not keep the others from being served
                log_trouble("warm", error, catalog=catalog.name)
            if 2 * self._cost() > self._max_loaded_videos or time.monotonic() > end:
                return

    def catalog(self, name: str, min_revision: int = 0) -> Catalog:
        """Return a catalog with its settings, as of `min_revision` or later. Raises `NotFound`."""
        followed = self._named.get(name)
        if followed is not None and min_revision <= self._heard:
            return followed.catalog
        return self._stored(name)

    def view(self, catalog: Catalog, min_revision: int = 0, wait: float = MAX_WAIT_SECONDS) -> View:
        """Return the newest view there is, if it has seen `min_revision`; else wait for one for at most `wait` seconds.

        A catalog that nobody has loaded is loaded first, however long that takes; others wait for that as for a
        revision. Raises `NotFound` if the catalog is gone, `Unavailable` after waiting, and `FailedPrecondition` for a
        revision that the store has not reached.
        """
        followed = self._loaded.get(catalog.catalog_id)
        if followed is not None:
            view = followed.newest_view(self._heard)
            if view is not None and view.revision >= min_revision:
                return view
        return self._reach(catalog, min_revision, wait)[1]

    def check_revision(self, min_revision: int) -> int:
        """Return the newest revision of the store. Raises `FailedPrecondition` if that is less than asked for."""
        newest = self._store.revision()
        if min_revision > newest:
            message = f"min_revision {min_revision} is beyond the newest revision {newest}: it comes from another store"
            metadata = {"min_revision": str(min_revision), "revision": str(newest)}
            raise FailedPrecondition(Reason.REVISION_AHEAD, message, metadata=metadata)
        return newest

    def follow(self, catalog: Catalog, revision: int) -> None:
        """Make a view that has seen a write of this process. Threads that wait here find it made by the first one.

        A catalog that is not loaded is left so: whoever loads it sees the write.
        """
        with self._lock:
            self._learn(catalog)
            followed = self._loaded.get(catalog.catalog_id)
            if followed is None:
                return
            followed.last_change = max(followed.last_change, revision)
        with followed.lock:
            if followed.view is not None and followed.view.revision < revision:
                followed.catch_up(self._store, revision)
        with self._lock:
            self._lock.notify_all()

    def has_video(self, catalog: Catalog, video_id: str) -> bool:
        """Tell whether the catalog, as last seen, holds a video. Raises as `view` does."""
        followed = self._loaded.get(catalog.catalog_id)
        if followed is None or followed.view is None:
            followed, _ = self._reach(catalog, 0, MAX_WAIT_SECONDS)
        return followed.index.has_video(video_id)

    def forget(self, catalog_id: int) -> None:
        """Drop a catalog that is deleted."""
        with self._lock:
            self._drop(self._loaded.get(catalog_id))

    @property
    def loaded(self) -> list[Catalog]:
        """The catalogs that are loaded, the least recently used first."""
        return [followed.catalog for followed in self._by_use()]

    def catch_up(self) -> None:
        """Bring all loaded catalogs up to date now, as is done all the time while it runs."""
        while self._poll():
            pass

    # --- loading and waiting ----------------------------------------------------------------------------------------

    def _reach(self, catalog: Catalog, min_revision: int, wait: float) -> tuple[Followed, View]:
        """Load a catalog, or wait until it has reached a revision."""
        if min_revision > self._heard:
            self.check_revision(min_revision)
        end = time.monotonic() + wait
        while True:
            with self._lock:
                followed = self._loaded.get(catalog.catalog_id)
                is_new = followed is None
                if followed is None:
                    followed = self._loaded[catalog.catalog_id] = Followed(catalog)
            if is_new:
                self._load(followed)
            elif not self._wait_for(followed, min_revision, end):
                raise self._too_late(followed)
            view = followed.newest_view(self._heard, max(end - time.monotonic(), 0.0))
            if view is not None and view.revision >= min_revision:
                return followed, view
            if time.monotonic() >= end:
                raise self._too_late(followed)

    def _load(self, followed: Followed) -> None:
        """Load a catalog whose lock this thread holds."""
        start = time.perf_counter()
        name = followed.catalog.name
        try:
            # What is deleted from here on is heard of; what was before would stay for good.
            found = self._stored(name, followed.catalog.catalog_id)
            followed.open(self._source, self._store)
            with self._lock:
                self._learn(found)
                if not followed.is_dropped:
                    self._named.setdefault(name, followed)
                self._lock.notify_all()
        except BaseException:
            with self._lock:
                self._drop(followed)
            raise
        finally:
            followed.lock.release()
        self._make_room()
        assert followed.view is not None
        structlog.get_logger("matchcut.index").info(
            "loaded",
            catalog=name,
            videos=followed.view.statistics.videos,
            milliseconds=round((time.perf_counter() - start) * 1000),
        )

    def _wait_for(self, followed: Followed, min_revision: int, end: float) -> bool:
        """Wait until a catalog has reached a revision, or is dropped and has to be loaded anew. False if that fails."""

        def is_over() -> bool:
            return followed.is_dropped or followed.reached(self._heard) >= min_revision

        if not self._waiting.acquire(blocking=False):
            return False
        try:
            self._polling.wake()
            with self._lock:
                return self._lock.wait_for(is_over, max(end - time.monotonic(), 0.0))
        finally:
            self._waiting.release()

    def _too_late(self, followed: Followed) -> Unavailable:
        newest = self._store.revision()
        lag = newest - max(followed.reached(self._heard), 0)
        message = f"this process is {lag} revisions behind; try again in a moment"
        metadata = {"lag": str(lag), "revision": str(newest)}
        return Unavailable(Reason.REVISION_NOT_REACHED, message, retry_after=RETRY_SECONDS, metadata=metadata)

    def _stored(self, name: str, catalog_id: int | None = None) -> Catalog:
        """Return a catalog as it is in the store. Raises `NotFound`, also if it has another id than this one."""
        found = self._store.catalog(name)
        if found is None or catalog_id not in {None, found.catalog_id}:
            raise catalog_not_found(name)
        return found

    def _learn(self, catalog: Catalog) -> None:
        """Take note of settings, and of a new catalog of an old name. With the lock held."""
        named = self._named.get(catalog.name)
        if named is not None and named.catalog.catalog_id < catalog.catalog_id:
            self._drop(named)
        followed = self._loaded.get(catalog.catalog_id)
        if followed is not None and followed.catalog.revision < catalog.revision:
            followed.catalog = catalog

    def _drop(self, followed: Followed | None) -> None:
        """Let go of a catalog; views of it stay valid. With the lock held."""
        if followed is None or followed.is_dropped:
            return
        followed.is_dropped = True
        del self._loaded[followed.catalog.catalog_id]
        if self._named.get(followed.catalog.name) is followed:
            del self._named[followed.catalog.name]
        self._behind.discard(followed)
        self._lock.notify_all()

    def _make_room(self) -> None:
        """Drop the least recently used catalogs if all together are too large."""
        with self._lock:
            excess = self._cost() - self._max_loaded_videos
            if excess <= 0:
                return
            for followed in self._by_use()[:-MIN_LOADED_CATALOGS]:
                if followed.view is not None and excess > 0:
                    excess -= followed.cost
                    self._drop(followed)

    def _by_use(self) -> list[Followed]:
        return sorted(self._loaded.values(), key=lambda one: one.used)

    def _cost(self) -> int:
        return sum(followed.cost for followed in list(self._loaded.values()))

    # --- in the background ------------------------------------------------------------------------------------------

    def _poll(self) -> bool:
        """Hear of what has changed, and apply some of it. Tell whether there is more to apply."""
        version = self._store.version()
        if version != self._version:
            self._hear()
            self._version = version  # as it was before
        more = False
        for followed in list(self._behind):
            if followed.pause.left:
                continue
            try:
                more |= self._advance(followed)
                followed.pause.worked()
            except Exception as error:  # noqa: BLE001 - one broken catalog must not hold up the others
                followed.pause.failed()
                log_trouble("follow", error, catalog=followed.catalog.name)
        return more

    def _hear(self) -> None:
        """Note in the loaded catalogs what has become of them."""
        changes = self._store.catalog_changes(self._heard)
        with self._lock:
            for catalog_id, revision in changes.changed.items():
                followed = self._loaded.get(catalog_id)
                if followed is not None:
                    followed.last_change = max(followed.last_change, revision)
                    if followed.is_behind:
                        self._behind.add(followed)
            for catalog in changes.settled:
                self._learn(catalog)
            for catalog_id in changes.deleted:
                self._drop(self._loaded.get(catalog_id))
            self._heard = max(self._heard, changes.revision)
            self._lock.notify_all()

    def _advance(self, followed: Followed) -> bool:
        """Bring a catalog one list of the feed further, so that a large change of one does not hold up the others."""
        if not followed.lock.acquire(blocking=False):
            return False  # whoever is at it brings it further; what it leaves is done in the next round
        try:
            more = followed.view is not None and followed.is_behind and followed.advance(self._store, self._heard)
        finally:
            followed.lock.release()
        with self._lock:
            if followed.is_dropped or not followed.is_behind:
                self._behind.discard(followed)
            self._lock.notify_all()
        return more

    def _renew(self) -> bool:
        """Go on with newer indexes where there are any, and keep to the room there is."""
        for followed in list(self._loaded.values()):
            if followed.view is None:
                continue
            try:
                if followed.renew(self._source, self._store):
                    with self._lock:
                        self._lock.notify_all()
            except Exception as error:  # noqa: BLE001 - one broken catalog must not hold up the others
                log_trouble("renew", error, catalog=followed.catalog.name)
        self._make_room()
        return False
