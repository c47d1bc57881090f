"""The empty RPC: a server like Matchcut's whose only method answers with the same bytes to whatever it is asked.

    python -m benchmarks.floor BYTES

What it costs is what gRPC costs in Python, whatever a method does.
"""

from __future__ import annotations  # gRPC's classes take type arguments in stubs only

import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc

SERVICE = "benchmarks.Floor"
METHOD = "Answer"
_THREADS = 8
"""As Matchcut's default."""


def main(answer_bytes: int) -> None:
    """Serve until SIGTERM."""
    answer = bytes(answer_bytes)
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
        lambda _request, _context: answer
    )
    server = grpc.server(
        ThreadPoolExecutor(_THREADS),
        handlers=[grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler})],
        maximum_concurrent_rpcs=64,
        options=[("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", -1)],
    )
    port = server.add_insecure_port("127.0.0.1:0")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    server.start()
    print(f"The floor serves on 127.0.0.1:{port}", flush=True)
    stop.wait()
    server.stop(None).wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
