"""Videos as the store hands them on and an index takes them."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ..insights.model import Video
from .keyword_vector import KeywordVector


class VideoFacts(Struct, frozen=True, eq=False, gc=False):
    """What is known of a video beside its keywords."""

    video_id: str
    duration: float = 0.0
    """Seconds; 0 if unknown."""
    published_time: float | None = None
    """Unix seconds; None: always published."""
    expire_time: float | None = None
    """Unix seconds; None: never expires."""
    attributes: Mapping[str, Sequence[str]] = {}
    languages: tuple[str, ...] = ()
    """Of all its keyword sets, empty ones included; ascending."""
    title: str = ""
    revision: int = 0
    """At which it was last changed."""


def facts_of(video: Video, revision: int) -> VideoFacts:
    """Return what is known of a stored video beside its keywords."""
    languages = tuple(keyword_set.language for keyword_set in video.keyword_sets)
    return VideoFacts(
        video.video_id,
        video.duration,
        video.published_time,
        video.expire_time,
        video.attributes,
        languages,
        video.title,
        revision,
    )


class IndexedVideo(Struct, frozen=True, eq=False):
    """A video as an index takes it."""

    facts: VideoFacts
    vectors: tuple[KeywordVector, ...]
    """One for each keyword set, empty ones included; ascending by language."""
    revision: int = 0


class Removal(Struct, frozen=True):
    """A video that is gone."""

    video_id: str
    revision: int = 0
