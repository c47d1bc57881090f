"""Time that passes only when somebody sleeps, and clients of the stand-in that don't wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from matchcut_server.azure.account import Account, Secret
from matchcut_server.azure.client import Patience, VideoIndexer
from matchcut_server.azure.http import Http
from matchcut_server.azure.limiter import Limiter
from matchcut_server.azure.token import ReadyToken, TokenSource
from tests.azure_stand_in.control import StandIn

IMPATIENT = Patience(first_wait=0.0, jitter=0.0)


class FakeClock:
    """A clock that stands still unless somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


def fast() -> Limiter:
    """Make a limiter that holds nobody up."""
    return Limiter({1.0: 1_000_000})


@asynccontextmanager
async def client(
    azure: StandIn,
    *,
    tokens: TokenSource | None = None,
    limiter: Limiter | None = None,
    patience: Patience = IMPATIENT,
    **http: Any,
) -> AsyncIterator[VideoIndexer]:
    """Open a client of a stand-in."""
    account = Account(azure.location, azure.account_id, azure.url)
    async with Http(**http) as opened:
        if tokens is None:
            token = Secret(azure.token())
            tokens = ReadyToken(lambda: token)
        yield VideoIndexer(account, tokens, opened, limiter or fast(), patience)
