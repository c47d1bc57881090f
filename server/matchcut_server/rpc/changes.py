"""What imports and metadata updates make of a video."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from matchcut.v1 import video_service_pb2 as pb

from ..errors import Reason
from ..insights.limits import MAX_TITLE_LENGTH, check_id, check_size, check_title
from ..insights.model import Video
from ..insights.report import Report
from ..insights.video_index import read_video_index
from ..store.port import VideoChange
from . import fields
from .requests import read_attributes


def import_change(message: pb.VideoIndex, default_language: str, report: Report) -> VideoChange:
    """Read a Video Indexer document: it replaces the keyword sets it brings, and sets the metadata it carries.

    Name and creation time of the document are only taken for a new video, so that they never replace what the website
    has set.
    """
    language = fields.language("language", message.language, report) or default_language
    title = message.title if message.HasField("title") else None
    check_title("title", title or "", report)
    published = (
        fields.moment("published_time", message.published_time, report) if message.HasField("published_time") else None
    )
    expire = fields.moment("expire_time", message.expire_time, report) if message.HasField("expire_time") else None
    attributes = read_attributes(message.attributes, report, may_be_empty=True)
    index = read_video_index(message.content, language, report)
    report.raise_if_refused()
    assert index is not None
    video_id = message.video_id or index.video_id
    if not video_id:
        report.refuse("video_id", "the document has no id at its root; give one beside it", Reason.REQUIRED)
    else:
        check_id("video_id", video_id, report)

    def change(old: Video | None) -> Video:
        video = old or Video(video_id, title=index.name[:MAX_TITLE_LENGTH], published_time=index.created, attributes={})
        sets = {keyword_set.language: keyword_set for keyword_set in (*video.keyword_sets, *index.keyword_sets)}
        return check_size(
            replace(
                video,
                title=video.title if title is None else title,
                duration=video.duration if index.duration is None else index.duration,
                published_time=video.published_time if published is None else published,
                expire_time=video.expire_time if expire is None else expire,
                attributes=_merged(video.attributes, attributes),
                keyword_sets=tuple(sets[tag] for tag in sorted(sets)),
            )
        )

    return VideoChange(video_id, change)


def metadata_change(message: pb.VideoMetadata, report: Report) -> VideoChange:
    """Read new metadata of an existing video."""
    check_id("video_id", message.video_id, report)
    title = message.title if message.HasField("title") else None
    check_title("title", title or "", report)
    published = (
        fields.moment("published_time", message.published_time, report) if message.HasField("published_time") else None
    )
    expire = fields.moment("expire_time", message.expire_time, report) if message.HasField("expire_time") else None
    for name, value, clear in (
        ("published_time", published, message.clear_published_time),
        ("expire_time", expire, message.clear_expire_time),
    ):
        if clear and value is not None:
            report.refuse(f"clear_{name}", f"{name} is given too; set it or clear it, not both")
    attributes = read_attributes(message.attributes, report, may_be_empty=True)

    def change(old: Video | None) -> Video | None:
        if old is None:
            return None
        return check_size(
            replace(
                old,
                title=old.title if title is None else title,
                published_time=None if message.clear_published_time else _given(published, old.published_time),
                expire_time=None if message.clear_expire_time else _given(expire, old.expire_time),
                attributes=_merged(old.attributes, attributes),
            )
        )

    return VideoChange(message.video_id, change)


def _given(new: float | None, old: float | None) -> float | None:
    return old if new is None else new


def _merged(old: Mapping[str, tuple[str, ...]], new: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Set attributes; one without values is removed."""
    merged = {**old, **{name: tuple(values) for name, values in new.items()}}
    return {name: merged[name] for name in sorted(merged) if merged[name]}
