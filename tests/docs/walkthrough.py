"""Pages that can be followed on the example catalog: what their commands print, one after another, on one server.

From the heading `START` on, such a page is a script: every command and every block of Python in it is run, in order. A
block marked `<!-- name -->` shows what came of the commands just before it: what the last one prints, or
of two that recommend both lists, side by side; or what the Python just before it prints.

The script runs in a folder of its own, with `examples`, and `matchcut-data`, the data folder of the server.
"""

import contextlib
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unittest import mock

from tests.cli.command import matchcut, serving

ROOT = Path(__file__).parents[2]
ADDRESS = "127.0.0.1:50051"
START = "\n## On the example catalog\n"
DATA = "matchcut-data"
COLUMNS = 100

_PIECE = re.compile(
    r"^```python\n(?P<python>[\s\S]*?)^```$"
    r"|^    matchcut (?P<command>.+)$"
    r"|^<!-- (?P<name>.+) -->\n\n```text\n",
    re.MULTILINE,
)
_LISTS = ("recommend", "similar")
_WIDTH = 47
"""Of each of two lists."""


def names(page: Path) -> list[str]:
    """Return the names of the blocks that a page shows, in order."""
    return [found["name"] for found in _pieces(page) if found["name"]]


@cache
def printed(page: Path) -> dict[str, str]:
    """Follow a page; return what its blocks are to show, by their names."""
    shown: dict[str, str] = {}
    commands: list[list[str]] = []
    told = ""
    with _folder() as folder, serving(folder / DATA) as address, _speaking_to(address, folder):
        for found in _pieces(page):
            if found["command"]:
                commands.append(shlex.split(found["command"], comments=True))
                continue
            output = _outcome(commands) or told
            commands = []
            if found["name"]:
                shown[found["name"]] = output
            else:
                with contextlib.redirect_stdout(io.StringIO()) as printed_by_it:
                    exec(compile(found["python"].replace(ADDRESS, address), page.name, "exec"), {})
                told = _tidy(printed_by_it.getvalue())
    return shown


def _pieces(page: Path) -> Iterator[re.Match[str]]:
    _, _, script = page.read_text(encoding="utf-8").partition(START)
    return _PIECE.finditer(script)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "examples").symlink_to(ROOT / "examples")
        yield Path(folder)


@contextlib.contextmanager
def _speaking_to(address: str, folder: Path) -> Iterator[None]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MATCHCUT_", "FORCE_COLOR"))}
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, {**own, "MATCHCUT_SERVER": address, "COLUMNS": str(COLUMNS)}, clear=True),
    ):
        yield


def _outcome(commands: Sequence[Sequence[str]]) -> str:
    """Run some commands; return what the last one prints, or the lists of two that recommend."""
    compared = [words for words in commands if words[0] in _LISTS]
    output = ""
    answers = []
    for words in commands:
        is_compared = len(compared) == 2 and words in compared
        done = matchcut(*words, *(["--json"] if is_compared else []))
        assert done.code == 0, f"matchcut {shlex.join(words)}: {done.err or done.out}"
        output = done.out
        if is_compared:
            answers.append(done.json)
    return _side_by_side(answers, _headings(*compared)) if answers else _tidy(output)


def _headings(first: Sequence[str], second: Sequence[str]) -> Sequence[str]:
    """Return the words that each of two commands has for itself; where there are none, before and after."""
    own = [shlex.join(word for word in one if word not in other) for one, other in ((first, second), (second, first))]
    return [_shortened(text or name, _WIDTH) for text, name in zip(own, ("before", "after"), strict=True)]


def _side_by_side(answers: Sequence[Any], headings: Sequence[str]) -> str:
    """Write two lists beside each other, with what has changed in the second."""
    before, after = (answer["recommendations"] for answer in answers)
    places = {one["video_id"]: place for place, one in enumerate(before, start=1)}
    rows = [("", *headings)]
    for place, (left, right) in enumerate(zip_longest(before, after), start=1):
        rows.append((str(place), _entry(left, ""), _entry(right, _note(right, place, places))))
    return _tidy("\n".join(f"{place:<3}{left:<{_WIDTH}}   {right}" for place, left, right in rows))


def _note(recommended: Any, place: int, places: Mapping[str, int]) -> str:
    if not recommended or not places or places.get(recommended["video_id"]) == place:
        return ""
    was = places.get(recommended["video_id"])
    return f"  (was {was})" if was else "  (new)"


def _entry(recommended: Any, note: str) -> str:
    if not recommended:
        return ""
    title = recommended["video"]["title"]
    room = _WIDTH - len("0.000  ") - len(note)
    return f"{recommended['score']:.3f}  {_shortened(title, room)}{note}"


def _shortened(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def _tidy(text: str) -> str:
    without_tokens = re.sub(r"--page-token=\S+", "--page-token=…", text)
    return "".join(f"{line.rstrip()}\n" for line in without_tokens.splitlines())
