"""`matchcut index`: the generations of a data folder."""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from matchcut_server.cli.failure import Failure, local_failure
from matchcut_server.cli.logs import log_only_trouble
from matchcut_server.cli.render import counted, plain, print_json
from matchcut_server.errors import MatchcutError, catalog_not_found
from matchcut_server.store.port import Catalog, Store
from matchcut_server.store.sqlite.database import FILE_NAME
from matchcut_server.store.sqlite.store import SqliteStore

if TYPE_CHECKING:
    from matchcut_server.index.shelf import Entry, Shelf

T = TypeVar("T")

MAX_DIFFERENCES = 20
"""Told of one catalog."""


class IndexStatus(Struct, frozen=True):
    """What `status` tells of a catalog."""

    catalog: str
    videos: int
    """In the generation; 0 if there is none."""
    revision: int
    """Of the generation."""
    changed: int
    """Videos that have changed since, all of them if there is no generation."""
    bytes: int
    file: str
    damage: str = ""
    """Why the generation cannot be used; empty if it can."""


def add_index(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `index` with its own commands."""
    parser = commands.add_parser("index", help="look at, build and check the indexes in a data folder")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    status = actions.add_parser("status", help="tell which catalogs have a generation, and what has changed since")
    building = actions.add_parser(
        "build",
        help="build generations now",
        description="Build a generation of each catalog that is named, or of all that are large. A server that runs "
        "does so by itself when enough has changed; it takes over what is built here within seconds.",
    )
    verifying = actions.add_parser(
        "verify",
        help="check generations byte by byte, and against the store",
        description="Check every byte of each generation, and that it holds what the store holds. Exit code 1 if one "
        "does not. A server sets aside what is damaged and builds it anew.",
    )
    for action, run in ((status, run_status), (building, run_build), (verifying, run_verify)):
        action.add_argument("--data", type=Path, required=True, metavar="DIR", help="data folder of the server")
        action.add_argument("--catalog", action="append", metavar="NAME", help="this catalog only; may be repeated")
        action.set_defaults(run=run)
    status.add_argument("--json", action="store_true", help="print JSON")


def run_status(arguments: argparse.Namespace) -> int:
    """Tell what generations there are."""
    with _opened(arguments.data) as (store, shelf):
        told = [_status(store, shelf, catalog) for catalog in _catalogs(store, arguments.catalog)]
    if arguments.json:
        print_json(told)
        return 0
    for one in told:
        if not one.file:
            print(f"{plain(one.catalog)}: no generation; {counted(one.changed, 'change')} in the store")
        elif one.damage:
            print(f"{plain(one.catalog)}: {one.file} is damaged: {plain(one.damage)}")
        else:
            size = f"{one.bytes / 1e6:,.1f} MB"
            print(
                f"{plain(one.catalog)}: {counted(one.videos, 'video')} at revision {one.revision:,}, {size}; "
                f"{one.changed:,} changed since"
            )
    return 0


def run_build(arguments: argparse.Namespace) -> int:
    """Build generations."""
    from matchcut_server.index.builder import LIVE_VIDEOS, Builder  # noqa: PLC0415 - it brings the compiler

    with _opened(arguments.data) as (store, shelf):
        built = 0
        for catalog in _catalogs(store, arguments.catalog):
            if not arguments.catalog and store.video_count(catalog.catalog_id) <= LIVE_VIDEOS:
                continue
            start = time.perf_counter()
            videos = Builder(store, shelf).build(catalog)
            seconds = time.perf_counter() - start
            print(f"{plain(catalog.name)}: {counted(videos, 'video')} in {seconds:.1f} s")
            built += 1
    if not built:
        print(f"no catalog has more than {LIVE_VIDEOS:,} videos; smaller ones need no generation")
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Check generations."""
    wrong = False
    with _opened(arguments.data) as (store, shelf):
        for catalog in _catalogs(store, arguments.catalog):
            told = _with_newest(shelf, catalog, partial(_differences, store, shelf))
            if told is None:
                continue
            print(f"{plain(catalog.name)}: {'as in the store' if not told else 'wrong'}")
            for line in told:
                print(f"  {plain(line)}")
            wrong = wrong or bool(told)
    return int(wrong)


def _differences(store: Store, shelf: "Shelf", entry: "Entry") -> list[str]:
    from matchcut_server.index.audit import differences  # noqa: PLC0415 - it brings the compiler
    from matchcut_server.index.container import DamagedFile  # noqa: PLC0415 - as above
    from matchcut_server.index.generation import Generation  # noqa: PLC0415 - as above

    try:
        generation = Generation(entry.path)
        shelf.check_origin(generation.about, entry, store.revision())
    except DamagedFile as error:
        return [f"{entry.path.name} is damaged: {error}"]
    unchanged = store.indexed_videos(entry.catalog_id, entry.revision)
    changed = partial(store.feed, entry.catalog_id, entry.revision)
    found = differences(generation, unchanged, changed)
    return [line for line, _ in zip(found, range(MAX_DIFFERENCES), strict=False)]


def _status(store: Store, shelf: "Shelf", catalog: Catalog) -> IndexStatus:
    told = _with_newest(shelf, catalog, partial(_status_of, store, shelf, catalog))
    return told or IndexStatus(catalog.name, 0, 0, store.changes_after(catalog.catalog_id, 0), 0, "")


def _status_of(store: Store, shelf: "Shelf", catalog: Catalog, entry: "Entry") -> IndexStatus:
    from matchcut_server.index.container import DamagedFile  # noqa: PLC0415 - it brings the compiler
    from matchcut_server.index.generation import read_about  # noqa: PLC0415 - as above

    size, name = entry.path.stat().st_size, entry.path.name
    try:
        about = read_about(entry.path)
        shelf.check_origin(about, entry, store.revision())
    except DamagedFile as error:
        return IndexStatus(catalog.name, 0, 0, store.changes_after(catalog.catalog_id, 0), size, name, str(error))
    changed = store.changes_after(catalog.catalog_id, entry.revision)
    return IndexStatus(catalog.name, about.statistics.videos, entry.revision, changed, size, name)


def _with_newest(shelf: "Shelf", catalog: Catalog, look: Callable[["Entry"], T]) -> T | None:
    """Look at the newest generation of a catalog, or at the one that a server puts in its place; None if none is."""
    entry = shelf.newest(catalog.catalog_id)
    while entry is not None:
        try:
            return look(entry)
        except FileNotFoundError:
            gone, entry = entry, shelf.newest(catalog.catalog_id)
            if entry == gone:
                raise
    return None


def _catalogs(store: Store, names: Sequence[str] | None) -> list[Catalog]:
    if names is None:
        found: list[Catalog] = []
        while some := store.catalogs(found[-1].name if found else "", 1_000):
            found += some
        return found
    named = [(name, store.catalog(name)) for name in names]
    for name, catalog in named:
        if catalog is None:
            raise local_failure(catalog_not_found(name))
    return [catalog for _, catalog in named if catalog is not None]


@contextmanager
def _opened(data: Path) -> Iterator[tuple[Store, "Shelf"]]:
    from matchcut_server.index.shelf import Shelf  # noqa: PLC0415 - it brings the compiler

    log_only_trouble()
    if not (data / FILE_NAME).is_file():
        raise Failure(f"{data} is not a data folder of Matchcut; check the path")
    try:
        store = SqliteStore(data)
        try:
            yield store, Shelf(data, store.secret)
        finally:
            store.close()
    except (MatchcutError, OSError) as error:
        raise local_failure(error) from None
