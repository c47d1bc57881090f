"""Similar videos: the profile that some videos make."""

from collections.abc import Iterable, Sequence

import numpy as np

from ..index.port import View
from ..vectors.keyword_vector import TermBlock
from ..vectors.mixture import Mixture, Part, added_up
from .query import Seed


def seed_profile(view: View, seeds: Iterable[Seed]) -> Mixture:
    """Return the profile of some videos: the sum of their tf vectors of length 1, each times its weight.

    Of a video with several keyword sets a term has its largest tf. Videos that are not there, or without a term, have
    no say; a profile without any has no parts.
    """
    known = [(seed.weight, view.vectors(seed.video_id)) for seed in seeds if seed.weight]
    held = [(weight, vectors) for weight, vectors in known if vectors]
    if not held:
        return Mixture(())
    weights = [weight for weight, _ in held]
    phrases = added_up([_unit([vector.phrases for vector in vectors]) for _, vectors in held], weights)
    words = added_up([_unit([vector.words for vector in vectors]) for _, vectors in held], weights)
    return Mixture((Part(1.0, phrases, words),)) if len(phrases.keys) or len(words.keys) else Mixture(())


def _unit(blocks: Sequence[TermBlock]) -> TermBlock:
    """Return the largest tf of each term over some blocks, of length 1."""
    keys, places = np.unique(np.concatenate([block.keys for block in blocks]), return_inverse=True)
    largest = np.zeros(len(keys), dtype=np.float32)
    np.maximum.at(largest, places, np.concatenate([block.frequencies for block in blocks]))
    length = float(np.sqrt(np.sum(largest.astype(np.float64) ** 2)))
    return TermBlock(keys, (largest / length).astype(np.float32) if length else largest)
