"""After warming an audience waits for no compiler."""

from typing import Any

from matchcut_server.index import kernels
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.profiles.model import Declared, ProfileSettings, StoredProfile
from matchcut_server.store.profile_port import FollowedProfile
from matchcut_server.targeting.index import AudienceIndex, Wanted
from matchcut_server.targeting.warming import warm
from matchcut_server.vectors.profile import Interest, make_profile
from matchcut_server.vectors.settings import CatalogSettings


def test_an_audience_after_warming_waits_for_no_compiler() -> None:
    warm()
    scan: Any = kernels.scan
    warmed = len(scan.signatures)
    videos, settings = MemoryIndex().view(), CatalogSettings()
    index = AudienceIndex(settings, ProfileSettings(), videos)
    declared = Declared((Interest("london"),), targeting_allowed=True)
    index.apply([FollowedProfile(i, i, StoredProfile(f"u{i}", declared, 0, None, 1, i)) for i in range(1, 6)])
    found = index.view(videos, 5).match(make_profile(declared.interests, [], videos.knows, settings), Wanted(5))
    assert len(found) == 5
    assert len(scan.signatures) == warmed
