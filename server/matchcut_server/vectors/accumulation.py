"""What the terms and the time of a keyword set add up to, in compiled loops."""

import numpy as np
from numpy.typing import NDArray

from ..insights.compiled import compiled
from ..insights.model import Bounds
from .keys import KEY_BYTES
from .scheme import FloatArray

Keys = NDArray[np.uint64]
Frequencies = NDArray[np.float32]


@compiled
def covered_seconds(bounds: Bounds, starts: FloatArray, ends: FloatArray, limit: float) -> FloatArray:
    """Return for each keyword the length of the union of its instances, clipped at `limit` seconds.

    Those of keyword i are the rows from `bounds[i]` to `bounds[i + 1]`, ordered by start.
    """
    covered = np.zeros(len(bounds) - 1)
    for keyword in range(len(covered)):
        first, last = np.inf, -np.inf
        for row in range(bounds[keyword], bounds[keyword + 1]):
            start, end = starts[row], min(ends[row], limit)
            if start >= limit:
                break
            if start > last:
                if last > first:
                    covered[keyword] += last - first
                first, last = start, end
            else:
                last = max(last, end)
        if last > first:
            covered[keyword] += last - first
    return covered


@compiled
def with_defaults(
    confidences: FloatArray, seconds: FloatArray, confidence: float, second: float, ticks_per_second: int
) -> tuple[FloatArray, FloatArray, int, int, int]:
    """Fill in the defaults of missing confidences, which are NaN, and of on-screen durations of 0.

    Returns both, the sum of the durations in ticks, and how many of each were missing.
    """
    filled, shown = confidences.copy(), seconds.copy()
    ticks = 0
    without_confidence = 0
    without_duration = 0
    for i in range(len(filled)):
        if np.isnan(filled[i]):
            filled[i] = confidence
            without_confidence += 1
        if shown[i] == 0.0:
            shown[i] = second
            without_duration += 1
        ticks += int(np.rint(shown[i] * ticks_per_second))
    return filled, shown, ticks, without_confidence, without_duration


@compiled
def strongest_keys(
    keys: Keys, lengths: NDArray[np.int64], frequencies: Frequencies
) -> tuple[Keys, Frequencies, Keys, Frequencies]:
    """Return the different keys of phrases, ascending, the largest tf of each, and the same for words.

    `keys`: those of all keywords, one after another, each a phrase and its words. `lengths` tell how many bytes each
    keyword has there, `frequencies` their tf; those of keywords without weight are left out.
    """
    phrases, words = np.empty(len(lengths), dtype=np.uint64), np.empty(len(keys), dtype=np.uint64)
    of_phrases, of_words = np.empty(len(lengths), dtype=np.float32), np.empty(len(keys), dtype=np.float32)
    phrase_count = 0
    word_count = 0
    at = 0
    for keyword in range(len(lengths)):
        count = lengths[keyword] // KEY_BYTES
        if count and frequencies[keyword] > 0.0:
            phrases[phrase_count] = keys[at]
            of_phrases[phrase_count] = frequencies[keyword]
            phrase_count += 1
            for i in range(at + 1, at + count):
                words[word_count] = keys[i]
                of_words[word_count] = frequencies[keyword]
                word_count += 1
        at += count
    unique_phrases, most_of_phrases = _strongest(phrases[:phrase_count], of_phrases)
    unique_words, most_of_words = _strongest(words[:word_count], of_words)
    return unique_phrases, most_of_phrases, unique_words, most_of_words


@compiled
def _strongest(keys: Keys, frequencies: Frequencies) -> tuple[Keys, Frequencies]:
    order = np.argsort(keys)
    unique = np.empty(len(keys), dtype=np.uint64)
    most = np.empty(len(keys), dtype=np.float32)
    count = 0
    for row in order:
        if count and unique[count - 1] == keys[row]:
            most[count - 1] = max(most[count - 1], frequencies[row])
        else:
            unique[count] = keys[row]
            most[count] = frequencies[row]
            count += 1
    return unique[:count].copy(), most[:count].copy()
