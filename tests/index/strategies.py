"""Small catalogs in which ties, repetitions and odd cases are frequent."""

import numpy as np
from hypothesis import strategies as st

from matchcut_server.index.filter import (
    DurationBetween,
    Filter,
    HasAttribute,
    HasId,
    HasLanguage,
    PublishedBetween,
)
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.keyword_vector import KeywordVector, SetCounts, TermBlock
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.video import IndexedVideo, VideoFacts
from matchcut_server.vectors.weighting import BLOCKS, Block

IDS = st.sampled_from(["a", "b", "c", "d", "é", "Z", "10", "9"])
LANGUAGES = ["de-DE", "en", "en-GB", "zh-Hans"]
MOMENTS = st.sampled_from([0.0, 50.0, 100.0, 100.5, 150.0, 200.0])
TEXTS: dict[Block, list[str]] = {
    "phrases": ["film", "film festiv", "london", "boat trip", "new york", "unknown phrase"],
    "words": ["film", "festiv", "london", "boat", "trip", "new", "york", "unknown"],
}
"""The terms that videos may have, and last one that only profiles have."""
PHRASES, WORDS = (st.sampled_from(TEXTS[block][:-1]) for block in BLOCKS)


def term_block(block: Block, weights: dict[str, float]) -> TermBlock:
    """Make a block of tf by term."""
    keyed = sorted((term_key(block, term), weight) for term, weight in weights.items())
    return TermBlock(
        np.array([key for key, _ in keyed], dtype=np.uint64), np.array([tf for _, tf in keyed], dtype=np.float32)
    )


def vector(
    language: str, phrases: dict[str, float], words: dict[str, float], counts: SetCounts | None = None
) -> KeywordVector:
    """Make a keyword vector of tf by term."""
    return _vector(language, False, phrases, words, counts or SetCounts(len(phrases)))


def _vector(
    language: str, summarized: bool, phrases: dict[str, float], words: dict[str, float], counts: SetCounts
) -> KeywordVector:
    return KeywordVector(language, summarized, term_block("phrases", phrases), term_block("words", words), counts)


@st.composite
def vectors(draw: st.DrawFn, language: str) -> KeywordVector:
    frequency = st.sampled_from([0.25, 0.5, 0.6211, 1.0, 2.0])
    phrases = draw(st.dictionaries(PHRASES, frequency, max_size=3))
    # A keyword has words exactly if it has a phrase.
    words = draw(st.dictionaries(WORDS, frequency, min_size=1, max_size=4)) if phrases else {}
    counts = SetCounts(len(phrases) + draw(st.integers(0, 1)), draw(st.integers(0, 10**9)), len(words) // 2, 1)
    return _vector(language, draw(st.booleans()), phrases, words, counts)


@st.composite
def videos(draw: st.DrawFn) -> IndexedVideo:
    languages = tuple(sorted(draw(st.sets(st.sampled_from(LANGUAGES), max_size=3))))
    attribute = st.lists(st.sampled_from(["uk", "us", "fr"]), min_size=1, max_size=2, unique=True).map(tuple)
    facts = VideoFacts(
        draw(IDS),
        draw(st.sampled_from([0.0, 10.0, 60.0])),
        draw(st.none() | MOMENTS),
        draw(st.none() | MOMENTS),
        draw(st.dictionaries(st.sampled_from(["region", "topic"]), attribute, max_size=2)),
        languages,
    )
    return IndexedVideo(facts, tuple(draw(vectors(language)) for language in languages))


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    weight = st.sampled_from([-2.0, -1.0, 0.1, 1.0, 1.0, 3.0])
    return Profile(
        draw(st.dictionaries(st.sampled_from(TEXTS["phrases"]), weight, max_size=4)),
        draw(st.dictionaries(st.sampled_from(TEXTS["words"]), weight, max_size=5)),
    )


def _ranges(moments: st.SearchStrategy[float]) -> st.SearchStrategy[tuple[float | None, float | None]]:
    return st.tuples(st.none() | moments, st.none() | moments)


CONDITIONS = st.one_of(
    st.sampled_from([*LANGUAGES, "de", "zh", "fr"]).map(HasLanguage),
    st.tuples(
        st.sampled_from(["region", "topic", "other"]),
        st.lists(st.sampled_from(["uk", "us", "it"]), max_size=2).map(tuple),
    ).map(lambda pair: HasAttribute(*pair)),
    _ranges(MOMENTS).map(lambda pair: PublishedBetween(*pair)),
    _ranges(st.sampled_from([10.0, 30.0, 60.0])).map(lambda pair: DurationBetween(*pair)),
    st.frozensets(IDS, max_size=4).map(HasId),
)
FILTERS = st.builds(
    Filter,
    st.lists(CONDITIONS, max_size=2).map(tuple),
    st.lists(CONDITIONS, max_size=3).map(tuple),
    st.lists(CONDITIONS, max_size=2).map(tuple),
)
