"""How alike videos are: cosines of the vectors that an index holds of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..index.held import UnitVector
from ..index.port import View


class Likeness:
    """Compares the videos of `view`."""

    def __init__(self, view: View) -> None:
        self._view = view

    def cosines(self, video_ids: Sequence[str]) -> NDArray[np.float64]:
        """Return the cosines of all pairs, each that of the keyword sets that are most alike; 0 without keywords."""
        count = len(video_ids)
        cosines = np.zeros((count, count))
        found = [(at, vector) for at, one in enumerate(video_ids) for vector in self._vectors(one)]
        if found:
            videos, vectors = np.array([at for at, _ in found]), [vector for _, vector in found]
            keys, places = np.unique(np.concatenate([one.keys for one in vectors]), return_inverse=True)
            dense = np.zeros((len(vectors), len(keys)))
            rows = np.repeat(np.arange(len(vectors)), [len(one.keys) for one in vectors])
            dense[rows, places] = np.concatenate([one.weights for one in vectors])
            np.maximum.at(cosines, (videos[:, None], videos[None, :]), dense @ dense.T)
        return cosines[np.triu_indices(count, 1)]

    def _vectors(self, video_id: str) -> list[UnitVector]:
        facts = self._view.facts(video_id)
        languages = facts.languages if facts else ()
        return [one for one in (self._view.unit_vector(video_id, tag) for tag in languages) if one is not None]
