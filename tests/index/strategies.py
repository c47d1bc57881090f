"""Catalogs in which ties, repetitions and odd cases are frequent: tiny ones drawn one by one, and larger ones of
repeated videos and of videos with Zipf keywords.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from msgspec import structs

from matchcut_server.index.arrays import Float64s
from matchcut_server.index.columns import Columns, positions_of
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
from matchcut_server.vectors.video import IndexedVideo, Removal, VideoFacts
from matchcut_server.vectors.weighting import BLOCKS, Block
from tests import naive

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

# --- larger catalogs --------------------------------------------------------------------------------------------------

Change = IndexedVideo | Removal

TEXT_OF: dict[tuple[Block, int], str] = {
    (block, term_key(block, text)): text
    for block in BLOCKS
    for text in (*TEXTS["phrases"], *TEXTS["words"], *(f"{start}{number}" for start in "pw" for number in range(600)))
}
"""All terms there are, by their keys."""

NAME_STARTS = ["", "a", "Z", "é", "映", "\uff5e", "😀"]
"""The last two are in another order by their bytes than they are in UTF-16."""
COUNTS = st.sampled_from([1, 5, 30, 60, 120, 121, 122])
SHARES = st.sampled_from([0.0, 0.03, 0.5, 1.0])
SEEDS = st.integers(0, 2**32 - 1)


def zipf_vector(language: str, random: np.random.Generator) -> KeywordVector:
    """Make a vector of Zipf keywords: a few terms are in most vectors, most terms in a few."""
    words = {f"w{rank % 300}" for rank in random.zipf(1.3, 20)}
    phrases = {f"p{rank % 500}" for rank in random.zipf(1.3, 15)}
    return vector(
        language,
        {term: float(random.uniform(0.1, 4)) for term in sorted(phrases)},
        {term: float(random.uniform(0.1, 4)) for term in sorted(words)},
    )


def numbered_video(number: int, random: np.random.Generator) -> IndexedVideo:
    """Make a video of Zipf keywords, in one language or two; a few have expired at 100."""
    languages = ("de", "en") if number % 7 == 0 else ("en",)
    expire = 100.0 if number % 31 == 0 else None
    facts = VideoFacts(f"v{number:05}", 60.0, None, expire, {}, languages)
    return IndexedVideo(facts, tuple(zipf_vector(language, random) for language in languages))


def zipf_profile(count: int, random: np.random.Generator) -> Profile:
    """Make a profile of at most `count` terms a block, about a sixth of them negative."""
    return Profile(
        {f"p{rank % 600}": float(random.normal(1, 1)) for rank in random.zipf(1.3, count)},
        {f"w{rank % 400}": float(random.normal(1, 1)) for rank in random.zipf(1.3, count)},
    )


def wide_profile(random: np.random.Generator) -> Profile:
    """Make a profile of a thousand terms, those of `zipf_vector` and some that nothing has."""
    return Profile(
        {f"p{number}": float(random.normal(1, 1)) for number in range(600)},
        {f"w{number}": float(random.normal(1, 1)) for number in range(400)},
    )


@dataclass(frozen=True)
class History:
    """What is written to a catalog, list by list, and the videos that are there in the end."""

    writes: list[list[Change]]
    videos: list[IndexedVideo]


@st.composite
def histories(draw: st.DrawFn, counts: st.SearchStrategy[int] = COUNTS) -> History:
    """Write a few different videos many times under other ids, beside ones of Zipf keywords; then remove and replace.

    Of copies many have the same score, some of them not published yet or expired.
    """
    patterns = [draw(videos().filter(_has_keywords)), *draw(st.lists(videos(), max_size=4))]
    share_of_zipf = draw(st.sampled_from([0.0, 0.3, 1.0]))
    share_removed, share_replaced = draw(st.sampled_from([0.0, 0.03, 0.3, 0.9])), draw(SHARES)
    count, write_count = draw(counts), draw(st.integers(1, 6))
    random = np.random.default_rng(draw(SEEDS))

    def written(video_id: str) -> IndexedVideo:
        pattern = patterns[random.integers(len(patterns))]
        if random.random() < share_of_zipf:
            pattern = _zipf_video(pattern.facts, random)
        facts = structs.replace(pattern.facts, video_id=video_id)
        if random.random() < 0.7:
            facts = structs.replace(facts, published_time=None, expire_time=None)
        return IndexedVideo(facts, pattern.vectors)

    names = [f"{NAME_STARTS[number % len(NAME_STARTS)]}{number}" for number in range(count)]
    changes: list[Change] = [written(names[i]) for i in random.permutation(count)]
    changes += [written(name) for name in names if random.random() < share_replaced]
    changes += [Removal(name) for name in [*names, "nobody"] if random.random() < share_removed]
    changes += [written(name) for name in names if random.random() < 0.1]  # some that are gone come back
    there: dict[str, IndexedVideo] = {}
    for change in changes:
        if isinstance(change, Removal):
            there.pop(change.video_id, None)
        else:
            there[change.facts.video_id] = change
    parts = np.array_split(np.arange(len(changes)), write_count)
    return History([[changes[i] for i in part] for part in parts], list(there.values()))


def _has_keywords(video: IndexedVideo) -> bool:
    return not all(own.is_empty for own in video.vectors)


def _zipf_video(facts: VideoFacts, random: np.random.Generator) -> IndexedVideo:
    """Make a video of these facts, but for its languages: one, or in a third of cases two."""
    languages = ("de-DE", "en-GB") if random.random() < 1 / 3 else ("en",)
    own = tuple(zipf_vector(language, random) for language in languages)
    return IndexedVideo(structs.replace(facts, languages=languages), own)


class BoostById:
    """A boost of certain videos; others get 0."""

    def __init__(self, by_id: Mapping[str, float]) -> None:
        self.by_id = by_id
        self._kept: dict[Columns, Float64s] = {}

    def __repr__(self) -> str:
        return f"BoostById({self.by_id})"

    def amounts(self, columns: Columns) -> Float64s:
        if columns not in self._kept:
            found = self._kept[columns] = np.zeros(len(columns))
            for video_id, amount in self.by_id.items():
                found[positions_of(columns, [video_id])] = amount
        return self._kept[columns]


def shaped_boost(shape: str, ids: Sequence[str], random: np.random.Generator) -> BoostById:
    """Make a boost of some shape: of all videos or a few, by less than scores differ, as much, or more."""
    count = len(ids)
    amounts = {
        "nothing": np.zeros(count),
        "the same": np.full(count, float(random.choice([-3.0, 0.1, 3.0]))),
        "half a millionth": random.integers(-9, 9, count) * 5e-7,
        "a few levels": random.choice([-0.2, 0.0, 0.0, 0.0, 0.1, 0.1], count),
        "a few high ones": 0.5 * random.random(count) ** 20,
        "anything": random.normal(0.0, 0.2, count),
        "far more than scores": random.choice([-100.0, 0.0, 0.5, 100.0], count),
    }
    return BoostById(dict(zip(ids, amounts[shape].tolist(), strict=True)))


BOOST_SHAPES = (
    "nothing",
    "the same",
    "half a millionth",
    "a few levels",
    "a few high ones",
    "anything",
    "far more than scores",
)
LEAST = st.sampled_from([0.0, 0.0, 0.0, 1e-6, 0.05, 0.3, 0.5, 0.707107, 1.0])


class Query(NamedTuple):
    """The arguments of `View.search`."""

    profile: Profile
    limit: int
    now: float | None
    allowed: Filter | None
    excluded: frozenset[str]
    boost: BoostById | None
    least: float


@st.composite
def queries(draw: st.DrawFn, catalog: Sequence[IndexedVideo]) -> Query:
    """Ask a catalog for one term or a thousand, or for what one of its videos is about; few or none may be allowed."""
    random = np.random.default_rng(draw(SEEDS))
    ids = ["nobody", *(video.facts.video_id for video in catalog)]

    def some(share: float) -> frozenset[str]:
        return frozenset(video_id for video_id in ids if random.random() < share)

    vectors_there = [own for video in catalog for own in video.vectors if not own.is_empty]
    like_a_video = (
        st.sampled_from(vectors_there).flatmap(lambda own: _profiles_like(own, catalog))
        if vectors_there
        else st.nothing()
    )
    limits = st.integers(1, len(catalog) + 1) | st.sampled_from([1, 2, 20, 1000])
    by_id = SHARES.map(lambda share: HasId(some(share)))
    return Query(
        draw(
            st.one_of(
                profiles(),
                _one_term(),
                st.builds(_joined, profiles(), st.builds(zipf_profile, st.just(40), st.just(random))),
                st.builds(_joined, profiles(), st.builds(wide_profile, st.just(random))),
                like_a_video,
            )
        ),
        draw(limits),
        draw(st.one_of(MOMENTS, MOMENTS, MOMENTS, st.none())),
        draw(
            st.one_of(
                st.none(),
                st.none(),
                st.none(),
                FILTERS,
                by_id.map(lambda one: Filter(all_of=(one,))),
                by_id.map(lambda one: Filter(none_of=(one,))),
            )
        ),
        some(draw(st.sampled_from([0.0, 0.0, 0.1, 0.5]))),
        draw(st.none() | st.sampled_from(BOOST_SHAPES).map(lambda shape: shaped_boost(shape, ids, random))),
        draw(LEAST),
    )


def _joined(first: Profile, second: Profile) -> Profile:
    return Profile({**first.phrases, **second.phrases}, {**first.words, **second.words})


@st.composite
def _one_term(draw: st.DrawFn) -> Profile:
    term = draw(PHRASES | WORDS | st.sampled_from(["p1", "w1", "unknown"]))
    weights = {term: draw(st.sampled_from([1.0, 1.0, 1.0, -1.0]))}
    return draw(st.sampled_from([Profile(weights, {}), Profile({}, weights), Profile(weights, weights)]))


@st.composite
def _profiles_like(draw: st.DrawFn, own: KeywordVector, catalog: Sequence[IndexedVideo]) -> Profile:
    """Make a profile that is a keyword vector; or one whose terms cancel each other out in it, two and two."""
    held = naive.terms_of(own)
    if draw(st.booleans()):
        phrases, words = ({TEXT_OF[block, key]: tf for key, tf in held[block].items()} for block in BLOCKS)
        return Profile(phrases, words)
    idf = naive.live_idf(catalog)

    def balanced(block: Block) -> dict[str, float]:
        pairs = list(held[block].items())
        return {
            TEXT_OF[block, key]: (-1) ** i / (tf * idf(block, key) ** 2)
            for i, (key, tf) in enumerate(pairs[: len(pairs) // 2 * 2])
        }

    return Profile(balanced("phrases"), balanced("words"))
