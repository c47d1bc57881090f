"""What a server takes at once, and how large its answers get."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as pb
from matchcut_server.store.sqlite.plan import Planner
from matchcut_server.store.sqlite.store import SqliteStore
from tests.rpc.service import Service, attributes, batch, failure, keyword, profile, rpc_error, serving, video

MIB = 1024 * 1024
REJECTED = types_pb.WRITE_STATUS_REJECTED


class Gate:
    """Holds up every write that comes to it, until it is opened."""

    def __init__(self) -> None:
        self.arrived = threading.Semaphore(0)
        self.opened = threading.Event()


@contextmanager
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Put a gate before the store's writes."""
    held = Gate()
    write = SqliteStore.write_videos

    def wait(*arguments: Any, **named: Any) -> Any:
        held.arrived.release()
        assert held.opened.wait(20)
        return write(*arguments, **named)

    monkeypatch.setattr(SqliteStore, "write_videos", wait)
    try:
        yield held
    finally:
        held.opened.set()


# --- deadlines --------------------------------------------------------------------------------------------------------


def test_a_call_whose_deadline_has_passed_is_not_answered(service: Service) -> None:
    videos = [video(f"{number}", *(f"word{word}" for word in range(30))) for number in range(1_000)]
    request = pb.UpsertVideosRequest(videos=videos)
    error = rpc_error(lambda: service.videos.UpsertVideos(request, timeout=1e-6))
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert service.ids() == []


def test_a_call_that_is_given_too_little_time_ends_with_its_deadline(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gate(monkeypatch):
        request = pb.UpsertVideosRequest(videos=[video("a")])
        error = rpc_error(lambda: service.videos.UpsertVideos(request, timeout=0.05))
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED


# --- requests ---------------------------------------------------------------------------------------------------------


def test_a_request_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with serving(tmp_path, max_request_bytes=64 * 1024) as service:
        small = [video(f"{number}", title="x" * 1_000) for number in range(60)]
        assert len(service.upsert(*small)) == 60
        large = [video(f"n{number}", title="x" * 1_000) for number in range(200)]
        assert rpc_error(lambda: service.upsert(*large)).code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert len(service.ids()) == 60


def test_a_request_of_32_mib_is_taken_by_default(service: Service) -> None:
    content = b'{"keywords": [{"text": "london"}], "transcript": "' + b"x" * (32 * MIB - 200) + b'"}'
    (result,) = service.imports(pb.VideoIndex(video_id="a", content=content))
    assert result.status == types_pb.WRITE_STATUS_CREATED


def test_bytes_in_flight_are_bounded_over_all_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [video(f"{number}", title="x" * 1_000) for number in range(700)]
    with serving(tmp_path, max_bytes_in_flight=MIB) as service, ThreadPoolExecutor(1) as pool:
        with gate(monkeypatch) as held:
            first = pool.submit(service.upsert, *many)
            assert held.arrived.acquire(timeout=10)
            refused = failure(lambda: service.upsert(*many))
            assert service.ids() == []  # a small request still fits
        assert (refused.code, refused.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
        assert refused.retry_seconds is not None
        assert 0 < refused.retry_seconds <= 1
        assert len(first.result(10)) == 700
        assert {one.status for one in service.upsert(*many)} == {types_pb.WRITE_STATUS_UNCHANGED}


def test_one_request_larger_than_the_bound_is_taken_alone(tmp_path: Path) -> None:
    with serving(tmp_path, max_bytes_in_flight=MIB) as service:
        content = b'{"keywords": [], "transcript": "' + b"x" * (2 * MIB) + b'"}'
        (result,) = service.imports(pb.VideoIndex(video_id="a", content=content))
        assert result.status == types_pb.WRITE_STATUS_CREATED


def test_more_calls_than_allowed_are_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path, threads=2, max_concurrent_rpcs=3) as service, ThreadPoolExecutor(3) as pool:
        with gate(monkeypatch) as held:
            running = [pool.submit(service.upsert, video(name)) for name in "ab"]
            assert held.arrived.acquire(timeout=10)
            assert held.arrived.acquire(timeout=10)
            waiting = service.videos.UpsertVideos.future(pb.UpsertVideosRequest(videos=[video("c")]), timeout=20)
            error = refused_call(service)
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert [len(call.result(10)) for call in running] == [1, 1]
        assert len(waiting.result().results) == 1
        assert service.ids() == ["a", "b", "c"]


def refused_call(service: Service) -> Any:
    """Call until one is refused: the server may not have heard of the waiting call yet."""
    while True:
        call = service.videos.ListVideos.future(pb.ListVideosRequest(), timeout=20)
        if call.exception(timeout=1) is not None:
            return call.exception()


# --- writes that wait -------------------------------------------------------------------------------------------------


@contextmanager
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Put a gate inside the transaction that writes, of which there is one at a time."""
    held = Gate()
    write = Planner.write

    def wait(*arguments: Any) -> Any:
        held.arrived.release()
        assert held.opened.wait(20)
        return write(*arguments)

    monkeypatch.setattr(Planner, "write", wait)
    try:
        yield held
    finally:
        held.opened.set()


def test_however_many_writes_wait_reads_are_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as service, ThreadPoolExecutor(10) as pool:
        service.upsert(video("a", "london"))
        with slow_disk(monkeypatch):
            writes = [pool.submit(service.upsert, video(f"b{number}")) for number in range(10)]
            ended = as_completed(writes, timeout=20)
            refused = [failure(next(ended).result) for _ in range(4)]
            assert service.recommended("london") == ["a"]
            assert service.ids() == ["a"]
        assert len([one for one in writes if one.exception(20) is None]) == 6
        for one in refused:
            assert (one.code, one.reason) == (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")
            assert one.retry_seconds is not None
            assert 0 < one.retry_seconds <= 1
        assert len(service.ids()) == 7


def test_a_write_that_waits_beyond_its_deadline_is_not_made(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as logs, ThreadPoolExecutor(1) as pool:
        with slow_disk(monkeypatch) as held:
            first = pool.submit(service.upsert, video("a"))
            assert held.arrived.acquire(timeout=10)
            request = pb.UpsertVideosRequest(videos=[video("b")])
            error = rpc_error(lambda: service.videos.UpsertVideos(request, timeout=0.2))
            assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            while not any(entry.get("code") == "DEADLINE_EXCEEDED" for entry in logs):
                time.sleep(0.01)
        assert first.result(20)[0].status == types_pb.WRITE_STATUS_CREATED
    assert service.ids() == ["a"]


# --- answers ----------------------------------------------------------------------------------------------------------


def heavy(number: int) -> types_pb.Video:
    """Make a video with 60 kB of attributes."""
    values = [f"{value:0256}" for value in range(80)]
    return video(f"{number:03}", "london", attributes=attributes(a=values, b=values, c=values))


def test_a_list_ends_its_page_early_rather_than_pass_4_mib(service: Service) -> None:
    service.upsert(*map(heavy, range(100)))
    found: list[str] = []
    token = ""
    while not found or token:
        page = service.videos.ListVideos(pb.ListVideosRequest(page_size=1_000, page_token=token))
        assert page.ByteSize() < 4 * MIB
        found += [one.video_id for one in page.videos]
        token = page.next_page_token
    assert found == [f"{number:03}" for number in range(100)]
    assert len(found) > len(page.videos)


def test_recommendations_end_their_page_early_rather_than_pass_4_mib(service: Service) -> None:
    service.upsert(*map(heavy, range(100)))
    found: list[str] = []
    token = ""
    while not found or token:
        page = service.recommend("london", page_size=1_000, include_metadata=True, page_token=token)
        assert page.ByteSize() < 4 * MIB
        found += [one.video_id for one in page.recommendations]
        token = page.next_page_token
    assert found == [f"{number:03}" for number in range(100)]
    assert len(found) > len(page.recommendations)


def test_a_list_of_catalogs_ends_its_page_early(service: Service) -> None:
    settings = catalog_pb.CatalogSettings(ignored_keywords=[f"{number:0250}" for number in range(9_000)])
    for name in ("a", "b", "c"):
        service.catalogs.CreateCatalog(catalog_pb.CreateCatalogRequest(name=name, settings=settings))
    page = service.catalogs.ListCatalogs(catalog_pb.ListCatalogsRequest())
    assert [one.name for one in page.catalogs] == ["a"]
    page = service.catalogs.ListCatalogs(catalog_pb.ListCatalogsRequest(page_token=page.next_page_token))
    assert [one.name for one in page.catalogs] == ["b"]


def test_settings_that_no_answer_could_hold_are_refused(service: Service) -> None:
    texts = [f"{number:0250}" for number in range(10_000)]
    aliases = [catalog_pb.KeywordAlias(keyword=text, canonical=text) for text in texts]
    request = catalog_pb.CreateCatalogRequest(name="a", settings=catalog_pb.CatalogSettings(keyword_aliases=aliases))
    refused = failure(lambda: service.send(request))
    assert (refused.reason, refused.fields[0][0]) == ("TOO_LARGE", "settings")


@pytest.mark.parametrize(
    "given, field",
    [
        (
            {"attributes": attributes(**{f"n{name}": [f"{one:0256}" for one in range(100)] for name in range(9)})},
            "attributes",
        ),
        (
            {
                "keyword_sets": [
                    types_pb.KeywordSet(
                        language=f"x{chr(97 + number)}",
                        keywords=[keyword("x", 1.0, *((start, start + 0.5) for start in range(10_000)))],
                    )
                    for number in range(20)
                ]
            },
            "keyword_sets",
        ),
    ],
    ids=["attributes", "keyword sets"],
)
def test_a_video_that_no_answer_could_hold_is_rejected(service: Service, given: dict[str, Any], field: str) -> None:
    (result,) = service.upsert(video("a", **given))
    assert result.status == REJECTED
    assert [(one.field, one.reason) for one in result.field_errors] == [(field, "TOO_LARGE")]


def test_a_batch_of_which_much_is_wrong_is_still_answered(service: Service) -> None:
    bad = [keyword("", float("nan"))] * 100
    answer = service.videos.UpsertVideos(pb.UpsertVideosRequest(videos=[video(f"{n}", *bad) for n in range(1_000)]))
    assert answer.ByteSize() < 4 * MIB
    assert [one.index for one in answer.results] == list(range(1_000))
    assert {one.status for one in answer.results} == {REJECTED}
    assert all(one.field_errors for one in answer.results)


def test_huge_ids_and_keys_are_not_sent_back(service: Service) -> None:
    huge = "x" * 5_000_000
    (result,) = service.upsert(video(huge))
    assert (result.id, result.status, result.field_errors[0].reason) == ("", REJECTED, "TOO_LARGE")
    (result,) = service.delete(huge)
    assert (result.id, result.status) == ("", REJECTED)
    (found,) = service.send(batch(profile(huge, "london"))).results
    assert (found.key, found.field_errors[0].field) == ("", "key")
