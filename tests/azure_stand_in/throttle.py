"""How many requests the stand-in takes in a second and in a minute."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests in any second and in any minute; None is without limit."""

    per_second: int | None = None
    per_minute: int | None = None


class Throttle:
    """Counts the requests that were taken in windows that slide."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.limits = Limits()
        self._clock = clock
        self._taken: deque[float] = deque()

    def wait(self) -> float | None:
        """Take a request, or return in how many seconds the next one is taken."""
        now = self._clock()
        while self._taken and self._taken[0] <= now - 60:
            self._taken.popleft()
        for most, window in ((self.limits.per_minute, 60.0), (self.limits.per_second, 1.0)):
            inside = [time for time in self._taken if time > now - window]
            if most is not None and len(inside) >= most:
                return (inside[-most] if most else now) + window - now
        self._taken.append(now)
        return None
