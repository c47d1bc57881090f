"""Occurrences: how often, and for how long, asked keywords are in the videos that have them."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from ..index.arrays import Int32s, Int64s
from ..index.postings import Postings
from ..insights.model import DEFAULT_CONFIDENCE, FloatArray
from ..insights.timespan import Span, union
from ..vectors.keyword_vector import TICKS_PER_SECOND
from .asked import Sought
from .keywords import Document, Matcher, Spelled, Spellings, documents
from .scope import Scope


class Occurrence(NamedTuple):
    """An asked keyword in one video."""

    place: int
    """Of the asked keyword."""
    position: int
    """Of the video in its segment."""
    confidences: list[float]
    """For each keyword set that has it: the highest of the keywords that match."""
    instances: int
    """In each keyword set merged."""
    ticks: int
    """On-screen duration: the length of the union of its instances in all languages."""


class OccurrenceCounter:
    """Counts asked keywords in documents, and notes how those that match are spelled."""

    def __init__(self, asked: Sequence[Sought], scope: Scope) -> None:
        self._matcher = Matcher(asked, scope.catalog.settings)
        self._scope = scope
        self.spellings = Spellings()
        """Of all keywords that match."""
        self.phrases: list[set[int]] = [set() for _ in asked]
        """The phrase terms of the keywords that match each asked keyword."""

    def occurrences(self, own: Postings, rows: Int32s) -> Iterator[Occurrence]:
        """Yield what each asked keyword comes to in each video of some rows of a segment, ascending ones."""
        found = documents(own, rows, self._scope)
        for position, of_video in groupby(found, attrgetter("position")):
            yield from self._of_video(position, of_video)

    def _of_video(self, position: int, of_video: Iterable[Document]) -> Iterator[Occurrence]:
        confidences: dict[int, list[float]] = {}
        shown: dict[int, list[list[Span]]] = {}
        for document in of_video:
            for place, spelled in self._matching(document).items():
                confidences.setdefault(place, []).append(_confidence(document, spelled))
                shown.setdefault(place, []).append(union(ticks_on_screen(document, spelled)))
        for place, own in confidences.items():
            spans = shown[place]
            ticks = sum(end - start for start, end in union(span for one in spans for span in one))
            yield Occurrence(place, position, own, sum(map(len, spans)), int(ticks) or TICKS_PER_SECOND)

    def _matching(self, document: Document) -> dict[int, list[Spelled]]:
        """Return the keywords of a document that match, by the place of the asked keyword."""
        matching: dict[int, list[Spelled]] = {}
        found = self._matcher.find(document)
        for spelled, places in found:
            for place in places:
                matching.setdefault(place, []).append(spelled)
                self.phrases[place].add(spelled.phrase)
        self.spellings.add(document.keyword_set.language, [spelled for spelled, _ in found])
        return matching


def ticks_on_screen(document: Document, spelled: Iterable[Spelled]) -> list[Span]:
    """Return the instances of some keywords of a document, clipped to the video, in ticks."""
    bounds = document.keyword_set.bounds
    starts, ends = all_ticks(document)
    spans: list[Span] = []
    for one in spelled:
        own = slice(bounds[one.place], bounds[one.place + 1])
        spans += [span for span in zip(starts[own].tolist(), ends[own].tolist(), strict=True) if span[0] < span[1]]
    return spans


def all_ticks(document: Document) -> tuple[Int64s, Int64s]:
    """Return starts and ends of all instances in whole ticks, so that sums are exact, clipped to the video."""
    own = document.keyword_set
    ends = np.minimum(own.ends, document.duration or np.inf)
    return _ticks(own.starts), _ticks(ends)


def _ticks(seconds: FloatArray) -> Int64s:
    return np.rint(seconds * TICKS_PER_SECOND).astype(np.int64)


def _confidence(document: Document, spelled: Iterable[Spelled]) -> float:
    """Return the highest confidence of some keywords, with the default filled in."""
    own = [float(document.keyword_set.confidences[one.place]) for one in spelled]
    return max(DEFAULT_CONFIDENCE if math.isnan(one) else one for one in own)
