"""Synthetic catalogs: the same for the same size, on every machine.

Each video has 30 keywords, Video Indexer's usual cap, of one or two words: about 65 terms in the two blocks. How often
a keyword occurs falls with its rank (Zipf-Mandelbrot), in the catalog as within each of 500 topics. A video is about
three topics, a profile of 30 interests about four, so that its interests occur together in videos.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.keyword_vector import TICKS_PER_SECOND, KeywordVector, SetCounts, TermBlock
from matchcut_server.vectors.profile import Interest
from matchcut_server.vectors.terms import Terms, keyword_terms, stemmer_name
from matchcut_server.vectors.video import IndexedVideo, VideoFacts
from matchcut_server.vectors.weighting import BLOCKS, Block

from .cache import cached, fingerprint

LANGUAGE = "en-US"
KEYWORDS = 30
"""In a video, and interests in a profile."""

TOPICS = 500
VOCABULARY = 200_000

_SOURCES = ("synthetic.py", "vectors/terms.py", "vectors/scheme.py", "insights/text.py")
"""What the catalogs are made with."""

_SEED = 20_261_122
_CHUNK = 10_000
"""Videos of one random stream: a small catalog is the beginning of a large one."""
_DRAWS = 48
"""Keywords drawn for a video, some of them twice, until `KEYWORDS` different ones are found."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True)
class Vocabulary:
    """Keywords, by id, with their terms.

    `names`: the different terms of each block in ascending order; `keys`: the key of each of them.
    """

    texts: list[str]
    terms: list[Terms]
    names: dict[Block, list[str]]
    keys: dict[Block, NDArray[np.uint64]]


@dataclass(frozen=True)
class Rows:
    """One block of the tf vectors of all videos, row by row: terms by their place in `Vocabulary.names`, ascending."""

    starts: Ints
    terms: Ints
    frequencies: NDArray[np.float32]


@dataclass(frozen=True)
class Catalog:
    """Videos as arrays of one row a video: `keywords` are ids, `milliseconds` on screen, `duration` in milliseconds."""

    keywords: Ints
    confidence: Floats
    milliseconds: Ints
    duration: Ints
    blocks: dict[Block, Rows]

    def __len__(self) -> int:
        return len(self.duration)


def video_id(number: int) -> str:
    """Name a video by its place in the catalog."""
    return f"video{number:07d}"


@cache
def vocabulary() -> Vocabulary:
    """Return the keywords of all catalogs."""
    path = cached("vocabulary", fingerprint(*_SOURCES), _write_vocabulary)
    texts, terms = msgspec.msgpack.decode(path.read_bytes(), type=tuple[list[str], list[Terms]])
    names: dict[Block, list[str]] = {
        "phrases": sorted({one.phrase for one in terms}),
        "words": sorted({word for one in terms for word in one.words}),
    }
    keys = {block: np.array([term_key(block, name) for name in names[block]], dtype=np.uint64) for block in BLOCKS}
    return Vocabulary(texts, terms, names, keys)


@cache
def catalog(size: int) -> Catalog:
    """Return the catalog of this many videos."""
    path = cached(
        f"catalog-{size}",
        fingerprint(*_SOURCES),
        lambda path: _write_catalog(size, path),
    )
    with np.load(path) as arrays:
        blocks = {
            block: Rows(arrays[f"{block}_starts"], arrays[f"{block}_terms"], arrays[f"{block}_frequencies"])
            for block in BLOCKS
        }
        return Catalog(arrays["keywords"], arrays["confidence"], arrays["milliseconds"], arrays["duration"], blocks)


def profiles(count: int) -> list[list[Interest]]:
    """Return so many profiles, each of 30 interests of weights from 0.2 to 1."""
    random = np.random.default_rng([_SEED, 1])
    keywords = _draw_keywords(random, count, topics=4)
    weights = np.round(random.uniform(0.2, 1.0, keywords.shape), 2)
    texts = vocabulary().texts
    return [
        [Interest(texts[keyword], weight, LANGUAGE) for keyword, weight in zip(own, of_own, strict=True)]
        for own, of_own in zip(keywords.tolist(), weights.tolist(), strict=True)
    ]


def indexed_videos(size: int, start: int = 0, stop: int | None = None) -> Iterator[IndexedVideo]:
    """Yield videos of a catalog as the store's feed does."""
    whole = catalog(size)
    keys = vocabulary().keys
    ticks = whole.milliseconds.sum(axis=1) * (TICKS_PER_SECOND // 1000)
    for number in range(start, size if stop is None else stop):
        blocks = {block: _term_block(whole.blocks[block], keys[block], number) for block in BLOCKS}
        vector = KeywordVector(
            LANGUAGE, False, blocks["phrases"], blocks["words"], SetCounts(KEYWORDS, int(ticks[number]))
        )
        facts = VideoFacts(video_id(number), float(whole.duration[number]) / 1000, languages=(LANGUAGE,))
        yield IndexedVideo(facts, (vector,), number + 1)


def videos(size: int) -> Iterator[Video]:
    """Yield videos of a catalog as an import makes them, each keyword with one instance."""
    whole = catalog(size)
    texts = vocabulary().texts
    columns = zip(
        whole.keywords.tolist(),
        whole.confidence.tolist(),
        (whole.milliseconds / 1000).tolist(),
        (whole.duration / 1000).tolist(),
        strict=True,
    )
    for number, (keywords, confidence, seconds, duration) in enumerate(columns):
        found = tuple(
            Keyword(texts[keyword], sure, (Instance(0.0, shown),))
            for keyword, sure, shown in zip(keywords, confidence, seconds, strict=True)
        )
        yield Video(video_id(number), duration=duration, keyword_sets=(KeywordSet(LANGUAGE, found),))


def _term_block(rows: Rows, keys: NDArray[np.uint64], number: int) -> TermBlock:
    start, end = rows.starts[number], rows.starts[number + 1]
    own = keys[rows.terms[start:end]]
    order = np.argsort(own)
    return TermBlock(own[order], rows.frequencies[start:end][order])


def _write_vocabulary(path: Path) -> None:
    random = np.random.default_rng([_SEED, 0])
    ids = np.arange(VOCABULARY)
    single = _is_single(ids)
    texts = dict(zip(ids[single].tolist(), _words(random, int(single.sum())), strict=True))
    taken = set(texts.values())
    left = ids[~single]
    while len(left):  # pairs of words; one that is taken is drawn again
        common = _zipf(random, (len(left), 2), VOCABULARY - 2 * TOPICS, shift=20)
        special = _zipf(random, (len(left), 2), VOCABULARY // TOPICS - 2, shift=2) * TOPICS + left[:, None] % TOPICS
        pairs = _next_single(np.where(random.random((len(left), 2)) < 0.5, common, special))
        for keyword, (first, second) in zip(left.tolist(), pairs.tolist(), strict=True):
            text = f"{texts[first]} {texts[second]}"
            if first != second and text not in taken:
                texts[keyword] = text
                taken.add(text)
        left = np.array([keyword for keyword in left.tolist() if keyword not in texts], dtype=np.int64)
    ordered = [texts[keyword] for keyword in ids.tolist()]
    stemmer = stemmer_name(LANGUAGE)
    path.write_bytes(msgspec.msgpack.encode((ordered, [keyword_terms(text, stemmer) for text in ordered])))


def _is_single(keywords: Ints) -> NDArray[np.bool_]:
    """Tell which keywords are one word: four of five in every topic. The others are pairs of such words."""
    return (keywords // TOPICS + keywords % TOPICS) % 5 < 4


def _next_single(keywords: Ints) -> Ints:
    """Replace keywords of two words by the next one of the topic that is one word."""
    place = (keywords // TOPICS + keywords % TOPICS) % 5
    following: Ints = keywords + np.where(place < 4, 0, TOPICS)
    return following


def _words(random: Random, count: int) -> list[str]:
    syllables = ["".join(pair) for pair in product("bdfgklmnprstvz", "aeiou")]
    words: dict[str, None] = {}  # different ones, in the order they were drawn
    while len(words) < count:
        drawn = random.integers(0, len(syllables), (count, 4)).tolist()
        lengths = random.integers(2, 5, count).tolist()
        ends = random.choice(list("dklmnrstxz"), count).tolist()
        words |= dict.fromkeys(
            "".join(syllables[i] for i in own[:length]) + end
            for own, length, end in zip(drawn, lengths, ends, strict=True)
        )
    return list(words)[:count]


def _write_catalog(size: int, path: Path) -> None:
    chunks = [_chunk(number, min(_CHUNK, size - first)) for number, first in enumerate(range(0, size, _CHUNK))]
    keywords, confidence, milliseconds, duration = (np.concatenate(parts) for parts in zip(*chunks, strict=True))
    arrays = {"keywords": keywords, "confidence": confidence, "milliseconds": milliseconds, "duration": duration}
    frequencies = (confidence * np.log1p(milliseconds / 1000)).astype(np.float32)
    for block in BLOCKS:
        rows = _rows(block, keywords, frequencies)
        arrays |= {f"{block}_starts": rows.starts, f"{block}_terms": rows.terms}
        arrays[f"{block}_frequencies"] = rows.frequencies
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _chunk(number: int, count: int) -> tuple[Ints, Floats, Ints, Ints]:
    """Draw keywords, confidences, and milliseconds on screen, and the duration, of the videos of one random stream."""
    random = np.random.default_rng([_SEED, 2, number])
    keywords = _draw_keywords(random, _CHUNK, topics=3)
    # As in real documents, nearly half of the confidences are the same.
    given = np.round(random.uniform(0.7, 1.0, keywords.shape), 4)
    confidence = np.where(random.random(keywords.shape) < 0.45, 0.6211, given)
    milliseconds = np.round(random.lognormal(8.6, 0.7, keywords.shape)).astype(np.int64).clip(400, 60_000)
    duration = random.integers(4 * 60_000, 40 * 60_000, _CHUNK)
    return keywords[:count], confidence[:count], milliseconds[:count], duration[:count]


def _draw_keywords(random: Random, count: int, topics: int) -> Ints:
    """Draw `KEYWORDS` different keywords for each of `count` videos or profiles of some topics."""
    shape = (count, _DRAWS)
    about = _zipf(random, (count, topics), TOPICS, shift=5)
    topic = np.take_along_axis(about, random.integers(0, topics, shape), axis=1)
    special = _zipf(random, shape, VOCABULARY // TOPICS, shift=0) * TOPICS + topic
    drawn = np.where(random.random(shape) < 0.5, _zipf(random, shape, VOCABULARY, shift=2), special)
    order = np.argsort(drawn, axis=1, kind="stable")
    ascending = np.take_along_axis(drawn, order, axis=1)
    again = np.zeros(shape, dtype=bool)
    np.put_along_axis(again, order[:, 1:], ascending[:, 1:] == ascending[:, :-1], axis=1)
    # Different ones first, in the order they were drawn; in the rare row that has too few, whatever is next to be had.
    found = np.take_along_axis(drawn, np.argsort(again, axis=1, kind="stable"), axis=1)[:, :KEYWORDS]
    for row in np.flatnonzero((~again).sum(axis=1) < KEYWORDS).tolist():
        different = list(dict.fromkeys([*found[row].tolist(), *range(KEYWORDS)]))
        found[row] = different[:KEYWORDS]
    return found


def _zipf(random: Random, shape: tuple[int, ...], ranks: int, shift: float) -> Ints:
    """Draw ranks from 0 with probabilities in proportion to 1 / (rank + 1 + shift)."""
    bounds = np.cumsum(1.0 / (np.arange(ranks) + 1.0 + shift))
    drawn: Ints = np.searchsorted(bounds, random.random(shape) * bounds[-1]).clip(0, ranks - 1)
    return drawn


def _rows(block: Block, keywords: Ints, frequencies: NDArray[np.float32]) -> Rows:
    """Turn keywords into terms, each with the maximum tf over the keywords that hold it, as `vectorise` does."""
    known = vocabulary()
    ids = {name: i for i, name in enumerate(known.names[block])}
    terms_of = [[ids[one.phrase]] if block == "phrases" else [ids[word] for word in one.words] for one in known.terms]
    lengths = np.array([len(own) for own in terms_of])
    first = np.cumsum(lengths) - lengths
    every = np.array([term for own in terms_of for term in own])
    flat = keywords.ravel()
    times = lengths[flat]
    offsets = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    terms = every[np.repeat(first[flat], times) + offsets]
    row = np.repeat(np.arange(len(flat)) // keywords.shape[1], times)
    key = row * len(ids) + terms
    order = np.argsort(key, kind="stable")
    key = key[order]
    begins = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    maxima = np.maximum.reduceat(np.repeat(frequencies.ravel(), times)[order], begins)
    rows, terms = np.divmod(key[begins], len(ids))
    starts = np.searchsorted(rows, np.arange(len(keywords) + 1))
    return Rows(starts, terms, maxima)
