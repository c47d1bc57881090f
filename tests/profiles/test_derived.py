"""Derived profiles: the mean of what the events stand for."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.profiles.derived import MAX_INTERESTS, Derived, derive, profile_of
from matchcut_server.profiles.model import CreditedEvent, EventKind, EventWeights, ProfileSettings
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.mixture import Mixture, WeightedTerms
from matchcut_server.vectors.profile import Interest, Profile, make_profile
from matchcut_server.vectors.weighting import Block
from tests.makers import DEFAULTS, keyword, video
from tests.profiles.makers import DAY, credit, credited, event

SETTINGS = ProfileSettings()
FILM, BOAT = credit({"film": 1.0}), credit({"boat": 1.0})
DECLARED = make_profile([Interest("declared")], ["en-US"], lambda _block, _term: True, DEFAULTS)


def weights(derived: Derived, block: Block = "phrases") -> dict[int, float]:
    terms: WeightedTerms = getattr(derived, block)
    assert terms.keys.tolist() == sorted(set(terms.keys.tolist()))
    assert terms.weights.all()
    return dict(zip(terms.keys.tolist(), terms.weights.tolist(), strict=True))


def ratio(derived: Derived, term: str = "film", other: str = "boat") -> float:
    """Return how many times as much one word counts as another."""
    own = weights(derived)
    assert set(weights(derived, "words")) == {term_key("words", term), term_key("words", other)}
    return own[term_key("phrases", term)] / own[term_key("phrases", other)]


def one_event(kind: EventKind, **given_fields: float) -> CreditedEvent:
    share = given_fields.pop("share", 1.0)
    return CreditedEvent(event(kind, "film", **given_fields), share, FILM)


VIEW_OF_BOAT = CreditedEvent(event(EventKind.VIEW, "boat"), 1.0, BOAT)


@pytest.mark.parametrize(
    "kind, expected", [(EventKind.VIEW, 1.0), (EventKind.LIKE, 2.0), (EventKind.DISLIKE, -1.0), (EventKind.HIDE, -1.0)]
)
def test_events_count_by_their_kind(kind: EventKind, expected: float) -> None:
    assert ratio(derive([VIEW_OF_BOAT, one_event(kind)], SETTINGS, 0.0)) == pytest.approx(expected)


def test_weights_of_kinds_can_be_set() -> None:
    settings = ProfileSettings(event_weights=EventWeights(impression=0.5, view=4.0))

    assert ratio(derive([VIEW_OF_BOAT, one_event(EventKind.IMPRESSION)], settings, 0.0)) == pytest.approx(1 / 8)


def test_watched_shares_and_weights_of_events_are_factors() -> None:
    derived = derive([VIEW_OF_BOAT, one_event(EventKind.VIEW, share=0.25, weight=6.0)], SETTINGS, 0.0)

    assert ratio(derived) == pytest.approx(1.5)


@pytest.mark.parametrize(
    "nothing",
    [
        one_event(EventKind.IMPRESSION),
        one_event(EventKind.VIEW, share=0.0),
        one_event(EventKind.LIKE, weight=0.0),
        CreditedEvent(event(EventKind.LIKE, "later"), 1.0, None),
        CreditedEvent(event(EventKind.VIEW, "later"), None, None),
        CreditedEvent(event(EventKind.VIEW, "bare"), 1.0, credit({})),
    ],
)
def test_what_weighs_nothing_and_what_has_no_credit_changes_nothing(nothing: CreditedEvent) -> None:
    assert derive([nothing], SETTINGS, 0.0).parts == ()
    with_it, without = derive([nothing, VIEW_OF_BOAT], SETTINGS, 10.0), derive([VIEW_OF_BOAT], SETTINGS, 10.0)
    assert weights(with_it) == weights(without)


def test_nobody_has_done_nothing() -> None:
    assert derive([], SETTINGS, 1.0).parts == ()
    assert derive([], SETTINGS, 1.0).interests() == []


def test_an_event_counts_half_after_its_half_life() -> None:
    boat = CreditedEvent(event(EventKind.VIEW, "boat", time=100 * DAY), 1.0, BOAT)

    def faded(days: float, half_life: float) -> float:
        return ratio(derive([boat, one_event(EventKind.VIEW, time=(100 - days) * DAY)], SETTINGS, half_life))

    assert faded(7, 7) == pytest.approx(0.5)
    assert faded(14, 7) == pytest.approx(0.25)
    assert faded(3.5, 7) == pytest.approx(math.sqrt(0.5))
    assert faded(-7, 7) == pytest.approx(2.0)
    assert faded(50, 0) == 1.0


@pytest.mark.parametrize("half_life", [1e-9, 5e-324])
def test_what_has_faded_away_leaves_the_latest(half_life: float) -> None:
    latest = CreditedEvent(event(EventKind.IMPRESSION, "war", time=99 * DAY), 1.0, credit({"war": 1.0}))
    boat = CreditedEvent(event(EventKind.VIEW, "boat", time=50 * DAY), 1.0, BOAT)

    derived = derive([one_event(EventKind.VIEW, time=1.0), boat, latest], SETTINGS, half_life)

    assert list(weights(derived)) == [term_key("phrases", "boat")]
    assert [source.video_id for source in derived.sources] == ["boat"]


def test_tiny_weights_count_as_any() -> None:
    derived = derive([one_event(EventKind.VIEW, weight=2e-300), one_event(EventKind.VIEW, weight=4e-300)], SETTINGS, 0)

    assert weights(derived) == {term_key("phrases", "film"): 1.5}


def test_what_was_liked_and_disliked_as_much_is_no_interest() -> None:
    liked = [one_event(EventKind.LIKE, weight=0.1), one_event(EventKind.LIKE, weight=0.2)]
    taken = one_event(EventKind.DISLIKE, weight=0.6)

    assert derive([*liked, taken], SETTINGS, 0.0).parts == ()
    assert set(weights(derive([*liked, taken, VIEW_OF_BOAT], SETTINGS, 0.0))) == {term_key("phrases", "boat")}


def test_nothing_is_cut() -> None:
    many = [
        CreditedEvent(event(video_id=f"v{i}"), 1.0, credit({f"w{i}x{j}": 1.0 for j in range(30)})) for i in range(100)
    ]

    assert len(weights(derive(many, SETTINGS, 0.0))) == len(weights(derive(many, SETTINGS, 0.0), "words")) == 3000


WORDS = st.dictionaries(st.sampled_from(["film", "boat", "war", "news", "golf"]), st.floats(0.01, 1.0), max_size=4)
EVENTS = st.lists(
    st.builds(
        lambda kind, time, share, weight, words: CreditedEvent(
            event(kind, time=time * DAY, weight=weight), share, None if words is None else credit(words)
        ),
        st.sampled_from(EventKind),
        st.sampled_from([0.0, 1.0, 1.0, 2.5, 400.0]),
        st.just(0.0) | st.floats(0.01, 1.0),
        st.just(0.0) | st.floats(0.01, 1000.0),
        WORDS | st.none(),
    ),
    max_size=12,
)
HALF_LIVES = st.sampled_from([0.0, 0.5, 30.0])


@given(EVENTS, HALF_LIVES, st.randoms(use_true_random=False))
def test_the_order_in_which_events_arrive_makes_no_difference(
    events: list[CreditedEvent], half_life: float, chance: random.Random
) -> None:
    derived = derive(events, SETTINGS, half_life)
    shuffled = chance.sample(events, len(events))

    again = derive(shuffled, SETTINGS, half_life)

    assert weights(again) == weights(derived)
    assert weights(again, "words") == weights(derived, "words")
    assert again.sources == derived.sources
    assert again.interests() == derived.interests()


@given(EVENTS, HALF_LIVES)
def test_a_derived_profile_is_the_mean_by_the_formula(events: list[CreditedEvent], half_life: float) -> None:
    kinds = {EventKind.IMPRESSION: 0, EventKind.VIEW: 1, EventKind.LIKE: 2, EventKind.DISLIKE: -1, EventKind.HIDE: -1}
    counted = [(one, own, kinds[one.kind] * (share or 0.0) * one.weight) for one, share, own in events if own]
    latest = max((one.time for one, _, weight in counted if weight), default=0.0)
    sums: dict[int, float] = {}
    for one, own, weight in counted:
        fading = 0.5 ** ((latest - one.time) / DAY / half_life) if half_life and weight else 1.0
        for key, value in zip(own.words.keys.tolist(), own.words.frequencies.tolist(), strict=True):
            sums[key] = sums.get(key, 0.0) + weight * fading * value
    strongest = max((abs(weight) for _, _, weight in counted), default=1.0)

    found = weights(derive(events, SETTINGS, half_life), "words")

    scale = max(map(abs, sums.values()), default=0.0) / max(map(abs, found.values()), default=1.0)
    assert set(found) <= set(sums)
    for key, total in sums.items():
        assert found.get(key, 0.0) * scale == pytest.approx(total, rel=1e-6, abs=1e-9 * strongest)


def test_a_credit_that_comes_late_gives_the_same_profile() -> None:
    film, boat = video("film", keyword("film", (0, 9))), video("boat", keyword("boat", (0, 30)), "film")
    first, second = event(video_id="film", time=1.0), event(EventKind.LIKE, video_id="boat", time=2.0)

    waiting = derive([credited(first, None), credited(second, boat)], SETTINGS, 3.0)
    late = derive([credited(second, boat), credited(first, film)], SETTINGS, 3.0)

    assert weights(waiting) == weights(derive([credited(second, boat)], SETTINGS, 3.0))
    assert weights(late) == weights(derive([credited(first, film), credited(second, boat)], SETTINGS, 3.0))


def test_a_view_counts_for_the_time_that_was_watched_and_for_what_was_on_screen() -> None:
    one = video("v", keyword("film", (0, 10)), keyword("boat", (50, 60)))
    watched = [event(watched_spans=((0.0, 20.0),)), event(watched_spans=((40.0, 80.0),))]

    derived = derive([credited(view, one) for view in watched], SETTINGS, 0.0)

    assert ratio(derived) == pytest.approx(0.5)


def test_interests_are_told_strongest_first_in_a_part_of_unit_length() -> None:
    events = [
        CreditedEvent(event(EventKind.LIKE, time=1.0), 1.0, credit({"Film": 0.8, "boat": 0.6})),
        CreditedEvent(event(EventKind.DISLIKE, time=2.0), 1.0, credit({"war": 1.0})),
    ]

    told = derive(events, SETTINGS, 0.0).interests()

    assert [one.keyword for one in told] == ["Film", "boat", "war"]
    length = math.sqrt(1.6**2 + 1.2**2 + 1.0)
    assert [one.weight for one in told] == pytest.approx([own / length * math.sqrt(0.5) for own in (1.6, 1.2, -1.0)])


def test_the_text_of_an_interest_is_that_of_the_first_event() -> None:
    first, second = video("a", "Films"), video("b", "film")
    events = [credited(event(video_id="b", time=2.0), second), credited(event(video_id="a", time=1.0), first)]

    assert [one.keyword for one in derive(events, SETTINGS, 0.0).interests()] == ["Films"]


def test_the_strongest_thousand_interests_are_told() -> None:
    many = [
        CreditedEvent(event(video_id=f"v{i}", weight=1.0 + i), 1.0, credit({f"w{i}x{j}": 1.0 for j in range(30)}))
        for i in range(40)
    ]

    told = derive(many, SETTINGS, 0.0).interests()

    assert len(told) == MAX_INTERESTS
    assert told[0].keyword.startswith("w39x")
    assert sum(one.weight**2 for one in told) < 0.5


def test_without_its_sources_a_derived_part_is_the_same_profile() -> None:
    derived = derive([VIEW_OF_BOAT], SETTINGS, 0.0)

    assert derived.without_sources().sources == ()
    assert weights(derived.without_sources()) == weights(derived)


def test_a_representation_tells_no_interests() -> None:
    assert "boat" not in repr(derive([VIEW_OF_BOAT], SETTINGS, 0.0))


def shares(mixture: Mixture) -> list[float]:
    return [part.share for part in mixture.parts]


VIEWED = derive([VIEW_OF_BOAT], SETTINGS, 0.0)


@pytest.mark.parametrize(
    "declared, derived, share, expected",
    [
        (DECLARED, VIEWED, 0.25, [0.75, 0.25]),
        (DECLARED, VIEWED, 0.0, [1.0]),
        (DECLARED, VIEWED, 1.0, [1.0]),
        (DECLARED, Derived(), 0.25, [1.0]),
        (DECLARED, Derived(), 1.0, [1.0]),
        (DECLARED, None, 1.0, [1.0]),
        (None, VIEWED, 0.25, [1.0]),
        (Profile(), VIEWED, 1e-9, [1.0]),
        (Profile(), VIEWED, 0.0, []),
        (Profile(), Derived(), 0.5, []),
        (None, None, 0.5, []),
    ],
)
def test_shares_of_the_parts(
    declared: Profile | None, derived: Derived | None, share: float, expected: list[float]
) -> None:
    assert shares(profile_of(declared, derived, share)) == expected


def test_at_the_ends_one_part_is_all_there_is() -> None:
    (only,) = profile_of(DECLARED, VIEWED, 0.0).parts
    assert only.phrases.keys.tolist() == [term_key("phrases", "declar")]
    (only,) = profile_of(DECLARED, VIEWED, 1.0).parts
    assert only.phrases.keys.tolist() == [term_key("phrases", "boat")]


def test_the_derived_part_is_the_last() -> None:
    mixture = profile_of(DECLARED, VIEWED, 0.5)

    assert mixture.parts[-1].phrases is VIEWED.phrases
    assert np.array_equal(mixture.parts[-1].words.weights, VIEWED.words.weights)
