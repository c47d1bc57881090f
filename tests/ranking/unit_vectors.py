"""Unit vectors for tests of ranking steps."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from hypothesis import strategies as st

from matchcut_server.index.held import UnitVector
from matchcut_server.insights.model import Video
from tests.makers import indexed
from tests.naive import live_idf, terms_of, unit


def unit_vector(weights: Mapping[int, float]) -> UnitVector:
    """Make a vector of some weights by key, brought to unit length."""
    keys = sorted(weights)
    own = np.array([weights[key] for key in keys], dtype=np.float64)
    return UnitVector(np.array(keys, dtype=np.uint64), own / np.linalg.norm(own) if keys else own)


def unit_vectors(videos: Iterable[Video]) -> dict[tuple[str, str], UnitVector]:
    """Weigh the keyword sets of a catalog; by video and language, without those that have no terms."""
    taken = [indexed(video) for video in videos]
    idf = live_idf(taken)
    return {
        (one.facts.video_id, vector.language): unit_vector(
            {key: weight for (_, key), weight in unit(terms_of(vector), idf).items()}
        )
        for one in taken
        for vector in one.vectors
        if not vector.is_empty
    }


def dot(first: UnitVector, second: UnitVector) -> float:
    """Return the cosine of two vectors, by the library's means."""
    both = np.intersect1d(first.keys, second.keys)
    weights = (own.weights[np.searchsorted(own.keys, both)] for own in (first, second))
    return float(np.prod(list(weights), axis=0).sum())


VECTORS: st.SearchStrategy[UnitVector] = st.dictionaries(
    st.integers(0, 8) | st.integers(2**64 - 3, 2**64 - 1), st.floats(0.1, 10), max_size=6
).map(unit_vector)
"""Vectors of a few terms, so that many share some; empty ones too."""

ATTRIBUTES: st.SearchStrategy[Mapping[str, Sequence[str]]] = st.dictionaries(
    st.sampled_from(["series", "genre"]), st.lists(st.sampled_from("abc"), unique=True, max_size=2), max_size=2
)
"""Attributes of a video, of few values."""
