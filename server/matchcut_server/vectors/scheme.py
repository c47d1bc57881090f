"""Weighting schemes: how much a keyword counts in a video, before IDF.

Each takes arrays of one length for the keywords of a set: `confidence` in [0, 1] and on-screen `seconds` > 0; and the
`duration` of the video in seconds. Each returns tf >= 0. The default, `log`, was the best on three sets of talks with
their publishers' own topics; linear duration was worse than none.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Scheme(StrEnum):
    """Names of the schemes; the names of `WeightingScheme` in the contract, without its prefix."""

    LOG = "LOG"
    SQRT = "SQRT"
    LINEAR = "LINEAR"
    SHARE = "SHARE"
    CONFIDENCE = "CONFIDENCE"


def _log(confidence: FloatArray, seconds: FloatArray, duration: float) -> FloatArray:
    """c · ln(1 + d)."""
    return confidence * np.log1p(seconds)


def _sqrt(confidence: FloatArray, seconds: FloatArray, duration: float) -> FloatArray:
    """c · √d."""
    return confidence * np.sqrt(seconds)


def _linear(confidence: FloatArray, seconds: FloatArray, duration: float) -> FloatArray:
    """c · d."""
    return confidence * seconds


def _share(confidence: FloatArray, seconds: FloatArray, duration: float) -> FloatArray:
    """c · ln(1 + 1000 · d / D)."""
    return confidence * np.log1p(1000.0 * seconds / duration)


def _confidence(confidence: FloatArray, seconds: FloatArray, duration: float) -> FloatArray:
    """c."""
    return confidence


_FORMULAS: dict[Scheme, Callable[[FloatArray, FloatArray, float], FloatArray]] = {
    Scheme.LOG: _log,
    Scheme.SQRT: _sqrt,
    Scheme.LINEAR: _linear,
    Scheme.SHARE: _share,
    Scheme.CONFIDENCE: _confidence,
}


def term_frequency(scheme: Scheme, confidence: FloatArray, seconds: FloatArray, duration: float) -> FloatArray:
    """Return tf by the named scheme; `duration` > 0 is only used by `SHARE`."""
    return _FORMULAS[scheme](confidence, seconds, duration)
