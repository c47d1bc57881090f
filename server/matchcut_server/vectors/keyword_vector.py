"""The tf vectors of a keyword set: what is stored and indexed; IDF and length come at query time."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..insights.model import DEFAULT_CONFIDENCE, DEFAULT_ON_SCREEN_SECONDS, Keyword, KeywordSet
from ..insights.timespan import Span, union, union_seconds
from .keys import term_key
from .scheme import term_frequency
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
    return union(_spans(keyword, duration))


def on_screen_seconds(keyword: Keyword, duration: float) -> float:
    """Return the length of the union of a keyword's instances in seconds; 0 where there is none."""
    return union_seconds(_spans(keyword, duration))


def _spans(keyword: Keyword, duration: float) -> list[Span]:
    end = duration or float("inf")
    return [(i.start, min(i.end, end)) for i in keyword.instances if i.start < end]


def effective_duration(keyword_set: KeywordSet, duration: float) -> float:
    """Return the duration, or the end of the last instance where it is unknown; more than 0."""
    last = max((i.end for keyword in keyword_set.keywords for i in keyword.instances), default=0.0)
    return duration or last or DEFAULT_ON_SCREEN_SECONDS


def weigh_keywords(keyword_set: KeywordSet, duration: float, settings: CatalogSettings) -> list[WeightedKeyword]:
    """Weigh each keyword of a set by confidence and on-screen duration; ignored and wordless ones are left out."""
    measured = [on_screen_seconds(keyword, duration) for keyword in keyword_set.keywords]
    return _weigh(keyword_set, measured, duration, settings)


def vectorise(keyword_set: KeywordSet, duration: float, settings: CatalogSettings) -> KeywordVector:
    """Turn a keyword set into its tf vectors.

    The tf of a term is the maximum over the keywords that hold it, in both blocks; keywords of weight 0 have no terms.
    """
    measured = [on_screen_seconds(keyword, duration) for keyword in keyword_set.keywords]
    phrases: dict[int, np.float32] = {}
    words: dict[int, np.float32] = {}
    for weighted in _weigh(keyword_set, measured, duration, settings):
        frequency = weighted.frequency
        if frequency <= 0:
            continue
        phrase = term_key("phrases", weighted.terms.phrase)
        phrases[phrase] = max(frequency, phrases.get(phrase, frequency))
        for text in weighted.terms.words:
            word = term_key("words", text)
            words[word] = max(frequency, words.get(word, frequency))
    return KeywordVector(
        keyword_set.language, keyword_set.summarized, _block(phrases), _block(words), _count(keyword_set, measured)
    )


def _weigh(
    keyword_set: KeywordSet, measured: Sequence[float], duration: float, settings: CatalogSettings
) -> list[WeightedKeyword]:
    """Weigh keywords whose on-screen durations have been `measured`."""
    stemmer = stemmer_name(keyword_set.language)
    taken: list[tuple[Keyword, Terms, float]] = []
    for keyword, seconds in zip(keyword_set.keywords, measured, strict=True):
        resolved = settings.resolve(keyword.text)
        terms = keyword_terms(resolved, stemmer) if resolved is not None else None
        if terms is not None and terms.phrase:
            taken.append((keyword, terms, seconds or DEFAULT_ON_SCREEN_SECONDS))
    confidence = np.array([DEFAULT_CONFIDENCE if k.confidence is None else k.confidence for k, _, _ in taken])
    seconds_on_screen = np.array([seconds for _, _, seconds in taken])
    whole = effective_duration(keyword_set, duration)
    frequency = term_frequency(settings.scheme, confidence, seconds_on_screen, whole).astype(np.float32)
    return [
        WeightedKeyword(keyword, terms, float(confidence[i]), seconds, frequency[i])
        for i, (keyword, terms, seconds) in enumerate(taken)
    ]


def _count(keyword_set: KeywordSet, measured: Sequence[float]) -> SetCounts:
    return SetCounts(
        len(measured),
        sum(round((seconds or DEFAULT_ON_SCREEN_SECONDS) * TICKS_PER_SECOND) for seconds in measured),
        sum(keyword.confidence is None for keyword in keyword_set.keywords),
        sum(not seconds for seconds in measured),
    )


def _block(frequencies: dict[int, np.float32]) -> TermBlock:
    keys = sorted(frequencies)
    return TermBlock(np.array(keys, dtype=np.uint64), np.array([frequencies[key] for key in keys], dtype=np.float32))
