"""The client of the account that options name, for commands that have the extra `azure`."""

import argparse
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import stamina.instrumentation

from matchcut_server.azure.account import ENDPOINT, Account, Secret
from matchcut_server.azure.client import VideoIndexer
from matchcut_server.azure.http import Http
from matchcut_server.azure.limiter import Limiter
from matchcut_server.azure.token import (
    MANAGEMENT,
    ArmToken,
    ReadyToken,
    Resource,
    TokenSource,
    default_credential,
    token_in,
)
from matchcut_server.cli.azure import TOKEN_VARIABLE
from matchcut_server.cli.failure import Failure

_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,35}")


@asynccontextmanager
async def video_indexer(arguments: argparse.Namespace) -> AsyncIterator[VideoIndexer]:
    """Open a client of the account. Raises `Failure` for options that do not fit, before anything is sent."""
    for option in ("account_id", "location"):
        if not getattr(arguments, option):
            name = option.replace("_", "-")
            raise Failure(f"--{name} or MATCHCUT_AZURE_{option.upper()} is required", code=2)
    for language in arguments.language:
        if not _LANGUAGE.fullmatch(language):
            raise Failure(f"--language {language}: give a language tag such as fr-FR", code=2)
    # Retries are part of the work, which says itself what could not be done.
    stamina.instrumentation.set_on_retry_hooks([])
    limiter = Limiter({1.0: arguments.per_second, 60.0: arguments.per_minute})
    async with Http() as http:
        try:
            account = Account(arguments.location, arguments.account_id, arguments.endpoint or ENDPOINT)
            tokens = _tokens(arguments, http)
        except (OSError, ValueError) as error:
            raise Failure(str(error), code=2) from None
        yield VideoIndexer(account, tokens, http, limiter)


def _tokens(arguments: argparse.Namespace, http: Http) -> TokenSource:
    """Choose where tokens come from. Raises `ValueError` and `OSError` for what is no token."""
    resource = (arguments.subscription, arguments.resource_group, arguments.account_name)
    if arguments.token_file is not None:
        return ReadyToken(partial(token_in, arguments.token_file))
    if os.environ.get(TOKEN_VARIABLE):
        return ReadyToken(_token_of_environment)
    if not all(resource):
        raise Failure(
            f"no access to the account: set {TOKEN_VARIABLE}, or give --token-file, or --subscription, "
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


def _token_of_environment() -> Secret:
    try:
        return Secret(os.environ[TOKEN_VARIABLE].strip())
    except ValueError as error:
        reason = f"{TOKEN_VARIABLE}: {error}"
    raise ValueError(reason)
