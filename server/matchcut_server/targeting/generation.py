"""Files of profiles: immutable builds of the profiles of a large catalog, mapped by all processes of a machine.

A file keeps the IDF table it was weighed with; its profiles are in the order of the feed they came from.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..index.arrays import Float32s, Int32s, Int64s
from ..index.container import Container, ContainerWriter, DamagedFile
from ..index.planner import Kernel
from ..index.shelf import FileShelf
from ..index.table import IdfTable
from ..index.terms import KeyNumbers
from ..profiles.derived import Derived
from ..store.port import Catalog
from ..store.profile_port import FollowedProfile
from .cells import Stated, cells_of, stated, unit_cells
from .readings import Readings
from .segment import ProfileSegment, UnitQuery, impact_arrays, row_arrays, weighted_arrays

FOLDER = "audiences"
"""In the data folder."""

SEGMENT_PROFILES = 1 << 20
"""Profiles of a segment at most."""

_NOTHING = Derived()

AT_ONCE = 2_000
"""Profiles that are weighed at a time."""


class AudienceAbout(Struct, frozen=True):
    """What a file of profiles is of."""

    store_mark: bytes
    """Of the store it was built from."""
    catalog_id: int
    revision: int
    """Of the store: all changes of profiles up to it are in."""
    settings_revision: int
    """Of the settings of the catalog by which it was built."""
    profiles: int
    """Those that may be found for promotions and have any term."""
    videos: int
    """That the catalog had."""
    languages: tuple[str, ...]
    """Of the catalog."""
    unknown_idf: float
    """Of terms with df = 0."""
    segments: int


class BuildOrigin(NamedTuple):
    """What a file is built from."""

    store_mark: bytes
    """Of the store."""
    revision: int
    """Of the store, before any profile was read."""
    table: IdfTable
    """Of the catalog, by which profiles are weighed."""
    videos: int
    """That the catalog has."""


class AudienceGeneration:
    """A file of profiles, mapped. Raises `DamagedFile`, and `OSError` if it cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        container = Container(path)
        try:
            self.about = msgspec.msgpack.decode(container.about, type=AudienceAbout)
            keys, idf, known = (container.arrays[f"table.{name}"] for name in ("keys", "idf", "known"))
            self.table = IdfTable(keys, idf, known, self.about.unknown_idf, self.about.languages)
            keys = container.arrays["keys"]
            self.segments = [
                ProfileSegment(_within(container.arrays, f"{i}."), keys) for i in range(self.about.segments)
            ]
        except (msgspec.DecodeError, KeyError) as error:
            raise DamagedFile(f"it is not a file of profiles: {error}") from error

    def __len__(self) -> int:
        return self.about.profiles

    def warm(self) -> None:
        """Run every kernel once, so that no search waits for one to be compiled."""
        for segment in self.segments[:1]:
            keys = segment.keys[:8]
            query = UnitQuery(keys, np.full(len(keys), 0.1))
            for kernel in get_args(Kernel):
                segment.search(query, np.ones(len(segment), dtype=np.uint8), 1, 0.0, kernel)


class AudienceShelf(FileShelf[AudienceGeneration]):
    """The files of profiles in a data folder. `secret`: see `FileShelf`."""

    def __init__(self, data: Path, secret: bytes) -> None:
        super().__init__(data / FOLDER, secret)

    def about(self, path: Path) -> AudienceAbout:
        """See `FileShelf`."""
        return read_about(path)

    def _map(self, path: Path) -> AudienceGeneration:
        generation = AudienceGeneration(path)
        generation.warm()
        return generation


def read_about(path: Path) -> AudienceAbout:
    """Tell what a file is of without checking all of it. Raises `DamagedFile` and `OSError`."""
    try:
        return msgspec.msgpack.decode(Container(path, only_about=True).about, type=AudienceAbout)
    except msgspec.DecodeError as error:
        raise DamagedFile(f"it is not a file of profiles: {error}") from error


def build(
    profiles: Iterable[Sequence[FollowedProfile]],
    catalog: Catalog,
    origin: BuildOrigin,
    target: Path,
    segment_profiles: int = SEGMENT_PROFILES,
) -> int:
    """Write a file of profiles to `target`; return how many it has.

    `profiles`: all of a catalog that have not changed after the revision of the origin; others may be among them. Their
    vectors are held in memory until all are there: 8 bytes for each term of each profile.
    """
    table = origin.table
    readings = Readings(table, catalog.settings)
    numbers = KeyNumbers()
    segments: list[_Segment] = [_Segment()]
    for some in _weighable(profiles, catalog, origin.revision):
        if len(segments[-1].profiles) + len(some) > segment_profiles:
            segments.append(_Segment())
        segments[-1].take(some, readings, table, numbers)
    keys = numbers.keys()
    order = np.argsort(keys)
    ids = np.empty(len(order), dtype=np.int32)
    ids[order] = np.arange(len(order), dtype=np.int32)
    about = AudienceAbout(
        origin.store_mark,
        catalog.catalog_id,
        origin.revision,
        catalog.revision,
        sum(len(segment.profiles) for segment in segments),
        origin.videos,
        tuple(table.languages),
        table.unknown_idf,
        len(segments),
    )
    with ContainerWriter(target) as writer:
        for name in ("keys", "idf", "known"):
            writer.add(f"table.{name}", getattr(table, name))
        writer.add("keys", keys[order])
        for number in range(len(segments)):
            segments.pop(0).write(writer, f"{number}.", ids)  # what is written need not be held
        writer.publish(msgspec.msgpack.encode(about))
    return about.profiles


class _Segment:
    """Profiles of a segment, weighed, before their terms are in order."""

    def __init__(self) -> None:
        self.profiles: list[Stated] = []
        self._lengths: list[Int64s] = [np.empty(0, dtype=np.int64)]
        self._phrases: list[Int64s] = [np.empty(0, dtype=np.int64)]
        self._terms: list[Int32s] = [np.empty(0, dtype=np.int32)]
        self._weights: list[Float32s] = [np.empty(0, dtype=np.float32)]

    def take(self, profiles: Sequence[Stated], readings: Readings, table: IdfTable, numbers: KeyNumbers) -> None:
        """Weigh some profiles."""
        cells = cells_of(profiles, readings)
        self._lengths.append(np.diff(cells.starts))
        self._phrases.append(cells.words - cells.starts[:-1])
        self._terms.append(numbers.number(cells.keys))
        self._weights.append(unit_cells(cells, table.idf_of(cells.keys)))
        # What they are made of is not needed any more, and takes more memory than all else.
        self.profiles += [one._replace(interests=(), derived=_NOTHING) for one in profiles]

    def write(self, writer: ContainerWriter, prefix: str, ids: Int32s) -> None:
        """Write the segment. `ids`: by the number of a term its place among all."""
        starts: Int64s = np.concatenate(([0], np.cumsum(np.concatenate(self._lengths))))
        words = starts[:-1] + np.concatenate(self._phrases)
        arrays = row_arrays(self.profiles, starts, words, ids[np.concatenate(self._terms)])
        arrays = weighted_arrays(arrays, np.concatenate(self._weights))
        self._terms, self._weights = [], []
        for name, array in {**arrays, **impact_arrays(arrays, len(ids))}.items():
            writer.add(f"{prefix}{name}", array)


def _weighable(
    profiles: Iterable[Sequence[FollowedProfile]], catalog: Catalog, revision: int
) -> Iterable[Sequence[Stated]]:
    """Yield those profiles that can be found, some at a time."""
    held: list[Stated] = []
    for some in profiles:
        for one in some:
            found = stated(one, catalog.profile_settings) if one.revision <= revision else None
            if found is not None and (found.interests or found.derived.parts):
                held.append(found)
        if len(held) >= AT_ONCE:
            yield held
            held = []
    if held:
        yield held


def _within(arrays: Any, prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
