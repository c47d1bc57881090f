"""Freshness: new videos get something added to their scores, which halves with every half-life.

weight · 0.5 ^ ((now - published) / half-life), and at most the weight. Over a whole segment it is one product for each
video: 2 ^ ((published - reference) / half-life), which is kept, times weight · 2 ^ ((reference - now) / half-life).
"""

from typing import NamedTuple

import numpy as np

from ..index.arrays import Float64s
from ..index.columns import Columns
from ..insights.timespan import DAY_SECONDS
from .memo import Memo

_FAR = 500.0
"""Half-lives after which the reference is another one, so that no power is too large for a float."""

_HALF_LIVES = 4
"""Of so many a segment remembers the powers: eight bytes a video each."""


class _Powers(NamedTuple):
    reference: float
    """Unix seconds."""
    powers: Float64s
    """By position; 0 for videos without a published time."""


_memo: Memo[float, _Powers] = Memo(_HALF_LIVES)


def freshness(published: float | None, now: float, half_life_days: float) -> float:
    """Return how fresh a video is, 0 to 1; 0 without a published time. Times in Unix seconds, half-life above 0."""
    if published is None:
        return 0.0
    return float(0.5 ** max((now - published) / DAY_SECONDS / half_life_days, 0.0))


def freshness_amounts(columns: Columns, now: float, weight: float, half_life_days: float) -> Float64s:
    """Return for each video of a segment `weight` times its freshness, by position, in an array of its own."""
    kept = _memo.get(columns, half_life_days)
    if kept is None or not abs(now - kept.reference) / DAY_SECONDS / half_life_days <= _FAR:
        kept = _memo.put(columns, half_life_days, _Powers(now, _powers(columns.published, now, half_life_days)))
    factor = weight * 2.0 ** ((kept.reference - now) / DAY_SECONDS / half_life_days)
    amounts: Float64s = kept.powers * factor
    return np.minimum(amounts, weight, out=amounts)


def _powers(published: Float64s, reference: float, half_life_days: float) -> Float64s:
    with np.errstate(over="ignore"):  # of half-lives that are next to nothing
        exponents = (published - reference) / DAY_SECONDS / half_life_days
    # What is published later than the reference can reach has its full freshness long before it counts.
    powers: Float64s = np.exp2(np.minimum(exponents, _FAR))
    return powers
