"""Methods of VideoService."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from matchcut.v1 import types_pb2, video_service_pb2
from matchcut.v1.video_service_pb2 import (
    DeleteVideosRequest,
    GetVideoRequest,
    ImportVideoIndexesRequest,
    ListVideosRequest,
    UpdateVideoMetadataRequest,
    UpsertVideosRequest,
)
from matchcut_client.batches import UPLOAD_ITEMS
from matchcut_client.conversion import to_message, to_request
from matchcut_client.paging import pages
from matchcut_client.reduction import reduce_video_index
from matchcut_client.services.base import ServiceMethods, as_items, messages
from matchcut_client.types import Video, WriteResult
from matchcut_client.videos import (
    DeleteVideosResponse,
    GetVideoResponse,
    ImportVideoIndexesResponse,
    ListVideosResponse,
    UpdateVideoMetadataResponse,
    UpsertVideosResponse,
    VideoIndex,
    VideoMetadata,
    VideoView,
)


class VideoMethods(ServiceMethods):
    """The videos of a catalog.

    Writes take any number of items and send them in as many requests as it takes; `timeout` holds for each. Sending an
    input again after an error does no harm.
    """

    def upsert_videos(
        self,
        videos: Iterable[Video],
        *,
        validate_only: bool = False,
        catalog: str | None = None,
        timeout: float | None = None,
    ) -> UpsertVideosResponse:
        """Create videos or replace them whole, keyword sets and metadata alike. An id may occur once.

        With `validate_only` everything is checked and answered, but nothing is written.
        """
        answers = self._upsert_videos(videos, validate_only, catalog, timeout)
        return self._write_all(UpsertVideosResponse, answers)

    def upsert_each(
        self,
        videos: Iterable[Video],
        *,
        validate_only: bool = False,
        catalog: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[WriteResult]:
        """Do the same, and yield the results as they come: for input that is long, or has no end."""
        for answer in self._upsert_videos(videos, validate_only, catalog, timeout):
            yield from answer.results

    def _upsert_videos(
        self, videos: Iterable[Video], validate_only: bool, catalog: str | None, timeout: float | None
    ) -> Iterator[UpsertVideosResponse]:
        def send(batch: list[types_pb2.Video]) -> UpsertVideosResponse:
            request = UpsertVideosRequest(catalog=self._catalog(catalog), videos=batch, validate_only=validate_only)
            return self._long_call(self.stubs.video.UpsertVideos, request, UpsertVideosResponse, timeout)

        items = messages(types_pb2.Video, videos)
        return self._write(items, send, UpsertVideosResponse, id_field="video_id", unique=True, max_items=UPLOAD_ITEMS)

    def import_video_indexes(
        self,
        video_indexes: Iterable[VideoIndex | bytes],
        *,
        reduce: bool = True,
        validate_only: bool = False,
        catalog: str | None = None,
        timeout: float | None = None,
    ) -> ImportVideoIndexesResponse:
        """Import Video Indexer documents: each replaces the keyword set of the language (or languages) it is in.

        Bytes alone are a document without further metadata. Unless `reduce` is False, only what the server reads is
        sent (see `reduce_video_index`). A document that is still larger than 30 MiB is REJECTED with `TOO_LARGE`.
        """
        answers = self._import_video_indexes(video_indexes, reduce, validate_only, catalog, timeout)
        return self._write_all(ImportVideoIndexesResponse, answers)

    def import_each(
        self,
        video_indexes: Iterable[VideoIndex | bytes],
        *,
        reduce: bool = True,
        validate_only: bool = False,
        catalog: str | None = None,
        timeout: float | None = None,
    ) -> Iterator[WriteResult]:
        """Do the same, and yield the results as they come: for input that is long, or has no end."""
        for answer in self._import_video_indexes(video_indexes, reduce, validate_only, catalog, timeout):
            yield from answer.results

    def _import_video_indexes(
        self,
        video_indexes: Iterable[VideoIndex | bytes],
        reduce: bool,
        validate_only: bool,
        catalog: str | None,
        timeout: float | None,
    ) -> Iterator[ImportVideoIndexesResponse]:
        def send(batch: list[video_service_pb2.VideoIndex]) -> ImportVideoIndexesResponse:
            request = ImportVideoIndexesRequest(
                catalog=self._catalog(catalog), video_indexes=batch, validate_only=validate_only
            )
            return self._long_call(self.stubs.video.ImportVideoIndexes, request, ImportVideoIndexesResponse, timeout)

        items = _documents(video_indexes, reduce)
        return self._write(items, send, ImportVideoIndexesResponse, id_field="video_id", max_items=UPLOAD_ITEMS)

    def update_video_metadata(
        self, video_metadata: Iterable[VideoMetadata], *, catalog: str | None = None, timeout: float | None = None
    ) -> UpdateVideoMetadataResponse:
        """Change metadata of existing videos and leave their keywords alone. An id may occur once."""

        def send(batch: list[video_service_pb2.VideoMetadata]) -> UpdateVideoMetadataResponse:
            request = UpdateVideoMetadataRequest(catalog=self._catalog(catalog), video_metadata=batch)
            return self._long_call(self.stubs.video.UpdateVideoMetadata, request, UpdateVideoMetadataResponse, timeout)

        items = messages(video_service_pb2.VideoMetadata, video_metadata)
        answers = self._write(items, send, UpdateVideoMetadataResponse, id_field="video_id", unique=True)
        return self._write_all(UpdateVideoMetadataResponse, answers)

    def get_video(
        self,
        video_id: str,
        *,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> GetVideoResponse:
        """Read one video whole. Raises NotFound."""
        request = to_request(
            GetVideoRequest,
            catalog=self._catalog(catalog),
            video_id=video_id,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.video.GetVideo, request, GetVideoResponse, timeout)

    def list_videos(
        self,
        *,
        view: VideoView = VideoView.METADATA,
        page_size: int = 0,
        page_token: str = "",
        include_total: bool = False,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> ListVideosResponse:
        """List one page of videos by id: `page_size` of them, at most 1,000; 0 means 100."""
        request = to_request(
            ListVideosRequest,
            catalog=self._catalog(catalog),
            page_size=page_size,
            page_token=page_token,
            view=view,
            min_revision=self._min_revision(min_revision),
            include_total=include_total,
        )
        return self._call(self.stubs.video.ListVideos, request, ListVideosResponse, timeout)

    def iter_videos(
        self,
        *,
        view: VideoView = VideoView.METADATA,
        page_size: int = 0,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> Iterator[Video]:
        """Yield all videos by id; `timeout` holds for each page."""
        for page in pages(
            self.list_videos,
            view=view,
            page_size=page_size,
            catalog=catalog,
            min_revision=min_revision,
            timeout=timeout,
        ):
            yield from page.videos

    def delete_videos(
        self, video_ids: Iterable[str], *, catalog: str | None = None, timeout: float | None = None
    ) -> DeleteVideosResponse:
        """Delete videos with all their keyword sets."""

        def send(batch: list[str]) -> DeleteVideosResponse:
            request = DeleteVideosRequest(catalog=self._catalog(catalog), video_ids=batch)
            return self._long_call(self.stubs.video.DeleteVideos, request, DeleteVideosResponse, timeout)

        return self._write_all(DeleteVideosResponse, self._write(as_items(video_ids), send, DeleteVideosResponse))


def _documents(video_indexes: Iterable[VideoIndex | bytes], reduce: bool) -> Iterator[video_service_pb2.VideoIndex]:
    for index, item in enumerate(as_items(video_indexes)):
        document = VideoIndex(item) if isinstance(item, bytes) else item
        if reduce:
            document = replace(document, content=reduce_video_index(document.content))
        yield to_message(video_service_pb2.VideoIndex, document, f"[{index}]")
