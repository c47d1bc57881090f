"""Keys: terms as numbers of 64 bits, which vectors, indexes and the store hold in place of their texts.

A key is the XXH3 hash of the term in UTF-8, with a seed for each block, so that the phrase "london" and the word
"london" have different keys. Keys are stored, so they never change. Two of n different terms of a catalog share a key
with a probability of n² / 2⁶⁵: 3 in a million for 10 million terms. They would then count as one term.
"""

import struct
from collections.abc import Mapping
from functools import lru_cache

from xxhash import xxh3_64_intdigest

from .terms import split_keyword
from .weighting import Block

# Far apart: with seeds that differ by a few bits, XXH3 gives different terms of up to three bytes the same keys.
_SEEDS: Mapping[Block, int] = {"phrases": 0x243F6A8885A308D3, "words": 0x13198A2E03707344}

KEY_BYTES = 8


def term_key(block: Block, term: str) -> int:
    """Return the key of a term, from 0 to 2⁶⁴ - 1; the same for ever."""
    return xxh3_64_intdigest(term.encode(), _SEEDS[block])


@lru_cache(maxsize=200_000)
def keyword_keys(text: str, stemmer: str) -> bytes:
    """Return the keys of a keyword's terms as eight little-endian bytes each: the phrase, then its words in order.

    Empty for a keyword without terms. `stemmer`: see `stemmer_name`.
    """
    terms = split_keyword(text, stemmer)
    if not terms.phrase:
        return b""
    keys = [term_key("phrases", terms.phrase), *[term_key("words", word) for word in terms.words]]
    return struct.pack(f"<{len(keys)}Q", *keys)
