"""The gRPC server: services, health, reflection, limits."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from matchcut.v1 import (
    catalog_service_pb2,
    catalog_service_pb2_grpc,
    profile_service_pb2,
    profile_service_pb2_grpc,
    recommendation_service_pb2,
    recommendation_service_pb2_grpc,
    scenario_service_pb2,
    scenario_service_pb2_grpc,
    search_service_pb2,
    search_service_pb2_grpc,
    targeting_service_pb2,
    targeting_service_pb2_grpc,
    video_service_pb2,
    video_service_pb2_grpc,
)

from ..index.follower import Follower
from ..ranking.recommender import Recommender
from ..store.port import Store
from ..targeting.audience_pages import AudiencePages
from ..targeting.audiences import Audiences
from . import health
from .address import AddressInUse
from .boundary import Boundary
from .catalog import CatalogServicer
from .limits import MAX_ANSWER_BYTES
from .profile import ProfileServicer
from .recommendation import RecommendationServicer
from .scenario import ScenarioServicer
from .search import SearchServicer
from .targeting import TargetingServicer
from .token import PageTokens
from .video import VideoServicer

MAX_CONCURRENT_STREAMS = 100
"""Calls at the same time on one connection."""

MAX_CONNECTION_AGE_MS = 5 * 60 * 1000
"""After that a client is asked to connect anew, which costs it no call: a process that took the place of another one
would otherwise get no work from clients that are there already."""

REFLECTION_THREADS = 2

_REQUEST_OVERHEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How the server listens and what it takes at once."""

    listen: str
    """`HOST:PORT`; port 0 takes a free one."""
    shared_port: bool
    """Whether other processes listen there too."""
    threads: int
    max_concurrent_rpcs: int
    max_request_bytes: int
    max_bytes_in_flight: int
    reflection: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """What services answer from."""

    store: Store
    follower: Follower
    recommender: Recommender
    audiences: Audiences
    pages: AudiencePages


class Server:
    """A gRPC server that is started and stopped once."""

    def __init__(self, options: ServerOptions, parts: Parts) -> None:
        store, follower, recommender = parts.store, parts.follower, parts.recommender
        self._pool = ThreadPoolExecutor(options.threads, thread_name_prefix="rpc")
        self._reflection_pool = ThreadPoolExecutor(REFLECTION_THREADS, thread_name_prefix="reflection")
        self._health = health.HealthServicer()
        self._server = grpc.server(
            self._pool,
            interceptors=[Boundary(options.max_bytes_in_flight)],
            maximum_concurrent_rpcs=options.max_concurrent_rpcs,
            options=[
                ("grpc.so_reuseport", int(options.shared_port)),  # else a second server would share it unnoticed
                ("grpc.max_connection_age_ms", MAX_CONNECTION_AGE_MS),
                ("grpc.max_concurrent_streams", MAX_CONCURRENT_STREAMS),
                ("grpc.max_receive_message_length", options.max_request_bytes + _REQUEST_OVERHEAD),
                ("grpc.max_send_message_length", MAX_ANSWER_BYTES + _REQUEST_OVERHEAD),
            ],
        )
        tokens = PageTokens(store.secret)
        catalog_service_pb2_grpc.add_CatalogServiceServicer_to_server(
            CatalogServicer(store, follower, tokens), self._server
        )
        video_service_pb2_grpc.add_VideoServiceServicer_to_server(VideoServicer(store, follower, tokens), self._server)
        profile_service_pb2_grpc.add_ProfileServiceServicer_to_server(
            ProfileServicer(store, follower, recommender.users, tokens), self._server
        )
        recommendation_service_pb2_grpc.add_RecommendationServiceServicer_to_server(
            RecommendationServicer(recommender, store, follower, tokens), self._server
        )
        scenario_service_pb2_grpc.add_ScenarioServiceServicer_to_server(
            ScenarioServicer(store, follower, tokens), self._server
        )
        search_service_pb2_grpc.add_SearchServiceServicer_to_server(
            SearchServicer(store, follower, tokens), self._server
        )
        targeting_service_pb2_grpc.add_TargetingServiceServicer_to_server(
            TargetingServicer(store, follower, tokens, parts.audiences, parts.pages), self._server
        )
        services: list[ServiceDescriptor] = [
            catalog_service_pb2.DESCRIPTOR.services_by_name["CatalogService"],
            video_service_pb2.DESCRIPTOR.services_by_name["VideoService"],
            profile_service_pb2.DESCRIPTOR.services_by_name["ProfileService"],
            recommendation_service_pb2.DESCRIPTOR.services_by_name["RecommendationService"],
            scenario_service_pb2.DESCRIPTOR.services_by_name["ScenarioService"],
            search_service_pb2.DESCRIPTOR.services_by_name["SearchService"],
            targeting_service_pb2.DESCRIPTOR.services_by_name["TargetingService"],
        ]
        self._services = [service.full_name for service in services]
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if options.reflection:
            names = (*self._services, health.SERVICE_NAME, reflection.SERVICE_NAME)
            self._reflect(names)
        self.address = self._bind(options.listen)

    def start(self) -> None:
        """Begin to serve."""
        self._server.start()
        self._health.set("", *self._services, status=health_pb2.HealthCheckResponse.SERVING)

    def leave(self) -> None:
        """Tell health watchers that the server goes, so that they send new calls elsewhere; serve on for now."""
        self._health.set("", *self._services, status=health_pb2.HealthCheckResponse.NOT_SERVING)

    def stop(self, grace: float) -> None:
        """Take no more calls, and wait for those that run for at most `grace` seconds."""
        self._server.stop(grace).wait()
        self._pool.shutdown(wait=True)
        self._reflection_pool.shutdown(wait=True)

    def _reflect(self, names: Sequence[str]) -> None:
        """Answer questions about the contract, on threads of their own: a stream of questions holds one to its end."""
        servicer: Any = reflection.ReflectionServicer(names)
        answers = servicer.ServerReflectionInfo

        def info(requests: Any, context: grpc.ServicerContext) -> Any:
            return answers(requests, context)

        info.experimental_thread_pool = self._reflection_pool  # type: ignore[attr-defined]  # where gRPC looks for it
        servicer.ServerReflectionInfo = info
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server(servicer, self._server)  # type: ignore[no-untyped-call]

    def _bind(self, listen: str) -> str:
        host, _, _ = listen.rpartition(":")
        try:
            port = self._server.add_insecure_port(listen)
        except RuntimeError:
            port = 0
        if port == 0:
            raise AddressInUse(listen)
        return f"{host}:{port}"
