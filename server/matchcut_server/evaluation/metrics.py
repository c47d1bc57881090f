"""Figures of one ranked list, and of all lists together.

A list is given as the gains of its items in ranked order: 0 for an item that is not relevant, more than 0 and at most
1 for one that is. Items that were not judged are not relevant.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def discounted_gain(gains: Floats, cutoff: int) -> float:
    """DCG@k = Σ gain(i) / log2(1 + i) over the ranks i = 1 … k.

    Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002; with linear gains, as
    scikit-learn's `dcg_score`.
    """
    top = gains[:cutoff]
    return float(np.sum(top / np.log2(np.arange(2, len(top) + 2))))


def normalised_gain(gains: Floats, relevant: Floats, cutoff: int) -> float:
    """nDCG@k = DCG@k / DCG@k of the best order there is; 0 to 1.

    `relevant`: the gains of all relevant items of the catalog, in any order, whether or not they are in the list; at
    least one. Source: as `discounted_gain`; equal to scikit-learn's `ndcg_score`.
    """
    return discounted_gain(gains, cutoff) / discounted_gain(np.sort(relevant)[::-1], cutoff)


def precision(gains: Floats, cutoff: int) -> float:
    """P@k = relevant items among the first k / k; 0 to 1. A list of fewer items counts as if filled with wrong ones.

    Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008, chapter 8.
    """
    return int(np.count_nonzero(gains[:cutoff])) / cutoff


def recall(gains: Floats, relevant: Floats, cutoff: int) -> float:
    """Recall@k = relevant items among the first k / all relevant items; 0 to 1. Source: as `precision`."""
    return int(np.count_nonzero(gains[:cutoff])) / len(relevant)


def reciprocal_rank(gains: Floats) -> float:
    """1 / the rank of the first relevant item; 0 if there is none. Its mean over all lists is the MRR.

    Voorhees, The TREC-8 question answering track report, 1999.
    """
    found = np.flatnonzero(gains)
    return 1.0 / (1 + int(found[0])) if len(found) else 0.0


def coverage(shown: Iterable[int], catalog: int) -> float:
    """Share of the catalog's `catalog` items that are in any list; `shown` may repeat them. 0 to 1.

    Ge, Delgado-Battenfeld and Jannach, Beyond accuracy: evaluating recommender systems by coverage and serendipity,
    2010.
    """
    return len(set(shown)) / catalog


def self_information(counts: Floats, total: int) -> Floats:
    """log2((1 + total) / (1 + count)) of each item: bits; 0 for one that all know, the more the fewer know it.

    `counts`: how many of `total` (users, or lists) have the item. -log2 of its share, smoothed so that it is finite for
    items that nobody has. Its mean over a list is the novelty of the list: Zhou and others, Solving the apparent
    diversity-accuracy dilemma of recommender systems, 2010.
    """
    return np.log2((1.0 + total) / (1.0 + counts))


def diversity(cosines: Iterable[float]) -> float:
    """1 - the mean cosine of all pairs of a list's items; NaN for a list without pairs.

    Smyth and McClave, Similarity vs. diversity, 2001.
    """
    all_pairs = np.fromiter(cosines, dtype=np.float64)
    return float(1.0 - all_pairs.mean()) if len(all_pairs) else float("nan")
