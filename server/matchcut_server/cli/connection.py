"""What the commands that speak to a server have in common."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from matchcut_client import InvalidArgument, MatchcutClient, MatchcutError, Unavailable
from matchcut_server.cli.failure import Failure

DEFAULT_SERVER = "127.0.0.1:50051"


def add_connection(parser: argparse.ArgumentParser, *, catalog: bool = True) -> None:
    """Add the options that say which server and catalog, and how to answer.

    `catalog`: whether there is an option for the catalog, or the command takes it in another way.
    """
    group = parser.add_argument_group("server")
    group.add_argument(
        "--server",
        metavar="HOST:PORT",
        default=os.environ.get("MATCHCUT_SERVER", DEFAULT_SERVER),
        help=f"server to speak to (default: {DEFAULT_SERVER}) [MATCHCUT_SERVER]",
    )
    if catalog:
        group.add_argument(
            "--catalog",
            metavar="NAME",
            default=os.environ.get("MATCHCUT_CATALOG", "default"),
            help="catalog to work on (default: default) [MATCHCUT_CATALOG]",
        )
    group.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        help="time for each call (default: 10, and 120 for imports and changes of whole catalogs)",
    )
    group.add_argument("--json", action="store_true", help="print JSON for programs instead of tables for people")


@contextmanager
def connect(arguments: argparse.Namespace) -> Iterator[MatchcutClient]:
    """Open a client; what goes wrong with the server ends the command with its message."""
    try:
        with _client(arguments) as client:
            yield client
    except (InvalidArgument, ValueError) as error:
        # A ValueError tells of what does not fit into a request at all.
        raise Failure(str(error), code=2) from error
    except Unavailable as error:
        # Only what a server said has a reason.
        hint = "" if error.reason else "no server answers; start one with `matchcut serve` or name another: "
        raise Failure(f"{arguments.server}: {hint}{error}") from error
    except MatchcutError as error:
        raise Failure(f"{arguments.server}: {error}") from error


def _client(arguments: argparse.Namespace) -> MatchcutClient:
    if arguments.timeout is None:
        return MatchcutClient(arguments.server, catalog=arguments.catalog)
    try:
        return MatchcutClient(
            arguments.server, catalog=arguments.catalog, timeout=arguments.timeout, import_timeout=arguments.timeout
        )
    except ValueError as error:
        raise Failure(f"--timeout: {error}", code=2) from None


class Screen(Console):
    """A console that shows text as it is: brackets and colons in titles and keywords mean nothing."""

    def __init__(self, *, errors: bool = False) -> None:
        # Where nobody watches, tables keep their width instead of being cut at 80 columns.
        watched = (sys.stderr if errors else sys.stdout).isatty()
        super().__init__(stderr=errors, markup=False, emoji=False, highlight=False, width=None if watched else 120)

    def on_broken_pipe(self) -> None:
        """Leave it to `main`, as with any other output."""
        raise BrokenPipeError
