"""scikit-learn: `linear_kernel` of a profile and all videos, over the same vectors (`weighted.py`).

    scores = linear_kernel(q, X) = q · Xᵀ, every score written down

then the best by `argpartition`. The vectors have unit length, so this is what `cosine_similarity` gives, which would
normalise both again at every call.
"""

import numpy as np
from sklearn.metrics.pairwise import linear_kernel

from matchcut_server.vectors.profile import Profile

from .port import Found
from .weighted import best, weighted


class Cosine:
    """Searches a catalog."""

    exact = True
    name = "scikit-learn, linear_kernel"

    def __init__(self, size: int) -> None:
        self._videos, self._profiles = weighted(size)

    def search(self, profile: Profile, limit: int) -> Found:
        """Return the best videos."""
        scores = linear_kernel(self._profiles.matrix([profile]), self._videos)[0]
        return best(np.arange(len(scores)), scores, limit)
