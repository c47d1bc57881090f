"""A store whose catalogs are looked at through every kind of index, and catalogs in which odd cases are frequent."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from matchcut_server.index.filter import Filter, HasAttribute, HasLanguage
from matchcut_server.index.layered import LayeredIndex
from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Index, View
from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.insights.text import normalise
from matchcut_server.search.asked import AskedKeyword, KeywordMatch, Sought, seek
from matchcut_server.search.scope import Scope
from matchcut_server.store.port import Catalog
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.settings import CatalogSettings
from tests.index.generations import generation_of
from tests.makers import put

_numbers = count()

PLAIN = CatalogSettings()
SPECIAL = CatalogSettings(ignored_keywords=("london",), keyword_aliases=(("movie", "Film"),))

TEXTS = ["film", "Film", "films", "movie", "film festival", "Festival films", "festival", "London", "London film", "!!"]
TIMES = [-3e9, 0.0, 1_700_000_000.0, 1_711_846_800.5, 1_711_850_400.0, 1_730_000_000.0]


class Library(NamedTuple):
    """A catalog, and views of it by indexes of every kind."""

    store: SqliteStore
    catalog: Catalog
    videos: Sequence[Video]
    views: list[View]

    def scopes(self, now: float | None = None, allowed: Filter | None = None) -> Iterator[Scope]:
        for view in self.views:
            yield Scope(self.store, self.catalog, view, now, allowed, lambda: None)

    def scope(self) -> Scope:
        return next(self.scopes())

    def seek(self, *asked: AskedKeyword | str) -> list[Sought]:
        keywords = [AskedKeyword(one) if isinstance(one, str) else one for one in asked]
        return [seek(one, self.store, self.catalog, self.views[0].languages) for one in keywords]


class Shelf:
    """Makes libraries in one store."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def library(self, *videos: Video, settings: CatalogSettings = PLAIN, built: int = 0) -> Library:
        """Write videos to a new catalog. There is a generation of the first `built`, and all else beside it."""
        catalog, _ = self._store.create_catalog(f"c{next(_numbers)}", settings)
        self._store.write_videos(catalog.catalog_id, [put(video) for video in videos])
        written = [video for some in self._store.indexed_videos(catalog.catalog_id, 1 << 60) for video in some]
        written.sort(key=lambda video: video.revision)
        indexes: list[Index] = [MemoryIndex(), LayeredIndex(generation_of(written[:built], segment_videos=2))]
        indexes[0].apply(written[:2], 1)
        indexes[0].view()
        indexes[0].apply(written[2:], 2)
        indexes[1].apply(written[built:], 2)
        return Library(self._store, catalog, videos, [index.view() for index in indexes])


@contextmanager
def shelf(folder: Path) -> Iterator[Shelf]:
    """Open a store for libraries while the block runs."""
    store = SqliteStore(folder)
    try:
        yield Shelf(store)
    finally:
        store.close()


SECONDS = st.sampled_from([0.0, 0.1, 1.0, 2.5, 5.0, 9.0, 10.0, 12.0, 30.0])
KEYWORDS = st.builds(
    lambda text, confidence, spans: Keyword(text, confidence, tuple(Instance(*span) for span in sorted(spans))),
    st.sampled_from(TEXTS),
    st.sampled_from([None, 0.0, 0.5, 0.6211, 1.0]),
    st.sets(st.tuples(SECONDS, SECONDS).filter(lambda span: span[0] < span[1]), max_size=3),
)


@st.composite
def videos(draw: st.DrawFn, most: int = 7) -> list[Video]:
    """Make videos with other ids each."""
    made = []
    for number in range(draw(st.integers(0, most))):
        languages = sorted(draw(st.sets(st.sampled_from(["de-DE", "en-GB", "en-US", "he"]), max_size=2)))
        sets = [
            KeywordSet(language, draw(st.lists(KEYWORDS, max_size=4, unique_by=lambda one: normalise(one.text))))
            for language in languages
        ]
        published = draw(st.sampled_from([None, *TIMES]))
        expire = draw(st.sampled_from([None, None, 1_720_000_000.0]))
        attributes: dict[str, tuple[str, ...]] = {"genre": ("drama",)} if draw(st.booleans()) else {}
        duration = draw(st.sampled_from([0.0, 10.0, 60.0]))
        made.append(Video(f"v{number}", "", duration, published, expire, attributes, tuple(sets)))
    return made


ASKED = st.builds(
    AskedKeyword,
    st.sampled_from(["film", "Films", "movie", "film festival", "festival film", "London", "moon", "!!"]),
    st.sampled_from(KeywordMatch),
    st.sampled_from(["", "", "en", "he"]),
)
FILTERS = st.sampled_from(
    [None, None, Filter((HasLanguage("en"),)), Filter(none_of=(HasAttribute("genre", ("drama",)),))]
)
MOMENTS = st.sampled_from([None, 0.0, 1_711_846_800.0, 1_725_000_000.0])
SETTINGS = st.sampled_from([PLAIN, SPECIAL])
