"""Statistics of keywords: in how many videos they occur, how often, and for how long they are on screen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..vectors.keyword_vector import TICKS_PER_SECOND
from ..vectors.weighting import inverse_document_frequency
from .asked import Sought, united
from .conditions import locate
from .keywords import KeywordCount, Spellings
from .occurrences import Occurrence, OccurrenceCounter
from .scope import Scope

MAX_MATCHING = 10
"""Matching keywords told of one that is asked for."""


class KeywordStats(NamedTuple):
    """Exact counts of an asked keyword over the videos that are allowed."""

    videos: int
    keyword_sets: int
    idf: float
    """In the whole catalog."""
    instances: int
    on_screen_seconds: float
    mean_confidence: float
    """Over keyword sets; 0 if there are none."""
    first_published: float | None
    """Unix seconds; None if no video has a published time."""
    last_published: float | None
    matching: list[KeywordCount]
    """The keywords that were counted, most frequent first, the first `MAX_MATCHING`."""


class Statistics(NamedTuple):
    """Counts of several asked keywords."""

    stats: list[KeywordStats]
    videos: int
    """That are allowed and have any keyword that can match."""
    missing: list[Sought]
    """What does not occur in the catalog."""


@dataclass(slots=True)
class _Sums:
    videos: int = 0
    instances: int = 0
    ticks: int = 0
    confidences: list[float] = field(default_factory=list)
    published: list[float] = field(default_factory=list)

    def add(self, one: Occurrence, published: float) -> None:
        self.videos += 1
        self.instances += one.instances
        self.ticks += one.ticks
        self.confidences += one.confidences
        if math.isfinite(published):
            self.published = [min([published, *self.published]), max([published, *self.published])]


def count_keywords(asked: Sequence[Sought], scope: Scope) -> Statistics:
    """Count asked keywords."""
    counter = OccurrenceCounter(asked, scope)
    sums = [_Sums() for _ in asked]
    videos = 0
    for own in (located.postings for located in scope.locate(asked)):
        videos += len(own.videos_of(own.open_rows))
        for one in counter.occurrences(own, united(own.found)):
            sums[one.place].add(one, float(own.columns.published[one.position]))
    everywhere = locate(asked, scope.view)
    counts = [sum(len(located.rows[place]) for located in everywhere) for place in range(len(asked))]
    idf = inverse_document_frequency(np.array(counts, dtype=np.int64), scope.view.statistics.keyword_sets)
    stats = [
        _stats(own, weight, _matching(phrases, counter.spellings))
        for own, weight, phrases in zip(sums, idf.tolist(), counter.phrases, strict=True)
    ]
    missing = [sought for sought, count in zip(asked, counts, strict=True) if not count]
    return Statistics(stats, videos, missing)


def _stats(sums: _Sums, idf: float, matching: list[KeywordCount]) -> KeywordStats:
    sets = len(sums.confidences)
    first, last = sums.published or (None, None)
    return KeywordStats(
        sums.videos,
        sets,
        idf,
        sums.instances,
        sums.ticks / TICKS_PER_SECOND,
        math.fsum(sums.confidences) / sets if sets else 0.0,
        first,
        last,
        matching,
    )


def _matching(phrases: set[int], spellings: Spellings) -> list[KeywordCount]:
    """Return the keywords of the most keyword sets, of equal ones the first, at most `MAX_MATCHING`."""
    counts = [spellings.count(phrase) for phrase in phrases]
    return sorted(counts, key=lambda one: (-one.keyword_set_count, one.keyword, one.language))[:MAX_MATCHING]
