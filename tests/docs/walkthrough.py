"""Pages that can be followed on the example catalog: what their commands print, one after another, on one server.

From the heading `START` on, such a page is a script: every command and every block of Python in it is run, in order. A
block marked `<!-- name -->` shows what came of the commands just before it: the output of one, or the lists of two or
three that recommend, side by side.
"""

import contextlib
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unittest import mock

from tests.cli.command import matchcut, serving

ROOT = Path(__file__).parents[2]
ADDRESS = "127.0.0.1:50051"
START = "\n## On the example catalog\n"
COLUMNS = 100

_PIECE = re.compile(
    r"^```python\n(?P<python>.*?)^```$"
    r"|^    matchcut (?P<command>.+)$"
    r"|^<!-- (?P<name>.+) -->\n\n```text\n",
    re.MULTILINE | re.DOTALL,
)
_LISTS = ("recommend", "similar")
_GAP = "   "


def names(page: Path) -> list[str]:
    """Return the names of the blocks that a page shows, in order."""
    return [found["name"] for found in _pieces(page) if found["name"]]


@cache
def printed(page: Path) -> dict[str, str]:
    """Follow a page; return what its blocks are to show, by their names."""
    shown: dict[str, str] = {}
    commands: list[list[str]] = []
    with tempfile.TemporaryDirectory() as data, serving(Path(data)) as address, _speaking_to(address):
        for found in _pieces(page):
            if found["python"]:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(found["python"].replace(ADDRESS, address), page.name, "exec"), {})
            elif found["command"]:
                commands.append(shlex.split(found["command"], comments=True))
                continue
            else:
                shown[found["name"]] = _outcome(commands)
                commands = []
                continue
            _outcome(commands)
            commands = []
    return shown


def _pieces(page: Path) -> Iterator[re.Match[str]]:
    _, _, script = page.read_text(encoding="utf-8").partition(START)
    # A pattern for lines that are indented would see none of a block that spans several, so one `.` is one line's.
    return re.finditer(_PIECE.pattern.replace("(?P<command>.+)", r"(?P<command>[^\n]+)"), script, _PIECE.flags)


@contextlib.contextmanager
def _speaking_to(address: str) -> Iterator[None]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MATCHCUT_", "FORCE_COLOR"))}
    with (
        contextlib.chdir(ROOT),
        mock.patch.dict(os.environ, {**own, "MATCHCUT_SERVER": address, "COLUMNS": str(COLUMNS)}, clear=True),
    ):
        yield


def _outcome(commands: Sequence[Sequence[str]]) -> str:
    """Run some commands; return their lists side by side, or what the last one prints."""
    lists = [words for words in commands if words[0] in _LISTS]
    compared = len(lists) > 1
    output = ""
    columns = []
    for words in commands:
        asked = [*words, "--json"] if compared and words in lists else words
        done = matchcut(*asked)
        assert done.code == 0, f"matchcut {shlex.join(words)}: {done.err or done.out}"
        output = done.out
        if asked is not words:
            columns.append(done.json)
    return _side_by_side(columns) if compared else _tidy(output)


def _side_by_side(answers: Sequence[Any]) -> str:
    """Write lists beside each other; of what was on the first list at another place, that place follows."""
    width = (COLUMNS - 2 - len(_GAP) * len(answers)) // len(answers)
    first = [one["video_id"] for one in answers[0]["recommendations"]]
    columns = [
        [_entry(one, place, first, width) for place, one in enumerate(answer["recommendations"])] for answer in answers
    ]
    heading = ["", *(name.ljust(width) for name in _headings(len(answers)))]
    rows = [
        [str(place), *(cell.ljust(width) for cell in cells)]
        for place, cells in enumerate(zip_longest(*columns, fillvalue=""), start=1)
    ]
    return _tidy("\n".join(f"{row[0]:<2}{_GAP}{_GAP.join(row[1:])}" for row in (heading, *rows)))


def _headings(count: int) -> Sequence[str]:
    return ("before", "after") if count == 2 else tuple(f"command {number}" for number in range(1, count + 1))


def _entry(recommended: Any, place: int, first: Sequence[str], width: int) -> str:
    title, video_id = recommended["video"]["title"], recommended["video_id"]
    if video_id not in first:
        note = "  (new)"
    elif first.index(video_id) != place:
        note = f"  (was {first.index(video_id) + 1})"
    else:
        note = ""
    room = width - len("0.000  ") - len(note)
    short = title if len(title) <= room else f"{title[: room - 1].rstrip()}…"
    return f"{recommended['score']:.3f}  {short}{note}"


def _tidy(text: str) -> str:
    without_tokens = re.sub(r"--page-token=\S+", "--page-token=…", text)
    return "".join(f"{line.rstrip()}\n" for line in without_tokens.splitlines())
