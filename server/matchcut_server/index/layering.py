"""Layers: the postings of a segment, term by term, cut by how much they weigh."""

import numpy as np

from .arrays import Float32s, Float64s, Impacts, Int32s, Int64s, Rows, Scales, UInt16s
from .compiled import compiled
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
    by_term, impacts = _invert(rows, scales, idf, starts)
    out_rows = np.empty(len(by_term), dtype=np.int32)
    parts = np.empty(len(by_term), dtype=np.uint16)
    # No term has more layers than postings / `LEAST`, rounded up.
    most = int(np.sum(-(-counts // LEAST)))
    layers = np.empty(len(idf) + 1, dtype=np.int64)
    layer_starts, bounds = np.empty(most + 1, dtype=np.int64), np.empty(most, dtype=np.float32)
    used = _cut(starts, by_term, impacts, LEAST, out_rows, parts, layers, layer_starts, bounds)
    return Impacts(layers, layer_starts[: used + 1].copy(), bounds[:used].copy(), out_rows, parts)


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
def _cut(
    starts: Int64s,
    by_term: Int32s,
    impacts: Float32s,
    least: int,
    out_rows: Int32s,
    parts: UInt16s,
    layers: Int64s,
    layer_starts: Int64s,
    bounds: Float32s,
) -> int:
    """Cut every list; return the number of layers. One pass counts the postings of each layer, another places them."""
    used = 0
    step = 1.0 / np.log(RATIO)
    depth = np.empty(0, np.int64)
    for term in range(len(starts) - 1):
        layers[term] = used
        start, end = starts[term], starts[term + 1]
        if start == end:
            continue
        highest = np.float32(0.0)
        for place in range(start, end):
            highest = max(highest, impacts[place])
        if len(depth) < end - start:
            depth = np.empty(2 * (end - start), np.int64)
        counts = np.zeros(_DEPTH, np.int64)
        for place in range(start, end):
            level = min(int(np.log(impacts[place] / highest) * step), _DEPTH - 1)
            depth[place - start] = level
            counts[level] += 1
        layer_of = _join(counts, end - start, least)
        own = layer_of[_DEPTH - 1] + 1
        at = np.zeros(own, np.int64)
        for level in range(_DEPTH):
            at[layer_of[level]] += counts[level]
        total = start
        for layer in range(own):
            layer_starts[used + layer] = total
            total, at[layer] = total + at[layer], total
            bounds[used + layer] = 0.0
        for place in range(start, end):
            layer = used + layer_of[depth[place - start]]
            bounds[layer] = max(bounds[layer], impacts[place])
        for place in range(start, end):
            layer = layer_of[depth[place - start]]
            out_rows[at[layer]] = by_term[place]
            parts[at[layer]] = np.uint16(np.rint(impacts[place] / bounds[used + layer] * PARTS))
            at[layer] += 1
        used += own
    layers[len(starts) - 1] = used
    layer_starts[used] = starts[-1]
    for layer in range(used):  # impacts are rounded to float32; bounds must not be below what they stand for
        bounds[layer] = np.nextafter(bounds[layer], np.float32(np.inf))
    return used


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
