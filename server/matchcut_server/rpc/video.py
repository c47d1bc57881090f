"""`VideoService`."""

from collections.abc import Iterator, Sequence

import grpc

from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as pb
from matchcut.v1.video_service_pb2_grpc import VideoServiceServicer

from ..errors import video_not_found
from ..index.follower import Follower
from ..insights.limits import check_id
from ..insights.model import Video
from ..insights.report import Report
from ..store.port import Catalog, Store, StoredVideo, VideoChange
from . import fields, limits
from .answers import highest_revision, video_message
from .batch import Batch, batch_catalog
from .changes import import_change, metadata_change
from .deadline import Deadline, time_remaining, wait_seconds
from .requests import read_video
from .token import PageTokens, request_digest

_READ_AT_ONCE = 100
"""Videos that a list reads from the store at a time."""


class VideoServicer(VideoServiceServicer):
    """See `video_service.proto`."""

    def __init__(self, store: Store, follower: Follower, tokens: PageTokens) -> None:
        self._store = store
        self._follower = follower
        self._tokens = tokens

    def UpsertVideos(self, request: pb.UpsertVideosRequest, context: grpc.ServicerContext) -> pb.UpsertVideosResponse:
        """See `UpsertVideos` in the contract."""
        catalog = batch_catalog(self._store, request.catalog, "videos", request.videos)
        batch = Batch[VideoChange](unique_id="video_id")
        deadline = Deadline(context)
        for index, message in enumerate(request.videos):
            deadline.check()

            def read(report: Report, message: types_pb.Video = message) -> VideoChange:
                video = read_video(message, catalog.settings, report)
                return VideoChange(video.video_id, lambda _: video)

            batch.take(index, message.video_id, read)
        results, revision = self._write(catalog, batch, time_remaining(context), dry_run=request.validate_only)
        return pb.UpsertVideosResponse(results=results, revision=revision)

    def ImportVideoIndexes(
        self, request: pb.ImportVideoIndexesRequest, context: grpc.ServicerContext
    ) -> pb.ImportVideoIndexesResponse:
        """See `ImportVideoIndexes` in the contract."""
        catalog = batch_catalog(self._store, request.catalog, "video_indexes", request.video_indexes)
        batch = Batch[VideoChange]()
        deadline = Deadline(context)
        for index, message in enumerate(request.video_indexes):
            deadline.check()

            def read(report: Report, message: pb.VideoIndex = message) -> VideoChange:
                return import_change(message, catalog.settings.default_language, report)

            batch.take(index, message.video_id, read)
        results, revision = self._write(catalog, batch, time_remaining(context), dry_run=request.validate_only)
        return pb.ImportVideoIndexesResponse(results=results, revision=revision)

    def UpdateVideoMetadata(
        self, request: pb.UpdateVideoMetadataRequest, context: grpc.ServicerContext
    ) -> pb.UpdateVideoMetadataResponse:
        """See `UpdateVideoMetadata` in the contract."""
        catalog = batch_catalog(self._store, request.catalog, "video_metadata", request.video_metadata)
        batch = Batch[VideoChange](unique_id="video_id")
        for index, message in enumerate(request.video_metadata):

            def read(report: Report, message: pb.VideoMetadata = message) -> VideoChange:
                return metadata_change(message, report)

            batch.take(index, message.video_id, read)
        results, revision = self._write(catalog, batch, time_remaining(context))
        return pb.UpdateVideoMetadataResponse(results=results, revision=revision)

    def GetVideo(self, request: pb.GetVideoRequest, context: grpc.ServicerContext) -> pb.GetVideoResponse:
        """See `GetVideo` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        check_id("video_id", request.video_id, report)
        min_revision = fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, min_revision)
        revision = self._follower.check_revision(min_revision)
        stored = self._store.video(catalog.catalog_id, request.video_id)
        if stored is None:
            raise video_not_found(name, request.video_id)
        return pb.GetVideoResponse(video=video_message(stored.video, stored.revision), index_revision=revision)

    def ListVideos(self, request: pb.ListVideosRequest, context: grpc.ServicerContext) -> pb.ListVideosResponse:
        """See `ListVideos` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_LIST_PAGE, limits.MAX_LIST_PAGE, report)
        if request.view not in pb.VideoView.values():
            report.refuse("view", f"{request.view} is not a view; give one of {', '.join(pb.VideoView.keys())}")
        min_revision = fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, min_revision)
        full = request.view == pb.VIDEO_VIEW_FULL
        digest = request_digest("ListVideos", f"{catalog.catalog_id} {full}".encode())
        after = self._tokens.open(digest, request.page_token).decode() if request.page_token else ""
        response = pb.ListVideosResponse(index_revision=self._follower.check_revision(min_revision))
        if request.include_total:
            view = self._follower.view(catalog, min_revision, wait_seconds(context))
            response.total_count = view.statistics.videos
        budget = limits.MAX_ANSWER_BYTES
        for stored in self._stored(catalog, after, full=full):
            message = video_message(stored.video, stored.revision)
            budget -= message.ByteSize()
            if response.videos and (budget < 0 or len(response.videos) == size):
                response.next_page_token = self._tokens.seal(digest, response.videos[-1].video_id.encode())
                break
            response.videos.append(message)
        return response

    def DeleteVideos(self, request: pb.DeleteVideosRequest, context: grpc.ServicerContext) -> pb.DeleteVideosResponse:
        """See `DeleteVideos` in the contract."""
        catalog = batch_catalog(self._store, request.catalog, "video_ids", request.video_ids)
        batch = Batch[VideoChange]()
        for index, video_id in enumerate(request.video_ids):

            def read(report: Report, video_id: str = video_id) -> VideoChange:
                check_id("video_id", video_id, report)
                return VideoChange(video_id, _gone)

            batch.take(index, video_id, read)
        results, revision = self._write(catalog, batch, time_remaining(context))
        return pb.DeleteVideosResponse(results=results, revision=revision)

    def _stored(self, catalog: Catalog, after: str, *, full: bool) -> Iterator[StoredVideo]:
        """Yield videos by id, read a few at a time: a page may end early, and each may be large."""
        while some := self._store.videos(catalog.catalog_id, after, _READ_AT_ONCE, with_keywords=full):
            yield from some
            after = some[-1].video.video_id

    def _write(
        self, catalog: Catalog, batch: Batch[VideoChange], timeout: float | None, *, dry_run: bool = False
    ) -> tuple[Sequence[types_pb.WriteResult], int]:
        """Write what was taken, durably, and answer for every item in order, with the revision."""
        changes = batch.changes
        outcomes = (
            self._store.write_videos(catalog.catalog_id, changes, dry_run=dry_run, timeout=timeout) if changes else []
        )
        highest = 0 if dry_run else highest_revision(outcomes)
        if highest:
            self._follower.follow(catalog, highest)
        results = batch.answer([one._replace(revision=0) for one in outcomes] if dry_run else outcomes)
        return results, highest or self._store.revision()


def _gone(_: Video | None) -> None:
    return None
