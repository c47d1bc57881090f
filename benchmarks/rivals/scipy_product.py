"""scipy: one sparse product for a search, over vectors that scikit-learn has weighted (`weighted.py`).

    scores = q · Xᵀ,  Xᵀ by rows: only the terms of q are read          (`ByTerms`)
    scores = X · q,   X by rows: all is read, and nothing is sorted     (`ByVideos`)

then the best by `argpartition`. No filters, no changes, IDF of the moment it was built.
"""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from matchcut_server.vectors.profile import Profile

from .port import Found
from .weighted import best, weighted


class ByTerms:
    """Searches a catalog."""

    name = "scipy, product by terms"
    exact = True

    def __init__(self, size: int) -> None:
        videos, self._profiles = weighted(size)
        self._terms: Any = videos.T.tocsr()

    def search(self, profile: Profile, limit: int) -> Found:
        """Return the best videos."""
        terms, weights = self._profiles.row(profile)
        bounds = np.array([0, len(terms)], dtype=np.int32)
        found = csr_matrix((weights, terms, bounds), shape=(1, self._terms.shape[0])) @ self._terms
        return best(found.indices, found.data, limit)


class ByVideos:
    """Searches a catalog."""

    name = "scipy, product by videos"
    exact = True

    def __init__(self, size: int) -> None:
        self._videos, self._profiles = weighted(size)

    def search(self, profile: Profile, limit: int) -> Found:
        """Return the best videos."""
        terms, weights = self._profiles.row(profile)
        dense = np.zeros(self._videos.shape[1], dtype=np.float32)
        dense[terms] = weights
        scores = self._videos @ dense
        return best(np.arange(len(scores)), scores, limit)
