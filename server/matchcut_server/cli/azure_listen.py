"""The work of `matchcut azure listen`, for those who have the extra `azure`."""

import argparse
import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from matchcut_client import MatchcutClient, Unavailable
from matchcut_server.azure.account import Secret
from matchcut_server.azure.fetching import Fetcher
from matchcut_server.azure.listening import listen as listen_until_stopped
from matchcut_server.azure.queue import VideoQueue
from matchcut_server.azure.receiver import make_receiver
from matchcut_server.azure.sink import CatalogSink
from matchcut_server.azure.state import StateError
from matchcut_server.cli.azure import SECRET_VARIABLE
from matchcut_server.cli.azure_account import video_indexer
from matchcut_server.cli.azure_state import open_state
from matchcut_server.cli.connection import Screen, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.logs import log_events
from matchcut_server.cli.render import plain, print_json

LEAST_SECRET = 16
"""Characters: what can be guessed is no secret."""

_BACKLOG = 2_048


def listen(arguments: argparse.Namespace) -> int:
    """Receive callbacks and import what they are about, until a signal; return 1 if any video has failed."""
    secret = _secret(arguments)
    log_events()
    with _listening(arguments.listen) as listening, connect(arguments) as client:
        return asyncio.run(_listen(arguments, client, secret, listening))


async def _listen(
    arguments: argparse.Namespace, client: MatchcutClient, secret: Secret, listening: socket.socket
) -> int:
    async with video_indexer(arguments) as indexer:
        try:
            await asyncio.to_thread(client.get_catalog, arguments.catalog)
        except Unavailable as error:  # it may come later; a catalog that is not there would not
            structlog.get_logger("matchcut.azure").warning("server_unavailable", error=str(error))
        queue = open_state(arguments, "queue", "-queue.db", VideoQueue)
        try:
            fetcher = Fetcher(queue, indexer, CatalogSink(client), arguments.language, arguments.concurrency)
            host, port = listening.getsockname()[:2]
            if not arguments.json:
                waiting, failed = await queue.counts()
                print(f"listening on http://{host}:{port}; {waiting:,} waiting, {failed:,} failed", flush=True)
            await listen_until_stopped(listening, make_receiver(queue, secret, fetcher.wake), fetcher)
            client.close()  # ends imports under way, whose videos stay in the queue
            return await _summarize(arguments, queue, fetcher)
        except StateError as error:
            raise Failure(str(error)) from error
        finally:
            await queue.close()


def _secret(arguments: argparse.Namespace) -> Secret:
    """Read what callbacks have to know. Raises `Failure`, which does not show it."""
    path: Path | None = arguments.secret_file
    secret: Secret | None
    try:
        text = os.environ.get(SECRET_VARIABLE, "") if path is None else path.read_text(encoding="ascii")
        secret = Secret(text.strip())
    except ValueError:
        secret = None
    except OSError as error:
        raise Failure(f"--secret-file {path}: {error.strerror}", code=2) from None
    where = SECRET_VARIABLE if path is None else f"--secret-file {path}"
    if secret is None or len(secret.reveal()) < LEAST_SECRET:
        raise Failure(
            f"{where}: give a secret of {LEAST_SECRET} or more printable ASCII characters without spaces, such as "
            "`openssl rand -hex 32` makes",
            code=2,
        )
    return secret


@contextmanager
def _listening(address: str) -> Iterator[socket.socket]:
    """Listen on `HOST:PORT`; port 0 takes a free one."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise Failure(f"--listen {address}: give HOST:PORT", code=2)
    try:
        family, kind, protocol, _, found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
        # With its protocol named, or asyncio would not switch off the delay that puts 40 ms before every answer.
        opened = socket.socket(family, kind, protocol or socket.IPPROTO_TCP)
    except OSError as error:
        raise Failure(f"cannot listen on {address}: {error}", code=2) from None
    with opened:
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(found)
            opened.listen(_BACKLOG)
        except OSError as error:
            raise Failure(f"cannot listen on {address}: {error.strerror}") from None
        yield opened


async def _summarize(arguments: argparse.Namespace, queue: VideoQueue, fetcher: Fetcher) -> int:
    """Print what was done, and what was not."""
    imported = fetcher.counts["imported"]
    waiting, _ = await queue.counts()
    failed = await queue.failed()
    if arguments.json:
        print_json({"imported": imported, "waiting": waiting, "failed": failed})
    else:
        errors = Screen(errors=True)
        for video_id, reason in failed.items():
            errors.print(plain(f"failed {video_id}: {reason}"), soft_wrap=True)
        print(f"stopped: {imported:,} imported, {waiting:,} waiting, {len(failed):,} failed")
    return 1 if failed else 0
