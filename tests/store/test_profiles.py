"""What every store does with profiles and events."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from matchcut_server.errors import InvalidInput, NotFound, Reason, Violation
from matchcut_server.index.follower import Follower
from matchcut_server.insights.model import Video
from matchcut_server.profiles.credit import credit_of
from matchcut_server.profiles.model import Declared, EventKind, EventWeights, ProfileSettings
from matchcut_server.store.port import Store, WriteOutcome, WriteStatus
from matchcut_server.store.profile_port import DailyViews, Merge, ProfileChange
from matchcut_server.vectors.profile import Interest
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from tests.index.following import Made, found
from tests.makers import delete, keyword, put, video
from tests.store.conftest import OpenStore
from tests.store.profiles import (
    DAY,
    MILLION,
    declare,
    history,
    interests,
    like,
    merge,
    popularity,
    record,
    shown,
    view,
)

CREATED, UPDATED, UNCHANGED = WriteStatus.CREATED, WriteStatus.UPDATED, WriteStatus.UNCHANGED
DELETED, NOT_FOUND, REJECTED = WriteStatus.DELETED, WriteStatus.NOT_FOUND, WriteStatus.REJECTED

FULL = Declared(
    (Interest("Äpfel 🍎", 0.25, "de-DE"), Interest("film"), Interest("football", -3.5)),
    {"region": ("uk", "fr"), "plan": ("",)},
    targeting_allowed=True,
    derived_share=0.0,
    half_life_days=30.5,
)
FILM = video("a", keyword("film", (0, 10)), keyword("boat", (20, 40)))


def write(store: Store, catalog_id: int, *videos: Video) -> None:
    store.write_videos(catalog_id, [put(one) for one in videos])


# --- what is declared -----------------------------------------------------------------------------------------------


def test_a_profile_is_given_back_as_it_was_declared(store: Store, catalog_id: int) -> None:
    before = store.revision()

    (outcome,) = store.profiles.write_profiles(catalog_id, [declare("ann", FULL)])

    assert outcome == WriteOutcome(CREATED, before + 1)
    profile = store.profiles.profile(catalog_id, "ann")
    assert profile == ("ann", FULL, 0, None, before + 1, before + 1)
    assert store.profiles.profile(catalog_id, "bob") is None
    assert store.profiles.history(catalog_id, "ann") == (profile, ())
    assert store.profiles.history(catalog_id, "bob") is None


@pytest.mark.parametrize(
    "changed",
    [
        Declared(FULL.interests[:2], FULL.attributes, True, 0.0, 30.5),
        Declared(FULL.interests, {"region": ("uk",)}, True, 0.0, 30.5),
        Declared(FULL.interests, FULL.attributes, False, 0.0, 30.5),
        Declared(FULL.interests, FULL.attributes, True, None, 30.5),
        Declared(FULL.interests, FULL.attributes, True, 0.0, 0.0),
        Declared(),
    ],
)
def test_every_part_can_be_changed(changed: Declared, store: Store, catalog_id: int) -> None:
    (first,) = store.profiles.write_profiles(catalog_id, [declare("ann", FULL)])

    (second,) = store.profiles.write_profiles(catalog_id, [declare("ann", changed)])

    assert second == WriteOutcome(UPDATED, first.revision + 1)
    profile = store.profiles.profile(catalog_id, "ann")
    assert profile == ("ann", changed, 0, None, second.revision, first.revision)


def test_what_is_declared_again_is_no_change(store: Store, catalog_id: int) -> None:
    (first,) = store.profiles.write_profiles(catalog_id, [declare("ann", FULL)])
    other_order = Declared(FULL.interests, {"plan": ("",), "region": ("uk", "fr")}, True, 0.0, 30.5)

    outcomes = store.profiles.write_profiles(catalog_id, [declare("ann", FULL), declare("ann", other_order)])

    assert outcomes == [WriteOutcome(UNCHANGED, first.revision)] * 2
    assert store.revision() == first.revision


def test_changes_are_made_in_order_of_what_is_there_and_one_refused_spoils_no_other(
    store: Store, catalog_id: int
) -> None:
    violation = Violation("interests", Reason.TOO_LARGE, "too many")

    def refuse(_old: Declared | None) -> Declared:
        raise InvalidInput([violation])

    def more(old: Declared | None) -> Declared:
        return Declared((*(old.interests if old else ()), Interest("film")))

    outcomes = store.profiles.write_profiles(
        catalog_id, [ProfileChange("ann", more), ProfileChange("bob", refuse), ProfileChange("ann", more)]
    )

    assert [one.status for one in outcomes] == [CREATED, REJECTED, UPDATED]
    assert (outcomes[1].violations, outcomes[1].revision) == ((violation,), 0)
    profile = store.profiles.profile(catalog_id, "ann")
    assert profile is not None
    assert profile.declared == interests("film", "film")
    assert store.profiles.profile(catalog_id, "bob") is None


def test_profiles_are_listed_by_the_bytes_of_their_ids_and_by_page(store: Store, catalog_id: int) -> None:
    names = ["b", "a", "B", "é", "10", "9", "a b", "映", "🎬", "aa"]
    store.profiles.write_profiles(catalog_id, [declare(name, interests(name)) for name in names])
    ordered = sorted(names, key=str.encode)

    listed = store.profiles.profiles(catalog_id, "", 100)

    assert [one.user_id for one in listed] == ordered
    assert all(one == store.profiles.profile(catalog_id, one.user_id) for one in listed)
    assert [one.user_id for one in store.profiles.profiles(catalog_id, "a", 2)] == ["a b", "aa"]
    assert store.profiles.profiles(catalog_id, "🎬", 2) == []


def test_histories_are_all_that_is_stored_of_users_by_id(store: Store, catalog_id: int) -> None:
    store.write_videos(catalog_id, [put(video("a", "castle", "moat")), put(video("b", "bread"))])
    names = ["bob", "ann", "é", "B", "cem"]
    store.profiles.write_profiles(catalog_id, [declare(name, interests(name)) for name in names])
    events = [view("2", "ann", "a", 5.0), view("1", "ann", "a", 5.0), like("3", "ann", "b", 1.0)]
    events += [view("4", "bob", "gone", 2.0), view("5", "new", "", 3.0, promotion_id="p")]
    record(store, catalog_id, *events)
    ordered = sorted([*names, "new"], key=str.encode)

    found = store.profiles.histories(catalog_id, "", 100)

    assert [one.profile.user_id for one in found] == ordered
    for one in found:
        expected = store.profiles.history(catalog_id, one.profile.user_id)
        assert expected is not None
        assert one.profile == expected.profile
        assert [event[:2] for event in one.events] == [event[:2] for event in expected.events]
        assert [shown(event.credit) for event in one.events] == [shown(event.credit) for event in expected.events]
    assert [one.profile.user_id for one in store.profiles.histories(catalog_id, "ann", 2)] == ["bob", "cem"]
    assert [one.event.event_id for one in store.profiles.histories(catalog_id, "B", 1)[0].events] == ["3", "1", "2"]
    assert store.profiles.histories(catalog_id, "é", 2) == []


@pytest.mark.parametrize("n", range(1, 9))
def test_users_are_counted_off_by_their_ids(store: Store, catalog_id: int, n: int) -> None:
    names = ["b", "a", "B", "é", "10", "aa", "映"]
    store.profiles.write_profiles(catalog_id, [declare(name, interests(name)) for name in names])

    assert store.profiles.every_nth_user(catalog_id, n) == sorted(names, key=str.encode)[n - 1 :: n]


def test_more_profiles_than_one_commit_holds_are_written_in_one_call(store: Store, catalog_id: int) -> None:
    outcomes = store.profiles.write_profiles(
        catalog_id, [declare(f"{number:04}", interests("film")) for number in range(2_100)]
    )

    assert [one.status for one in outcomes] == [CREATED] * 2_100
    assert len({one.revision for one in outcomes}) == 2_100
    assert store.profiles.write_profiles(catalog_id, []) == []


# --- events ---------------------------------------------------------------------------------------------------------


def test_an_event_is_given_back_as_it_was_recorded_and_makes_a_profile(store: Store, catalog_id: int) -> None:
    event = view(
        "e", watched_spans=((1.5, 7.25), (0.0, 2.0)), time=1.75e9 + 0.123456, recommendation_id="r", promotion_id="p",
        weight=0.5,
    )  # fmt: skip
    others = [
        view("seconds", watched_seconds=0.0, time=1.0),
        view("share", watched_share=0.25, time=2.0),
        *(view(kind, kind=kind, time=3.0) for kind in EventKind),
    ]

    (outcome, *_), missing = store.profiles.record_events(catalog_id, [event, *others])

    assert (outcome, missing) == (WriteOutcome(CREATED, store.revision()), ["a"])
    assert [one for one, _, _ in history(store, catalog_id, "ann")] == sorted(
        [event, *others], key=lambda one: (one.time, one.event_id)
    )
    profile = store.profiles.profile(catalog_id, "ann")
    assert profile == ("ann", Declared(), 8, event.time, outcome.revision, outcome.revision)


def test_an_event_that_is_known_is_unchanged_whatever_it_holds(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, FILM)
    first = view("e", watched_share=0.5)
    assert record(store, catalog_id, first, like("e"), view("f"), first) == [CREATED, UNCHANGED, CREATED, UNCHANGED]
    before = store.revision()

    again = store.profiles.record_events(catalog_id, [like("e", "bob", "nowhere", 9.0)])

    assert again.outcomes == [WriteOutcome(UNCHANGED, before)]
    assert store.revision() == before
    assert [event for event, _, _ in history(store, catalog_id, "ann")] == [first, view("f")]
    assert store.profiles.profile(catalog_id, "bob") is None
    assert popularity(store, catalog_id) == {"a": [DailyViews(0, 1_500_000, 0)]}


def test_the_revision_of_a_profile_grows_with_its_events_alone(store: Store, catalog_id: int) -> None:
    ((first,), _) = store.profiles.record_events(catalog_id, [view("1")])
    ((second,), _) = store.profiles.record_events(catalog_id, [view("2", "bob")])
    ((third, known), _) = store.profiles.record_events(catalog_id, [view("3"), view("1")])

    assert first.revision < second.revision < third.revision == known.revision
    revisions = [one.revision for one in store.profiles.profiles(catalog_id, "", 10)]
    assert revisions == [third.revision, second.revision]


def test_events_are_listed_by_time_then_id_and_by_page(store: Store, catalog_id: int) -> None:
    events = [view(name, time=time) for name, time in [("b", 2.0), ("c", 1.0), ("a", 2.0), ("d", 0.5), ("é", 2.0)]]
    record(store, catalog_id, *events, view("other", "bob", time=1.5))

    paged, after = [], (0.0, "")
    while page := store.profiles.events(catalog_id, "ann", after, 2):
        assert len(page) <= 2
        paged += [one.event for one in page]
        after = paged[-1].time, paged[-1].event_id

    assert [one.event_id for one in paged] == ["d", "c", "a", "b", "é"]
    assert paged == [event for event, _, _ in history(store, catalog_id, "ann")]
    assert store.profiles.events(catalog_id, "carl", (0.0, ""), 2) == []


def test_an_event_is_credited_with_its_video_as_it_is(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, FILM)
    spans = ((5.0, 30.0), (20.0, 40.0))
    events = [
        view("1", watched_seconds=25.0),
        view("2", "bob", watched_spans=spans),
        view("3", kind=EventKind.HIDE, time=1.0),
        view("4", video_id="", promotion_id="p", watched_share=0.5, time=2.0),
    ]

    record(store, catalog_id, *events)

    whole, part = (shown(credit_of(FILM, own, CatalogSettings())) for own in ((), spans))
    assert whole != part
    assert history(store, catalog_id, "ann") == [
        (events[0], 0.25, whole),
        (events[2], 1.0, whole),
        (events[3], 0.5, None),
    ]
    assert history(store, catalog_id, "bob") == [(events[1], 0.35, part)]


def test_a_credit_stays_when_its_video_or_the_settings_change_or_it_is_deleted(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, FILM)
    record(store, catalog_id, view("1"), view("1 with spans", watched_spans=((0.0, 5.0),)))
    first = history(store, catalog_id, "ann")

    write(store, catalog_id, video("a", "train"))
    record(store, catalog_id, view("2", time=1.0))
    store.update_catalog("default", CatalogSettings(Scheme.LINEAR, ignored_keywords=("film",)))
    write(store, catalog_id, FILM)
    record(store, catalog_id, view("3", time=2.0))
    store.write_videos(catalog_id, [delete("a")])
    record(store, catalog_id, view("4", time=3.0))

    *credited, waiting = history(store, catalog_id, "ann")
    assert credited[:2] == first
    texts = [credit[-1] for _, _, credit in credited if credit is not None]
    assert [set(one) for one in texts] == [{"film", "boat"}, {"film"}, {"train"}, {"boat"}]
    assert waiting == (view("4", time=3.0), None, None)


def test_a_change_of_other_things_than_keywords_gives_the_same_credit(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, FILM)
    record(store, catalog_id, view("1"))
    write(store, catalog_id, replace(FILM, title="A title"))
    record(store, catalog_id, view("2"), view("3", "bob"))

    (_, _, first), (_, _, second) = history(store, catalog_id, "ann")
    assert first == second == history(store, catalog_id, "bob")[0][2]


def test_events_of_videos_without_keywords_wait_for_the_write_that_brings_them(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, Video("a", "no keywords yet", 50.0))
    events = [view("1", watched_seconds=25.0), like("2", "bob", weight=0.5), view("3", "carl", "never")]
    _, missing = store.profiles.record_events(catalog_id, [*events, *events])
    assert missing == ["never"]
    assert popularity(store, catalog_id) == {}
    before = store.profiles.profiles(catalog_id, "", 10)
    write(store, catalog_id, Video("a", "still none", 50.0))
    assert store.profiles.profiles(catalog_id, "", 10) == before

    store.write_videos(catalog_id, [put(FILM)], dry_run=True)
    assert store.profiles.profiles(catalog_id, "", 10) == before
    ((written),) = store.write_videos(catalog_id, [put(FILM)])

    credit = shown(credit_of(FILM, (), CatalogSettings()))
    assert history(store, catalog_id, "ann") == [(events[0], 0.25, credit)]
    assert history(store, catalog_id, "bob") == [(events[1], 1.0, credit)]
    assert history(store, catalog_id, "carl") == [(events[2], None, None)]
    after = store.profiles.profiles(catalog_id, "", 10)
    assert [one.revision for one in after] == [written.revision, written.revision, before[2].revision]
    assert popularity(store, catalog_id) == {"a": [DailyViews(0, 250_000, 500_000)]}


def test_any_number_of_events_can_wait_for_a_video(store: Store, catalog_id: int) -> None:
    events = [view(f"{number}", f"{number % 300:03}", watched_share=0.5, time=float(number)) for number in range(2_500)]
    assert record(store, catalog_id, *events) == [CREATED] * 2_500

    write(store, catalog_id, FILM)

    credit = shown(credit_of(FILM, (), CatalogSettings()))
    assert history(store, catalog_id, "299") == [(one, 0.5, credit) for one in events if one.user_id == "299"]
    assert popularity(store, catalog_id) == {"a": [DailyViews(0, 1_250 * MILLION, 0)]}


def test_events_recorded_while_their_videos_arrive_are_all_credited(store: Store, catalog_id: int) -> None:
    def act(number: int) -> None:
        if number % 2:
            record(store, catalog_id, *[view(f"{number}-{i}", f"{number % 4}", f"{i}") for i in range(20)])
        else:
            write(store, catalog_id, *[video(f"{i}", "film") for i in range(number, 20, 5)])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(act, range(20)))

    every = [one for user in ("1", "3") for one in history(store, catalog_id, user)]
    assert len(every) == 200
    credited = {event.video_id for event, _, credit in every if credit is not None}
    there = {one.video.video_id for one in store.videos(catalog_id, "", 100)}
    assert credited == there
    assert all((share is None) == (event.video_id not in there) for event, share, _ in every)


# --- popularity -----------------------------------------------------------------------------------------------------


def test_popularity_counts_watched_shares_and_likes_by_day(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, video("a", "film"), video("b", "boat"))
    record(
        store,
        catalog_id,
        view("1", watched_share=1 / 3, time=DAY - 0.5),
        view("2", "bob", time=DAY),
        like("3", time=DAY + 1, weight=2.5),
        view("4", video_id="b", watched_share=0.0),
        *(view(kind, video_id="b", kind=kind) for kind in (EventKind.IMPRESSION, EventKind.DISLIKE, EventKind.HIDE)),
        view("5", video_id="", promotion_id="b"),
    )

    days = [DailyViews(0, 333_333, 0), DailyViews(1, 1_000_000, 2_500_000)]
    assert popularity(store, catalog_id) == {"a": days}


def test_popularity_tells_which_videos_changed_since_a_revision(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, video("a", "film"), video("b", "boat"))
    record(store, catalog_id, view("1"), view("2", video_id="b"))
    before = store.revision()
    assert store.profiles.popularity_changes(catalog_id, before) == (before, {})

    record(store, catalog_id, view("3", "bob", "b"), view("2", video_id="b"), view("4", kind=EventKind.HIDE))
    assert store.profiles.popularity_changes(catalog_id, before).changed == {"b": [DailyViews(0, 2_000_000, 0)]}

    before = store.revision()
    store.profiles.delete_profiles(catalog_id, ["ann"], 1.0)
    assert store.profiles.popularity_changes(catalog_id, before) == (
        store.revision(),
        {"a": [], "b": [DailyViews(0, 1_000_000, 0)]},
    )


# --- deletion -------------------------------------------------------------------------------------------------------


def test_a_deleted_user_is_gone_with_all_events_and_what_they_added(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, FILM)
    store.profiles.write_profiles(catalog_id, [declare("ann", FULL)])
    record(store, catalog_id, view("1"), view("2", watched_spans=((0, 5),)), like("3"), view("4", video_id="nowhere"))
    record(store, catalog_id, view("5", "bob"))
    bob = history(store, catalog_id, "bob")
    before = store.revision()

    outcomes = store.profiles.delete_profiles(catalog_id, ["ann", "nobody", "ann"], 10.0)

    assert [one.status for one in outcomes] == [DELETED, NOT_FOUND, NOT_FOUND]
    assert [one.revision for one in outcomes] == [before + 1, 0, 0]
    assert store.revision() == before + 1
    assert store.profiles.profile(catalog_id, "ann") is None
    assert store.profiles.history(catalog_id, "ann") is None
    assert store.profiles.events(catalog_id, "ann", (0.0, ""), 10) == []
    assert history(store, catalog_id, "bob") == bob
    assert popularity(store, catalog_id) == {"a": [DailyViews(0, 1_000_000, 0)]}


def test_events_from_before_the_deletion_are_refused_and_those_after_it_begin_anew(
    store: Store, catalog_id: int
) -> None:
    (first,) = store.profiles.write_profiles(catalog_id, [declare("ann", FULL)])
    store.profiles.delete_profiles(catalog_id, ["ann"], 10.0)
    before = store.revision()

    recorded = store.profiles.record_events(
        catalog_id,
        [view("old", time=9.5), view("then", time=10.0), view("then", time=10.5), view("other", "bob", "b", 9.5)],
    )

    assert [one.status for one in recorded.outcomes] == [REJECTED, REJECTED, CREATED, CREATED]
    (violation,) = recorded.outcomes[0].violations
    assert (violation.field, violation.reason) == ("event_time", Reason.INVALID_VALUE)
    assert "ann" not in violation.message
    assert recorded.missing_ids == ["a", "b"]
    profile = store.profiles.profile(catalog_id, "ann")
    assert before + 1 > first.revision
    assert profile == ("ann", Declared(), 1, 10.5, before + 1, before + 1)

    store.profiles.delete_profiles(catalog_id, ["ann"], 5.0)  # by a clock that is behind
    assert record(store, catalog_id, view("again", time=9.5), view("later", time=10.5)) == [REJECTED, CREATED]


def test_a_batch_of_old_events_alone_changes_nothing(store: Store, catalog_id: int) -> None:
    store.profiles.write_profiles(catalog_id, [declare("ann", FULL)])
    store.profiles.delete_profiles(catalog_id, ["ann"], 10.0)
    before = store.revision()

    recorded = store.profiles.record_events(catalog_id, [view("1"), view("1")])

    assert [one.status for one in recorded.outcomes] == [REJECTED, REJECTED]
    assert recorded.missing_ids == []
    assert store.revision() == before
    assert store.profiles.profiles(catalog_id, "", 10) == []


# --- merging --------------------------------------------------------------------------------------------------------


def test_a_profile_is_merged_into_another_once(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, FILM)
    store.profiles.write_profiles(catalog_id, [declare("anon", interests("film")), declare("ann", interests("boat"))])
    record(store, catalog_id, view("1", "anon", time=5.0), view("2", "ann", time=4.0), like("3", "anon", time=1.0))
    own = store.profiles.profile(catalog_id, "ann")
    counted = popularity(store, catalog_id)

    outcomes = store.profiles.merge_profiles(catalog_id, [merge("anon", "ann"), merge("anon", "ann")])

    assert outcomes == [WriteOutcome(UPDATED, store.revision()), WriteOutcome(NOT_FOUND)]
    assert own is not None
    assert store.profiles.profile(catalog_id, "ann") == (
        "ann", interests("boat", "film"), 3, 5.0, store.revision(), own.birth
    )  # fmt: skip
    assert store.profiles.profile(catalog_id, "anon") is None
    assert [event.event_id for event, _, _ in history(store, catalog_id, "ann")] == ["3", "2", "1"]
    assert popularity(store, catalog_id) == counted
    assert record(store, catalog_id, view("1", "anon", time=5.0)) == [UNCHANGED]
    assert store.profiles.profile(catalog_id, "anon") is None

    store.profiles.delete_profiles(catalog_id, ["ann"], 9.0)
    assert popularity(store, catalog_id) == {}


def test_merging_into_nobody_creates_the_profile(store: Store, catalog_id: int) -> None:
    store.profiles.write_profiles(catalog_id, [declare("anon", FULL)])
    record(store, catalog_id, view("1", "anon"), view("2", "anon", "never"))

    (outcome,) = store.profiles.merge_profiles(catalog_id, [merge("anon", "ann")])

    assert outcome == WriteOutcome(CREATED, store.revision())
    assert store.profiles.profile(catalog_id, "ann") == ("ann", FULL, 2, 0.0, outcome.revision, outcome.revision)
    assert len(history(store, catalog_id, "ann")) == 2
    assert store.profiles.profile(catalog_id, "anon") is None


def test_events_that_come_after_a_merge_begin_a_new_profile_which_can_be_merged_again(
    store: Store, catalog_id: int
) -> None:
    for number in range(3):
        record(store, catalog_id, view(f"{number}", "anon", time=float(number)))
        store.profiles.merge_profiles(catalog_id, [merge("anon", "ann")])

    assert [event.event_id for event, _, _ in history(store, catalog_id, "ann")] == ["0", "1", "2"]


def test_merges_are_made_in_order_and_one_refused_spoils_no_other(store: Store, catalog_id: int) -> None:
    violation = Violation("into_user_id", Reason.TOO_LARGE, "too many")

    def refuse(_first: Declared, _second: Declared | None) -> Declared:
        raise InvalidInput([violation])

    record(store, catalog_id, view("1", "a"), view("2", "b"), view("3", "c"))

    outcomes = store.profiles.merge_profiles(
        catalog_id, [merge("a", "b"), Merge("b", "c", refuse), merge("b", "b"), merge("b", "d"), merge("d", "c")]
    )

    assert [one.status for one in outcomes] == [UPDATED, REJECTED, REJECTED, CREATED, UPDATED]
    assert outcomes[1].violations == (violation,)
    assert [one.user_id for one in store.profiles.profiles(catalog_id, "", 10)] == ["c"]
    assert [event.event_id for event, _, _ in history(store, catalog_id, "c")] == ["1", "2", "3"]


def test_events_that_wait_are_credited_to_the_profile_they_were_merged_into(store: Store, catalog_id: int) -> None:
    record(store, catalog_id, view("1", "anon"), view("2", "ann"))
    store.profiles.merge_profiles(catalog_id, [merge("anon", "ann")])

    write(store, catalog_id, FILM)

    assert [share for _, share, _ in history(store, catalog_id, "ann")] == [1.0, 1.0]


# --- catalogs -------------------------------------------------------------------------------------------------------


def test_nothing_of_users_crosses_catalogs(store: Store, catalog_id: int) -> None:
    other = store.create_catalog("films", CatalogSettings())[0].catalog_id
    write(store, other, FILM)
    store.profiles.write_profiles(catalog_id, [declare("ann", FULL)])
    record(store, catalog_id, view("1"))
    assert record(store, other, view("1", "bob")) == [CREATED]
    store.profiles.delete_profiles(catalog_id, ["ann"], 9.0)

    assert record(store, other, view("2")) == [CREATED]
    assert store.profiles.profiles(catalog_id, "", 10) == []
    assert [one.user_id for one in store.profiles.profiles(other, "", 10)] == ["ann", "bob"]
    assert popularity(store, catalog_id) == {}
    assert popularity(store, other) == {"a": [DailyViews(0, 2_000_000, 0)]}
    write(store, catalog_id, FILM)
    assert store.profiles.profiles(catalog_id, "", 10) == []


def test_a_deleted_catalog_takes_its_users_along_and_refuses_new_ones(store: Store) -> None:
    old = store.create_catalog("films", CatalogSettings())[0].catalog_id
    write(store, old, FILM)
    record(store, old, view("1"), view("2", video_id="never"), view("3", watched_spans=((0, 5),)), view("4", "bob"))
    store.profiles.delete_profiles(old, ["bob"], 9.0)
    store.delete_catalog("films")
    new = store.create_catalog("films", CatalogSettings())[0].catalog_id

    for own in (old, new):
        assert store.profiles.profiles(own, "", 10) == []
        assert store.profiles.popularity_changes(own, 0).changed == {}
    for write_something in (
        lambda: store.profiles.write_profiles(old, [declare("ann", FULL)]),
        lambda: store.profiles.record_events(old, [view("5")]),
        lambda: store.profiles.merge_profiles(old, [merge("ann", "bob")]),
        lambda: store.profiles.delete_profiles(old, ["ann"], 9.0),
    ):
        with pytest.raises(NotFound) as refusal:
            write_something()
        assert refusal.value.reason is Reason.CATALOG_NOT_FOUND
    assert record(store, new, view("1", "bob")) == [CREATED]


def test_profile_settings_are_kept_and_weigh_no_video_anew(store: Store) -> None:
    settings = ProfileSettings(0.25, 30.0, EventWeights(view=0.0, hide=-5.0), 0.0)
    films, _ = store.create_catalog("films", CatalogSettings(), settings)
    assert films.profile_settings == settings
    write(store, films.catalog_id, FILM)
    before = store.revision()

    assert store.update_catalog("films", CatalogSettings(), settings) == films
    assert store.revision() == before
    updated = store.update_catalog("films", CatalogSettings(), ProfileSettings(0.5))

    assert (
        updated == store.catalog("films") == films._replace(profile_settings=ProfileSettings(0.5), revision=before + 1)
    )
    assert store.catalog_changes(before).settled == [updated]
    assert store.revision() == before + 1
    assert list(store.feed(films.catalog_id, before)) == []


# --- durability and followers ---------------------------------------------------------------------------------------


def test_users_are_there_when_the_store_is_opened_again(open_store: OpenStore, tmp_path: Path) -> None:
    first = open_store(tmp_path)
    catalog, _ = first.create_catalog("films", CatalogSettings())
    first.profiles.write_profiles(catalog.catalog_id, [declare("ann", FULL), declare("bob", FULL)])
    record(first, catalog.catalog_id, view("1"))
    first.profiles.delete_profiles(catalog.catalog_id, ["bob"], 9.0)
    before = history(first, catalog.catalog_id, "ann")
    first.close()

    second = open_store(tmp_path)

    assert history(second, catalog.catalog_id, "ann") == before
    assert record(second, catalog.catalog_id, view("1"), view("2", "bob")) == [UNCHANGED, REJECTED]


def test_an_index_reaches_the_revision_of_a_write_of_users_without_being_loaded_anew(
    open_store: OpenStore, tmp_path: Path
) -> None:
    own, elsewhere = open_store(tmp_path), open_store(tmp_path)
    catalog = own.catalog("default")
    assert catalog is not None
    write(own, catalog.catalog_id, FILM)
    source = Made()
    with Follower(own, source, max_waiting=1) as follower:
        follower.view(catalog)
        before = own.revision()
        elsewhere.profiles.write_profiles(catalog.catalog_id, [declare("ann", FULL)])
        elsewhere.profiles.record_events(catalog.catalog_id, [view("1"), view("2", "bob")])
        elsewhere.profiles.merge_profiles(catalog.catalog_id, [merge("bob", "ann")])
        (outcome,) = elsewhere.profiles.delete_profiles(catalog.catalog_id, ["ann"], 9.0)

        view_now = follower.view(catalog, min_revision=outcome.revision)

    assert view_now.revision == outcome.revision
    assert found(view_now) == ["a"]
    assert source.opened == ["default"]
    changes = own.catalog_changes(before)
    assert (changes.revision, changes.changed) == (outcome.revision, {})


def test_writers_of_events_at_the_same_time_record_each_once(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, FILM)
    batches = [[view(f"{number % 7}-{i}", f"{i % 3}") for i in range(15)] for number in range(28)]

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda batch: record(store, catalog_id, *batch), batches))

    assert sum(own.count(CREATED) for own in statuses) == 7 * 15
    assert sum(len(history(store, catalog_id, f"{user}")) for user in range(3)) == 7 * 15
    assert popularity(store, catalog_id) == {"a": [DailyViews(0, 7 * 15 * MILLION, 0)]}
