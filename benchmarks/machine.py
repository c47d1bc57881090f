"""The machine and the versions that figures belong to; nothing that tells whose machine it is."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = ("numpy", "numba", "grpcio", "protobuf", "msgspec", "PyStemmer")
_RIVALS = ("scipy", "scikit-learn", "sparse-dot-topn", "bm25s", "tantivy")


def describe() -> list[tuple[str, str]]:
    """Return names and values."""
    return [
        ("processor", f"{_processor()}, {len(os.sched_getaffinity(0))} cores"),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("system", f"{platform.system()} {platform.machine()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("libraries", _versions(_LIBRARIES) + f", SQLite {sqlite3.sqlite_version}"),
        ("rivals", _versions(_RIVALS)),
        ("load when it began", f"{os.getloadavg()[0]:.1f} (mean of a minute)"),
    ]


def _versions(names: Sequence[str]) -> str:
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not there"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
