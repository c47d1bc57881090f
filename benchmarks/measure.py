"""What is measured, and how it is told."""

import ctypes
import gc
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np
import structlog

P = ParamSpec("P")
T = TypeVar("T")

_ENOUGH = 100
"""Values that have a p99."""


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
    served: tuple[int, ...]
    """Videos of the catalogs that servers and the store hold."""
    larger: tuple[int, ...]
    """And of those that growth is measured with, and ..."""
    larger_served: tuple[int, ...]
    """... the start of a server."""
    rounds: int
    queries: int
    """Searches in a round."""
    seconds: float
    """What is slow is asked less often, so that it takes about so long in all."""
    calls: int
    """RPCs in a round."""
    documents: int
    """Imported in a round."""
    whole_documents: int
    writes: int
    """Followed by a search each."""
    catalogs: int
    """Small ones, in one process."""
    batches: int
    """Of 1,000 events or profiles, written in a round."""
    profiles: int
    """Stored ones, in one catalog."""
    audiences: tuple[int, ...]
    """Users among whom promotions look for theirs."""
    job_users: int
    """Stored ones of a job over all of them."""
    extras: bool
    """Whether the rivals are there that only the benchmarks need."""
    built: int | None
    """Rivals whose build and memory are measured; None: all."""


FULL = Scale(
    sizes=(10_000, 100_000, 1_000_000),
    served=(10_000, 100_000),
    larger=(),
    larger_served=(),
    rounds=3,
    queries=100,
    seconds=4.0,
    calls=400,
    documents=1_600,
    whole_documents=100,
    writes=30,
    catalogs=5_000,
    batches=8,
    profiles=1_000_000,
    audiences=(100_000,),
    job_users=20_000,
    extras=True,
    built=None,
)
LARGEST = replace(FULL, larger=(3_000_000,), larger_served=(1_000_000,), audiences=(100_000, 1_000_000))
QUICK = Scale(
    sizes=(10_000,),
    served=(10_000,),
    larger=(),
    larger_served=(),
    rounds=1,
    queries=50,
    seconds=0.5,
    calls=100,
    documents=400,
    whole_documents=20,
    writes=5,
    catalogs=100,
    batches=1,
    profiles=1_000,
    audiences=(1_000,),
    job_users=3_000,
    extras=False,
    built=1,
)


def log_little() -> None:
    """Log as little as a server does by default, for what nobody reads takes time; for this process."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


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


def p99_text(values: Sequence[float]) -> str:
    """Write the p99 of times; of too few there is none."""
    return duration(p99(values)) if len(values) >= _ENOUGH else ""


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


class Memory(NamedTuple):
    """Bytes that a process occupies."""

    own: int
    """Not from files: no other process can use them."""
    mapped: int
    """From files: all processes of the machine that map them share them, programs and libraries included."""


def occupied() -> Memory:
    """Return the memory this process occupies; zeros where the system does not tell."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # glibc keeps what is freed, for later
        trim(0)
    try:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    except OSError:
        return Memory(0, 0)
    kilobytes = {line.partition(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
    own = kilobytes["Anonymous"]
    return Memory(own * 1024, (kilobytes["Rss"] - own) * 1024)


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process and those it started, in steps of 10 ms; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        started = _started(process)
    except OSError:
        return 0.0
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(cpu_seconds, started))


def resident_bytes(process: int) -> int:
    """Return the memory of a process and those it started, of what is shared each one's part; 0 as above."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        started = _started(process)
    except OSError:
        return 0
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return own * 1024 + sum(map(resident_bytes, started))


def _started(process: int) -> list[int]:
    paths = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for path in paths for child in path.read_text().split()]


def _digits(number: float) -> str:
    """Three significant digits: more would be noise."""
    if number >= 1000:
        return f"{round(number, 2 - int(np.log10(number))):,.0f}"
    return f"{number:.3g}"
