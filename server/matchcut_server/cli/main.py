"""The entry point: reads the command line and runs one command."""

import argparse
import io
import os
import sys
from collections.abc import Sequence

from matchcut_server import __version__
from matchcut_server.cli.azure import add_azure
from matchcut_server.cli.catalogs import add_catalog
from matchcut_server.cli.evaluating import add_evaluate
from matchcut_server.cli.events import add_event
from matchcut_server.cli.export import add_export
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.importing import add_import
from matchcut_server.cli.index import add_index
from matchcut_server.cli.keywords import add_keyword
from matchcut_server.cli.placing import add_placements
from matchcut_server.cli.profiles import add_profile
from matchcut_server.cli.recommending import add_recommend, add_similar
from matchcut_server.cli.render import plain
from matchcut_server.cli.scenarios import add_scenario
from matchcut_server.cli.searching import add_search
from matchcut_server.cli.serve import add_backup, add_serve
from matchcut_server.cli.standing import add_standing
from matchcut_server.cli.telling import add_story
from matchcut_server.cli.trend import add_trend
from matchcut_server.cli.videos import add_delete, add_show, add_stats

_ADDERS = (
    add_serve,
    add_import,
    add_recommend,
    add_similar,
    add_search,
    add_story,
    add_trend,
    add_keyword,
    add_placements,
    add_show,
    add_stats,
    add_delete,
    add_catalog,
    add_profile,
    add_event,
    add_scenario,
    add_standing,
    add_export,
    add_index,
    add_evaluate,
    add_backup,
    add_azure,
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
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a character still shows the others
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    parsed = make_parser().parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
        sys.stdout.flush()
    except Failure as failure:
        for line in str(failure).split("\n"):
            print(f"matchcut {parsed.command}: {plain(line)}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()  # whoever read it has seen enough
        return 0
    except OSError as error:
        _drop_output()
        print(f"matchcut {parsed.command}: {error}", file=sys.stderr)
        return 3
    return code


def _drop_output() -> None:
    """Send what is still to be written nowhere, or the interpreter would complain of it at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
