"""Warming: what is compiled on its first call is compiled before anybody waits for it."""

from ..index.memory import MemoryIndex
from ..insights.language import DEFAULT_LANGUAGE
from ..insights.model import Instance, Keyword, KeywordSet
from ..profiles.model import Declared, ProfileSettings, StoredProfile
from ..store.port import DEFAULT_CATALOG, Catalog
from ..store.profile_port import FollowedProfile
from ..vectors.profile import Interest, make_profile
from ..vectors.settings import CatalogSettings
from .fitting import Promoted
from .index import AudienceIndex, Wanted
from .promotion import Promotion
from .screens import Document, lay_out

_INTEREST = Interest("film festival")


def warm() -> None:
    """Match two profiles in memory, and find the moments of a small document."""
    _warm_audiences()
    _warm_placements()


def _warm_audiences() -> None:
    catalog, settings = MemoryIndex().view(), CatalogSettings()
    index = AudienceIndex(settings, ProfileSettings(), catalog)
    declared = Declared((_INTEREST,), targeting_allowed=True)
    # Two, because numpy takes a column of one row for contiguous, which is another type to the compiler.
    index.apply([FollowedProfile(i, i, StoredProfile(f"warm{i}", declared, 0, None, 1, i)) for i in (1, 2)])
    index.view(catalog, 2).match(make_profile([_INTEREST], [], catalog.knows, settings), Wanted(1))


def _warm_placements() -> None:
    made = KeywordSet(DEFAULT_LANGUAGE, [Keyword("film festival", 1.0, (Instance(0.0, 1.0), Instance(5.0, 6.0)))])
    for column in (made.bounds, made.starts, made.ends, made.confidences):
        column.setflags(write=False)  # as those are that come out of the store
    catalog = Catalog(0, DEFAULT_CATALOG, CatalogSettings(), 0)
    view = MemoryIndex().view()
    (video,) = lay_out([Document("", 10.0, [made])], view, catalog.settings)
    promoted = Promoted(Promotion("", (_INTEREST,)), catalog, view)
    assert promoted.moments(video, catalog.settings.scheme)
