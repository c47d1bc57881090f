"""Events in any order, and any mix of writes of users and videos."""

from collections.abc import Callable, Sequence
from itertools import count, pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from matchcut_server.insights.model import Video
from matchcut_server.profiles.model import CreditedEvent, Event, EventKind
from matchcut_server.store.port import Store, WriteOutcome, WriteStatus
from matchcut_server.vectors.settings import CatalogSettings
from tests.makers import delete, keyword, put, video
from tests.store.profiles import DAY, declare, history, interests, merge, popularity, recount, view

WRITTEN = {WriteStatus.CREATED, WriteStatus.UPDATED, WriteStatus.DELETED}

USERS = ["ann", "bob"]
VIDEOS = [
    video("a", keyword("film", (0, 10)), keyword("long boat", (5, 40), (50, 60)), duration=60.0),
    video("b", keyword("boat", (0, 1)), duration=0.0),
]
SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 30)).map(lambda span: (float(span[0]), float(span[0] + span[1]))),
    max_size=3,
).map(tuple)


@st.composite
def events(draw: st.DrawFn, event_id: str) -> Event:
    """Draw what one event may hold."""
    kind = draw(st.sampled_from([EventKind.VIEW] * 3 + list(EventKind)))
    watched = draw(st.sampled_from(["watched_seconds", "watched_share", "watched_spans", ""]))
    fields: dict[str, object] = {}
    if kind is EventKind.VIEW and watched:
        fields[watched] = draw(SPANS) if watched == "watched_spans" else draw(st.sampled_from([0.0, 0.3, 1.0]))
    return view(
        event_id,
        draw(st.sampled_from(USERS)),
        draw(st.sampled_from(["a", "a", "b", "never", ""])),
        draw(st.sampled_from([0.0, 0.5, DAY, 1.75e9 + 0.25])),
        kind=kind,
        weight=draw(st.sampled_from([1.0, 0.0, 2.5])),
        **fields,
    )


EVENTS = st.integers(1, 8).flatmap(lambda number: st.tuples(*[events(f"{i}") for i in range(number)]))

Arrival = Sequence[Event] | Video


@st.composite
def orders(draw: st.DrawFn) -> tuple[Sequence[Event], list[Arrival]]:
    """Draw events, and acts that record each at least once and write each video, in any order and any batches."""
    recorded = draw(EVENTS)
    again = draw(st.lists(st.sampled_from(recorded), max_size=6))
    shuffled = draw(st.permutations([*recorded, *again]))
    cuts = sorted(draw(st.sets(st.integers(0, len(shuffled)), max_size=4)) | {0, len(shuffled)})
    acts: list[Arrival] = [shuffled[start:end] for start, end in pairwise(cuts)]
    for one in VIDEOS:
        # In between it may be there without keywords, and change its title with them.
        after = 0
        for written in (Video(one.video_id, duration=one.duration), one, replace(one, title="A title")):
            place = draw(st.integers(after, len(acts)))
            acts.insert(place, written)
            after = place + 1
    return recorded, acts


def test_the_order_in_which_events_and_videos_arrive_makes_no_difference(store: Store) -> None:
    numbers = count()

    def told(acts: list[Arrival]) -> tuple[object, ...]:
        catalog_id = store.create_catalog(f"catalog-{next(numbers)}", CatalogSettings())[0].catalog_id
        for act in acts:
            if isinstance(act, Video):
                store.write_videos(catalog_id, [put(act)])
            else:
                store.profiles.record_events(catalog_id, act)
        return *(history(store, catalog_id, user) for user in USERS), popularity(store, catalog_id)

    @settings(max_examples=150, deadline=None)
    @given(orders())
    def check(drawn: tuple[Sequence[Event], list[Arrival]]) -> None:
        recorded, acts = drawn
        assert told(acts) == told([*VIDEOS, recorded])

    check()


def record_some(store: Store, catalog_id: int, some: list[Event]) -> list[WriteOutcome]:
    return store.profiles.record_events(catalog_id, some).outcomes


def write_video(store: Store, catalog_id: int, one: Video) -> list[WriteOutcome]:
    return store.write_videos(catalog_id, [put(one)])


def delete_video(store: Store, catalog_id: int, one: Video) -> list[WriteOutcome]:
    return store.write_videos(catalog_id, [delete(one.video_id)])


def declare_film(store: Store, catalog_id: int, user_id: str) -> list[WriteOutcome]:
    return store.profiles.write_profiles(catalog_id, [declare(user_id, interests("film"))])


def delete_user(store: Store, catalog_id: int, user_id: str) -> list[WriteOutcome]:
    return store.profiles.delete_profiles(catalog_id, [user_id], DAY)


def merge_users(store: Store, catalog_id: int, users: Sequence[str]) -> list[WriteOutcome]:
    return store.profiles.merge_profiles(catalog_id, [merge(users[0], users[1])])


Act = tuple[Callable[[Store, int, Any], list[WriteOutcome]], Any]
"""One write, and what is written."""

USER_IDS = st.sampled_from([*USERS, "carl"])
MIXES = st.lists(
    st.one_of(
        st.tuples(st.just(record_some), st.lists(st.integers(0, 20).flatmap(lambda i: events(f"{i}")), max_size=4)),
        st.tuples(st.just(write_video), st.sampled_from(VIDEOS)),
        st.tuples(st.just(delete_video), st.sampled_from(VIDEOS)),
        st.tuples(st.just(declare_film), USER_IDS),
        st.tuples(st.just(delete_user), USER_IDS),
        st.tuples(st.just(merge_users), st.permutations([*USERS, "carl"])),
    ),
    max_size=25,
)


def test_after_any_mix_of_writes_counts_are_those_of_the_events_that_are_there(store: Store) -> None:
    numbers = count()

    @settings(max_examples=150, deadline=None)
    @given(MIXES)
    def check(acts: list[Act]) -> None:
        catalog_id = store.create_catalog(f"catalog-{next(numbers)}", CatalogSettings())[0].catalog_id
        for act, what in acts:
            before = store.revision()
            written = {outcome.status for outcome in act(store, catalog_id, what)}
            assert (store.revision() > before) == bool(written & WRITTEN)
        there: list[CreditedEvent] = []
        for profile in store.profiles.profiles(catalog_id, "", 10):
            found = store.profiles.history(catalog_id, profile.user_id)
            assert found is not None
            assert (found.profile, len(found.events)) == (profile, profile.event_count)
            there += found.events
        assert len({one.event.event_id for one in there}) == len(there)
        assert popularity(store, catalog_id) == recount(there)
        known = {one.video.video_id for one in store.videos(catalog_id, "", 10)}
        for event, share, credit in there:
            assert (credit is None) == (share is None or not event.video_id)
            assert share is not None or event.video_id not in known

    check()
