"""What goes wrong reaches the caller with code and details, and without a word that is not meant for them."""

import inspect
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from matchcut.v1 import (
    catalog_service_pb2,
    profile_service_pb2,
    recommendation_service_pb2,
    scenario_service_pb2,
    search_service_pb2,
    targeting_service_pb2,
    types_pb2,
    video_service_pb2,
)
from matchcut_server import errors
from matchcut_server.errors import MatchcutError, Reason, Violation
from matchcut_server.insights.report import AdjustmentKind
from matchcut_server.ranking.recommender import Recommender
from matchcut_server.ranking.settings import SeenVideos
from matchcut_server.rpc.boundary import error_status
from matchcut_server.store.port import WriteStatus
from matchcut_server.store.sqlite.plan import Planner
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.scheme import Scheme
from tests.rpc.service import Service, ask, failure, interests, keyword, options, rpc_error, video

FILES = (
    catalog_service_pb2,
    profile_service_pb2,
    recommendation_service_pb2,
    scenario_service_pb2,
    search_service_pb2,
    targeting_service_pb2,
    video_service_pb2,
)
METHODS = [
    (service, method.name)
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
]

SECRET = "a secret interest in london"


@pytest.fixture
def logs() -> Iterator[list[EventDict]]:
    with capture_logs() as entries:
        yield entries


# --- the contract's enums ---------------------------------------------------------------------------------------------


def names(enum: Any, prefix: str) -> set[str]:
    assert enum.Name(0) == f"{prefix}UNSPECIFIED"
    return {name.removeprefix(prefix) for name in enum.keys()} - {"UNSPECIFIED"}  # noqa: SIM118 - no mapping


def test_enums_of_the_contract_and_of_the_server_have_the_same_names() -> None:
    assert names(types_pb2.WriteStatus, "WRITE_STATUS_") == set(WriteStatus)
    assert names(types_pb2.AdjustmentKind, "ADJUSTMENT_KIND_") == set(AdjustmentKind)
    assert names(catalog_service_pb2.WeightingScheme, "WEIGHTING_SCHEME_") == set(Scheme)
    assert names(types_pb2.ErrorReason, "ERROR_REASON_") == set(Reason)
    assert names(scenario_service_pb2.SeenVideos, "SEEN_VIDEOS_") == set(SeenVideos)
    for enum in (WriteStatus, AdjustmentKind, Scheme, Reason, SeenVideos):
        assert all(member.name == member.value for member in enum)


def kinds() -> list[MatchcutError]:
    """One error of each kind."""
    violation = Violation("videos[0]", Reason.REQUIRED, "missing")
    return [
        errors.InvalidInput([violation]),
        errors.NotFound(Reason.VIDEO_NOT_FOUND, "x"),
        errors.AlreadyExists(Reason.CATALOG_EXISTS, "x"),
        errors.FailedPrecondition(Reason.REVISION_AHEAD, "x"),
        errors.DeadlineExceeded(),
        errors.Unavailable(Reason.REVISION_NOT_REACHED, "x", retry_after=0.25),
        errors.Overloaded(Reason.OVERLOADED, "x", retry_after=0.25),
    ]


CODES = {
    "InvalidInput": grpc.StatusCode.INVALID_ARGUMENT,
    "NotFound": grpc.StatusCode.NOT_FOUND,
    "AlreadyExists": grpc.StatusCode.ALREADY_EXISTS,
    "FailedPrecondition": grpc.StatusCode.FAILED_PRECONDITION,
    "DeadlineExceeded": grpc.StatusCode.DEADLINE_EXCEEDED,
    "Unavailable": grpc.StatusCode.UNAVAILABLE,
    "Overloaded": grpc.StatusCode.RESOURCE_EXHAUSTED,
}


@pytest.mark.parametrize("error", kinds(), ids=lambda error: type(error).__name__)
def test_every_kind_of_error_has_its_code_and_details(error: MatchcutError) -> None:
    status = error_status(error)
    assert status.code == CODES[type(error).__name__].value[0]
    kinds_of_details = [detail.TypeName() for detail in status.details]
    expected = ["google.rpc.ErrorInfo"]
    if isinstance(error, errors.InvalidInput):
        expected.append("google.rpc.BadRequest")
    if isinstance(error, errors.Retryable):
        expected.append("google.rpc.RetryInfo")
    assert kinds_of_details == expected


def test_no_kind_of_error_is_forgotten() -> None:
    def leaves(kind: type[MatchcutError]) -> set[str]:
        below = kind.__subclasses__()
        return {kind.__name__} if not below else {name for one in below for name in leaves(one)}

    assert leaves(MatchcutError) == set(CODES) == {type(error).__name__ for error in kinds()}
    documented = inspect.getdoc(errors) or ""
    assert all(name in documented for name in CODES)


# --- details ----------------------------------------------------------------------------------------------------------


def test_a_refused_request_names_all_bad_fields(service: Service) -> None:
    refused = failure(lambda: service.recommend("", "x" * 257, "london=nan", page_size=-1, min_score=2))
    assert refused.code == grpc.StatusCode.INVALID_ARGUMENT
    assert [(field, reason) for field, reason, _ in refused.fields] == [
        ("interests.interests[0].keyword", "REQUIRED"),
        ("interests.interests[1].keyword", "TOO_LARGE"),
        ("interests.interests[2].weight", "INVALID_VALUE"),
        ("options.min_score", "INVALID_VALUE"),
        ("page_size", "INVALID_VALUE"),
    ]
    assert refused.reason == "REQUIRED"
    assert refused.metadata == {"field": "interests.interests[0].keyword"}
    assert refused.message.endswith("(and 4 more)")
    assert refused.retry_seconds is None


def test_however_much_is_wrong_the_details_fit_into_a_trailer(service: Service) -> None:
    widest = "\U0001f600" * 300
    request = ask()
    request.interests.CopyFrom(interests(*[widest] * 1_000))
    request.catalog = widest
    request.options.CopyFrom(options(exclude_ids=[widest] * 1_000))
    refused = failure(lambda: service.send(request))
    assert refused.code == grpc.StatusCode.INVALID_ARGUMENT
    assert 1 <= len(refused.fields) <= 10


def test_a_method_that_does_not_exist_is_unimplemented(service: Service) -> None:
    call: Any = service.channel.unary_unary("/matchcut.v1.VideoService/Nope")
    assert rpc_error(lambda: call(b"")).code() == grpc.StatusCode.UNIMPLEMENTED


def test_every_method_is_served(service: Service) -> None:
    """An empty request is one for the default catalog, or lacks what is required."""
    answered = []
    for _, method in METHODS:
        try:
            service.send_bytes(method, b"")
        except grpc.RpcError:
            refused = failure(lambda method=method: service.send_bytes(method, b""))  # type: ignore[misc]  # bound
            assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUIRED")
        else:
            answered.append(method)
    assert len(METHODS) == 35
    assert answered == [
        *("GetCatalog", "ListCatalogs", "ListProfiles", "ListScenarios"),
        *("ListStandingInterests", "ListMatches", "ListVideos"),
    ]


# --- faults of the server ------------------------------------------------------------------------------------------


def break_down(*_: object, **__: object) -> Any:
    raise ValueError(SECRET)


def test_a_fault_is_internal_with_an_id_that_is_in_the_log(
    service: Service, logs: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    service.upsert(video("a", "london"))
    with monkeypatch.context() as broken:
        broken.setattr(SqliteStore, "video", break_down)
        fault = failure(lambda: service.video("a"))
    assert (fault.code, fault.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    request_id = fault.metadata["request_id"]
    assert request_id in fault.message
    assert "secret" not in fault.message
    (entry,) = [one for one in logs if one["event"] == "fault"]
    assert (entry["request_id"], entry["error"], entry["log_level"]) == (request_id, "ValueError", "error")
    assert "break_down" in entry["where"]
    assert SECRET not in str(logs)
    assert service.video("a").video_id == "a"


def test_no_text_of_an_exception_travels_with_its_cause_or_notes(
    service: Service, logs: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    def chain(*_: object) -> Any:
        try:
            break_down()
        except ValueError as error:
            problem = KeyError(SECRET)
            problem.add_note(SECRET)
            raise problem from error

    monkeypatch.setattr(Recommender, "recommend", chain)
    fault = failure(lambda: service.recommend("london"))
    assert fault.code == grpc.StatusCode.INTERNAL
    assert "secret" not in f"{fault}{logs}"


def test_a_fault_while_writing_writes_nothing_and_hurts_nobody_else(
    service: Service, logs: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    service.upsert(video("a", "london"))
    with monkeypatch.context() as broken:
        broken.setattr(Planner, "_write_rows", break_down)
        assert failure(lambda: service.upsert(video("a", "paris"), video("b", "rome"))).code == grpc.StatusCode.INTERNAL
    assert service.ids() == ["a"]
    assert service.recommended("london") == ["a"]
    (result,) = service.upsert(video("b", keyword("rome")))
    assert result.status == types_pb2.WRITE_STATUS_CREATED
    assert SECRET not in str(logs)


def test_a_fault_while_an_answer_is_written_is_one_too(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matchcut_server.rpc.video.video_message", lambda *_: "no message")
    service.upsert(video("a"))
    assert failure(lambda: service.video("a")).code == grpc.StatusCode.INTERNAL
