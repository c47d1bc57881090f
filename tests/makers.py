"""Short ways to make videos for tests."""

from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.store.port import VideoChange
from matchcut_server.vectors.keyword_vector import vectorise
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import IndexedVideo, VideoFacts

DEFAULTS = CatalogSettings()


def keyword(text: str, *spans: tuple[float, float], confidence: float | None = 1.0) -> Keyword:
    """Make a keyword that is on screen in these spans, in seconds."""
    return Keyword(text, confidence, tuple(Instance(start, end) for start, end in sorted(spans)))


def keyword_set(language: str, *keywords: Keyword | str) -> KeywordSet:
    """Make a keyword set; keywords given as text are on screen for 10 seconds."""
    return KeywordSet(language, tuple(keyword(one, (0, 10)) if isinstance(one, str) else one for one in keywords))


def video(video_id: str, *content: KeywordSet | Keyword | str, duration: float = 100.0) -> Video:
    """Make a video: of keyword sets, or of keywords in English."""
    sets = [one for one in content if isinstance(one, KeywordSet)]
    keywords = [one for one in content if not isinstance(one, KeywordSet)]
    if keywords:
        sets.append(keyword_set("en-US", *keywords))
    return Video(video_id, duration=duration, keyword_sets=tuple(sorted(sets, key=lambda one: one.language)))


def indexed(one: Video, revision: int = 0, settings: CatalogSettings = DEFAULTS) -> IndexedVideo:
    """Weigh a video as the store does."""
    vectors = tuple(vectorise(keyword_set, one.duration, settings) for keyword_set in one.keyword_sets)
    languages = tuple(vector.language for vector in vectors)
    facts = VideoFacts(one.video_id, one.duration, one.published_time, one.expire_time, one.attributes, languages)
    return IndexedVideo(facts, vectors, revision)


def put(one: Video) -> VideoChange:
    """Make the change that writes a video, whatever was there."""
    return VideoChange(one.video_id, lambda _: one)


def delete(video_id: str) -> VideoChange:
    """Make the change that deletes a video."""
    return VideoChange(video_id, lambda _: None)
