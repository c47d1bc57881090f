"""The time a call has left."""

import time

import grpc

from ..errors import DeadlineExceeded
from ..index.follower import MAX_WAIT_SECONDS
from ..insights.timespan import MAX_SECONDS


class Deadline:
    """When a call must be answered."""

    def __init__(self, context: grpc.ServicerContext) -> None:
        self._context = context
        remaining = time_remaining(context)
        self._total = remaining
        self._end = None if remaining is None else time.monotonic() + remaining

    def check(self) -> None:
        """Raise `DeadlineExceeded` if nobody waits for the answer any more."""
        if not self._context.is_active() or (self._end is not None and time.monotonic() >= self._end):
            raise DeadlineExceeded

    def is_near(self) -> bool:
        """Tell whether less than a tenth of the time is left, so that what is ready should be sent."""
        return self._end is not None and self._total is not None and self._end - time.monotonic() < self._total / 10


def time_remaining(context: grpc.ServicerContext) -> float | None:
    """Return the seconds a call has left; None if it has no deadline."""
    # Without a deadline gRPC says None or, unlike its types and documents, some centuries.
    remaining: float | None = context.time_remaining()
    return None if remaining is None or remaining > MAX_SECONDS else remaining


def wait_seconds(context: grpc.ServicerContext) -> float:
    """Return how long a read may wait for the index to catch up."""
    remaining = time_remaining(context)
    return MAX_WAIT_SECONDS if remaining is None else min(MAX_WAIT_SECONDS, remaining)
