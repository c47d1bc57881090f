"""Screens: the documents of videos, laid out to tell what is on screen in any stretch of them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..index.arrays import Float64s
from ..index.port import View
from ..insights.model import DEFAULT_CONFIDENCE, KeywordSet
from ..store.port import Catalog, Store
from ..vectors.keys import keyword_keys
from ..vectors.keyword_vector import effective_duration
from ..vectors.scheme import Scheme, term_frequency
from ..vectors.settings import CatalogSettings
from ..vectors.terms import stemmer_name
from .stretches import Screen, UnitVectors, distinct_terms, merged_instances, shown_in, unit_vectors


class SetScreen(NamedTuple):
    """A keyword set, laid out."""

    keyword_set: KeywordSet
    duration: float
    """Of the video, or the end of the last instance of this keyword set where it is unknown; more than 0."""
    packed: list[bytes]
    """The keys of each keyword (see `keyword_keys`); empty for those that never match."""
    screen: Screen

    def vectors(self, starts: Float64s, ends: Float64s, scheme: Scheme) -> UnitVectors:
        """Return some stretches as vectors, weighted by confidence and on-screen duration in each alone."""
        shown = shown_in(self.screen, starts, ends)
        confidences = self.screen.confidences[shown.keywords]
        frequencies = term_frequency(scheme, confidences, shown.seconds, self.duration).astype(np.float32)
        return unit_vectors(self.screen, shown, frequencies)


class VideoScreen(NamedTuple):
    """A video, laid out."""

    video_id: str
    end: float
    """Its duration, or the end of its last instance where that is unknown; 0 if it has none."""
    sets: tuple[SetScreen, ...]
    """By language."""

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return sum(2_000 + 200 * len(own.packed) + 40 * len(own.screen.starts) for own in self.sets)


def read_screens(
    store: Store, catalog: Catalog, view: View, wanted: Sequence[tuple[str, Sequence[str]]]
) -> list[VideoScreen]:
    """Read videos, each named with the languages of its keyword sets, in order; what is gone is left out."""
    pairs = [(video_id, language) for video_id, languages in wanted for language in languages]
    rows = sorted(
        (row for some in store.keyword_sets(catalog.catalog_id, pairs) for row in some), key=lambda row: row[0]
    )
    found: dict[str, list[tuple[float, KeywordSet]]] = {}
    for place, duration, keyword_set in rows:
        found.setdefault(pairs[place][0], []).append((duration, keyword_set))
    return list(lay_out(found.items(), view, catalog.settings))


def lay_out(
    videos: Iterable[tuple[str, Sequence[tuple[float, KeywordSet]]]], view: View, settings: CatalogSettings
) -> Iterator[VideoScreen]:
    """Lay out videos, each given as an id and its keyword sets, with the duration of the video in seconds, 0 if unknown.

    Their terms are weighted with the IDF of the view.
    """
    made = [
        (video_id, [(duration, _lay_out(own, duration, settings)) for duration, own in sets])
        for video_id, sets in videos
    ]
    keys = [own.screen.keys for _, sets in made for _, own in sets]
    idf = np.split(view.idf_of(np.concatenate(keys)), np.cumsum([len(own) for own in keys])[:-1]) if keys else []
    idf_of_sets = iter(idf)
    for video_id, sets in made:
        end = max(duration or float(own.keyword_set.ends.max(initial=0.0)) for duration, own in sets)
        whole = [own._replace(screen=own.screen._replace(idf=next(idf_of_sets))) for _, own in sets]
        yield VideoScreen(video_id, end, tuple(sorted(whole, key=lambda own: own.keyword_set.language)))


def _lay_out(keyword_set: KeywordSet, duration: float, settings: CatalogSettings) -> SetScreen:
    """Lay out a keyword set, all but its IDF."""
    stemmer = stemmer_name(keyword_set.language)
    confidences = np.where(np.isnan(keyword_set.confidences), DEFAULT_CONFIDENCE, keyword_set.confidences)
    packed = [
        keyword_keys(text, stemmer) if text is not None and confidence > 0 else b""
        for text, confidence in zip(settings.resolve_all(keyword_set.texts), confidences.tolist(), strict=True)
    ]
    lengths = np.array(list(map(len, packed)), dtype=np.int64)
    confidences[lengths == 0] = 0.0
    spans = merged_instances(keyword_set.bounds, keyword_set.starts, keyword_set.ends, duration or np.inf)
    terms = distinct_terms(np.frombuffer(b"".join(packed), dtype="<u8"), lengths)
    screen = Screen(*spans, confidences, *terms, np.empty(0))
    return SetScreen(keyword_set, effective_duration(keyword_set, duration), packed, screen)
