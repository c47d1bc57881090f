"""Calls over real connections: timeouts, retries, health, revisions, several connections."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from matchcut.v1 import catalog_service_pb2, video_service_pb2
from matchcut_client import (
    Cancelled,
    CatalogSettings,
    DeadlineExceeded,
    Internal,
    MatchcutClient,
    Unavailable,
    Video,
)
from tests.client.fake_server import Answer, FakeServer, failing


@pytest.fixture
def second_server() -> Iterator[FakeServer]:
    running = FakeServer()
    running.start()
    yield running
    running.stop()


def failing_first(times: int, fail: Answer, answer: Message) -> Answer:
    """Fail a number of times, then answer."""
    left = iter(range(times))

    def some(request: Any, context: grpc.ServicerContext) -> Message:
        return fail(request, context) if next(left, None) is not None else answer

    return some


def seen(revision: int) -> Callable[[Any, Any], Message]:
    return lambda _request, _context: video_service_pb2.GetVideoResponse(index_revision=revision)


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


# --- timeouts ---------------------------------------------------------------------------------------------------------


def test_a_call_that_takes_too_long_is_given_up(server: FakeServer, client: MatchcutClient) -> None:
    release = threading.Event()

    def late(_request: object, _context: object) -> Message:
        release.wait(10)
        return video_service_pb2.GetVideoResponse()

    server.answers["GetVideo"] = late

    with pytest.raises(DeadlineExceeded):
        client.get_video("v1", timeout=0.2)
    release.set()


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_a_timeout_that_is_none_is_refused(timeout: float, client: MatchcutClient) -> None:
    with pytest.raises(ValueError, match="finite number of seconds above 0"):
        client.get_video("v1", timeout=timeout)
    with pytest.raises(ValueError, match="finite number of seconds above 0"):
        MatchcutClient(timeout=timeout)
    with pytest.raises(ValueError, match="finite number of seconds above 0"):
        MatchcutClient(import_timeout=timeout)


# --- retries ----------------------------------------------------------------------------------------------------------


def test_a_call_is_tried_again_when_the_server_is_unavailable(server: FakeServer, client: MatchcutClient) -> None:
    answer = video_service_pb2.GetVideoResponse(index_revision=7)
    server.answers["GetVideo"] = failing_first(2, failing(grpc.StatusCode.UNAVAILABLE), answer)

    assert client.get_video("v1").index_revision == 7
    assert len(server.calls) == 3


def test_a_large_batch_is_tried_again_too(server: FakeServer, client: MatchcutClient) -> None:
    answer = video_service_pb2.UpsertVideosResponse(revision=7)
    server.answers["UpsertVideos"] = failing_first(1, failing(grpc.StatusCode.UNAVAILABLE), answer)
    videos = [Video(f"v{i}", title="x" * 1_000_000) for i in range(4)]

    client.upsert_videos(videos)

    assert [len(request.videos) for request in server.requests("UpsertVideos")] == [4, 4]


def test_a_call_is_given_up_after_four_times(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["GetVideo"] = failing(grpc.StatusCode.UNAVAILABLE, "not now")

    with pytest.raises(Unavailable, match="not now"):
        client.get_video("v1")
    assert len(server.calls) == 4


def test_other_errors_are_not_tried_again(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["GetVideo"] = failing(grpc.StatusCode.INTERNAL)

    with pytest.raises(Internal):
        client.get_video("v1")
    assert len(server.calls) == 1


def test_without_a_server_calls_are_unavailable() -> None:
    with MatchcutClient(f"127.0.0.1:{unused_port()}") as client, pytest.raises(Unavailable):
        client.get_video("v1")


# --- health -----------------------------------------------------------------------------------------------------------


def test_calls_go_to_servers_that_say_they_serve(server: FakeServer, second_server: FakeServer) -> None:
    server.set_serving(False)
    with MatchcutClient(f"ipv4:127.0.0.1:{server.port},127.0.0.1:{second_server.port}") as client:
        client.wait_until_ready()
        for _ in range(10):
            client.get_video("v1")

    assert (len(server.calls), len(second_server.calls)) == (0, 10)


def test_waiting_ends_when_the_server_serves(server: FakeServer, client: MatchcutClient) -> None:
    server.set_serving(False)
    with pytest.raises(DeadlineExceeded, match=r"no server was ready within 0\.1 s"):
        client.wait_until_ready(0.1)

    server.set_serving()
    client.wait_until_ready()


# --- connections ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3])
def test_calls_take_turns_on_the_channels(channels: int, server: FakeServer) -> None:
    with MatchcutClient(server.target, channels=channels) as client:
        for _ in range(6):
            client.get_video("v1")

    assert len({call.peer for call in server.calls}) == channels


def test_there_are_connections_for_several_processes_unless_told_otherwise(server: FakeServer) -> None:
    with MatchcutClient(server.target) as client:
        for _ in range(20):
            client.get_video("v1")

    assert len({call.peer for call in server.calls}) == 8


def test_a_client_needs_a_channel() -> None:
    with pytest.raises(ValueError, match="channels must be 1 or more, not 0"):
        MatchcutClient(channels=0)


def test_options_of_the_channel_win(server: FakeServer) -> None:
    options = [("grpc.max_send_message_length", 1_000)]
    with MatchcutClient(server.target, channel_options=options) as client, pytest.raises(Exception, match="1000"):
        client.get_video("v" * 2_000)


def test_credentials_make_the_connection_a_secure_one(server: FakeServer) -> None:
    with (
        MatchcutClient(server.target, credentials=grpc.ssl_channel_credentials()) as client,
        pytest.raises(Unavailable),
    ):
        client.get_video("v1")
    assert server.calls == []


def test_after_closing_no_call_can_be_made(server: FakeServer) -> None:
    with MatchcutClient(server.target) as client:
        client.get_video("v1")

    with pytest.raises(ValueError, match="closed"):
        client.get_video("v1")
    client.close()


def test_closing_cancels_calls_that_are_under_way(server: FakeServer, client: MatchcutClient) -> None:
    started, release = threading.Event(), threading.Event()

    def late(_request: object, _context: object) -> Message:
        started.set()
        release.wait(10)
        return video_service_pb2.GetVideoResponse()

    server.answers["GetVideo"] = late
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.get_video, "v1")
        started.wait(10)
        client.close()
        with pytest.raises(Cancelled):
            call.result(10)
        release.set()


def test_stubs_call_as_they_are(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["GetVideo"] = seen(7)

    answer = client.stubs.video.GetVideo(video_service_pb2.GetVideoRequest(video_id="v1"), timeout=5)

    assert answer.index_revision == 7
    assert client.revision == 0


# --- revisions --------------------------------------------------------------------------------------------------------


def written(revision: int) -> Callable[[Any, Any], Message]:
    return lambda _request, _context: video_service_pb2.DeleteVideosResponse(revision=revision)


def test_reads_ask_for_what_was_written(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["DeleteVideos"] = written(7)
    client.get_video("v1")
    client.delete_videos(["v1"])
    client.get_video("v1")
    client.recommend_videos(["england"])

    assert [request.min_revision for request in server.requests("GetVideo")] == [0, 7]
    assert server.requests("RecommendVideos")[0].options.min_revision == 7
    assert client.revision == 7


def test_reads_never_go_back(server: FakeServer, client: MatchcutClient) -> None:
    for revision in (7, 9, 8):
        server.answers["GetVideo"] = seen(revision)
        client.get_video("v1")

    assert client.revision == 9
    assert [request.min_revision for request in server.requests("GetVideo")] == [0, 7, 9]


def test_a_new_catalog_is_seen_too(server: FakeServer, client: MatchcutClient) -> None:
    created = catalog_service_pb2.CreateCatalogResponse(catalog=catalog_service_pb2.Catalog(name="uk", revision=7))
    server.answers["CreateCatalog"] = lambda _request, _context: created

    client.create_catalog("uk", CatalogSettings())

    assert client.revision == 7


def test_a_given_revision_counts_instead(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["GetVideo"] = seen(7)
    client.get_video("v1")
    client.get_video("v1", min_revision=3)
    client.get_video("v1", min_revision=0)

    assert [request.min_revision for request in server.requests("GetVideo")] == [0, 3, 0]


def test_a_client_can_take_what_is_there(server: FakeServer) -> None:
    server.answers["GetVideo"] = seen(7)
    with MatchcutClient(server.target, read_your_writes=False) as client:
        client.get_video("v1")
        client.get_video("v1")
        assert client.revision == 7

    assert [request.min_revision for request in server.requests("GetVideo")] == [0, 0]


def test_a_revision_can_be_forgotten(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["GetVideo"] = seen(7)
    client.get_video("v1")

    client.forget_revision()

    assert client.revision == 0


def test_threads_share_the_highest_revision(server: FakeServer, client: MatchcutClient) -> None:
    revisions = iter(range(1, 201))
    lock = threading.Lock()

    def answer(_request: object, _context: object) -> Message:
        with lock:
            return video_service_pb2.GetVideoResponse(index_revision=next(revisions))

    server.answers["GetVideo"] = answer
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.get_video("v1"), range(200)))

    assert client.revision == 200
