"""Statistics of real documents, checked by hand."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from matchcut_server.search.asked import AskedKeyword, KeywordMatch
from matchcut_server.search.intervals import Interval, interval_starts
from matchcut_server.search.keywords import KeywordCount
from matchcut_server.search.related import related_keywords, spelled
from matchcut_server.search.statistics import count_keywords
from matchcut_server.search.trend import count_trend, span_of
from tests.documents import real_videos
from tests.search.library import Library, shelf


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, real_documents: Path) -> Iterator[Library]:
    """The nine documents, eight of which have keywords; two are of the same talk about responsible AI."""
    with shelf(tmp_path_factory.mktemp("store")) as opened:
        yield opened.library(*real_videos(real_documents), built=5)


def test_counts_of_a_talk_that_was_indexed_twice(library: Library) -> None:
    """`responsible` is on screen at 28.92 to 43.56, 45.40 to 53, 53.08 to 57.36, 81.72 to 86.32 and 101.12 to 110.04
    in the one, and from 28.92 to 43.88 and from 53.32 in the other; `responsible ai` and `computing` within that.
    """
    for scope in library.scopes():
        found = count_keywords(library.seek("Responsible", "technology"), scope)
        responsible, technology = found.stats
        assert found.videos == 8
        assert (responsible.videos, responsible.keyword_sets, responsible.instances) == (2, 2, 10)
        assert responsible.on_screen_seconds == pytest.approx(40.04 + 40.12)
        assert responsible.idf == pytest.approx(math.log(9 / 3) + 1)
        assert responsible.mean_confidence == pytest.approx(0.9752)
        assert responsible.matching == [
            KeywordCount(text, "en-US", 2) for text in ("responsible", "responsible ai", "responsible computing")
        ]
        assert technology.instances == 10
        # 18.04 to 21.88, 28.92 to 43.56, 57.40 to 74.96, 75.08 to 78.88, 101.12 to 110.04; other ends in the other
        assert technology.on_screen_seconds == pytest.approx(48.76 + 45.92)
        assert technology.matching == [KeywordCount("technologies", "en-US", 2)]


def test_a_whole_keyword_has_the_confidence_of_that_keyword(library: Library) -> None:
    asked = library.seek(AskedKeyword("responsible", KeywordMatch.EXACT), "video")
    responsible, video = count_keywords(asked, library.scope()).stats
    assert responsible.mean_confidence == pytest.approx(0.7146)
    # 692.92 to 694.32 and 694.40 to 698.64
    assert (video.videos, video.instances) == (1, 2)
    assert video.on_screen_seconds == pytest.approx(1.40 + 4.24)


def test_the_month_in_which_they_were_published(library: Library) -> None:
    for scope in library.scopes():
        span = span_of(scope, None, None)
        starts = interval_starts(*span, Interval.MONTH, ZoneInfo("UTC"), 1_000)
        trend = count_trend(library.seek("responsible"), starts, span, scope)
        assert [f"{datetime.fromtimestamp(starts[at], UTC):%Y-%m}" for at in (0, 69, -1)] == [
            "2018-10",
            "2024-07",
            "2024-12",
        ]
        assert trend.occurring[0].nonzero()[0].tolist() == [69]
        assert (trend.occurring[0][69], trend.ticks[0][69] / 1e7) == (2, pytest.approx(80.16))
        # The Hebrew one too, of the same length; what was published on 3 July has no keywords.
        assert (trend.videos[69], trend.duration_ticks[69] / 1e7) == (3, pytest.approx(3 * 114.173))
        assert trend.videos.sum() == 8


def test_what_goes_with_responsible(library: Library) -> None:
    """`potential` is over long before it; `make` begins 0.04 s behind it in the one talk, 3.2 s in the other."""
    [sought] = library.seek("responsible")

    def told(within: float | None) -> dict[str, tuple[int, int, float, float]]:
        related = related_keywords(sought, within, 2, library.scope())
        counts = spelled(related.keys.tolist(), library.scope())
        columns = (related.together, related.videos, related.significance, related.lift)
        return {
            counts[key].keyword: (own[0], own[1], own[2], own[3])
            for key, *own in zip(related.keys.tolist(), *(one.tolist() for one in columns), strict=True)
        }

    together, at_once = told(None), told(0.0)
    # 2 (2 ln 4 + 6 ln (4 / 3)), and for a keyword of a third video 2 (2 ln (8 / 3) + ln (4 / 9) + 5 ln (4 / 3))
    assert together["office"] == pytest.approx((2, 2, 8.997362, 4.0), abs=1e-6)
    assert together["learn"] == pytest.approx((2, 3, 5.178277, 8 / 3), abs=1e-6)
    assert len(together) == 16
    assert not any("responsible" in keyword for keyword in together)
    assert set(together) - set(at_once) == {"potential", "make", "benefit"}
    assert "make" not in told(3.1)
    assert set(together) - set(told(3.2)) == {"potential", "benefit"}
