"""Compiling: numba's decorator, set up once for all kernels."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numba

P = ParamSpec("P")
T = TypeVar("T")


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a function on its first call, and keep the result if there is a folder for it; it runs without the GIL.

    No `fastmath`: it may assume away the infinities and the order of sums that exact answers rest on.
    """
    try:
        kernel: Any = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # neither beside the source nor in the user's cache may anything be written
        kernel = numba.njit(nogil=True)(function)
    return kernel  # type: ignore[no-any-return]  # numba's dispatcher is called as the function is
