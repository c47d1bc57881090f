"""Batches: many profiles over one view, in several threads. Kernels hold no lock, so threads use several cores."""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..vectors.mixture import Weighable
from .filter import Filter
from .port import Hit, View


def search_batch(
    view: View,
    profiles: Sequence[Weighable],
    limit: int,
    now: float,
    allowed: Filter | None = None,
    excluded: Collection[str] = (),
    threads: int = 1,
) -> list[list[Hit]]:
    """Return what `View.search` returns for each profile, in their order."""

    def search(profile: Weighable) -> list[Hit]:
        return view.search(profile, limit, now, allowed, excluded)

    if threads == 1:
        return list(map(search, profiles))
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(search, profiles))
