"""Every kernel finds the same, whatever it skips: thousands of videos whose terms have many layers."""

import math
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import get_args

import numpy as np
import pytest
from msgspec import structs

from matchcut_server.index import kernels
from matchcut_server.index.arrays import Field, scratch
from matchcut_server.index.filter import Filter, HasId
from matchcut_server.index.generation import Generation
from matchcut_server.index.kernels import MAX_TERMS
from matchcut_server.index.layered import CHOSEN, LayeredIndex, LayeredView
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.planner import Kernel
from matchcut_server.index.port import Asked, Hit, View
from matchcut_server.index.query import select, weigh
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.video import IndexedVideo, Removal, VideoFacts
from tests import naive
from tests.index.generations import generation_of, there_after
from tests.index.laws import keys_by_id
from tests.index.strategies import (
    BOOST_SHAPES,
    TEXT_OF,
    BoostById,
    Change,
    numbered_video,
    shaped_boost,
    vector,
    wide_profile,
    zipf_profile,
)

KERNELS: tuple[Kernel, ...] = get_args(Kernel)
COUNT = 3_000
NOW = 100.0


@dataclass
class Large:
    """A generation and what has changed since, beside it and in memory with the same IDF."""

    generation: Generation
    changes: list[Change]
    videos: list[IndexedVideo]
    """As they are after the changes."""
    memory: View

    def view(self, kernel: Kernel | None) -> LayeredView:
        index = LayeredIndex(self.generation, kernel)
        index.apply(self.changes, 1)
        return index.view()


@pytest.fixture(scope="module")
def large() -> Large:
    random = np.random.default_rng(3)
    before = [numbered_video(number, random) for number in range(COUNT)]
    # Every twentieth is there four times, so that many have the same score.
    for number in range(0, COUNT - 4, 20):
        for copy in range(1, 4):
            before[number + copy] = structs.replace(before[number + copy], vectors=before[number].vectors)
    generation = generation_of(before, segment_videos=1_300, least=32)
    changes = [
        numbered_video(number, random) if number % 3 else Removal(f"v{number:05}")
        for number in random.permutation(COUNT + 100)[:300].tolist()
    ]
    videos = there_after([*before, *changes])
    memory = MemoryIndex(generation.idf_of)
    memory.apply(videos, 1)
    return Large(generation, changes, videos, memory.view())


def like(video: IndexedVideo, random: np.random.Generator) -> Profile:
    """Make the profile of somebody who likes a video, and some that it is not about."""
    held = naive.terms_of(video.vectors[-1])
    other = zipf_profile(6, random)
    return Profile(
        {**other.phrases, **{TEXT_OF["phrases", key]: tf for key, tf in held["phrases"].items()}},
        {**other.words, **{TEXT_OF["words", key]: tf for key, tf in held["words"].items()}},
    )


def profiles_for(videos: list[IndexedVideo], random: np.random.Generator) -> list[Profile]:
    """Make profiles that match closely or loosely, of one term, of dozens and of a thousand; some push away."""
    positive = zipf_profile(40, random)
    return [
        *(like(videos[number], random) for number in (0, 20, 500, 1_000, 2_000)),
        *(zipf_profile(count, random) for count in (1, 2, 5, 40, 40, 200)),
        Profile({text: abs(weight) for text, weight in positive.phrases.items()}, positive.words),
        *(wide_profile(random) for _ in range(2)),
        Profile({"p1": 1.0}, {}),
        Profile({}, {"w1": 1.0}),
        Profile({}, {"w1": 1.0, "w2": -1.0}),
        Profile({"p499": 1.0, "unknown": 2.0}, {"w299": 1.0}),
    ]


def test_terms_have_many_layers_and_kernels_have_something_to_skip(large: Large) -> None:
    first, *_, last = large.generation.segments
    assert len(large.generation.segments) == 3
    assert np.diff(first.impacts.layers).max() > 15
    assert len(last) < len(first)


@pytest.mark.parametrize("share", [None, 0.001, 0.01, 0.1, 0.5])
def test_all_kernels_find_what_scoring_every_video_in_memory_finds(share: float | None, large: Large) -> None:
    random = np.random.default_rng(4)
    views = {kernel: large.view(kernel) for kernel in (None, *KERNELS)}
    ids = [video.facts.video_id for video in large.videos]
    some = random.choice(ids, round((share or 0.0) * len(ids)), replace=False).tolist()
    allowed = None if share is None else Filter(all_of=(HasId(frozenset(some)),))
    excluded = frozenset(random.choice(ids, 40).tolist())

    for profile, limit in product(profiles_for(large.videos, random), (1, 20, 1_000)):
        expected = large.memory.search(profile, limit, NOW, allowed, excluded)
        for kernel, view in views.items():
            found = view.search(profile, limit, NOW, allowed, excluded)
            assert found == expected, f"{kernel}, {limit} of {len(profile.phrases) + len(profile.words)} terms"


@pytest.mark.parametrize("shape", BOOST_SHAPES)
def test_all_kernels_find_the_same_with_boosts(shape: str, large: Large) -> None:
    random = np.random.default_rng(6)
    views = {kernel: large.view(kernel) for kernel in (None, *KERNELS)}
    ids = [video.facts.video_id for video in large.videos]
    boost = shaped_boost(shape, ids, random)
    some = Filter(none_of=(HasId(frozenset(random.choice(ids, len(ids) // 2).tolist())),))

    for profile, limit, allowed, least in product(
        profiles_for(large.videos, random)[::2], (1, 20, 1_000), (None, some), (0.0, 0.2)
    ):
        expected = large.memory.search(profile, limit, NOW, allowed, (), boost, least)
        for kernel, view in views.items():
            found = view.search(profile, limit, NOW, allowed, (), boost, least)
            assert found == expected, f"{kernel}, {limit} of {len(profile.phrases) + len(profile.words)} terms"


def test_pruning_gives_up_where_boosts_matter_more_than_scores_and_leaves_nothing_behind(large: Large) -> None:
    profile = zipf_profile(40, np.random.default_rng(8))
    segment, generation = large.generation.segments[0], large.generation
    weighted = weigh(profile, generation.idf_of)
    query, _ = select(weighted, generation.find(weighted.keys))
    memory = scratch(len(segment.rows.words), len(generation.keys))
    field = Field(segment.rows, segment.scales, np.ones(len(segment.rows.words), dtype=np.uint8), memory)

    def pruned(boost: BoostById | None) -> int:
        return kernels.pruned(query, segment.impacts, field, Asked(20, NOW, boost=boost).wanted(segment, 20, -np.inf))

    alone = pruned(None)
    assert alone >= 20
    assert pruned(BoostById({segment.video_id(0): 100.0})) == -1
    assert not any(array.any() for array in memory[:4])
    assert pruned(None) == alone


def test_the_first_videos_of_thousands_are_listed_in_order(large: Large) -> None:
    """Few values, many of which are the same."""
    random = np.random.default_rng(7)
    keys = {
        video.facts.video_id: (float(first), float(second))
        for video, (first, second) in zip(large.videos, random.integers(0, 9, (len(large.videos), 2)), strict=True)
    }
    view = large.view(None)

    for limit in (1, 20, 333, 1_000, 10_000):
        expected = naive.browse(large.videos, keys, limit, NOW)
        assert view.browse(keys_by_id(keys), limit, NOW) == expected
        assert large.memory.browse(keys_by_id(keys), limit, NOW) == expected


def test_the_kernels_find_something(large: Large) -> None:
    found = [
        len(large.view("pruned").search(profile, 1_000, NOW))
        for profile in profiles_for(large.videos, np.random.default_rng(4))
    ]
    assert max(found) == 1_000
    assert 0 < min(found) < 100


@pytest.mark.parametrize("kernel", [None, *KERNELS])
def test_threads_find_together_what_each_finds_alone(kernel: Kernel | None, large: Large) -> None:
    """Each has working memory of its own."""
    view = large.view(kernel)
    profiles = profiles_for(large.videos, np.random.default_rng(5))
    few = Filter(none_of=(HasId(frozenset(video.facts.video_id for video in large.videos[::2])),))
    queries = list(product(profiles, (1, 1_000), (None, few)))

    def search(query: tuple[Profile, int, Filter | None]) -> list[Hit]:
        profile, limit, allowed = query
        return view.search(profile, limit, NOW, allowed)

    alone = [search(query) for query in queries]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(search, queries * 2))
    assert together == alone * 2


# --- at the ends of what numbers can tell apart --------------------------------------------------------------------


def one(video_id: str, phrases: dict[str, float], words: dict[str, float] | None = None) -> IndexedVideo:
    return IndexedVideo(
        VideoFacts(video_id, languages=("en",)), (vector("en", phrases, phrases if words is None else words),)
    )


def found_by_each(videos: list[IndexedVideo], profile: Profile, limit: int = 10) -> list[list[Hit]]:
    """Search in memory, and with each kernel over one segment."""
    memory = MemoryIndex()
    memory.apply(videos, 1)
    generation = generation_of(videos, segment_videos=COUNT, least=32)
    views: list[View] = [memory.view(), *(LayeredIndex(generation, kernel).view() for kernel in KERNELS)]
    return [view.search(profile, limit, NOW) for view in views]


def test_what_is_hardly_there_is_found() -> None:
    """Its part of the highest impact is less than half a 65,535th."""
    videos = [one("a", {"x": 1.0}), one("b", {"x": 5e-6, "y": 1.0})]

    for found in found_by_each(videos, Profile({"x": 1.0}, {"x": 1.0})):
        assert found == [Hit("a", 1.0, "en"), Hit("b", 4e-6, "en")]


def test_what_is_attracted_and_pushed_away_almost_alike_is_found() -> None:
    """As 65,535ths both impacts are the same."""
    ends = [one("x", {"x": 1.0}), one("y", {"y": 1.0})]
    # All have the same terms, so that the lengths of their vectors differ by nothing else.
    among = [one(f"{i:02}", {"x": 1.0 + i * 1e-6, "y": 1.0, "z": 1.0}) for i in range(40)]
    idf = naive.live_idf([*ends, *among])
    profile = Profile({"x": 1.0, "y": -1.0}, {})

    expected = naive.search([*ends, *among], idf, profile, 50, NOW)
    assert len({hit.score for hit in expected}) > 5
    for found in found_by_each([*ends, *among], profile, 50):
        assert found == expected


def placed(impacts_of: dict[str, dict[str, float]], expired: Collection[str] = ()) -> list[IndexedVideo]:
    """Make videos of these impacts of phrase terms: what a term of its own weighs gives each vector its length."""
    count = len(impacts_of)
    frequencies = Counter(term for impacts in impacts_of.values() for term in impacts)

    def idf(frequency: int) -> float:
        return math.log((1 + count) / (1 + frequency)) + 1

    def made(video_id: str, impacts: dict[str, float]) -> IndexedVideo:
        rest = math.sqrt(0.5 - math.fsum(impact * impact for impact in impacts.values()))
        own = {term: impact / idf(frequencies[term]) for term, impact in impacts.items()}
        facts = VideoFacts(video_id, expire_time=NOW if video_id in expired else None, languages=("en",))
        return IndexedVideo(facts, (vector("en", {**own, video_id: rest / idf(1)}, {"w": 1.0}),))

    return [made(video_id, impacts) for video_id, impacts in impacts_of.items()]


def test_what_rounding_impacts_adds_up_to_leads_nobody_astray() -> None:
    """All impacts of the better video are rounded down, and all of the other one up."""
    terms, part = [f"p{i}" for i in range(64)], 0.7 / 65_535
    videos = placed(
        {
            **{f"heavy {term}": {term: 0.7} for term in terms},
            "better": dict.fromkeys(terms, 5_560.49 * part),
            "worse": dict(zip(terms, [5_570.51 * part, 5_549.51 * part] * 32, strict=True)),
        }
    )

    for found in found_by_each(videos, Profile(dict.fromkeys(terms, 1.0), {}), limit=1):
        assert [hit.video_id for hit in found] == ["better"]


@pytest.mark.parametrize("seed", range(12))
def test_a_score_that_is_its_bound_is_not_taken_for_less(seed: int) -> None:
    """All videos have the same score, but the terms of some are bounded by heavier ones, which have expired."""
    random = np.random.default_rng(seed)
    weights = {f"t{i}": float(weight) for i, weight in enumerate(random.uniform(1, 2, random.integers(2, 5)))}
    length = math.hypot(*weights.values())
    score = float(random.uniform(0.15, 0.2))
    impacts = {term: score * length / weight for term, weight in weights.items()}
    videos = placed(
        {
            **{f"{i} {term}": {term: impact} for term, impact in impacts.items() for i in range(4)},
            **{f"heavy {term}": {term: impact * random.uniform(1.0, 1.15)} for term, impact in impacts.items()},
        },
        expired=[f"heavy {term}" for term in weights],
    )

    for limit in (1, 2, 5):
        for found in found_by_each(videos, Profile(weights, {}), limit):
            assert [hit.video_id for hit in found] == sorted(video.facts.video_id for video in videos)[:limit]


@pytest.mark.parametrize("count", [4, 8, 20, 50])
@pytest.mark.parametrize("ahead", [-1e-4, 1e-5, 1e-4, 0.03])
def test_what_scores_by_many_frequent_terms_is_found_beside_what_scores_by_a_few_rare_ones(
    count: int, ahead: float
) -> None:
    """The lists of frequent terms are the last that anybody would read."""
    random = np.random.default_rng(count)
    frequent, rare = [f"f{i}" for i in range(count)], ["r1", "r2", "r3"]
    high = 0.4 / math.sqrt(count)
    scores_by_rare = count * high * (1 - ahead) / 9
    fillers = {
        f"filler {number}": dict.fromkeys(
            random.choice(frequent, max(2, count // 4), replace=False).tolist(), high * random.uniform(0.88, 0.999)
        )
        for number in range(500)
    }
    videos = placed(
        {
            **fillers,
            **{f"some {i}": dict.fromkeys(frequent[i : -2 + i], high * 0.99) for i in range(2)},
            "frequent": dict.fromkeys(frequent, high),
            **{f"rare {i}": dict.fromkeys(rare, scores_by_rare * (1 - i * 1e-3)) for i in range(5)},
        }
    )
    # What all terms of a kind have in common is how many videos have them; the weights make up for it.
    common = naive.live_idf(videos)
    profile = Profile(
        {
            **{term: 1.0 / common("phrases", term_key("phrases", term)) for term in frequent},
            **{term: 3.0 / common("phrases", term_key("phrases", term)) for term in rare},
        },
        {},
    )

    for limit in (1, 2, 3, 6):
        in_memory, *found = found_by_each(videos, profile, limit)
        assert found == [in_memory] * len(KERNELS)
    assert {hit.video_id for hit in in_memory[:2]} == {"frequent", "rare 0"}


def test_the_smallest_numbers_there_are_break_nothing() -> None:
    """Beside others, they are less than that."""
    smallest, others = 1e-45, {f"y{i}": 100.0 for i in range(20)}
    videos = [one("a", {"x": smallest, "only": smallest, **others}), one("b", {"x": smallest}), one("c", {"z": 1.0})]

    for found in found_by_each(videos, Profile({"x": 1.0, "only": 1.0}, {"x": 1.0})):
        assert [hit.video_id for hit in found] == ["b"]
    for found in found_by_each(videos, Profile({"only": 1.0}, {"only": 1e-300})):
        assert found == []


def test_a_query_of_very_many_terms_is_answered() -> None:
    """More than there are steps of a bound."""
    many = {f"m{i}": 1.0 + i % 7 for i in range(MAX_TERMS)}
    videos = [one("many", many), *(one(f"{i:03}", {"m1": 1.0, f"m{i}": 1.0}) for i in range(300))]
    profile = Profile(dict.fromkeys(many, 1.0), dict.fromkeys(many, 1.0))
    generation = generation_of(videos, segment_videos=COUNT)
    memory = MemoryIndex()
    memory.apply(videos, 1)
    CHOSEN.clear()

    found = LayeredIndex(generation).view().search(profile, 20, NOW)

    assert found == memory.view().search(profile, 20, NOW)
    assert found[0].video_id == "many"
    assert CHOSEN["plain"] == 1
