"""Synthetic videos and profiles: those of the catalogs, as the parts of Matchcut take them."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.vectors.keyword_vector import TICKS_PER_SECOND, KeywordVector, SetCounts, TermBlock
from matchcut_server.vectors.profile import Interest, Profile
from matchcut_server.vectors.video import IndexedVideo, VideoFacts
from matchcut_server.vectors.weighting import BLOCKS, Block

from .catalog import (
    CONFIDENCE_STEPS,
    PUBLISHED_MINUTES,
    SHARES,
    Catalog,
    Rows,
    catalog,
    draw_seen,
    term_frequencies,
    term_rows,
)
from .drawing import KEYWORDS, SEED, Ints, draw_keywords, draw_topics
from .vocabulary import LANGUAGE, vocabulary

PUBLISHED_FROM = 1_704_067_200
"""2024-01-01, in Unix seconds: the first video is published."""
NOW = PUBLISHED_FROM + 60 * PUBLISHED_MINUTES
"""When all of them are."""

SHARE = "share"
"""The attribute whose values tell which shares of the catalog hold a video."""

_PROFILE_TOPICS = 4
_WATCHED = 15
"""Videos in a user's history."""
_HISTORY_TERMS = 200
"""In each block of a profile made of a history: the strongest ones."""
_CHUNK = 10_000
"""Videos that are read from the disk at once."""


def video_id(number: int) -> str:
    """Name a video by its place in the catalog."""
    return f"video{number:07d}"


def share_name(share: float) -> str:
    """Return the value of the attribute that this share of the videos has."""
    return f"{100 * share:g}%"


def profiles(count: int) -> list[list[Interest]]:
    """Return so many profiles, each of 30 interests of weights from 0.2 to 1, about four topics."""
    random = np.random.default_rng([SEED, 1])
    keywords = draw_keywords(random, draw_topics(random, count, _PROFILE_TOPICS))
    weights = np.round(random.uniform(0.2, 1.0, keywords.shape), 2)
    texts = vocabulary().texts
    return [
        [Interest(texts[keyword], weight, LANGUAGE) for keyword, weight in zip(own, of_own, strict=True)]
        for own, of_own in zip(keywords.tolist(), weights.tolist(), strict=True)
    ]


def history_profiles(count: int) -> list[Profile]:
    """Return so many profiles of 400 terms, as derived from what a user has watched.

    Each is the mean of the tf vectors of 15 videos about the user's four topics, without its weakest terms.
    """
    random = np.random.default_rng([SEED, 4])
    topics = np.repeat(draw_topics(random, count, _PROFILE_TOPICS), _WATCHED, axis=0)
    keywords = draw_keywords(random, topics)
    frequencies = term_frequencies(*draw_seen(random, keywords.shape))
    made = {block: _strongest(block, term_rows(block, keywords, frequencies), count) for block in BLOCKS}
    return [Profile(phrases, words) for phrases, words in zip(made["phrases"], made["words"], strict=True)]


def indexed_videos(size: int, start: int = 0, stop: int | None = None) -> Iterator[IndexedVideo]:
    """Yield videos of a catalog as the store's feed does."""
    whole = catalog(size)
    for numbers in _chunks(start, size if stop is None else stop):
        phrases, words = (_term_blocks(block, whole.blocks[block], numbers) for block in BLOCKS)
        ticks = whole.milliseconds[numbers.start : numbers.stop].sum(axis=1) * (TICKS_PER_SECOND // 1000)
        for number, on_screen, of_phrases, of_words in zip(numbers, ticks.tolist(), phrases, words, strict=True):
            vector = KeywordVector(LANGUAGE, False, of_phrases, of_words, SetCounts(KEYWORDS, on_screen))
            facts = VideoFacts(
                video_id(number),
                int(whole.duration[number]) / 1000,
                published_time(whole, number),
                attributes=_attributes(whole, number),
                languages=(LANGUAGE,),
            )
            yield IndexedVideo(facts, (vector,), number + 1)


def videos(size: int) -> Iterator[Video]:
    """Yield videos of a catalog as an import makes them, each keyword with one instance."""
    whole = catalog(size)
    texts = vocabulary().texts
    for numbers in _chunks(0, size):
        part = slice(numbers.start, numbers.stop)
        columns = zip(
            numbers,
            whole.keywords[part].tolist(),
            (whole.confidence[part].astype(np.float64) / CONFIDENCE_STEPS).tolist(),
            (whole.milliseconds[part] / 1000).tolist(),
            strict=True,
        )
        for number, keywords, confidence, seconds in columns:
            found = tuple(
                Keyword(texts[keyword], sure, (Instance(0.0, shown),))
                for keyword, sure, shown in zip(keywords, confidence, seconds, strict=True)
            )
            yield Video(
                video_id(number),
                duration=int(whole.duration[number]) / 1000,
                published_time=published_time(whole, number),
                attributes=_attributes(whole, number),
                keyword_sets=(KeywordSet(LANGUAGE, found),),
            )


def published_time(videos: Catalog, number: int) -> float:
    """Return when a video was published, in Unix seconds."""
    return PUBLISHED_FROM + 60.0 * int(videos.published[number])


def _attributes(videos: Catalog, number: int) -> dict[str, tuple[str, ...]]:
    held = int(videos.shares[number])
    return {SHARE: _SHARE_NAMES[-held:]} if held else {}


_SHARE_NAMES = tuple(share_name(share) for share in SHARES)


def _chunks(start: int, stop: int) -> Iterator[range]:
    for first in range(start, stop, _CHUNK):
        yield range(first, min(first + _CHUNK, stop))


def _term_blocks(block: Block, rows: Rows, numbers: range) -> Iterator[TermBlock]:
    starts: Ints = rows.starts[numbers.start : numbers.stop + 1]
    first, last = int(starts[0]), int(starts[-1])
    keys = vocabulary().keys[block][rows.terms[first:last]]
    frequencies: NDArray[np.float32] = np.array(rows.frequencies[first:last])
    for start, end in pairwise((starts - first).tolist()):
        yield TermBlock(keys[start:end], frequencies[start:end])


def _strongest(block: Block, rows: Rows, count: int) -> Iterator[dict[str, float]]:
    """Average the rows of each user, and keep the terms that weigh most."""
    names = vocabulary().names[block]
    for number in range(count):
        part = slice(rows.starts[number * _WATCHED], rows.starts[(number + 1) * _WATCHED])
        terms, own = np.unique(rows.terms[part], return_inverse=True)
        mean = np.bincount(own, rows.frequencies[part]) / _WATCHED
        best = np.sort(np.argsort(-mean, kind="stable")[:_HISTORY_TERMS])
        yield {names[term]: weight for term, weight in zip(terms[best].tolist(), mean[best].tolist(), strict=True)}
