"""What Matchcut keeps of a video."""

from msgspec import Struct

DEFAULT_CONFIDENCE = 0.75
"""What a keyword without a confidence counts as."""

DEFAULT_ON_SCREEN_SECONDS = 1.0
"""What a keyword without instances counts as."""


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


class KeywordSet(Struct, frozen=True, array_like=True):
    """The keywords of a video in one language; no two have the same normalised text."""

    language: str
    """Canonical BCP-47 tag."""
    keywords: tuple[Keyword, ...]
    summarized: bool = False
    """Taken from `summarizedInsights`: no confidences, coarse times."""


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
