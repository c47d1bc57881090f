"""`start`: from the start of the process to SERVING, and to the first answer."""

import time
from collections.abc import Iterator
from typing import Any

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthStub

from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceStub

from .load import DEADLINE_SECONDS
from .measure import Row, Scale, duration, median
from .process import matchcut
from .rpc import interest_list
from .stored import data_folder
from .synthetic import profiles


def run(scale: Scale) -> Iterator[Row]:
    """Measure servers that start with a full data folder."""
    request = pb.RecommendVideosRequest(interests=interest_list(profiles(1)[0]))
    for size in (*scale.served, *scale.larger_served):
        folder = data_folder(size)
        serving, answered = [], []
        for _ in range(scale.rounds):
            start = time.perf_counter()
            with matchcut(folder) as server, grpc.insecure_channel(server.address) as channel:
                stub: Any = HealthStub(channel)
                health = stub.Check(health_pb2.HealthCheckRequest(), timeout=DEADLINE_SECONDS)
                if health.status != health_pb2.HealthCheckResponse.SERVING:
                    raise AssertionError(f"the server says that it serves, and its health says {health}")
                serving.append(time.perf_counter() - start)
                RecommendationServiceStub(channel).RecommendVideos(request, timeout=DEADLINE_SECONDS)
                answered.append(time.perf_counter() - start)
        yield Row("start, to SERVING", size, duration(median(serving)))
        yield Row("  to the first answer", size, duration(median(answered)))
