"""Progress of what takes long, on a terminal."""

import sys

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from matchcut_server.cli.connection import Screen


def progress_bar() -> Progress:
    """Return what shows how far tasks are, on standard error, and nothing where nobody watches; gone in the end."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Screen(errors=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
