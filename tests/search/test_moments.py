"""Moments of one keyword set: what they hold, where they begin and end, and what they are worth."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.insights.model import KeywordSet
from matchcut_server.search.asked import AskedKeyword, KeywordMatch, Sought, keys_of
from matchcut_server.search.conditions import AskedMoments, Conditions
from matchcut_server.search.moments import FoundMoment, MomentFinder
from matchcut_server.vectors.settings import CatalogSettings
from tests.makers import DEFAULTS, keyword, keyword_set
from tests.search import naive_moments as naive

EXACT = KeywordMatch.EXACT
EXAMPLE = keyword_set(
    "en-US",
    keyword("London", (0, 5), (20, 25), (25.5, 30)),
    keyword("Paris", (8, 10), (95, 200), confidence=0.5),
    keyword("old Rome", (40, 50)),
    keyword("Oslo"),
    keyword("Bern", (60, 61), confidence=0.0),
)


def sought(asked: AskedKeyword, stemmer: str, catalog: CatalogSettings) -> Sought:
    keys = keys_of(asked.keyword, stemmer, catalog)
    return Sought(asked, np.empty(0, dtype=np.uint64), () if keys is None else (keys,))


def finder(asked: AskedMoments, idf: list[float] | None = None, catalog: CatalogSettings = DEFAULTS) -> MomentFinder:
    parts = [tuple(sought(one, "english", catalog) for one in some) for some in asked[:3]]
    count = len(asked.all_of) + len(asked.any_of)
    counts = (1,) * count
    values = np.array([1.0] * count if idf is None else idf)
    return MomentFinder(Conditions(parts[0], parts[1], parts[2], asked.within_seconds, counts, values), catalog)


def find(own: KeywordSet = EXAMPLE, duration: float = 100.0, **asked: Any) -> list[FoundMoment]:
    """Find the moments of some keywords, given as text."""
    within = asked.pop("within", None)
    lists = {
        name: tuple(one if isinstance(one, AskedKeyword) else AskedKeyword(one) for one in some)
        for name, some in asked.items()
    }
    return finder(AskedMoments(**lists, within_seconds=within)).find(own, duration)


def spans(found: list[FoundMoment]) -> list[tuple[float, float]]:
    return [(one.start, one.end) for one in found]


def test_instances_with_at_most_a_second_between_them_are_one_moment() -> None:
    assert spans(find(any_of=["london"])) == [(0, 5), (20, 30)]
    apart = keyword_set("en", keyword("london", (0.1, 1.2), (2.2, 3.4), (4.41, 5)))
    assert spans(find(apart, any_of=["london"])) == [(0.1, 3.4), (4.41, 5)]


def test_a_moment_ends_with_the_video_where_its_duration_is_known() -> None:
    assert spans(find(any_of=["paris"])) == [(8, 10), (95, 100)]
    assert spans(find(any_of=["paris"], duration=0.0)) == [(8, 10), (95, 200)]
    assert spans(find(any_of=["paris"], duration=90.0)) == [(8, 10)]


def test_without_a_window_the_conditions_hold_for_the_video() -> None:
    assert spans(find(all_of=["london", "paris"])) == [(0, 5), (8, 10), (20, 30), (95, 100)]
    assert spans(find(all_of=["london", "madrid"])) == []
    assert spans(find(all_of=["london"], any_of=["madrid", "rome"])) == [(0, 5), (20, 30), (40, 50)]
    assert spans(find(any_of=["london"], none_of=["rome"])) == []


def test_a_keyword_without_instances_occurs_but_has_no_moments() -> None:
    assert spans(find(any_of=["oslo"])) == []
    assert spans(find(all_of=["oslo", "rome"])) == [(40, 50)]
    assert spans(find(any_of=["rome"], none_of=["oslo"])) == []
    assert spans(find(all_of=["oslo", "rome"], within=1_000)) == []
    assert spans(find(any_of=["rome"], none_of=["oslo"], within=1_000)) == [(40, 50)]


def test_a_keyword_of_confidence_0_never_matches() -> None:
    assert spans(find(any_of=["bern"])) == []
    assert spans(find(any_of=["rome"], none_of=["bern"])) == [(40, 50)]


def test_with_a_window_keywords_are_on_screen_with_so_much_between_them() -> None:
    assert spans(find(all_of=["london", "paris"], within=2)) == []
    assert spans(find(all_of=["london", "paris"], within=3)) == [(0, 10)]
    assert spans(find(all_of=["london", "paris"], within=10)) == [(0, 30)]
    assert spans(find(all_of=["london"], within=10)) == [(0, 5), (20, 30)]
    assert spans(find(any_of=["london", "paris"], within=10)) == [(0, 5), (8, 10), (20, 30), (95, 100)]


def test_a_window_of_0_is_at_the_same_time() -> None:
    own = keyword_set("en", keyword("london", (0, 10), (20, 22)), keyword("paris", (5, 6), (22.5, 25)))
    assert spans(find(own, all_of=["london", "paris"], within=0)) == [(0, 10)]
    touching = keyword_set("en", keyword("london", (0, 10)), keyword("paris", (10, 12)))
    assert spans(find(touching, all_of=["london", "paris"], within=0)) == [(0, 12)]


def test_all_of_them_are_near_each_other_not_only_each_to_the_next() -> None:
    own = keyword_set("en", keyword("london", (0, 5)), keyword("paris", (20, 25)), keyword("rome", (40, 45)))
    assert spans(find(own, all_of=["london", "paris", "rome"], within=34)) == []
    assert spans(find(own, all_of=["london", "paris", "rome"], within=35)) == [(0, 45)]


def test_the_closest_meetings_count() -> None:
    """What meets by itself on both sides of a gap is not joined because the window is wider than the gap."""
    own = keyword_set("en", keyword("london", (0, 5), (20, 25)), keyword("paris", (0, 6), (21, 25)))
    assert spans(find(own, all_of=["london", "paris"], within=30)) == [(0, 6), (20, 25)]


def test_with_a_window_what_is_unwanted_is_not_on_screen_near_the_moment() -> None:
    assert spans(find(any_of=["london"], none_of=["rome"], within=9)) == [(0, 5), (20, 30)]
    assert spans(find(any_of=["london"], none_of=["rome"], within=10)) == [(0, 5)]
    assert spans(find(any_of=["london"], none_of=["rome"], within=35)) == []


def test_what_is_wanted_and_unwanted_at_once_has_no_moments() -> None:
    assert find(any_of=["london"], none_of=["london"]) == []
    assert find(any_of=["london"], none_of=["london"], within=0) == []


def test_keywords_match_exactly_or_by_their_words() -> None:
    assert spans(find(any_of=["rome old"])) == [(40, 50)]
    assert spans(find(any_of=[AskedKeyword("rome", EXACT)])) == []
    assert spans(find(any_of=[AskedKeyword("old Rome", EXACT)])) == [(40, 50)]


def test_ignored_keywords_and_aliases_of_the_catalog_hold() -> None:
    catalog = CatalogSettings(ignored_keywords=("paris",), keyword_aliases=(("old rome", "roma"),))
    asked = AskedMoments(any_of=(AskedKeyword("paris"), AskedKeyword("roma")))
    assert spans(finder(asked, catalog=catalog).find(EXAMPLE, 100.0)) == [(40, 50)]


def test_the_score_adds_up_what_is_on_screen_and_counts_how_much_of_what_was_asked_that_is() -> None:
    asked = AskedMoments(
        all_of=(AskedKeyword("london", weight=2.0),), any_of=(AskedKeyword("paris"), AskedKeyword("rome", weight=0.5))
    )
    found = finder(asked, [1.5, 2.0, 3.0]).find(EXAMPLE, 100.0)
    assert [one.score for one in found] == [1.0, 0.333333, 1.0, 0.5, 0.333333]
    both = finder(asked._replace(within_seconds=3.0), [1.5, 2.0, 3.0]).find(EXAMPLE, 100.0)
    assert both == [FoundMoment(0, 10, round((2.0 * 1.5 + 0.5 * 2.0) * 2 / 3, 6))]


def test_of_several_keywords_that_match_one_that_is_asked_for_the_surest_counts() -> None:
    own = keyword_set(
        "en",
        keyword("red car", (0, 5), confidence=0.5),
        keyword("blue car", (3, 8), confidence=0.9),
        keyword("car", (5, 6), confidence=None),
    )
    assert [one.score for one in find(own, any_of=["car"])] == [0.9]


def test_what_scores_nothing_once_rounded_is_no_moment() -> None:
    assert find(any_of=[AskedKeyword("london", weight=1e-7), AskedKeyword("rome")]) == find(
        any_of=[AskedKeyword("oslo"), AskedKeyword("rome")]
    )


def test_a_stemmed_word_matches_its_other_forms() -> None:
    own = keyword_set("en-US", keyword("Film Festivals", (0, 5)))
    assert spans(find(own, any_of=["film festival"])) == [(0, 5)]


def test_keywords_of_many_sets_are_told_apart() -> None:
    own = finder(AskedMoments(any_of=(AskedKeyword("london"), AskedKeyword("rome"))))
    sets = [EXAMPLE, keyword_set("en"), keyword_set("en", keyword("rome", (1, 2))), keyword_set("en", "oslo"), EXAMPLE]
    found = own.find_all([(one, 100.0) for one in sets])
    assert found.sets.tolist() == [0, 0, 0, 2, 4, 4, 4]
    assert found.starts.tolist() == [0, 20, 40, 1, 0, 20, 40]


# --- laws -------------------------------------------------------------------------------------------------------------

WORDS = ("london", "paris", "rome", "film")
TEXTS = [*WORDS, "london film", "film paris", "rome london paris"]
times = st.integers(0, 60).map(lambda half: half / 2)
instance = st.tuples(times, st.sampled_from([0.5, 1.0, 2.5, 6.0, 20.0])).map(lambda own: (own[0], own[0] + own[1]))
keywords = st.builds(
    lambda text, own, confidence: keyword(text, *own, confidence=confidence),
    st.sampled_from(TEXTS),
    st.lists(instance, max_size=4, unique=True),
    st.sampled_from([None, 0.0, 0.3, 0.6211, 1.0]),
)
keyword_sets = st.lists(keywords, max_size=6, unique_by=lambda one: one.text).map(lambda own: keyword_set("en", *own))
asked_keywords = st.tuples(
    st.sampled_from(TEXTS), st.sampled_from(KeywordMatch), st.just("en"), st.sampled_from([0.5, 1.0, 3.0])
).map(lambda own: AskedKeyword(*own))
some = st.lists(asked_keywords, max_size=2).map(tuple)
windows = st.none() | st.sampled_from([0.0, 0.5, 1.0, 3.0, 10.0, 100.0])
asked_moments = (
    st.tuples(some, some, some, windows)
    .map(lambda own: AskedMoments(*own))
    .filter(lambda one: one.all_of or one.any_of)
)
durations = st.sampled_from([0.0, 5.0, 20.25, 100.0])


@settings(max_examples=150)
@given(keyword_sets, durations, asked_moments)
def test_moments_are_those_of_the_definition(own: KeywordSet, duration: float, asked: AskedMoments) -> None:
    idf = [1.0 + 0.25 * place for place in range(len(asked.all_of) + len(asked.any_of))]
    found = finder(asked, idf).find(own, duration)
    expected = naive.moments(own, duration, asked, idf)
    assert spans(found) == [(one.start, one.end) for one in expected]
    assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=1.1e-6)


@settings(max_examples=100)
@given(keyword_sets, durations, asked_moments)
def test_every_moment_lies_in_the_video_and_holds_what_it_claims(
    own: KeywordSet, duration: float, asked: AskedMoments
) -> None:
    moments = finder(asked).find(own, duration)
    texts = [one.text for one in own.keywords if one.confidence != 0]
    for before, after in pairwise(moments):
        assert after.start - before.end > 1.0
    for one in moments:
        assert 0 <= one.start < one.end <= (duration or float("inf"))
        if asked.within_seconds is None:
            assert naive.holds(asked, texts)
        else:
            assert naive.can_meet(own, duration, asked, (one.start, one.end), asked.within_seconds)
    if asked.within_seconds is not None and not asked.none_of:
        everywhere = (0.0, float("inf"))
        assert bool(moments) == naive.can_meet(own, duration, asked, everywhere, asked.within_seconds)
