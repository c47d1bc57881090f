"""Warming: the loops of ranking steps are made ready before the first request."""

import numpy as np

from ..index.held import UnitVector, cosine
from .diversity import diverse


def warm() -> None:
    """Choose among a few videos: loops are compiled then, or read from where they were kept compiled."""
    vector = UnitVector(np.array([1], dtype=np.uint64), np.ones(1))
    cosine(vector, vector)
    list(diverse((1.0, 0.5), (vector, vector), 0.5, lambda _: True))
