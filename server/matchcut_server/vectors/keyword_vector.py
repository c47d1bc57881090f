"""The tf vectors of a keyword set: what is stored and indexed; IDF and length come at query time."""

from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..insights.model import DEFAULT_CONFIDENCE, DEFAULT_ON_SCREEN_SECONDS, Keyword, KeywordSet
from ..insights.timespan import Span, union
from .accumulation import covered_seconds, strongest_keys, with_defaults
from .keys import keyword_keys
from .scheme import FloatArray, term_frequency
from .settings import CatalogSettings
from .terms import Terms, keyword_terms, stemmer_name

TICKS_PER_SECOND = 10_000_000
"""Video Indexer's times have this resolution."""


class TermBlock(Struct, frozen=True, eq=False):
    """Terms with their tf, by their keys (see `keys`)."""

    keys: NDArray[np.uint64]
    """Different ones, ascending."""
    frequencies: NDArray[np.float32]
    """tf > 0, one for each term."""


class SetCounts(Struct, frozen=True, array_like=True):
    """What statistics count of a keyword set."""

    keywords: int = 0
    on_screen_ticks: int = 0
    """On-screen duration over all keywords in ticks of 100 ns: whole numbers, so that sums stay exact."""
    defaulted_confidences: int = 0
    defaulted_durations: int = 0


class KeywordVector(Struct, frozen=True, eq=False):
    """A keyword set as tf: a block over whole keywords and one over their words."""

    language: str
    summarized: bool
    phrases: TermBlock
    words: TermBlock
    counts: SetCounts

    @property
    def is_empty(self) -> bool:
        """Tell that nothing can match."""
        return not len(self.phrases.keys)


class WeightedKeyword(NamedTuple):
    """A keyword of a set with all that its terms' tf follows from."""

    keyword: Keyword
    terms: Terms
    confidence: float
    """With the default filled in."""
    seconds: float
    """On-screen duration, with the default filled in."""
    frequency: np.float32
    """tf of each of its terms."""


def merged_spans(keyword: Keyword, duration: float) -> list[Span]:
    """Return when a keyword is on screen: its instances clipped to the video (`duration` 0: unknown) and merged."""
    end = duration or float("inf")
    return union((i.start, min(i.end, end)) for i in keyword.instances if i.start < end)


def on_screen_seconds(keyword_set: KeywordSet, duration: float) -> FloatArray:
    """Return for each keyword the length of the union of its instances in seconds; 0 where there is none.

    `duration` of the video in seconds, to which instances are clipped; 0 if unknown.
    """
    return covered_seconds(keyword_set.bounds, keyword_set.starts, keyword_set.ends, duration or np.inf)


def effective_duration(keyword_set: KeywordSet, duration: float) -> float:
    """Return the duration, or the end of the last instance where it is unknown; more than 0."""
    return duration or float(keyword_set.ends.max(initial=0.0)) or DEFAULT_ON_SCREEN_SECONDS


def weigh_keywords(keyword_set: KeywordSet, duration: float, settings: CatalogSettings) -> list[WeightedKeyword]:
    """Weigh each keyword of a set by confidence and on-screen duration; ignored and wordless ones are left out."""
    weights = _weigh(keyword_set, duration, settings)
    columns = (column.tolist() for column in (weights.confidences, weights.seconds))
    stemmer = stemmer_name(keyword_set.language)
    weighted = []
    for keyword, confidence, seconds, frequency in zip(
        keyword_set.keywords, *columns, weights.frequencies, strict=True
    ):
        resolved = settings.resolve(keyword.text)
        terms = keyword_terms(resolved, stemmer) if resolved is not None else None
        if terms is not None and terms.phrase:
            weighted.append(WeightedKeyword(keyword, terms, confidence, seconds, frequency))
    return weighted


def vectorise(keyword_set: KeywordSet, duration: float, settings: CatalogSettings) -> KeywordVector:
    """Turn a keyword set into its tf vectors.

    The tf of a term is the maximum over the keywords that hold it, in both blocks; keywords of weight 0 have no terms.
    """
    weights = _weigh(keyword_set, duration, settings)
    stemmer = stemmer_name(keyword_set.language)
    resolved = settings.resolve_all(keyword_set.texts)
    keys = [b"" if text is None else keyword_keys(text, stemmer) for text in resolved]
    lengths = np.array(list(map(len, keys)), dtype=np.int64)
    phrases, phrase_frequencies, words, word_frequencies = strongest_keys(
        np.frombuffer(b"".join(keys), dtype="<u8"), lengths, weights.frequencies
    )
    return KeywordVector(
        keyword_set.language,
        keyword_set.summarized,
        TermBlock(phrases, phrase_frequencies),
        TermBlock(words, word_frequencies),
        SetCounts(len(keyword_set.texts), *weights.counts),
    )


def term_frequencies(keyword_set: KeywordSet, duration: float, settings: CatalogSettings) -> NDArray[np.float32]:
    """Return tf of each keyword of a set, in order, whether it has terms or not."""
    return _weigh(keyword_set, duration, settings).frequencies


class _Weights(NamedTuple):
    """Of the keywords of a set, in order; defaults filled in."""

    confidences: FloatArray
    seconds: FloatArray
    frequencies: NDArray[np.float32]
    counts: tuple[int, int, int]
    """On-screen ticks, and how many confidences and durations are defaults."""


def _weigh(keyword_set: KeywordSet, duration: float, settings: CatalogSettings) -> _Weights:
    confidences, seconds, *counts = with_defaults(
        keyword_set.confidences,
        on_screen_seconds(keyword_set, duration),
        DEFAULT_CONFIDENCE,
        DEFAULT_ON_SCREEN_SECONDS,
        TICKS_PER_SECOND,
    )
    whole = effective_duration(keyword_set, duration)
    frequencies = term_frequency(settings.scheme, confidences, seconds, whole).astype(np.float32)
    return _Weights(confidences, seconds, frequencies, (counts[0], counts[1], counts[2]))
