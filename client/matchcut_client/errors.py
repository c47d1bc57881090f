"""What calls raise, made from gRPC errors in one place.

MatchcutError                   code, reason, message, metadata, request_id, retry_after
├── InvalidArgument             violations: which fields have values that are not allowed
├── NotFound                    a catalog, video, profile, ... that does not exist
├── AlreadyExists               it exists, but is not the same
├── FailedPrecondition          the state of the store does not allow it
├── ResourceExhausted           more than allowed, such as too large a request
│   └── Overloaded              the server has too much to do: try again after `retry_after` seconds
├── Unavailable                 no server can be reached, or it cannot answer now; was tried several times already
├── DeadlineExceeded            the call's timeout passed before the answer was there
├── Cancelled                   the call was cancelled, as when the server stopped or the client was closed
├── Unimplemented               the server does not serve this call (yet)
└── Internal                    a fault of the server; `request_id` finds it in the server's log

Codes without a class of their own, such as those of a proxy, are plain `MatchcutError`.
"""

from collections.abc import Mapping, Sequence

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from matchcut_client.types import ErrorReason, FieldError

__all__ = [
    "AlreadyExists",
    "Cancelled",
    "DeadlineExceeded",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "MatchcutError",
    "NotFound",
    "Overloaded",
    "ResourceExhausted",
    "Unavailable",
    "Unimplemented",
]

_DETAILS = "grpc-status-details-bin"
_DOMAIN = "matchcut"


class MatchcutError(Exception):
    """Base of all errors that calls raise. Every write may be repeated: a call that failed can be made again."""

    default_code = grpc.StatusCode.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode | None = None,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.reason = reason
        """One of the values of `ErrorReason`; empty if the error does not come from a Matchcut server."""
        self.metadata = dict(metadata or {})
        """Every variable of the message, by name."""
        self.retry_after = retry_after
        """Seconds after which trying again can help; None if the server named none."""

    @property
    def request_id(self) -> str:
        """Id of the request in the server's log; empty if the server named none."""
        return self.metadata.get("request_id", "")

    def __str__(self) -> str:
        return f"{self.message} [{self.reason or self.code.name}]"


class InvalidArgument(MatchcutError):
    """One or more fields have values that are not allowed; nothing was changed."""

    default_code = grpc.StatusCode.INVALID_ARGUMENT
    violations: tuple[FieldError, ...] = ()
    """The fields, each with reason and message."""


class NotFound(MatchcutError):
    """What was named does not exist; `reason` says what."""

    default_code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(MatchcutError):
    """It exists and is not the same."""

    default_code = grpc.StatusCode.ALREADY_EXISTS


class FailedPrecondition(MatchcutError):
    """The state of the store does not allow the call.

    With reason `REVISION_AHEAD` the client has seen a revision that this store never had, as after the store was put
    back to a backup: `MatchcutClient.forget_revision`.
    """

    default_code = grpc.StatusCode.FAILED_PRECONDITION


class ResourceExhausted(MatchcutError):
    """More than the server or the client allows, such as a request that is too large."""

    default_code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Overloaded(ResourceExhausted):
    """The server handles as much as it may at once."""


class Unavailable(MatchcutError):
    """No server can be reached, or it cannot answer now. The call was tried several times already."""

    default_code = grpc.StatusCode.UNAVAILABLE


class DeadlineExceeded(MatchcutError):
    """The call's timeout passed; a write may or may not have been made."""

    default_code = grpc.StatusCode.DEADLINE_EXCEEDED


class Cancelled(MatchcutError):
    """The call was cancelled; a write may or may not have been made."""

    default_code = grpc.StatusCode.CANCELLED


class Unimplemented(MatchcutError):
    """The server does not serve this call."""

    default_code = grpc.StatusCode.UNIMPLEMENTED


class Internal(MatchcutError):
    """A fault of the server."""

    default_code = grpc.StatusCode.INTERNAL


_CLASSES: dict[grpc.StatusCode, type[MatchcutError]] = {
    grpc.StatusCode.UNKNOWN: Internal,
    grpc.StatusCode.DATA_LOSS: Internal,
    **{
        error.default_code: error
        for error in (
            InvalidArgument,
            NotFound,
            AlreadyExists,
            FailedPrecondition,
            ResourceExhausted,
            Unavailable,
            DeadlineExceeded,
            Cancelled,
            Unimplemented,
            Internal,
        )
    },
}


def error_from(error: grpc.RpcError) -> MatchcutError:
    """Translate an error of gRPC, with its details where the server gave any."""
    code = error.code()
    message, reason, metadata = error.details() or code.name, "", {}
    retry_after: float | None = None
    violations: list[FieldError] = []
    for detail in _details(error):
        if isinstance(detail, error_details_pb2.ErrorInfo) and detail.domain == _DOMAIN:
            reason, metadata = detail.reason, dict(detail.metadata)
        elif isinstance(detail, error_details_pb2.RetryInfo):
            retry_after = detail.retry_delay.seconds + detail.retry_delay.nanos / 1e9
        elif isinstance(detail, error_details_pb2.BadRequest):
            violations += [FieldError(it.field, it.reason, it.description) for it in detail.field_violations]
    error_class = Overloaded if reason == ErrorReason.OVERLOADED else _CLASSES.get(code, MatchcutError)
    translated = error_class(message, code=code, reason=reason, metadata=metadata, retry_after=retry_after)
    if isinstance(translated, InvalidArgument):
        translated.violations = tuple(violations)
    return translated


_Detail = error_details_pb2.ErrorInfo | error_details_pb2.RetryInfo | error_details_pb2.BadRequest


def _details(error: grpc.RpcError) -> Sequence[_Detail]:
    """Decode the details that this client knows; there are none in errors made by gRPC itself."""
    content = next((trailer.value for trailer in error.trailing_metadata() or () if trailer.key == _DETAILS), b"")
    known: list[_Detail] = []
    try:
        for packed in status_pb2.Status.FromString(content).details:
            for kind in (error_details_pb2.ErrorInfo, error_details_pb2.RetryInfo, error_details_pb2.BadRequest):
                detail = kind()
                if packed.Unpack(detail):
                    known.append(detail)
    except DecodeError:
        # A damaged trailer must not hide the error it came with.
        return ()
    return known
