"""The load generator: a process of its own that sends calls and notes how long each took.

Messages stay bytes here, so that the generator takes as little as possible of the machine it shares with the server;
making and reading them is the same for every server anyway. Reads a `Load` from standard input and writes a `Took` to
standard output.
"""

from __future__ import annotations  # gRPC's classes take type arguments in stubs only

import itertools
import sys
import threading
import time
from collections.abc import Sequence

import grpc
import msgspec
from msgspec import Struct

DEADLINE_SECONDS = 60.0


class Load(Struct, frozen=True):
    """What to send: `calls` times the next of `requests`, from `connections` that have one call under way each."""

    address: str
    method: str
    requests: Sequence[bytes]
    connections: int
    calls: int
    warm_calls: int = 0
    """Sent first on each connection, and not counted."""


class Took(Struct, frozen=True):
    """How long it took, in seconds."""

    seconds: float
    """From the first call to the end of the last."""
    calls: Sequence[float]


def send(load: Load) -> Took:
    """Send the load."""
    numbers = itertools.count()
    took: list[float] = []
    failed: list[Exception] = []
    ready = threading.Barrier(load.connections + 1)

    def work() -> None:
        # Its own pool of subchannels makes a channel a connection.
        with grpc.insecure_channel(load.address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(load.method)
            grpc.channel_ready_future(channel).result(DEADLINE_SECONDS)
            try:
                for number in range(load.warm_calls):
                    call(load.requests[number % len(load.requests)], timeout=DEADLINE_SECONDS)
                ready.wait()
                while (number := next(numbers)) < load.calls and not failed:
                    start = time.perf_counter()
                    call(load.requests[number % len(load.requests)], timeout=DEADLINE_SECONDS)
                    took.append(time.perf_counter() - start)
            except (grpc.RpcError, threading.BrokenBarrierError) as error:
                failed.append(error)
                ready.abort()

    threads = [threading.Thread(target=work) for _ in range(load.connections)]
    for thread in threads:
        thread.start()
    try:
        ready.wait(DEADLINE_SECONDS)
        start = time.perf_counter()
    except threading.BrokenBarrierError:
        start = 0.0
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return Took(time.perf_counter() - start, took)


if __name__ == "__main__":
    work = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Load)
    sys.stdout.buffer.write(msgspec.msgpack.encode(send(work)))
