"""The boundary: what every call passes through, on its way in and out.

Bytes are turned into messages here and not by gRPC, so that bytes in flight can be bounded and no exception text, of a
broken message or of anything else, ever leaves the server.
"""

from __future__ import annotations  # gRPC's classes take type arguments in stubs only

import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import structlog
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError, Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from ..errors import (
    AlreadyExists,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidInput,
    MatchcutError,
    NotFound,
    Overloaded,
    Reason,
    Retryable,
    Unavailable,
    Violation,
)

DOMAIN = "matchcut"
PREFIX = "/matchcut.v1."

RETRY_SECONDS = 0.2

MAX_VIOLATIONS = 10
"""Details travel in a trailer, of which clients take 8 kB."""

_CODES: dict[type[MatchcutError], int] = {
    InvalidInput: code_pb2.INVALID_ARGUMENT,
    NotFound: code_pb2.NOT_FOUND,
    AlreadyExists: code_pb2.ALREADY_EXISTS,
    FailedPrecondition: code_pb2.FAILED_PRECONDITION,
    DeadlineExceeded: code_pb2.DEADLINE_EXCEEDED,
    Unavailable: code_pb2.UNAVAILABLE,
    Overloaded: code_pb2.RESOURCE_EXHAUSTED,
}

Handler = Callable[[Any, grpc.ServicerContext], Message]


class BytesInFlight:
    """Bounds the bytes of all requests that are being handled."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Count `size` bytes while the block runs. Raises `Overloaded` if they are too many beside the others'."""
        with self._lock:
            if self._used and self._used + size > self._limit:
                message = f"the server handles {self._used} bytes at this moment, {self._limit} at most; try again soon"
                raise Overloaded(Reason.OVERLOADED, message, retry_after=RETRY_SECONDS)
            self._used += size
        try:
            yield
        finally:
            with self._lock:
                self._used -= size


class Boundary(grpc.ServerInterceptor):
    """Decodes, runs, encodes, logs; turns errors into statuses with details."""

    def __init__(self, max_bytes_in_flight: int) -> None:
        self._in_flight = BytesInFlight(max_bytes_in_flight)
        self._log = structlog.get_logger("matchcut.rpc")

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Wrap the methods of the contract; health checks and reflection stay as they are."""
        handler = continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith(PREFIX) or handler.unary_unary is None:
            return handler
        method = handler_call_details.method.removeprefix(PREFIX)
        decode, behaviour = handler.request_deserializer, handler.unary_unary

        def call(raw: bytes, context: grpc.ServicerContext) -> bytes:
            return self._call(method, decode, behaviour, raw, context)

        # Without (de)serialisers gRPC hands over and takes bytes.
        return grpc.unary_unary_rpc_method_handler(call)

    def _call(
        self,
        method: str,
        decode: Callable[[bytes], Any] | None,
        behaviour: Handler,
        raw: bytes,
        context: grpc.ServicerContext,
    ) -> bytes:
        assert decode is not None
        start = time.perf_counter()
        request_id = uuid.uuid4().hex
        try:
            with self._in_flight.hold(len(raw)):
                answer = behaviour(_decoded(decode, raw), context).SerializeToString()
        except MatchcutError as error:
            status = error_status(error)
            if error.__cause__ is not None:
                # SQLite's words, say: of files and locks, never of what is stored.
                self._log.warning("trouble", request_id=request_id, reason=error.reason, cause=repr(error.__cause__))
            self._note(method, code_pb2.Code.Name(status.code), start, request_id, raw, context, reason=error.reason)
        except Exception as error:  # noqa: BLE001 - this is where everything unexpected ends
            status = _internal(request_id)
            self._note(method, "INTERNAL", start, request_id, raw, context, reason=Reason.INTERNAL)
            # The text of an exception may quote what a user is interested in, so only its type and place are kept.
            where = "".join(traceback.format_tb(error.__traceback__))
            self._log.error("fault", request_id=request_id, error=type(error).__name__, where=where)
        else:
            self._note(method, "OK", start, request_id, raw, context, answer_bytes=len(answer))
            return answer
        return context.abort_with_status(rpc_status.to_status(status))

    def _note(
        self,
        method: str,
        code: str,
        start: float,
        request_id: str,
        raw: bytes,
        context: grpc.ServicerContext,
        **more: object,
    ) -> None:
        """Log a call: never its contents."""
        self._log.info(
            "call",
            method=method,
            code=code,
            milliseconds=round((time.perf_counter() - start) * 1000, 3),
            peer=context.peer(),
            request_id=request_id,
            request_bytes=len(raw),
            **more,
        )


def _decoded(decode: Callable[[bytes], Any], raw: bytes) -> Any:
    try:
        return decode(raw)
    except DecodeError:
        message = "the bytes are not a message of the type this method takes; generate the client from the contract"
        raise InvalidInput([Violation("", Reason.MALFORMED_REQUEST, message)]) from None


def error_status(error: MatchcutError) -> status_pb2.Status:
    """Turn an error into a status with `ErrorInfo`, and `BadRequest` or `RetryInfo` where they apply."""
    code = next(code for kind, code in _CODES.items() if isinstance(error, kind))
    details: list[Message] = [error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)]
    if isinstance(error, InvalidInput):
        details.append(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(
                        field=violation.field, description=violation.message, reason=violation.reason
                    )
                    for violation in error.violations[:MAX_VIOLATIONS]
                ]
            )
        )
    if isinstance(error, Retryable):
        delay = Duration()
        delay.FromMilliseconds(round(error.retry_after * 1000))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    return _status(code, error.message, details)


def _internal(request_id: str) -> status_pb2.Status:
    message = f"a fault of the server; its log has more under the id {request_id}"
    info = error_details_pb2.ErrorInfo(reason=Reason.INTERNAL, domain=DOMAIN, metadata={"request_id": request_id})
    return _status(code_pb2.INTERNAL, message, [info])


def _status(code: int, message: str, details: list[Message]) -> status_pb2.Status:
    status = status_pb2.Status(code=code, message=message)
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    return status
