"""Waiting for what another thread makes, as long as somebody waits for the answer."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ASK_SECONDS = 0.05
"""How often it is asked whether anybody waits."""


@contextmanager
def held(lock: threading.Lock, check: Callable[[], None]) -> Iterator[None]:
    """Hold a lock. `check` is called while others have it; what it raises ends the waiting."""
    while not lock.acquire(timeout=ASK_SECONDS):
        check()
    try:
        yield
    finally:
        lock.release()
