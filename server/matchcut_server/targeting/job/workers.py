"""Who does the parts of a job: this process, or several beside it, one part at a time each.

A worker is a fresh interpreter, deaf to SIGINT and SIGTERM, which a terminal sends to all: it follows its parent, and
ends when that is gone. A part that was not finished then leaves no file.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import NamedTuple

from ...errors import MatchcutError
from .part import Part, PartWriter, Task, Tell, Worker
from .snapshot import Place, opened

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LOOK_SECONDS = 0.2
"""How often it is looked whether to stop."""


class Order(NamedTuple):
    """What every worker is to do. It is pickled."""

    task: Task
    place: Place
    output: Path
    set_up: Callable[[], None]
    """Called first in each process beside this one."""


class WorkFailed(Exception):
    """A worker could not do its part."""


class _Progress(NamedTuple):
    """More of a part is done."""

    items: int


class _Done(NamedTuple):
    """A part is on the disk."""


class _Failed(NamedTuple):
    """A part cannot be done."""

    why: str


def work(
    order: Order,
    parts: Sequence[Part],
    workers: int,
    progress: Callable[[int], None],
    stopping: threading.Event,
) -> bool:
    """Do parts; False if `stopping` was set before the last one. Those that are under way then are finished.

    `workers`: how many processes; a single one is this. `progress` is told how many more users, or promotions, are
    done. Raises `WorkFailed`.
    """
    if workers == 1 or len(parts) <= 1:
        return _work_here(order, parts, progress, stopping)
    waiting = list(reversed(parts))
    pool: dict[Connection, SpawnProcess] = {}
    idle: list[Connection] = []
    try:
        for _ in range(min(workers, len(parts))):
            connection, process = _start(order)
            pool[connection] = process
            idle.append(connection)
        while True:
            while idle and waiting and not stopping.is_set():
                idle.pop().send(waiting.pop())
            if len(idle) == len(pool):
                return not waiting
            for ready in wait([one for one in pool if one not in idle], _LOOK_SECONDS):
                assert isinstance(ready, Connection)
                match _receive(ready, pool[ready]):
                    case _Progress(items):
                        progress(items)
                    case _Failed(why):
                        raise WorkFailed(why)
                    case _:
                        idle.append(ready)
    finally:
        _end(pool, patiently=len(idle) == len(pool))


def _work_here(order: Order, parts: Sequence[Part], progress: Callable[[int], None], stopping: threading.Event) -> bool:
    with opened(order.place) as snapshot:
        worker = order.task.worker(snapshot)
        for part in parts:
            if stopping.is_set():
                return False
            _do(order, worker, part, progress)
    return True


def _do(order: Order, worker: Worker, part: Part, tell: Tell) -> None:
    with PartWriter(order.output / part.file_name, order.task.columns) as writer:
        worker.work(part, writer, tell)


def _receive(connection: Connection, process: SpawnProcess) -> object:
    try:
        return connection.recv()
    except (EOFError, OSError):
        process.join()
        why = f"a worker has died (exit code {process.exitcode}), for want of memory perhaps"
        raise WorkFailed(f"{why}; run the job again to go on") from None


def _start(order: Order) -> tuple[Connection, SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, order), daemon=True)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # which a child takes over, and never lifts
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        theirs.close()
    return ours, process


def _end(pool: dict[Connection, SpawnProcess], *, patiently: bool) -> None:
    """Let go of the workers: those that are at a part are killed."""
    for connection, process in pool.items():
        if not patiently:
            process.kill()
        connection.close()
    for process in pool.values():
        process.join()


def _serve(connection: Connection, order: Order) -> None:
    """Be a worker, until the parent lets go of it."""
    threading.Thread(target=_follow_parent, name="parent", daemon=True).start()
    try:
        order.set_up()
        with opened(order.place) as snapshot:
            worker = order.task.worker(snapshot)
            with suppress(EOFError):
                while True:
                    part: Part = connection.recv()
                    _do(order, worker, part, lambda items: connection.send(_Progress(items)))
                    connection.send(_Done())
    except MatchcutError as error:
        connection.send(_Failed(str(error)))
    except Exception:  # noqa: BLE001 - whatever it is, the parent tells of it
        connection.send(_Failed(traceback.format_exc()))


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
