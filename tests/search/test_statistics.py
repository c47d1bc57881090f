"""Statistics of keywords, against a recount."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchcut_server.index.filter import Filter
from matchcut_server.insights.model import Video
from matchcut_server.search.asked import AskedKeyword, KeywordMatch
from matchcut_server.search.keywords import KeywordCount
from matchcut_server.search.statistics import KeywordStats, count_keywords
from matchcut_server.vectors.settings import CatalogSettings
from tests.makers import delete, keyword, keyword_set, video
from tests.search import recount
from tests.search.library import ASKED, FILTERS, MOMENTS, SETTINGS, Shelf, shelf, videos

EXACT = KeywordMatch.EXACT


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with shelf(tmp_path_factory.mktemp("store")) as opened:
        yield opened


def recounted(
    asked: AskedKeyword, catalog: list[Video], now: float | None, allowed: Filter | None, settings: CatalogSettings
) -> KeywordStats:
    """Count a keyword video by video."""
    languages = {own.language for one in catalog for own in one.keyword_sets}

    def matching(one: Video) -> list[list[recount.Known]]:
        own = [
            [known for known in some if recount.matches(asked, known, languages, settings)]
            for some in recount.known_sets(one, settings)
        ]
        return [some for some in own if some]

    sets = sum(len(recount.known_sets(one, settings)) for one in catalog)
    df = sum(len(matching(one)) for one in catalog)
    counted = [one for one in recount.allowed_videos(catalog, now, allowed) if matching(one)]
    of_sets = [own for one in counted for own in matching(one)]
    shown = [{at for own in matching(one) for known in own for at in known.tenths} for one in counted]
    published = [one.published_time for one in counted if one.published_time is not None]
    by_phrase: dict[str, list[recount.Known]] = {}
    for own in of_sets:
        for known in own:
            by_phrase.setdefault(known.phrase, []).append(known)
    counts = [
        KeywordCount(
            recount.most_frequent(known.text for known in own),
            recount.most_frequent(tag for some in of_sets for tag in {k.language for k in some if k.phrase == phrase}),
            sum(any(known.phrase == phrase for known in some) for some in of_sets),
        )
        for phrase, own in by_phrase.items()
    ]
    return KeywordStats(
        len(counted),
        len(of_sets),
        math.log((1 + sets) / (1 + df)) + 1,
        sum(recount.runs(at for known in own for at in known.tenths) for own in of_sets),
        sum(len(tenths) / 10 or 1.0 for tenths in shown),
        sum(max(known.confidence for known in own) for own in of_sets) / max(len(of_sets), 1),
        min(published, default=None),
        max(published, default=None),
        sorted(counts, key=lambda one: (-one.keyword_set_count, one.keyword, one.language)),
    )


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(
    catalog=videos(),
    asked=st.lists(ASKED, min_size=1, max_size=3),
    of=SETTINGS,
    now=MOMENTS,
    allowed=FILTERS,
    built=st.integers(0, 7),
)
def test_counts_are_those_of_a_recount(
    made: Shelf,
    *,
    catalog: list[Video],
    asked: list[AskedKeyword],
    of: CatalogSettings,
    now: float | None,
    allowed: Filter | None,
    built: int,
) -> None:
    library = made.library(*catalog, settings=of, built=built)
    expected = [recounted(one, catalog, now, allowed, of) for one in asked]
    there = [one for one in recount.allowed_videos(catalog, now, allowed) if recount.known_sets(one, of)]
    for scope in library.scopes(now, allowed):
        found = count_keywords(library.seek(*asked), scope)
        assert found.videos == len(there)
        for own, other in zip(found.stats, expected, strict=True):
            assert own.idf == pytest.approx(other.idf)
            assert own.on_screen_seconds == pytest.approx(other.on_screen_seconds)
            assert own.mean_confidence == pytest.approx(other.mean_confidence)
            whole = other._replace(
                idf=own.idf, on_screen_seconds=own.on_screen_seconds, mean_confidence=own.mean_confidence
            )
            assert own == whole


def test_time_on_screen_counts_once_in_all_languages_and_instances_in_each(made: Shelf) -> None:
    english = keyword_set("en-US", keyword("film", (0, 10), (5, 12)), keyword("film star", (12, 15)))
    german = keyword_set("de-DE", keyword("Film", (10, 20), confidence=0.5))
    [stats] = count_keywords((own := made.library(video("v", english, german))).seek("film"), own.scope()).stats
    assert (stats.videos, stats.keyword_sets, stats.instances) == (1, 2, 2)  # 0 to 15, and 10 to 20
    assert stats.on_screen_seconds == 20
    assert stats.mean_confidence == 0.75
    assert stats.matching == [KeywordCount("Film", "de-DE", 2), KeywordCount("film star", "en-US", 1)]


def test_a_keyword_without_instances_is_on_screen_for_a_second_and_has_no_instance(made: Shelf) -> None:
    own = made.library(video("a", keyword("film", confidence=None)), video("b", keyword("film", (0, 2.5))))
    [stats] = count_keywords(own.seek("film"), own.scope()).stats
    assert (stats.videos, stats.instances, stats.on_screen_seconds, stats.mean_confidence) == (2, 1, 3.5, 0.875)


def test_words_match_longer_keywords_and_a_whole_keyword_does_not(made: Shelf) -> None:
    own = made.library(video("a", "film festival"), video("b", "London Film Festivals"), video("c", "festival"))
    words, exact = own.seek("festival film", AskedKeyword("festival film", EXACT))
    assert [one.videos for one in count_keywords([words, exact], own.scope()).stats] == [2, 0]


def test_the_ten_most_frequent_keywords_are_told(made: Shelf) -> None:
    catalog = [video(f"v{i}", *(f"film {letter}" for letter in "abcdefghijkl"[i:])) for i in range(12)]
    own = made.library(*catalog)
    [stats] = count_keywords(own.seek("film"), own.scope()).stats
    assert [one.keyword for one in stats.matching] == [f"film {letter}" for letter in "lkjihgfedc"]
    assert [one.keyword_set_count for one in stats.matching] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]


def test_what_has_been_deleted_since_the_view_is_left_out(made: Shelf) -> None:
    own = made.library(video("a", "film"), video("b", "film"))
    own.store.write_videos(own.catalog.catalog_id, [delete("a")])
    [stats] = count_keywords(own.seek("film"), own.scope()).stats
    assert (stats.videos, stats.on_screen_seconds) == (1, 10)
