"""Explanations: who gave how much to a score."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import View
from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.ranking.explanation import MAX_INTERESTS, MAX_MATCHED, MAX_SPANS, Explainer, MatchedKeyword
from matchcut_server.vectors.profile import Interest, make_profile
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from tests.documents import real_videos
from tests.makers import DEFAULTS, indexed, keyword, keyword_set, video

NOW = 4e9
"""Long after all videos were published."""


def view_of(videos: list[Video], settings: CatalogSettings = DEFAULTS) -> View:
    index = MemoryIndex()
    index.apply([indexed(one, settings=settings) for one in videos], len(videos))
    return index.view()


def explain(
    videos: list[Video], *interests: Interest, settings: CatalogSettings = DEFAULTS
) -> dict[str, tuple[float, list[MatchedKeyword]]]:
    """Return score and explanation of every video that matches."""
    view = view_of(videos, settings)
    profile = make_profile(interests, tuple(view.statistics.languages), view.knows, settings)
    explainer = Explainer(profile, view, settings, profile)
    explained = {}
    for hit in view.search(profile, 100, NOW):
        (one,) = [one for one in videos if one.video_id == hit.video_id]
        (best,) = [own for own in one.keyword_sets if own.language == hit.language]
        explained[hit.video_id] = hit.score, explainer.explain(best, one.duration)
    return explained


def test_a_match_tells_the_keyword_its_interest_and_its_time() -> None:
    one = video("a", keyword("Film Festivals", (30, 40), (5, 10), (8, 12), confidence=None), "boat")

    score, (matched,) = explain([one], Interest("film festival", 2.0))["a"]

    assert (matched.keyword, matched.interests) == ("Film Festivals", ("film festival",))
    assert matched.share == pytest.approx(score, abs=1e-6)
    assert matched.idf == 1.0
    assert (matched.confidence, matched.on_screen_seconds) == (0.75, 17.0)
    assert matched.spans == ((5.0, 12.0), (30.0, 40.0))


def test_idf_is_that_of_the_whole_keyword() -> None:
    videos = [video("a", "film festival"), video("b", "film"), video("c", "boat")]

    (_, (matched,)) = explain(videos, Interest("film festival"))["a"]

    assert matched.idf == pytest.approx(math.log(4 / 2) + 1)


def test_keywords_are_ordered_by_how_much_they_give_or_take() -> None:
    one = video("a", keyword("film", (0, 50)), keyword("boat", (0, 5)), keyword("war", (0, 20)), "unrelated")
    interests = [Interest("film", 3.0), Interest("boat", 1.0), Interest("war", -2.0)]

    score, matched = explain([one], *interests)["a"]

    assert [one.keyword for one in matched] == ["film", "war", "boat"]
    assert matched[1].share < 0
    assert sum(one.share for one in matched) == pytest.approx(score, abs=1e-6)


def test_a_word_is_credited_to_the_keyword_its_weight_comes_from() -> None:
    one = video("a", keyword("film", (0, 5)), keyword("film festival", (0, 50)))

    _, matched = explain([one], Interest("films by night"))["a"]

    assert [one.keyword for one in matched] == ["film festival"]


def test_a_keyword_without_time_has_no_spans_and_counts_a_second() -> None:
    _, (matched,) = explain([video("a", keyword("film"))], Interest("film"))["a"]

    assert (matched.on_screen_seconds, matched.spans) == (1.0, ())


def test_of_many_interests_the_strongest_are_named() -> None:
    interests = [Interest(f"film {name}", weight) for name, weight in zip("abcde", (1, 5, -9, 3, 2), strict=True)]

    _, (matched,) = explain([video("a", "film"), video("b", "x")], *interests, Interest("film", 10))["a"]

    assert len(matched.interests) == MAX_INTERESTS
    assert matched.interests == ("film", "film c", "film b")


def test_of_many_spans_the_first_are_named() -> None:
    one = keyword("film", *[(2.0 * i, 2.0 * i + 1) for i in range(150)])

    _, (matched,) = explain([video("a", one, duration=0.0)], Interest("film"))["a"]

    assert len(matched.spans) == MAX_SPANS
    assert matched.on_screen_seconds == 150.0
    assert matched.spans[-1] == (198.0, 199.0)


def test_many_keywords_are_summed_up_in_the_last_entry() -> None:
    one = video("a", *[f"film {i}" for i in range(150)])

    score, matched = explain([one], *[Interest(f"film {i}") for i in range(150)])["a"]

    assert len(matched) == MAX_MATCHED + 1
    assert (matched[-1].keyword, matched[-1].interests, matched[-1].spans) == ("", (), ())
    assert sum(one.share for one in matched) == pytest.approx(score, abs=1e-5)


def test_aliases_and_ignored_keywords_hold_in_explanations() -> None:
    settings = CatalogSettings(ignored_keywords=("news",), keyword_aliases=(("uk", "United Kingdom"),))

    score, matched = explain(
        [video("a", "UK", "news")], Interest("united kingdom"), Interest("news"), settings=settings
    )["a"]

    assert [one.keyword for one in matched] == ["UK"]
    assert matched[0].share == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize("scheme", Scheme)
def test_shares_of_the_real_documents_add_up_to_their_scores(scheme: Scheme) -> None:
    interests = [
        Interest("responsible ai", 2.0),
        Interest("technology", 1.0),
        Interest("people", -0.3),
        Interest("cnn news", 1.0),
        Interest("time"),
        Interest("nothing has this"),
    ]

    explained = explain(real_videos(), *interests, settings=CatalogSettings(scheme))

    assert len(explained) >= 3
    for score, matched in explained.values():
        assert sum(one.share for one in matched) == pytest.approx(score, abs=1e-6)


TEXTS = st.sampled_from(
    ["film", "Films", "film festival", "festival", "boat", "boat trip", "new york", "C++", "映画祭", "—"]
)
INTERESTS = st.lists(
    st.builds(
        Interest,
        TEXTS | st.just("unknown"),
        st.sampled_from([-2.0, -0.5, 0.5, 1.0, 3.0]),
        st.sampled_from(["", "en", "de-DE"]),
    ),
    min_size=1,
    max_size=6,
)


@st.composite
def keyword_sets(draw: st.DrawFn, language: str) -> KeywordSet:
    texts = draw(st.lists(TEXTS, max_size=5, unique_by=str.casefold))
    spans = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 60)), max_size=3)
    confidences = st.sampled_from([None, 0.0, 0.6211, 1.0])
    keywords = [
        Keyword(
            text,
            draw(confidences),
            tuple(Instance(float(start), float(start + length)) for start, length in sorted(draw(spans))),
        )
        for text in texts
    ]
    return KeywordSet(language, tuple(keywords))


@st.composite
def catalogs(draw: st.DrawFn) -> list[Video]:
    videos = []
    for name in "abcd"[: draw(st.integers(1, 4))]:
        languages = draw(st.sets(st.sampled_from(["de-DE", "en-US", "ja-JP"]), min_size=1))
        sets = [draw(keyword_sets(language)) for language in sorted(languages)]
        videos.append(video(name, *sets, duration=draw(st.sampled_from([0.0, 60.0]))))
    return videos


@given(catalogs(), INTERESTS, st.sampled_from(Scheme))
def test_shares_add_up_to_the_score_whatever_matches(
    videos: list[Video], interests: list[Interest], scheme: Scheme
) -> None:
    for score, matched in explain(videos, *interests, settings=CatalogSettings(scheme)).values():
        assert sum(one.share for one in matched) == pytest.approx(score, abs=1e-6)
        assert [abs(one.share) for one in matched] == sorted((abs(one.share) for one in matched), reverse=True)
        assert len({one.keyword for one in matched}) == len(matched)


def test_the_best_keyword_set_is_the_one_explained() -> None:
    one = video("a", keyword_set("de-DE", "film", "boot", "meer"), keyword_set("en-US", "film"))

    score, (matched,) = explain([one], Interest("film"))["a"]

    assert score == 1.0
    assert matched.share == pytest.approx(1.0)
