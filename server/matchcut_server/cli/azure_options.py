"""What the commands that read a Video Indexer account have in common: which account, as whom, and how fast."""

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matchcut_server.cli.failure import Failure

if TYPE_CHECKING:
    from matchcut_server.azure.account import Secret
    from matchcut_server.azure.client import VideoIndexer
    from matchcut_server.azure.http import Http
    from matchcut_server.azure.token import TokenSource

_TOKEN_VARIABLE = "MATCHCUT_AZURE_TOKEN"  # noqa: S105 - the name of what holds one


def add_account(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which account is read, as whom, and how fast."""
    account = parser.add_argument_group("account")
    _add(account, "--account-id", "MATCHCUT_AZURE_ACCOUNT_ID", "GUID", "id of the Video Indexer account")
    _add(account, "--location", "MATCHCUT_AZURE_LOCATION", "REGION", "its region, such as westeurope, or trial")
    _add(
        account, "--endpoint", "MATCHCUT_AZURE_ENDPOINT", "URL", "where it is reached, if not at api.videoindexer.ai"
    )
    token = parser.add_argument_group(
        "access",
        f"A ready access token in the variable {_TOKEN_VARIABLE} or in a file; or, with the extra azure-identity, the "
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


@asynccontextmanager
async def video_indexer(arguments: argparse.Namespace) -> "AsyncIterator[VideoIndexer]":
    """Open a client of the account. Raises `Failure` for options that do not fit, before anything is sent."""
    try:
        from matchcut_server.azure.account import ENDPOINT, Account  # noqa: PLC0415 - an extra that only this needs
        from matchcut_server.azure.client import VideoIndexer  # noqa: PLC0415 - as above
        from matchcut_server.azure.http import Http  # noqa: PLC0415 - as above
        from matchcut_server.azure.limiter import Limiter  # noqa: PLC0415 - as above
    except ImportError as error:
        raise Failure(
            f"{error.name} is not installed: pip install 'matchcut-server[azure]'", code=2
        ) from None
    for option in ("account_id", "location"):
        if not getattr(arguments, option):
            name = option.replace("_", "-")
            raise Failure(f"--{name} or MATCHCUT_AZURE_{option.upper()} is required", code=2)
    limiter = Limiter({1.0: arguments.per_second, 60.0: arguments.per_minute})
    async with Http() as http:
        try:
            account = Account(arguments.location, arguments.account_id, arguments.endpoint or ENDPOINT)
            tokens = _tokens(arguments, http)
        except ValueError as error:
            raise Failure(str(error), code=2) from None
        yield VideoIndexer(account, tokens, http, limiter)


def _tokens(arguments: argparse.Namespace, http: "Http") -> "TokenSource":
    """Choose where tokens come from."""
    from matchcut_server.azure.token import MANAGEMENT, ArmToken, ReadyToken, Resource, default_credential  # noqa: PLC0415 - an extra that only this needs

    resource = (arguments.subscription, arguments.resource_group, arguments.account_name)
    if arguments.token_file is not None:
        return ReadyToken(partial(_token_in, arguments.token_file))
    if os.environ.get(_TOKEN_VARIABLE):
        return ReadyToken(_token_of_environment)
    if not all(resource):
        raise Failure(
            f"no access to the account: set {_TOKEN_VARIABLE}, or give --token-file, or --subscription, "
            "--resource-group and --account-name together",
            code=2,
        )
    try:
        credential = default_credential()
    except ImportError:
        raise Failure(
            "azure-identity is not installed: pip install 'matchcut-server[azure-identity]'", code=2
        ) from None
    return ArmToken(http, credential, Resource(*resource, arguments.management_endpoint or MANAGEMENT))


def _token_in(path: Path) -> "Secret":
    from matchcut_server.azure.token import token_in  # noqa: PLC0415 - as above

    try:
        return token_in(path)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}", code=2) from error


def _token_of_environment() -> "Secret":
    from matchcut_server.azure.account import Secret  # noqa: PLC0415 - as above

    try:
        return Secret(os.environ[_TOKEN_VARIABLE].strip())
    except ValueError as error:
        reason = f"{_TOKEN_VARIABLE}: {error}"
    raise Failure(reason, code=2)


def _add(group: argparse._ArgumentGroup, option: str, variable: str, metavar: str, text: str) -> None:
    """Add an option that a variable can give too."""
    group.add_argument(option, metavar=metavar, default=os.environ.get(variable), help=f"{text} [{variable}]")


def _positive(text: str) -> int:
    """Read a number of 1 or more, as argparse wants it."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: give 1 or more")
    return number
