"""A data folder that a server of schema 1 has written, whose vectors hold the texts of terms."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from matchcut_server.index.memory import MemoryIndex
from matchcut_server.index.port import Hit
from matchcut_server.store.sqlite.database import FILE_NAME
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Interest, make_profile
from tests.documents import DATA

REVISION = 8
"""Of the store when it was written."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.executescript((DATA / "stores" / "schema-1.sql").read_text(encoding="utf-8"))
    with closing(SqliteStore(tmp_path)) as opened:
        yield opened


def search(store: SqliteStore, catalog_name: str, *keywords: str) -> list[Hit]:
    catalog = store.catalog(catalog_name)
    assert catalog is not None
    index = MemoryIndex()
    for changes in store.feed(catalog.catalog_id, REVISION):
        index.apply(changes, changes[-1].revision)
    view = index.view()
    interests = [Interest(keyword) for keyword in keywords]
    profile = make_profile(interests, tuple(view.statistics.languages), view.knows, catalog.settings)
    return view.search(profile, 10, 2e9)


def test_it_recommends_what_it_recommended(store: SqliteStore) -> None:
    """All vectors are written anew, so that whoever has followed the feed so far hears of them."""
    assert search(store, "default", "england", "film festival", "London", "engine") == [
        Hit("kino", 0.666237, "en-GB"),
        Hit("derby", 0.147594, "en-GB"),
    ]
    assert search(store, "films", "England") == [Hit("a", 1.0, "en-US")]


def test_its_keywords_are_what_they_were(store: SqliteStore) -> None:
    videos = [one.video for one in store.videos(1, "", 10)]

    assert [video.video_id for video in videos] == ["derby", "kino", "silent"]
    found = {keyword.text: keyword for keyword in videos[1].keyword_sets[1].keywords}
    assert found["film festivals"].confidence == 0.5
    (instance,) = found["London"].instances
    assert (instance.start, instance.end) == (2.0, 4.0)
    assert (instance.source_video_id, instance.source_start, instance.source_end) == ("source", 602.0, 604.0)


def test_it_is_weighed_anew_once(store: SqliteStore, tmp_path: Path) -> None:
    revision = store.revision()

    with closing(SqliteStore(tmp_path)) as again:
        assert again.revision() == revision == REVISION + 4


def test_it_takes_scenarios(store: SqliteStore) -> None:
    scenario, _ = store.scenarios.put(1, "home", b"settings", 1_000)

    assert store.scenarios.scenarios(1, "", 10) == [scenario]
