"""The laws of views, tried on catalogs and queries of every kind."""

import math
from functools import cache
from itertools import product
from typing import get_args

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from matchcut_server.index.layered import LayeredIndex
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.planner import Kernel
from matchcut_server.index.port import Index, View
from tests.index.generations import generation_of, there_after
from tests.index.laws import check_browse, check_every_limit, check_same, idf_of
from tests.index.strategies import TEXT_OF, History, histories, queries
from tests.naive import live_idf, score, statistics, terms_of, unit

KERNELS: list[Kernel | None] = [None, *get_args(Kernel)]
"""None: the planner chooses."""

tried = settings(
    max_examples=50,
    # To explain a failure takes longer than a test may.
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
)


def views_of(history: History, built: int) -> list[View]:
    """Write a catalog to an index in memory and, but for the first writes, of which there is a generation, beside one.

    There is a view of the generation for each kernel. Every write is looked at, and some are made twice.
    """
    first = there_after(change for write in history.writes[:built] for change in write)
    generation = generation_of(first)
    indexes: list[Index] = [MemoryIndex(), *(LayeredIndex(generation, kernel) for kernel in KERNELS)]
    for index in indexes:
        revision = 0
        for number, changes in enumerate(history.writes):
            revision += len(changes)
            if number >= built or isinstance(index, MemoryIndex):
                index.apply(changes, revision)
            if number % 3 == 1 and number >= built:
                index.apply(changes, revision)
            index.view()
    return [index.view() for index in indexes]


@settings(tried, max_examples=100)
@given(history=histories(), built=st.integers(0, 6), data=st.data())
def test_a_view_finds_what_scoring_each_video_finds(history: History, built: int, data: st.DataObject) -> None:
    memory, *layered = views_of(history, built)
    for _ in range(4):
        query = data.draw(queries(history.videos))
        check_same([memory], history.videos, idf_of(memory), query)
        check_same(layered, history.videos, idf_of(layered[0]), query)


@tried
@given(history=histories(st.integers(1, 25)), built=st.integers(0, 6), data=st.data())
def test_a_view_finds_the_same_beginning_for_every_limit(history: History, built: int, data: st.DataObject) -> None:
    memory, *layered = views_of(history, built)
    query = data.draw(queries(history.videos))
    check_every_limit([memory], history.videos, idf_of(memory), query)
    check_every_limit(layered, history.videos, idf_of(layered[0]), query)


@tried
@given(history=histories(st.integers(1, 25)), built=st.integers(0, 6), data=st.data())
def test_a_view_lists_the_first_videos_by_any_keys(history: History, built: int, data: st.DataObject) -> None:
    memory, layered, *_ = views_of(history, built)
    ids = ["nobody", *(video.facts.video_id for video in history.videos)]
    key = st.sampled_from([-math.inf, -1.0, -0.0, 0.0, 1e-9, 1.0, 2.0, math.inf])
    keys = data.draw(st.fixed_dictionaries(dict.fromkeys(ids, st.tuples(key, key))))
    check_browse([memory, layered], history.videos, keys, data.draw(queries(history.videos)))


@tried
@given(history=histories(st.integers(1, 25)), built=st.integers(0, 6))
def test_a_view_holds_the_vectors_of_its_videos(history: History, built: int) -> None:
    for view in views_of(history, built)[:2]:
        for video in history.videos:
            own = [vector for vector in video.vectors if not vector.is_empty]
            held = view.vectors(video.facts.video_id)
            assert [vector.language for vector in held] == [vector.language for vector in own]
            assert list(map(terms_of, held)) == list(map(terms_of, own))
        assert view.vectors("nobody") == ()


@tried
@given(history=histories(st.integers(1, 12)), built=st.integers(0, 6))
def test_the_dot_product_of_unit_vectors_is_the_cosine_by_the_formulas(history: History, built: int) -> None:
    for view in views_of(history, built)[:2]:
        idf = cache(idf_of(view))
        found = {
            (video.facts.video_id, own.language): (view.unit_vector(video.facts.video_id, own.language), own)
            for video in history.videos
            for own in video.vectors
        }
        for unit_vector, own in found.values():
            assert (unit_vector is None) == own.is_empty
        weighed = [(unit_vector, own) for unit_vector, own in found.values() if unit_vector is not None]
        for (first, own), (second, other) in product(weighed, weighed[:5]):
            _, places, other_places = np.intersect1d(first.keys, second.keys, return_indices=True)
            cosine = float(first.weights[places] @ second.weights[other_places])
            assert cosine == pytest.approx(score(unit(terms_of(own), idf), other, idf), abs=1e-9)


@tried
@given(history=histories(), built=st.integers(0, 6))
def test_a_view_counts_what_is_there_and_weighs_by_its_generation(history: History, built: int) -> None:
    memory, *layered = views_of(history, built)
    for view in (memory, *layered):
        assert view.statistics == statistics(history.videos)
        assert list(view.languages) == sorted({own.language for video in history.videos for own in video.vectors})
    sets = [terms_of(own) for video in history.videos for own in video.vectors]
    now = live_idf(history.videos)
    then = live_idf(there_after(change for write in history.writes[:built] for change in write))
    for (block, key), text in list(TEXT_OF.items())[::7]:
        is_there = any(key in own[block] for own in sets)
        for view, idf in ((memory, now), (layered[0], then)):
            assert view.knows(block, text) == is_there
            assert view.inverse_document_frequency(block, text) == pytest.approx(idf(block, key), abs=1e-12)


@tried
@given(history=histories(), data=st.data())
def test_a_generation_built_of_what_is_there_finds_what_memory_finds(history: History, data: st.DataObject) -> None:
    """It weighs and counts the same, too."""
    memory, *_ = views_of(history, 0)
    generation = generation_of(history.videos)
    query = data.draw(queries(history.videos))
    expected = memory.search(*query)
    for kernel in KERNELS:
        view = LayeredIndex(generation, kernel).view()
        assert view.search(*query) == expected
        assert view.statistics == memory.statistics
