"""The supervisor: keeps children of several roles running until it is asked to stop, and lets none outlive it.

A child is a fresh interpreter, so nothing of its parent's threads or connections leaks into it. The two speak over one
pipe: the parent sends the work and, later, `STOP`; the child tells that it is ready, or why it cannot be. When the pipe
ends, the other one is gone: a child then ends at once, a parent starts another child. Children are deaf to SIGTERM and
SIGINT, which a terminal or a service manager sends to all of them, and follow their parent instead.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any

import structlog

END_SECONDS = 5.0
"""How long a child that works no more may take to end."""
FIRST_DELAY_SECONDS = 0.5
"""Of a child in the place of one that died again: each time twice as long."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_PROGRAM = "from matchcut_server.supervisor import run_child; run_child()"
_READY, _STOP = "ready", "stop"


class CannotStart(Exception):
    """A child of a role that is waited for cannot do its work; says why."""


class Child:
    """A child, as it sees itself."""

    def __init__(self, connection: Connection) -> None:
        self.stopping = threading.Event()
        """Set when the child has to finish."""
        self._connection = connection
        self._finishes = False
        threading.Thread(target=self._follow_parent, name="parent", daemon=True).start()

    def ready(self, *, finishes: bool = True) -> None:
        """Tell the parent that the child does its work.

        `finishes`: whether that has to be finished; else the child ends as soon as it is to stop, whatever it is at.
        """
        self._finishes = finishes
        self._connection.send(_READY)

    def _follow_parent(self) -> None:
        with suppress(EOFError, OSError):
            while self._connection.recv() == _STOP and self._finishes:
                self.stopping.set()
        os._exit(0)  # there is nobody to work for, or nothing to finish


@dataclass(frozen=True, slots=True)
class Role:
    """What some children do."""

    name: str
    run: Callable[[Child], None]
    """Calls `ready`, and returns soon after `stopping` is set. May raise `CannotStart` before. It is pickled."""
    count: int = 1
    """Children that do it at the same time."""
    nice: int = 0
    """By how much their priority is lowered."""
    awaited: bool = True
    """Whether the service begins only when all of them are ready, and not at all if one cannot be."""
    steady_seconds: float = 10.0
    """A child that dies younger than this counts as one that died again."""
    max_delay_seconds: float = 30.0
    """Between the death of a child and the start of the next at most."""


def supervise(
    roles: Sequence[Role], *, serving: Callable[[list[int]], None], stop_seconds: float, inherited: Sequence[int] = ()
) -> None:
    """Run roles until the first SIGTERM or SIGINT; return when all children have ended.

    Args:
        roles: What to run. Children that die are replaced: the first time at once, then with growing delays.
        serving: Called once, with the process ids of the awaited children, when these are ready.
        stop_seconds: How long children may take to finish; then they are killed.
        inherited: File descriptors that every child keeps open.

    Raises `CannotStart` if an awaited child ends before all have been ready. A second signal ends everything at once.
    """
    places = [_Place(role, inherited) for role in roles for _ in range(role.count)]
    with _signals(places) as signalled:
        try:
            _run(places, serving, signalled)
            _log().info("leaving", seconds=stop_seconds)
        finally:
            _stop(places, stop_seconds)


def run_child() -> None:
    """Be a child: the program of every process that the supervisor starts."""
    connection = Connection(int(sys.argv[1]))
    os.set_inheritable(connection.fileno(), False)
    try:
        os.nice(connection.recv())  # before the work is read, which imports what it needs
        run = connection.recv()
    except (EOFError, OSError):
        return  # the parent is gone
    try:
        run(Child(connection))
    except CannotStart as error:
        connection.send(str(error))
        sys.exit(1)


class _Place:
    """Where one child works, and after its death another."""

    def __init__(self, role: Role, inherited: Sequence[int]) -> None:
        self.role = role
        self.process: subprocess.Popen[bytes] | None = None
        self.connection: Connection | None = None
        self.ready = False
        self.losses = 0
        """One after the other, each soon after its start."""
        self.start_at = 0.0
        self._inherited = inherited
        self._started_at = 0.0
        self._reason = ""

    def start(self) -> None:
        """Start a child. Raises `OSError` if the system has no process for it."""
        ours, theirs = Pipe()
        with ExitStack() as undone, theirs:
            undone.enter_context(ours)
            blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # which a child takes over, and never lifts
            try:
                self.process = subprocess.Popen(  # noqa: S603 - a program of this module
                    # Without -P, a module in the folder where the server is started could pass for one of its own.
                    [sys.executable, "-P", "-c", _PROGRAM, str(theirs.fileno()), self.role.name],
                    stdin=subprocess.DEVNULL,
                    stdout=sys.stderr.fileno(),  # the parent's standard output is for the parent
                    pass_fds=[theirs.fileno(), *self._inherited],
                )
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            undone.pop_all()
        self.connection, self.ready, self._reason = ours, False, ""
        self._started_at = time.monotonic()
        with suppress(OSError):  # a child that is gone already is noticed soon
            ours.send(self.role.nice)
            ours.send(self.role.run)

    def hear(self) -> bool:
        """Take in what the child says; tell whether it still works."""
        assert self.connection is not None
        try:
            said = self.connection.recv()
        except (EOFError, OSError):
            return False
        if said != _READY:
            self._reason = said
            return False
        self.ready = True
        return True

    def ask_to_stop(self) -> None:
        """Ask the child to finish."""
        if self.connection is not None:
            with suppress(OSError):
                self.connection.send(_STOP)

    def end(self, seconds: float) -> bool:
        """Wait for the end of the child for a time, then kill it; tell whether that was needed."""
        assert self.process is not None
        assert self.connection is not None
        try:
            self.process.wait(max(seconds, 0.0))
            killed = False
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            killed = True
        self.connection.close()
        self.connection, self.ready = None, False
        return killed

    def lose(self) -> dict[str, Any]:
        """Note that the child is gone, decide when the next one starts, and say what is known."""
        steady = time.monotonic() - self._started_at >= self.role.steady_seconds
        self.end(END_SECONDS)
        assert self.process is not None
        code = self.process.returncode
        end = {"exit_code": code} if code >= 0 else {"signal": signal.Signals(-code).name}
        reason = {"reason": self._reason} if self._reason else {}
        return {"child": self.process.pid, **end, **reason, "restart_seconds": self.put_off(again=not steady)}

    def put_off(self, *, again: bool) -> float:
        """Decide in how many seconds the next child starts; later each time if one is lost again and again."""
        self.losses = self.losses + 1 if again else 1
        longer = FIRST_DELAY_SECONDS * 2.0 ** min(self.losses - 2, 64)
        delay = 0.0 if self.losses == 1 else min(longer, self.role.max_delay_seconds)
        self.start_at = time.monotonic() + delay
        return delay

    def why_not(self) -> str:
        """Say why a child that has ended could not start."""
        assert self.process is not None
        code = self.process.returncode
        how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        return self._reason or f"a {self.role.name} ended before it was ready ({how}); the log may have more"


def _run(places: Sequence[_Place], serving: Callable[[list[int]], None], signalled: socket.socket) -> None:
    """Keep a child in each place until there is a signal."""
    awaited = [place for place in places if place.role.awaited]
    begun = False
    while True:
        _start_due(places)
        connections = [place.connection for place in places if place.connection is not None]
        heard = wait([signalled, *connections], _seconds_to_next_start(places))
        if signalled in heard:
            return
        for place in places:
            if place.connection not in heard:
                continue
            if not place.hear():
                lost = place.lose()
                if place.role.awaited and not begun:
                    raise CannotStart(place.why_not())
                _log().warning(f"{place.role.name}_lost", **lost)
            elif place.ready and place.losses:
                assert place.process is not None
                _log().info(f"{place.role.name}_replaced", child=place.process.pid)
        if not begun and all(place.ready for place in awaited):
            begun = True
            serving([place.process.pid for place in awaited if place.process is not None])


def _start_due(places: Sequence[_Place]) -> None:
    for place in places:
        if place.connection is not None or place.start_at > time.monotonic():
            continue
        try:
            place.start()
        except OSError as error:
            if place.losses == 0:
                raise
            _log().warning(f"{place.role.name}_lost", reason=str(error), restart_seconds=place.put_off(again=True))


def _seconds_to_next_start(places: Sequence[_Place]) -> float | None:
    """Return how long nothing has to be started; None if all children are there."""
    due = [place.start_at for place in places if place.connection is None]
    return max(min(due) - time.monotonic(), 0.0) if due else None


def _stop(places: Sequence[_Place], seconds: float) -> None:
    """Let all children finish, and kill those that do not in time."""
    end = time.monotonic() + seconds
    for place in places:
        place.ask_to_stop()
    killed = sum(place.end(end - time.monotonic()) for place in places if place.connection is not None)
    if killed:
        _log().warning("killed", children=killed, after_seconds=seconds)


def _log() -> structlog.typing.FilteringBoundLogger:
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger("matchcut.serve")
    return log


@contextmanager
def _signals(places: Sequence[_Place]) -> Iterator[socket.socket]:
    """Yield what can be read from the first SIGTERM or SIGINT on; a second one kills the children and this process.

    A signal may land in any thread, and then wakes no lock that the main thread waits for; a byte in a socket does.
    """

    def first(_number: int, _frame: object) -> None:
        for one in _SIGNALS:
            signal.signal(one, second)

    def second(number: int, _frame: object) -> None:
        for place in places:
            if place.process is not None:
                place.process.kill()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno())
        before = {one: signal.signal(one, first) for one in _SIGNALS}
        try:
            yield reader
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
            signal.set_wakeup_fd(-1)
