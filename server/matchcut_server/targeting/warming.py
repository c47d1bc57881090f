"""Warming: the compiled loops of placements are made ready before the first request."""

from ..index.memory import MemoryIndex
from ..insights.language import DEFAULT_LANGUAGE
from ..insights.model import Instance, Keyword, KeywordSet
from ..store.port import DEFAULT_CATALOG, Catalog
from ..vectors.profile import Interest
from ..vectors.settings import CatalogSettings
from .fitting import Promoted
from .promotion import Promotion
from .screens import Document, lay_out


def warm() -> None:
    """Find the moments of a small document: loops are compiled then, or read from where they were kept compiled."""
    made = KeywordSet(DEFAULT_LANGUAGE, [Keyword("film festival", 1.0, (Instance(0.0, 1.0), Instance(5.0, 6.0)))])
    for column in (made.bounds, made.starts, made.ends, made.confidences):
        column.setflags(write=False)  # as those are that come out of the store
    catalog = Catalog(0, DEFAULT_CATALOG, CatalogSettings(), 0)
    view = MemoryIndex().view()
    (video,) = lay_out([Document("", 10.0, [made])], view, catalog.settings)
    promoted = Promoted(Promotion("", (Interest("film festival"),)), catalog, view)
    assert promoted.moments(video, catalog.settings.scheme)
