"""Servers go and come under load, and no call is lost."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import pytest

from matchcut.v1 import video_service_pb2 as pb
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceStub
from matchcut.v1.video_service_pb2_grpc import VideoServiceStub
from tests.app.process import ServerProcess, serving_process
from tests.rpc.service import ask, video

CALLERS = 8
SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "healthCheckConfig": {"serviceName": "matchcut.v1.RecommendationService"},
    "methodConfig": [
        {
            "name": [{"service": "matchcut.v1.RecommendationService"}, {"service": "matchcut.v1.VideoService"}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.05s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}


class Load:
    """Callers that go on until they are told to stop, and what came of their calls."""

    def __init__(self, addresses: list[str]) -> None:
        self._target = "ipv4:" + ",".join(addresses)
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self.codes: Counter[str] = Counter()

    @contextmanager
    def running(self) -> Iterator[None]:
        with ThreadPoolExecutor(CALLERS) as pool:
            callers = [pool.submit(self._call, f"caller{number}") for number in range(CALLERS)]
            try:
                yield
            finally:
                self._stop.set()
            for caller in callers:
                caller.result(60)

    def wait_for_calls(self, count: int) -> None:
        """Wait until so many more calls have been answered."""
        with self._changed:
            wanted = self.codes.total() + count
            assert self._changed.wait_for(lambda: self.codes.total() >= wanted, 60)

    def _call(self, name: str) -> None:
        options = [
            ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 500),
        ]
        with grpc.insecure_channel(self._target, options) as channel:
            videos, recommendations = VideoServiceStub(channel), RecommendationServiceStub(channel)
            while not self._stop.is_set():
                try:
                    videos.UpsertVideos(pb.UpsertVideosRequest(videos=[video(name, "london")]), timeout=10)
                    recommendations.RecommendVideos(ask("london"), timeout=10)
                    code = "OK"
                except grpc.RpcError as error:
                    code = str(error)
                with self._changed:
                    self.codes[code] += 1
                    self._changed.notify_all()


def wait_until_found(server: ServerProcess, load: Load) -> None:
    """Wait until every caller has found a server."""
    while len({one["peer"] for one in server.entries() if one["event"] == "call"}) < CALLERS:
        load.wait_for_calls(CALLERS)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_rolling_restart_under_load_loses_no_call(tmp_path: Path, workers: int) -> None:
    first_folder, second_folder = tmp_path / "first", tmp_path / "second"
    first_folder.mkdir()
    second_folder.mkdir()
    with ExitStack() as servers:  # which outlive the load
        first, first_address = servers.enter_context(serving_process(first_folder, workers=workers))
        second, second_address = servers.enter_context(serving_process(second_folder, workers=workers))
        load = Load([first_address, second_address])
        with load.running():
            wait_until_found(first, load)
            wait_until_found(second, load)
            load.wait_for_calls(100)
            assert first.terminate() == 0
            load.wait_for_calls(100)
            (first_folder / "log").unlink()
            again, _ = servers.enter_context(serving_process(first_folder, listen=first_address, workers=workers))
            wait_until_found(again, load)
            assert second.terminate() == 0
            load.wait_for_calls(100)
        assert load.codes.keys() == {"OK"}
        assert load.codes["OK"] >= 300
