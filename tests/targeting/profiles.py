"""Profiles for tests, and their scores by the formulas alone."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from hypothesis import strategies as st

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import View
from matchcut_server.insights.model import Video
from matchcut_server.profiles.credit import credit_of
from matchcut_server.profiles.derived import derive, profile_of
from matchcut_server.profiles.model import CreditedEvent, Declared, Event, EventKind, ProfileSettings, StoredProfile
from matchcut_server.store.profile_port import FollowedProfile
from matchcut_server.vectors.mixture import Weighable, WeightedTerms
from matchcut_server.vectors.profile import Interest, make_profile
from matchcut_server.vectors.settings import CatalogSettings
from tests import makers

SETTINGS = CatalogSettings()
PROFILE_SETTINGS = ProfileSettings()

VIDEOS = (
    makers.video("castles", "Castle", "Scottish castle", "Moat"),
    makers.video("films", "Film festival", "Film", "Cannes festival"),
    makers.video("cooking", "Bread", "Rye bread", makers.keyword_set("de-DE", "Brot", "Roggenbrot", "Festivals")),
    makers.video("trains", "Steam train", "Scottish railway", "Festivals"),
)
WORDS = (
    "castle",
    "Scottish castle",
    "film",
    "film festival",
    "bread",
    "Festivals",
    "steam train",
    "unheard of",
    "moats",
)


def catalog_view(videos: Iterable[Video] = VIDEOS) -> View:
    """Return an index of some videos."""
    index = MemoryIndex()
    index.apply([makers.indexed(one) for one in videos], 1)
    return index.view()


weights = st.sampled_from((1.0, 2.0, 0.5, 1.0, -1.0, -0.25))
interests = st.builds(Interest, st.sampled_from(WORDS), weights, st.sampled_from(("", "", "en", "de")))


@st.composite
def events(draw: st.DrawFn) -> tuple[CreditedEvent, ...]:
    """Draw events with their credits."""
    found = []
    for number in range(draw(st.integers(0, 3))):
        video = draw(st.sampled_from(VIDEOS))
        kind = draw(st.sampled_from((EventKind.VIEW, EventKind.LIKE, EventKind.DISLIKE)))
        event = Event(f"e{number}", "", kind, 1e9 + 1000 * number, video.video_id)
        found.append(CreditedEvent(event, 1.0, credit_of(video, (), SETTINGS)))
    return tuple(found)


@st.composite
def followed(draw: st.DrawFn, profile_id: int) -> FollowedProfile:
    """Draw a profile of a user."""
    declared = Declared(
        tuple(draw(st.lists(interests, max_size=4))),
        {"plan": (draw(st.sampled_from(("free", "paid"))),)} if draw(st.booleans()) else {},
        targeting_allowed=draw(st.sampled_from((True, True, True, False))),
        derived_share=draw(st.sampled_from((None, 0.0, 0.3, 1.0))),
    )
    last = draw(st.one_of(st.none(), st.sampled_from((1e9, 1.1e9))))
    # The ids are not in the order of the numbers.
    profile = StoredProfile(f"user-{profile_id * 7 % 10}-{profile_id}", declared, 0, last, profile_id, 1)
    return FollowedProfile(profile_id, profile_id, profile, draw(events()))


def some_followed(most: int = 12) -> st.SearchStrategy[list[FollowedProfile]]:
    """Draw profiles with numbers from 1 on."""
    return st.integers(1, most).flatmap(lambda count: st.tuples(*map(followed, range(1, count + 1))).map(list))


def whole_profile(one: FollowedProfile, view: View, settings: ProfileSettings = PROFILE_SETTINGS) -> Weighable:
    """Return what a recommendation takes for the profile of the user."""
    assert one.profile is not None
    declared = one.profile.declared
    stated = make_profile(declared.interests, list(view.languages), view.knows, SETTINGS)
    share = settings.derived_share if declared.derived_share is None else declared.derived_share
    return profile_of(stated, derive(one.events, settings, settings.half_life_days), share)


def naive_unit(profile: Weighable, view: View) -> dict[int, float]:
    """Weigh a profile by the formulas: each part of length 1 in each block, mixed, of length 1; the blocks alike."""
    blocks = []
    for name in ("phrases", "words"):
        mixed: dict[int, float] = defaultdict(float)
        for part in profile.parts:
            for key, weight in _of_length_1(_idf_weighted(getattr(part, name), view)).items():
                mixed[key] += part.share * weight
        blocks.append(_of_length_1({key: weight if abs(weight) > 1e-12 else 0.0 for key, weight in mixed.items()}))
    half = math.sqrt(0.5) if all(blocks) else 1.0
    return {key: half * weight for block in blocks for key, weight in block.items()}


def naive_scores(
    profiles: Iterable[FollowedProfile], promotion: Weighable, view: View, settings: ProfileSettings = PROFILE_SETTINGS
) -> dict[int, float]:
    """Return the cosine of each profile that may be found with a promotion."""
    asked = naive_unit(promotion, view)
    found = {}
    for one in profiles:
        if one.profile is not None and one.profile.declared.targeting_allowed:
            own = naive_unit(whole_profile(one, view, settings), view)
            found[one.profile_id] = math.fsum(weight * own.get(key, 0.0) for key, weight in asked.items())
    return found


def promotion_of(stated: Sequence[Interest], view: View) -> Weighable:
    """Return the profile of a promotion of some keywords."""
    return make_profile(stated, list(view.languages), view.knows, SETTINGS)


def lists(profiles: Sequence[FollowedProfile], size: int = 5) -> Iterator[list[FollowedProfile]]:
    """Cut profiles into lists."""
    for start in range(0, len(profiles), size):
        yield list(profiles[start : start + size])


def _idf_weighted(terms: WeightedTerms, view: View) -> dict[int, float]:
    idf = view.idf_of(terms.keys).tolist()
    return {
        key: weight * of_term
        for key, weight, of_term in zip(terms.keys.tolist(), terms.weights.tolist(), idf, strict=True)
    }


def _of_length_1(own: Mapping[int, float]) -> dict[int, float]:
    length = math.sqrt(math.fsum(weight * weight for weight in own.values()))
    return {key: weight / length if length else weight for key, weight in own.items()}
