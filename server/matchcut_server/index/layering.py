"""Layers: the postings of a segment, term by term, cut by how much they weigh."""

import numpy as np

from ..insights.compiled import compiled
from .arrays import Float32s, Float64s, Impacts, Int32s, Int64s, Rows, Scales
from .kernels import PARTS

RATIO = 0.85
"""A layer goes down to this part of its highest impact. Measured: from 0.75 to 0.9 searches take the same time."""

LEAST = 32
"""Postings that a layer has at least, where its term has so many: each layer costs a jump."""

_TINIEST = np.finfo(np.float32).tiny
"""What weighs less counts as this: nothing may have an impact of zero."""

_DEPTH = 64
"""Layers of a term at most: what is below 0.85⁶⁴ of the highest impact, 1 in 33,000, is in the last one."""


def layered(rows: Rows, scales: Scales, idf: Float64s) -> Impacts:
    """Return the impacts of all rows by term."""
    counts = np.bincount(rows.terms, minlength=len(idf))
    starts: Int64s = np.concatenate(([0], np.cumsum(counts)))
    by_term, weights = _invert(rows, scales, idf, starts)
    # No term has more layers than postings / `LEAST`, rounded up.
    most = int(np.sum(-(-counts // LEAST)))
    impacts = Impacts(
        np.empty(len(idf) + 1, dtype=np.int64),
        np.empty(most + 1, dtype=np.int64),
        np.empty(most, dtype=np.float32),
        np.empty(len(by_term), dtype=np.int32),
        np.empty(len(by_term), dtype=np.uint16),
    )
    used = _cut(starts, by_term, weights, LEAST, impacts)
    return impacts._replace(starts=impacts.starts[: used + 1].copy(), bounds=impacts.bounds[:used].copy())


@compiled
def _invert(rows: Rows, scales: Scales, idf: Float64s, starts: Int64s) -> tuple[Int32s, Float32s]:
    """Return row and impact of every posting, by term and in a term by row."""
    at = starts[:-1].copy()
    by_term = np.empty(len(rows.terms), np.int32)
    impacts = np.empty(len(rows.terms), np.float32)
    for row in range(len(rows.words)):
        for place in range(rows.starts[row], rows.starts[row + 1]):
            term = rows.terms[place]
            scale = scales.phrases[row] if place < rows.words[row] else scales.words[row]
            by_term[at[term]] = row
            impacts[at[term]] = max(np.float32(rows.frequencies[place] * idf[term] * scale), _TINIEST)
            at[term] += 1
    return by_term, impacts


@compiled
def _cut(starts: Int64s, by_term: Int32s, weights: Float32s, least: int, out: Impacts) -> int:
    """Cut every list into layers; return their number."""
    used = 0
    levels = np.empty(int(np.max(np.diff(starts))) if len(starts) > 1 else 0, np.int64)
    for term in range(len(starts) - 1):
        out.layers[term] = used
        start, end = starts[term], starts[term + 1]
        if start < end:
            counts = _levels(weights[start:end], levels)
            layer_of = _join(counts, end - start, least)
            out.starts[used] = start
            used = _place(layer_of, counts, levels, by_term[start:end], weights[start:end], used, out)
    out.layers[len(starts) - 1] = used
    out.starts[used] = starts[-1]
    for layer in range(used):  # what was rounded to float32 must not be below what it stands for
        out.bounds[layer] = np.nextafter(out.bounds[layer], np.float32(np.inf))
    return used


@compiled
def _levels(weights: Float32s, levels: Int64s) -> Int64s:
    """Write the level of each weight, how often it is to be multiplied by `RATIO` from the highest; return counts."""
    step = 1.0 / np.log(RATIO)
    highest = np.max(weights)
    counts = np.zeros(_DEPTH, np.int64)
    for i in range(len(weights)):
        levels[i] = min(int(np.log(weights[i] / highest) * step), _DEPTH - 1)
        counts[levels[i]] += 1
    return counts


@compiled
def _place(
    layer_of: Int64s, counts: Int64s, levels: Int64s, by_term: Int32s, weights: Float32s, used: int, out: Impacts
) -> int:
    """Put the postings of a term into its layers, the first of which is the layer `used`; return the next one.

    `layer_of`: the layer of each level, `counts`: its postings. Where the first layer begins is known already.
    """
    start = out.starts[used]
    layers = layer_of[_DEPTH - 1] + 1
    at = np.zeros(layers, np.int64)
    for level in range(_DEPTH):
        at[layer_of[level]] += counts[level]
    for layer in range(layers):
        out.starts[used + layer] = start
        out.bounds[used + layer] = 0.0
        start, at[layer] = start + at[layer], start
    for i in range(len(weights)):
        layer = used + layer_of[levels[i]]
        out.bounds[layer] = max(out.bounds[layer], weights[i])
    for i in range(len(weights)):
        layer = layer_of[levels[i]]
        out.rows[at[layer]] = by_term[i]
        out.parts[at[layer]] = np.uint16(np.rint(weights[i] / out.bounds[used + layer] * PARTS))
        at[layer] += 1
    return int(used + layers)


@compiled
def _join(counts: Int64s, total: int, least: int) -> Int64s:
    """Return the layer of each level: neighbouring levels are joined until each layer has `least` postings."""
    layer_of = np.zeros(len(counts), np.int64)
    layer, held, left = 0, 0, total
    for level in range(len(counts)):
        if held >= least and left >= least:
            layer += 1
            held = 0
        layer_of[level] = layer
        held += counts[level]
        left -= counts[level]
    return layer_of
