"""`grpc.health.v1.Health`: whether the server as a whole, and each of its services, is serving.

The servicer that comes with gRPC sends to watchers while it holds the lock that the end of a watch needs too. The end
of a watch runs on the one thread that completes sends, so clients that come and go can stop the whole server for good.
Here nothing is sent under a lock that this thread takes.
"""

import threading
from collections.abc import Callable
from typing import Any, TypeAlias

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

Answer = health_pb2.HealthCheckResponse
Status: TypeAlias = Any  # a value of the enum, which has another type in each version of the stubs
SERVICE_NAME = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name


class HealthServicer(health_pb2_grpc.HealthServicer):
    """Answers checks, and tells watchers of every change. A watch occupies no thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._statuses: dict[str, Status] = {}
        self._watchers: set[_Watcher] = set()

    def set(self, *services: str, status: Status) -> None:
        """Set the status of some services, and tell those who watch."""
        with self._lock:
            self._statuses.update(dict.fromkeys(services, status))
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher.tell()

    def Check(self, request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext) -> Answer:
        """Answer the status of a service; NOT_FOUND for an unknown one."""
        with self._lock:
            status = self._statuses.get(request.service)
        if status is None:
            context.set_code(grpc.StatusCode.NOT_FOUND)
            return Answer()
        return Answer(status=status)

    def Watch(  # type: ignore[override]  # gRPC gives this kind of method the function that sends
        self,
        request: health_pb2.HealthCheckRequest,
        context: grpc.ServicerContext,
        send: Callable[[Answer | None], None],
    ) -> None:
        """Tell the status of a service now, and whenever it changes; an unknown one may become known."""
        watcher = _Watcher(lambda: self._statuses.get(request.service, Answer.SERVICE_UNKNOWN), send)
        with self._lock:
            self._watchers.add(watcher)
        if context.add_callback(lambda: self._forget(watcher)):
            watcher.tell()
        else:
            self._forget(watcher)

    Watch.experimental_non_blocking = True  # type: ignore[attr-defined]

    def _forget(self, watcher: "_Watcher") -> None:
        with self._lock:
            self._watchers.discard(watcher)


class _Watcher:
    """One watch: tells the newest status, each once."""

    def __init__(self, status: Callable[[], Status], send: Callable[[Answer | None], None]) -> None:
        self._status = status
        self._send = send
        self._told: Status | None = None
        self._lock = threading.Lock()

    def tell(self) -> None:
        with self._lock:  # so that an older status never follows a newer one
            status = self._status()
            if status != self._told:
                self._told = status
                self._send(Answer(status=status))
