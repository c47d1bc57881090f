"""The part of a catalog that a question is about."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index.filter import Filter
from ..index.port import View
from ..index.postings import Postings
from ..store.port import Catalog, Store
from .asked import Sought
from .conditions import Located, locate


class Scope(NamedTuple):
    """Which videos are counted, and where they are read."""

    store: Store
    catalog: Catalog
    view: View
    now: float | None
    """Only videos that are published and not expired then (Unix seconds); None: all."""
    allowed: Filter | None
    check: Callable[[], None]
    """Called now and then by what takes long; raises when nobody waits any more."""

    def postings(self, keys: NDArray[np.uint64]) -> Sequence[Postings]:
        """Tell, for each segment, which keyword sets have each of some terms."""
        return self.view.postings(keys, self.now, self.allowed)

    def locate(self, asked: Sequence[Sought]) -> list[Located]:
        """Tell, for each segment, where asked keywords are."""
        return locate(asked, self.view, self.now, self.allowed)
