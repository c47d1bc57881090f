"""sparse-dot-topn: a sparse product that keeps the best of each row, over the same vectors (`weighted.py`).

    best of each row of  Q · Xᵀ,  Q and Xᵀ by rows, float32, 32-bit indices, only scores > 0, the best sorted

In its best settings: Xᵀ is cut into blocks of videos, whose best are then joined, so that the sums of one block fit a
processor's cache; and many profiles are always given to its function for several threads, which is faster than the one
for a single thread even on one core.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sparse_dot_topn import sp_matmul_topn, zip_sp_matmul_topn

from matchcut_server.vectors.profile import Profile

from .port import Found
from .weighted import weighted

_BLOCK = 100_000
"""Videos; of the sizes tried from 50,000 to all of a million the fastest."""
_THREADS = 2


class SparseDotTopN:
    """Searches a catalog."""

    name = "sparse-dot-topn"
    exact = True

    def __init__(self, size: int) -> None:
        videos, self._profiles = weighted(size)
        bounds = [*range(0, size, _BLOCK), size]
        self._blocks: list[Any] = [videos[start:end].T.tocsr() for start, end in pairwise(bounds)]

    def search(self, profile: Profile, limit: int) -> Found:
        """Return the best videos."""
        return self._best([profile], limit, threads=1)[0]

    def search_all(self, profiles: Sequence[Profile], limit: int) -> list[Found]:
        """Return the best videos for each of many profiles."""
        return self._best(profiles, limit, _THREADS)

    def _best(self, profiles: Sequence[Profile], limit: int, threads: int) -> list[Found]:
        queries = self._profiles.matrix(profiles)
        parts = [
            sp_matmul_topn(queries, block, limit, threshold=0.0, sort=True, n_threads=threads) for block in self._blocks
        ]
        made: Any = parts[0] if len(parts) == 1 else zip_sp_matmul_topn(limit, parts)
        found = list(zip(made.indices.tolist(), made.data.tolist(), strict=True))
        return [found[start:end] for start, end in pairwise(made.indptr.tolist())]
