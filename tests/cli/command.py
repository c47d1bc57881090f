"""The command `matchcut`, in this process or as one of its own, servers for it to speak to, and documents."""

import contextlib
import fcntl
import io
import json
import os
import pty
import queue
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Self

from matchcut_server.cli.main import run

MATCHCUT = str(Path(sys.executable).with_name("matchcut"))
SECONDS = 30
"""No command and no server takes as long."""
EXAMPLES = Path(__file__).parents[2] / "examples" / "catalog"


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def matchcut(*words: str, stdin: bytes = b"") -> Outcome:
    """Run the command in this process; the server and the catalog are those of the environment."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(words)
    except SystemExit as end:  # how argparse leaves
        code = int(end.code or 0)
    finally:
        sys.stdin = before
    return Outcome(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


def process(*words: str, stdin: bytes = b"", environment: dict[str, str] | None = None, **more: Any) -> Outcome:
    """Run the command as a process of its own, with these variables besides those there are."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    done = subprocess.run(
        [MATCHCUT, *words],
        input=stdin,
        env={**_unset("PYTHONUNBUFFERED"), **(environment or {})},
        timeout=SECONDS,
        check=False,
        **streams,
    )
    out, err = ((stream or b"").decode(errors="replace") for stream in (done.stdout, done.stderr))
    return Outcome(done.returncode, out, err)


def on_terminal(*words: str, columns: int = 80) -> Outcome:
    """Run the command on a terminal, which takes both outputs."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**_unset("COLUMNS", "LINES", "NO_COLOR"), "TERM": "xterm-256color"}
    with subprocess.Popen([MATCHCUT, *words], stdout=theirs, stderr=theirs, env=environment) as running:
        os.close(theirs)
        written = b""
        with contextlib.suppress(OSError):  # how a terminal says that nobody writes to it any more
            while select.select([ours], [], [], SECONDS)[0] and (some := os.read(ours, 65_536)):
                written += some
        os.close(ours)
        return Outcome(running.wait(SECONDS), written.decode(), "")


class Running:
    """The command as a process that goes on, whose lines can be waited for; both outputs are one."""

    def __init__(self, *words: str, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [MATCHCUT, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**_unset("PYTHONUNBUFFERED"), **(environment or {})},
        )
        self.lines: list[str] = []
        """Those that were read here so far."""
        self._coming: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def next_line(self, *, having: str = "") -> str:
        """Return the next line that has these characters, once it is written."""
        end = time.monotonic() + SECONDS
        while True:
            try:
                line = self._coming.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line has {having!r}: {self.lines}") from None
            assert line is not None, f"ended without a line that has {having!r}: {self.lines}"
            self.lines.append(line)
            if having in line:
                return line

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code, once all lines are read."""
        self.process.send_signal(number)
        code = self.process.wait(SECONDS)
        while (line := self._coming.get(timeout=SECONDS)) is not None:
            self.lines.append(line)
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._coming.put(line.rstrip("\n"))
        self._coming.put(None)


@contextlib.contextmanager
def serving(data: Path, listen: str = "127.0.0.1:0") -> Iterator[str]:
    """Serve a folder in a process of its own while the block runs; yield the address."""
    command = [MATCHCUT, "serve", "--data", str(data), "--listen", listen, "--log-level", "error"]
    variables = [name for name in os.environ if name.startswith("MATCHCUT_")]
    # One worker, so that what one client has written is there for the next; tests/app is about several.
    with subprocess.Popen(
        [*command, "--leave-seconds", "0", "--workers", "1"], stdout=subprocess.PIPE, text=True, env=_unset(*variables)
    ) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()
            try:
                code = server.wait(SECONDS)
            finally:
                server.kill()  # or it would be waited for without end
        assert code == 0


def document(video_id: str | None, *keywords: str | dict[str, Any], language: str = "en-US", **root: Any) -> bytes:
    """Write a Video Indexer document of a minute; `root` goes into its root."""
    taken = [shown(one) if isinstance(one, str) else one for one in keywords]
    insights = {"duration": "0:01:00", "language": language, "keywords": taken}
    video = {"id": video_id, "state": "Processed", "insights": insights}
    whole = {"id": video_id, "name": f"about {video_id}", "state": "Processed", "videos": [video], **root}
    return json.dumps(whole, ensure_ascii=False).encode()


def shown(text: str, start: str = "0:00:00", end: str = "0:00:10", **more: Any) -> dict[str, Any]:
    """Write a keyword with one instance; `more` goes into it."""
    return {"text": text, "confidence": 0.8, "instances": [{"start": start, "end": end}], **more}


def _unset(*names: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in names}
