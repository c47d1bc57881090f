"""The supervisor and its children: who is started, who is replaced, who is told to stop, and who is left."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 30


class Supervised:
    """A process that supervises children. All hold its standard error open, which so tells when all are gone."""

    def __init__(self, call: str, cwd: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from tests.app.roles import main; main({call})"],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in [str(ROOT), *sys.path] if path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
        self.log = b""

    def children(self) -> list[int]:
        """The process ids of the children, once all are ready."""
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], SECONDS)[0]
        children: list[int] = json.loads(self.process.stdout.readline())
        return children

    def wait_for_log(self, text: str) -> None:
        """Wait until the log holds a text."""
        while text.encode() not in self.log:
            assert self._read_log(time.monotonic() + SECONDS), self.log

    def wait_for_entries(self, event: str, count: int) -> None:
        """Wait until the log tells of an event so many times."""
        while len(self.entries(event)) < count:
            assert self._read_log(time.monotonic() + SECONDS), self.log

    def end(self) -> int:
        """Return the exit code, when the process and all its children have ended."""
        end = time.monotonic() + SECONDS
        while self._read_log(end):
            pass
        return self.process.wait(SECONDS)

    def entries(self, event: str) -> list[dict[str, Any]]:
        """What the log tells of an event."""
        entries = [
            json.loads(line) for line in self.log.decode().splitlines() if line.startswith("{") and line.endswith("}")
        ]
        return [entry for entry in entries if entry["event"] == event]

    def _read_log(self, end: float) -> bool:
        assert self.process.stderr is not None
        readable, _, _ = select.select([self.process.stderr], [], [], max(end - time.monotonic(), 0))
        assert readable, "children are left"
        some = os.read(self.process.stderr.fileno(), 65_536)
        self.log += some
        return bool(some)


@contextmanager
def supervised(call: str, cwd: Path = ROOT) -> Iterator[Supervised]:
    """Supervise roles, named as in a call of `roles.main`."""
    supervisor = Supervised(call, cwd)
    with supervisor.process:
        try:
            yield supervisor
        finally:
            supervisor.process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_when_it_is_asked_to_stop_its_children_stop_too(number: signal.Signals) -> None:
    with supervised("'pair'") as supervisor:
        assert len(set(supervisor.children())) == 2
        supervisor.process.send_signal(number)
        assert supervisor.end() == 0
        assert supervisor.entries("killed") == []


def test_children_leave_the_signals_of_a_terminal_to_their_parent() -> None:
    with supervised("'pair'") as supervisor:
        children = supervisor.children()
        for child in children:
            os.kill(child, signal.SIGINT)
            os.kill(child, signal.SIGTERM)
        os.killpg(supervisor.process.pid, signal.SIGINT)
        assert supervisor.end() == 0
        assert supervisor.entries("pair_lost") == []
        assert b"Traceback" not in supervisor.log


def test_a_child_that_dies_is_replaced() -> None:
    with supervised("'pair'") as supervisor:
        first, second = supervisor.children()
        os.kill(first, signal.SIGKILL)
        supervisor.wait_for_log("pair_replaced")
        supervisor.process.terminate()
        assert supervisor.end() == 0
        (lost,) = supervisor.entries("pair_lost")
        assert (lost["child"], lost["signal"], lost["restart_seconds"]) == (first, "SIGKILL", 0)
        (replaced,) = supervisor.entries("pair_replaced")
        assert replaced["child"] not in {first, second}


def test_a_child_that_dies_again_and_again_is_replaced_ever_more_slowly() -> None:
    with supervised("'dying'") as supervisor:
        supervisor.children()
        supervisor.wait_for_log('"restart_seconds": 1.0')
        supervisor.process.terminate()
        assert supervisor.end() == 0
        lost = supervisor.entries("dying_lost")
        assert [one["restart_seconds"] for one in lost] == [0.0, 0.5, 1.0]
        assert {one["exit_code"] for one in lost} == {7}


@pytest.mark.parametrize("name, delays", [("dying late", [0.0] * 4), ("dying slowly", [0.0, 0.5, 0.75, 0.75])])
def test_a_role_has_its_own_delays(name: str, delays: list[float]) -> None:
    with supervised(repr(name)) as supervisor:
        supervisor.children()
        supervisor.wait_for_entries(f"{name}_lost", len(delays))
        supervisor.process.terminate()
        assert supervisor.end() == 0
        lost = supervisor.entries(f"{name}_lost")
        assert [one["restart_seconds"] for one in lost][: len(delays)] == delays


def test_where_no_process_can_be_had_it_tries_again_later(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    with supervised(f"'pair', python={str(python)!r}") as supervisor:
        victim, _ = supervisor.children()
        python.unlink()
        os.kill(victim, signal.SIGKILL)
        supervisor.wait_for_log("No such file")
        python.symlink_to(sys.executable)
        supervisor.wait_for_log("pair_replaced")
        supervisor.process.terminate()
        assert supervisor.end() == 0


def test_children_that_do_not_stop_in_time_are_killed_and_counted() -> None:
    with supervised("'pair', 'stubborn', stop_seconds=2") as supervisor:
        supervisor.children()
        supervisor.process.terminate()
        assert supervisor.end() == 0
        (killed,) = supervisor.entries("killed")
        assert killed["children"] == 1


def test_a_child_that_need_not_finish_stops_at_once() -> None:
    with supervised("'pair', 'careless', stop_seconds=200") as supervisor:
        supervisor.children()
        supervisor.process.terminate()
        assert supervisor.end() == 0
        assert supervisor.entries("killed") == []


def test_a_second_signal_ends_all_at_once() -> None:
    with supervised("'stubborn', stop_seconds=200") as supervisor:
        supervisor.children()
        supervisor.process.terminate()
        supervisor.wait_for_log("leaving")
        supervisor.process.terminate()
        assert supervisor.end() == -signal.SIGTERM


@pytest.mark.parametrize("name", ["pair", "stubborn"])
def test_no_child_outlives_a_parent_that_is_killed(name: str) -> None:
    with supervised(repr(name)) as supervisor:
        supervisor.children()
        supervisor.process.kill()
        assert supervisor.end() == -signal.SIGKILL


def test_a_child_that_is_still_starting_stops_at_once() -> None:
    with supervised("'slow', stop_seconds=200") as supervisor:
        supervisor.wait_for_log("starting")
        supervisor.process.terminate()
        assert supervisor.end() == 0


@pytest.mark.parametrize(
    "name, says",
    [
        ("refusing", b"cannot start: the disk is made of cheese"),
        ("hanging", b"cannot start: the disk is made of cheese"),
        ("broken", b"cannot start: a broken ended before it was ready (exit code 1)"),
    ],
)
def test_if_a_child_cannot_start_nothing_does(name: str, says: bytes) -> None:
    with supervised(f"'pair', '{name}'") as supervisor:
        assert supervisor.end() == 1
        assert says in supervisor.log
        assert supervisor.process.stdout is not None
        assert supervisor.process.stdout.read() == b""  # nothing ever served


def test_a_fault_of_a_child_is_in_the_log() -> None:
    with supervised("'broken'") as supervisor:
        supervisor.end()
        assert b"KeyError: 'nobody expects this'" in supervisor.log


def test_the_service_does_without_a_child_that_it_need_not_wait_for() -> None:
    with supervised("'pair', 'optional'") as supervisor:
        supervisor.children()
        supervisor.wait_for_log('"event": "optional_lost"')
        supervisor.process.terminate()
        assert supervisor.end() == 0
        assert supervisor.entries("optional_lost")[0]["reason"] == "the disk is made of cheese"


def test_a_child_may_have_a_lower_priority() -> None:
    with supervised("'idle'") as supervisor:
        supervisor.end()
        wanted = min(os.getpriority(os.PRIO_PROCESS, 0) + 7, 19)
        assert f"cannot start: niceness {wanted}".encode() in supervisor.log


def test_modules_of_the_folder_it_is_started_in_mean_nothing_to_children(tmp_path: Path) -> None:
    (tmp_path / "structlog.py").write_text("raise SystemExit('an impostor')")
    with supervised("'pair'", tmp_path) as supervisor:
        assert len(supervisor.children()) == 2
        supervisor.process.terminate()
        assert supervisor.end() == 0
