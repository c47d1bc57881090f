"""The empty RPC: a server like Matchcut's whose only method answers with the same bytes to whatever it is asked.

    python -m benchmarks.floor BYTES PROCESSES

What it costs is what gRPC costs in Python, whatever a method does.
"""

from __future__ import annotations  # gRPC's classes take type arguments in stubs only

import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

import grpc

SERVICE = "benchmarks.Floor"
METHOD = "Answer"
_THREADS = 12
"""As Matchcut's default."""
_START_SECONDS = 60


def main(answer_bytes: int, processes: int) -> None:
    """Serve until SIGTERM, from so many processes that share a port."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    with socket.socket() as reserved:  # bound, but never listening, so that it gets no connection
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{reserved.getsockname()[1]}"
        context = get_context("spawn")
        ready = context.Barrier(processes + 1)
        workers = [context.Process(target=_serve, args=(answer_bytes, address, ready)) for _ in range(processes)]
        for worker in workers:
            worker.start()
        try:
            ready.wait(_START_SECONDS)
            print(f"The floor serves on {address}", flush=True)
            stop.wait()
        finally:
            for worker in workers:
                worker.terminate()
                worker.join()


def _serve(answer_bytes: int, address: str, ready: Barrier) -> None:
    answer = bytes(answer_bytes)
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
        lambda _request, _context: answer
    )
    server = grpc.server(
        ThreadPoolExecutor(_THREADS),
        handlers=[grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler})],
        maximum_concurrent_rpcs=64,
        options=[("grpc.so_reuseport", 1), ("grpc.max_receive_message_length", -1)],
    )
    server.add_insecure_port(address)
    server.start()
    ready.wait(_START_SECONDS)
    server.wait_for_termination()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
