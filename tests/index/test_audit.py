"""The audit finds every difference between a generation and the store, and none where there is none."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from matchcut_server.index.audit import differences
from matchcut_server.index.builder import Builder
from matchcut_server.index.generation import Generation
from matchcut_server.index.shelf import Shelf
from matchcut_server.insights.model import Video
from matchcut_server.store.port import Catalog
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.video import IndexedVideo
from tests.documents import real_videos
from tests.index.following import new_catalog
from tests.makers import delete, keyword, keyword_set, put, video


@pytest.fixture
def catalog(store: SqliteStore) -> Catalog:
    """A catalog of videos of every kind."""
    made = new_catalog(store, "films")
    full = Video("full", "t", 12.5, 1.5, 9e9, {"region": ("uk", "fr"), "none": ()}, video("x", "film").keyword_sets)
    two = video("two", keyword_set("de", "kino"), keyword_set("en", "film", "boat"))
    changes = [*map(put, real_videos()), put(full), put(two), put(Video("bare")), put(video("é", "film"))]
    store.write_videos(made.catalog_id, changes)
    return made


@pytest.fixture
def built(store: SqliteStore, catalog: Catalog, tmp_path: Path) -> Generation:
    """A generation of the catalog."""
    shelf = Shelf(tmp_path / "data", store.secret)
    Builder(store, shelf).build(catalog)
    entry = shelf.newest(catalog.catalog_id)
    assert entry is not None
    return Generation(entry.path)


def found(store: SqliteStore, catalog: Catalog, generation: Generation, revision: int | None = None) -> list[str]:
    """Audit a generation as if it were of a revision."""
    after = generation.about.revision if revision is None else revision
    changed = partial(store.feed, catalog.catalog_id, after)
    return list(differences(generation, store.indexed_videos(catalog.catalog_id, after), changed))


def test_a_generation_is_as_the_store(store: SqliteStore, catalog: Catalog, built: Generation) -> None:
    assert found(store, catalog, built) == []


def test_what_has_changed_since_is_no_difference(store: SqliteStore, catalog: Catalog, built: Generation) -> None:
    store.write_videos(catalog.catalog_id, [delete("full"), put(video("two", "sea")), put(video("new", "film"))])

    assert found(store, catalog, built) == []


@pytest.mark.parametrize(
    "changed, told",
    [
        (video("new", "film"), ["video new is missing"]),
        # The revision of its last change is metadata too.
        (video("é", "boat"), ["video é has other metadata", "video é has other keywords"]),
        (video("é", keyword("film", (0, 3))), ["video é has other metadata", "video é has other keywords"]),
        (video("é", keyword_set("de", "film")), ["video é has other metadata", "video é has other keywords"]),
        (video("é", "film", duration=99.0), ["video é has other metadata"]),
        (video("two", keyword_set("de", "kino")), ["video two has other metadata", "video two has other keywords"]),
        (video("bare", "film"), ["video bare has other metadata", "video bare has other keywords"]),
    ],
)
def test_every_difference_is_told(
    changed: Video, told: list[str], store: SqliteStore, catalog: Catalog, built: Generation
) -> None:
    """Here the generation is taken for one that has seen the change."""
    store.write_videos(catalog.catalog_id, [put(changed)])

    assert found(store, catalog, built, store.revision()) == told


def test_videos_that_are_not_in_the_store_are_counted(store: SqliteStore, catalog: Catalog, built: Generation) -> None:
    store.write_videos(catalog.catalog_id, [delete("full"), delete("two")])

    assert found(store, catalog, built, store.revision()) == ["2 videos are not in the store"]


def test_new_videos_do_not_hide_those_that_are_not_in_the_store(
    store: SqliteStore, catalog: Catalog, built: Generation
) -> None:
    """Two are gone from the store without a trace, as if the generation had made them up."""
    store.write_videos(catalog.catalog_id, [put(video(f"new {number}", "film")) for number in range(5)])
    left = [
        [one for one in some if one.facts.video_id not in {"full", "two"}]
        for some in store.indexed_videos(catalog.catalog_id, built.about.revision)
    ]
    changed = partial(store.feed, catalog.catalog_id, built.about.revision)

    assert list(differences(built, left, changed)) == ["2 videos are not in the store"]


def test_what_is_written_during_the_audit_is_no_difference(
    store: SqliteStore, catalog: Catalog, built: Generation
) -> None:
    revision = built.about.revision

    def read() -> Iterator[list[IndexedVideo]]:
        store.write_videos(catalog.catalog_id, [delete("full"), put(video("two", "sea"))])
        yield from store.indexed_videos(catalog.catalog_id, revision)

    assert list(differences(built, read(), partial(store.feed, catalog.catalog_id, revision))) == []
