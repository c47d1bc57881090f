"""Warming: the kernels of memory indexes are made ready before the first search; generations warm their own."""

import numpy as np

from ..vectors.keys import term_key
from ..vectors.keyword_vector import KeywordVector, SetCounts, TermBlock
from ..vectors.profile import Profile
from ..vectors.video import IndexedVideo, VideoFacts
from ..vectors.weighting import BLOCKS
from .memory import MemoryIndex


def warm() -> None:
    """Search an index of one video: kernels are compiled then, or read from where they were kept compiled."""
    phrases, words = (
        TermBlock(np.array([term_key(block, "london")], dtype=np.uint64), np.ones(1, dtype=np.float32))
        for block in BLOCKS
    )
    vector = KeywordVector("en", False, phrases, words, SetCounts())
    index = MemoryIndex()
    index.apply([IndexedVideo(VideoFacts("v", languages=("en",)), (vector,))], 1)
    view = index.view()
    view.search(Profile({"london": 1.0}, {"london": 1.0}), 1, 0.0)
    for own in view.postings(phrases.keys, None):
        own.videos_by_phrase(own.open_rows)
