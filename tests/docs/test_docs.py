"""The docs are true: their commands exist, their Python runs, their output is what is printed."""

import re
import shlex
from pathlib import Path

import pytest

from matchcut_server.cli.main import make_parser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"^(?:    |\$ )(?:.*\| )?matchcut (.+)$", re.MULTILINE)


def _commands() -> list[object]:
    found = []
    for page in PAGES:
        for line in COMMAND.findall(page.read_text(encoding="utf-8")):
            words = shlex.split(line.removesuffix("\\"), comments=True)
            found.append(pytest.param(words, id=f"{page.name}: {' '.join(words)}"))
    return found


@pytest.mark.parametrize("words", _commands())
def test_a_command_in_the_docs_is_one_the_program_takes(words: list[str]) -> None:
    if "--help" not in words:
        assert make_parser().parse_args(words).run
