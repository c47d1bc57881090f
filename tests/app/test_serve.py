"""A server as it runs: how it starts, what it says, what it refuses, how it stops."""

import signal
from pathlib import Path
from typing import Any

import grpc
import pytest

from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import video_service_pb2 as pb
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceStub
from matchcut.v1.video_service_pb2_grpc import VideoServiceStub
from tests.app.process import serving_process, started
from tests.rpc.service import ask, attributes, document, index, interests, video


def ids(address: str) -> list[str]:
    with grpc.insecure_channel(address) as channel:
        answer = VideoServiceStub(channel).ListVideos(pb.ListVideosRequest(), timeout=10)
    return [one.video_id for one in answer.videos]


def put(address: str, *video_ids: str) -> None:
    request = pb.UpsertVideosRequest(videos=[video(one, "london") for one in video_ids])
    with grpc.insecure_channel(address) as channel:
        VideoServiceStub(channel).UpsertVideos(request, timeout=10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_serves_and_stops_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    with serving_process(tmp_path, leave_seconds=0) as (server, address):
        host, _, port = address.rpartition(":")
        assert host == "127.0.0.1"
        assert 0 < int(port) <= 65_535
        assert ids(address) == []
        server.process.send_signal(number)
        assert server.wait() == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == b""  # that one line was all
        assert [one["event"] for one in server.entries()] == ["loaded", "serving", "call", "leaving", "stopped"]


def test_the_log_on_standard_error_never_says_what_it_is_about(tmp_path: Path) -> None:
    with serving_process(tmp_path, leave_seconds=0) as (server, address):
        with grpc.insecure_channel(address) as channel:
            content = document(
                "hush-id", "hush-keyword", name="hush-title", userName="hush-user", viewToken="hush-token"
            )
            item = index(content, attributes=attributes(genre=["hush-value"]))
            broken = index(b'{"id": "hush-broken", ')
            VideoServiceStub(channel).ImportVideoIndexes(
                pb.ImportVideoIndexesRequest(video_indexes=[item, broken]), timeout=10
            )
            stub = RecommendationServiceStub(channel)
            found = stub.RecommendVideos(ask("hush-keyword", explain=True, include_metadata=True), timeout=10)
            assert len(found.recommendations) == 1
            too_long = recommendation_pb.RecommendVideosRequest(interests=interests("hush" * 100))
            with pytest.raises(grpc.RpcError):
                stub.RecommendVideos(too_long, timeout=10)
        assert server.terminate() == 0
        calls = [one for one in server.entries() if one["event"] == "call"]
        assert [one["code"] for one in calls] == ["OK", "OK", "INVALID_ARGUMENT"]
        assert "hush" not in server.log().lower()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_server_on_the_same_data_is_refused_by_name(tmp_path: Path, workers: int) -> None:
    with serving_process(tmp_path, leave_seconds=0, workers=workers) as (first, address):
        other = tmp_path / "other"
        other.mkdir()
        with started(other, data=tmp_path / "data") as second:
            assert second.wait() != 0
            assert (
                f"another server (process {first.process.pid}) uses the data folder {tmp_path / 'data'}" in second.log()
            )
        assert ids(address) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_in_use_is_refused_by_name(tmp_path: Path, workers: int) -> None:
    with serving_process(tmp_path, leave_seconds=0, workers=workers) as (_, address):
        other = tmp_path / "other"
        other.mkdir()
        with started(other, listen=address) as second:
            assert second.wait() != 0
            assert f"cannot listen on {address}: the port is taken" in second.log()
        assert ids(address) == []


def test_data_outlives_a_stop_and_a_kill(tmp_path: Path) -> None:
    with serving_process(tmp_path, leave_seconds=0) as (server, address):
        put(address, "a", "b")
        assert server.terminate() == 0
    with serving_process(tmp_path) as (server, address):
        put(address, "c")
        server.kill()
    with serving_process(tmp_path) as (_, address):  # the lock of a dead process holds nobody up
        assert ids(address) == ["a", "b", "c"]


def test_settings_come_from_arguments_then_variables_then_the_file(tmp_path: Path) -> None:
    config = tmp_path / "matchcut.toml"
    config.write_text(f'data = "{tmp_path / "here"}"\nlog_format = "text"\nlisten = "192.0.2.1:1"\nleave_seconds = 0\n')
    env = {"MATCHCUT_LOG_FORMAT": "json", "MATCHCUT_LISTEN": "192.0.2.1:2"}
    with serving_process(tmp_path, config=config, env=env, data=None) as (server, address):
        assert ids(address) == []
        assert (tmp_path / "here" / "matchcut.sqlite3").is_file()
        assert server.wait_for_entry("serving")["address"] == address


@pytest.mark.parametrize("argument", [{"threads": 0}, {"listen": "nowhere"}, {"log_level": "loud"}])
def test_settings_that_are_wrong_are_named_before_anything_is_touched(tmp_path: Path, argument: dict[str, Any]) -> None:
    with started(tmp_path, **argument) as server:
        assert server.wait() != 0
        assert next(iter(argument)) in server.log()
        assert not (tmp_path / "data").exists()


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with serving_process(tmp_path, leave_seconds=60) as (server, _):
        server.process.send_signal(signal.SIGTERM)
        server.wait_for_entry("leaving")
        assert server.terminate() == -signal.SIGTERM
