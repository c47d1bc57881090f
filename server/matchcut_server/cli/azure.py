"""`matchcut azure`: a Video Indexer account as the source of a catalog."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matchcut_server.cli.connection import add_connection
from matchcut_server.cli.failure import Failure

TOKEN_VARIABLE = "MATCHCUT_AZURE_TOKEN"  # noqa: S105 - the name of what holds one
SECRET_VARIABLE = "MATCHCUT_AZURE_CALLBACK_SECRET"  # noqa: S105 - as above


def add_azure(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `azure` with its own commands."""
    parser = commands.add_parser("azure", help="read a Video Indexer account")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_sync(actions)
    _add_listen(actions)


def _add_sync(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "sync",
        help="import what is new in an account",
        description="Read the processed videos of a Video Indexer account that are new or were indexed again since the "
        "last time, and import them. Stopped at any point, it continues where it was. Titles, attributes and times "
        "that are in the catalog stay as they are. The exit code is 1 if any video was rejected.",
    )
    add_languages(parser)
    parser.add_argument(
        "--mirror",
        action="store_true",
        help="delete the videos from the catalog that were imported by this command and are gone from the account",
    )
    parser.add_argument("--dry-run", action="store_true", help="only list the videos, and say what would be done")
    parser.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        default=os.environ.get("MATCHCUT_AZURE_STATE") or None,
        help="file that holds what has been imported; without it everything is read again (default: one for the "
        "account and the catalog, in ~/.local/state/matchcut) [MATCHCUT_AZURE_STATE]",
    )
    add_account(parser)
    add_connection(parser)
    parser.set_defaults(run=run_sync)


def run_sync(arguments: argparse.Namespace) -> int:
    """Import what is new; return 1 if any video was rejected."""
    with azure_extra():
        from matchcut_server.cli.azure_sync import sync  # noqa: PLC0415 - an extra that only this needs
    return sync(arguments)


def _add_listen(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "listen",
        help="import videos as they are indexed",
        description="Receive the calls that Video Indexer makes to a callbackUrl when it has indexed a video, and "
        f"import the video. A callbackUrl is https://YOUR-HOST/callback?secret=SECRET, with what {SECRET_VARIABLE} or "
        "--secret-file holds; a proxy in front does the encryption. Whatever was answered is on disk, and is imported "
        "after a restart too. /health tells how much is waiting.",
    )
    parser.add_argument(
        "--listen", metavar="HOST:PORT", default="127.0.0.1:8080", help="address to listen on (default: 127.0.0.1:8080)"
    )
    parser.add_argument(
        "--secret-file", metavar="FILE", type=Path, help=f"file with the secret of callbacks, else [{SECRET_VARIABLE}]"
    )
    add_languages(parser)
    parser.add_argument(
        "--queue",
        metavar="FILE",
        type=Path,
        default=os.environ.get("MATCHCUT_AZURE_QUEUE") or None,
        help="file that holds what is to be imported (default: one for the account and the catalog, in "
        "~/.local/state/matchcut) [MATCHCUT_AZURE_QUEUE]",
    )
    add_account(parser)
    add_connection(parser)
    parser.set_defaults(run=run_listen)


def run_listen(arguments: argparse.Namespace) -> int:
    """Import what callbacks are about until stopped; return 1 if any video has failed."""
    with azure_extra():
        from matchcut_server.cli.azure_listen import listen  # noqa: PLC0415 - an extra that only this needs
    return listen(arguments)


@contextmanager
def azure_extra() -> Iterator[None]:
    """Say what to install if what the block imports is not there."""
    try:
        yield
    except ImportError as error:
        raise Failure(f"{error.name} is not installed: pip install 'matchcut-server[azure]'", code=2) from None


def add_languages(parser: argparse.ArgumentParser) -> None:
    """Add the option for further languages."""
    parser.add_argument(
        "--language",
        action="append",
        default=[],
        metavar="TAG",
        help="take the keywords in this language too, such as fr-FR, beside the source language; may be repeated",
    )


def add_account(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which account is read, as whom, and how fast."""
    account = parser.add_argument_group("account")
    _add(account, "--account-id", "MATCHCUT_AZURE_ACCOUNT_ID", "GUID", "id of the Video Indexer account")
    _add(account, "--location", "MATCHCUT_AZURE_LOCATION", "REGION", "its region, such as westeurope, or trial")
    _add(account, "--endpoint", "MATCHCUT_AZURE_ENDPOINT", "URL", "where it is reached, if not at api.videoindexer.ai")
    token = parser.add_argument_group(
        "access",
        f"A ready access token in the variable {TOKEN_VARIABLE} or in a file; or, with the extra azure-identity, the "
        "account as a resource of Azure, for which tokens are made and renewed by whoever is signed in (the variables "
        "AZURE_..., a managed identity, `az login`).",
    )
    token.add_argument("--token-file", metavar="FILE", type=Path, help="file with an access token; read again later")
    _add(token, "--subscription", "MATCHCUT_AZURE_SUBSCRIPTION", "ID", "subscription of the account")
    _add(token, "--resource-group", "MATCHCUT_AZURE_RESOURCE_GROUP", "NAME", "resource group of the account")
    _add(token, "--account-name", "MATCHCUT_AZURE_ACCOUNT_NAME", "NAME", "name of the account")
    _add(
        token,
        "--management-endpoint",
        "MATCHCUT_AZURE_MANAGEMENT_ENDPOINT",
        "URL",
        "where tokens are made, if not at management.azure.com",
    )
    manners = parser.add_argument_group("manners")
    manners.add_argument(
        "--concurrency", metavar="N", type=_positive, default=4, help="indexes read at a time (default: 4)"
    )
    manners.add_argument(
        "--per-second", metavar="N", type=_positive, default=10, help="most requests in any second (default: 10)"
    )
    manners.add_argument(
        "--per-minute", metavar="N", type=_positive, default=120, help="most requests in any minute (default: 120)"
    )


def _add(group: argparse._ArgumentGroup, option: str, variable: str, metavar: str, text: str) -> None:
    """Add an option that a variable can give too."""
    group.add_argument(option, metavar=metavar, default=os.environ.get(variable), help=f"{text} [{variable}]")


def _positive(text: str) -> int:
    """Read a number of 1 or more, as argparse wants it."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: give 1 or more")
    return number
