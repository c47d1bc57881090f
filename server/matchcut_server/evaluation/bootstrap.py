"""How sure a mean is: percentile bootstrap intervals over queries."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

RESAMPLES = 1_000
CONFIDENCE = 0.95
DECIMALS = 6
"""What comes after them may differ between machines."""

SEED = 20_240_229
"""The same resamples in every run, and for every ranking of the same queries."""


class Estimate(Struct, frozen=True):
    """A figure, and the interval in which it lies with `CONFIDENCE`; rounded to `DECIMALS`."""

    value: float | None
    """None where no query gave one."""
    low: float | None = None
    """None where the figure is not a mean over queries."""
    high: float | None = None


def estimate_means(values: NDArray[np.float64], resamples: int = RESAMPLES, seed: int = SEED) -> list[Estimate]:
    """Estimate the mean of each column; a row a query, NaN where it has no value, which the mean leaves out.

    Each resample draws as many queries as there are, at least one, with replacement; the interval reaches from the
    2.5th to the 97.5th percentile of the means of all resamples. Efron and Tibshirani, An introduction to the
    bootstrap, 1993, chapter 13. The same seed and number of queries give the same resamples, whatever the values are.
    """
    rows, columns = values.shape
    known = np.isfinite(values)
    filled_and_known = np.hstack((np.where(known, values, 0.0), known))
    draws = np.random.default_rng(seed)
    sums = np.empty((resamples, 2 * columns))
    for resample in sums:
        times = np.bincount(draws.integers(0, rows, rows), minlength=rows)
        resample[:] = times.astype(np.float64) @ filled_and_known
    counts = sums[:, columns:]
    means = np.divide(sums[:, :columns], counts, out=np.full_like(counts, np.nan), where=counts > 0)
    return [_estimate(values[:, column], means[:, column]) for column in range(columns)]


def _estimate(values: NDArray[np.float64], means: NDArray[np.float64]) -> Estimate:
    known = values[np.isfinite(values)]
    if not len(known):
        return Estimate(None)
    # A resample may have drawn none of the few queries that have a value.
    low, high = np.nanpercentile(means, [50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE)])
    return Estimate(*(round(float(one), DECIMALS) for one in (known.mean(), low, high)))
