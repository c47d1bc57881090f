"""A receiver of callbacks and the work that follows from them, in one event loop, until a signal."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from .fetching import Fetcher

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_IDLE_SECONDS = 5
_ANSWER_SECONDS = 5
"""How long requests that are being answered may take when the receiver has to stop."""


class _Server(uvicorn.Server):
    """A server that leaves signals to others."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def listen(listening: socket.socket, receiver: ASGIApp, fetcher: Fetcher) -> None:
    """Receive and fetch until SIGINT or SIGTERM; a second one ends the process at once.

    Raises `StateError` if the queue cannot be read.
    """
    server = _Server(
        uvicorn.Config(
            receiver,
            http="h11",
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            log_level="critical",
            access_log=False,  # it would show queries, and the secret is in one
            server_header=False,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_ANSWER_SECONDS,
        )
    )
    with _stopped_by_signals() as stop:
        serving = asyncio.create_task(server.serve([listening]))
        fetching = asyncio.create_task(fetcher.run(stop))
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({serving, fetching, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.set()
            server.should_exit = True
            stopped.cancel()
            await asyncio.wait({serving, fetching})
        serving.result()
        fetching.result()


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[asyncio.Event]:
    """Set an event at the first SIGINT or SIGTERM while the block runs; a second one does what it does elsewhere."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def take_note() -> None:
        stop.set()
        put_back()

    def put_back() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

    for number in _SIGNALS:
        loop.add_signal_handler(number, take_note)
    try:
        yield stop
    finally:
        put_back()
