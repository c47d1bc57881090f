"""Compiling: numba's decorator, set up once for all kernels.

What is compiled is kept in a folder of the user's cache. numba notices when the file of a kernel changes, but not when
another file does from which it takes functions, types or constants; so the folder is named after all files of the
packages that have kernels, with those they import.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba

P = ParamSpec("P")
T = TypeVar("T")

_PACKAGES = ("index", "insights", "ranking", "search", "targeting", "vectors")
"""Of the server: those with kernels, and with what these are made of."""


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a function on its first call, and keep the result if there is a folder for it; it runs without the GIL.

    No `fastmath`: it may assume away the infinities and the order of sums that exact answers rest on.
    """
    try:
        kernel: Any = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # nowhere may anything be written
        kernel = numba.njit(nogil=True)(function)
    return kernel  # type: ignore[no-any-return]  # numba's dispatcher is called as the function is


def cache_name(modules: Iterable[Path]) -> str:
    """Name a folder for what is compiled from some modules: another one as soon as any of them changes."""
    digest = hashlib.blake2b(digest_size=8)
    for module in sorted(modules):
        digest.update(module.read_bytes())
    return f"matchcut-{digest.hexdigest()}"


def _keep_by_version() -> None:
    config: Any = numba.config
    base = config.CACHE_DIR or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    server = Path(__file__).parent.parent
    modules = [module for package in _PACKAGES for module in (server / package).rglob("*.py")]
    config.CACHE_DIR = str(Path(base) / cache_name(modules))


with suppress(OSError, RuntimeError):  # no sources, or no home: then beside them, or nowhere
    _keep_by_version()
