"""Warming: what is compiled on its first call is compiled before anybody waits for it."""

from ..index.memory import MemoryIndex
from ..profiles.model import Declared, ProfileSettings, StoredProfile
from ..store.profile_port import FollowedProfile
from ..vectors.profile import Interest, make_profile
from ..vectors.settings import CatalogSettings
from .index import AudienceIndex, Wanted


def warm() -> None:
    """Match one profile in memory."""
    catalog, settings = MemoryIndex().view(), CatalogSettings()
    index = AudienceIndex(settings, ProfileSettings(), catalog)
    interest = Interest("warm")
    declared = Declared((interest,), targeting_allowed=True)
    index.apply([FollowedProfile(1, 1, StoredProfile("warm", declared, 0, None, 1, 1))])
    index.view(catalog, 1).match(make_profile([interest], [], catalog.knows, settings), Wanted(1))
