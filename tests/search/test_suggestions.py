"""The nearest keywords of a catalog, for one that does not occur."""

from pathlib import Path

import pytest

from matchcut_server.errors import DeadlineExceeded
from matchcut_server.search.asked import AskedKeyword, KeywordMatch, seek
from matchcut_server.search.spelling import KnownTexts
from matchcut_server.search.suggestions import MOST, Nearest, suggest
from matchcut_server.store.port import DEFAULT_CATALOG
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.settings import CatalogSettings
from tests.makers import delete, keyword_set, put, video
from tests.search.test_finding import Archive, archive


def nearest(own: Archive, *keywords: str, match: KeywordMatch = KeywordMatch.WORDS) -> list[list[Nearest]]:
    asked = [seek(AskedKeyword(one, match), own.store, own.catalog, own.view.languages) for one in keywords]
    found = suggest(asked, own.store, own.catalog, own.view)
    assert [one.asked_keyword for one in found] == list(keywords)
    return [list(one.nearest) for one in found]


def texts(own: Archive, keyword: str) -> list[str]:
    return [one.keyword for one in nearest(own, keyword)[0]]


def test_keywords_that_are_spelled_alike_are_near(tmp_path: Path) -> None:
    videos = [video("a", "artificial intelligence", "Machine Learning", "London"), video("b", "Microsoft")]
    with archive(videos, tmp_path) as own:
        assert texts(own, "artifical inteligence") == ["artificial intelligence"]
        assert texts(own, "MICROSFOT") == ["Microsoft"]
        assert texts(own, "xylophone") == []


def test_keywords_that_share_words_are_near_whatever_else_they_have(tmp_path: Path) -> None:
    videos = [video("a", "London Film Festival", "film", "festivals in Europe"), video("b", "rugby")]
    with archive(videos, tmp_path) as own:
        assert texts(own, "film festival of Venice") == ["London Film Festival", "film", "festivals in Europe"]


def test_the_nearest_come_first_and_of_equally_near_ones_the_most_frequent(tmp_path: Path) -> None:
    videos = [video(f"v{number}", "lisbon", *(["london"] if number else [])) for number in range(3)]
    with archive([*videos, video("x", "lindon")], tmp_path) as own:
        assert nearest(own, "lodon") == [
            [Nearest("london", "en-US", 2), Nearest("lindon", "en-US", 1)],
        ]
        assert nearest(own, "lxndon")[0][0] == Nearest("london", "en-US", 2)


def test_a_keyword_is_told_in_its_most_frequent_spelling_and_language(tmp_path: Path) -> None:
    videos = [
        video("a", "BERLIN"),
        video("b", keyword_set("de-DE", "Berlin")),
        video("c", keyword_set("de-DE", "Berlin")),
        video("d", keyword_set("de-DE", "berlin")),
    ]
    with archive(videos, tmp_path) as own:
        assert nearest(own, "berln") == [[Nearest("Berlin", "de-DE", 4)]]


def test_what_no_video_has_any_more_is_not_suggested(tmp_path: Path) -> None:
    with archive([video("a", "berlin"), video("b", "bern")], tmp_path) as own:
        own.store.write_videos(own.catalog.catalog_id, [delete("a")])
    with archive([video("b", "bern")], tmp_path) as own:
        assert texts(own, "berlim") == []
        assert texts(own, "bernn") == ["bern"]


def test_what_is_new_is_suggested_at_once(tmp_path: Path) -> None:
    with archive([video("a", "london")], tmp_path) as own:
        assert texts(own, "berln") == []
    with archive([video("b", "berlin")], tmp_path) as own:
        assert texts(own, "berln") == ["berlin"]


def test_for_a_keyword_that_is_asked_for_exactly_one_that_has_more_words_is_suggested(tmp_path: Path) -> None:
    with archive([video("a", "film festival"), video("b", "rugby")], tmp_path) as own:
        assert [one.keyword for one in nearest(own, "festival", match=KeywordMatch.EXACT)[0]] == ["film festival"]


def test_no_more_than_ten_are_suggested(tmp_path: Path) -> None:
    with archive([video("a", *(f"london {letter}" for letter in "abcdefghijklmnop"))], tmp_path) as own:
        assert len(texts(own, "london zz")) == MOST


def test_several_are_answered_in_order_and_none_for_none(tmp_path: Path) -> None:
    with archive([video("a", "london", "berlin")], tmp_path) as own:
        assert [[one.keyword for one in some] for some in nearest(own, "berln", "qqqqqq", "lndon")] == [
            ["berlin"],
            [],
            ["london"],
        ]
        assert nearest(own) == []


def test_an_empty_catalog_has_nothing_to_suggest(tmp_path: Path) -> None:
    with archive([], tmp_path) as own:
        assert nearest(own, "london") == [[]]


def test_aliases_are_told_as_what_they_stand_for(store: SqliteStore) -> None:
    settings = CatalogSettings(keyword_aliases=(("uk", "united kingdom"),))
    catalog = store.update_catalog(DEFAULT_CATALOG, settings)
    assert catalog is not None
    store.write_videos(catalog.catalog_id, [put(video("a", "UK"))])
    assert [text for some in store.all_keyword_texts(catalog.catalog_id) for _, text in some] == ["united kingdom"]
    alike = KnownTexts().get(store, catalog, 1).alike("united kingdm", 5)
    assert [round(similarity, 2) for _, similarity in alike] == [0.93]


def test_a_search_for_suggestions_ends_when_nobody_waits(tmp_path: Path) -> None:
    def check() -> None:
        raise DeadlineExceeded

    with archive([video("a", "london")], tmp_path) as own:
        asked = seek(AskedKeyword("lndon"), own.store, own.catalog, own.view.languages)
        with pytest.raises(DeadlineExceeded):
            suggest([asked], own.store, own.catalog, own.view, check)


def test_texts_are_read_again_when_something_has_changed_and_the_least_used_catalogs_go(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matchcut_server.search.spelling.MAX_TEXTS", 3)
    first, second = (store.create_catalog(name, CatalogSettings())[0] for name in ("first", "second"))
    store.write_videos(first.catalog_id, [put(video("a", "london", "paris"))])
    store.write_videos(second.catalog_id, [put(video("a", "rome", "oslo"))])
    known = KnownTexts()
    held = known.get(store, first, 1)
    assert sorted(held.texts) == ["london", "paris"]
    assert known.get(store, first, 1) is held
    store.write_videos(first.catalog_id, [put(video("b", "bern"))])
    assert known.get(store, first, 1) is held
    again = known.get(store, first, 2)
    assert sorted(again.texts) == ["bern", "london", "paris"]
    known.get(store, second, 2)
    assert known.get(store, first, 2) is not again
