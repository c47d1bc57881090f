"""Any mix of writes: the index is what the formulas say of the videos that are there."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Hit, Index, Statistics, View
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.video import IndexedVideo, Removal
from matchcut_server.vectors.weighting import BLOCKS
from tests import naive
from tests.index.generations import BuiltIndex, ranking_idf
from tests.index.laws import check_same, idf_of
from tests.index.strategies import (
    FILTERS,
    IDS,
    LEAST,
    MOMENTS,
    PHRASES,
    WORDS,
    BoostById,
    Change,
    Query,
    profiles,
    videos,
)

CHANGES = st.lists(videos() | videos() | IDS.map(Removal), min_size=1, max_size=4)
LIMITS = st.sampled_from([1, 2, 3, 5, 100])
BOOSTS = st.dictionaries(IDS, st.sampled_from([-1.0, -0.1, 5e-7, 0.1, 0.3, 2.0])).map(BoostById)


class Mix(RuleBasedStateMachine):
    """Writes and queries in any order, beside a dictionary of what should be there."""

    make_index: Callable[[], Index]

    def __init__(self) -> None:
        super().__init__()
        self.index = self.make_index()
        self.videos: dict[str, IndexedVideo] = {}
        self.last: list[Change] = []
        self.revision = 0
        self.kept: list[tuple[View, Profile, list[Hit], Statistics]] = []

    @initialize(changes=st.lists(videos(), max_size=8))
    def fill(self, changes: list[Change]) -> None:
        self.apply(changes)

    @rule(changes=CHANGES)
    def apply(self, changes: list[Change]) -> None:
        self.revision += len(changes)
        self.index.apply(changes, self.revision)
        self.last = changes
        for change in changes:
            if isinstance(change, Removal):
                self.videos.pop(change.video_id, None)
            else:
                self.videos[change.facts.video_id] = change

    @rule()
    def apply_again(self) -> None:
        self.index.apply(self.last, self.revision)

    @rule(
        profile=profiles(),
        limit=LIMITS,
        now=MOMENTS,
        allowed=st.none() | FILTERS,
        excluded=st.frozensets(IDS, max_size=3),
        boost=st.none() | BOOSTS,
        least=LEAST,
    )
    def search(self, **asked: Any) -> None:
        view = self.index.view()

        check_same([view], self.videos.values(), idf_of(view), Query(**asked))

    @rule()
    def count(self) -> None:
        view = self.index.view()

        assert view.statistics == naive.statistics(self.videos.values())
        assert view.revision == self.revision
        assert all(self.index.has_video(video_id) for video_id in self.videos)

    @rule(phrase=PHRASES, word=WORDS)
    def weigh(self, phrase: str, word: str) -> None:
        view, idf = self.index.view(), ranking_idf(self.index, self.videos.values())

        for block, term in zip(BLOCKS, (phrase, word), strict=True):
            key = term_key(block, term)
            assert view.inverse_document_frequency(block, term) == pytest.approx(idf(block, key), abs=1e-12)
            held = any(key in getattr(vector, block).keys for video in self.videos.values() for vector in video.vectors)
            assert view.knows(block, term) == held

    @rule(profile=profiles(), limit=LIMITS, order=st.randoms(use_true_random=False))
    def build_afresh(self, profile: Profile, limit: int, order: object) -> None:
        """A generation of what is there now weighs as memory does; else what was there before does not matter."""
        fresh, shuffled = self.make_index(), list(self.videos.values())
        order.shuffle(shuffled)  # type: ignore[attr-defined]
        fresh.apply(shuffled, self.revision)
        reference = self.index
        if isinstance(self.index, BuiltIndex) and not self.index.is_empty:
            reference = MemoryIndex()
            reference.apply(shuffled, self.revision)

        assert fresh.view().search(profile, limit, 100.0) == reference.view().search(profile, limit, 100.0)
        assert fresh.view().statistics == reference.view().statistics == self.index.view().statistics

    @precondition(lambda self: len(self.kept) < 3)
    @rule(profile=profiles())
    def keep(self, profile: Profile) -> None:
        view = self.index.view()
        self.kept.append((view, profile, view.search(profile, 100, 100.0), view.statistics))

    def teardown(self) -> None:
        for view, profile, found, counted in self.kept:
            assert view.search(profile, 100, 100.0) == found
            assert view.statistics == counted


def test_after_any_mix_of_writes_an_index_is_what_the_videos_say(make_index: Callable[[], Index]) -> None:
    machine = type("MixOfOne", (Mix,), {"make_index": staticmethod(make_index)})

    most = 80 if make_index is MemoryIndex else 6
    run_state_machine_as_test(machine, settings=settings(max_examples=most, stateful_step_count=25))
