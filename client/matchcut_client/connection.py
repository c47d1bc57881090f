"""The connection to a server, or to several of the same service: channels, stubs, and one call."""

import itertools
import json
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

import grpc
from google.protobuf.message import Message

from matchcut.v1.catalog_service_pb2_grpc import CatalogServiceStub
from matchcut.v1.profile_service_pb2_grpc import ProfileServiceStub
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceStub
from matchcut.v1.scenario_service_pb2_grpc import ScenarioServiceStub
from matchcut.v1.search_service_pb2_grpc import SearchServiceStub
from matchcut.v1.targeting_service_pb2_grpc import TargetingServiceStub
from matchcut.v1.video_service_pb2_grpc import VideoServiceStub
from matchcut_client.conversion import from_message
from matchcut_client.errors import DeadlineExceeded, error_from

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)
Q_contra = TypeVar("Q_contra", bound=Message, contravariant=True)
A_co = TypeVar("A_co", bound=Message, covariant=True)
T = TypeVar("T")

ChannelOption = tuple[str, str | int]

SERVICE_CONFIG: Mapping[str, Any] = MappingProxyType(
    {
        # Health checking needs a policy that keeps several connections, also where there is only one.
        "loadBalancingConfig": [{"round_robin": {}}],
        "healthCheckConfig": {"serviceName": ""},
        "methodConfig": [
            {
                "name": [{}],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.05s",
                    "maxBackoff": "1s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
    }
)
"""Retries of calls that found no server, and none to servers that are stopping. It holds no timeout: those in service
configs end calls early, and are not told to the server."""

RECONNECT_MILLISECONDS = 100
MAX_RECONNECT_MILLISECONDS = 5_000
"""The default is two minutes: so long would a client stay away from a server that is there again."""

RETRY_BUFFER_BYTES = 33 * 2**20
"""A request that does not fit here is never retried, and the default is 256 KiB: less than most batches."""


class Rpc(Protocol[Q_contra, A_co]):
    """A unary RPC of a stub."""

    def __call__(self, request: Q_contra, timeout: float | None = None) -> A_co:
        """Call it; raises `grpc.RpcError`."""


@dataclass(frozen=True, slots=True)
class Stubs:
    """The generated stubs of all services on one channel, for what the client does not wrap."""

    catalog: CatalogServiceStub
    video: VideoServiceStub
    profile: ProfileServiceStub
    recommendation: RecommendationServiceStub
    scenario: ScenarioServiceStub
    search: SearchServiceStub
    targeting: TargetingServiceStub

    @classmethod
    def on(cls, channel: grpc.Channel) -> "Stubs":
        """Make the stubs of a channel."""
        return cls(
            CatalogServiceStub(channel),
            VideoServiceStub(channel),
            ProfileServiceStub(channel),
            RecommendationServiceStub(channel),
            ScenarioServiceStub(channel),
            SearchServiceStub(channel),
            TargetingServiceStub(channel),
        )


class Connection:
    """Channels to a target, used in turn, and the highest revision seen over them. Threads may share it."""

    def __init__(
        self,
        target: str,
        *,
        channels: int,
        credentials: grpc.ChannelCredentials | None,
        channel_options: Sequence[ChannelOption],
    ) -> None:
        if channels < 1:
            raise ValueError(f"channels must be 1 or more, not {channels}")
        # gRPC takes the first of options that are given twice.
        options = list(dict([*_channel_options(), *channel_options]).items())
        self.channels = [_open(target, credentials, options) for _ in range(channels)]
        self._stubs = itertools.cycle([Stubs.on(channel) for channel in self.channels])
        self._revision = 0
        self._lock = threading.Lock()

    @property
    def stubs(self) -> Stubs:
        """The stubs on the channel whose turn it is."""
        return next(self._stubs)

    @property
    def revision(self) -> int:
        """The highest revision seen in any answer; 0 before the first."""
        return self._revision

    def saw(self, revision: int) -> None:
        """Remember a revision if it is the highest so far."""
        with self._lock:
            self._revision = max(self._revision, revision)

    def forget_revision(self) -> None:
        """Forget what was seen."""
        with self._lock:
            self._revision = 0

    def call(self, rpc: Rpc[Q, A], request: Q, answer_type: type[T], timeout: float) -> T:
        """Call an RPC once; the service config repeats it where that helps, all within `timeout` seconds."""
        try:
            message = rpc(request, timeout=checked_timeout(timeout))
        except grpc.RpcError as error:
            raise error_from(error) from error
        answer = from_message(answer_type, message)
        self.saw(max(getattr(answer, "revision", 0), getattr(answer, "index_revision", 0)))
        return answer

    def wait_until_ready(self, timeout: float) -> None:
        """Wait until every channel has a server that says it is serving; raises DeadlineExceeded."""
        end = time.monotonic() + checked_timeout(timeout)
        for channel in self.channels:
            # Not `grpc.channel_ready_future`: a thread of its would go on polling, and complain once the channel is
            # closed. A channel sends a call only when its server has said that it is serving.
            check: Any = channel.unary_unary("/grpc.health.v1.Health/Check")  # bytes in, bytes out
            try:
                check(b"", timeout=max(end - time.monotonic(), 0), wait_for_ready=True)
            except grpc.RpcError as error:
                if error.code() is not grpc.StatusCode.UNIMPLEMENTED:  # which is an answer as well
                    raise DeadlineExceeded(f"no server was ready within {timeout} s") from error

    def close(self) -> None:
        """Close all channels; calls that are under way are cancelled."""
        for channel in self.channels:
            channel.close()


def checked_timeout(timeout: float) -> float:
    """Return a timeout in seconds, or raise ValueError for one that never ends or has passed before the call."""
    if not 0 < timeout < math.inf:
        raise ValueError(f"a timeout is a finite number of seconds above 0, not {timeout}")
    return timeout


def _channel_options() -> list[ChannelOption]:
    return [
        ("grpc.service_config", json.dumps(dict(SERVICE_CONFIG))),
        # What a request may hold is the server's decision.
        ("grpc.max_send_message_length", -1),
        ("grpc.per_rpc_retry_buffer_size", RETRY_BUFFER_BYTES),
        # Channels to one target would otherwise share one connection, and so one of the server's processes.
        ("grpc.use_local_subchannel_pool", 1),
        # Soon enough for the retries of a call whose process was lost; others of the server take connections meanwhile.
        ("grpc.initial_reconnect_backoff_ms", RECONNECT_MILLISECONDS),
        ("grpc.max_reconnect_backoff_ms", MAX_RECONNECT_MILLISECONDS),
        ("grpc.primary_user_agent", f"matchcut-client/{version('matchcut-client')}"),
    ]


def _open(target: str, credentials: grpc.ChannelCredentials | None, options: Sequence[ChannelOption]) -> grpc.Channel:
    if credentials is None:
        return grpc.insecure_channel(target, options)
    return grpc.secure_channel(target, credentials, options)
