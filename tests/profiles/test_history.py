"""What a user has seen, hidden and been shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.profiles.history import Seen, hidden_videos, last_shown
from matchcut_server.profiles.model import CreditedEvent, EventKind
from tests.profiles.makers import event

VIEW, LIKE, DISLIKE, HIDE, IMPRESSION = (
    EventKind.VIEW,
    EventKind.LIKE,
    EventKind.DISLIKE,
    EventKind.HIDE,
    EventKind.IMPRESSION,
)


def did(kind: EventKind, video_id: str, time: float = 0.0, share: float | None = 1.0) -> CreditedEvent:
    return CreditedEvent(event(kind, video_id, time), share, None)


def test_what_was_viewed_or_judged_is_seen_and_what_was_shown_or_hidden_is_not() -> None:
    seen = Seen([did(VIEW, "a", share=0.0), did(LIKE, "b"), did(DISLIKE, "c"), did(HIDE, "d"), did(IMPRESSION, "e")])

    assert seen.videos() == seen.ever == {"a", "b", "c"}
    assert len(seen) == 3


def test_shares_of_several_views_add_up() -> None:
    seen = Seen([did(VIEW, "a", share=0.7), did(VIEW, "a", share=0.1), did(VIEW, "a", share=0.1), did(LIKE, "b")])

    assert seen.videos(0.9) == {"a", "b"}
    assert seen.videos(0.91) == {"b"}


def test_only_what_was_done_lately_counts() -> None:
    seen = Seen([did(VIEW, "a", 1.0, 0.5), did(VIEW, "a", 9.0, 0.4), did(LIKE, "b", 1.0), did(DISLIKE, "c", 5.0)])

    assert seen.videos(since=5.0) == {"a", "c"}
    assert seen.videos(0.5, since=5.0) == {"c"}
    assert seen.videos(0.9, since=1.0) == {"a", "b", "c"}
    assert seen.videos(since=9.1) == frozenset()


def test_a_view_of_an_unknown_video_has_watched_nothing() -> None:
    seen = Seen([did(VIEW, "a", share=None)])

    assert seen.videos() == {"a"}
    assert seen.videos(0.01) == frozenset()


def test_events_of_promotions_that_are_no_videos_are_of_no_video() -> None:
    events = [did(kind, "") for kind in EventKind]

    assert Seen(events).videos() == Seen([]).videos(0.5, 1.0) == hidden_videos(events) == frozenset()
    assert last_shown(events).videos == {}


@pytest.mark.parametrize(
    "events, hidden",
    [
        ([did(HIDE, "a", 1.0)], True),
        ([did(HIDE, "a", 1.0), did(LIKE, "a", 2.0)], False),
        ([did(LIKE, "a", 2.0), did(HIDE, "a", 1.0)], False),
        ([did(HIDE, "a", 2.0), did(LIKE, "a", 2.0)], True),
        ([did(HIDE, "a", 1.0), did(LIKE, "a", 2.0), did(HIDE, "a", 3.0)], True),
        ([did(HIDE, "a", 1.0), did(VIEW, "a", 2.0), did(LIKE, "b", 2.0)], True),
        ([did(DISLIKE, "a", 1.0)], False),
    ],
)
def test_a_video_is_hidden_until_a_later_like(events: list[CreditedEvent], hidden: bool) -> None:
    assert hidden_videos(events) == ({"a"} if hidden else frozenset())


def test_the_last_impression_is_known_of_each_video_and_promotion() -> None:
    events = [
        CreditedEvent(event(IMPRESSION, "a", 5.0, promotion_id="p"), 1.0, None),
        CreditedEvent(event(IMPRESSION, "a", 3.0), 1.0, None),
        CreditedEvent(event(IMPRESSION, "", 9.0, promotion_id="p"), 1.0, None),
        CreditedEvent(event(VIEW, "b", 9.0, promotion_id="q"), 1.0, None),
    ]

    assert last_shown(events) == ({"a": 5.0}, {"p": 9.0})


EVENTS = st.lists(
    st.builds(
        did,
        st.sampled_from(EventKind),
        st.sampled_from(["a", "b", "c", ""]),
        st.integers(0, 6).map(float),
        st.sampled_from([None, 0.0, 0.25, 0.5, 1.0]),
    ),
    max_size=15,
)


@given(EVENTS, st.sampled_from([0.0, 0.25, 0.75, 1.0]), st.sampled_from([float("-inf"), 0.0, 3.0, 5.0]))
def test_what_is_seen_hidden_and_shown_follows_from_the_events_alone(
    events: list[CreditedEvent], share: float, since: float
) -> None:
    seen, hidden, shown = set(), set(), {}
    for name in "abc":
        own = [one for one in events if one.event.video_id == name]
        views = [one for one in own if one.event.kind is VIEW and one.event.time >= since]
        judged = [one for one in own if one.event.kind in {LIKE, DISLIKE} and one.event.time >= since]
        if judged or (views and sum(one.share or 0.0 for one in views) >= share):
            seen.add(name)
        hides = [one.event.time for one in own if one.event.kind is HIDE]
        likes = [one.event.time for one in own if one.event.kind is LIKE]
        if hides and not any(like > max(hides) for like in likes):
            hidden.add(name)
        shows = [one.event.time for one in own if one.event.kind is IMPRESSION]
        if shows:
            shown[name] = max(shows)

    assert Seen(events).videos(share, since) == seen
    assert hidden_videos(events) == hidden
    assert last_shown(events).videos == shown
    assert Seen(reversed(events)).videos(share, since) == seen
