"""Credits: what a video says of the one who watches it."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.profiles.credit import credit_of, watched_share
from matchcut_server.profiles.model import Credit, EventKind
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.keyword_vector import TermBlock, vectorise
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.weighting import Block
from tests.documents import real_videos
from tests.makers import DEFAULTS, keyword, keyword_set, video
from tests.profiles.makers import event


def weight(credit: Credit, block: Block, term: str) -> float:
    """Return the weight of a term; 0 if the credit does not have it."""
    own: TermBlock = getattr(credit, block)
    return float(own.frequencies[own.keys == term_key(block, term)].sum())


def texts(credit: Credit) -> set[str]:
    return set(credit.texts)


@pytest.mark.parametrize(
    "given_fields, duration, share",
    [
        ({}, 100.0, 1.0),
        ({"watched_seconds": 25.0}, 100.0, 0.25),
        ({"watched_seconds": 250.0}, 100.0, 1.0),
        ({"watched_seconds": 25.0}, 0.0, 1.0),
        ({"watched_seconds": 0.0}, 100.0, 0.0),
        ({"watched_share": 0.3}, 0.0, 0.3),
        ({"watched_spans": ((0.0, 10.0), (5.0, 20.0), (90.0, 200.0))}, 100.0, 0.3),
        ({"watched_spans": ((0.0, 10.0),)}, 0.0, 1.0),
        ({"watched_spans": ((200.0, 300.0),)}, 100.0, 0.0),
        ({"watched_spans": ((0.0, 10.0),), "watched_share": 0.7}, 100.0, 0.7),
        ({"watched_spans": ((0.0, 10.0),), "watched_seconds": 50.0}, 100.0, 0.5),
    ],
)
def test_how_much_was_watched(given_fields: dict[str, object], duration: float, share: float) -> None:
    assert watched_share(event(**given_fields), duration) == pytest.approx(share)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind is not EventKind.VIEW])
def test_only_views_have_a_share(kind: EventKind) -> None:
    assert watched_share(event(kind, watched_share=0.1), 100.0) == 1.0


def test_a_whole_video_credits_what_the_catalog_weighs_it_with() -> None:
    one = video("v", keyword("film festival", (0, 50)), keyword("boat", (0, 5)), keyword("old film", (0, 20)))

    credit, vector = credit_of(one, (), DEFAULTS), vectorise(one.keyword_sets[0], one.duration, DEFAULTS)

    for own, whole in ((credit.phrases, vector.phrases), (credit.words, vector.words)):
        assert own.keys.tolist() == whole.keys.tolist()
        frequencies = whole.frequencies.astype(np.float64)
        assert own.frequencies == pytest.approx(frequencies / np.linalg.norm(frequencies))


def test_only_what_was_on_screen_in_the_watched_spans_counts_in_proportion() -> None:
    one = video("v", keyword("film", (0, 10)), keyword("boat", (10, 20)), keyword("war", (20, 30)), keyword("always"))

    credit = credit_of(one, [(0.0, 10.0), (15.0, 20.0)], DEFAULTS)

    assert texts(credit) == {"film", "boat"}
    assert weight(credit, "phrases", "boat") / weight(credit, "phrases", "film") == pytest.approx(0.5)


def test_watched_spans_are_clipped_to_the_video_and_merged() -> None:
    one = video("v", keyword("film", (0, 60)), keyword("boat", (50, 60)), duration=60.0)
    spans = [(40.0, 50.0), (-20.0, 10.0), (45.0, 55.0), (40.0, 50.0), (58.0, 900.0), (70.0, 80.0)]

    credit = credit_of(one, spans, DEFAULTS)
    tidy = credit_of(one, [(0.0, 10.0), (40.0, 55.0), (58.0, 60.0)], DEFAULTS)

    assert credit.phrases.frequencies.tolist() == tidy.phrases.frequencies.tolist()
    film, boat = (weight(credit, "phrases", name) for name in ("film", "boat"))
    assert film / boat == pytest.approx((27 / 60 * math.log(61)) / (7 / 10 * math.log(11)))


@pytest.mark.parametrize("spans", [[(200.0, 300.0)], [(30.0, 40.0)], [(10.0, 10.0)]])
def test_spans_without_keywords_credit_nothing(spans: list[tuple[float, float]]) -> None:
    credit = credit_of(video("v", keyword("film", (0, 10)), keyword("always")), spans, DEFAULTS)

    assert (len(credit.phrases.keys), len(credit.words.keys), credit.texts) == (0, 0, ())


def test_a_video_without_keywords_credits_nothing() -> None:
    assert credit_of(Video("v"), (), DEFAULTS).texts == ()
    assert credit_of(Video("v"), [(0.0, 5.0)], DEFAULTS).texts == ()


def test_all_languages_count_and_a_keyword_of_several_once() -> None:
    english, german = keyword_set("en-US", keyword("film", (0, 50)), "boats"), keyword_set("de-DE", "film", "Boote")

    credit = credit_of(video("v", english, german), (), DEFAULTS)

    assert texts(credit) == {"film", "boats", "Boote"}
    strongest = credit_of(video("v", english), (), DEFAULTS)
    assert weight(credit, "phrases", "film") / weight(credit, "phrases", "boat") == pytest.approx(
        weight(strongest, "phrases", "film") / weight(strongest, "phrases", "boat")
    )


def test_ignored_keywords_do_not_count_and_aliases_count_as_what_they_stand_for() -> None:
    settings = CatalogSettings(ignored_keywords=("news",), keyword_aliases=(("uk", "United Kingdom"),))

    credit = credit_of(video("v", "UK", "news"), (), settings)

    assert credit.texts == ("UK",)
    assert weight(credit, "phrases", "unit kingdom") == pytest.approx(1.0)


def test_texts_stand_beside_their_terms() -> None:
    names = ["film", "boat", "war", "London", "New York"]

    credit = credit_of(video("v", *names), (), DEFAULTS)

    keys = {term_key("phrases", text.casefold()): text for text in names}
    assert credit.texts == tuple(keys[key] for key in credit.phrases.keys.tolist())


@pytest.mark.parametrize("scheme", Scheme)
def test_credits_of_the_real_documents_are_of_unit_length(scheme: Scheme) -> None:
    for one in real_videos():
        credit = credit_of(one, (), CatalogSettings(scheme))
        half = credit_of(one, [(0.0, one.duration / 2)], CatalogSettings(scheme))
        for own in (credit, half):
            for block in (own.phrases, own.words):
                length = float(np.linalg.norm(block.frequencies.astype(np.float64)))
                assert length == pytest.approx(1.0 if own.texts else 0.0, abs=1e-6)
        assert texts(half) <= texts(credit)


SECONDS = st.integers(0, 30)
SPANS = st.lists(st.tuples(SECONDS, SECONDS).map(sorted).filter(lambda span: span[0] < span[1]), max_size=4)


def covered(spans: Sequence[Sequence[int]], duration: int) -> set[int]:
    """Return the seconds that spans cover, one by one."""
    return {second for start, end in spans for second in range(start, end) if not duration or second < duration}


@given(st.lists(SPANS, min_size=1, max_size=4), SPANS.filter(bool), st.sampled_from([0, 12, 30]))
def test_weights_are_those_of_counting_seconds_one_by_one(
    instances: list[list[list[int]]], watched: list[list[int]], duration: int
) -> None:
    names = "abcd"[: len(instances)]
    keywords = [
        Keyword(name, 0.5, tuple(Instance(float(start), float(end)) for start, end in sorted(own)))
        for name, own in zip(names, instances, strict=True)
    ]
    one = Video("v", duration=float(duration), keyword_sets=(KeywordSet("", keywords),))

    credit = credit_of(one, [(float(start), float(end)) for start, end in watched], DEFAULTS)

    expected: dict[str, float] = {}
    for name, own in zip(names, instances, strict=True):
        whole = covered(own, duration)
        if whole & covered(watched, duration):
            share = len(whole & covered(watched, duration)) / len(whole)
            expected[name] = share * 0.5 * math.log(1 + len(whole))
    length = math.sqrt(sum(own**2 for own in expected.values()))
    assert texts(credit) == set(expected)
    for name, frequency in expected.items():
        assert weight(credit, "phrases", name) == pytest.approx(frequency / length, rel=1e-5)
        assert weight(credit, "words", name) == pytest.approx(frequency / length, rel=1e-5)
