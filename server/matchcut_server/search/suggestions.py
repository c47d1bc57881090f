"""Suggestions: the keywords of a catalog that resemble one which does not occur."""

from collections.abc import Sequence
from typing import NamedTuple

from ..index.port import View
from ..store.port import Catalog, Store
from .asked import Sought

MOST = 10
"""Keywords that are suggested for one."""


class Nearest(NamedTuple):
    """A keyword of the catalog."""

    keyword: str
    """In its most frequent spelling."""
    language: str
    """In which it is most frequent."""
    keyword_set_count: int
    """Keyword sets that have it: its df."""


class Suggestion(NamedTuple):
    """What an asked keyword may have been meant to be."""

    asked_keyword: str
    nearest: tuple[Nearest, ...]
    """Nearest first, equally near ones by df; at most `MOST`."""


def suggest(asked: Sequence[Sought], store: Store, catalog: Catalog, view: View) -> list[Suggestion]:
    """Return, for each keyword that does not occur in a catalog, the nearest that do. `asked`: those alone."""
    return [Suggestion(sought.asked.keyword, ()) for sought in asked]
