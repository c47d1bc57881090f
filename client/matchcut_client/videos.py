"""Videos as they are written and read."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from matchcut_client.types import Video, WriteResponse

__all__ = [
    "DeleteVideosResponse",
    "GetVideoResponse",
    "ImportVideoIndexesResponse",
    "ListVideosResponse",
    "UpdateVideoMetadataResponse",
    "UpsertVideosResponse",
    "VideoIndex",
    "VideoMetadata",
    "VideoView",
]


@dataclass(frozen=True, slots=True)
class VideoIndex:
    """One Video Indexer document to import."""

    content: bytes
    """The JSON of Get Video Index (API v2), UTF-8, or a part of it."""
    video_id: str = ""
    """Empty: the `id` at the root of the document."""
    title: str | None = None
    """None: the title stays as it is; a new video takes the document's `name`."""
    published_time: datetime | None = None
    """None: stays as it is; a new video takes the document's `created`."""
    expire_time: datetime | None = None
    """None: stays as it is."""
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Attributes to set; one given without values is removed, those not named stay as they are."""
    language: str = ""
    """Language of keywords for which the document names none. Empty: the default language of the catalog."""


@dataclass(frozen=True, slots=True)
class VideoMetadata:
    """New metadata of one video. What is left out stays unchanged."""

    video_id: str
    title: str | None = None
    published_time: datetime | None = None
    expire_time: datetime | None = None
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Attributes to set; one given without values is removed, those not named stay as they are."""
    clear_published_time: bool = False
    """Remove the published time. Not together with `published_time`."""
    clear_expire_time: bool = False
    """Remove the expire time. Not together with `expire_time`."""


class VideoView(StrEnum):
    """How much of each video a list returns."""

    UNSPECIFIED = "UNSPECIFIED"
    """The default, which is `METADATA`."""
    METADATA = "METADATA"
    """Everything but the keyword sets."""
    FULL = "FULL"


@dataclass(frozen=True, slots=True)
class UpsertVideosResponse(WriteResponse):
    """Answer of `upsert_videos`: CREATED, UPDATED, UNCHANGED or REJECTED."""


@dataclass(frozen=True, slots=True)
class ImportVideoIndexesResponse(WriteResponse):
    """Answer of `import_video_indexes`: CREATED, UPDATED, UNCHANGED or REJECTED."""


@dataclass(frozen=True, slots=True)
class UpdateVideoMetadataResponse(WriteResponse):
    """Answer of `update_video_metadata`: UPDATED, UNCHANGED, NOT_FOUND or REJECTED."""


@dataclass(frozen=True, slots=True)
class DeleteVideosResponse(WriteResponse):
    """Answer of `delete_videos`: DELETED, NOT_FOUND, or REJECTED for an id that cannot exist."""


@dataclass(frozen=True, slots=True)
class GetVideoResponse:
    """Answer of `get_video`."""

    video: Video
    """With all its keyword sets."""
    index_revision: int = 0
    """The revision this answer saw."""


@dataclass(frozen=True, slots=True)
class ListVideosResponse:
    """Answer of `list_videos`: one page."""

    videos: tuple[Video, ...] = ()
    """By id, ascending. May be fewer than asked for, also when more follow."""
    next_page_token: str = ""
    """Empty on the last page."""
    index_revision: int = 0
    """The revision this answer saw."""
    total_count: int | None = None
    """With `include_total`: how many videos the catalog has."""
