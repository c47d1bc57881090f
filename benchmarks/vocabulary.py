"""The keywords of all synthetic catalogs, and their terms."""

from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.terms import Terms, keyword_terms, stemmer_name
from matchcut_server.vectors.weighting import BLOCKS, Block

from .cache import cached, fingerprint
from .drawing import SEED, TOPICS, VOCABULARY, Ints, Random, zipf

LANGUAGE = "en-US"

_SOURCES = ("vocabulary.py", "drawing.py", "vectors/terms.py", "vectors/keys.py", "insights/text.py")
"""What the vocabulary is made with."""

_Stored = tuple[list[str], list[Terms], dict[Block, list[str]], dict[Block, bytes]]


@dataclass(frozen=True)
class Vocabulary:
    """Keywords, by id, with their terms.

    `names`: the different terms of each block, in ascending order of their `keys`.
    """

    texts: list[str]
    terms: list[Terms]
    names: dict[Block, list[str]]
    keys: dict[Block, NDArray[np.uint64]]


def vocabulary_file() -> Path:
    """Return the file that holds the keywords and their terms."""
    return cached("keywords", fingerprint(*_SOURCES), _write_vocabulary)


@cache
def vocabulary() -> Vocabulary:
    """Return the keywords of all catalogs."""
    texts, terms, names, keys = msgspec.msgpack.decode(vocabulary_file().read_bytes(), type=_Stored)
    return Vocabulary(texts, terms, names, {block: np.frombuffer(keys[block], dtype=np.uint64) for block in BLOCKS})


def _write_vocabulary(path: Path) -> None:
    random = np.random.default_rng([SEED, 0])
    ids = np.arange(VOCABULARY)
    single = _is_single(ids)
    texts = dict(zip(ids[single].tolist(), _words(random, int(single.sum())), strict=True))
    taken = set(texts.values())
    left = ids[~single]
    while len(left):  # pairs of words; one that is taken is drawn again
        common = zipf(random, (len(left), 2), VOCABULARY - 2 * TOPICS, shift=20)
        special = zipf(random, (len(left), 2), VOCABULARY // TOPICS - 2, shift=2) * TOPICS + left[:, None] % TOPICS
        pairs = _next_single(np.where(random.random((len(left), 2)) < 0.5, common, special))
        for keyword, (first, second) in zip(left.tolist(), pairs.tolist(), strict=True):
            text = f"{texts[first]} {texts[second]}"
            if first != second and text not in taken:
                texts[keyword] = text
                taken.add(text)
        left = np.array([keyword for keyword in left.tolist() if keyword not in texts], dtype=np.int64)
    ordered = [texts[keyword] for keyword in ids.tolist()]
    stemmer = stemmer_name(LANGUAGE)
    terms = [keyword_terms(text, stemmer) for text in ordered]
    different: dict[Block, set[str]] = {
        "phrases": {one.phrase for one in terms},
        "words": {word for one in terms for word in one.words},
    }
    keyed = {block: sorted((term_key(block, name), name) for name in different[block]) for block in BLOCKS}
    names = {block: [name for _, name in keyed[block]] for block in BLOCKS}
    keys = {block: np.array([key for key, _ in keyed[block]], dtype=np.uint64).tobytes() for block in BLOCKS}
    path.write_bytes(msgspec.msgpack.encode((ordered, terms, names, keys)))


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
