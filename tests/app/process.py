"""A server as a process of its own."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_SECONDS = 30
STOP_SECONDS = 30

_PROGRAM = """
import json, sys
from pathlib import Path
from matchcut_server.app import serve
from matchcut_server.settings import load_settings
config, arguments = json.loads(sys.argv[1])
serve(load_settings(Path(config) if config else None, arguments))
"""

_SAYS = "Matchcut serves on "


class ServerProcess:
    """A process that serves a folder, or has ended before it could."""

    def __init__(self, errors: Path, arguments: Mapping[str, Any], config: Path | None, env: Mapping[str, str]) -> None:
        given = json.dumps([str(config or ""), {name: str(value) for name, value in arguments.items()}])
        others = {name: value for name, value in os.environ.items() if not name.startswith("MATCHCUT_")}
        self._errors = errors
        with errors.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, given], stdout=subprocess.PIPE, stderr=file, env={**others, **env}
            )

    def wait_until_serving(self) -> str:
        """Return the address it says it serves on."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline().decode() if ready else ""
        assert line.startswith(_SAYS), f"said {line!r}; {self.log()}"
        return line.removeprefix(_SAYS).strip()

    def terminate(self) -> int:
        """Ask it to stop, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """End it on the spot."""
        self.process.kill()
        self.wait()

    def wait(self) -> int:
        return self.process.wait(STOP_SECONDS)

    def log(self) -> str:
        """What it has written to standard error so far."""
        return self._errors.read_text(encoding="utf-8")

    def entries(self) -> list[dict[str, Any]]:
        """The log, read as JSON."""
        return [json.loads(line) for line in self.log().splitlines()]

    def workers(self) -> list[int]:
        """The process ids of the workers that it began with."""
        workers: list[int] = self.wait_for_entry("serving")["workers"]
        return workers

    def wait_for_entry(self, event: str) -> dict[str, Any]:
        """Return the first entry of the log about an event, once there is one."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            for entry in self.entries():
                if entry["event"] == event:
                    return entry
            time.sleep(0.01)
        raise AssertionError(f"the log never told of {event}: {self.log()}")

    def close(self) -> None:
        """End it if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def started(
    folder: Path, *, config: Path | None = None, env: Mapping[str, str] | None = None, **arguments: Any
) -> Iterator[ServerProcess]:
    """Start a server on a free port, with one worker, for `folder`/data and `folder`/log, unless told otherwise."""
    chosen = {"data": folder / "data", "listen": "127.0.0.1:0", "workers": 1, **arguments}
    given = {name: value for name, value in chosen.items() if value is not None}
    process = ServerProcess(folder / "log", given, config, env or {})
    try:
        yield process
    finally:
        process.close()


@contextmanager
def serving_process(folder: Path, **arguments: Any) -> Iterator[tuple[ServerProcess, str]]:
    """Start a server, and give its address too."""
    with started(folder, **arguments) as process:
        yield process, process.wait_until_serving()
