"""Progress of what takes long, on a terminal."""

import sys

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from matchcut_server.cli.connection import Screen


def progress_bar(*, with_rate: bool = False) -> Progress:
    """Return what shows how far tasks are, on standard error, and nothing where nobody watches; gone in the end.

    `with_rate`: for tasks that take minutes, also how much is done in a second, and the time that is left.
    """
    more = (_Rate(), TextColumn("left"), TimeRemainingColumn()) if with_rate else ()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        *more,
        console=Screen(errors=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


class _Rate(ProgressColumn):
    """How much is done in a second."""

    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:,.0f}/s")
