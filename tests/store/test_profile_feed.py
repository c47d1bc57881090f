"""What every store tells those who follow its profiles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.profiles.model import Declared
from matchcut_server.store.port import Store
from matchcut_server.store.profile_port import FeedPlace, FollowedProfile
from matchcut_server.store.sqlite import profile_feed
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Interest
from tests.makers import put, video
from tests.store.profiles import declare, like, merge, record, shown, view

TARGETED = Declared((Interest("film"),), targeting_allowed=True)


def changes(store: Store, catalog_id: int, after: FeedPlace = FeedPlace()) -> list[FollowedProfile]:  # noqa: B008 - it never changes
    return [one for some in store.profiles.feed(catalog_id, after) for one in some]


def users(found: list[FollowedProfile]) -> list[str | None]:
    return [None if one.profile is None else one.profile.user_id for one in found]


def write(store: Store, catalog_id: int, *user_ids: str, declared: Declared = TARGETED) -> None:
    store.profiles.write_profiles(catalog_id, [declare(user_id, declared) for user_id in user_ids])


def test_the_feed_has_every_profile_once_as_it_is_now(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, "ann", "bob")
    write(store, catalog_id, "ann", declared=Declared((Interest("boat"),)))
    found = changes(store, catalog_id)
    assert users(found) == ["bob", "ann"]
    assert [one.profile for one in found] == [store.profiles.profile(catalog_id, name) for name in ("bob", "ann")]
    assert found == sorted(found, key=lambda one: one.place)
    assert changes(store, catalog_id, found[0].place) == found[1:]
    assert changes(store, catalog_id, found[1].place) == []


def test_other_catalogs_are_not_in_it(store: Store, catalog_id: int) -> None:
    other, _ = store.create_catalog("other", store.catalogs("", 1)[0].settings)
    write(store, other.catalog_id, "ann")
    assert changes(store, catalog_id) == []
    assert store.profiles.changes_after(catalog_id, 0) == 0


def test_of_those_gone_the_number_is_told(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, "ann", "bob")
    numbers = store.profiles.profile_ids(catalog_id, ["ann", "bob", "nobody"])
    seen = changes(store, catalog_id)[-1].place
    store.profiles.delete_profiles(catalog_id, ["ann"], 0.0)
    [gone] = changes(store, catalog_id, seen)
    assert (gone.profile_id, gone.profile) == (numbers["ann"], None)
    assert set(numbers) == {"ann", "bob"}
    assert store.profiles.changes_after(catalog_id, seen.revision) == 1


def test_a_merge_is_told_of_both(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, "ann", "bob", "cem")
    numbers = store.profiles.profile_ids(catalog_id, ["ann", "bob", "cem"])
    seen = changes(store, catalog_id)[-1].place
    store.profiles.merge_profiles(catalog_id, [merge("ann", "bob"), merge("cem", "new")])
    found = {one.profile_id: one.profile and one.profile.user_id for one in changes(store, catalog_id, seen)}
    assert found == {numbers["ann"]: None, numbers["bob"]: "bob", numbers["cem"]: "new"}


def test_events_with_a_credit_come_with_profiles_that_may_be_targeted(store: Store, catalog_id: int) -> None:
    store.write_videos(catalog_id, [put(video("a", "film"))])
    record(store, catalog_id, view("1", "ann"), like("2", "ann"), view("3", "ann", "unknown"), view("4", "bob"))
    write(store, catalog_id, "ann")
    found = {one.profile.user_id: one for one in changes(store, catalog_id) if one.profile is not None}
    history = store.profiles.history(catalog_id, "ann")
    assert history is not None
    expected = {one.event.event_id: (one.event, one.share, shown(one.credit)) for one in history.events if one.credit}
    assert {one.event.event_id: (one.event, one.share, shown(one.credit)) for one in found["ann"].events} == expected
    assert set(expected) == {"1", "2"}
    assert found["bob"].events == ()


def test_a_credit_that_comes_later_changes_the_profile(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, "ann")
    record(store, catalog_id, view("1", "ann"))
    seen = changes(store, catalog_id)[-1].place
    store.write_videos(catalog_id, [put(video("a", "film"))])
    [ann] = changes(store, catalog_id, seen)
    assert [one.event.event_id for one in ann.events] == ["1"]


def test_profiles_are_read_by_number_with_events_or_without(store: Store, catalog_id: int) -> None:
    store.write_videos(catalog_id, [put(video("a", "film"))])
    write(store, catalog_id, "ann", "bob")
    record(store, catalog_id, view("1", "ann"))
    ann, bob = store.profiles.profile_ids(catalog_id, ["ann", "bob"]).values()
    whole = [one for some in store.profiles.followed(catalog_id, [bob, ann, 999]) for one in some]
    assert {one.profile_id: len(one.events) for one in whole} == {ann: 1, bob: 0}
    [light] = [one for some in store.profiles.followed(catalog_id, [ann], with_events=False) for one in some]
    assert light._replace(events=whole[0].events) == whole[0]


def test_lists_are_of_bounded_size_also_within_a_revision(
    store: Store, catalog_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile_feed, "PROFILE_CHUNK", 2)
    record(store, catalog_id, *(view(str(i), f"user-{i}") for i in range(5)))  # all of one revision
    lists = list(store.profiles.feed(catalog_id, FeedPlace()))
    assert [len(some) for some in lists] == [2, 2, 1]
    assert len({one.revision for some in lists for one in some}) == 1
    assert sorted(filter(None, users([one for some in lists for one in some]))) == [f"user-{i}" for i in range(5)]


steps = st.lists(
    st.tuples(st.sampled_from(("write", "delete", "merge", "follow")), st.integers(0, 4), st.integers(0, 4)),
    max_size=25,
)


@settings(max_examples=25)
@given(steps)
def test_whoever_follows_holds_what_the_store_holds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    store = SqliteStore(tmp_path_factory.mktemp("data"))
    try:
        held: dict[int, str] = {}
        place = FeedPlace()
        for step, first, second in [*steps, ("follow", 0, 0)]:
            if step == "write":
                write(store, 1, f"u{first}", declared=Declared((Interest("film", second + 1.0),)))
            elif step == "delete":
                store.profiles.delete_profiles(1, [f"u{first}"], 0.0)
            elif step == "merge":
                store.profiles.merge_profiles(1, [merge(f"u{first}", f"u{second}")])
            else:
                for one in changes(store, 1, place):
                    place = one.place
                    held.pop(one.profile_id, None)
                    if one.profile is not None:
                        held[one.profile_id] = one.profile.user_id
        assert sorted(held.values()) == [one.user_id for one in store.profiles.profiles(1, "", 100)]
    finally:
        store.close()
