"""The outputs that the pages show, as they are now; `python -m tests.docs.refresh` writes them into the pages."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.docs import account
from tests.docs.walkthrough import ROOT, names, printed

SECONDS = 180
"""No command takes as long, not even one that has to compile what is to be fast."""


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
    """Run the demonstration; what differs each time, the port and the tokens of pages, is made the same."""
    printed = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:50123", _run(sys.executable, "-m", "examples.demo"))
    return re.sub(r"--page-token=\S+", "--page-token=…", printed)


def serve_help() -> str:
    """Return what the server says of its settings."""
    return _run(str(Path(sys.executable).with_name("matchcut")), "serve", "--help")


def evaluation(task: str) -> str:
    """Evaluate the default ranking on the example set, as the page says."""
    page = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    [words] = re.findall(f"^    matchcut (evaluate {task} --videos examples/.*)$", page, re.MULTILINE)
    return _run(str(Path(sys.executable).with_name("matchcut")), *words.split())


def _run(*command: str) -> str:
    own = ("MATCHCUT_", "FORCE_COLOR")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**environment, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=True,
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def followed(page: Path, name: str) -> str:
    """Return what a page that is followed on the example catalog is to show in one of its blocks."""
    return printed(page)[name]


def synced(command: str) -> str:
    """Return what the page about accounts is to show of one of its commands."""
    return account.printed()[command]


FOLLOWED = tuple(ROOT / "docs" / f"{name}.md" for name in ("profiles", "ranking", "search"))

CAPTURES = (
    Capture("make demo", ROOT / "README.md", demonstration),
    Capture("matchcut serve --help", ROOT / "docs" / "server.md", serve_help),
    Capture("matchcut evaluate similar", ROOT / "docs" / "evaluation.md", partial(evaluation, "similar")),
    Capture("matchcut evaluate users", ROOT / "docs" / "evaluation.md", partial(evaluation, "users")),
    *(Capture(command, account.PAGE, partial(synced, command)) for command in (account.FIRST, account.SECOND)),
    *(Capture(name, page, partial(followed, page, name)) for page in FOLLOWED for name in names(page)),
)

if __name__ == "__main__":
    for capture in CAPTURES:
        capture.refresh()
