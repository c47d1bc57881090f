"""Placements: what is found is what scoring every moment of every video, sorting and walking down the list gives."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pytest

from matchcut_server.index.filter import Filter, HasAttribute, HasLanguage
from matchcut_server.index.layered import LayeredIndex
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import View
from matchcut_server.index.query import weigh
from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.ranking.query import Seed
from matchcut_server.search.asked import AskedKeyword, KeywordMatch
from matchcut_server.store.port import Catalog
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.targeting import candidates, placements, screens, stretches
from matchcut_server.targeting.placements import Placement, Placer, Wanted
from matchcut_server.targeting.promotion import PlacementRules, Promotion
from matchcut_server.targeting.screens import Document, lay_out
from matchcut_server.targeting.warming import warm
from matchcut_server.vectors.profile import Interest
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import facts_of
from matchcut_server.vectors.weighting import Block
from tests import makers, naive
from tests.index.generations import generation_of
from tests.makers import indexed, put
from tests.targeting import oracle

NOW = 1_000_000.0
TEXTS = ["london", "london bridge", "bridge", "rome", "roman bridges", "war", "film festival"]

T = TypeVar("T")

_names = count()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A store whose catalogs are each of one example."""
    opened = SqliteStore(tmp_path_factory.mktemp("placements"))
    opened.write_connection.execute("PRAGMA synchronous = OFF")
    yield opened
    opened.close()


class Site(NamedTuple):
    """A catalog that is written to a store, and views of it: in memory, and of a generation with changes beside it."""

    store: SqliteStore
    catalog: Catalog
    videos: Sequence[Video]
    views: Sequence[View]

    @property
    def settings(self) -> CatalogSettings:
        return self.catalog.settings

    def shared(self, wanted: Wanted, view: View) -> Iterator[Placement]:
        return Placer(wanted, self.store, self.catalog, view).over_videos(NOW)

    def naive(self, view: View) -> oracle.Catalog:
        def idf(block: Block, key: int) -> float:
            (found,) = view.idf_of(np.array([key], dtype=np.uint64)).tolist()
            return float(found)

        return oracle.Catalog(self.videos, idf, self.catalog.settings.scheme)


def write(store: SqliteStore, videos: Sequence[Video], scheme: Scheme = Scheme.LOG, built: int = 0) -> Site:
    """Write a catalog. `built`: so many of its videos are in the generation, the others beside it."""
    catalog, _ = store.create_catalog(f"catalog-{next(_names)}", CatalogSettings(scheme))
    store.write_videos(catalog.catalog_id, [put(video) for video in videos])
    taken = [indexed(video, number + 1, catalog.settings) for number, video in enumerate(videos)]
    memory = MemoryIndex()
    memory.apply(taken, len(taken))
    layered = LayeredIndex(generation_of(taken[:built], segment_videos=3))
    layered.apply(taken[built:], len(taken))
    return Site(store, catalog, videos, (memory.view(), layered.view()))


def vectors(wanted: Wanted, site: Site, view: View) -> list[oracle.Vector]:
    """Return the promotions as unit vectors."""
    found: list[oracle.Vector] = []
    for promoted in Placer(wanted, site.store, site.catalog, view).promoted:
        weighted = weigh(promoted.profile.mixture, view.idf_of)
        blocks: list[Block] = ["words" if word else "phrases" for word in weighted.words]
        found.append(
            dict(zip(zip(blocks, weighted.keys.tolist(), strict=True), weighted.weights.tolist(), strict=True))
        )
    return found


def told(wanted: Wanted, shared: Iterator[Placement]) -> list[oracle.Found]:
    return [
        oracle.Found(
            wanted.promotions[one.number].promotion_id,
            one.video.video_id,
            one.fit.slot,
            (one.fit.start, one.fit.end),
            one.fit.score,
            one.fit.language,
        )
        for one in shared
    ]


# --- catalogs and wishes of every kind --------------------------------------------------------------------------------


class Chance(random.Random):
    """Makes up catalogs, and what is wanted of them."""

    def mostly(self, usual: T, *others: T) -> T:
        """Choose one value far more often than some others, so that what is found is not empty for any reason."""
        return usual if self.random() < 0.92 else self.choice(others)

    def spans(self) -> list[tuple[float, float]]:
        """Choose spans whose ends are whole half seconds."""
        starts = {self.randrange(480) / 2 for _ in range(self.randrange(5))}
        return sorted((start, start + self.choice([0.5, 1.5, 5.0, 20.0])) for start in starts)

    def keyword_set(self, language: str) -> KeywordSet:
        texts = self.sample(TEXTS, self.randrange(1, 6))
        confidences = [1.0, 0.6, 0.25, None, 0.0]
        keywords = [
            Keyword(text, self.choice(confidences), tuple(Instance(*span) for span in self.spans())) for text in texts
        ]
        return KeywordSet(language, keywords)

    def video(self, number: int) -> Video:
        languages = self.mostly(("en-US",), ("de-DE", "en-US"), ())
        return Video(
            f"video{number}",
            duration=self.choice([241.0, 241.0, 150.5, 0.0]),
            published_time=self.mostly(None, NOW, NOW + 1),
            expire_time=self.mostly(None, NOW, NOW + 1),
            attributes={"kind": (self.choice(["news", "film"]),)},
            keyword_sets=tuple(self.keyword_set(language) for language in languages),
        )

    def asked_keywords(self) -> tuple[AskedKeyword, ...]:
        text = self.choice(["war", "bridge", "film festival", "roman bridge"])
        return self.mostly((), (AskedKeyword(text, self.choice(list(KeywordMatch))),))

    def rules(self) -> PlacementRules:
        return PlacementRules(
            self.mostly(None, Filter(all_of=(HasAttribute("kind", ("news",)),)), Filter(none_of=(HasLanguage("de"),))),
            self.choice([0.0, 7.5, 20.0]),
            self.mostly(0, 1, 2),
            self.mostly(0, 1, 3),
            self.mostly(0.0, 5.0),
            self.mostly(0.0, 20.0),
            self.asked_keywords(),
            self.asked_keywords(),
        )

    def promotion(self, number: int) -> Promotion:
        texts = self.sample([*TEXTS, "unknown"], self.randrange(1, 4))
        return Promotion(
            f"promotion{number}",
            tuple(Interest(text, self.choice([1.0, 2.0, 0.5, -1.0])) for text in texts),
            self.mostly((), (Seed("video0"),), (Seed("video1"), Seed("nobody"))),
            self.choice([1.0, 2.0, 0.3]),
            self.rules(),
        )

    def wanted(self) -> Wanted:
        promotions = [self.promotion(number) for number in range(self.randrange(1, 4))]
        return Wanted(promotions, self.rules(), self.choice([2.0, 0.0, 10.0]), self.mostly(0.0, 0.4))

    def site(self, store: SqliteStore) -> Site:
        made = [self.video(number) for number in range(self.randrange(2, 8))]
        return write(store, made, self.choice(list(Scheme)), self.randrange(len(made) + 1))


@pytest.mark.parametrize("seed", range(60))
def test_what_is_found_is_what_sorting_everything_gives(store: SqliteStore, seed: int) -> None:
    chance = Chance(seed)
    site, wanted = chance.site(store), chance.wanted()
    there = [video for video in site.videos if naive.may_be_returned(facts_of(video, 0), NOW, None, ())]
    for view in site.views:
        expected = oracle.placements(site.naive(view), wanted, vectors(wanted, site, view), there)
        assert told(wanted, site.shared(wanted, view)) == expected


@pytest.mark.parametrize("seed", range(60))
def test_in_one_video_too_whenever_it_is_published(store: SqliteStore, seed: int) -> None:
    chance = Chance(seed)
    site, wanted = chance.site(store), chance.wanted()
    slots = sorted({chance.randrange(500) / 2 for _ in range(chance.randrange(12))})
    view = site.views[0]
    for video in site.videos:
        (screen,) = lay_out([Document(video.video_id, video.duration, video.keyword_sets)], view, site.settings)
        found = Placer(wanted, store, site.catalog, view).in_video(screen, facts_of(video, 0), slots)
        expected = oracle.placements(site.naive(view), wanted, vectors(wanted, site, view), [video], slots)
        assert told(wanted, found) == expected


def test_nearly_all_of_these_find_something(store: SqliteStore) -> None:
    """Or they would not show much."""
    counts = []
    for seed in range(30):
        chance = Chance(seed)
        site, wanted = chance.site(store), chance.wanted()
        counts.append(len(list(site.shared(wanted, site.views[0]))))
    assert sum(count > 0 for count in counts) >= 20
    assert sum(count > 5 for count in counts) >= 5


@pytest.mark.parametrize("seed", range(15))
def test_what_is_held_and_read_at_once_makes_no_difference(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = Chance(seed)
    site, wanted = chance.site(store), chance.wanted()
    view = site.views[1]
    expected = told(wanted, site.shared(wanted, view))
    monkeypatch.setattr(candidates, "TRANCHE", 1)
    monkeypatch.setattr(placements, "HELD_BYTES", 0)
    monkeypatch.setattr(placements, "_FIRST_BATCH", 1)
    assert told(wanted, site.shared(wanted, view)) == expected


def test_a_promotion_draws_no_more_videos_than_it_takes_to_be_sure(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = [makers.video(f"alone{number}", makers.keyword("rome", (0, 10))) for number in range(30)]
    crowded = [makers.video(f"crowd{n}", "rome", *(f"word{i}" for i in range(n, n + 9))) for n in range(30)]
    site = write(store, [*alone, *crowded])
    read = []

    def reading(*arguments: Any) -> Any:
        read.extend(arguments[-1])
        return screens.read_screens(*arguments)

    monkeypatch.setattr(placements, "read_screens", reading)
    (first,) = islice(site.shared(Wanted([Promotion("p", (Interest("rome"),))]), site.views[0]), 1)
    assert (first.video.video_id, first.fit.score) == ("alone0", 1.0)  # the lowest id of those that can score as much
    assert len(read) < 20


def test_a_video_that_has_changed_since_is_judged_by_what_it_is_now(store: SqliteStore) -> None:
    site = write(store, [makers.video("a", "rome"), makers.video("b", "rome"), makers.video("c", "rome")])
    changed = [makers.video("a", "rome", "war"), makers.video("b", "oslo")]
    store.write_videos(site.catalog.catalog_id, [*map(put, changed), makers.delete("c")])
    rome = Promotion("p", (Interest("rome"),))
    assert [one.video.video_id for one in site.shared(Wanted([rome]), site.views[0])] == ["a"]
    safe = PlacementRules(excluded_keywords=(AskedKeyword("war"),))
    assert list(site.shared(Wanted([rome], safe), site.views[0])) == []
    assert list(site.shared(Wanted([replace(rome, rules=safe)]), site.views[0])) == []


def test_a_search_that_nobody_waits_for_ends(store: SqliteStore) -> None:
    site = write(store, [makers.video("a", "rome")])

    def check() -> None:
        raise TimeoutError

    placer = Placer(Wanted([Promotion("p", (Interest("rome"),))]), store, site.catalog, site.views[0], check)
    with pytest.raises(TimeoutError):
        list(placer.over_videos(NOW))


def test_a_placement_after_warming_waits_for_no_compiler(store: SqliteStore) -> None:
    warm()
    loops: Sequence[Any] = (
        stretches.unit_vectors,
        stretches.shown_in,
        stretches.merged_instances,
        stretches.matching_spans,
    )
    warmed = [len(loop.signatures) for loop in loops]
    site = write(store, [makers.video("a", "rome", "oslo")])
    assert list(site.shared(Wanted([Promotion("p", (Interest("rome"),))]), site.views[0]))
    assert [len(loop.signatures) for loop in loops] == warmed
