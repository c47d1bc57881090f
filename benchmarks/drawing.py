"""Keywords drawn at random: Zipf's law over all keywords and within topics.

How often a keyword occurs falls with its rank (Zipf-Mandelbrot), in all of what is drawn as within each of 500 topics.
Half of the keywords of a row come from its topics, so that keywords of one topic occur together.
"""

import numpy as np
from numpy.typing import NDArray

KEYWORDS = 30
"""In a video, Video Indexer's usual cap, and interests in a profile."""

TOPICS = 500
VOCABULARY = 200_000

SEED = 20_261_122

_DRAWS = 48
"""Keywords drawn for a row, some of them twice, until `KEYWORDS` different ones are found."""

Ints = NDArray[np.int64]
Random = np.random.Generator


def draw_topics(random: Random, count: int, topics: int) -> Ints:
    """Draw so many topics, some of them twice, for each of `count` rows."""
    return zipf(random, (count, topics), TOPICS, shift=5)


def draw_keywords(random: Random, about: Ints) -> Ints:
    """Draw `KEYWORDS` different keywords for each row of topics."""
    shape = (len(about), _DRAWS)
    topic = np.take_along_axis(about, random.integers(0, about.shape[1], shape), axis=1)
    special = zipf(random, shape, VOCABULARY // TOPICS, shift=0) * TOPICS + topic
    drawn = np.where(random.random(shape) < 0.5, zipf(random, shape, VOCABULARY, shift=2), special)
    order = np.argsort(drawn, axis=1, kind="stable")
    ascending = np.take_along_axis(drawn, order, axis=1)
    again = np.zeros(shape, dtype=bool)
    np.put_along_axis(again, order[:, 1:], ascending[:, 1:] == ascending[:, :-1], axis=1)
    # Different ones first, in the order they were drawn; in the rare row that has too few, whatever is next to be had.
    found = np.take_along_axis(drawn, np.argsort(again, axis=1, kind="stable"), axis=1)[:, :KEYWORDS]
    for row in np.flatnonzero((~again).sum(axis=1) < KEYWORDS).tolist():
        different = list(dict.fromkeys([*found[row].tolist(), *range(KEYWORDS)]))
        found[row] = different[:KEYWORDS]
    return found


def zipf(random: Random, shape: tuple[int, ...], ranks: int, shift: float) -> Ints:
    """Draw ranks from 0 with probabilities in proportion to 1 / (rank + 1 + shift)."""
    bounds = np.cumsum(1.0 / (np.arange(ranks) + 1.0 + shift))
    drawn: Ints = np.searchsorted(bounds, random.random(shape) * bounds[-1]).clip(0, ranks - 1)
    return drawn
