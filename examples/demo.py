"""The demonstration behind `make demo`: a server, the example catalog, and what people get to see.

Everything it does is done with the command `matchcut`, and each command is shown before it runs.
"""

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CATALOG = Path(__file__).parent / "catalog"
EVENTS = Path(__file__).parent / "events.ndjson"
MATCHCUT = str(Path(sys.executable).with_name("matchcut"))
STOP_SECONDS = 30


def main() -> None:
    """Run the demonstration."""
    with tempfile.TemporaryDirectory(prefix="matchcut-demo-") as data, _server(Path(data)) as address:
        _say("Bring videos in: 78 made-up documents, as Azure AI Video Indexer writes them.")
        _run(address, "import", str(CATALOG.relative_to(Path.cwd())))
        _say("A visitor of a website about England likes film festivals, and does not care for football.")
        _run(
            address, "recommend", "--interest", "england", "--interest", "film festival=2", "--interest", "football=-1",
            "--page-size", "6",
        )  # fmt: skip
        _say("An editor searches the archive for a company.")
        _run(address, "recommend", "--interest", "rolls-royce", "--page-size", "5")
        _say(
            "Ada has told nothing. She watched walks, likes a festival, dislikes football; nothing she has seen comes."
        )
        _run(address, "event", "import", str(EVENTS.relative_to(Path.cwd())))
        _run(address, "recommend", "--user", "ada", "--page-size", "3")
        _say("A page about a film studio shows what is similar.")
        _run(address, "similar", "ls8myf66oa", "--page-size", "2")
        _say("And what the catalog holds:")
        _run(address, "stats")


@contextmanager
def _server(data: Path) -> Iterator[str]:
    """Serve on a free port while the block runs; yield the address."""
    command = [MATCHCUT, "serve", "--data", str(data), "--listen", "127.0.0.1:0", "--log-level", "warning"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        line = server.stdout.readline().strip()  # printed once calls are answered
        if not line:
            raise SystemExit(f"the server did not start (exit code {server.wait()})")
        print(line)
        yield line.rpartition(" ")[2]
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)
        print("\nThe server has stopped.")


def _say(text: str) -> None:
    print(f"\n# {text}", flush=True)


def _run(address: str, command: str, *arguments: str) -> None:
    print(f"$ {shlex.join(['matchcut', command, *arguments])}", flush=True)
    subprocess.run([MATCHCUT, command, *arguments, "--server", address], check=True)


if __name__ == "__main__":
    main()
