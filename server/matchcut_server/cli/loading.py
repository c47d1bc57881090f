"""Documents and exports straight into a store, as a server would take them, for commands that need none."""

from collections.abc import Iterator

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as video_pb
from matchcut_client.conversion import to_message
from matchcut_server.cli.export import Exported
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.sources import Document, read_documents
from matchcut_server.errors import InvalidInput
from matchcut_server.insights.report import Report
from matchcut_server.rpc.changes import import_change
from matchcut_server.rpc.profile_requests import read_profile_settings
from matchcut_server.rpc.requests import read_settings, read_video
from matchcut_server.store.port import DEFAULT_CATALOG, Catalog, Store, VideoChange, WriteStatus

CHUNK = 200
"""Documents that are written at a time."""


def load(store: Store, path: str) -> Iterator[int]:
    """Write all documents, or lines of an export, under a path into the default catalog; yield how many at a time.

    An export brings its settings. Raises `Failure` for the first one that is refused.
    """
    catalog = store.catalog(DEFAULT_CATALOG)
    assert catalog is not None
    chunk: list[tuple[Document, VideoChange]] = []
    for document in read_documents([path]):
        line = _export_line(document)
        if line is not None and line.settings is not None:
            catalog = _take_settings(store, catalog, document, line)
        if line is None or line.video is not None:
            chunk.append((document, _change(catalog, document, line)))
        if len(chunk) == CHUNK:
            yield _write(store, catalog, chunk)
            chunk = []
    yield _write(store, catalog, chunk)


def _export_line(document: Document) -> Exported | None:
    if document.problem:
        raise Failure(f"{document.name}: {document.problem}")
    if not Exported.is_one(document.content):
        return None
    try:
        return Exported.decode(document.content)
    except ValueError as error:  # a msgspec error is one too
        raise Failure(f"{document.name}: not a line of an export of this version: {error}") from None


def _take_settings(store: Store, catalog: Catalog, document: Document, line: Exported) -> Catalog:
    report = Report()
    try:
        message = to_message(catalog_pb.CatalogSettings, line.settings)
        settings = read_settings(message, report)
        of_profiles = read_profile_settings(message.profile_settings, report)
        report.raise_if_refused()
    except (InvalidInput, TypeError, ValueError) as refusal:  # the last two: it does not fit into a message
        raise Failure(f"{document.name}: {refusal}") from None
    return store.update_catalog(catalog.name, settings, of_profiles) or catalog


def _change(catalog: Catalog, document: Document, line: Exported | None) -> VideoChange:
    report = Report()
    try:
        if line is None:
            index = video_pb.VideoIndex(content=document.content)
            change = import_change(index, catalog.settings.default_language, report)
        else:
            video = read_video(to_message(types_pb.Video, line.video), catalog.settings, report)
            change = VideoChange(video.video_id, lambda _: video)
        report.raise_if_refused()
    except (InvalidInput, TypeError, ValueError) as refusal:  # as above
        raise Failure(f"{document.name}: {refusal}; correct it, or take it out") from None
    return change


def _write(store: Store, catalog: Catalog, chunk: list[tuple[Document, VideoChange]]) -> int:
    outcomes = store.write_videos(catalog.catalog_id, [change for _, change in chunk]) if chunk else []
    for (document, _), outcome in zip(chunk, outcomes, strict=True):
        if outcome.status is WriteStatus.REJECTED:
            raise Failure(f"{document.name}: {InvalidInput(outcome.violations)}; correct it, or take it out")
    return len(outcomes)
