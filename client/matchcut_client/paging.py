"""Pages, one after the other."""

from collections.abc import Callable, Iterator
from typing import ParamSpec, Protocol, TypeVar

__all__ = ["pages"]

P = ParamSpec("P")


class Page(Protocol):
    """An answer that others may follow."""

    @property
    def next_page_token(self) -> str:
        """Token of the next page; empty when there is none."""


PageT = TypeVar("PageT", bound=Page)


def pages(method: Callable[P, PageT], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[PageT]:
    """Yield the pages of a paged method, asking for each as it is needed.

        for page in pages(client.recommend_videos, ["england"], page_size=100):
            print(page.recommendations)

    The other arguments are those of the method.
    """
    while True:
        page = method(*args, **kwargs)
        yield page
        if not page.next_page_token:
            return
        kwargs["page_token"] = page.next_page_token
