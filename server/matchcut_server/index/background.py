"""Work that is done again and again, in a thread of its own, whatever goes wrong with it."""

import threading
import time
import traceback
from collections.abc import Callable

import structlog

from ..errors import MatchcutError

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
"""How long to leave alone what has failed: twice as long each time."""


class Pause:
    """How long to leave something alone that has failed: `first` seconds, then ever longer, up to `longest`.

    One thread at a time uses it.
    """

    def __init__(
        self,
        first: float = FIRST_PAUSE_SECONDS,
        longest: float = LONGEST_PAUSE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._first = first
        self._longest = longest
        self._clock = clock
        self._seconds = 0.0
        self._end = 0.0

    @property
    def left(self) -> float:
        """Seconds that are left of it; 0 if it is over."""
        return max(self._end - self._clock(), 0.0) if self._seconds else 0.0

    def failed(self) -> None:
        """Begin a pause, longer than the last."""
        self._seconds = min(max(2 * self._seconds, self._first), self._longest)
        self._end = self._clock() + self._seconds

    def worked(self) -> None:
        """Have the next one begin as the first."""
        self._seconds = 0.0


class Background:
    """Calls `work` every `seconds`, and at once after it has said that there is more to do, or when woken.

    What `work` raises is logged, and it is called again after a pause. Started and stopped once.
    """

    def __init__(self, name: str, work: Callable[[], bool], seconds: float) -> None:
        self._name = name
        self._work = work
        self._seconds = seconds
        self._pause = Pause()
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Have `work` called now."""
        self._woken.set()

    def stop(self) -> None:
        """End, and wait for the call that runs."""
        self._stopped.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                seconds = 0.0 if self._work() else self._seconds
            except Exception as error:  # noqa: BLE001 - nothing may end the thread
                log_trouble(self._name, error)
                self._pause.failed()
                self._stopped.wait(self._pause.left)
            else:
                self._pause.worked()
                self._woken.wait(seconds)
                self._woken.clear()


def log_trouble(work: str, error: Exception, **more: object) -> None:
    """Log what went wrong. The text of an exception may quote what is stored, so only its type and place are kept."""
    if isinstance(error, MatchcutError) and error.__cause__ is not None:
        more["cause"] = repr(error.__cause__)  # SQLite's words, say: of files and locks
    where = "".join(traceback.format_tb(error.__traceback__))
    structlog.get_logger("matchcut.index").warning(
        "trouble", work=work, error=type(error).__name__, where=where, **more
    )
