"""The builder of files of profiles: for catalogs of many, when enough has changed."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import structlog

from ..index.background import Pause, log_trouble
from ..index.builder import (
    FIRST_RETRY_SECONDS,
    LONGEST_RETRY_SECONDS,
    MOST_CHANGED,
    QUIET_CHANGED,
    QUIET_SECONDS,
    all_catalogs,
)
from ..index.container import DamagedFile
from ..index.port import View
from ..index.shelf import Entry
from ..index.source import IndexSource
from ..store.port import Catalog, Store
from ..store.profile_port import FeedPlace
from .audiences import LIVE_PROFILES
from .generation import AudienceAbout, AudienceShelf, BuildOrigin, build

LOOK_SECONDS = 5.0
"""How often the builder looks for what has changed: to count that takes time."""

REMOVED_SECONDS = 3_600.0
"""How long a file may hold a user who has been deleted since it was built, and is left out of all answers."""

LEAST_VIDEOS = 1_000
"""In smaller catalogs the IDF counts as changed when a part of so many videos has."""


class _Waiting(NamedTuple):
    """How many profiles of a catalog had changed, and since when no more have."""

    changed: int
    since: float


class AudienceBuilder:
    """Builds files of profiles. `source`: of the indexes of catalogs, whose IDF profiles are weighed by."""

    def __init__(
        self, store: Store, shelf: AudienceShelf, source: IndexSource, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._source = source
        self._clock = clock
        self._version = -1
        self._files: list[Entry] = []
        """Those that were there; a damaged one is set aside by whoever finds out."""
        self._next_look = 0.0
        self._waiting: dict[int, _Waiting] = {}
        self._removed: dict[int, float] = {}
        """Since when the file of a catalog is known to hold users who have been deleted."""
        self._pauses: dict[int, Pause] = {}
        """Of the catalogs that could not be built."""

    def work(self, stopping: threading.Event) -> None:
        """See `index.builder.Works`."""
        if self._clock() < self._next_look:
            return
        self._next_look = self._clock() + LOOK_SECONDS
        try:
            version, files = self._store.version(), self._shelf.entries()
            if (version, files) == (self._version, self._files) and not (
                self._waiting or self._removed or self._pauses
            ):
                return
            catalogs = list(all_catalogs(self._store))
            if self._shelf.folder.exists():
                with self._shelf.turn():  # what is unfinished then is not of a builder that is still at it
                    self._shelf.clean({catalog.catalog_id for catalog in catalogs})
            for catalog in catalogs:
                if not stopping.is_set():
                    self._attempt(catalog)
            self._version, self._files = version, self._shelf.entries()
        except Exception as error:  # noqa: BLE001 - a store that is busy now is no reason never to look again
            log_trouble("build_audience", error)

    def build(self, catalog: Catalog) -> int:
        """Build a file of the profiles as they are now, and delete those before; return how many it has."""
        start = time.perf_counter()
        with self._shelf.turn():
            before = [entry for entry in self._shelf.entries() if entry.catalog_id == catalog.catalog_id]
            videos = self._view(catalog)
            # Whatever is written from here on comes from the feed, so it need not be in.
            revision = self._store.revision()
            target = self._shelf.path(catalog.catalog_id, revision)
            feed = self._store.profiles.feed(catalog.catalog_id, FeedPlace())
            origin = BuildOrigin(self._shelf.store_mark, revision, videos.table(), videos.statistics.videos)
            profiles = build(feed, catalog, origin, target)
            self._shelf.remove([entry for entry in before if entry.revision < revision])
        structlog.get_logger("matchcut.index").info(
            "audience_built",
            catalog=catalog.name,
            profiles=profiles,
            revision=revision,
            bytes=target.stat().st_size,
            milliseconds=round((time.perf_counter() - start) * 1000),
        )
        return profiles

    def _attempt(self, catalog: Catalog) -> None:
        """Build a file if one is due, or delete that of a catalog that has become small, or log why that failed."""
        pause = self._pauses.get(catalog.catalog_id)
        if pause is not None and pause.left:
            return
        try:
            self._build_or_drop(catalog)
        except Exception as error:  # noqa: BLE001 - one broken catalog must not hold up the others
            pause = self._pauses.setdefault(
                catalog.catalog_id, Pause(FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, self._clock)
            )
            pause.failed()
            log_trouble("build_audience", error, catalog=catalog.name, retry_seconds=pause.left)
        else:
            self._pauses.pop(catalog.catalog_id, None)

    def _build_or_drop(self, catalog: Catalog) -> None:
        about = self._about(catalog)
        changed = self._store.profiles.changes_after(catalog.catalog_id, 0 if about is None else about.revision)
        if about is None:
            if changed > LIVE_PROFILES and self._store.profiles.profile_count(catalog.catalog_id) > LIVE_PROFILES:
                self.build(catalog)
        elif changed and self._store.profiles.profile_count(catalog.catalog_id) <= LIVE_PROFILES // 2:
            with self._shelf.turn():
                self._shelf.remove([entry for entry in self._shelf.entries() if entry.catalog_id == catalog.catalog_id])
            structlog.get_logger("matchcut.index").info("audience_dropped", catalog=catalog.name)
        elif self._is_due(catalog, about, changed):
            self.build(catalog)
            self._waiting.pop(catalog.catalog_id, None)
            self._removed.pop(catalog.catalog_id, None)

    def _is_due(self, catalog: Catalog, about: AudienceAbout, changed: int) -> bool:
        """Tell whether so much has changed that a new file is to be built now."""
        videos = self._store.changes_after(catalog.catalog_id, about.revision)
        of = max(about.profiles, LIVE_PROFILES)
        if (
            about.settings_revision < catalog.revision
            or changed > MOST_CHANGED * of
            or videos > MOST_CHANGED * max(about.videos, LEAST_VIDEOS)
            or self._holds_removed(catalog, about)
        ):
            return True
        if changed <= QUIET_CHANGED * of:
            self._waiting.pop(catalog.catalog_id, None)
            return False
        waiting = self._waiting.get(catalog.catalog_id)
        if waiting is None or waiting.changed != changed:
            waiting = self._waiting[catalog.catalog_id] = _Waiting(changed, self._clock())
        return self._clock() - waiting.since >= QUIET_SECONDS

    def _holds_removed(self, catalog: Catalog, about: AudienceAbout) -> bool:
        """Tell whether a file has held users who have been deleted for too long."""
        if not self._store.profiles.removals_after(catalog.catalog_id, about.revision):
            self._removed.pop(catalog.catalog_id, None)
            return False
        return self._clock() - self._removed.setdefault(catalog.catalog_id, self._clock()) >= REMOVED_SECONDS

    def _about(self, catalog: Catalog) -> AudienceAbout | None:
        """Tell what the newest file is of; None if there is none that a server would use."""
        entry = self._shelf.newest(catalog.catalog_id)
        if entry is None:
            return None
        try:
            about = self._shelf.about(entry.path)
            self._shelf.check_origin(about, entry, self._store.revision())
        except (DamagedFile, OSError):
            return None
        return about

    def _view(self, catalog: Catalog) -> View:
        """Return the catalog as it is now."""
        index, seen = self._source.open(catalog)
        for changes in self._store.feed(catalog.catalog_id, seen):
            index.apply(changes, changes[-1].revision)
        return index.view()
