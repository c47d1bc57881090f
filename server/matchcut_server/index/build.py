"""Building generations: from videos in the order of their ids to a file.

Terms are numbered as they come, and all rows are kept in memory until the IDF is known: about 8 bytes for each term of
each row, half a kilobyte for a video of 65 terms. Then segment after segment is weighted, turned and written.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..vectors.keyword_vector import TermBlock
from ..vectors.video import IndexedVideo
from ..vectors.weighting import inverse_document_frequency
from .arrays import Bytes, Float32s, Float64s, Int32s, Int64s, Rows
from .container import ContainerWriter
from .generation import COUNTED, About, Record, attribute_key
from .identifiers import packed
from .layering import layered
from .scoring import scales_of
from .tally import Tally, count
from .terms import KeyNumbers, Keys

SEGMENT_VIDEOS = 1 << 20
"""Videos of a segment at most."""


def build(
    videos: Iterable[Sequence[IndexedVideo]],
    catalog_id: int,
    revision: int,
    store_mark: bytes,
    target: Path,
    segment_videos: int = SEGMENT_VIDEOS,
) -> int:
    """Write a generation of `videos`, which come in the order of their ids, to the file `target`; return their number.

    `revision`: up to which all changes of the catalog are in. `store_mark`: of the store they come from.
    """
    terms = _Terms()
    tally = Tally()
    languages: dict[str, int] = {}
    segments = [_read(some, terms, tally, languages) for some in _cut(videos, segment_videos)]
    order = np.argsort(terms.keys)
    ids = np.empty(len(order), dtype=np.int32)
    ids[order] = np.arange(len(order), dtype=np.int32)
    frequencies = np.zeros(len(order), dtype=np.int32)
    for segment in segments:
        segment.terms = ids[segment.terms]
        frequencies += np.bincount(segment.terms, minlength=len(order)).astype(np.int32)
    idf = inverse_document_frequency(frequencies.astype(np.int64), tally.keyword_sets)
    words = terms.words[order]
    about = About(
        store_mark,
        catalog_id,
        revision,
        tally.statistics().with_terms(int(np.count_nonzero(words == 0)), int(np.count_nonzero(words))),
        tuple(sorted(languages)),
        float(inverse_document_frequency(0, tally.keyword_sets)),
        len(segments),
    )
    numbers = {number: about.languages.index(language) for language, number in languages.items()}
    rank = np.array([numbers[number] for number in range(len(numbers))], dtype=np.uint16)
    with ContainerWriter(target) as writer:
        writer.add("keys", terms.keys[order])
        writer.add("idf", idf)
        writer.add("frequencies", frequencies)
        writer.add("words", words)
        for number in range(len(segments)):
            _write(segments.pop(0), writer, f"{number}.", idf, rank)  # what is written need not be held
        writer.publish(msgspec.msgpack.encode(about))
    return about.statistics.videos


class _Terms:
    """All terms so far, numbered as they came."""

    def __init__(self) -> None:
        self._numbers = KeyNumbers()
        self._words = np.zeros(1 << 16, dtype=np.uint8)

    @property
    def keys(self) -> Keys:
        return self._numbers.keys()

    @property
    def words(self) -> Bytes:
        return self._words[: len(self._numbers)]

    def number(self, keys: Keys, words: Bytes) -> Int32s:
        """Return the numbers of terms. `words`: 1 for word terms."""
        numbers = self._numbers.number(keys)
        while len(self._numbers) > len(self._words):
            self._words = np.concatenate((self._words, np.zeros_like(self._words)))
        self._words[numbers[words == 1]] = 1
        return numbers


@dataclass(slots=True)
class _Segment:
    """The videos of a segment before they are weighted."""

    ids: list[bytes]
    records: list[bytes]
    facts: list[tuple[float, float, float]]
    """Duration, published and expire time."""
    row_counts: list[int]
    row_languages: list[int]
    lengths: list[int]
    """Terms of each row."""
    phrases: list[int]
    """Phrase terms of each row."""
    terms: Int32s
    frequencies: Float32s
    languages: dict[int, list[int]]
    """Positions of the videos that have a keyword set in each language, by its number."""
    attributes: dict[int, list[int]]
    """Positions of the videos that have each value of an attribute, or any, by `attribute_key`."""


def _cut(videos: Iterable[Sequence[IndexedVideo]], size: int) -> Iterator[Iterator[Sequence[IndexedVideo]]]:
    """Cut lists of videos into segments; each must be read to its end before the next is asked for."""
    lists = (some for some in videos if some)
    rest: Sequence[IndexedVideo] = ()

    def segment() -> Iterator[Sequence[IndexedVideo]]:
        nonlocal rest
        left = size
        while left:
            rest = rest or next(lists, ())
            if not rest:
                return
            some, rest = rest[:left], rest[left:]
            left -= len(some)
            yield some

    while True:
        rest = rest or next(lists, ())
        if not rest:
            return
        yield segment()


def _read(videos: Iterable[Sequence[IndexedVideo]], terms: _Terms, tally: Tally, languages: dict[str, int]) -> _Segment:
    segment = _Segment([], [], [], [], [], [], [], _NO_TERMS, _NO_FREQUENCIES, {}, {})
    numbers, frequencies = [_NO_TERMS], [_NO_FREQUENCIES]
    for some in videos:
        blocks: list[TermBlock] = []
        for video in some:
            _read_facts(video, segment, tally, languages)
            rows = [vector for vector in video.vectors if not vector.is_empty]
            segment.row_counts.append(len(rows))
            for vector in rows:
                segment.row_languages.append(languages[vector.language])
                segment.lengths.append(len(vector.phrases.keys) + len(vector.words.keys))
                segment.phrases.append(len(vector.phrases.keys))
                blocks += (vector.phrases, vector.words)
        if blocks:
            lengths = [len(block.keys) for block in blocks]
            words = np.repeat(np.tile(np.array([0, 1], dtype=np.uint8), len(blocks) // 2), lengths)
            numbers.append(terms.number(np.concatenate([block.keys for block in blocks]), words))
            frequencies.append(np.concatenate([block.frequencies for block in blocks]))
    segment.terms = np.concatenate(numbers)
    segment.frequencies = np.concatenate(frequencies)
    return segment


def _read_facts(video: IndexedVideo, segment: _Segment, tally: Tally, languages: dict[str, int]) -> None:
    facts, position = video.facts, len(segment.ids)
    own = count(video)
    tally.change(own, 1)
    segment.ids.append(facts.video_id.encode())
    attributes = {name: tuple(values) for name, values in facts.attributes.items()}
    record = Record(
        facts.duration,
        facts.published_time,
        facts.expire_time,
        attributes,
        tuple(getattr(own, name) for name in COUNTED),
        tuple(sorted(own.languages)),
        facts.title,
        facts.revision,
    )
    segment.records.append(_encode(record))
    published = -np.inf if facts.published_time is None else facts.published_time
    segment.facts.append((facts.duration, published, np.inf if facts.expire_time is None else facts.expire_time))
    for language in own.languages:
        segment.languages.setdefault(languages.setdefault(language, len(languages)), []).append(position)
    for name, values in attributes.items():
        if values:
            segment.attributes.setdefault(attribute_key(name, None), []).append(position)
        for value in values:
            segment.attributes.setdefault(attribute_key(name, value), []).append(position)


def _write(segment: _Segment, writer: ContainerWriter, prefix: str, idf: Float64s, rank: NDArray[np.uint16]) -> None:
    """Weigh a segment and write it. `rank`: the place of each language, by its number, among all by name."""
    starts: Int64s = np.concatenate(([0], np.cumsum(np.array(segment.lengths, dtype=np.int64))))
    row_counts = np.array(segment.row_counts, dtype=np.int64)
    row_videos = np.repeat(np.arange(len(row_counts), dtype=np.int32), row_counts)
    words = starts[:-1] + np.array(segment.phrases, dtype=np.int64)
    rows = Rows(starts, words, segment.terms, segment.frequencies, row_videos)
    scales = scales_of(rows, idf)
    impacts = layered(rows, scales, idf)
    # What is read together lies together: scoring a row touches three places of memory and not seven.
    writer.add(f"{prefix}rows.bounds", np.stack((rows.starts, np.append(rows.words, starts[-1])), axis=1))
    writer.add(f"{prefix}rows.entries", np.stack((rows.terms, rows.frequencies.view(np.int32)), axis=1))
    writer.add(f"{prefix}rows.videos", rows.videos)
    writer.add(f"{prefix}scales", np.stack(scales, axis=1))
    for field, array in impacts._asdict().items():
        writer.add(f"{prefix}impacts.{field}", array)
    writer.add(f"{prefix}first_rows", np.concatenate(([0], np.cumsum(row_counts))))
    writer.add(f"{prefix}row_languages", rank[np.array(segment.row_languages, dtype=np.int64)])
    facts = np.array(segment.facts, dtype=np.float64)
    for number, field in enumerate(("duration", "published", "expire")):
        writer.add(f"{prefix}{field}", np.ascontiguousarray(facts[:, number]))
    for field, texts in (("ids", segment.ids), ("records", segment.records)):
        text, text_starts = packed(texts)
        writer.add(f"{prefix}{field}.text", text)
        writer.add(f"{prefix}{field}.starts", text_starts)
    of_language = [segment.languages.get(int(number), []) for number in np.argsort(rank)]
    _write_positions(writer, f"{prefix}languages", of_language)
    keys = sorted(segment.attributes)
    writer.add(f"{prefix}attributes.keys", np.array(keys, dtype=np.uint64))
    _write_positions(writer, f"{prefix}attributes", [segment.attributes[key] for key in keys])


def _write_positions(writer: ContainerWriter, name: str, groups: Sequence[Sequence[int]]) -> None:
    writer.add(f"{name}.starts", np.concatenate(([0], np.cumsum([len(group) for group in groups], dtype=np.int64))))
    writer.add(f"{name}.videos", np.array([position for group in groups for position in group], dtype=np.int32))


_encode = msgspec.msgpack.Encoder().encode
_NO_TERMS = np.empty(0, dtype=np.int32)
_NO_FREQUENCIES = np.empty(0, dtype=np.float32)
