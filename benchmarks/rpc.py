"""`rpc`: recommendations over gRPC, the load from another process, and the empty RPC beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import grpc

from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceStub
from matchcut_server.vectors.profile import Interest

from .floor import METHOD, SERVICE
from .load import DEADLINE_SECONDS, Load
from .measure import Row, Scale, cpu_seconds, duration, median, p99, rate, ratio
from .process import ServerProcess, floor, matchcut, send
from .stored import data_folder
from .synthetic import profiles

CONNECTIONS = 8
"""For requests/s, each with one call under way."""
BATCH = 100
"""Profiles in one call."""

_PREFIX = "/matchcut.v1.RecommendationService/"
_PROFILES = 500
_WARM_CALLS = 10


@dataclass
class _Figures:
    """One entry a round."""

    medians: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Seconds of the server's CPU a call."""


def run(scale: Scale) -> Iterator[Row]:
    """Measure calls that recommend 20 videos for 30 interests."""
    interests = [_interest_list(own) for own in profiles(_PROFILES)]
    singles = [pb.RecommendVideosRequest(interests=own).SerializeToString() for own in interests]
    batches = [_batch(interests[i : i + BATCH]).SerializeToString() for i in range(0, _PROFILES, BATCH)]
    for size in scale.sizes:
        yield from _calls(scale, size, singles, batches)


def _calls(scale: Scale, size: int, singles: Sequence[bytes], batches: Sequence[bytes]) -> Iterator[Row]:
    ours, empty, batched = _Figures(), _Figures(), _Figures()
    with matchcut(data_folder(size)) as server:
        answer_bytes = _check_answer(server, singles[0])
        with floor(answer_bytes) as nothing:
            for _ in range(scale.rounds):
                _measure(scale, server, f"{_PREFIX}RecommendVideos", singles, ours)
                _measure(scale, nothing, f"/{SERVICE}/{METHOD}", singles, empty)
                took = send(_load(server, f"{_PREFIX}BatchRecommendVideos", batches, 1, max(1, scale.calls // BATCH)))
                batched.rates.append(len(took.calls) * BATCH / took.seconds)
    yield Row(
        "RecommendVideos, one at a time",
        size,
        duration(median(ours.medians)),
        duration(median(ours.p99s)),
        ratio(median(ours.medians) / median(empty.medians), "empty"),
    )
    yield Row("  empty RPC", size, duration(median(empty.medians)), duration(median(empty.p99s)))
    beside = ratio(median(ours.rates) / median(empty.rates), "empty")
    yield Row(f"RecommendVideos, {CONNECTIONS} at a time", size, rate(median(ours.rates), "calls"), "", beside)
    yield Row("  empty RPC", size, rate(median(empty.rates), "calls"))
    if all(empty.cpu):
        beside = ratio(median(ours.cpu) / median(empty.cpu), "empty")
        yield Row("RecommendVideos, CPU of the server a call", size, duration(median(ours.cpu)), "", beside)
        yield Row("  empty RPC", size, duration(median(empty.cpu)))
    beside = ratio(median(batched.rates) / median(ours.rates), "RecommendVideos")
    yield Row(f"BatchRecommendVideos, {BATCH} a call", size, rate(median(batched.rates), "profiles"), "", beside)


def _measure(scale: Scale, server: ServerProcess, method: str, requests: Sequence[bytes], into: _Figures) -> None:
    took = send(_load(server, method, requests, 1, scale.calls))
    into.medians.append(median(took.calls))
    into.p99s.append(p99(took.calls))
    load = _load(server, method, requests, CONNECTIONS, 2 * scale.calls)
    before = cpu_seconds(server.process_id)
    took = send(load)
    into.rates.append(len(took.calls) / took.seconds)
    sent = len(took.calls) + load.warm_calls * load.connections
    into.cpu.append((cpu_seconds(server.process_id) - before) / sent)


def _load(server: ServerProcess, method: str, requests: Sequence[bytes], connections: int, calls: int) -> Load:
    return Load(server.address, method, requests, connections, calls, warm_calls=min(_WARM_CALLS, calls))


def _check_answer(server: ServerProcess, request: bytes) -> int:
    """Make sure that the server recommends, and return the size of its answer."""
    with grpc.insecure_channel(server.address) as channel:
        stub = RecommendationServiceStub(channel)
        answer = stub.RecommendVideos(pb.RecommendVideosRequest.FromString(request), timeout=DEADLINE_SECONDS)
    if len(answer.recommendations) != 20:
        raise AssertionError(f"{len(answer.recommendations)} videos were recommended, not 20")
    return answer.ByteSize()


def _interest_list(interests: Sequence[Interest]) -> pb.InterestList:
    told = pb.InterestList()
    for one in interests:
        told.interests.add(keyword=one.keyword, weight=one.weight, language=one.language)
    return told


def _batch(interests: Sequence[pb.InterestList]) -> pb.BatchRecommendVideosRequest:
    return pb.BatchRecommendVideosRequest(
        profiles=[pb.BatchProfile(key=str(i), interests=own) for i, own in enumerate(interests)]
    )
