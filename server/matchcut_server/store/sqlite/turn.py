"""Turns of processes: which of those that share a data folder writes."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.001


@contextmanager
def process_turn(folder: Path, timeout: float) -> Iterator[None]:
    """Hold off other processes that write to the store of a folder.

    SQLite could do it alone, but lets those that wait sleep ever longer: of eight busy processes some waited for
    seconds. A lock on the folder, asked for every millisecond, gives all the same chance. Raises
    `sqlite3.OperationalError` if the others leave no turn within `timeout` seconds.
    """
    end = time.monotonic() + timeout
    held = os.open(folder, os.O_RDONLY)
    try:
        while not _lock(held):
            if time.monotonic() > end:
                message = "other processes write"
                raise sqlite3.OperationalError(message)
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(held)  # and lets go of the lock


def _lock(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
