"""Reads that must see a write."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut.v1 import video_service_pb2 as pb
from matchcut_server.store.sqlite.store import SqliteStore
from tests.rpc.service import Service, batch, failure, profile, serving, video

READS: dict[str, Callable[[Service, int], Any]] = {
    "GetCatalog": lambda service, revision: service.send(catalog_pb.GetCatalogRequest(min_revision=revision)),
    "GetVideo": lambda service, revision: service.send(pb.GetVideoRequest(video_id="a", min_revision=revision)),
    "ListVideos": lambda service, revision: service.send(pb.ListVideosRequest(min_revision=revision)),
    "ListScenarios": lambda service, revision: service.send(scenario_pb.ListScenariosRequest(min_revision=revision)),
    "RecommendVideos": lambda service, revision: service.recommend("london", min_revision=revision),
    "BatchRecommendVideos": lambda service, revision: service.send(batch(profile("", "london"), min_revision=revision)),
}


@contextmanager
def slow_feed(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """Hold up whoever follows the store, and tell of each."""
    arrived, opened = threading.Semaphore(0), threading.Event()
    feed = SqliteStore.feed

    def wait(*arguments: Any) -> Any:
        arrived.release()
        assert opened.wait(20)
        return feed(*arguments)

    with monkeypatch.context() as held:
        held.setattr(SqliteStore, "feed", wait)
        try:
            yield arrived
        finally:
            opened.set()


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_a_read_sees_the_revision_it_asks_for(service: Service, read: Callable[[Service, int], Any]) -> None:
    revision = service.upsert(video("a", "london"))[0].revision
    assert read(service, revision).index_revision >= revision
    assert read(service, 0).index_revision >= revision


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_a_revision_of_another_store_is_refused_at_once(service: Service, read: Callable[[Service, int], Any]) -> None:
    newest = service.upsert(video("a", "london"))[0].revision
    for ahead in (newest + 1, 2**63 - 1):
        started = time.monotonic()
        refused = failure(lambda ahead=ahead: read(service, ahead))  # type: ignore[misc]  # bound in the loop
        assert time.monotonic() - started < 0.9
        assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "REVISION_AHEAD")
        assert refused.metadata == {"min_revision": str(ahead), "revision": str(newest)}
        assert refused.retry_seconds is None


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_negative_revisions_are_refused(service: Service, read: Callable[[Service, int], Any]) -> None:
    refused = failure(lambda: read(service, -1))
    assert refused.code == grpc.StatusCode.INVALID_ARGUMENT
    assert refused.fields[0][0].endswith("min_revision")


def test_revisions_only_grow_over_all_catalogs(service: Service) -> None:
    seen = [
        service.catalogs.CreateCatalog(catalog_pb.CreateCatalogRequest(name="films")).catalog.revision,
        service.upsert(video("a", "london"))[0].revision,
        service.upsert(video("a", "london"), catalog="films")[0].revision,
        *(one.revision for one in service.upsert(video("b"), video("c"))),
        service.delete("a")[0].revision,
        service.catalogs.DeleteCatalog(catalog_pb.DeleteCatalogRequest(name="films")).revision,
        service.upsert(video("a"))[0].revision,
    ]
    assert seen == sorted(set(seen))


def test_who_waits_too_long_for_a_revision_is_told_when_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 8 threads, one catches up, two may wait, and the next is sent away at once."""
    with serving(tmp_path) as service, ThreadPoolExecutor(4) as pool:
        service.upsert(video("a", "london"))
        with slow_feed(monkeypatch) as arrived:
            writing = pool.submit(service.upsert, video("b", "london"))
            assert arrived.acquire(timeout=10)  # the write is durable, and its thread now follows the store
            newest = service.video("b").revision
            waiting = [pool.submit(failure, lambda: service.recommend("london", min_revision=newest)) for _ in range(2)]
            refused = [call.result(10) for call in waiting]
        assert writing.result(10)[0].revision == newest
        for one in refused:
            assert (one.code, one.reason) == (grpc.StatusCode.UNAVAILABLE, "REVISION_NOT_REACHED")
            assert one.metadata == {"lag": "1", "revision": str(newest)}
            assert one.retry_seconds is not None
            assert 0 < one.retry_seconds <= 1
        assert service.recommended("london", min_revision=newest) == ["a", "b"]


def test_who_asks_for_no_revision_never_waits_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as service, ThreadPoolExecutor(1) as pool:
        revision = service.upsert(video("a", "london"))[0].revision
        with slow_feed(monkeypatch) as arrived:
            writing = pool.submit(service.upsert, video("b", "london"))
            assert arrived.acquire(timeout=10)
            for read in READS.values():
                assert read(service, revision).index_revision >= revision
            assert service.recommended("london") == ["a"]
        writing.result(10)
        assert service.recommended("london") == ["a", "b"]


def test_waiting_for_a_revision_ends_with_the_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as service, ThreadPoolExecutor(1) as pool:
        service.upsert(video("a", "london"))
        with slow_feed(monkeypatch) as arrived:
            writing = pool.submit(service.upsert, video("b", "london"))
            assert arrived.acquire(timeout=10)
            newest = service.video("b").revision
            request = catalog_pb.GetCatalogRequest(min_revision=newest)
            with pytest.raises(grpc.RpcError) as ended:
                service.catalogs.GetCatalog(request, timeout=0.1)
        assert isinstance(ended.value, grpc.Call)
        assert ended.value.code() in {grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE}
        writing.result(10)
