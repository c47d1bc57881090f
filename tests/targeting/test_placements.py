"""Placements: what is found is what scoring every moment of every video, sorting and walking down the list gives."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from matchcut_server.targeting import candidates, placements
from matchcut_server.targeting.placements import Placement, Placer, Wanted
from matchcut_server.targeting.promotion import PlacementRules, Promotion
from matchcut_server.targeting.screens import Document, lay_out
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.profile import Interest
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import facts_of
from tests import naive
from tests.index.generations import generation_of
from tests.index.test_laws import tried
from tests.makers import indexed, put
from tests.targeting import oracle

NOW = 1_000_000.0
TEXTS = ["london", "london bridge", "bridge", "rome", "roman bridges", "war", "film festival"]

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

    def shared(self, wanted: Wanted, view: View) -> Iterator[Placement]:
        return Placer(wanted, self.store, self.catalog, view).over_videos(NOW)

    def naive(self, view: View) -> oracle.Catalog:
        def idf(block: naive.Block, key: int) -> float:
            (found,) = view.idf_of(candidates.np.array([key], dtype="u8")).tolist()
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
    found = []
    for promoted in Placer(wanted, site.store, site.catalog, view).promoted:
        weighted = weigh(promoted.profile.mixture, view.idf_of)
        blocks: list[naive.Block] = ["words" if word else "phrases" for word in weighted.words]
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


# --- everything there is, made up -------------------------------------------------------------------------------------

SECONDS = st.integers(0, 120).map(lambda half: half / 2)
SPANS = st.tuples(SECONDS, SECONDS).map(lambda pair: (min(pair), max(pair) + 0.5))


@st.composite
def keyword_sets(draw: st.DrawFn, language: str) -> KeywordSet:
    texts = draw(st.lists(st.sampled_from(TEXTS), max_size=4, unique=True))
    confidences = st.sampled_from([None, 0.0, 0.25, 0.6, 1.0])
    return KeywordSet(
        language,
        [
            Keyword(
                text, draw(confidences), tuple(Instance(*span) for span in sorted(draw(st.sets(SPANS, max_size=4))))
            )
            for text in texts
        ],
    )


@st.composite
def videos(draw: st.DrawFn, number: int) -> Video:
    languages = draw(st.sampled_from([("en-US",), ("en-US",), ("de-DE", "en-US")]))
    attributes = {"kind": (draw(st.sampled_from(["news", "film"])),)}
    return Video(
        f"video{number}",
        duration=draw(st.sampled_from([0.0, 45.5, 61.0, 61.0])),
        published_time=draw(st.sampled_from([None, None, NOW, NOW + 1])),
        expire_time=draw(st.sampled_from([None, None, NOW, NOW + 1])),
        attributes=attributes,
        keyword_sets=tuple(draw(keyword_sets(language)) for language in languages),
    )


ASKED = st.builds(
    AskedKeyword,
    st.sampled_from(["war", "bridge", "film festival", "roman bridge"]),
    st.sampled_from(list(KeywordMatch)),
)
FILTERS = st.sampled_from(
    [None, None, None, Filter(all_of=(HasAttribute("kind", ("news",)),)), Filter(none_of=(HasLanguage("de"),))]
)
RULES = st.builds(
    PlacementRules,
    FILTERS,
    st.sampled_from([0.0, 0.0, 7.5, 60.0]),
    st.sampled_from([0, 0, 1, 2]),
    st.sampled_from([0, 0, 0, 3]),
    st.sampled_from([0.0, 0.0, 5.0]),
    st.sampled_from([0.0, 0.0, 20.0]),
    st.one_of(st.just(()), st.tuples(ASKED)),
    st.one_of(st.just(()), st.tuples(ASKED)),
)
INTERESTS = st.builds(Interest, st.sampled_from([*TEXTS, "unknown"]), st.sampled_from([1.0, 2.0, 0.5, -1.0]))


@st.composite
def asked(draw: st.DrawFn) -> Wanted:
    promotions = [
        Promotion(
            f"promotion{number}",
            tuple(draw(st.lists(INTERESTS, min_size=1, max_size=3))),
            tuple(draw(st.lists(st.builds(Seed, st.sampled_from(["video0", "video1", "nobody"])), max_size=1))),
            draw(st.sampled_from([1.0, 1.0, 2.0, 0.3])),
            draw(RULES),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    context, least = draw(st.sampled_from([0.0, 2.0, 10.0])), draw(st.sampled_from([0.0, 0.0, 0.4]))
    return Wanted(promotions, draw(RULES), context, least)


@st.composite
def sites(draw: st.DrawFn) -> list[Video]:
    return [draw(videos(number)) for number in range(draw(st.integers(0, 7)))]


SCHEMES = st.sampled_from(list(Scheme))


@settings(tried, max_examples=60)
@given(made=sites(), scheme=SCHEMES, built=st.integers(0, 7), wanted=asked())
def test_what_is_found_is_what_sorting_everything_gives(
    store: SqliteStore, made: list[Video], scheme: Scheme, built: int, wanted: Wanted
) -> None:
    site = write(store, made, scheme, built)
    for view in site.views:
        there = [video for video in made if naive.may_be_returned(facts_of(video, 0), NOW, None, ())]
        expected = oracle.placements(site.naive(view), wanted, vectors(wanted, site, view), there)
        assert told(wanted, site.shared(wanted, view)) == expected


@settings(tried, max_examples=60)
@given(made=videos(0), scheme=SCHEMES, wanted=asked(), slots=st.lists(SECONDS, max_size=6, unique=True))
def test_in_one_video_too_whenever_it_is_published(
    store: SqliteStore, made: Video, scheme: Scheme, wanted: Wanted, slots: list[float]
) -> None:
    site = write(store, [made, replace_id(made, "video1")], scheme)
    view = site.views[0]
    (screen,) = lay_out([Document(made.video_id, made.duration, made.keyword_sets)], view, site.catalog.settings)
    found = Placer(wanted, store, site.catalog, view).in_video(screen, facts_of(made, 0), slots)
    expected = oracle.placements(site.naive(view), wanted, vectors(wanted, site, view), [made], slots)
    assert told(wanted, found) == expected


def replace_id(video: Video, video_id: str) -> Video:
    return Video(video_id, duration=video.duration, keyword_sets=video.keyword_sets)
