"""Collects what the lists of one ranking are worth."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from . import metrics
from .bootstrap import DECIMALS, Estimate, estimate_means
from .task import Counts

TOP = 10
"""What a user sees first: how many videos of each list most figures look at."""

DEEP = 50
"""How many videos recall looks at; the first relevant one is searched for among as many."""

Cosines = Callable[[Sequence[str]], Iterable[float]]
"""Returns the cosines of all pairs of some videos."""


class Figures(Struct, frozen=True):
    """What the lists of a ranking are worth, or how much more than others: means over questions, but for coverage."""

    ndcg_at_10: Estimate
    precision_at_10: Estimate
    recall_at_50: Estimate
    mrr: Estimate
    novelty: Estimate
    diversity: Estimate
    coverage: Estimate
    """Without an interval: resamples repeat questions and so would always cover less."""


class Worth(NamedTuple):
    """What the lists of a ranking are worth."""

    values: NDArray[np.float64]
    """A row a question, a column for each figure of `Figures` in its order, but for coverage; NaN: no value."""
    coverage: float

    def figures(self) -> Figures:
        """Return the means."""
        return _figures(self.values, self.coverage)

    def differences(self, other: "Worth") -> Figures:
        """Return the means of what this is worth more than another ranking, question by question."""
        return _figures(self.values - other.values, self.coverage - other.coverage)


class Tally:
    """Takes the lists of one ranking. `positions`: the catalog, ids with their places from 0."""

    def __init__(self, positions: Mapping[str, int], cosines: Cosines) -> None:
        self._positions = positions
        self._cosines = cosines
        # Arrays, because there may be millions of users.
        self._judged = array("d")
        self._shown = array("q")
        self._lengths = array("q")

    def add(self, ranked: Sequence[str], gains: Mapping[str, float]) -> None:
        """Take a list. `gains`: of all relevant videos, at least one."""
        found = np.array([gains.get(one, 0.0) for one in ranked[:DEEP]], dtype=np.float64)
        relevant = np.array(list(gains.values()), dtype=np.float64)
        top = ranked[:TOP]
        self._judged.extend(
            (
                metrics.normalised_gain(found, relevant, TOP),
                metrics.precision(found, TOP),
                metrics.recall(found, relevant, DEEP),
                metrics.reciprocal_rank(found),
                metrics.diversity(self._cosines(top)),
            )
        )
        self._shown.extend(self._positions[one] for one in top)
        self._lengths.append(len(top))

    def worth(self, known_to: tuple[Counts, int] | None) -> Worth:
        """Return what all lists taken, at least one, are worth.

        `known_to`: how many have each video, out of how many; None: in how many of these lists it is.
        """
        shown = np.array(self._shown, dtype=np.int64)
        lengths = np.array(self._lengths, dtype=np.int64)
        if known_to is None:
            known_to = np.bincount(shown, minlength=len(self._positions)).astype(np.float64), len(lengths)
        information = metrics.self_information(*known_to)[shown]
        rows = np.repeat(np.arange(len(lengths)), lengths)
        sums = np.bincount(rows, weights=information, minlength=len(lengths))
        novelty = np.divide(sums, lengths, out=np.full(len(lengths), np.nan), where=lengths > 0)
        *judged, diversity = np.array(self._judged).reshape(len(lengths), -1).T
        covered = metrics.coverage(self._shown, len(self._positions))
        return Worth(np.column_stack((*judged, novelty, diversity)), covered)


def _figures(values: NDArray[np.float64], coverage: float) -> Figures:
    ndcg, precision, recall, mrr, novelty, diversity = estimate_means(values)
    return Figures(ndcg, precision, recall, mrr, novelty, diversity, Estimate(round(coverage, DECIMALS)))
