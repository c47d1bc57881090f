"""A process that has loaded the command and starts it again and again as processes of their own, in no time.

Run as a program it reads a line of JSON for each start, {"words": [...], "environment": {...}, "output": PATH}, answers
with the number of the process, and when that has ended with its status and the most memory it had (KiB).
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    signal: int
    """That it was killed by; 0 if it ended itself."""
    code: int
    kibibytes: int
    """The most memory it had."""


@dataclass
class Forks:
    """Starts the command `matchcut`; one process at a time."""

    asked: IO[str]
    answered: IO[str]

    def start(self, *words: str, environment: dict[str, str], output: Path) -> int:
        """Start it with these words, and all it writes going to a file; return the number of the process."""
        self.asked.write(json.dumps({"words": words, "environment": environment, "output": str(output)}) + "\n")
        self.asked.flush()
        return int(self.answered.readline())

    def wait(self) -> Ended:
        """Wait until it has ended."""
        return Ended(*json.loads(self.answered.readline()))


@contextlib.contextmanager
def forks() -> Iterator[Forks]:
    """Have the command loaded while the block runs."""
    command = [sys.executable, str(Path(__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Forks(process.stdin, process.stdout)
        finally:
            process.kill()


def _serve() -> None:
    # The command with all its parts, of which none has begun to work: no thread would survive.
    from matchcut_server.cli.main import run  # noqa: PLC0415

    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            output = os.open(asked["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.environ.update(asked["environment"])
            code = run(asked["words"])
            sys.stdout.flush()
            os._exit(code)
        print(child, flush=True)
        _, status, usage = os.wait4(child, 0)
        signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        code = 0 if signal else os.WEXITSTATUS(status)
        print(json.dumps([signal, code, usage.ru_maxrss]), flush=True)


if __name__ == "__main__":
    _serve()
