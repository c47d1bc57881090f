"""Wires the parts together; the only module that knows which they are."""

import fcntl
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from .errors import FailedPrecondition, Reason
from .index.follower import Follower
from .index.source import MemoryIndexes
from .ranking.recommender import Recommender
from .rpc.server import Server, ServerOptions
from .settings import Settings
from .store.sqlite.database import make_folder
from .store.sqlite.store import SqliteStore

_LOCK_NAME = "matchcut.lock"


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then let running calls end. Returns when all is closed.

    Prints one line to standard output once calls are answered; everything else goes to the log on standard error.
    """
    configure_logs(settings)
    log = structlog.get_logger("matchcut.serve")
    with _signals() as wait, open_service(settings) as server:
        sys.stdout.write(f"Matchcut serves on {server.address}\n")
        sys.stdout.flush()
        log.info("serving", address=server.address, data=str(settings.data), process=os.getpid())
        wait()
        log.info("leaving", seconds=settings.leave_seconds)
        server.leave()
        time.sleep(settings.leave_seconds)
    log.info("stopped")


@contextmanager
def open_service(settings: Settings) -> Iterator[Server]:
    """Open the data folder and serve it while the block runs.

    Raises `FailedPrecondition` if another server has the folder, and `AddressInUse`.
    """
    with _data_lock(settings.data):
        # However many writes wait for a long one, reads have some threads left.
        store = SqliteStore(settings.data, max_waiting_writes=settings.threads - _reserved(settings.threads))
        try:
            with Follower(store, MemoryIndexes(), max_waiting=max(1, settings.threads // 4)) as follower:
                follower.warm()
                options = ServerOptions(
                    settings.listen,
                    settings.threads,
                    settings.max_concurrent_rpcs,
                    settings.max_request_bytes,
                    settings.max_bytes_in_flight,
                    settings.reflection,
                )
                server = Server(options, store, follower, Recommender(store, follower))
                server.start()
                try:
                    yield server
                finally:
                    server.stop(settings.grace_seconds)
        finally:
            store.close()


def configure_logs(settings: Settings) -> None:
    """Log to standard error: structured, one line an event."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def _reserved(threads: int) -> int:
    """Return how many threads writes leave to reads."""
    return min(4, threads // 3)


@contextmanager
def _data_lock(folder: Path) -> Iterator[None]:
    """Hold the data folder, so that no second server writes to it."""
    make_folder(folder)
    with (folder / _LOCK_NAME).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            message = f"another server (process {owner}) uses the data folder {folder}; stop it or name another folder"
            raise FailedPrecondition(Reason.STORE_UNAVAILABLE, message) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def _signals() -> Iterator[Callable[[], object]]:
    """Yield what waits for the first SIGTERM or SIGINT; a second one ends the process at once.

    A signal may land in any thread, and then wakes no lock that the main thread waits for; a byte in a socket does.
    """

    def first(_number: int, _frame: object) -> None:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_DFL)

    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno())
        before = {one: signal.signal(one, first) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield lambda: reader.recv(1)
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
            signal.set_wakeup_fd(-1)
