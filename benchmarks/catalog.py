"""Synthetic catalogs as arrays on the disk: the same for the same size, on every machine.

Each video has 30 keywords of about three topics, of one or two words: about 65 terms in the two blocks. The arrays are
written chunk by chunk and mapped into memory, so that a catalog may be larger than memory.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matchcut_server.vectors.scheme import FloatArray
from matchcut_server.vectors.weighting import BLOCKS, Block

from .cache import cached, fingerprint
from .drawing import KEYWORDS, SEED, Ints, draw_keywords, draw_topics
from .vocabulary import vocabulary, vocabulary_file

SHARES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.5)
"""Of the videos, that a filter may allow."""

CONFIDENCE_STEPS = 10_000
"""A confidence is a whole number of these."""

PUBLISHED_MINUTES = 2 * 365 * 24 * 60
"""Videos are published evenly over so long a time."""

_CHUNK = 10_000
"""Videos of one random stream: a small catalog is the beginning of a large one."""

_SOURCES = ("catalog.py", "drawing.py", "vectors/weighting.py")

Array = NDArray[Any]


@dataclass(frozen=True)
class Rows:
    """One block of the tf vectors of all videos, row by row: terms by their place in the `Vocabulary`, ascending."""

    starts: NDArray[np.int64]
    terms: NDArray[np.int32]
    frequencies: NDArray[np.float32]


@dataclass(frozen=True)
class Catalog:
    """Videos as arrays of one row a video, mapped from files."""

    keywords: NDArray[np.int32]
    """Ids, `KEYWORDS` different ones a video."""
    confidence: NDArray[np.uint16]
    """In `CONFIDENCE_STEPS`, one for each keyword."""
    milliseconds: NDArray[np.int32]
    """On screen, one for each keyword."""
    duration: NDArray[np.int32]
    """In milliseconds."""
    shares: NDArray[np.uint8]
    """How many of the `SHARES`, the largest ones, hold the video."""
    published: NDArray[np.int32]
    """In minutes after the first."""
    blocks: dict[Block, Rows]

    def __len__(self) -> int:
        return len(self.duration)


@cache
def catalog(size: int) -> Catalog:
    """Return the catalog of this many videos."""
    # By what the vocabulary holds, not by what made it: writing that in another way leaves the videos the same.
    version = fingerprint(*_SOURCES, str(vocabulary_file()))
    folder = cached(f"videos-{size}", version, lambda path: _write(size, path))
    columns = {name: _mapped(folder, name) for name in _COLUMNS}
    blocks = {block: Rows(*(_mapped(folder, f"{block}_{part}") for part in _PARTS)) for block in BLOCKS}
    return Catalog(**columns, blocks=blocks)


def draw_seen(random: np.random.Generator, shape: tuple[int, int]) -> tuple[Ints, Ints]:
    """Draw confidences, in steps, and milliseconds on screen."""
    # As in real documents, nearly half of the confidences are the same.
    given = np.round(random.uniform(0.7, 1.0, shape), 4)
    confidence = np.rint(np.where(random.random(shape) < 0.45, 0.6211, given) * CONFIDENCE_STEPS).astype(np.int64)
    return confidence, np.round(random.lognormal(8.6, 0.7, shape)).astype(np.int64).clip(400, 60_000)


def term_frequencies(confidence: Array, milliseconds: Array) -> NDArray[np.float32]:
    """Return confidence · ln(1 + seconds), the default scheme, elementwise."""
    sure: FloatArray = np.divide(confidence, CONFIDENCE_STEPS, dtype=np.float64)
    return (sure * np.log1p(np.divide(milliseconds, 1000, dtype=np.float64))).astype(np.float32)


def term_rows(block: Block, keywords: Array, frequencies: NDArray[np.float32]) -> Rows:
    """Turn keywords into terms, each with the maximum tf over the keywords that hold it, as `vectorise` does."""
    terms_of = _terms_of(block)
    flat = keywords.ravel()
    times = terms_of.counts[flat]
    offsets = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    terms = terms_of.terms[np.repeat(terms_of.first[flat], times) + offsets]
    row = np.repeat(np.arange(len(flat)) // keywords.shape[1], times)
    key = row * terms_of.different + terms
    order = np.argsort(key, kind="stable")
    key = key[order]
    begins = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    maxima = np.maximum.reduceat(np.repeat(frequencies.ravel(), times)[order], begins)
    rows, terms = np.divmod(key[begins], terms_of.different)
    starts = np.searchsorted(rows, np.arange(len(keywords) + 1))
    return Rows(starts, terms.astype(np.int32), maxima)


@dataclass(frozen=True)
class _TermsOf:
    """The terms of each keyword in one block: `counts[i]` of `terms` from `first[i]`."""

    terms: Ints
    first: Ints
    counts: Ints
    different: int


@cache
def _terms_of(block: Block) -> _TermsOf:
    known = vocabulary()
    ids = {name: i for i, name in enumerate(known.names[block])}
    terms_of = [[ids[one.phrase]] if block == "phrases" else [ids[word] for word in one.words] for one in known.terms]
    counts = np.array([len(own) for own in terms_of])
    every = np.array([term for own in terms_of for term in own])
    return _TermsOf(every, np.cumsum(counts) - counts, counts, len(ids))


# --- on the disk -----------------------------------------------------------------------------------------------------

_COLUMNS: dict[str, tuple[type[np.generic], int]] = {
    "keywords": (np.int32, KEYWORDS),
    "confidence": (np.uint16, KEYWORDS),
    "milliseconds": (np.int32, KEYWORDS),
    "duration": (np.int32, 1),
    "shares": (np.uint8, 1),
    "published": (np.int32, 1),
}
_PARTS: dict[str, type[np.generic]] = {"starts": np.int64, "terms": np.int32, "frequencies": np.float32}


class _GrowingArray:
    """A .npy file that is written from its start to its end, of rows of `width` numbers; of 1: just numbers."""

    def __init__(self, path: Path, dtype: type[np.generic], width: int = 1) -> None:
        self._file = path.open("wb")
        self._dtype = np.dtype(dtype)
        self._row = () if width == 1 else (width,)
        self._length = 0
        self._write_head()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.seek(0)
        self._write_head()  # as long as the first: the format leaves room for the length
        self._file.close()

    def append(self, values: Array) -> None:
        """Write more rows."""
        assert values.shape[1:] == self._row
        self._file.write(np.ascontiguousarray(values, dtype=self._dtype).data)
        self._length += len(values)

    def _write_head(self) -> None:
        head = {"descr": self._dtype.str, "fortran_order": False, "shape": (self._length, *self._row)}
        np.lib.format.write_array_header_1_0(self._file, head)


def _mapped(folder: Path, name: str) -> Array:
    # As a plain array: a slice of numpy's class for maps takes several times as long.
    return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))


def _write(size: int, folder: Path) -> None:
    folder.mkdir()
    with ExitStack() as files:

        def made(name: str, dtype: type[np.generic], width: int = 1) -> _GrowingArray:
            return files.enter_context(_GrowingArray(folder / f"{name}.npy", dtype, width))

        columns = {name: made(name, *kind) for name, kind in _COLUMNS.items()}
        blocks = {block: {part: made(f"{block}_{part}", dtype) for part, dtype in _PARTS.items()} for block in BLOCKS}
        ends = dict.fromkeys(BLOCKS, 0)
        for block in BLOCKS:
            blocks[block]["starts"].append(np.zeros(1))
        for drawn in _chunks(size):
            for name, values in drawn.items():
                columns[name].append(values)
            frequencies = term_frequencies(drawn["confidence"], drawn["milliseconds"])
            for block in BLOCKS:
                rows = term_rows(block, drawn["keywords"], frequencies)
                blocks[block]["starts"].append(rows.starts[1:] + ends[block])
                blocks[block]["terms"].append(rows.terms)
                blocks[block]["frequencies"].append(rows.frequencies)
                ends[block] += len(rows.terms)


def _chunks(size: int) -> Iterator[dict[str, Array]]:
    """Draw the columns of all videos, a chunk at a time."""
    for number, first in enumerate(range(0, size, _CHUNK)):
        random = np.random.default_rng([SEED, 2, number])
        keywords = draw_keywords(random, draw_topics(random, _CHUNK, 3))
        confidence, milliseconds = draw_seen(random, keywords.shape)
        duration = random.integers(4 * 60_000, 40 * 60_000, _CHUNK)
        random = np.random.default_rng([SEED, 3, number])
        luck = random.random(_CHUNK)
        columns: Sequence[Array] = (
            keywords,
            confidence,
            milliseconds,
            duration,
            len(SHARES) - np.searchsorted(SHARES, luck, side="right"),
            random.integers(0, PUBLISHED_MINUTES, _CHUNK),
        )
        yield {name: values[: size - first] for name, values in zip(_COLUMNS, columns, strict=True)}
