"""Health, reflection, and how a server comes and goes."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from structlog.testing import capture_logs

from matchcut_server.app import open_service
from matchcut_server.errors import FailedPrecondition
from matchcut_server.rpc import server
from matchcut_server.rpc.address import AddressInUse
from matchcut_server.settings import Settings
from matchcut_server.store.sqlite.database import back_up
from tests.rpc.service import Service, rpc_error, serving, video

SERVICES = [
    f"matchcut.v1.{name}"
    for name in (
        "CatalogService",
        "ProfileService",
        "RecommendationService",
        "ScenarioService",
        "SearchService",
        "TargetingService",
        "VideoService",
    )
]
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def settings(folder: Path, **more: Any) -> Settings:
    return Settings(data=folder, **{"listen": "127.0.0.1:0", **more})


def health(service: Service) -> Any:
    return health_pb2_grpc.HealthStub(service.channel)


@pytest.mark.parametrize("name", ["", *SERVICES])
def test_every_service_is_healthy_and_so_is_the_whole(service: Service, name: str) -> None:
    stub = health(service)
    assert stub.Check(health_pb2.HealthCheckRequest(service=name)).status == SERVING


def test_the_health_of_an_unknown_service_is_not_found(service: Service) -> None:
    stub = health(service)
    error = rpc_error(lambda: stub.Check(health_pb2.HealthCheckRequest(service="matchcut.v1.Nope")))
    assert error.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("name", ["", "matchcut.v1.RecommendationService"])
def test_watchers_hear_when_a_server_leaves_while_it_still_answers(service: Service, name: str) -> None:
    watch = health(service).Watch(health_pb2.HealthCheckRequest(service=name), timeout=10)
    assert next(watch).status == SERVING
    service.server.leave()
    assert next(watch).status == NOT_SERVING
    watch.cancel()
    assert service.ids() == []


def test_watchers_take_no_place_of_callers(tmp_path: Path) -> None:
    with serving(tmp_path, threads=2, max_concurrent_rpcs=2) as service:
        stub = health(service)
        watchers = []
        for _ in range(5):
            watchers.append(stub.Watch(health_pb2.HealthCheckRequest(), timeout=30))
            assert next(watchers[-1]).status == SERVING
        assert service.ids() == []
        for watcher in watchers:
            watcher.cancel()


def test_reflection_tells_of_all_services(service: Service) -> None:
    found = ProtoReflectionDescriptorDatabase(service.channel)
    expected = [*SERVICES, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"]
    assert sorted(found.get_services()) == sorted(expected)
    file = found.FindFileContainingSymbol("matchcut.v1.VideoService")
    assert file.name == "matchcut/v1/video_service.proto"


def test_reflection_can_be_switched_off(tmp_path: Path) -> None:
    with serving(tmp_path, reflection=False) as service:
        error = rpc_error(lambda: ProtoReflectionDescriptorDatabase(service.channel).get_services())
        assert error.code() == grpc.StatusCode.UNIMPLEMENTED
        assert service.ids() == []


def test_connections_are_made_anew_now_and_then_and_no_call_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTION_AGE_MS", 100)

    def call_until_enough() -> None:
        end = time.monotonic() + 30
        while len({one.get("peer") for one in list(entries)}) < 6:
            assert time.monotonic() < end
            service.ids()

    with capture_logs() as entries, serving(tmp_path) as service, ThreadPoolExecutor(4) as pool:
        for caller in [pool.submit(call_until_enough) for _ in range(4)]:
            caller.result(60)


def test_data_and_page_tokens_outlive_the_server(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.upsert(*(video(name, "london") for name in "abc"))
        token = service.recommend("london", page_size=1).next_page_token
        before = service.statistics()
    with serving(tmp_path) as service:
        assert service.recommended("london", page_token=token) == ["b", "c"]
        assert service.statistics() == before
        assert service.upsert(video("a", "london"))[0].revision <= service.video("c").revision


def test_a_second_server_on_the_same_data_is_refused_by_name(tmp_path: Path) -> None:
    with (
        open_service(settings(tmp_path)),
        pytest.raises(FailedPrecondition, match=r"another server \(process \d+\) uses the data folder") as refused,
        open_service(settings(tmp_path)),
    ):
        pass
    assert str(tmp_path) in refused.value.message
    with open_service(settings(tmp_path)):  # free again
        pass


def test_a_port_in_use_is_refused_and_the_data_let_go(tmp_path: Path) -> None:
    with open_service(settings(tmp_path / "one")) as first:
        with (
            pytest.raises(AddressInUse, match=f"cannot listen on {first.address}"),
            open_service(settings(tmp_path / "two", listen=first.address)),
        ):
            pass
        with open_service(settings(tmp_path / "two")) as second:
            assert second.address != first.address


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(AddressInUse, match=r"cannot listen on 192\.0\.2\.1:0"),
        open_service(settings(tmp_path, listen="192.0.2.1:0")),
    ):
        pass


def test_a_folder_without_data_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match="is not a data folder"):
        back_up(tmp_path, tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []
