"""What Matchcut keeps of a video."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

DEFAULT_CONFIDENCE = 0.75
"""What a keyword without a confidence counts as."""

DEFAULT_ON_SCREEN_SECONDS = 1.0
"""What a keyword without instances counts as."""

FloatArray = NDArray[np.float64]
Bounds = NDArray[np.int32]


class Instance(Struct, frozen=True, array_like=True, order=True):
    """One time span in which a keyword is on screen or spoken; seconds, `start` < `end`."""

    start: float
    end: float
    source_video_id: str | None = None
    """For a video cut from others: the video the instance comes from."""
    source_start: float | None = None
    source_end: float | None = None


class Keyword(Struct, frozen=True, array_like=True):
    """A keyword as the extractor gave it."""

    text: str
    confidence: float | None
    """0 to 1; None where the extractor gave none."""
    instances: tuple[Instance, ...]
    """Ordered by start, without exact repetitions; may overlap."""


class Sources(Struct, frozen=True, eq=False):
    """Where instances of a video cut from others come from: columns of one row an instance."""

    video_ids: tuple[str | None, ...]
    starts: FloatArray
    """Seconds in the source video; NaN where they are not known."""
    ends: FloatArray


class KeywordSet:
    """The keywords of a video in one language; no two have the same normalised text.

    Laid out in columns, which nobody changes: `texts` and `confidences` (NaN where the extractor gave none) of one row
    a keyword; `starts`, `ends` and, for a video cut from others, `sources` of one row an instance. Those of keyword i
    are the rows from `bounds[i]` to `bounds[i + 1]`. `language` is a canonical BCP-47 tag; `summarized` tells that the
    keywords were taken from `summarizedInsights`: no confidences, coarse times.
    """

    __slots__ = ("bounds", "confidences", "ends", "language", "sources", "starts", "summarized", "texts")

    def __init__(self, language: str, keywords: Iterable[Keyword] = (), summarized: bool = False) -> None:
        given = tuple(keywords)
        instances = [instance for keyword in given for instance in keyword.instances]
        self.language = language
        self.texts = tuple(keyword.text for keyword in given)
        self.confidences: FloatArray = floats(keyword.confidence for keyword in given)
        counts = [len(keyword.instances) for keyword in given]
        self.bounds: Bounds = np.cumsum([0, *counts], dtype=np.int32)
        self.starts: FloatArray = floats(instance.start for instance in instances)
        self.ends: FloatArray = floats(instance.end for instance in instances)
        self.sources: Sources | None = None
        if any(instance.source_video_id is not None for instance in instances):
            self.sources = Sources(
                tuple(instance.source_video_id for instance in instances),
                floats(instance.source_start for instance in instances),
                floats(instance.source_end for instance in instances),
            )
        self.summarized = summarized

    @staticmethod
    def of_columns(
        language: str,
        texts: Sequence[str],
        confidences: FloatArray,
        instances: tuple[Bounds, FloatArray, FloatArray, Sources | None],
        summarized: bool,
    ) -> "KeywordSet":
        """Make a keyword set of its columns; `instances`: its bounds, starts, ends and sources."""
        made = KeywordSet.__new__(KeywordSet)
        made.language = language
        made.texts = tuple(texts)
        made.confidences = confidences
        made.bounds, made.starts, made.ends, made.sources = instances
        made.summarized = summarized
        return made

    @property
    def keywords(self) -> tuple[Keyword, ...]:
        """The keywords, one by one: for those who look at a few videos."""
        instances = self._instances()
        bounds = self.bounds.tolist()
        return tuple(
            Keyword(text, _known(confidence), tuple(instances[bounds[i] : bounds[i + 1]]))
            for i, (text, confidence) in enumerate(zip(self.texts, self.confidences.tolist(), strict=True))
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeywordSet) and self._content() == other._content()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"KeywordSet({self.language!r}, {self.keywords!r}, {self.summarized!r})"

    def _content(self) -> tuple[object, ...]:
        of_instances: list[object] = [self.bounds.tobytes(), self.starts.tobytes(), self.ends.tobytes()]
        if self.sources is not None:
            of_instances += [self.sources.video_ids, self.sources.starts.tobytes(), self.sources.ends.tobytes()]
        return (self.language, self.texts, self.confidences.tobytes(), self.summarized, *of_instances)

    def _instances(self) -> list[Instance]:
        if self.sources is None:
            return list(map(Instance, self.starts.tolist(), self.ends.tolist()))
        columns = (
            self.sources.video_ids,
            *(map(_known, own.tolist()) for own in (self.sources.starts, self.sources.ends)),
        )
        return list(map(Instance, self.starts.tolist(), self.ends.tolist(), *columns))


def floats(values: Iterable[float | None]) -> FloatArray:
    """Put numbers into a column; NaN for None."""
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


class Video(Struct, frozen=True):
    """One entry of a catalog."""

    video_id: str
    title: str = ""
    duration: float = 0.0
    """Seconds; 0 if unknown."""
    published_time: float | None = None
    """Unix seconds."""
    expire_time: float | None = None
    """Unix seconds."""
    attributes: dict[str, tuple[str, ...]] = {}
    keyword_sets: tuple[KeywordSet, ...] = ()
    """Ordered by language, one for each."""
