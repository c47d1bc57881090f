"""scipy: one sparse product for a search, over vectors that scikit-learn has weighted.

    X      = [ √½ · TfidfTransformer(tf of phrases), √½ · TfidfTransformer(tf of words) ]     videos × terms, float32
    q      = [ √½ · unit(weight · IDF of phrases),   √½ · unit(weight · IDF of words) ]
    scores = q · Xᵀ  with Xᵀ by rows (`terms`: only the terms of q are read), or X · q with X by rows (`videos`)

then the best by `argpartition`. No filters, no changes, IDF of the moment it was built.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfTransformer

from benchmarks.synthetic import Catalog, Vocabulary
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.weighting import BLOCKS, HALF

Orientation = Literal["terms", "videos"]
ORIENTATIONS: tuple[Orientation, Orientation] = ("terms", "videos")


class ScipyProduct:
    """Searches a catalog in which every video has both blocks."""

    def __init__(self, catalog: Catalog, vocabulary: Vocabulary, orientation: Orientation) -> None:
        self._orientation = orientation
        self._ids: dict[str, dict[str, int]] = {}
        weighted, idf = [], []
        offset = 0
        for block in BLOCKS:
            names, rows = vocabulary.names[block], catalog.blocks[block]
            self._ids[block] = {name: offset + i for i, name in enumerate(names)}
            offset += len(names)
            tf = csr_matrix((rows.frequencies, rows.terms, rows.starts), shape=(len(catalog), len(names)))
            transformer = TfidfTransformer()
            weighted.append(transformer.fit_transform(tf) * np.float32(HALF))
            idf.append(transformer.idf_)
        matrix = hstack(weighted, format="csr", dtype=np.float32)
        self._idf = np.concatenate(idf)
        self._matrix: Any = matrix.T.tocsr() if orientation == "terms" else matrix

    def search(self, profile: Profile, limit: int) -> list[tuple[int, float]]:
        """Return the best videos, by their place in the catalog, with their scores; highest first."""
        terms, weights = self._query(profile)
        if self._orientation == "terms":
            bounds = np.array([0, len(terms)])
            found = csr_matrix((weights, terms, bounds), shape=(1, self._matrix.shape[0])) @ self._matrix
            return _best(found.indices, found.data, limit)
        dense = np.zeros(self._matrix.shape[1], dtype=np.float32)
        dense[terms] = weights
        scores = self._matrix @ dense
        return _best(np.arange(len(scores)), scores, limit)

    def _query(self, profile: Profile) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        parts = []
        for block in BLOCKS:
            weights: Mapping[str, float] = getattr(profile, block)
            terms = np.array([self._ids[block][term] for term in weights], dtype=np.int32)
            weighted = np.array(list(weights.values())) * self._idf[terms]
            parts.append((terms, weighted * (HALF / np.linalg.norm(weighted))))
        terms, weighted = (np.concatenate(both) for both in zip(*parts, strict=True))
        return terms, weighted.astype(np.float32)


def _best(videos: NDArray[Any], scores: NDArray[Any], limit: int) -> list[tuple[int, float]]:
    if len(scores) > limit:
        chosen = np.argpartition(scores, len(scores) - limit)[-limit:]
        videos, scores = videos[chosen], scores[chosen]
    order = np.lexsort((videos, -scores))
    return list(zip(videos[order].tolist(), scores[order].tolist(), strict=True))
