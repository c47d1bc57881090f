"""The profiles of catalogs as this process sees them, loaded on first use.

They are brought up to date by whoever asks, so that every write of any process shows at once; and now and then beside
that, so that nobody who asks has much to wait for, and nothing of a deleted user stays.
"""

import threading
import time
from collections.abc import Callable

import structlog

from ..errors import NotFound, Reason, Unavailable
from ..index.background import log_trouble
from ..index.follower import Follower
from ..index.port import View
from ..store.port import Catalog, Store
from ..store.profile_port import FeedPlace
from .generation import AudienceGeneration, AudienceShelf
from .index import AudienceIndex, AudienceView

LIVE_PROFILES = 20_000
"""Catalogs of at most so many profiles need no file of them."""

FOLLOW_SECONDS = 1.0
"""How often what is loaded is brought up to date when nobody asks."""

MAX_LOADED_PROFILES = 100_000
"""Profiles that are held in memory, of all catalogs; each takes 5 to 10 kB."""

MIN_LOADED_CATALOGS = 4
"""Catalogs that stay loaded, however many profiles they have."""

BUILD_RETRY_SECONDS = 10.0
"""After which to ask again for an audience of profiles of which the file is still being built."""

BUSY_RETRY_SECONDS = 0.5
"""After which to ask again while others load the profiles."""

_WHOLE_REVISION = 2**63 - 1


class Audiences:
    """Gives views of the profiles of catalogs. Any number of threads may ask.

    `max_waiting`: how many threads may wait for others at the same time; more are sent away, so that one slow catalog
    does not stop all.
    """

    def __init__(
        self,
        store: Store,
        shelf: AudienceShelf,
        follower: Follower,
        max_waiting: int,
        max_loaded: int = MAX_LOADED_PROFILES,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._follower = follower
        self._max_loaded = max_loaded
        self._waiting = threading.BoundedSemaphore(max_waiting)
        self._followed: dict[int, _Followed] = {}
        self._lock = threading.Lock()
        """For the dictionary."""

    def view(
        self, catalog: Catalog, videos: View, wait: float, check: Callable[[], None] = lambda: None
    ) -> AudienceView:
        """Return the profiles as the store has them now.

        `videos`: the newest view of the catalog. `wait`: seconds to wait for others that load the profiles or bring
        them up to date. `check` is called between steps, and may raise. Raises `Unavailable` after waiting, and while
        many profiles have no file yet.
        """
        with self._lock:
            followed = self._followed.setdefault(catalog.catalog_id, _Followed(catalog))
        if not self._take(followed, wait):
            raise _not_ready("the profiles of this catalog are being loaded; try again soon", BUSY_RETRY_SECONDS)
        try:
            followed.used = time.monotonic()
            found = self._view(followed, catalog, videos, check)
        finally:
            followed.lock.release()
        self._make_room()
        return found

    def keep_up(self) -> bool:
        """Bring all that is loaded further; tell whether there is more to do. To be called often."""
        more = False
        for followed in list(self._followed.values()):
            if not followed.lock.acquire(blocking=False):
                continue  # whoever has it brings it further
            try:
                more |= self._advance(followed)
            except Exception as error:  # noqa: BLE001 - one broken catalog must not hold up the others
                log_trouble("audiences", error, catalog=followed.catalog.name)
            finally:
                followed.lock.release()
        return more

    def _take(self, followed: "_Followed", wait: float) -> bool:
        """Take the lock of a catalog, if that is possible in some seconds."""
        if followed.lock.acquire(blocking=False):
            return True
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            return followed.lock.acquire(timeout=wait)
        finally:
            self._waiting.release()

    def _view(self, followed: "_Followed", catalog: Catalog, videos: View, check: Callable[[], None]) -> AudienceView:
        """With the lock of the catalog held."""
        newest = self._store.revision()
        if followed.index is None or (followed.index.base is None and followed.settings_revision < catalog.revision):
            self._open(followed, catalog, videos)
        while followed.take_some(self._store, newest):
            check()
        assert followed.index is not None
        return followed.index.view(videos, newest)

    def _open(self, followed: "_Followed", catalog: Catalog, videos: View) -> None:
        start = time.perf_counter()
        generation = self._shelf.open(catalog.catalog_id, self._store.revision)
        if generation is None and self._store.profiles.profile_count(catalog.catalog_id) > LIVE_PROFILES:
            message = "the index of the profiles of this catalog is being built; try again in a while"
            raise _not_ready(message, BUILD_RETRY_SECONDS)
        followed.go_on_with(catalog, generation, videos)
        structlog.get_logger("matchcut.index").info(
            "audience_opened",
            catalog=catalog.name,
            profiles_of_file=0 if generation is None else len(generation),
            milliseconds=round((time.perf_counter() - start) * 1000),
        )

    def _advance(self, followed: "_Followed") -> bool:
        """Apply one list of the feed, go on with a newer file, or drop what is gone. With the lock held."""
        if followed.index is None:
            return False
        try:
            catalog = self._follower.catalog(followed.catalog.name)
        except NotFound:
            catalog = None
        if catalog is None or catalog.catalog_id != followed.catalog.catalog_id:
            self._drop(followed)
            return False
        base = followed.index.base
        newer = self._shelf.open(
            catalog.catalog_id, self._store.revision, after=-1 if base is None else base.about.revision
        )
        if newer is not None:
            followed.go_on_with(catalog, newer, None)
        elif base is not None and self._shelf.newest(catalog.catalog_id) is None:
            followed.index = None  # it has become small: what is left is loaded when it is asked for
            return False
        return followed.take_some(self._store, self._store.revision())

    def _make_room(self) -> None:
        """Drop what has not been asked for for longest, if all together is too much."""
        with self._lock:
            by_use = sorted(self._followed.values(), key=lambda one: one.used)
            excess = sum(one.held for one in by_use) - self._max_loaded
            for followed in by_use[:-MIN_LOADED_CATALOGS]:
                if excess > 0:
                    excess -= followed.held
                    del self._followed[followed.catalog.catalog_id]

    def _drop(self, followed: "_Followed") -> None:
        with self._lock:
            self._followed.pop(followed.catalog.catalog_id, None)


class _Followed:
    """The profiles of one catalog. `lock`: for whoever uses the index; one thread at a time does."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.lock = threading.Lock()
        self.index: AudienceIndex | None = None
        """None until it is loaded."""
        self.settings_revision = 0
        self.used = time.monotonic()
        self._place = FeedPlace()

    @property
    def held(self) -> int:
        """Profiles that are held in memory."""
        return 0 if self.index is None else self.index.held

    def go_on_with(self, catalog: Catalog, generation: AudienceGeneration | None, videos: View | None) -> None:
        """Begin with a file, or without one with nothing; the rest comes from the feed."""
        source = generation if generation is not None else videos
        assert source is not None
        self.index = AudienceIndex(catalog.settings, catalog.profile_settings, source)
        self.settings_revision = catalog.revision
        self._place = FeedPlace() if generation is None else FeedPlace(generation.about.revision, _WHOLE_REVISION)

    def take_some(self, store: Store, newest: int) -> bool:
        """Apply one list of the feed. False if all up to the revision `newest` is applied."""
        assert self.index is not None
        if self._place.revision > newest:
            return False
        for changes in store.profiles.feed(self.catalog.catalog_id, self._place):
            self.index.apply(changes)
            self._place = changes[-1].place
            return True
        self._place = max(self._place, FeedPlace(newest, _WHOLE_REVISION))
        return False


def _not_ready(message: str, retry_after: float) -> Unavailable:
    return Unavailable(Reason.REVISION_NOT_REACHED, message, retry_after=retry_after)
