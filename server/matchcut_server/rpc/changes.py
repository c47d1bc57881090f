"""What imports and metadata updates make of a video."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from matchcut.v1 import video_service_pb2 as pb

from ..errors import Reason
from ..insights.limits import MAX_TITLE_LENGTH, check_id, check_size, check_title
from ..insights.model import Video
from ..insights.report import Report
from ..insights.text import without_control
from ..insights.video_index import read_video_index
from ..store.port import VideoChange
from . import fields
from .requests import read_attributes, read_moment


@dataclass(frozen=True, slots=True)
class _Metadata:
    """Metadata to set; None leaves what is there."""

    title: str | None
    published_time: float | None
    expire_time: float | None
    attributes: Mapping[str, tuple[str, ...]]
    """One without values is removed."""

    @staticmethod
    def read(message: pb.VideoIndex | pb.VideoMetadata, report: Report) -> "_Metadata":
        title = message.title if message.HasField("title") else None
        check_title("title", title or "", report)
        return _Metadata(
            title,
            read_moment("published_time", message, report),
            read_moment("expire_time", message, report),
            read_attributes(message.attributes, report, may_be_empty=True),
        )

    def set_in(self, video: Video) -> Video:
        attributes = {**video.attributes, **self.attributes}
        return replace(
            video,
            title=video.title if self.title is None else self.title,
            published_time=video.published_time if self.published_time is None else self.published_time,
            expire_time=video.expire_time if self.expire_time is None else self.expire_time,
            attributes={name: attributes[name] for name in sorted(attributes) if attributes[name]},
        )


def import_change(message: pb.VideoIndex, default_language: str, report: Report) -> VideoChange:
    """Read a Video Indexer document: it replaces the keyword sets it brings, and sets the metadata given beside it.

    Name and creation time of the document are only taken for a new video, so that they never replace what the website
    has set.
    """
    language = fields.language("language", message.language, report) or default_language
    metadata = _Metadata.read(message, report)
    index = read_video_index(message.content, language, report)
    report.raise_if_refused()
    assert index is not None
    video_id = message.video_id or index.video_id
    if not video_id:
        report.refuse("video_id", "the document has no id at its root; give one beside it", Reason.REQUIRED)
    else:
        check_id("video_id", video_id, report)
    new = Video(video_id, without_control(index.name)[:MAX_TITLE_LENGTH], published_time=index.created)

    def change(old: Video | None) -> Video:
        video = metadata.set_in(old or new)
        sets = {keyword_set.language: keyword_set for keyword_set in (*video.keyword_sets, *index.keyword_sets)}
        duration = video.duration if index.duration is None else index.duration
        return check_size(
            replace(video, duration=duration, keyword_sets=tuple(sets[language] for language in sorted(sets)))
        )

    return VideoChange(video_id, change)


def metadata_change(message: pb.VideoMetadata, report: Report) -> VideoChange:
    """Read new metadata of an existing video."""
    check_id("video_id", message.video_id, report)
    metadata = _Metadata.read(message, report)
    if message.clear_published_time and metadata.published_time is not None:
        report.refuse("clear_published_time", "published_time is given too; set it or clear it, not both")
    if message.clear_expire_time and metadata.expire_time is not None:
        report.refuse("clear_expire_time", "expire_time is given too; set it or clear it, not both")

    def change(old: Video | None) -> Video | None:
        if old is None:
            return None
        video = metadata.set_in(old)
        if message.clear_published_time:
            video = replace(video, published_time=None)
        if message.clear_expire_time:
            video = replace(video, expire_time=None)
        return check_size(video)

    return VideoChange(message.video_id, change)
