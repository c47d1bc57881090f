"""How many requests may be sent: exact limits for every second and every minute, and pauses that hold all callers."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

RATES: Mapping[float, int] = MappingProxyType({1.0: 10, 60.0: 120})
"""What Video Indexer allows: seconds of a window, and requests in it."""

_MARGIN = 0.001
"""Seconds that a request leaves the window later than it has to, so that rounding never puts it into two."""


class Clock(Protocol):
    """What measures time and lets it pass."""

    def now(self) -> float:
        """Return seconds since some moment; never less than before."""

    async def sleep(self, seconds: float) -> None:
        """Return after some seconds."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """Return seconds that no change of the machine's time moves."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep without holding up other tasks."""
        await asyncio.sleep(seconds)


class Limiter:
    """Lets callers through one by one, in the order they came: in any window at most as many as its rate allows."""

    def __init__(self, rates: Mapping[float, int] = RATES, clock: Clock | None = None) -> None:
        """Make a limiter.

        Args:
            rates: Length of a window in seconds, and how many may pass in any window of that length; both above 0.
            clock: What measures time. None: the machine's.
        """
        if not rates or any(seconds <= 0 or count < 1 for seconds, count in rates.items()):
            raise ValueError("a rate is 1 request or more in a time above 0 seconds")
        self._clock: Clock = clock or SystemClock()
        # Of each rate the last moments that matter: who comes next may pass once the first of them has left the window.
        self._passed = [(seconds, deque[float](maxlen=count)) for seconds, count in rates.items()]
        self._paused_until = float("-inf")
        self._turn = asyncio.Lock()

    async def acquire(self) -> None:
        """Return when a request may be sent."""
        async with self._turn:
            while (moment := self._clock.now()) < (free := self._free()):
                await self._clock.sleep(free - moment)
            for _, passed in self._passed:
                passed.append(moment)

    def pause(self, seconds: float) -> None:
        """Let nobody through for some seconds, not even those who wait already; the pause that ends last counts."""
        self._paused_until = max(self._paused_until, self._clock.now() + seconds)

    def _free(self) -> float:
        """Return the moment from which on the next one may pass."""
        moments = [passed[0] + seconds + _MARGIN for seconds, passed in self._passed if len(passed) == passed.maxlen]
        return max([self._paused_until, *moments])
