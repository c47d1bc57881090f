"""Warming: the loops that find moments are made ready before the first search."""

import numpy as np

from ..insights.model import Instance, Keyword, KeywordSet
from ..vectors.settings import CatalogSettings
from .asked import AskedKeyword, Sought, keys_of
from .conditions import Conditions
from .moments import MomentFinder


def warm() -> None:
    """Find moments in a small keyword set: loops are compiled then, or read from where they were kept compiled."""
    settings = CatalogSettings()
    keys = keys_of("london", "", settings)
    assert keys is not None
    london = Sought(AskedKeyword("london"), np.array([keys.phrase], dtype=np.uint64), (keys,))
    keyword_set = KeywordSet("en", (Keyword("london", 1.0, (Instance(0.0, 1.0),)),))
    for within in (None, 1.0):
        conditions = Conditions((london,), (london,), (), within, (1, 1), np.ones(2))
        MomentFinder(conditions, settings).find(keyword_set, 0.0)
