from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.index.planner import Kernel
from matchcut_server.index.port import View
from matchcut_server.profiles.filter import AllowsTargeting, HasAttribute, IsUser, LastEventBetween, ProfileFilter
from matchcut_server.profiles.model import Declared, StoredProfile
from matchcut_server.store.port import Catalog
from matchcut_server.store.profile_port import FollowedProfile
from matchcut_server.targeting.generation import AudienceGeneration, BuildOrigin, build
from matchcut_server.targeting.index import AudienceIndex, AudienceView, Members, Wanted
from matchcut_server.vectors.profile import Interest
from tests import makers
from tests.targeting.profiles import (
    PROFILE_SETTINGS,
    SETTINGS,
    VIDEOS,
    catalog_view,
    interests,
    lists,
    naive_scores,
    promotion_of,
    some_followed,
)

VIEW = catalog_view()
CATALOG = Catalog(1, "default", SETTINGS, 1, PROFILE_SETTINGS)
ALL = Wanted(100)

asked = st.lists(interests, min_size=1, max_size=5)


def in_memory(profiles: list[FollowedProfile], catalog: View = VIEW) -> AudienceView:
    index = AudienceIndex(SETTINGS, PROFILE_SETTINGS, catalog)
    for some in lists(profiles):
        index.apply(some)
        index.view(catalog, 0)
    return index.view(catalog, 0)


def in_a_file(profiles: list[FollowedProfile], folder: Path, catalog: View = VIEW, size: int = 4) -> AudienceGeneration:
    target = folder / "catalog-1-revision-1000.generation"
    build(lists(profiles), CATALOG, BuildOrigin(b"", 1000, catalog.table(), len(VIDEOS)), target, size)
    return AudienceGeneration(target)


def told(members: Members) -> dict[int, float]:
    return dict(zip(members.profile_ids.tolist(), members.scores.tolist(), strict=True))


def check(members: Members, naive: dict[int, float], profiles: list[FollowedProfile]) -> None:
    """All profiles that match, and no others, are there with their scores, in the right order."""
    found = told(members)
    assert all(naive[number] == pytest.approx(score, abs=1.1e-6) for number, score in found.items())
    assert {number for number, score in naive.items() if score > 2e-6} <= set(found)
    assert all(0.0 < score <= 1.0 for score in found.values())
    users = {one.profile_id: one.profile.user_id for one in profiles if one.profile is not None}
    ids = [members.user_id(place) for place in range(len(members))]
    assert ids == [users[number] for number in found]
    keys = list(zip((-score for score in found.values()), ids, strict=True))
    assert keys == sorted(keys)


@settings(max_examples=60)
@given(some_followed(), asked)
def test_in_memory_scores_are_the_cosines_of_the_formulas(
    profiles: list[FollowedProfile], stated: list[Interest]
) -> None:
    promotion = promotion_of(stated, VIEW)
    view = in_memory(profiles)
    members = view.match(promotion, ALL)
    check(members, naive_scores(profiles, promotion, VIEW), profiles)
    assert view.count(promotion, Wanted(1)) == len(members)


@pytest.mark.parametrize("kernel", [None, "pruned", "plain", "scan"])
def test_every_kernel_over_a_file_gives_what_memory_gives(kernel: Kernel | None, tmp_path: Path) -> None:
    @settings(max_examples=25)
    @given(some_followed(), asked, st.integers(1, 12))
    def check_kernel(profiles: list[FollowedProfile], stated: list[Interest], limit: int) -> None:
        promotion = promotion_of(stated, VIEW)
        index = AudienceIndex(SETTINGS, PROFILE_SETTINGS, in_a_file(profiles, tmp_path), kernel)
        wanted = Wanted(limit)
        expected, found = in_memory(profiles).match(promotion, wanted), index.view(VIEW, 0).match(promotion, wanted)
        assert told(found) == told(expected)
        assert found.profile_ids.tolist() == expected.profile_ids.tolist()

    check_kernel()


@settings(max_examples=40)
@given(some_followed(), some_followed(), asked, st.sets(st.integers(1, 12)))
def test_what_changes_beside_a_file_counts_as_in_a_new_one(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[FollowedProfile],
    after: list[FollowedProfile],
    stated: list[Interest],
    gone: set[int],
) -> None:
    folder = tmp_path_factory.mktemp("files")
    index = AudienceIndex(SETTINGS, PROFILE_SETTINGS, in_a_file(before, folder))
    index.view(VIEW, 0)
    index.apply(after)
    index.apply([FollowedProfile(99, number, None) for number in gone])
    now = {one.profile_id: one for one in (*before, *after) if one.profile_id not in gone}
    promotion = promotion_of(stated, VIEW)
    members = index.view(VIEW, 0).match(promotion, ALL)
    check(members, naive_scores(now.values(), promotion, VIEW), list(now.values()))


@settings(max_examples=40)
@given(some_followed(), asked)
def test_profiles_in_memory_follow_the_idf_and_the_words_of_the_catalog(
    profiles: list[FollowedProfile], stated: list[Interest]
) -> None:
    first = catalog_view(VIDEOS[:1])
    index = AudienceIndex(SETTINGS, PROFILE_SETTINGS, first)
    index.apply(profiles)
    index.view(first, 0)
    promotion = promotion_of(stated, VIEW)
    check(index.view(VIEW, 0).match(promotion, ALL), naive_scores(profiles, promotion, VIEW), profiles)


@settings(max_examples=25)
@given(some_followed(), asked)
def test_a_file_keeps_the_idf_it_was_built_with(
    tmp_path_factory: pytest.TempPathFactory, profiles: list[FollowedProfile], stated: list[Interest]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    index = AudienceIndex(SETTINGS, PROFILE_SETTINGS, in_a_file(profiles, folder))
    grown = catalog_view([*VIDEOS, makers.video("more", "Castle", "Bread", "Castles in Spain")])
    index.apply(profiles[:2])
    promotion = promotion_of(stated, VIEW)
    check(index.view(grown, 0).match(promotion, ALL), naive_scores(profiles, promotion, VIEW), profiles)


conditions = st.one_of(
    st.builds(HasAttribute, st.just("plan"), st.sampled_from((frozenset(), frozenset({"paid"}), frozenset({"x"})))),
    st.builds(LastEventBetween, st.sampled_from((None, 1.05e9)), st.sampled_from((None, 1.05e9, 2e9))),
    st.builds(IsUser, st.just(frozenset({"user-7-1", "user-1-3", "user-4-2", "nobody"}))),
    st.builds(AllowsTargeting, st.booleans()),
)
some_conditions = st.lists(conditions, max_size=2).map(tuple)


@settings(max_examples=60)
@given(
    some_followed(),
    st.builds(ProfileFilter, some_conditions, some_conditions, some_conditions),
    st.sets(st.integers(1, 12), max_size=3),
    st.sampled_from((0.0, 0.2, 0.5)),
    st.booleans(),
)
def test_only_allowed_profiles_are_found(
    tmp_path_factory: pytest.TempPathFactory,
    profiles: list[FollowedProfile],
    allowed: ProfileFilter,
    excluded: set[int],
    least: float,
    in_file: bool,
) -> None:
    promotion = promotion_of([Interest("film festival"), Interest("castle", 0.5)], VIEW)
    if in_file:
        file = in_a_file(profiles, tmp_path_factory.mktemp("files"))
        view = AudienceIndex(SETTINGS, PROFILE_SETTINGS, file).view(VIEW, 0)
    else:
        view = in_memory(profiles)
    users = {one.profile.user_id: one.profile_id for one in profiles if one.profile is not None}
    may = {
        one.profile_id
        for one in profiles
        if one.profile is not None and allowed.allows(one.profile) and one.profile_id not in excluded
    }
    everyone = told(view.match(promotion, ALL))
    wanted = Wanted(100, least, allowed, users, frozenset(excluded))
    expected = {number: score for number, score in everyone.items() if number in may and score >= least}
    assert told(view.match(promotion, wanted)) == expected
    assert view.count(promotion, wanted) == len(expected)


def test_a_view_stays_as_it_is() -> None:
    castle = promotion_of([Interest("castle")], VIEW)
    index = AudienceIndex(SETTINGS, PROFILE_SETTINGS, VIEW)
    profile = some_profile("castle")
    index.apply([profile])
    before = index.view(VIEW, 0)
    index.apply([FollowedProfile(2, 1, None)])
    assert len(before.match(castle, ALL)) == 1
    assert len(index.view(VIEW, 0).match(castle, ALL)) == 0


def test_two_dislikes_agree() -> None:
    """Who pushes away what a promotion pushes away is suited by it, also by the lists of a file."""
    promotion = promotion_of([Interest("castle", 0.1), Interest("bread", -1.0)], VIEW)
    members = in_memory([some_profile("bread", -1.0)]).match(promotion, ALL)
    assert members.scores.tolist() == [pytest.approx(1 / np.sqrt(1.01), abs=0.01)]


def some_profile(keyword: str, weight: float = 1.0) -> FollowedProfile:
    declared = Declared((Interest(keyword, weight),), targeting_allowed=True)
    return FollowedProfile(1, 1, StoredProfile("ada", declared, 0, None, 1, 1))
