"""Generations: immutable builds of a catalog's index in files that all processes of a machine map.

A generation keeps the IDF it was weighted with. What has changed since stands beside it (see `layered`).
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from ..vectors.video import VideoFacts
from .arrays import Bytes, Float64s, Impacts, Int32s, Int64s, Rows, Scales
from .container import Container, DamagedFile
from .filter import Filter
from .identifiers import Identifiers
from .openness import OpenRows, Surplus, Timely, by_row, by_video, several_rows
from .port import Statistics
from .terms import Keys, find_keys

MASKS = 16
"""Filters of which a segment remembers whom they allow: a byte a row each."""


class About(Struct, frozen=True):
    """What a generation is of."""

    store_mark: bytes
    """Of the store it was built from."""
    catalog_id: int
    revision: int
    """Of the store: all changes up to it are in."""
    statistics: Statistics
    languages: tuple[str, ...]
    """Of all keyword sets, ascending; rows name theirs by place."""
    unknown_idf: float
    """Of terms with df = 0."""
    segments: int


class Record(Struct, frozen=True, array_like=True):
    """What is kept of a video beside its vectors."""

    duration: float
    published_time: float | None
    expire_time: float | None
    attributes: dict[str, tuple[str, ...]]
    counts: tuple[int, ...]
    """The sums of `Statistics` that a single video has, in the order of `COUNTED`."""
    languages: tuple[str, ...]
    title: str
    revision: int


COUNTED = (
    "videos_without_keywords",
    "keyword_sets",
    "keywords",
    "on_screen_seconds",
    "on_screen_ticks",
    "defaulted_confidences",
    "defaulted_durations",
    "summarized_keyword_sets",
)

_decode_record = msgspec.msgpack.Decoder(Record).decode


def attribute_key(name: str, value: str | None) -> int:
    """Return what stands for a value of an attribute, or for any value of it, in a segment."""
    return xxh3_64_intdigest(msgspec.msgpack.encode((name, value)))


class GenerationSegment:
    """Some of the videos of a generation, by id; see `hits.Rowed` and `columns.Columns`."""

    rank = None  # positions are in the order of ids

    def __init__(self, arrays: Mapping[str, NDArray[Any]], languages: Sequence[str]) -> None:
        self.languages = languages
        bounds, entries, scales = arrays["rows.bounds"], arrays["rows.entries"], arrays["scales"]
        self.rows = Rows(
            bounds[:, 0], bounds[:-1, 1], entries[:, 0], entries.view(np.float32)[:, 1], arrays["rows.videos"]
        )
        self.scales = Scales(scales[:, 0], scales[:, 1])
        self.impacts = Impacts(*(arrays[f"impacts.{name}"] for name in Impacts._fields))
        self.first_rows: Int64s = arrays["first_rows"]
        self.surplus = Surplus(np.diff(self.first_rows))
        self.duration: Float64s = arrays["duration"]
        self.published: Float64s = arrays["published"]
        self.expire: Float64s = arrays["expire"]
        self.ids = Identifiers(arrays["ids.text"], arrays["ids.starts"])
        self._row_languages: NDArray[np.uint16] = arrays["row_languages"]
        self._records = Identifiers(arrays["records.text"], arrays["records.starts"])
        self._language_starts: Int64s = arrays["languages.starts"]
        self._language_videos: Int32s = arrays["languages.videos"]
        self._attribute_keys: Keys = arrays["attributes.keys"]
        self._attribute_starts: Int64s = arrays["attributes.starts"]
        self._attribute_videos: Int32s = arrays["attributes.videos"]
        self._masks: OrderedDict[Filter, Bytes] = OrderedDict()
        self._masks_lock = threading.Lock()
        self._timely = Timely(self.published, self.expire)
        self._videos = several_rows(self.rows.videos, len(self.ids))

    def __len__(self) -> int:
        return len(self.ids)

    def video_id(self, position: int) -> str:
        """Return the id of a video."""
        return self.ids[position]

    def language(self, row: int) -> str:
        """Return the language of a row."""
        return self.languages[int(self._row_languages[row])]

    def has_rows(self, position: int) -> bool:
        """Tell whether a video has any keyword that can match."""
        return bool(self.first_rows[position] < self.first_rows[position + 1])

    def facts(self, position: int) -> VideoFacts:
        """Return what is known of a video beside its keywords."""
        r = self._record(position)
        return VideoFacts(
            self.ids[position],
            r.duration,
            r.published_time,
            r.expire_time,
            r.attributes,
            r.languages,
            r.title,
            r.revision,
        )

    def counts(self, position: int) -> Statistics:
        """Return what a video counts for."""
        record = self._record(position)
        own = dict(zip(COUNTED, record.counts, strict=True))
        return Statistics(videos=1, languages=dict.fromkeys(record.languages, 1), **own)

    def rows_with(self, term: int) -> Int32s:
        """Return the rows that have a term, in the order of their impacts."""
        layers, starts = self.impacts.layers, self.impacts.starts
        return self.impacts.rows[starts[layers[term]] : starts[layers[term + 1]]]

    def rows_of(self, video: int) -> range:
        """Return the rows of a video."""
        return range(self.first_rows[video], self.first_rows[video + 1])

    def terms_of(self, video: int) -> list[Int32s]:
        """Return the terms of each row of a video."""
        return [self.rows.terms[self.rows.starts[row] : self.rows.starts[row + 1]] for row in self.rows_of(video)]

    def open_rows(self, alive: Bytes) -> OpenRows:
        """Tell which rows may be returned. `alive`: 1 for each video that is still there."""
        return OpenRows(self._timely, alive, self._videos)

    def by_video(self, by_row: Bytes) -> Bytes:
        """Tell of each video whether it is told of any of its rows."""
        return by_video(by_row, self._videos, len(self))

    def allowed_rows(self, allowed: Filter) -> Bytes:
        """Return 1 for each row whose video a filter allows; remembered for the filters that were asked last."""
        # An OrderedDict breaks when threads change it while it compares keys, and comparing filters takes Python code.
        with self._masks_lock:
            mask = self._masks.pop(allowed, None)
            if mask is not None:
                self._masks[allowed] = mask
                return mask
        mask = by_row(allowed.mask(self).view(np.uint8), self._videos)
        with self._masks_lock:
            self._masks[allowed] = mask
            while len(self._masks) > MASKS:
                self._masks.popitem(last=False)
        return mask

    def with_language(self, language: str) -> Int32s:
        """See `columns.Columns`."""
        at = self.languages.index(language)
        return self._language_videos[self._language_starts[at] : self._language_starts[at + 1]]

    def with_attribute(self, name: str, value: str | None) -> Int32s:
        """See `columns.Columns`."""
        [at] = find_keys(self._attribute_keys, np.array([attribute_key(name, value)], dtype=np.uint64))
        if at < 0:
            return np.empty(0, dtype=np.int32)
        return self._attribute_videos[self._attribute_starts[at] : self._attribute_starts[at + 1]]

    def find(self, video_ids: Collection[str]) -> Int64s:
        """See `columns.Columns`."""
        return self.ids.find_all(video_ids)

    def _record(self, position: int) -> Record:
        starts = self._records.starts
        return _decode_record(self._records.text[starts[position] : starts[position + 1]].tobytes())


class Generation:
    """A generation, mapped from its file. Raises `DamagedFile`, and `OSError` if the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        container = Container(path)
        try:
            self.about = msgspec.msgpack.decode(container.about, type=About)
            self.keys: Keys = container.arrays["keys"]
            """Of all terms, ascending; ids are places here."""
            self.idf: Float64s = container.arrays["idf"]
            self.frequencies: Int32s = container.arrays["frequencies"]
            """Keyword sets that have each term."""
            self.words: NDArray[np.uint8] = container.arrays["words"]
            """1 for word terms."""
            self.segments = [
                GenerationSegment(_within(container.arrays, f"{i}."), self.about.languages)
                for i in range(self.about.segments)
            ]
        except (msgspec.DecodeError, KeyError) as error:
            raise DamagedFile(f"it is not a generation: {error}") from error

    def __len__(self) -> int:
        return self.about.statistics.videos

    def find(self, keys: Keys) -> Int64s:
        """Return the ids of terms, -1 for unknown ones."""
        return find_keys(self.keys, keys)

    def idf_of(self, keys: Keys) -> Float64s:
        """Return the IDF of terms, that of df = 0 for unknown ones."""
        found = self.find(keys)
        if not len(self.idf):
            return np.full(len(keys), self.about.unknown_idf)
        return np.where(found >= 0, self.idf[found], self.about.unknown_idf)

    def place(self, video_id: str) -> tuple[int, int] | None:
        """Return the number of the segment and the position there of a video; None if it is not in the generation."""
        for number, segment in enumerate(self.segments):
            position = segment.ids.find(video_id)
            if position >= 0:
                return number, position
        return None


def read_about(path: Path) -> About:
    """Tell what a generation is of without checking all of it. Raises `DamagedFile` and `OSError`."""
    try:
        return msgspec.msgpack.decode(Container(path, only_about=True).about, type=About)
    except msgspec.DecodeError as error:
        raise DamagedFile(f"it is not a generation: {error}") from error


def _within(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
