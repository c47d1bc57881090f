"""Wires the parts together; the only module that knows which they are."""

import fcntl
import gc
import logging
import math
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

import structlog

from .errors import FailedPrecondition, MatchcutError, Reason
from .index.background import Background
from .index.builder import Builder
from .index.follower import Follower
from .index.layered import CHOSEN
from .index.shelf import Shelf
from .index.source import ShelfSource
from .index.warming import warm as warm_searches
from .profiles.warming import warm as warm_events
from .ranking.recommender import Recommender
from .ranking.warming import warm as warm_rankings
from .rpc.address import AddressInUse, reserved
from .rpc.server import Server, ServerOptions
from .search.warming import warm as warm_moments
from .settings import Settings
from .store.sqlite.database import make_folder
from .store.sqlite.store import SqliteStore
from .supervisor import CannotStart, Child, Role, supervise
from .targeting.warming import warm as warm_placements
from .vectors.warming import warm as warm_imports

BUILDER_NICE = 10

BUILDER_STEADY_SECONDS = 3600.0
"""A builder may die late in a long build, for want of memory say, and the next one of the same build."""
BUILDER_MAX_DELAY_SECONDS = 300.0

METRICS_SECONDS = 60.0
"""How often the log tells what searches were answered by."""

DELETIONS_SECONDS = 1.0
"""How long a process may keep in memory what it knows of a user that another one has deleted."""

ORPHAN_SECONDS = 30.0
"""How long a server waits for what is left of one that was killed."""

_LOCK_NAME = "matchcut.lock"
_CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")
_MORE_STOP_SECONDS = 5.0
"""Beyond the time for calls: for all else that a worker does to stop."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then let running calls end. Returns when all is closed.

    This process holds the data folder and the port; workers answer the calls. Prints one line to standard output once
    all of them do; everything else goes to the log on standard error. Raises `CannotStart` if a worker cannot, and what
    `open_service` raises.
    """
    configure_logs(settings)
    log = structlog.get_logger("matchcut.serve")
    with _data_lock(settings.data) as lock, reserved(settings.listen) as address:
        _prepare(settings.data)

        def serving(workers: list[int]) -> None:
            sys.stdout.write(f"Matchcut serves on {address}\n")
            sys.stdout.flush()
            log.info("serving", address=address, data=str(settings.data), workers=workers)

        own = settings.model_copy(update={"listen": address})
        roles = [
            Role("worker", partial(run_worker, own), count=settings.workers or cpu_cores()),
            Role(
                "builder",
                partial(run_builder, own),
                nice=BUILDER_NICE,
                awaited=False,
                steady_seconds=BUILDER_STEADY_SECONDS,
                max_delay_seconds=BUILDER_MAX_DELAY_SECONDS,
            ),
        ]
        stop_seconds = settings.leave_seconds + settings.grace_seconds + _MORE_STOP_SECONDS
        supervise(roles, serving=serving, stop_seconds=stop_seconds, inherited=[lock])
    log.info("stopped")


def run_worker(settings: Settings, child: Child) -> None:
    """Answer calls beside other workers on the same port, until the supervisor says stop."""
    configure_logs(settings)
    try:
        with _service(settings, shared_port=True) as server:
            gc.freeze()  # what is loaded now stays; the collector need not look at it again and again
            child.ready()
            child.stopping.wait()
            server.leave()
            time.sleep(settings.leave_seconds)
    except (AddressInUse, OSError, ValueError, MatchcutError) as error:
        raise CannotStart(f"{error} [{error.__cause__}]" if error.__cause__ else str(error)) from error


def run_builder(settings: Settings, child: Child) -> None:
    """Build indexes beside the workers, at a lower priority, until the supervisor says stop.

    A build may take minutes and is not waited for then: what is unfinished is never used, and is deleted at the start.
    """
    configure_logs(settings)
    child.ready(finishes=False)
    build_indexes(settings, child.stopping)


def build_indexes(settings: Settings, stopping: threading.Event) -> None:
    """Build the indexes that workers share, until `stopping` is set."""
    store = SqliteStore(settings.data)
    try:
        Builder(store, Shelf(settings.data, store.secret)).run(stopping)
    finally:
        store.close()


@contextmanager
def open_service(settings: Settings) -> Iterator[Server]:
    """Open the data folder and serve it from this process while the block runs.

    Raises `FailedPrecondition` if another server has the folder, and `AddressInUse`.
    """
    with _data_lock(settings.data):
        _prepare(settings.data)
        with _service(settings, shared_port=False) as server:
            yield server


def _prepare(data: Path) -> None:
    """Make the store, of the newest schema, and set generations aside that are not of it as it is."""
    store = SqliteStore(data)
    try:
        Shelf(data, store.secret).check(store.revision)
    finally:
        store.close()


@contextmanager
def _service(settings: Settings, *, shared_port: bool) -> Iterator[Server]:
    """Serve a data folder that is held already; listen only once all is warm."""
    # However many writes wait for a long one, reads have some threads left.
    store = SqliteStore(settings.data, max_waiting_writes=settings.threads - _reserved(settings.threads))
    try:
        source = ShelfSource(Shelf(settings.data, store.secret), store)
        waiting = max(1, settings.threads // 4)
        with Follower(store, source, max_waiting=waiting, max_loaded_videos=settings.max_loaded_videos) as follower:
            warm_imports()
            warm_events()
            warm_searches()
            warm_rankings()
            warm_moments()
            warm_placements()
            follower.warm()
            options = ServerOptions(
                settings.listen,
                shared_port,
                settings.threads,
                settings.max_concurrent_rpcs,
                settings.max_request_bytes,
                settings.max_bytes_in_flight,
                settings.reflection,
            )
            recommender = Recommender(store, follower)
            server = Server(options, store, follower, recommender)
            tasks = (
                Background("metrics", _KernelCounts().log, METRICS_SECONDS),
                Background("deletions", recommender.users.let_go_of_deleted, DELETIONS_SECONDS),
            )
            server.start()
            for task in tasks:
                task.start()
            try:
                yield server
            finally:
                server.stop(settings.grace_seconds)
                for task in tasks:
                    task.stop()
    finally:
        store.close()


class _KernelCounts:
    """Logs how often each kernel has been chosen since the last time, if any has."""

    def __init__(self) -> None:
        self._told = CHOSEN.copy()

    def log(self) -> bool:
        new = CHOSEN - self._told
        self._told = CHOSEN.copy()
        if new:
            structlog.get_logger("matchcut.index").info("kernels_chosen", seconds=METRICS_SECONDS, counts=dict(new))
        return False


def configure_logs(settings: Settings) -> None:
    """Log to standard error: structured, one line an event."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _add_process,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def _add_process(_logger: object, _method: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    entry["process"] = os.getpid()
    return entry


def _reserved(threads: int) -> int:
    """Return how many threads writes leave to reads."""
    return min(4, threads // 3)


def cpu_cores() -> int:
    """Return how many CPU cores this process may use, by its affinity and, in a container, its share of time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = _CPU_LIMIT.read_text(encoding="ascii").split()
        return min(cores, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError):  # no such file, or no limit: "max"
        return cores


@contextmanager
def _data_lock(folder: Path) -> Iterator[int]:
    """Hold the data folder, so that no second server writes to it; yield the file descriptor that holds it."""
    make_folder(folder)
    with (folder / _LOCK_NAME).open("a+") as file:
        end = time.monotonic() + ORPHAN_SECONDS
        while not _lock(file):
            file.seek(0)
            owner = file.read().strip() or "unknown"
            if _runs(owner) or time.monotonic() > end:
                how = "stop it or name another folder"
                message = f"another server (process {owner}) uses the data folder {folder}; {how}"
                raise FailedPrecondition(Reason.STORE_UNAVAILABLE, message)
            time.sleep(0.05)  # it was killed, and its workers are about to notice
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno()


def _lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _runs(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True  # it is another user's, or not known yet
    return True
