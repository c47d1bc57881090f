"""How alike videos are: cosines of the vectors that an index holds of them."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..index.port import View
from ..store.port import Catalog, Store
from ..vectors.keys import term_key
from ..vectors.keyword_vector import weigh_keywords
from ..vectors.weighting import BLOCKS, Block, block_shares, unit_weights

MAX_KEPT = 50_000
"""Videos whose vectors are kept at hand."""


class Likeness:
    """Compares the videos of a catalog as they stand in `view`."""

    def __init__(self, store: Store, catalog: Catalog, view: View) -> None:
        self._store = store
        self._catalog = catalog
        self._view = view
        self._vectors = lru_cache(MAX_KEPT)(self._vectors_of)

    def cosines(self, video_ids: Sequence[str]) -> NDArray[np.float64]:
        """Return the cosines of all pairs, each that of the keyword sets that are most alike; 0 without keywords."""
        vectors = [(at, *vector) for at, one in enumerate(video_ids) for vector in self._vectors(one)]
        count = len(video_ids)
        cosines = np.zeros((count, count))
        if vectors:
            videos = np.array([at for at, _, _ in vectors])
            keys, places = np.unique(np.concatenate([own for _, own, _ in vectors]), return_inverse=True)
            rows = np.repeat(np.arange(len(vectors)), [len(own) for _, own, _ in vectors])
            dense = np.zeros((len(vectors), len(keys)))
            dense[rows, places] = np.concatenate([weights for _, _, weights in vectors])
            np.maximum.at(cosines, (videos[:, None], videos[None, :]), dense @ dense.T)
        return cosines[np.triu_indices(count, 1)]

    def _vectors_of(self, video_id: str) -> list[tuple[NDArray[np.uint64], NDArray[np.float64]]]:
        """Return the keys of terms and the unit vector of each keyword set that has any."""
        stored = self._store.video(self._catalog.catalog_id, video_id)
        vectors = []
        for keyword_set in stored.video.keyword_sets if stored else ():
            strongest: dict[tuple[Block, str], float] = {}
            for weighted in weigh_keywords(
                keyword_set, stored.video.duration if stored else 0.0, self._catalog.settings
            ):
                terms: list[tuple[Block, str]] = [("phrases", weighted.terms.phrase)]
                terms += [("words", word) for word in weighted.terms.words]
                for block, term in terms:
                    strongest[block, term] = max(strongest.get((block, term), 0.0), float(weighted.frequency))
            if strongest:
                vectors.append(self._unit_vector(strongest))
        return vectors

    def _unit_vector(
        self, frequencies: dict[tuple[Block, str], float]
    ) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
        own = [[(term, tf) for (kind, term), tf in frequencies.items() if kind == block] for block in BLOCKS]
        keys: list[int] = []
        weights = []
        for block, share, terms in zip(BLOCKS, block_shares(bool(own[0]), bool(own[1])), own, strict=True):
            keys += [term_key(block, term) for term, _ in terms]
            idf = np.array([self._view.inverse_document_frequency(block, term) for term, _ in terms])
            weights.append(share * unit_weights(np.array([tf for _, tf in terms]), idf))
        return np.array(keys, dtype=np.uint64), np.concatenate(weights)
