"""An ASGI application on a free port, in a thread of its own."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp, Scope

SECONDS = 10
"""No server takes as long to come up or to leave."""


class Server(uvicorn.Server):
    """A server that says when it is up, and can reset a connection."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                log_level="critical",
                access_log=False,
            )
        )
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Come up, and say so."""
        await super().startup(sockets)
        self._leaving = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.up.set()

    async def main_loop(self) -> None:
        """Serve until told to leave, which is then done at once."""
        while not self._leaving.is_set():
            await self.on_tick(0)  # keeps the date of the answers right
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End all connections, whatever is being answered."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    def leave(self) -> None:
        """End from another thread."""
        self._loop.call_soon_threadsafe(self._leaving.set)

    def drop(self, scope: Scope) -> None:
        """Reset the connection of a request."""
        for connection in list(self.server_state.connections):
            transport = connection.transport
            if transport.get_extra_info("peername") == tuple(scope["client"]):
                transport.abort()


@contextlib.contextmanager
def running(server: Server, port: int = 0) -> Iterator[int]:
    """Run a server while the block does; yield its port."""
    # With its protocol named, or asyncio would not switch off the delay that puts 40 ms before every answer.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        thread = threading.Thread(target=server.run, args=([listening],), name="stand-in", daemon=True)
        thread.start()
        if not server.up.wait(SECONDS):
            raise TimeoutError(f"the stand-in isn't up after {SECONDS} s")
        try:
            yield listening.getsockname()[1]
        finally:
            server.leave()
            thread.join(SECONDS)
