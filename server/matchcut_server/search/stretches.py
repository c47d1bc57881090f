"""Stretches: when keywords that are asked for are on screen in keyword sets, and what that is worth, in compiled loops.

With a window, moments begin with the closest meetings of what is required: at each time at which a keyword comes on
screen, the latest of every other, if it was on screen at most so many seconds before. Of meetings that hold each other
only the shortest counts. (Minimal intervals: C. Clarke, G. Cormack and F. Burkowski, An Algebra for Structured Text
Search and a Framework for its Implementation, The Computer Journal 38, 1995.)
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..insights.compiled import compiled
from ..insights.model import FloatArray

GAP_SECONDS = 1.0
"""Instances with at most so much between them are of one moment."""

HALF_TICK = 5e-8
"""Times are whole ticks of 100 ns; so that it is not the rounding of their differences that decides."""

_GAP = GAP_SECONDS + HALF_TICK

Int64s = NDArray[np.int64]
Int32s = NDArray[np.int32]
Held = np.ndarray[tuple[int, int], np.dtype[np.int64]]


class Matching(NamedTuple):
    """The keywords of some keyword sets that match anything asked for, set by set."""

    bounds: Int64s
    """Where the keywords of each set begin; the last entry is their number."""
    patterns: Int32s
    """What each matches, by the number of its pattern."""
    confidences: FloatArray
    """More than 0, defaults filled in."""
    firsts: Int64s
    """Where the instances of each keyword begin in `starts` and `ends`, and ..."""
    lasts: Int64s
    """... where they end."""
    starts: FloatArray
    ends: FloatArray
    limits: FloatArray
    """By set: the duration of the video; infinite if unknown."""


class Wanted(NamedTuple):
    """What is asked for: `every` keywords that are required each, then those of which one is, then unwanted ones."""

    pattern_bounds: Int32s
    """Where each pattern begins in `pattern_asked`; the last entry is its length."""
    pattern_asked: Int32s
    """The keywords asked for that a keyword of this pattern matches, by place; ascending."""
    values: FloatArray
    """Weight · IDF of each that is not unwanted."""
    every: int
    unwanted: int
    """How many."""
    within: float
    """The window in seconds; negative: none."""


class Columns(NamedTuple):
    """Moments, in each set by start."""

    sets: Int64s
    """The set of each, by place."""
    starts: FloatArray
    ends: FloatArray
    scores: FloatArray
    """Not rounded yet."""


@compiled
def find_moments(matching: Matching, wanted: Wanted) -> Columns:
    """Return all moments of some keyword sets."""
    most = 0
    for keyword in range(len(matching.patterns)):
        most += matching.lasts[keyword] - matching.firsts[keyword]
    found = Columns(np.empty(most, dtype=np.int64), np.empty(most), np.empty(most), np.empty(most))
    count = 0
    for number in range(len(matching.limits)):
        first, last = matching.bounds[number], matching.bounds[number + 1]
        if first == last or (wanted.within < 0.0 and not _holds(matching, wanted, first, last)):
            continue
        starts, ends, owners = _on_screen(matching, wanted, number, unwanted=False)
        if len(starts) == 0:
            continue
        firsts, lasts = merged(starts, ends)
        if wanted.within >= 0.0:
            firsts, lasts = _meeting(matching, wanted, starts, ends, owners, firsts, lasts)
            if len(firsts):
                firsts, lasts = _undisturbed(firsts, lasts, matching, wanted, number)
        at = 0
        for moment in range(len(firsts)):
            while at < len(starts) and starts[at] < firsts[moment]:
                at += 1
            begin = at
            while at < len(starts) and starts[at] <= lasts[moment]:
                at += 1
            found.sets[count] = number
            found.starts[count] = firsts[moment]
            found.ends[count] = lasts[moment]
            found.scores[count] = _score(matching, wanted, owners[begin:at])
            count += 1
    return Columns(found.sets[:count], found.starts[:count], found.ends[:count], found.scores[:count])


@compiled
def _holds(matching: Matching, wanted: Wanted, first: int, last: int) -> bool:
    """Tell whether the conditions hold for all keywords of a set, with or without instances."""
    asked = len(wanted.values)
    has = np.zeros(asked + wanted.unwanted, dtype=np.uint8)
    for keyword in range(first, last):
        pattern = matching.patterns[keyword]
        for place in range(wanted.pattern_bounds[pattern], wanted.pattern_bounds[pattern + 1]):
            has[wanted.pattern_asked[place]] = 1
    return bool(
        has[: wanted.every].all()
        and (asked == wanted.every or has[wanted.every : asked].any())
        and not has[asked:].any()
    )


@compiled
def _on_screen(
    matching: Matching, wanted: Wanted, number: int, unwanted: bool
) -> tuple[FloatArray, FloatArray, Int64s]:
    """Return the instances, clipped, of the wanted or the unwanted keywords of a set by start, with their keywords."""
    first, last = matching.bounds[number], matching.bounds[number + 1]
    most = 0
    for keyword in range(first, last):
        most += matching.lasts[keyword] - matching.firsts[keyword]
    starts, ends, owners = np.empty(most), np.empty(most), np.empty(most, dtype=np.int64)
    count = 0
    for keyword in range(first, last):
        pattern = matching.patterns[keyword]
        begin, end = wanted.pattern_bounds[pattern], wanted.pattern_bounds[pattern + 1]
        place = wanted.pattern_asked[end - 1 if unwanted else begin]
        if (place >= len(wanted.values)) == unwanted:
            for row in range(matching.firsts[keyword], matching.lasts[keyword]):
                clipped = min(matching.ends[row], matching.limits[number])
                if matching.starts[row] < clipped:
                    starts[count] = matching.starts[row]
                    ends[count] = clipped
                    owners[count] = keyword
                    count += 1
    order = np.argsort(starts[:count], kind="mergesort")
    return starts[order], ends[order], owners[order]


@compiled
def merged(starts: FloatArray, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where spans, given by start, begin and end once those with little between them are one."""
    firsts, lasts = np.empty(len(starts)), np.empty(len(starts))
    count = 0
    for i in range(len(starts)):
        if count and starts[i] - lasts[count - 1] <= _GAP:
            lasts[count - 1] = max(lasts[count - 1], ends[i])
        else:
            firsts[count] = starts[i]
            lasts[count] = ends[i]
            count += 1
    return firsts[:count], lasts[:count]


@compiled
def _meeting(
    matching: Matching,
    wanted: Wanted,
    starts: FloatArray,
    ends: FloatArray,
    owners: Int64s,
    firsts: FloatArray,
    lasts: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Join the stretches that a meeting of what is required spans, and return those that have one."""
    met_starts, met_ends = _meetings(matching, wanted, starts, ends, owners)
    all_starts = np.concatenate((firsts, met_starts))
    all_ends = np.concatenate((lasts, met_ends))
    order = np.argsort(all_starts, kind="mergesort")
    joined_starts, joined_ends = merged(all_starts[order], all_ends[order])
    kept = 0
    met = 0  # both are in order
    for i in range(len(joined_starts)):
        while met < len(met_starts) and met_starts[met] < joined_starts[i]:
            met += 1
        if met < len(met_starts) and met_starts[met] <= joined_ends[i]:
            joined_starts[kept] = joined_starts[i]
            joined_ends[kept] = joined_ends[i]
            kept += 1
    return joined_starts[:kept], joined_ends[:kept]


@compiled
def _meetings(
    matching: Matching, wanted: Wanted, starts: FloatArray, ends: FloatArray, owners: Int64s
) -> tuple[FloatArray, FloatArray]:
    """Return the shortest spans in which all that is required is on screen with at most the window between."""
    required = wanted.every + (1 if len(wanted.values) > wanted.every else 0)
    # Of each requirement the instances that may still be the latest on screen: those that came later end earlier.
    held = np.empty((required, len(starts)), dtype=np.int64)
    heights = np.zeros(required, dtype=np.int64)
    met_starts, met_ends = np.empty(len(starts)), np.empty(len(starts))
    count = 0
    for i in range(len(starts)):
        _hold(matching.patterns[owners[i]], wanted, i, ends, held, heights)
        if i + 1 < len(starts) and starts[i + 1] == starts[i]:
            continue
        first, last = starts[i], ends[i]
        is_met = True
        for own in range(required):
            while heights[own] and starts[i] - ends[held[own, heights[own] - 1]] > wanted.within + HALF_TICK:
                heights[own] -= 1
            if heights[own] == 0:
                is_met = False
                break
            latest = held[own, heights[own] - 1]
            if own == 0:
                first, last = starts[latest], ends[latest]
            first, last = min(first, starts[latest]), max(last, ends[latest])
        if is_met:
            met_starts[count] = first
            met_ends[count] = last
            count += 1
    return _shortest(met_starts[:count], met_ends[:count])


@compiled
def _hold(pattern: int, wanted: Wanted, i: int, ends: FloatArray, held: Held, heights: Int64s) -> None:
    """Put an instance on top of those held for the requirements that it meets, in place of those that end earlier."""
    for at in range(wanted.pattern_bounds[pattern], wanted.pattern_bounds[pattern + 1]):
        place = wanted.pattern_asked[at]
        if place < len(wanted.values):
            own = min(place, wanted.every)
            while heights[own] and ends[held[own, heights[own] - 1]] <= ends[i]:
                heights[own] -= 1
            held[own, heights[own]] = i
            heights[own] += 1


@compiled
def _shortest(starts: FloatArray, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Leave out the spans that hold another one; return the others by start."""
    by_end = np.argsort(-ends, kind="mergesort")
    order = by_end[np.argsort(starts[by_end], kind="mergesort")]
    kept_starts, kept_ends = np.empty(len(order)), np.empty(len(order))
    count = 0
    earliest = np.inf
    for i in order[::-1]:
        if ends[i] < earliest:
            earliest = ends[i]
            kept_starts[count] = starts[i]
            kept_ends[count] = ends[i]
            count += 1
    return kept_starts[:count][::-1].copy(), kept_ends[:count][::-1].copy()


@compiled
def _undisturbed(
    firsts: FloatArray, lasts: FloatArray, matching: Matching, wanted: Wanted, number: int
) -> tuple[FloatArray, FloatArray]:
    """Return the spans that have no unwanted keyword on screen within the window."""
    starts, ends, _ = _on_screen(matching, wanted, number, unwanted=True)
    window = wanted.within + HALF_TICK
    kept = 0
    begun = 0
    latest = -np.inf  # end of what has begun before a span and the window behind it are over
    for i in range(len(firsts)):
        while begun < len(starts) and starts[begun] - lasts[i] <= window:
            latest = max(latest, ends[begun])
            begun += 1
        if firsts[i] - latest > window:
            firsts[kept] = firsts[i]
            lasts[kept] = lasts[i]
            kept += 1
    return firsts[:kept], lasts[:kept]


@compiled
def _score(matching: Matching, wanted: Wanted, owners: Int64s) -> float:
    """Return Σ value · confidence of what is on screen, times its part of all that is asked for."""
    best = np.zeros(len(wanted.values))
    for keyword in owners:
        pattern = matching.patterns[keyword]
        for at in range(wanted.pattern_bounds[pattern], wanted.pattern_bounds[pattern + 1]):
            place = wanted.pattern_asked[at]
            if place < len(best):
                best[place] = max(best[place], matching.confidences[keyword])
    total = 0.0
    matched = 0
    for place in range(len(best)):
        if best[place] > 0.0:
            total += wanted.values[place] * best[place]
            matched += 1
    return total * matched / len(best)
