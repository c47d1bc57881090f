"""One catalog that this process has loaded: its index, filled from the feed, and its newest view."""

import threading
import time

from ..store.port import Catalog, Store
from .background import Pause
from .port import Index, View
from .source import IndexSource

VIEW_SECONDS = 0.05
"""While there is ever more of the feed, a view is made of what there is so far this often."""

VIEW_SHARE = 5
"""So many times what a view took to make passes until the next one, while there is more."""

CATALOG_COST = 10
"""What a catalog takes of memory beside its videos, in videos."""


class _Filled:
    """An index, and how far it is filled. One thread at a time may use it."""

    def __init__(self, index: Index, revision: int) -> None:
        self.index = index
        self._revision = revision

    def take_some(self, store: Store, catalog_id: int) -> bool:
        """Apply one list of the feed; False if there is none."""
        for changes in store.feed(catalog_id, self._revision):
            self.index.apply(changes, changes[-1].revision)
            self._revision = changes[-1].revision
            return True
        return False

    def take_until(self, revision: int, store: Store, catalog_id: int) -> View:
        """Apply the feed up to a revision of the store, not what is written ever after."""
        while self._revision < revision and self.take_some(store, catalog_id):
            pass
        return self.view(revision)

    def view(self, revision: int = 0) -> View:
        """Return a view of what is applied. `revision`: up to which all changes are in."""
        self._revision = max(self._revision, revision)
        self.index.apply([], self._revision)
        return self.index.view()


class Followed:
    """A loaded catalog. `lock`: for whoever changes index and view; taking the view needs none.

    The others are changed with the lock of the follower. It is made with its own lock held, by whoever loads it.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.lock = threading.Lock()
        self.lock.acquire()
        self.view: View | None = None
        """None until it is loaded."""
        self.last_change = 0
        """The newest revision of the catalog that this process has heard of; the view may be behind it."""
        self.cost = CATALOG_COST
        """What it takes of memory, in videos."""
        self.is_dropped = False
        self.used = time.monotonic()
        self.pause = Pause()
        self._filled: _Filled | None = None
        self._next_view = 0.0
        """When a view is to be made although there is more of the feed."""

    @property
    def index(self) -> Index:
        """The index; there is one once there is a view."""
        assert self._filled is not None
        return self._filled.index

    @property
    def is_behind(self) -> bool:
        """Whether there are changes that the view has not seen."""
        return self.view is None or self.view.revision < self.last_change

    def reached(self, heard: int) -> int:
        """Return the revision that a view may bear. `heard`: up to which the process has heard of all changes."""
        if self.view is None:
            return -1
        return self.view.revision if self.is_behind else max(self.view.revision, heard)

    def newest_view(self, heard: int, wait: float = 0.0) -> View | None:
        """Return the view, up to date if there is nothing to apply and nobody at it for `wait` seconds."""
        self.used = time.monotonic()
        view = self.view
        if view is None or not self._may_bear(view, heard):
            return view
        if self.lock.acquire(timeout=wait):
            try:
                if self._filled is not None and self.view is not None and self._may_bear(self.view, heard):
                    self.view = self._filled.view(heard)
            finally:
                self.lock.release()
        return self.view

    def open(self, source: IndexSource, store: Store) -> None:
        """Make the index. With the lock held."""
        filled = _Filled(*source.open(self.catalog))
        self._go_on_with(filled, filled.take_until(store.revision(), store, self.catalog.catalog_id))

    def catch_up(self, store: Store, revision: int) -> None:
        """Make a view that has seen a revision of the store. With the lock held."""
        assert self._filled is not None
        self._go_on_with(self._filled, self._filled.take_until(revision, store, self.catalog.catalog_id))

    def advance(self, store: Store, heard: int) -> bool:
        """Apply one list of the feed and tell that there may be more; else make a view. With the lock held.

        As long as others write there is more, so a view is made from time to time as well.
        """
        assert self._filled is not None
        if self._filled.take_some(store, self.catalog.catalog_id):
            start = time.monotonic()
            if start >= self._next_view:
                self._go_on_with(self._filled, self._filled.view())
                end = time.monotonic()
                self._next_view = end + max(VIEW_SECONDS, VIEW_SHARE * (end - start))
            return True
        self._go_on_with(self._filled, self._filled.view(heard))
        return False

    def renew(self, source: IndexSource, store: Store) -> bool:
        """Go on with a newer index if the source has one. The old one serves until the new one has seen as much."""
        found = source.newer(self.catalog, self.index)
        if found is None:
            return False
        filled = _Filled(*found)
        filled.take_until(store.revision(), store, self.catalog.catalog_id)
        with self.lock:  # so that nobody fills the old one further; little has come in the meantime
            self._go_on_with(filled, filled.take_until(store.revision(), store, self.catalog.catalog_id))
        return True

    def _go_on_with(self, filled: _Filled, view: View) -> None:
        self._filled = filled
        self.view = view
        self.cost = CATALOG_COST + filled.index.held_videos

    def _may_bear(self, view: View, heard: int) -> bool:
        """Tell whether a view with a later revision would be the same."""
        return self.last_change <= view.revision < heard
