"""bm25s, with its numba backend: BM25 over the same terms.

    score(video) = sum over terms t of the profile in the video of
                   IDF(t) · f / (f + k1 · (1 - b + b · length / mean length))

Where it differs: every term of a video counts as one occurrence (f = 1) and every term of a profile as one, because it
takes tokens, neither tf nor weights; so its list is another one, and how much of Matchcut's it holds is told. Terms are
given as the numbers of its own vocabulary, and one profile is searched at a time.
"""

from typing import Any

import bm25s

from benchmarks.catalog import catalog
from benchmarks.vocabulary import vocabulary
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.weighting import BLOCKS

from .port import Found
from .tokens import tokens_of_profile, tokens_of_videos


class Bm25s:
    """Searches a catalog."""

    exact = False
    name = "bm25s, numba"

    def __init__(self, size: int) -> None:
        count = sum(len(vocabulary().names[block]) for block in BLOCKS)
        self._index: Any = bm25s.BM25(backend="numba")
        known = {str(column): column for column in range(count)}
        self._index.index((list(tokens_of_videos(catalog(size))), known), show_progress=False)
        self._index.activate_numba_scorer()

    def search(self, profile: Profile, limit: int) -> Found:
        """Return the best videos."""
        videos, scores = self._index.retrieve(
            [tokens_of_profile(profile)], k=limit, show_progress=False, n_threads=0, backend_selection="numba"
        )
        return list(zip(videos[0].tolist(), scores[0].tolist(), strict=True))
