"""What is measured, and how it is told."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One line of the table; all but `what` may be empty."""

    what: str
    videos: int | None = None
    """In the catalog."""
    median: str = ""
    p99: str = ""
    beside: str = ""
    """The ratio to what was measured beside it in the same run."""


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    sizes: tuple[int, ...]
    """Videos of the catalogs."""
    rounds: int
    queries: int
    """Searches in a round."""
    calls: int
    """RPCs in a round."""
    documents: int
    """Imported in a round."""
    whole_documents: int
    writes: int
    """Followed by a search each."""
    catalogs: int
    """Small ones, in one process."""


FULL = Scale(
    (10_000, 100_000), rounds=3, queries=200, calls=600, documents=1_600, whole_documents=100, writes=30, catalogs=5_000
)
QUICK = Scale((10_000,), rounds=1, queries=50, calls=100, documents=400, whole_documents=20, writes=5, catalogs=100)


def timed(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[float, T]:
    """Return the seconds a call takes, and its result."""
    start = time.perf_counter()
    result = function(*args, **kwargs)
    return time.perf_counter() - start, result


def median(values: Sequence[float]) -> float:
    """Return the value in the middle."""
    return float(np.median(values))


def p99(values: Sequence[float]) -> float:
    """Return the value that one of a hundred exceeds."""
    return float(np.percentile(values, 99))


def duration(seconds: float) -> str:
    """Write a time in the unit that suits it."""
    if seconds >= 1:
        return f"{_digits(seconds)} s"
    if seconds >= 1e-3:
        return f"{_digits(seconds * 1e3)} ms"
    return f"{_digits(seconds * 1e6)} µs"


def rate(per_second: float, what: str) -> str:
    """Write how many of something were done in a second."""
    return f"{_digits(per_second)} {what}/s"


def amount(number: float, unit: str) -> str:
    """Write a number with a unit."""
    return f"{_digits(number)} {unit}"


def ratio(number: float, to: str) -> str:
    """Write how many times as much as something else it is."""
    return f"{_digits(number)} × {to}"


def resident_bytes() -> int:
    """Return the memory this process occupies; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(process: int) -> float:
    """Return the CPU time a process has used, in steps of 10 ms; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _digits(number: float) -> str:
    """Three significant digits: more would be noise."""
    if number >= 1000:
        return f"{round(number, 2 - int(np.log10(number))):,.0f}"
    return f"{number:.3g}"
