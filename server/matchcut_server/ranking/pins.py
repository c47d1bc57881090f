"""Pinned videos: those that have a fixed place in the list, whatever their score."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


def with_pinned(others: Iterable[T], pinned: Mapping[int, T], offset: int, size: int, *, is_end: bool) -> list[T]:
    """Return a page of at most `size` videos, the first of which has the position `offset` in the list.

    `others`: what follows in the list from there on, without the pinned videos of this page or a later one; no more of
    them are taken than needed. `pinned`: the videos that can be returned, by position; of one that cannot, the next
    takes the place. Those before the page have had their turn. `is_end`: whether nothing follows `others`; pinned
    videos whose positions the list does not reach then come last, in their order.
    """
    waiting = deque(sorted(position for position in pinned if position >= offset))
    rest = iter(others)
    page: list[T] = []
    while len(page) < size:
        if waiting and waiting[0] == offset + len(page):
            page.append(pinned[waiting.popleft()])
            continue
        try:
            page.append(next(rest))
        except StopIteration:
            break
    if is_end:
        page += [pinned[position] for position in waiting][: size - len(page)]
    return page
