"""The outputs that the pages show, as they are now; `python -m tests.docs.refresh` writes them into the pages."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

from tests.cli.command import MATCHCUT, serving

ROOT = Path(__file__).parents[2]
PROFILES = ROOT / "docs" / "profiles.md"
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Capture:
    """An output that a page shows: in the fenced block after a comment with its name."""

    name: str
    page: Path
    output: Callable[[], str]

    def shown(self) -> str:
        """Return what the page shows."""
        return self._find()[1]

    def refresh(self) -> None:
        """Write the output into the page."""
        before, _, after = self._find()
        self.page.write_text(f"{before}{self.output()}{after}", encoding="utf-8")

    def _find(self) -> tuple[str, str, str]:
        start = f"<!-- {re.escape(self.name)} -->\n\n```text\n"
        found = re.fullmatch(f"(.*?{start})(.*?)(```\n.*)", self.page.read_text(encoding="utf-8"), re.DOTALL)
        if found is None:
            raise ValueError(f"{self.page} has no block for: {self.name}")
        before, block, after = found.groups()
        return before, block, after


def demonstration() -> str:
    """Run the demonstration; its port, which differs each time, is made the same."""
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:50123", _run(sys.executable, "-m", "examples.demo"))


def serve_help() -> str:
    """Return what the server says of its settings."""
    return _run(MATCHCUT, "serve", "--help")


def evaluation(task: str) -> str:
    """Evaluate the default ranking on the example set, as the page says."""
    page = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    [words] = re.findall(f"^    matchcut (evaluate {task} --videos examples/.*)$", page, re.MULTILINE)
    return _run(MATCHCUT, *words.split())


def session(name: str) -> str:
    """Return what the commands of a session on the page about profiles print, each after itself."""
    return _sessions()[name]


@cache
def _sessions() -> dict[str, str]:
    """Run all sessions of the page, one after the other, on a server that holds the example catalog."""
    blocks = re.compile(r"^<!-- (session: .+?) -->\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as address:
        here = {"MATCHCUT_SERVER": address}
        _run(MATCHCUT, "import", "examples/catalog", variables=here)
        return {
            name: "".join(
                f"$ matchcut {words}\n{_run(MATCHCUT, *shlex.split(words), variables=here, check=False)}"
                for words in re.findall(r"^\$ matchcut (.*)$", block, re.MULTILINE)
            )
            for name, block in blocks.findall(PROFILES.read_text("utf-8"))
        }


def _run(*command: str, variables: Mapping[str, str] = NO_VARIABLES, check: bool = True) -> str:
    own = ("MATCHCUT_", "FORCE_COLOR")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**environment, **variables, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=check,
    )
    lines = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
    return re.sub(r"--page-token=\S+", "--page-token=…", lines)


CAPTURES = (
    Capture("make demo", ROOT / "README.md", demonstration),
    Capture("matchcut serve --help", ROOT / "docs" / "server.md", serve_help),
    *(
        Capture(f"session: {name}", PROFILES, partial(session, f"session: {name}"))
        for name in ("declaring", "watching", "merging", "deleting")
    ),
    Capture("matchcut evaluate similar", ROOT / "docs" / "evaluation.md", partial(evaluation, "similar")),
    Capture("matchcut evaluate users", ROOT / "docs" / "evaluation.md", partial(evaluation, "users")),
)

if __name__ == "__main__":
    for capture in CAPTURES:
        capture.refresh()
