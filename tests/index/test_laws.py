"""The laws of views, tried on catalogs and queries of every kind."""

from typing import get_args

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from matchcut_server.index.layered import LayeredIndex
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.planner import Kernel
from matchcut_server.index.port import Index, View
from tests.index.generations import generation_of, there_after
from tests.index.laws import check_every_limit, check_same, idf_of
from tests.index.strategies import TEXT_OF, History, histories, queries
from tests.naive import live_idf, statistics, terms_of

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
        check_same([memory], history.videos, idf_of(memory), *query)
        check_same(layered, history.videos, idf_of(layered[0]), *query)


@tried
@given(history=histories(st.integers(1, 25)), built=st.integers(0, 6), data=st.data())
def test_a_view_finds_the_same_beginning_for_every_limit(history: History, built: int, data: st.DataObject) -> None:
    memory, *layered = views_of(history, built)
    profile, _, now, allowed, excluded = data.draw(queries(history.videos))
    check_every_limit([memory], history.videos, idf_of(memory), profile, now, allowed, excluded)
    check_every_limit(layered, history.videos, idf_of(layered[0]), profile, now, allowed, excluded)


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
    profile, limit, now, allowed, excluded = data.draw(queries(history.videos))
    expected = memory.search(profile, limit, now, allowed, excluded)
    for kernel in KERNELS:
        view = LayeredIndex(generation, kernel).view()
        assert view.search(profile, limit, now, allowed, excluded) == expected
        assert view.statistics == memory.statistics
