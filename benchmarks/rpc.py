"""`rpc`: recommendations over gRPC, the load from another process, and the empty RPC beside it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import grpc

from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceStub
from matchcut_server.settings import Settings
from matchcut_server.vectors.profile import Interest

from .engine import LIMIT, open_index
from .floor import METHOD, SERVICE
from .load import DEADLINE_SECONDS, Load
from .measure import Row, Scale, cpu_seconds, duration, median, p99, rate, ratio
from .process import ServerProcess, floor, matchcut, send
from .search import declared_profiles
from .stored import data_folder
from .synthetic import NOW, profiles

CONNECTIONS = 8
"""For requests/s, each with one call under way."""
BATCH = 100
"""Profiles in one call."""
BATCH_CONNECTIONS = 2

WORKERS: tuple[int | None, ...] = (1, 2) if "workers" in Settings.model_fields else (None,)
"""Processes that answer."""

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


@dataclass(frozen=True)
class _Endpoint:
    """A method of a server, what is sent to it, and what that took."""

    server: ServerProcess
    method: str
    requests: Sequence[bytes]
    figures: _Figures = field(default_factory=_Figures)

    def call_singly(self, calls: int) -> None:
        """Send calls one after another."""
        took = send(self._load(1, calls)).calls
        self.figures.medians.append(median(took))
        self.figures.p99s.append(p99(took))

    def call_at_once(self, connections: int, calls: int) -> None:
        """Send calls on several connections."""
        load = self._load(connections, calls)
        before = cpu_seconds(self.server.process_id)
        took = send(load)
        self.figures.rates.append(len(took.calls) / took.seconds)
        sent = len(took.calls) + load.warm_calls * load.connections
        self.figures.cpu.append((cpu_seconds(self.server.process_id) - before) / sent)

    def _load(self, connections: int, calls: int) -> Load:
        warm = min(_WARM_CALLS, calls)
        return Load(self.server.address, self.method, self.requests, connections, calls, warm)


def run(scale: Scale) -> Iterator[Row]:
    """Measure calls that recommend 20 videos for 30 interests."""
    for size in scale.served:
        for workers in WORKERS:
            yield from _calls(scale, size, workers)


def interest_list(interests: Sequence[Interest]) -> pb.InterestList:
    """Return interests as a request holds them."""
    told = pb.InterestList()
    for one in interests:
        told.interests.add(keyword=one.keyword, weight=one.weight, language=one.language)
    return told


def _calls(scale: Scale, size: int, workers: int | None) -> Iterator[Row]:
    interests = [interest_list(own) for own in profiles(_PROFILES)]
    singles = [pb.RecommendVideosRequest(interests=own).SerializeToString() for own in interests]
    batches = [_batch(interests[i : i + BATCH]).SerializeToString() for i in range(0, _PROFILES, BATCH)]
    processes = workers or 1
    with matchcut(data_folder(size), workers) as server:
        single_bytes, batch_bytes = _check_answers(server, singles[0], batches[0])
        with floor(single_bytes, processes) as nothing, floor(batch_bytes, processes) as many_nothings:
            ours = _Endpoint(server, f"{_PREFIX}RecommendVideos", singles)
            empty = _Endpoint(nothing, f"/{SERVICE}/{METHOD}", singles)
            batched = _Endpoint(server, f"{_PREFIX}BatchRecommendVideos", batches)
            empty_batched = _Endpoint(many_nothings, f"/{SERVICE}/{METHOD}", batches)
            for _ in range(scale.rounds):
                for single in (ours, empty):
                    single.call_singly(scale.calls)
                    single.call_at_once(CONNECTIONS, 2 * scale.calls)
                for batch in (batched, empty_batched):
                    batch.call_at_once(BATCH_CONNECTIONS, max(BATCH_CONNECTIONS, scale.calls // BATCH))
    of = f", {processes} process{'es' * (processes > 1)}"
    yield from _single_rows(scale, size, of, ours.figures, empty.figures)
    yield from _batch_rows(size, of, batched.figures, empty_batched.figures)


def _single_rows(scale: Scale, size: int, of: str, ours: _Figures, empty: _Figures) -> Iterator[Row]:
    yield Row(
        f"RecommendVideos{of}, one at a time",
        size,
        duration(median(ours.medians)),
        duration(median(ours.p99s)),
        ratio(median(ours.medians) / median(empty.medians), "empty"),
    )
    yield Row("  empty RPC", size, duration(median(empty.medians)), duration(median(empty.p99s)))
    beside = ratio(median(ours.rates) / median(empty.rates), "empty")
    yield Row(f"RecommendVideos{of}, {CONNECTIONS} at a time", size, rate(median(ours.rates), "calls"), "", beside)
    yield Row("  empty RPC", size, rate(median(empty.rates), "calls"))
    if all(empty.cpu):
        cpu, least = median(ours.cpu), median(empty.cpu)
        yield Row(f"RecommendVideos{of}, CPU a call", size, duration(cpu), "", ratio(cpu / least, "empty"))
        rest = cpu - _search_cpu(scale, size)
        yield Row("  of that, beyond the search", size, duration(rest), "", ratio(rest / least, "empty"))
        yield Row("  empty RPC", size, duration(least))


def _batch_rows(size: int, of: str, ours: _Figures, empty: _Figures) -> Iterator[Row]:
    what = f"BatchRecommendVideos{of}, {BATCH} a call"
    beside = ratio(median(ours.rates) / median(empty.rates), "empty")
    yield Row(what, size, rate(median(ours.rates) * BATCH, "profiles"), "", beside)
    if all(empty.cpu):
        cpu, least = median(ours.cpu), median(empty.cpu)
        yield Row("  CPU a profile", size, duration(cpu / BATCH), "", ratio(cpu / least, "empty"))


def _search_cpu(scale: Scale, size: int) -> float:
    """Return the CPU seconds that a search takes on average, in this process."""
    view = open_index(size)
    asked = declared_profiles(view, scale.queries)
    start = time.thread_time()
    for profile in asked:
        view.search(profile, LIMIT, NOW)
    return (time.thread_time() - start) / len(asked)


def _check_answers(server: ServerProcess, single: bytes, batch: bytes) -> tuple[int, int]:
    """Make sure that the server recommends, and return the sizes of its answers."""
    with grpc.insecure_channel(server.address) as channel:
        stub = RecommendationServiceStub(channel)
        one = stub.RecommendVideos(pb.RecommendVideosRequest.FromString(single), timeout=DEADLINE_SECONDS)
        request = pb.BatchRecommendVideosRequest.FromString(batch)
        many = stub.BatchRecommendVideos(request, timeout=DEADLINE_SECONDS)
    counts = [len(one.recommendations), *(len(result.recommendations) for result in many.results)]
    if counts != [LIMIT] * (1 + BATCH):
        raise AssertionError(f"{counts} videos were recommended, not {LIMIT} each")
    return one.ByteSize(), many.ByteSize()


def _batch(interests: Sequence[pb.InterestList]) -> pb.BatchRecommendVideosRequest:
    return pb.BatchRecommendVideosRequest(
        profiles=[pb.BatchProfile(key=str(i), interests=own) for i, own in enumerate(interests)]
    )
