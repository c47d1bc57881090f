"""Stretches of a video and what is on screen in them, in compiled loops."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index.arrays import Bytes, Float32s, Float64s, Int32s, Int64s
from ..insights.compiled import compiled
from ..insights.model import Bounds
from ..vectors.keys import KEY_BYTES
from ..vectors.weighting import HALF

Keys = NDArray[np.uint64]


class Screen(NamedTuple):
    """What of a keyword set is on screen, and when."""

    bounds: Int64s
    """Where the spans of each keyword begin; the last entry is their number."""
    starts: Float64s
    """Of spans, in seconds; those of a keyword are in order and do not touch."""
    ends: Float64s
    confidences: Float64s
    """Of keywords; 0 for those that never match."""
    term_bounds: Int64s
    """Where the terms of each keyword begin; the last entry is their number."""
    terms: Int32s
    """Of keywords, by place in `keys`; a phrase, then its words."""
    keys: Keys
    """Of the different terms; the phrases first."""
    phrases: int
    """How many of them are phrases."""
    idf: Float64s
    """Of the different terms."""


class Shown(NamedTuple):
    """What is on screen in some stretches."""

    bounds: Int64s
    """Where each stretch begins; the last entry is the number of keywords in all of them."""
    keywords: Int32s
    """By place; in a stretch ascending."""
    seconds: Float64s
    """On-screen duration of each in its stretch, more than 0."""


class UnitVectors(NamedTuple):
    """Stretches as vectors of length 1."""

    bounds: Int64s
    """Where each stretch begins; the last entry is the number of terms in all of them."""
    terms: Int32s
    """By place in `Screen.keys`."""
    weights: Float64s


@compiled
def merged_instances(
    bounds: Bounds, starts: Float64s, ends: Float64s, limit: float
) -> tuple[Int64s, Float64s, Float64s]:
    """Clip the instances of each keyword, ordered by start, at `limit` seconds, and merge those that touch."""
    new_bounds = np.zeros(len(bounds), dtype=np.int64)
    new_starts, new_ends = np.empty(len(starts)), np.empty(len(starts))
    count = 0
    for keyword in range(len(bounds) - 1):
        first = count
        for row in range(bounds[keyword], bounds[keyword + 1]):
            start, end = starts[row], min(ends[row], limit)
            if end <= start:
                continue
            if count > first and start <= new_ends[count - 1]:
                new_ends[count - 1] = max(new_ends[count - 1], end)
            else:
                new_starts[count], new_ends[count] = start, end
                count += 1
        new_bounds[keyword + 1] = count
    return new_bounds, new_starts[:count].copy(), new_ends[:count].copy()


@compiled
def distinct_terms(keys: Keys, lengths: Int64s) -> tuple[Int64s, Int32s, Keys, int]:
    """Number the different terms of keywords: return where those of each keyword begin, their numbers, and their keys.

    `keys`: those of all keywords, one after another, each a phrase and its words; `lengths` tell how many bytes each
    keyword has there. The last value is how many of the different terms are phrases, which come first.
    """
    bounds = np.zeros(len(lengths) + 1, dtype=np.int64)
    is_phrase = np.zeros(len(keys), dtype=np.uint8)
    for keyword in range(len(lengths)):
        bounds[keyword + 1] = bounds[keyword] + lengths[keyword] // KEY_BYTES
        if lengths[keyword]:
            is_phrase[bounds[keyword]] = 1
    order = np.argsort(keys)
    terms = np.empty(len(keys), dtype=np.int32)
    distinct = np.empty(len(keys), dtype=np.uint64)
    phrases = _number(keys, order, is_phrase, 1, terms, distinct, 0)
    count = _number(keys, order, is_phrase, 0, terms, distinct, phrases)
    return bounds, terms, distinct[:count].copy(), phrases


@compiled
def _number(keys: Keys, order: Int64s, is_phrase: Bytes, wanted: int, terms: Int32s, distinct: Keys, count: int) -> int:
    """Number the terms of one block from `count` on; return the number after the last."""
    first = count
    for at in order:
        if is_phrase[at] == wanted:
            if count == first or distinct[count - 1] != keys[at]:
                distinct[count] = keys[at]
                count += 1
            terms[at] = count - 1
    return count


@compiled
def weights_of(keys: Keys, asked: Keys, weights: Float64s) -> Float64s:
    """Return the weight of each of some terms, 0 for those that are not `asked` for, which are in ascending order."""
    found = np.zeros(len(keys))
    for i in range(len(keys)):
        at = np.searchsorted(asked, keys[i])
        if at < len(asked) and asked[at] == keys[i]:
            found[i] = weights[at]
    return found


@compiled
def matching_spans(screen: Screen, weights: Float64s) -> tuple[Float64s, Float64s]:
    """Return the spans of all keywords with a term whose weight is above 0, ordered by start.

    `weights`: of the different terms.
    """
    starts, ends = np.empty(len(screen.starts)), np.empty(len(screen.starts))
    count = 0
    for keyword in range(len(screen.confidences)):
        if screen.confidences[keyword] > 0.0 and _matches(screen, keyword, weights):
            for row in range(screen.bounds[keyword], screen.bounds[keyword + 1]):
                starts[count], ends[count] = screen.starts[row], screen.ends[row]
                count += 1
    order = np.argsort(starts[:count], kind="mergesort")
    return starts[order], ends[order]


@compiled
def _matches(screen: Screen, keyword: int, weights: Float64s) -> bool:
    for place in range(screen.term_bounds[keyword], screen.term_bounds[keyword + 1]):
        if weights[screen.terms[place]] > 0.0:
            return True
    return False


@compiled
def shown_in(screen: Screen, starts: Float64s, ends: Float64s) -> Shown:
    """Tell which keywords that can match are on screen in some stretches, and how long."""
    bounds = np.zeros(len(starts) + 1, dtype=np.int64)
    keywords, seconds = np.empty(64, dtype=np.int32), np.empty(64)
    count = 0
    for stretch in range(len(starts)):
        for keyword in range(len(screen.confidences)):
            if screen.confidences[keyword] == 0.0:
                continue
            covered = _covered(screen, keyword, starts[stretch], ends[stretch])
            if covered > 0.0:
                if count == len(keywords):
                    keywords, seconds = np.append(keywords, keywords), np.append(seconds, seconds)
                keywords[count], seconds[count] = keyword, covered
                count += 1
        bounds[stretch + 1] = count
    return Shown(bounds, keywords[:count].copy(), seconds[:count].copy())


@compiled
def _covered(screen: Screen, keyword: int, start: float, end: float) -> float:
    """Return how long a keyword is on screen in a stretch."""
    first, last = screen.bounds[keyword], screen.bounds[keyword + 1]
    # Spans do not touch, so that their ends are in order too.
    row = first + np.searchsorted(screen.ends[first:last], start) if last - first > 8 else first
    covered = 0.0
    while row < last and screen.starts[row] < end:
        covered += max(0.0, min(screen.ends[row], end) - max(screen.starts[row], start))
        row += 1
    return covered


@compiled
def unit_vectors(screen: Screen, shown: Shown, frequencies: Float32s) -> UnitVectors:
    """Return stretches as vectors. `frequencies`: tf of each keyword that is shown.

    A term has the largest tf of its keywords, times IDF; each block has length √½.
    """
    size = 0
    for keyword in shown.keywords:
        size += screen.term_bounds[keyword + 1] - screen.term_bounds[keyword]
    bounds = np.zeros(len(shown.bounds), dtype=np.int64)
    terms, weights = np.empty(size, dtype=np.int32), np.empty(size)
    place_of = np.full(len(screen.keys), -1, dtype=np.int64)
    count = 0
    for stretch in range(len(shown.bounds) - 1):
        first = count
        for at in range(shown.bounds[stretch], shown.bounds[stretch + 1]):
            keyword = shown.keywords[at]
            for place in range(screen.term_bounds[keyword], screen.term_bounds[keyword + 1]):
                term = screen.terms[place]
                if place_of[term] < first:
                    place_of[term] = count
                    terms[count], weights[count] = term, 0.0
                    count += 1
                weights[place_of[term]] = max(weights[place_of[term]], frequencies[at] * screen.idf[term])
        _scale(terms[first:count], weights[first:count], screen.phrases)
        bounds[stretch + 1] = count
    return UnitVectors(bounds, terms[:count].copy(), weights[:count].copy())


@compiled
def _scale(terms: Int32s, weights: Float64s, phrases: int) -> None:
    """Bring each block of a vector to length √½; one without weight is left as it is."""
    squares = np.zeros(2)
    for i in range(len(terms)):
        squares[int(terms[i] >= phrases)] += weights[i] * weights[i]
    for i in range(len(terms)):
        square = squares[int(terms[i] >= phrases)]
        if square > 0.0:
            weights[i] *= HALF / np.sqrt(square)


@compiled
def products(vectors: UnitVectors, weights: Float64s) -> Float64s:
    """Return the dot product of each stretch with a vector. `weights`: of the different terms."""
    sums = np.zeros(len(vectors.bounds) - 1)
    for stretch in range(len(sums)):
        for place in range(vectors.bounds[stretch], vectors.bounds[stretch + 1]):
            sums[stretch] += weights[vectors.terms[place]] * vectors.weights[place]
    return sums
