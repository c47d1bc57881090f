"""What has arrived at the stand-in, and when."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

SECONDS = 30.0
"""No test waits longer for a request."""


@dataclass(slots=True)
class Request:
    """A request; what is not yet known while it is being answered is None."""

    kind: str
    time: float
    """On the clock of the stand-in, in seconds."""
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case, without `authorization`."""
    video_id: str | None = None
    status: int | None = None
    fault: str | None = None

    @property
    def key(self) -> str:
        """What two tries of one request have in common."""
        return f"{self.method} {self.path} {sorted(self.query.items())}"


class Requests:
    """All requests in order of arrival."""

    def __init__(self) -> None:
        self.most_at_once = 0
        """So many were being answered at one time."""
        self._all: list[Request] = []
        self._open = 0
        self._changed = threading.Condition()

    def __iter__(self) -> Iterator[Request]:
        with self._changed:
            return iter(list(self._all))

    def __len__(self) -> int:
        return len(self._all)

    def count(self, kind: str | None = None) -> int:
        """Return how many of a kind, or at all, have arrived."""
        return len(self.times(kind))

    def times(self, kind: str | None = None) -> list[float]:
        """Return when those of a kind, or all, have arrived."""
        return [request.time for request in self if kind in {None, request.kind}]

    def videos(self, kind: str = "index") -> list[str | None]:
        """Return the ids of the videos that were asked for."""
        return [request.video_id for request in self if request.kind == kind]

    def clear(self) -> None:
        """Forget all of them."""
        with self._changed:
            self._all.clear()
            self.most_at_once = self._open

    def wait_for(self, kind: str, count: int, seconds: float = SECONDS) -> None:
        """Wait until so many of a kind have arrived; raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: sum(one.kind == kind for one in self._all) >= count, seconds):
                raise TimeoutError(f"fewer than {count} requests of the kind {kind} in {seconds} s")

    def arrive(self, request: Request) -> None:
        """Add one that is to be answered."""
        with self._changed:
            self._all.append(request)
            self._open += 1
            self.most_at_once = max(self.most_at_once, self._open)
            self._changed.notify_all()

    def leave(self) -> None:
        """Count one as answered."""
        with self._changed:
            self._open -= 1
