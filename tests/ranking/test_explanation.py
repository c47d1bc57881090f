"""Explanations: who gave how much to a score."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import View
from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.profiles.derived import Derived, derive, profile_of
from matchcut_server.profiles.model import EventKind, ProfileSettings
from matchcut_server.ranking.explanation import (
    MAX_INTERESTS,
    MAX_MATCHED,
    MAX_SOURCES,
    MAX_SPANS,
    Explainer,
    MatchedKeyword,
    ProfileSource,
)
from matchcut_server.vectors.keyword_vector import TermBlock, vectorise
from matchcut_server.vectors.mixture import Mixture, WeightedTerms
from matchcut_server.vectors.profile import Interest, Profile, make_profile
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from tests.documents import real_videos
from tests.makers import DEFAULTS, indexed, keyword, keyword_set, video
from tests.profiles.makers import credited, event

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
        explained[hit.video_id] = hit.score, explainer.explain(explainer.hold(best, one.duration))
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


def derived_from(*events: tuple[EventKind, Video]) -> Derived:
    """Derive from one event of each video."""
    known = [credited(event(kind, one.video_id, float(i)), one) for i, (kind, one) in enumerate(events)]
    return derive(known, ProfileSettings(), 0.0)


def explain_derived(
    videos: list[Video], declared: Profile | None, derived: Derived, share: float
) -> dict[str, tuple[float, list[MatchedKeyword], list[ProfileSource]]]:
    """Return score, explanation and sources of every video that matches."""
    view = view_of(videos)
    mixture = profile_of(declared, derived, share)
    explainer = Explainer(mixture, view, DEFAULTS, declared, derived)
    explained = {}
    for hit in view.search(mixture, 100, NOW):
        (one,) = [one for one in videos if one.video_id == hit.video_id]
        (best,) = [own for own in one.keyword_sets if own.language == hit.language]
        held = explainer.hold(best, one.duration)
        explained[hit.video_id] = (hit.score, explainer.explain(held), explainer.profile_sources(held))
    return explained


def declared_of(*interests: Interest) -> Profile:
    return make_profile(interests, ["en-US"], lambda _block, _term: True, DEFAULTS)


FILM, BOAT, BOTH = video("film", "film"), video("boat", "boat"), video("both", "film", "boat")


def test_watched_videos_are_named_by_what_they_give_or_take() -> None:
    derived = derived_from((EventKind.LIKE, FILM), (EventKind.DISLIKE, BOAT))

    explained = explain_derived([FILM, BOAT, BOTH, video("x")], None, derived, 0.5)

    score, matched, sources = explained["both"]
    assert [source.video_id for source in sources] == ["film", "boat"]
    assert [source.share for source in sources] == pytest.approx([2 * score, -score], abs=1e-5)
    assert [(one.keyword, one.interests) for one in matched] == [("film", ()), ("boat", ())]
    assert [one.share for one in matched] == pytest.approx([2 * score, -score], abs=1e-5)
    assert [source.video_id for source in explained["film"][2]] == ["film"]


def test_what_is_declared_has_interests_and_what_is_watched_has_sources() -> None:
    derived = derived_from((EventKind.VIEW, FILM))
    declared = declared_of(Interest("boat"))

    score, matched, sources = explain_derived([BOTH, FILM], declared, derived, 0.5)["both"]

    assert {one.keyword: one.interests for one in matched} == {"film": (), "boat": ("boat",)}
    assert sum(one.share for one in matched) == pytest.approx(score, abs=1e-6)
    by_keyword = {one.keyword: one.share for one in matched}
    assert [tuple(source) for source in sources] == [("film", pytest.approx(by_keyword["film"]))]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_part_that_does_not_count_is_not_told(share: float) -> None:
    declared, derived = declared_of(Interest("boat")), derived_from((EventKind.VIEW, FILM))

    _, matched, sources = explain_derived([BOTH], declared, derived, share)["both"]

    assert [one.keyword for one in matched] == [["boat"], ["film"]][int(share)]
    assert bool(sources) == bool(share)


def test_events_of_one_video_are_one_source() -> None:
    derived = derived_from((EventKind.VIEW, FILM), (EventKind.LIKE, FILM), (EventKind.VIEW, BOAT))

    _, _, sources = explain_derived([BOTH], None, derived, 1.0)["both"]

    assert [source.video_id for source in sources] == ["film", "boat"]
    assert sources[0].share == pytest.approx(3 * sources[1].share, rel=1e-5)


def test_of_many_watched_videos_the_strongest_are_named() -> None:
    watched = [video(f"v{i:02}", "film", f"other {i}") for i in range(30)]
    kinds = [EventKind.LIKE if i % 3 == 0 else EventKind.VIEW for i in range(30)]

    _, _, sources = explain_derived([FILM], None, derived_from(*zip(kinds, watched, strict=True)), 1.0)["film"]

    assert [source.video_id for source in sources] == [f"v{i:02}" for i in range(0, 30, 3)]
    assert len(sources) == MAX_SOURCES


def test_nobody_asks_for_sources() -> None:
    derived = derived_from((EventKind.VIEW, FILM))
    explainer = Explainer(derived, view_of([FILM]), DEFAULTS, None, derived.without_sources())
    held = explainer.hold(FILM.keyword_sets[0], FILM.duration)

    assert explainer.profile_sources(held) == []
    assert [one.keyword for one in explainer.explain(held)] == ["film"]


def derived_share_of_score(mixture: Mixture, view: View, one: KeywordSet) -> float:
    """Return what the last part adds to the score of a keyword set, by the formulas alone."""
    vector = vectorise(one, 60.0, DEFAULTS)
    total = 0.0
    for block in ("phrases", "words"):
        held: TermBlock = getattr(vector, block)
        tf = dict(zip(held.keys.tolist(), held.frequencies.tolist(), strict=True))
        parts = [unit_of(getattr(part, block), view) for part in mixture.parts]
        shares = [part.share for part in mixture.parts]
        whole = {
            key: sum(share * own.get(key, 0.0) for share, own in zip(shares, parts, strict=True))
            for own in parts
            for key in own
        }
        length = math.sqrt(sum(weight**2 for weight in whole.values()))
        if not length or not tf:
            continue
        x = unit_of(WeightedTerms(held.keys, held.frequencies.astype(np.float64)), view)
        total += 0.5 * shares[-1] / length * sum(x[key] * parts[-1].get(key, 0.0) for key in x)
    return total


def unit_of(terms: WeightedTerms, view: View) -> dict[int, float]:
    idf = view.idf_of(terms.keys)
    length = math.sqrt(sum((terms.weights * idf) ** 2))
    return dict(zip(terms.keys.tolist(), (terms.weights * idf / (length or 1.0)).tolist(), strict=True))


@given(
    catalogs(),
    st.lists(st.tuples(st.sampled_from(EventKind), st.integers(0, 3)), min_size=1, max_size=6),
    INTERESTS | st.none(),
    st.sampled_from([0.0, 0.3, 1.0]),
)
def test_shares_of_keywords_add_up_to_the_score_and_those_of_sources_to_the_derived_part(
    videos: list[Video],
    did: list[tuple[EventKind, int]],
    interests: list[Interest] | None,
    share: float,
) -> None:
    videos = [replace(one, duration=60.0) for one in videos]
    derived = derived_from(*[(kind, videos[i % len(videos)]) for kind, i in did])
    declared = None if interests is None else declared_of(*interests)
    view, mixture = view_of(videos), profile_of(declared, derived, share)
    counts = bool(mixture.parts) and mixture.parts[-1].words is derived.words

    for name, (score, matched, sources) in explain_derived(videos, declared, derived, share).items():
        (one,) = [one for one in videos if one.video_id == name]
        (best,) = [
            own
            for own in one.keyword_sets
            if own.language == {hit.video_id: hit.language for hit in view.search(mixture, 100, NOW)}[name]
        ]
        assert sum(one.share for one in matched) == pytest.approx(score, abs=1e-6)
        expected = derived_share_of_score(mixture, view, best) if counts else 0.0
        assert sum(source.share for source in sources) == pytest.approx(expected, abs=1e-6)
