"""sparse-dot-topn: a sparse product that keeps the best of each row, over the same vectors (`weighted.py`).

    best of each row of  Q · Xᵀ,  Q and Xᵀ by rows, float32, 32-bit indices

Many profiles at once, on so many threads; the best of each are sorted. `blocks`: Xᵀ is cut into so many blocks of
videos, whose best are then joined, so that the sums of one block fit a processor's cache.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sparse_dot_topn import sp_matmul_topn, zip_sp_matmul_topn

from matchcut_server.vectors.profile import Profile

from .port import Found
from .weighted import weighted


class SparseDotTopN:
    """Searches a catalog."""

    exact = True

    def __init__(self, size: int, blocks: int = 1) -> None:
        self.name = "sparse-dot-topn"
        videos, self._profiles = weighted(size)
        bounds = np.linspace(0, size, blocks + 1).astype(int).tolist()
        self._blocks = [
            videos[start:end].T.tocsr() for start, end in zip(bounds, bounds[1:], strict=False)
        ]

    def search(self, profile: Profile, limit: int) -> Found:
        """Return the best videos for one profile."""
        return self.search_all([profile], limit, 1)[0]

    def search_all(self, profiles: Sequence[Profile], limit: int, threads: int) -> list[Found]:
        """Return the best videos for each of many profiles."""
        queries = self._profiles.matrix(profiles)
        parts = [sp_matmul_topn(queries, block, limit, sort=True, n_threads=threads) for block in self._blocks]
        made: Any = parts[0] if len(parts) == 1 else zip_sp_matmul_topn(limit, parts)
        columns, scores, starts = made.indices.tolist(), made.data.tolist(), made.indptr.tolist()
        return [
            list(zip(columns[start:end], scores[start:end], strict=True))
            for start, end in zip(starts, starts[1:], strict=False)
        ]
