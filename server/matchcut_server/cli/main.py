"""The entry point: reads the command line and runs one command."""

import argparse
import sys
from collections.abc import Sequence

from matchcut_server import __version__
from matchcut_server.cli.catalogs import add_catalog
from matchcut_server.cli.export import add_export
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.importing import add_import
from matchcut_server.cli.recommending import add_recommend
from matchcut_server.cli.serve import add_backup, add_serve
from matchcut_server.cli.videos import add_delete, add_show, add_stats

_ADDERS = (
    add_serve,
    add_import,
    add_recommend,
    add_show,
    add_stats,
    add_delete,
    add_catalog,
    add_export,
    add_backup,
)


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="matchcut",
        description="Recommends the videos whose keywords match an interest profile, and says when and why.",
        epilog="Exit codes: 0 done; 1 done in part (some items rejected or not there); 2 wrong call; 3 failed.",
    )
    parser.add_argument("--version", action="version", version=f"matchcut {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in _ADDERS:
        add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    parsed = make_parser().parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
    except Failure as failure:
        print(f"matchcut {parsed.command}: {failure}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter must not complain of it at exit.
        sys.stdout = open("/dev/null", "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the process ends
        return 0
    return code
