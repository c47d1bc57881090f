"""Heaps and selection, as kernels need them."""

import numpy as np

from ..insights.compiled import compiled
from .arrays import Float64s, Int64s, UInt16s


@compiled
def put(best: Float64s, score: float) -> None:
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
def rise(heap: Int64s, gain: Float64s, count: int, new: int) -> None:
    """Add to a heap of `count` terms, whose first is the one of the highest gain."""
    i = count
    while i > 0 and gain[heap[(i - 1) // 2]] < gain[new]:
        heap[i] = heap[(i - 1) // 2]
        i = (i - 1) // 2
    heap[i] = new


@compiled
def sink(heap: Int64s, gain: Float64s, count: int) -> None:
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
def nth_highest(values: UInt16s, count: int, n: int) -> np.uint16:
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
    return np.uint16(values[place])
