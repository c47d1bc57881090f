"""Kernels: the exact best rows for a query, found in different ways.

All of them leave rows and their scores in `Scratch.found` and `Scratch.scores` and return how many those are: every row
that may be among the best `count` once scores are rounded, each scored by `_score`, the one function that decides.
`floor` is a score that so many rows are known to reach already, or a negative number.
"""

import numpy as np

from ..vectors.weighting import HALF
from .arrays import Bytes, Float64s, Frequencies, Gate, Impacts, Int64s, Query, Rows, Scales, Scratch
from .compiled import compiled

TIE_WIDTH = 1e-5
"""Rows whose approximate score is this close to the last of the best are scored exactly."""

PARTS = 65_535
"""What the highest impact of a layer is divided into."""

MAX_TERMS = 16_000
"""Of a query of `pruned`."""

_DONE = np.uint16(0x8000)
"""In `Scratch.bounds`: scored already. What is still to be scored stays below."""
_HALF = HALF
"""The share of each block; every row has both."""
_STOP = 0.35
"""Lists are read until what is left of them could add at most this part of the threshold to any row. Measured: between
0.25 and 0.4 reading more postings costs as much as scoring more candidates."""
_SHRINK = 0.7
"""The threshold is raised each time what is left has shrunk by this factor."""
_SEED = 1_000
"""Postings that are read before the threshold is set for the first time."""
_LIST_COST = 16
"""What it costs to begin a list, in postings."""


@compiled
def pruned(
    query: Query,
    impacts: Impacts,
    rows: Rows,
    scales: Scales,
    gate: Gate,
    scratch: Scratch,
    count: int,
    floor: float,
) -> int:
    """Read layers in the order of what they take off the bound for their length, and score only rows that can be best.

    In the manner of MaxScore (Turtle and Flood 1995) over impact-ordered lists (Anh and Moffat 2006): a row that has
    not been met in the layers that were read scores at most the sum of the bounds of the others.
    """
    terms = len(query.terms)
    layer = np.empty(terms, np.int64)
    bound = np.empty(terms)
    gain = np.empty(terms)
    heap = np.empty(terms, np.int64)
    waiting = 0
    left = 0.0
    for i in range(terms):
        layer[i] = impacts.layers[query.terms[i]]
        bound[i], gain[i] = _gain(query, impacts, i, layer[i])
        if bound[i] > 0.0:
            left += bound[i]
            _rise(heap, gain, waiting, i)
            waiting += 1
    if waiting == 0:
        return 0
    _spread(query, scratch)
    # Bounds are rounded up to whole steps, once for each term at most: they stay below `_DONE`.
    steps = (_DONE - 1 - terms) / left
    best = np.full(count, -1.0)
    threshold = floor
    cut = _cut(threshold, steps)
    met, found, read = 0, 0, 0
    next_raise = -1.0
    while waiting > 0:
        i = heap[0]
        met = _read(impacts, layer[i], np.uint16(np.ceil(bound[i] * steps)), cut, rows, gate, scratch, met)
        read += impacts.starts[layer[i] + 1] - impacts.starts[layer[i]]
        left -= bound[i]
        layer[i] += 1
        bound[i], gain[i] = _gain(query, impacts, i, layer[i])
        left = max(left, 0.0) + bound[i]
        if bound[i] <= 0.0:
            waiting -= 1
            heap[0] = heap[waiting]
        _sink(heap, gain, waiting)
        if left <= next_raise or (next_raise < 0.0 and read >= _SEED and met >= 2 * count):
            met, found = _score_best(2 * count, met, found, rows, scales, scratch, best)
            threshold = max(threshold, best[0])
            next_raise = left * _SHRINK
            cut = _cut(threshold, steps)
            met = _keep(cut, met, scratch)
        if left <= _STOP * threshold:
            break
    while met > 0:
        met = _keep((threshold - left - TIE_WIDTH) * steps, met, scratch)
        met, found = _score_best(2 * count, met, found, rows, scales, scratch, best)
        threshold = max(threshold, best[0])
    scratch.bounds[: len(rows.words)] = 0
    _clear(query, scratch)
    return _best_found(found, threshold, scratch)


@compiled
def plain(
    query: Query,
    impacts: Impacts,
    rows: Rows,
    scales: Scales,
    gate: Gate,
    scratch: Scratch,
    count: int,
    floor: float,
) -> int:
    """Add up all impacts of the query's terms in every row, and score the best exactly."""
    for i in range(len(query.terms)):
        term = query.terms[i]
        for layer in range(impacts.layers[term], impacts.layers[term + 1]):
            weight = np.float32(query.weights[i] * impacts.bounds[layer] / PARTS)
            for at in range(impacts.starts[layer], impacts.starts[layer + 1]):
                scratch.sums[impacts.rows[at]] += weight * np.float32(impacts.parts[at])
    return _score_sums(query, rows, scales, gate, scratch, count, floor)


@compiled
def live(
    query: Query,
    frequencies: Frequencies,
    words: Bytes,
    rows: Rows,
    scales: Scales,
    gate: Gate,
    scratch: Scratch,
    count: int,
    floor: float,
) -> int:
    """Do as `plain` does, over tf. `words`: by term of the query, 1 for word terms."""
    for i in range(len(query.terms)):
        at = np.searchsorted(frequencies.terms, query.terms[i])
        if at == len(frequencies.terms) or frequencies.terms[at] != query.terms[i]:
            continue
        factor = query.factors[i]
        scale = scales.words if words[i] else scales.phrases
        for place in range(frequencies.starts[at], frequencies.starts[at + 1]):
            row = frequencies.rows[place]
            scratch.sums[row] += np.float32(factor * frequencies.frequencies[place] * scale[row])
    return _score_sums(query, rows, scales, gate, scratch, count, floor)


@compiled
def scan(
    videos: Int64s,
    first_rows: Int64s,
    query: Query,
    rows: Rows,
    scales: Scales,
    gate: Gate,
    scratch: Scratch,
    count: int,
    floor: float,
) -> int:
    """Score every row of some videos, by position. `first_rows`: where the rows of each video of the segment begin."""
    _spread(query, scratch)
    best = np.full(count, -1.0)
    found = 0
    for video in videos:
        if _is_open(gate, video):
            for row in range(first_rows[video], first_rows[video + 1]):
                score = _score(row, rows, scales, scratch)
                if score > 0.0 and score >= max(best[0], floor) - TIE_WIDTH:
                    scratch.found[found] = row
                    scratch.scores[found] = score
                    found += 1
                    _put(best, score)
    _clear(query, scratch)
    return _best_found(found, max(best[0], floor), scratch)


@compiled
def scales_of(rows: Rows, idf: Float64s) -> Scales:
    """Return √½ over the L2 norm of tf · IDF of each block of each row."""
    count = len(rows.words)
    phrases, words = np.empty(count), np.empty(count)
    for row in range(count):
        phrases[row] = _HALF / _norm(rows, idf, rows.starts[row], rows.words[row])
        words[row] = _HALF / _norm(rows, idf, rows.words[row], rows.starts[row + 1])
    return Scales(phrases, words)


@compiled
def _norm(rows: Rows, idf: Float64s, start: int, end: int) -> float:
    total = 0.0
    for at in range(start, end):
        weight = rows.frequencies[at] * idf[rows.terms[at]]
        total += weight * weight
    return np.sqrt(total)  # type: ignore[no-any-return]


@compiled
def _score(row: int, rows: Rows, scales: Scales, scratch: Scratch) -> float:
    """Return the cosine of a row and the query that is spread out in `scratch`: the one function that decides."""
    phrases, words = 0.0, 0.0
    for at in range(rows.starts[row], rows.words[row]):
        term = rows.terms[at]
        if (scratch.marks[term >> 6] >> np.uint64(term & 63)) & np.uint64(1):
            phrases += scratch.weights[term] * rows.frequencies[at]
    for at in range(rows.words[row], rows.starts[row + 1]):
        term = rows.terms[at]
        if (scratch.marks[term >> 6] >> np.uint64(term & 63)) & np.uint64(1):
            words += scratch.weights[term] * rows.frequencies[at]
    return phrases * scales.phrases[row] + words * scales.words[row]


@compiled
def _score_sums(
    query: Query, rows: Rows, scales: Scales, gate: Gate, scratch: Scratch, count: int, floor: float
) -> int:
    """Score the rows of the highest sums exactly, and leave all sums zero."""
    total = len(rows.words)
    best = np.full(count, -1.0)
    for row in range(total):
        if scratch.sums[row] > best[0] and _is_open(gate, rows.videos[row]):
            _put(best, scratch.sums[row])
    # A sum is as close to the score as float32 is, on both sides of the comparison.
    least = max(best[0], floor) - 2 * TIE_WIDTH
    found = 0
    _spread(query, scratch)
    for row in range(total):
        known = scratch.sums[row]
        if known != 0.0:
            scratch.sums[row] = 0.0
            if known >= least and _is_open(gate, rows.videos[row]):
                scratch.found[found] = row
                scratch.scores[found] = _score(row, rows, scales, scratch)
                found += 1
    _clear(query, scratch)
    return found


@compiled
def _score_best(
    wanted: int,
    met: int,
    found: int,
    rows: Rows,
    scales: Scales,
    scratch: Scratch,
    best: Float64s,
) -> tuple[int, int]:
    """Score the candidates of the `wanted` highest bounds; return how many are left, and how many are scored now."""
    least = np.uint16(0)
    if met > wanted:
        for i in range(met):
            scratch.order[i] = scratch.bounds[scratch.candidates[i]]
        least = _nth_highest(scratch.order, met, wanted)
    left = 0
    for i in range(met):
        row = scratch.candidates[i]
        if scratch.bounds[row] >= least:
            score = _score(row, rows, scales, scratch)
            scratch.bounds[row] = _DONE
            scratch.found[found] = row
            scratch.scores[found] = score
            found += 1
            _put(best, score)
        else:
            scratch.candidates[left] = row
            left += 1
    return left, found


@compiled
def _read(
    impacts: Impacts,
    layer: int,
    step: np.uint16,
    cut: np.uint16,
    rows: Rows,
    gate: Gate,
    scratch: Scratch,
    met: int,
) -> int:
    """Raise the bounds of the rows of a layer; those that reach `cut` become candidates. Return how many there are."""
    for at in range(impacts.starts[layer], impacts.starts[layer + 1]):
        row = impacts.rows[at]
        before = scratch.bounds[row]
        after = np.uint16(before + step)
        scratch.bounds[row] = after
        if after >= cut and before < cut and _is_open(gate, rows.videos[row]):
            scratch.candidates[met] = row
            met += 1
    return met


@compiled
def _cut(threshold: float, steps: float) -> np.uint16:
    """Return the bound below which no row can reach the threshold once the reading stops."""
    least = np.floor((threshold * (1.0 - _STOP) - TIE_WIDTH) * steps)
    return np.uint16(min(max(1.0, least), float(_DONE - 1)))


@compiled
def _keep(least: float, met: int, scratch: Scratch) -> int:
    """Keep the candidates whose bound is high enough; return how many."""
    kept = 0
    for i in range(met):
        if scratch.bounds[scratch.candidates[i]] >= least:
            scratch.candidates[kept] = scratch.candidates[i]
            kept += 1
    return kept


@compiled
def _best_found(found: int, threshold: float, scratch: Scratch) -> int:
    """Keep the scored rows that may be among the best once rounded; return how many."""
    kept = 0
    for i in range(found):
        if scratch.scores[i] >= threshold - TIE_WIDTH:
            scratch.found[kept] = scratch.found[i]
            scratch.scores[kept] = scratch.scores[i]
            kept += 1
    return kept


@compiled
def _gain(query: Query, impacts: Impacts, i: int, layer: int) -> tuple[float, float]:
    """Return what a layer of a query's term adds at most, and what reading it takes off that for each posting.

    Nothing where the term has no such layer, or pushes away: that lowers a score, and bounds are upper ones.
    """
    end = impacts.layers[query.terms[i] + 1]
    if layer >= end or query.weights[i] <= 0.0:
        return 0.0, 0.0
    bound = query.weights[i] * impacts.bounds[layer]
    following = query.weights[i] * impacts.bounds[layer + 1] if layer + 1 < end else 0.0
    length = impacts.starts[layer + 1] - impacts.starts[layer]
    return bound, (bound - following) / (length + _LIST_COST)


@compiled
def _is_open(gate: Gate, video: int) -> bool:
    return gate.allowed[video] != 0 and gate.published[video] <= gate.now < gate.expire[video]


@compiled
def _spread(query: Query, scratch: Scratch) -> None:
    for i in range(len(query.terms)):
        term = query.terms[i]
        scratch.weights[term] = query.factors[i]
        scratch.marks[term >> 6] |= np.uint64(1) << np.uint64(term & 63)


@compiled
def _clear(query: Query, scratch: Scratch) -> None:
    for i in range(len(query.terms)):
        scratch.weights[query.terms[i]] = 0.0
        scratch.marks[query.terms[i] >> 6] = 0


@compiled
def _put(best: Float64s, score: float) -> None:
    """Let a score into the heap of the best, whose first is the lowest, if it is higher than that."""
    if score <= best[0]:
        return
    i = 0
    while True:
        child = 2 * i + 1
        if child >= len(best):
            break
        if child + 1 < len(best) and best[child + 1] < best[child]:
            child += 1
        if best[child] >= score:
            break
        best[i] = best[child]
        i = child
    best[i] = score


@compiled
def _rise(heap: Int64s, gain: Float64s, count: int, new: int) -> None:
    """Add to a heap of `count` terms, whose first is the one of the highest gain."""
    i = count
    while i > 0 and gain[heap[(i - 1) // 2]] < gain[new]:
        heap[i] = heap[(i - 1) // 2]
        i = (i - 1) // 2
    heap[i] = new


@compiled
def _sink(heap: Int64s, gain: Float64s, count: int) -> None:
    """Bring the first of a heap to where it belongs."""
    if count == 0:
        return
    i, moved = 0, heap[0]
    while True:
        child = 2 * i + 1
        if child >= count:
            break
        if child + 1 < count and gain[heap[child + 1]] > gain[heap[child]]:
            child += 1
        if gain[heap[child]] <= gain[moved]:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = moved


@compiled
def _nth_highest(values: np.ndarray, count: int, n: int) -> int:  # type: ignore[type-arg]
    """Return the n-th highest of the first `count` values, which lose their order (Hoare's selection)."""
    low, high, place = 0, count - 1, n - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] > pivot:
                i += 1
            while values[j] < pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            break
    return values[place]  # type: ignore[no-any-return]
