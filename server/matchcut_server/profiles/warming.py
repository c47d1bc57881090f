"""Warming: the compiled loop of credits is made ready before the first event."""

import numpy as np

from ..insights.model import FloatArray
from .credit import seconds_within


def warm() -> None:
    """Credit a keyword of one instance: the loop is compiled then, or read from where it was kept compiled."""
    bounds, start, end = np.array([0, 1], dtype=np.int32), np.zeros(1), np.ones(1)
    seconds_within(bounds, start, end, start, end)
    stored: tuple[FloatArray, FloatArray] = (start.copy(), end.copy())
    for column in (bounds, *stored):
        column.setflags(write=False)  # as those are that come out of the store, for which there is a loop of its own
    seconds_within(bounds, *stored, start, end)
