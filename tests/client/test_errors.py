"""Errors of gRPC and what the client raises for them."""

import pickle

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo

from matchcut.v1 import types_pb2
from matchcut_client import (
    AlreadyExists,
    Cancelled,
    DeadlineExceeded,
    ErrorReason,
    FailedPrecondition,
    FieldError,
    Internal,
    InvalidArgument,
    MatchcutClient,
    MatchcutError,
    NotFound,
    Overloaded,
    ResourceExhausted,
    Unavailable,
    Unimplemented,
    Video,
)
from tests.client.fake_server import FakeServer, failing

Code = grpc.StatusCode


def info(reason: str, **metadata: str) -> ErrorInfo:
    return ErrorInfo(reason=reason, domain="matchcut", metadata=metadata)


def raised(client: MatchcutClient) -> MatchcutError:
    with pytest.raises(MatchcutError) as caught:
        client.get_video("v1")
    return caught.value


@pytest.mark.parametrize(
    "code, wanted",
    [
        (Code.INVALID_ARGUMENT, InvalidArgument),
        (Code.NOT_FOUND, NotFound),
        (Code.ALREADY_EXISTS, AlreadyExists),
        (Code.FAILED_PRECONDITION, FailedPrecondition),
        (Code.RESOURCE_EXHAUSTED, ResourceExhausted),
        (Code.UNAVAILABLE, Unavailable),
        (Code.DEADLINE_EXCEEDED, DeadlineExceeded),
        (Code.CANCELLED, Cancelled),
        (Code.UNIMPLEMENTED, Unimplemented),
        (Code.INTERNAL, Internal),
        (Code.UNKNOWN, Internal),
        (Code.DATA_LOSS, Internal),
        (Code.PERMISSION_DENIED, MatchcutError),
    ],
)
def test_each_code_has_its_class(
    code: grpc.StatusCode, wanted: type[MatchcutError], server: FakeServer, client: MatchcutClient
) -> None:
    server.answers["GetVideo"] = failing(code, "not today")

    error = raised(client)

    assert type(error) is wanted
    assert (error.code, error.message, error.reason) == (code, "not today", "")
    assert str(error) == f"not today [{code.name}]"


def test_reason_and_metadata_come_along(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["GetVideo"] = failing(Code.NOT_FOUND, "no video 'v1'", info("VIDEO_NOT_FOUND", video_id="v1"))

    error = raised(client)

    assert error.reason == ErrorReason.VIDEO_NOT_FOUND
    assert error.metadata == {"video_id": "v1"}
    assert str(error) == "no video 'v1' [VIDEO_NOT_FOUND]"
    assert isinstance(error.__cause__, grpc.RpcError)


def test_the_fields_of_a_refused_request_come_along(server: FakeServer, client: MatchcutClient) -> None:
    refused = BadRequest(
        field_violations=[
            BadRequest.FieldViolation(field="video_id", reason="REQUIRED", description="give one"),
            BadRequest.FieldViolation(field="min_revision", reason="INVALID_VALUE", description="0 or more"),
        ]
    )
    server.answers["GetVideo"] = failing(Code.INVALID_ARGUMENT, "two fields", info("REQUIRED"), refused)

    error = raised(client)

    assert isinstance(error, InvalidArgument)
    assert error.violations == (
        FieldError("video_id", "REQUIRED", "give one"),
        FieldError("min_revision", "INVALID_VALUE", "0 or more"),
    )


def test_an_overloaded_server_says_when_to_try_again(server: FakeServer, client: MatchcutClient) -> None:
    later = RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000))
    server.answers["GetVideo"] = failing(Code.RESOURCE_EXHAUSTED, "busy", info("OVERLOADED"), later)

    error = raised(client)

    assert isinstance(error, Overloaded)
    assert error.retry_after == 1.5


def test_a_fault_of_the_server_names_the_request_in_its_log(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["GetVideo"] = failing(Code.INTERNAL, "a fault", info("INTERNAL", request_id="abc"))

    assert raised(client).request_id == "abc"


def test_details_of_others_are_left_out(server: FakeServer, client: MatchcutClient) -> None:
    foreign = ErrorInfo(reason="BLOCKED", domain="proxy.example")
    server.answers["GetVideo"] = failing(Code.NOT_FOUND, "no", foreign, StringValue(value="unknown type"))

    error = raised(client)

    assert (type(error), error.reason, error.metadata) == (NotFound, "", {})


def test_damaged_details_do_not_hide_the_error(server: FakeServer, client: MatchcutClient) -> None:
    def answer(_request: object, context: grpc.ServicerContext) -> types_pb2.Video:
        context.set_trailing_metadata((("grpc-status-details-bin", b"\xff\xff"),))
        context.abort(Code.NOT_FOUND, "no video")
        raise AssertionError

    server.answers["GetVideo"] = answer

    error = raised(client)

    assert (type(error), error.message) == (NotFound, "no video")


def test_a_request_larger_than_the_server_takes_is_told(server: FakeServer, client: MatchcutClient) -> None:
    with pytest.raises(ResourceExhausted) as caught:
        client.get_video("v" * 33 * 2**20)

    assert type(caught.value) is ResourceExhausted


def test_an_error_survives_pickling(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["GetVideo"] = failing(Code.NOT_FOUND, "no video", info("VIDEO_NOT_FOUND", video_id="v1"))

    copy = pickle.loads(pickle.dumps(raised(client)))

    assert (type(copy), str(copy), copy.metadata) == (NotFound, "no video [VIDEO_NOT_FOUND]", {"video_id": "v1"})


def test_a_refused_batch_raises_the_same(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["UpsertVideos"] = failing(Code.NOT_FOUND, "no catalog", info("CATALOG_NOT_FOUND"))

    with pytest.raises(NotFound, match="no catalog"):
        client.upsert_videos([Video("v1")])
