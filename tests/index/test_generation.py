"""A generation tells of its videos what was written to it."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from matchcut_server.index.build import build
from matchcut_server.index.filter import Filter, HasAttribute, HasLanguage
from matchcut_server.index.generation import MASKS, Generation
from matchcut_server.index.layered import LayeredIndex
from matchcut_server.vectors.keyword_vector import TICKS_PER_SECOND, SetCounts
from matchcut_server.vectors.video import IndexedVideo, Removal, VideoFacts
from tests import naive
from tests.index.generations import MARK, generation_file, generation_of
from tests.index.strategies import FILTERS, numbered_video, vector, videos


def facts_of(video: IndexedVideo) -> tuple[object, ...]:
    facts = structs.asdict(video.facts)
    attributes = {name: tuple(values) for name, values in video.facts.attributes.items() if values}
    return (*(value for name, value in facts.items() if name != "attributes"), attributes)


CATALOGS = st.lists(videos(), max_size=8, unique_by=lambda video: video.facts.video_id)


@settings(max_examples=40)
@given(CATALOGS, st.integers(1, 9))
def test_everything_about_a_video_comes_back(catalog: list[IndexedVideo], segment_videos: int) -> None:
    generation = generation_of(catalog, 12, segment_videos=segment_videos)
    ordered = sorted(catalog, key=lambda video: video.facts.video_id)

    places = [(number, at) for number, segment in enumerate(generation.segments) for at in range(len(segment))]
    found = [generation.segments[number].facts(at) for number, at in places]
    assert [facts_of(IndexedVideo(one, ())) for one in found] == [facts_of(one) for one in ordered]
    assert [generation.place(video.facts.video_id) for video in ordered] == places
    assert generation.place("nobody") is None
    assert len(generation) == len(catalog)
    assert all(len(segment) <= segment_videos for segment in generation.segments)
    assert generation.about.revision == 12
    assert generation.about.statistics == naive.statistics(catalog)
    assert [generation.segments[number].counts(at) for number, at in places] == [
        structs.replace(naive.statistics([video]), phrase_terms=0, word_terms=0) for video in ordered
    ]


@given(CATALOGS, FILTERS, st.integers(1, 9))
def test_a_filter_allows_the_rows_of_the_videos_that_it_allows_one_by_one(
    catalog: list[IndexedVideo], condition: Filter, segment_videos: int
) -> None:
    generation = generation_of(catalog, segment_videos=segment_videos)
    for _ in range(2):  # the second time it is remembered
        mask = [allowed for segment in generation.segments for allowed in segment.allowed_rows(condition).tolist()]
        ordered = sorted(catalog, key=lambda video: video.facts.video_id)
        assert mask == [
            naive.allows(condition, video.facts) for video in ordered for one in video.vectors if not one.is_empty
        ]


def test_lists_may_be_of_any_length(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    catalog = [numbered_video(number, random) for number in range(10)]
    path = tmp_path / "generation"
    with_empty_ones = [[], catalog[:3], [], [], catalog[3:], []]
    for lists in ([catalog], [[one] for one in catalog], with_empty_ones, [catalog[:7], catalog[7:]]):
        assert build(lists, 1, 1, MARK, path, 4) == 10
        generation = Generation(path)
        assert [len(segment) for segment in generation.segments] == [4, 4, 2]
        assert [segment.video_id(at) for segment in generation.segments for at in range(len(segment))] == [
            video.facts.video_id for video in catalog
        ]


def test_the_same_videos_make_the_same_file(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    catalog = [numbered_video(number, random) for number in range(30)]
    first, second = tmp_path / "first", tmp_path / "second"
    generation_file(catalog, first)
    generation_file(catalog[::-1], second)

    assert first.read_bytes() == second.read_bytes()


def test_videos_on_screen_for_as_long_as_can_be_are_counted_exactly() -> None:
    """A thousand keywords of every set are on screen all the time: more ticks than 64 bits hold, of one video too."""
    longest = 1_000 * 366 * 86_400 * TICKS_PER_SECOND + 3
    languages = [f"x{number:02}" for number in range(64)]
    sets = tuple(vector(one, {"film": 1.0}, {"film": 1.0}, SetCounts(1_000, longest)) for one in languages)
    of = [IndexedVideo(VideoFacts(video_id, languages=tuple(languages)), sets) for video_id in "ab"]
    assert 64 * longest > 2**64
    index = LayeredIndex(generation_of(of))

    for left in (2, 1):
        found = index.view().statistics
        assert found.on_screen_seconds * TICKS_PER_SECOND + found.on_screen_ticks == left * 64 * longest
        index.apply([Removal("a")], 1)


@pytest.fixture
def threads_that_switch_all_the_time() -> Iterator[ThreadPoolExecutor]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            yield threads
    finally:
        sys.setswitchinterval(before)


def test_threads_may_use_filters_at_the_same_time(threads_that_switch_all_the_time: ThreadPoolExecutor) -> None:
    random = np.random.default_rng(3)
    generation = generation_of([numbered_video(number, random) for number in range(20)], segment_videos=20)
    (segment,) = generation.segments
    filters = random.integers(0, MASKS + 4, 16_000).tolist()

    def allowed(number: int) -> int:
        tag = ("en", "de", "fr")[number % 3]
        return int(segment.allowed_rows(Filter((HasLanguage(tag),), (), (HasAttribute("x", (str(number),)),))).sum())

    found = list(threads_that_switch_all_the_time.map(allowed, filters, chunksize=1_000))

    assert found == [(23, 6, 0)[number % 3] for number in filters]  # rows: three videos have two
    assert len(segment._masks) <= MASKS
