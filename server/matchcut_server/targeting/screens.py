"""Screens: the documents of videos, laid out to tell what is on screen in any stretch of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..index.arrays import Float64s
from ..index.port import View
from ..insights.model import DEFAULT_CONFIDENCE, KeywordSet
from ..store.port import Catalog, Store
from ..vectors.keys import keyword_keys
from ..vectors.keyword_vector import effective_duration
from ..vectors.mixture import NO_TERMS
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


class Document(NamedTuple):
    """What is read of a video."""

    video_id: str
    duration: float
    """In seconds; 0 if unknown."""
    keyword_sets: Sequence[KeywordSet]


def read_screens(
    store: Store, catalog: Catalog, view: View, wanted: Sequence[tuple[str, Sequence[str]]]
) -> list[VideoScreen]:
    """Read videos, each named with the languages of its keyword sets; those that are gone are left out."""
    pairs = [(video_id, language) for video_id, languages in wanted for language in languages]
    found: dict[str, tuple[float, list[KeywordSet]]] = {}
    for some in store.keyword_sets(catalog.catalog_id, pairs):
        for place, duration, keyword_set in some:
            found.setdefault(pairs[place][0], (duration, []))[1].append(keyword_set)
    return lay_out([Document(video_id, *one) for video_id, one in found.items()], view, catalog.settings)


def lay_out(documents: Sequence[Document], view: View, settings: CatalogSettings) -> list[VideoScreen]:
    """Lay out videos; their terms are weighted with the IDF of the view."""
    made = [[_lay_out(own, one.duration, settings) for own in one.keyword_sets] for one in documents]
    keys = [own.screen.keys for sets in made for own in sets]
    bounds = np.cumsum([len(own) for own in keys])
    idf = iter(np.split(view.idf_of(np.concatenate([NO_TERMS.keys, *keys])), bounds[:-1]))
    videos = []
    for document, sets in zip(documents, made, strict=True):
        whole = [own._replace(screen=own.screen._replace(idf=next(idf))) for own in sets]
        last = max((float(own.keyword_set.ends.max(initial=0.0)) for own in sets), default=0.0)
        in_order = tuple(sorted(whole, key=lambda own: own.keyword_set.language))
        videos.append(VideoScreen(document.video_id, document.duration or last, in_order))
    return videos


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
    bounds, places, keys, phrases = distinct_terms(np.frombuffer(b"".join(packed), dtype="<u8"), lengths)
    screen = Screen(*spans, confidences, bounds, places, keys, phrases, np.empty(0))
    return SetScreen(keyword_set, effective_duration(keyword_set, duration), packed, screen)
