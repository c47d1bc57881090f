"""`matchcut serve` and `matchcut backup`: what works on a data folder."""

import argparse
import os
import typing
from pathlib import Path

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from matchcut_server.cli.failure import Failure, local_failure
from matchcut_server.errors import MatchcutError
from matchcut_server.rpc.address import AddressInUse
from matchcut_server.settings import Settings, load_settings
from matchcut_server.store.sqlite.database import back_up
from matchcut_server.supervisor import CannotStart


def add_serve(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `serve`, with an option for every setting."""
    parser = commands.add_parser(
        "serve",
        help="start the server",
        description="Start the server. Every option can also be set by the variable named beside it, or by its name in "
        "the TOML file of --config; options win over variables, variables over the file.",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        default=os.environ.get("MATCHCUT_CONFIG"),
        help="TOML file with settings [MATCHCUT_CONFIG]",
    )
    for name, field in Settings.model_fields.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=f"setting_{name}",
            metavar=_metavar(field),
            help=f"{field.description} (default: {_shown(field.default)}) [MATCHCUT_{name.upper()}]",
        )
    parser.set_defaults(run=run_serve)


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve until the process is asked to stop."""
    from matchcut_server.app import serve  # noqa: PLC0415 - it brings the compiler, which other commands do without

    given = {
        name.removeprefix("setting_"): value
        for name, value in vars(arguments).items()
        if name.startswith("setting_") and value is not None
    }
    try:
        serve(load_settings(arguments.config, given))
    except ValidationError as error:
        raise Failure("\n".join(map(_setting_error, error.errors())), code=2) from None
    except (AddressInUse, CannotStart, OSError, ValueError, MatchcutError) as error:
        raise local_failure(error) from None
    return 0


def add_backup(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `backup`."""
    parser = commands.add_parser(
        "backup",
        help="copy a data folder's store while it is in use",
        description="Write a copy of the whole store, as of one moment, to a new file; a running server goes on. To "
        "use it, put it into an empty folder as matchcut.sqlite3 and serve that folder.",
    )
    parser.add_argument("--data", type=Path, required=True, help="data folder of the server")
    parser.add_argument("target", type=Path, help="file to write; it must not exist")
    parser.set_defaults(run=run_backup)


def run_backup(arguments: argparse.Namespace) -> int:
    """Back up the store of a data folder."""
    try:
        back_up(arguments.data, arguments.target)
    except (MatchcutError, OSError) as error:
        raise local_failure(error) from None
    print(f"{arguments.target}: {arguments.target.stat().st_size:,} bytes")
    return 0


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def _metavar(field: FieldInfo) -> str:
    annotation = field.annotation
    if typing.get_origin(annotation) is typing.Literal:
        return "|".join(map(str, typing.get_args(annotation)))
    return _METAVARS[annotation]


_METAVARS: dict[object, str] = {bool: "true|false", int: "N", float: "SECONDS", Path: "DIR", str: "HOST:PORT"}


def _setting_error(error: typing.Mapping[str, typing.Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else "settings"
    message = error["msg"].removeprefix("Value error, ")
    return f"--{name.replace('_', '-')}: {message} (given: {error['input']!r})"
