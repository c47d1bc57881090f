"""A server of the whole contract that remembers what it is asked and answers what a test tells it."""

from __future__ import annotations  # gRPC's classes take type arguments in stubs only

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

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

FILES = (
    types_pb2.DESCRIPTOR,
    catalog_service_pb2.DESCRIPTOR,
    video_service_pb2.DESCRIPTOR,
    profile_service_pb2.DESCRIPTOR,
    recommendation_service_pb2.DESCRIPTOR,
    scenario_service_pb2.DESCRIPTOR,
    search_service_pb2.DESCRIPTOR,
    targeting_service_pb2.DESCRIPTOR,
)
SERVICES: list[ServiceDescriptor] = [service for file in FILES for service in file.services_by_name.values()]
RPCS: list[MethodDescriptor] = [rpc for service in SERVICES for rpc in service.methods]

Answer = Callable[[Any, grpc.ServicerContext], Message]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that arrived."""

    rpc: str
    request: Any
    seconds_left: float | None
    peer: str


class FakeServer(grpc.GenericRpcHandler):
    """Answers every RPC with an empty message, batches with CREATED for every item, unless told otherwise."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: dict[str, Answer] = {}
        """By name of the RPC."""
        self.health = health.HealthServicer()
        self._lock = threading.Lock()
        self._rpcs = {f"/{rpc.containing_service.full_name}/{rpc.name}": rpc for rpc in RPCS}
        self._server = grpc.server(
            ThreadPoolExecutor(8),
            options=[("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", 32 * 2**20)],
        )
        self._server.add_generic_rpc_handlers((self,))
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self._server)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self.target = f"127.0.0.1:{self.port}"

    def start(self) -> None:
        self.set_serving()
        self._server.start()

    def stop(self) -> None:
        self._server.stop(None).wait()

    def set_serving(self, serving: bool = True) -> None:
        """Tell health watchers whether this server serves."""
        status = health_pb2.HealthCheckResponse
        self.health.set("", status.SERVING if serving else status.NOT_SERVING)

    def requests(self, rpc: str) -> list[Any]:
        """The requests of one RPC, in order."""
        return [call.request for call in self.calls if call.rpc == rpc]

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        rpc = self._rpcs.get(handler_call_details.method)
        if rpc is None:
            return None

        def behaviour(request: Any, context: grpc.ServicerContext) -> Message:
            with self._lock:
                self.calls.append(Call(rpc.name, request, context.time_remaining(), context.peer()))
            answer = self.answers.get(rpc.name)
            return answer(request, context) if answer else default_answer(rpc, request)

        return grpc.unary_unary_rpc_method_handler(
            behaviour,
            request_deserializer=GetMessageClass(rpc.input_type).FromString,
            response_serializer=GetMessageClass(rpc.output_type).SerializeToString,
        )


def default_answer(rpc: MethodDescriptor, request: Any) -> Any:
    """Answer with an empty message; a batch with one result for each item."""
    answer: Any = GetMessageClass(rpc.output_type)()
    field = items_field(rpc)
    if field is not None:
        for index in range(len(getattr(request, field))):
            result = answer.results.add(index=index)
            if rpc.name != "BatchRecommendVideos":
                result.status = types_pb2.WRITE_STATUS_CREATED
    return answer


def items_field(rpc: MethodDescriptor) -> str | None:
    """Return the field with the items of a batch; None for an RPC that takes no batch."""
    if "results" not in rpc.output_type.fields_by_name:
        return None
    (field,) = (field.name for field in rpc.input_type.fields if field.is_repeated)
    return field


def failing(code: grpc.StatusCode, message: str = "no", *details: Message) -> Answer:
    """Make an answer that is an error with details."""
    status = status_pb2.Status(code=code.value[0], message=message)
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)

    def answer(_request: Any, context: grpc.ServicerContext) -> Message:
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(code, message)
        raise AssertionError

    return answer


def method_name(rpc: MethodDescriptor) -> str:
    """Return the name of the client's method for an RPC: `GetVideo` is `get_video`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in rpc.name).removeprefix("_")


def all_messages() -> list[Descriptor]:
    """Every message of the contract."""
    return [message for file in FILES for message in file.message_types_by_name.values()]
