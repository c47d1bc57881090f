"""What goes wrong between a caller and Azure, at random but the same in every run."""

import random
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """One way in which a request comes to nothing, or nearly."""

    SERVER_ERROR = "server error"
    """500 GENERAL."""
    TIMEOUT = "timeout"
    """504 SERVER_TIMEOUT."""
    BAD_GATEWAY = "bad gateway"
    """502 with a page of HTML, as something between the two answers."""
    THROTTLED = "throttled"
    """429 in one of its forms."""
    SLOW = "slow"
    """In order, but late, half of it before and half of it in the middle of the body."""
    CUT = "cut"
    """The connection ends in the middle of the body, so that HTTP itself says that something is missing."""
    DROPPED = "dropped"
    """The connection is reset without an answer."""
    TRUNCATED = "truncated"
    """Half of the body in an answer that is in order as far as HTTP can tell."""


USUAL = frozenset(Fault) - {Fault.TRUNCATED}


@dataclass(slots=True)
class Faults:
    """Which requests meet which fault: told by the seed, the request, and how often it was tried before.

    So the order in which requests arrive doesn't matter, and runs repeat.
    """

    rate: float = 0.0
    """The share of the requests that meet a fault."""
    seed: int = 0
    kinds: AbstractSet[Fault] = USUAL
    calls: AbstractSet[str] = frozenset({"videos", "projects", "index", "token"})
    """Kinds of requests that may meet one."""
    in_a_row: int = 3
    """One request meets at most so many in succession."""
    retry_after: int = 0
    """Seconds that 429 asks for."""
    slow_seconds: float = 0.05
    _tries: dict[str, int] = field(default_factory=dict)
    _succession: dict[str, int] = field(default_factory=dict)

    def pick(self, kind: str, key: str) -> Fault | None:
        """Return what this try of a request meets."""
        if kind not in self.calls or not self.kinds:
            return None
        tries = self._tries[key] = self._tries.get(key, 0) + 1
        chance = random.Random(f"{self.seed} {tries} {key}")
        met = chance.random() < self.rate and self._succession.get(key, 0) < self.in_a_row
        self._succession[key] = self._succession.get(key, 0) + 1 if met else 0
        return chance.choice(sorted(self.kinds)) if met else None
