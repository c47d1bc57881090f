"""The builder: makes generations of large catalogs when enough has changed."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import structlog

from ..store.port import Catalog, Store
from .background import Pause, log_trouble
from .build import build
from .container import DamagedFile
from .generation import read_about
from .shelf import Entry, Shelf

LIVE_VIDEOS = 20_000
"""Catalogs of at most so many videos need no generation."""

FEW_VIDEOS = LIVE_VIDEOS // 2
"""A catalog that has shrunk to so many needs its generation no more when it would be built anew."""

MOST_CHANGED = 0.1
"""A part of the videos, or of `LIVE_VIDEOS` if there are fewer: if more have changed, one is built at once."""

QUIET_CHANGED = 0.02
"""A part of the same: if more have changed, one is built when nothing has changed for `QUIET_SECONDS`."""

QUIET_SECONDS = 30.0

LOOK_SECONDS = 1.0
"""How often the builder looks for what has changed."""

FIRST_RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 300.0
"""How long a catalog is left alone that could not be built: each attempt reads all of it from the store."""


class Works(Protocol):
    """Builds something when it is due."""

    def work(self, stopping: threading.Event) -> None:
        """Build what is due now; when `stopping` is set nothing more is begun."""


def run_builders(builders: Sequence[Works], stopping: threading.Event) -> None:
    """Have builders look for what is due, one after the other, until `stopping` is set."""
    while not stopping.is_set():
        for builder in builders:
            builder.work(stopping)
        stopping.wait(LOOK_SECONDS)


class Builder:
    """Builds generations of the catalogs of a store, one at a time over all processes of the machine."""

    def __init__(self, store: Store, shelf: Shelf, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._shelf = shelf
        self._clock = clock
        self._version = -1
        self._revision = 0
        self._built: dict[int, int] = {}
        """The revision of the newest generation of each catalog, as last seen."""
        self._waiting: dict[int, tuple[Catalog, float]] = {}
        """Catalogs that have changed since their last generation, and when that was last seen."""
        self._pauses: dict[int, Pause] = {}
        """Of the catalogs that could not be built."""

    def work(self, stopping: threading.Event) -> None:
        """See `Works`."""
        try:
            self.look()
            for catalog in self._due():
                if not stopping.is_set():
                    self._attempt(catalog)
        except Exception as error:  # noqa: BLE001 - a store that is busy now is no reason never to look again
            log_trouble("build", error)

    def look(self) -> None:
        """Note which catalogs have changed, or have lost their newest generation."""
        version, built = self._store.version(), self._newest_revisions()
        lost = [catalog_id for catalog_id, revision in self._built.items() if built.get(catalog_id, -1) < revision]
        if version == self._version and not lost:
            self._built = built
            return
        changes = self._store.catalog_changes(self._revision)
        for catalog_id in changes.deleted:
            self._waiting.pop(catalog_id, None)
            self._pauses.pop(catalog_id, None)
        if (changes.deleted or self._version == -1) and self._shelf.folder.exists():
            with self._shelf.turn():  # what is unfinished then is not of a builder that is still at it
                self._shelf.clean({catalog.catalog_id for catalog in all_catalogs(self._store)})
        noted = {*changes.changed, *lost}
        catalogs = {catalog.catalog_id: catalog for catalog in all_catalogs(self._store)} if noted else {}
        now = self._clock()
        self._waiting |= {catalog_id: (catalogs[catalog_id], now) for catalog_id in noted if catalog_id in catalogs}
        self._version, self._revision, self._built = version, changes.revision, built

    def changed(self, catalog: Catalog) -> tuple[int, int]:
        """Return how many videos have changed since the newest generation of a catalog, and how many that has.

        One that cannot be used is none.
        """
        entry = self._shelf.newest(catalog.catalog_id)
        videos = 0 if entry is None else self._videos(entry)
        if entry is None or not videos:
            return self._store.changes_after(catalog.catalog_id, 0), 0
        return self._store.changes_after(catalog.catalog_id, entry.revision), videos

    def build(self, catalog: Catalog) -> int:
        """Build a generation of a catalog as it is now and delete the ones before; return the number of its videos."""
        start = time.perf_counter()
        self._shelf.folder.mkdir(exist_ok=True)
        with self._shelf.turn():
            before = [entry for entry in self._shelf.entries() if entry.catalog_id == catalog.catalog_id]
            # Whatever is written from here on comes from the feed, so it need not be in.
            revision = self._store.revision()
            target = self._shelf.path(catalog.catalog_id, revision)
            videos = build(
                self._store.indexed_videos(catalog.catalog_id, revision),
                catalog.catalog_id,
                revision,
                self._shelf.store_mark,
                target,
            )
            self._shelf.remove([entry for entry in before if entry.revision < revision])
        structlog.get_logger("matchcut.index").info(
            "generation_built",
            catalog=catalog.name,
            videos=videos,
            revision=revision,
            bytes=target.stat().st_size,
            milliseconds=round((time.perf_counter() - start) * 1000),
        )
        return videos

    def _attempt(self, catalog: Catalog) -> None:
        """Build a generation, or delete that of a catalog that has become small, or log why that failed.

        What has failed is tried again after a pause.
        """
        try:
            if not self._drop(catalog):
                self.build(catalog)
        except Exception as error:  # noqa: BLE001 - one broken catalog must not hold up the others
            pause = self._pauses.setdefault(
                catalog.catalog_id, Pause(FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, self._clock)
            )
            pause.failed()
            log_trouble("build", error, catalog=catalog.name, retry_seconds=pause.left)
        else:
            self._waiting.pop(catalog.catalog_id, None)
            self._pauses.pop(catalog.catalog_id, None)

    def _drop(self, catalog: Catalog) -> bool:
        """Delete the generation of a catalog that needs none any more; False if it has none, or needs one."""
        entries = [entry for entry in self._shelf.entries() if entry.catalog_id == catalog.catalog_id]
        if not entries or self._store.video_count(catalog.catalog_id) > FEW_VIDEOS:
            return False
        with self._shelf.turn():
            self._shelf.remove(entries)
        structlog.get_logger("matchcut.index").info("generation_dropped", catalog=catalog.name)
        return True

    def _newest_revisions(self) -> dict[int, int]:
        return {entry.catalog_id: entry.revision for entry in reversed(self._shelf.entries())}

    def _due(self) -> list[Catalog]:
        """Return the catalogs of which a generation is to be built now, and forget those with too few changes."""
        due = []
        for catalog, seen in list(self._waiting.values()):
            pause = self._pauses.get(catalog.catalog_id)
            if pause is not None and pause.left:
                continue
            changed, videos = self.changed(catalog)
            if videos == 0:
                large = changed > LIVE_VIDEOS and self._store.video_count(catalog.catalog_id) > LIVE_VIDEOS
                wait = not large
            else:
                of = max(videos, LIVE_VIDEOS)
                large = changed > QUIET_CHANGED * of
                wait = changed <= MOST_CHANGED * of and self._clock() - seen < QUIET_SECONDS
            if not large:
                del self._waiting[catalog.catalog_id]
            elif not wait:
                due.append(catalog)
        return due

    def _videos(self, entry: Entry) -> int:
        """Return the number of videos of a generation; 0 for a file that no server will use."""
        try:
            about = read_about(entry.path)
            self._shelf.check_origin(about, entry, self._store.revision())
        except (DamagedFile, OSError):
            return 0
        return about.statistics.videos


def all_catalogs(store: Store) -> Iterator[Catalog]:
    """Yield all catalogs of a store, by name."""
    after = ""
    while some := store.catalogs(after, 1_000):
        yield from some
        after = some[-1].name
