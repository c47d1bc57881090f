"""What the page about accounts shows: commands run on the stand-in of Video Indexer, as a reader starts it."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unittest import mock

import httpx2

from tests.cli.command import matchcut, serving
from tests.docs.walkthrough import COLUMNS, ROOT

PAGE = ROOT / "docs" / "azure.md"
FIRST = "matchcut azure sync"
SECOND = "matchcut azure sync --mirror"

_MAKE = re.compile(r"^    make azure-stand-in ARGS='(.+)'$", re.MULTILINE)
_CURL = re.compile(
    r'^    curl -X (PUT|DELETE) -H "Authorization: Bearer \$MATCHCUT_AZURE_TOKEN" \$VIDEOS(/\S+)$', re.MULTILINE
)
_UNHURRIED = ("--per-second", "10000", "--per-minute", "10000")
"""What changes nothing but the time it takes."""


@cache
def printed() -> dict[str, str]:
    """Follow the page; return what its two syncs print, by their commands."""
    page = PAGE.read_text(encoding="utf-8")
    [arguments] = _MAKE.findall(page)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "data") as server,
        _stand_in(arguments.split()) as (process, told),
        _environment(told, folder, server),
    ):
        first = _run(FIRST)
        _change(process, told, _CURL.findall(page))
        return {FIRST: first, SECOND: _run(SECOND)}


def _run(command: str) -> str:
    done = matchcut(*command.split()[1:], *_UNHURRIED)
    assert done.code == 0, done.err
    return done.err + done.out


@contextlib.contextmanager
def _stand_in(arguments: list[str]) -> Iterator[tuple["subprocess.Popen[str]", dict[str, str]]]:
    """Start the stand-in, with the documents kept beside the tests; yield it, and what it says to export."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MATCHCUT_")}
    command = [sys.executable, "-m", "tests.azure_stand_in", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(7)]
            exports = [line.removeprefix("export ").rstrip() for line in lines if line.startswith("export ")]
            yield process, dict(line.split("=", 1) for line in exports)
        finally:
            process.terminate()
            process.communicate()


@contextlib.contextmanager
def _environment(told: dict[str, str], folder: str, server: str) -> Iterator[None]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MATCHCUT_", "FORCE_COLOR"))}
    more = {"MATCHCUT_SERVER": server, "XDG_STATE_HOME": folder, "COLUMNS": str(COLUMNS)}
    with mock.patch.dict(os.environ, {**own, **told, **more}, clear=True):
        yield


def _change(process: "subprocess.Popen[str]", told: dict[str, str], calls: list[tuple[str, str]]) -> None:
    """Make the calls that the page makes with curl, and wait until what is indexed again is indexed."""
    endpoint, location, account_id, token = (
        told[f"MATCHCUT_AZURE_{name}"] for name in ("ENDPOINT", "LOCATION", "ACCOUNT_ID", "TOKEN")
    )
    bearer = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(headers=bearer, trust_env=False) as client:
        for method, path in calls:
            client.request(method, f"{endpoint}/{location}/Accounts/{account_id}/Videos{path}").raise_for_status()
    assert process.stdout is not None
    for _ in [method for method, _ in calls if method == "PUT"]:
        assert process.stdout.readline().endswith("is indexed\n")
