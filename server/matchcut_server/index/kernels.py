"""Kernels: the exact best rows for a query, found in different ways.

All of them leave rows and their scores in `Scratch.found` and `Scratch.scores` and return how many those are: every row
that may be among the best that are wanted once scores and totals are rounded, each scored by `score_of`, the one
function that decides; some may score too little.
"""

import numpy as np

from ..insights.compiled import compiled
from .arrays import Bytes, Field, Float32s, Float64s, Frequencies, Impacts, Int64s, Query, Wanted
from .heaps import nth_highest, put, rise, sink
from .scoring import clear, score_of, spread

TIE_WIDTH = 1e-5
"""Rows whose approximate total is this close to the last of the best are scored exactly."""

STEP = 1e-6
"""What is this far from the least score is on the same side of it once rounded."""

PARTS = 65_535
"""What the highest impact of a layer is divided into."""

MAX_TERMS = 16_000
"""Of a query of `pruned`."""

_HALF_STEP = 2.0**-25
"""What float32 rounds numbers below 1 by at most."""
_ALMOST_NOTHING = np.float32(1e-30)

_DONE = np.uint16(0x8000)
"""In `Scratch.bounds`: scored already. What is still to be scored stays below."""
_STOP = 0.15
"""Lists are read until what is left of them could add at most this part of the threshold to any row. Reading on costs
less than it seems: postings lie together, rows to be scored are anywhere in memory."""
_SHRINK = 0.5
"""The threshold is raised each time what is left has shrunk by this factor."""
_SEED = 1_000
"""Postings that are read before the threshold is set for the first time."""
_MORE = 4
"""Once the heap is full, a part of it is scored at a time: each raise of the threshold spares others."""
_TRIED = 1 / 32
"""Of the postings. If by then any row with the highest amount could still be among the best, however little it scores,
adding up all impacts is cheaper."""
_LIST_COST = 16
"""What it costs to begin a list, in postings."""


@compiled
def pruned(query: Query, impacts: Impacts, field: Field, wanted: Wanted) -> int:
    """Read layers in the order of what they take off the bound for their length, and score only rows that can be best.

    In the manner of MaxScore (Turtle and Flood 1995) over impact-ordered lists (Anh and Moffat 2006): a row that has
    not been met in the layers that were read scores at most the sum of the bounds of the others. What is added to the
    scores counts in the bounds of the rows that have been met; of the others it is taken for the highest. Return -1
    if that spares too little.
    """
    terms = len(query.terms)
    layer = np.empty(terms, np.int64)
    bound = np.empty(terms)
    gain = np.empty(terms)
    heap = np.empty(terms, np.int64)
    waiting, left = _begin(query, impacts, layer, bound, gain, heap)
    if waiting == 0:
        return 0
    spread(query, field.scratch)
    postings = _postings(query, impacts)
    # Bounds are rounded up to whole steps, once for each term at most: they stay below `_DONE`.
    steps = (_DONE - 1 - terms) / left
    best = np.full(wanted.rows, -np.inf)
    threshold = wanted.floor
    needed = _needed(threshold, wanted)
    cut = _cut(needed, steps)
    met, found, read = 0, 0, 0
    at_a_time = 2 * wanted.rows
    next_raise = -1.0
    while waiting > 0:
        i = heap[0]
        met = _read(impacts, layer[i], np.uint16(np.ceil(bound[i] * steps)), cut, field, met)
        read += impacts.starts[layer[i] + 1] - impacts.starts[layer[i]]
        left -= bound[i]
        layer[i] += 1
        bound[i], gain[i] = _gain(query, impacts, i, layer[i])
        left = max(left, 0.0) + bound[i]
        if bound[i] <= 0.0:
            waiting -= 1
            heap[0] = heap[waiting]
        sink(heap, gain, waiting)
        if left <= next_raise or (next_raise < 0.0 and read >= _SEED and met >= 2 * wanted.rows):
            met, found = _score_best(at_a_time, steps, met, found, field, wanted, best)
            at_a_time = wanted.rows // _MORE + 16
            threshold = max(threshold, best[0])
            next_raise = left * _SHRINK
            needed = _needed(threshold, wanted)
            cut = _cut(needed, steps)
            met = _keep(float(cut), threshold - left, steps, met, field, wanted)
            if needed <= 0.0 and read > _TRIED * postings and len(wanted.amounts):
                met, found = 0, -1
                break
        if left <= _STOP * needed:
            break
    while met > 0:
        met = _keep((needed - left - TIE_WIDTH) * steps, threshold - left, steps, met, field, wanted)
        met, found = _score_best(max(at_a_time, met // 64), steps, met, found, field, wanted, best)
        threshold = max(threshold, best[0])
        needed = _needed(threshold, wanted)
    field.scratch.bounds[: len(field.rows.words)] = 0
    clear(query, field.scratch)
    return _best_found(found, threshold, field, wanted) if found >= 0 else -1


@compiled
def plain(query: Query, impacts: Impacts, field: Field, wanted: Wanted) -> int:
    """Add up all impacts of the query's terms in every row, and score the best exactly."""
    blur = 0.0
    for i in range(len(query.terms)):
        term = query.terms[i]
        for layer in range(impacts.layers[term], impacts.layers[term + 1]):
            weight = np.float32(query.weights[i] * impacts.bounds[layer] / PARTS)
            if layer == impacts.layers[term]:  # the largest parts of the term, which may be half a part off
                blur += 0.5 * float(abs(weight))
            for at in range(impacts.starts[layer], impacts.starts[layer + 1]):
                _add(weight * np.float32(impacts.parts[at]), impacts.rows[at], field.scratch.sums)
    return _score_sums(query, field, wanted, blur)


@compiled
def live(query: Query, words: Bytes, frequencies: Frequencies, field: Field, wanted: Wanted) -> int:
    """Do as `plain` does, over tf. `words`: by term of the query, 1 for word terms."""
    for i in range(len(query.terms)):
        at = np.searchsorted(frequencies.terms, query.terms[i])
        if at == len(frequencies.terms) or frequencies.terms[at] != query.terms[i]:
            continue
        factor = query.factors[i]
        scale = field.scales.words if words[i] else field.scales.phrases
        for place in range(frequencies.starts[at], frequencies.starts[at + 1]):
            row = frequencies.rows[place]
            _add(np.float32(factor * frequencies.frequencies[place] * scale[row]), row, field.scratch.sums)
    return _score_sums(query, field, wanted, 0.0)


@compiled
def scan(query: Query, rows: Int64s, field: Field, wanted: Wanted) -> int:
    """Score some rows, all of which may be returned."""
    spread(query, field.scratch)
    best = np.full(wanted.rows, -np.inf)
    found = 0
    for row in rows:
        score = score_of(row, field)
        if score <= 0.0 or score < wanted.least - STEP:
            continue
        total = score + _amount(row, field, wanted)
        if total >= max(best[0], wanted.floor) - TIE_WIDTH:
            field.scratch.found[found] = row
            field.scratch.scores[found] = score
            found += 1
            if score >= wanted.least + STEP:
                put(best, total)
    clear(query, field.scratch)
    return _best_found(found, max(best[0], wanted.floor), field, wanted)


@compiled
def _amount(row: int, field: Field, wanted: Wanted) -> float:
    """Return what is added to the score of a row."""
    return wanted.amounts[field.rows.videos[row]] if len(wanted.amounts) else 0.0


@compiled
def _add(part: np.float32, row: int, sums: Float32s) -> None:
    """Add to the sum of a row, which is never zero from then on: that would tell that no term is in the row."""
    total = sums[row] + part
    sums[row] = total if total != 0.0 else _ALMOST_NOTHING


@compiled
def _score_sums(query: Query, field: Field, wanted: Wanted, blur: float) -> int:
    """Score the rows of the highest totals exactly, and leave all sums zero.

    `blur`: how far a sum may be from the score, besides what float32 rounds.
    """
    # Each addition rounds a sum of at most 1.
    blur += len(query.terms) * _HALF_STEP
    best = np.full(wanted.rows, -np.inf)
    surely = wanted.least + STEP + blur
    bar = surely
    for row in range(len(field.rows.words)):
        known = field.scratch.sums[row]
        if known >= bar and field.open[row]:
            put(best, known + _amount(row, field, wanted))
            bar = max(surely, best[0] - wanted.highest)
    # What is compared is off on both sides.
    lowest = max(best[0], wanted.floor) - 2 * blur - TIE_WIDTH
    bar = max(wanted.least - STEP - blur, lowest - wanted.highest)
    found = 0
    spread(query, field.scratch)
    for row in range(len(field.rows.words)):
        known = field.scratch.sums[row]
        if known != 0.0:
            field.scratch.sums[row] = 0.0
            if known >= bar and field.open[row] and known + _amount(row, field, wanted) >= lowest:
                field.scratch.found[found] = row
                field.scratch.scores[found] = score_of(row, field)
                found += 1
    clear(query, field.scratch)
    return found


@compiled
def _begin(
    query: Query, impacts: Impacts, layer: Int64s, bound: Float64s, gain: Float64s, heap: Int64s
) -> tuple[int, float]:
    """Begin with the first layer of each term; return how many terms add anything, and how much all of them at most."""
    waiting, left = 0, 0.0
    for i in range(len(query.terms)):
        layer[i] = impacts.layers[query.terms[i]]
        bound[i], gain[i] = _gain(query, impacts, i, layer[i])
        if bound[i] > 0.0:
            left += bound[i]
            rise(heap, gain, waiting, i)
            waiting += 1
    return waiting, left


@compiled
def _postings(query: Query, impacts: Impacts) -> int:
    """Return how many postings the terms of a query have."""
    total = 0
    for term in query.terms:
        total += impacts.starts[impacts.layers[term + 1]] - impacts.starts[impacts.layers[term]]
    return total


@compiled
def _score_best(
    count: int, steps: float, met: int, found: int, field: Field, wanted: Wanted, best: Float64s
) -> tuple[int, int]:
    """Score the candidates of the `count` highest bounds; return how many are left, and how many are scored now."""
    least = np.uint16(0)
    if met > count:
        for i in range(met):
            row = field.scratch.candidates[i]
            amount = _amount(row, field, wanted)
            field.scratch.order[i] = _promise(field.scratch.bounds[row], amount - wanted.highest, steps)
        least = nth_highest(field.scratch.order, met, count)
    left = 0
    for i in range(met):
        row = field.scratch.candidates[i]
        amount = _amount(row, field, wanted)
        if _promise(field.scratch.bounds[row], amount - wanted.highest, steps) >= least:
            score = score_of(row, field)
            field.scratch.bounds[row] = _DONE
            field.scratch.found[found] = row
            field.scratch.scores[found] = score
            found += 1
            if score >= wanted.least + STEP:
                put(best, score + amount)
        else:
            field.scratch.candidates[left] = row
            left += 1
    return left, found


@compiled
def _read(
    impacts: Impacts,
    layer: int,
    step: np.uint16,
    cut: np.uint16,
    field: Field,
    met: int,
) -> int:
    """Raise the bounds of the rows of a layer; those that reach `cut` become candidates. Return how many there are."""
    for at in range(impacts.starts[layer], impacts.starts[layer + 1]):
        row = impacts.rows[at]
        before = field.scratch.bounds[row]
        after = np.uint16(before + step)
        field.scratch.bounds[row] = after
        if after >= cut and before < cut and field.open[row]:
            field.scratch.candidates[met] = row
            met += 1
    return met


@compiled
def _promise(bound: np.uint16, behind: float, steps: float) -> np.uint16:
    """Return what candidates are chosen by: the bound of the total. `behind`: how far its amount is below the highest.

    It takes numbers only: to hand tuples of arrays to a function that is not inlined costs more than to score a row.
    """
    # The highest amount counts `_DONE` steps; what is so far below it that nothing is left of it comes last.
    return np.uint16(max(bound + behind * steps + _DONE, 0.0))


@compiled
def _needed(threshold: float, wanted: Wanted) -> float:
    """Return the score without which no row can be among the best."""
    return max(threshold - wanted.highest, wanted.least - STEP)


@compiled
def _cut(needed: float, steps: float) -> np.uint16:
    """Return the bound below which no row can reach the score that is needed once the reading stops."""
    least = np.floor((needed * (1.0 - _STOP) - TIE_WIDTH) * steps)
    return np.uint16(min(max(1.0, least), float(_DONE - 1)))


@compiled
def _keep(cut: float, total: float, steps: float, met: int, field: Field, wanted: Wanted) -> int:
    """Keep the candidates of which the bound, in steps, and the total are high enough; return how many."""
    scratch = field.scratch
    kept = 0
    for i in range(met):
        row = scratch.candidates[i]
        bound = scratch.bounds[row]
        if bound < cut:
            continue
        if len(wanted.amounts) == 0 or bound >= (total - TIE_WIDTH - _amount(row, field, wanted)) * steps:
            scratch.candidates[kept] = row
            kept += 1
    return kept


@compiled
def _best_found(found: int, threshold: float, field: Field, wanted: Wanted) -> int:
    """Keep the scored rows that may be among the best once rounded; return how many."""
    scratch = field.scratch
    kept = 0
    for i in range(found):
        if scratch.scores[i] + _amount(scratch.found[i], field, wanted) >= threshold - TIE_WIDTH:
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
