"""A catalog as one sparse matrix that scikit-learn has weighted, and profiles as rows that go with it.

    X = [ √½ · TfidfTransformer(tf of phrases), √½ · TfidfTransformer(tf of words) ]     videos × terms, float32
    q = [ √½ · unit(weight · IDF of phrases),   √½ · unit(weight · IDF of words) ]

Videos are named by their place in the catalog, terms by their column.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfTransformer

from benchmarks.catalog import catalog
from benchmarks.vocabulary import vocabulary
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.weighting import BLOCKS, HALF

from .port import Found


class ProfileRows:
    """Turns profiles into rows."""

    def __init__(self, idf: NDArray[np.float64]) -> None:
        self._idf = idf

    def row(self, profile: Profile) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the columns and the values of the row of a profile that has both blocks."""
        parts = []
        for block in BLOCKS:
            weights: Mapping[str, float] = getattr(profile, block)
            columns = column_ids()[block]
            terms = np.array([columns[term] for term in weights], dtype=np.int32)
            own = np.array(list(weights.values())) * self._idf[terms]
            parts.append((terms, own * (HALF / np.linalg.norm(own))))
        terms, own = (np.concatenate(both) for both in zip(*parts, strict=True))
        return terms, own.astype(np.float32)

    def matrix(self, profiles: Sequence[Profile]) -> Any:
        """Return a sparse matrix of one row a profile."""
        rows = [self.row(profile) for profile in profiles]
        starts = np.cumsum([0, *(len(terms) for terms, _ in rows)], dtype=np.int32)
        terms, own = (np.concatenate(every) for every in zip(*rows, strict=True))
        return csr_matrix((own, terms, starts), shape=(len(rows), len(self._idf)))


class Weighted(NamedTuple):
    """A catalog in which every video has both blocks."""

    videos: Any
    """X, by rows."""
    profiles: ProfileRows


@lru_cache(1)
def weighted(size: int) -> Weighted:
    """Return the matrix of a catalog; the last one is kept."""
    whole = catalog(size)
    blocks, idf = [], []
    for block in BLOCKS:
        rows = whole.blocks[block]
        shape = (size, len(vocabulary().names[block]))
        tf = csr_matrix((rows.frequencies, rows.terms, rows.starts.astype(np.int32)), shape=shape)
        transformer = TfidfTransformer()
        blocks.append(transformer.fit_transform(tf))
        blocks[-1].data *= np.float32(HALF)
        idf.append(transformer.idf_)
    return Weighted(hstack(blocks, format="csr", dtype=np.float32), ProfileRows(np.concatenate(idf)))


@lru_cache(1)
def column_ids() -> dict[str, dict[str, int]]:
    """Return which column each term of each block is."""
    names = vocabulary().names
    phrases = {name: column for column, name in enumerate(names["phrases"])}
    return {"phrases": phrases, "words": {name: len(phrases) + i for i, name in enumerate(names["words"])}}


def best(videos: NDArray[Any], scores: NDArray[Any], limit: int) -> Found:
    """Return the best, of equal ones the first."""
    if len(scores) > limit:
        chosen = np.argpartition(scores, len(scores) - limit)[-limit:]
        videos, scores = videos[chosen], scores[chosen]
    order = np.lexsort((videos, -scores))
    return list(zip(videos[order].tolist(), scores[order].tolist(), strict=True))
