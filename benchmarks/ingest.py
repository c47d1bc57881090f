"""`ingest`: Video Indexer documents to durable and searchable, over gRPC; and what each stage of it takes."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import grpc

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import video_service_pb2 as pb
from matchcut.v1.catalog_service_pb2_grpc import CatalogServiceStub
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.insights.document import decode_document
from matchcut_server.insights.model import Video
from matchcut_server.insights.report import Report
from matchcut_server.rpc.changes import import_change
from matchcut_server.store.port import DEFAULT_CATALOG, Store, VideoChange
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.keyword_vector import vectorise
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import IndexedVideo, Removal

from . import cache
from .documents import keyword_documents, whole_documents
from .load import DEADLINE_SECONDS, Load
from .measure import Row, Scale, amount, duration, median, rate, ratio, timed
from .process import ServerProcess, matchcut, send
from .vocabulary import LANGUAGE

P = ParamSpec("P")
T = TypeVar("T")

CONNECTIONS = 4
BATCH = 200
"""Keyword-only documents in one call."""
WHOLE_BATCH = 20
"""Whole documents in one call."""

_METHOD = "/matchcut.v1.VideoService/ImportVideoIndexes"
_SIZE = 10_000
"""Videos of the catalog the documents are of."""
_SYNCS = 50


def run(scale: Scale) -> Iterator[Row]:
    """Measure imports that end when the last document is acknowledged: durable, and to be found by the next search."""
    count = scale.rounds * scale.documents * 2
    assert count <= _SIZE
    documents = keyword_documents(_SIZE, count)
    whole = whole_documents(_SIZE, scale.whole_documents)
    with _folder() as folder:
        yield from _imports(scale, folder / "data", documents, whole)
        yield from _stages(folder / "stages", documents)
        yield Row("one fsync of 4 kB on this disk", None, duration(_sync_seconds(folder)))


def _imports(scale: Scale, data: Path, documents: Sequence[bytes], whole: Sequence[bytes]) -> Iterator[Row]:
    single, several, large = [], [], []
    parts = [documents[i : i + scale.documents] for i in range(0, len(documents), scale.documents)]
    with matchcut(data) as server:
        for number in range(scale.rounds):
            catalog = _new_catalog(server, f"round-{number}")
            # Of two parts that no round before has seen, so that nothing is unchanged or known from before.
            single.append(_documents_per_second(server, catalog, parts[2 * number], BATCH, 1))
            several.append(_documents_per_second(server, catalog, parts[2 * number + 1], BATCH, CONNECTIONS))
            large.append(_documents_per_second(server, catalog, whole, WHOLE_BATCH, 1))
    kilobytes = sum(map(len, documents)) / len(documents) / 1000
    megabytes = sum(map(len, whole)) / len(whole) / 1e6
    one, more, all_of_it = median(single), median(several), median(large)
    yield Row(f"import, keywords only ({kilobytes:.0f} kB), 1 connection", None, rate(one, "documents"))
    beside = ratio(more / one, "1 connection")
    yield Row(f"import, keywords only, {CONNECTIONS} connections", None, rate(more, "documents"), "", beside)
    what = f"import, whole documents ({megabytes * 1000:.0f} kB), 1 connection"
    yield Row(what, None, rate(all_of_it, "documents"), "", amount(all_of_it * megabytes, "MB/s"))


def _documents_per_second(
    server: ServerProcess, catalog: str, documents: Sequence[bytes], batch: int, connections: int
) -> float:
    requests = [_request(documents[i : i + batch], catalog) for i in range(0, len(documents), batch)]
    took = send(Load(server.address, _METHOD, requests, connections, len(requests)))
    return len(documents) / took.seconds


def _stages(folder: Path, documents: Sequence[bytes]) -> Iterator[Row]:
    """Measure each stage alone, in one thread of this process, batch by batch."""
    settings = CatalogSettings()
    store = SqliteStore(folder)
    catalog = store.catalog(DEFAULT_CATALOG)
    assert catalog is not None
    index = MemoryIndex()
    stages: dict[str, list[float]] = {}

    def stage(name: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        seconds, result = timed(function, *args, **kwargs)
        stages.setdefault(name, []).append(seconds / BATCH)
        return result

    half = len(documents) // 2
    for start in range(0, half, BATCH):
        raw = _request(documents[start : start + BATCH])
        request = stage("a document: request parsed", pb.ImportVideoIndexesRequest.FromString, raw)
        changes = stage("a document: decoded and checked", _read, request)
        stage("  of that, JSON decoded", _decode, request)
        after = store.revision()
        stage("a document: weighed, packed and committed", store.write_videos, catalog.catalog_id, changes)
        # Of other documents, whose keywords have not been split into terms before.
        others = _read(
            pb.ImportVideoIndexesRequest.FromString(_request(documents[half + start : half + start + BATCH]))
        )
        stage("  of that, weighed", _weigh, [change.change(None) for change in others], settings)
        news = stage("a document: read back from the feed", _feed, store, catalog.catalog_id, after)
        stage("a document: put into the index", index.apply, news, store.revision())
    store.close()
    for name, seconds in stages.items():
        yield Row(name, None, duration(median(seconds)))


def _request(documents: Sequence[bytes], catalog: str = "") -> bytes:
    indexes = [pb.VideoIndex(content=document) for document in documents]
    return pb.ImportVideoIndexesRequest(catalog=catalog, video_indexes=indexes).SerializeToString()


def _read(request: pb.ImportVideoIndexesRequest) -> list[VideoChange]:
    return [import_change(one, LANGUAGE, Report()) for one in request.video_indexes]


def _decode(request: pb.ImportVideoIndexesRequest) -> None:
    for one in request.video_indexes:
        decode_document(one.content)


def _weigh(videos: Sequence[Video | None], settings: CatalogSettings) -> None:
    for video in videos:
        assert video is not None
        for keyword_set in video.keyword_sets:
            vectorise(keyword_set, video.duration, settings)


def _feed(store: Store, catalog_id: int, after: int) -> list[IndexedVideo | Removal]:
    return [change for changes in store.feed(catalog_id, after) for change in changes]


def _new_catalog(server: ServerProcess, name: str) -> str:
    with grpc.insecure_channel(server.address) as channel:
        stub = CatalogServiceStub(channel)
        stub.CreateCatalog(catalog_pb.CreateCatalogRequest(name=name), timeout=DEADLINE_SECONDS)
    return name


def _sync_seconds(folder: Path) -> float:
    """Return what it takes to make 4 kB durable where the data of the benchmarks is."""
    with (folder / "sync").open("wb", buffering=0) as file:

        def write() -> None:
            file.write(bytes(4096))
            os.fsync(file.fileno())

        return median([timed(write)[0] for _ in range(_SYNCS)])


@contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder on the disk of the checkout: a temporary one may be memory, where durable costs nothing."""
    cache.FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.FOLDER) as folder:
        yield Path(folder)
