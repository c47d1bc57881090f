"""The shelf: the generations of a data folder, or other files that are built of catalogs, by catalog and revision.

Whoever builds puts a file there under its final name when all of it is durable; whoever reads maps the newest one. A
file that cannot be trusted is named in the log and set aside, and the catalog is served from the store until it is
built anew.
"""

import fcntl
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

import structlog

from .container import DamagedFile, OtherFormat, unfinished_name
from .generation import Generation, read_about

FOLDER = "index"
"""In the data folder."""

UNREADABLE_SECONDS = 60.0
"""How long a file that could not be opened or set aside is left alone."""

_NAME = re.compile(r"catalog-(\d+)-revision-(\d+)\.generation")
_SET_ASIDE = ".damaged"
_ASIDE = re.compile(_NAME.pattern + re.escape(_SET_ASIDE))
_LOCK_NAME = "builder.lock"
_QUIET_NANOSECONDS = 1_000_000_000


class Entry(NamedTuple):
    """A generation file."""

    catalog_id: int
    revision: int
    path: Path


class Origin(Protocol):
    """What a file is of."""

    @property
    def store_mark(self) -> bytes:
        """Of the store it was built from."""

    @property
    def catalog_id(self) -> int:
        """Of the catalog."""

    @property
    def revision(self) -> int:
        """Of the store: all changes up to it are in."""


class Built(Protocol):
    """A file, opened."""

    @property
    def about(self) -> Origin:
        """What it is of."""


G = TypeVar("G", bound=Built)


class FileShelf(ABC, Generic[G]):
    """Files of one kind in a folder. `secret`: of the store, so that files of another store are recognised."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        self.folder = folder
        self.store_mark = blake2b(secret, digest_size=16, person=b"generation").digest()
        self._listed: tuple[int, list[Entry]] | None = None
        """What was there, and when the folder had last changed."""
        self._unreadable: dict[Path, float] = {}
        """Until when to leave files alone that could not be opened."""

    def entries(self) -> list[Entry]:
        """Return what is there, newest first. Asked again while nothing changes, it costs microseconds."""
        try:
            changed = self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return []
        listed = self._listed
        if listed is not None and listed[0] == changed:
            return listed[1]
        found = self._named(_NAME)
        # A change within the clock's tick after a listing would not show; in a folder that was quiet there is none.
        self._listed = (changed, found) if time.time_ns() - changed > _QUIET_NANOSECONDS else None
        return found

    def newest(self, catalog_id: int) -> Entry | None:
        """Return the newest generation of a catalog."""
        return next((entry for entry in self.entries() if entry.catalog_id == catalog_id), None)

    def open(self, catalog_id: int, newest_revision: Callable[[], int], after: int = -1) -> G | None:
        """Map the newest generation of a catalog that can be trusted; None if there is none of a revision > `after`.

        A file that cannot be opened is named in the log, and tried again after `UNREADABLE_SECONDS`.
        `newest_revision`: tells that of the store, and is asked after a file is found, which may have come just now.
        What is of a later one comes from another store, or from another life of this.
        """
        while (entry := self._newest_readable(catalog_id)) is not None and entry.revision > after:
            try:
                generation = self._map(entry.path)
                self.check_origin(generation.about, entry, newest_revision())
            except FileNotFoundError:  # a newer one has just taken its place
                self._listed = None
            except DamagedFile as error:
                self._set_aside(entry, error)
            except OSError as error:
                self._leave_alone(entry, error)
            else:
                return generation
        return None

    def check(self, newest_revision: Callable[[], int]) -> None:
        """Set aside what cannot be of the store as it is, before anything new is written to it.

        A generation of a later life of a store, of which a backup has been restored since, is known by a revision that
        the store has not reached. Once it has, nothing tells them apart. `newest_revision`: see `open`.
        """
        for entry in self.entries():
            try:
                self.check_origin(self.about(entry.path), entry, newest_revision())
            except FileNotFoundError:
                self._listed = None
            except DamagedFile as error:
                self._set_aside(entry, error)
            except OSError as error:
                self._leave_alone(entry, error)

    @abstractmethod
    def about(self, path: Path) -> Origin:
        """Tell what a file is of without checking all of it. Raises `DamagedFile` and `OSError`."""

    @abstractmethod
    def _map(self, path: Path) -> G:
        """Map a file. Raises `DamagedFile` and `OSError`."""

    def path(self, catalog_id: int, revision: int) -> Path:
        """Return where a generation belongs."""
        return self.folder / f"catalog-{catalog_id}-revision-{revision}.generation"

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other process builds here; a lock that a killed one held is free."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / _LOCK_NAME).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def remove(self, entries: Collection[Entry]) -> None:
        """Delete generations; whoever has mapped one keeps it until he lets go of it."""
        for entry in entries:
            entry.path.unlink(missing_ok=True)
        self._listed = None

    def clean(self, catalog_ids: Collection[int]) -> None:
        """Delete what no process will ever open.

        Those are unfinished files, generations that have a newer one, what was set aside but for the newest of each
        catalog, and all of catalogs that are gone. `catalog_ids`: of those that are there.
        """
        for path in self.folder.glob(unfinished_name("*")):
            path.unlink(missing_ok=True)
        self.remove(_all_but_newest(self.entries(), catalog_ids))
        self.remove(_all_but_newest(self._named(_ASIDE), catalog_ids))

    def check_origin(self, about: Origin, entry: Entry, newest_revision: int) -> None:
        """Raise `DamagedFile` for a generation that is not of this store, or not what its name says."""
        if about.store_mark != self.store_mark or about.catalog_id != entry.catalog_id:
            raise DamagedFile("it belongs to another store or catalog")
        if not about.revision == entry.revision <= newest_revision:
            raise DamagedFile(f"it is of revision {about.revision}, the store of {newest_revision}")

    def _set_aside(self, entry: Entry, error: DamagedFile) -> None:
        """Take a file out of the way: one of another format for good, others so that they can be looked at."""
        log = structlog.get_logger("matchcut.index")
        try:
            if isinstance(error, OtherFormat):
                log.info("generation_of_other_format", file=str(entry.path), why=str(error))
                entry.path.unlink()
            else:
                aside = entry.path.with_name(entry.path.name + _SET_ASIDE)
                log.error("generation_damaged", file=str(entry.path), why=str(error), set_aside=aside.name)
                entry.path.rename(aside)
                self.remove([one for one in self._named(_ASIDE) if one.catalog_id == entry.catalog_id][1:])
        except FileNotFoundError:  # another process was faster
            pass
        except OSError as refusal:
            self._leave_alone(entry, refusal)
        self._listed = None

    def _leave_alone(self, entry: Entry, error: OSError) -> None:
        structlog.get_logger("matchcut.index").error(
            "generation_unreadable", file=str(entry.path), why=str(error.strerror), retry_seconds=UNREADABLE_SECONDS
        )
        self._unreadable[entry.path] = time.monotonic() + UNREADABLE_SECONDS

    def _newest_readable(self, catalog_id: int) -> Entry | None:
        now = time.monotonic()
        for entry in self.entries():
            if entry.catalog_id == catalog_id and self._unreadable.get(entry.path, now) <= now:
                return entry
        return None

    def _named(self, pattern: re.Pattern[str]) -> list[Entry]:
        """Return the files whose names tell catalog and revision, newest first."""
        found = [
            Entry(int(match[1]), int(match[2]), path)
            for path in self.folder.iterdir()
            if (match := pattern.fullmatch(path.name))
        ]
        return sorted(found, key=lambda entry: -entry.revision)


class Shelf(FileShelf[Generation]):
    """The generations of catalogs in a data folder. `secret`: see `FileShelf`."""

    def __init__(self, data: Path, secret: bytes) -> None:
        super().__init__(data / FOLDER, secret)

    def about(self, path: Path) -> Origin:
        """See `FileShelf`."""
        return read_about(path)

    def _map(self, path: Path) -> Generation:
        return Generation(path)


def _all_but_newest(entries: Iterable[Entry], catalog_ids: Collection[int]) -> list[Entry]:
    """Choose those that are not the newest of one of some catalogs. `entries`: newest first."""
    left = set(catalog_ids)
    rest = []
    for entry in entries:
        if entry.catalog_id in left:
            left.remove(entry.catalog_id)
        else:
            rest.append(entry)
    return rest
