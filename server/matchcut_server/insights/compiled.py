"""Compiled loops, for what is done so often that Python itself would be most of the work."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays when it is first called, and keep it on disk. Threads run beside it."""
    return cast("Function", njit(nogil=True, cache=True)(function))
