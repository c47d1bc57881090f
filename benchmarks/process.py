"""Servers and load in processes of their own, on this machine only."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .load import Load, Took

_ROOT = Path(__file__).parent.parent
_SERVE = (
    "import sys; from pathlib import Path; from matchcut_server.app import serve; "
    "from matchcut_server.settings import Settings; "
    "own = {'workers': int(sys.argv[2])} if sys.argv[2:] else {}; "
    "serve(Settings(data=Path(sys.argv[1]), listen='127.0.0.1:0', leave_seconds=0, **own))"
)
_STOP_SECONDS = 60
_LOAD_SECONDS = 600


@dataclass(frozen=True)
class ServerProcess:
    """A server that runs."""

    address: str
    process_id: int


@contextmanager
def matchcut(data: Path, workers: int | None = None) -> Iterator[ServerProcess]:
    """Serve a data folder while the block runs, with the default settings but for the number of workers if given."""
    own = [] if workers is None else [str(workers)]
    with _server([sys.executable, "-c", _SERVE, str(data), *own]) as server:
        yield server


@contextmanager
def floor(answer_bytes: int, processes: int) -> Iterator[ServerProcess]:
    """Serve the empty RPC while the block runs, from so many processes."""
    with _server([sys.executable, "-m", "benchmarks.floor", str(answer_bytes), str(processes)]) as server:
        yield server


def send(load: Load) -> Took:
    """Send a load from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=msgspec.msgpack.encode(load),
        stdout=subprocess.PIPE,
        check=True,
        cwd=_ROOT,
        timeout=_LOAD_SECONDS,
    )
    return msgspec.msgpack.decode(done.stdout, type=Took)


@contextmanager
def _server(command: Sequence[str]) -> Iterator[ServerProcess]:
    with tempfile.TemporaryFile() as log:  # a file as in earnest, so that writing the log costs what it costs
        process = subprocess.Popen(  # noqa: S603 - the commands are those above
            command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=_ROOT
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()  # printed once calls are answered
            if not line:
                log.seek(0)
                raise RuntimeError(f"a server did not start: {log.read().decode(errors='replace')}")
            yield ServerProcess(line.rpartition(" ")[2], process.pid)
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)
