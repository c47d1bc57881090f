"""The files in which the commands of `azure` keep what they have to remember."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from matchcut_server.azure.state import StateError
from matchcut_server.cli.failure import Failure

T = TypeVar("T")


def open_state(arguments: argparse.Namespace, option: str, ending: str, make: Callable[[Path, str], T]) -> T:
    """Open the file that an option names, or that of the account and the catalog with this ending.

    `make` opens it, told of what it is; a `StateError` ends the command with a message that names the option.
    """
    path = getattr(arguments, option)
    account = arguments.account_id.lower()
    if path is None:
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        path = Path(base) / "matchcut" / f"azure-{account}-{arguments.catalog}{ending}"
    origin = f"account {account} into catalog {arguments.catalog} of {arguments.server}"
    try:
        return make(Path(path), origin)
    except StateError as error:
        raise Failure(f"{error} (--{option})") from error
