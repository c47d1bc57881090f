"""Trends of keywords, against a recount by the calendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchcut_server.index.filter import Filter
from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.search.asked import AskedKeyword
from matchcut_server.search.intervals import Interval, interval_starts
from matchcut_server.search.trend import count_trend, span_of
from matchcut_server.vectors.keyword_vector import TICKS_PER_SECOND
from tests.makers import keyword, keyword_set
from tests.search import recount
from tests.search.library import ASKED, FILTERS, MOMENTS, PLAIN, TIMES, Library, Shelf, shelf, videos

LONDON = ZoneInfo("Europe/London")
MOST = 100_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with shelf(tmp_path_factory.mktemp("store")) as opened:
        yield opened


def day_of(seconds: float, interval: Interval, zone: ZoneInfo) -> date:
    """Return the first day of the interval in which a moment lies."""
    day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone).date()
    if interval is Interval.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval is Interval.MONTH else day


Point = tuple[int, int, float]


def counted(library: Library, asked: AskedKeyword, dated: list[Video]) -> Point:
    """Count a keyword in some videos: videos, instances, seconds."""
    languages = {own.language for one in library.videos for own in one.keyword_sets}
    occurring, instances, seconds = 0, 0, 0.0
    for one in dated:
        sets = [
            {at for known in own for at in known.tenths}
            for own in (
                [known for known in own if recount.matches(asked, known, languages, library.catalog.settings)]
                for own in recount.known_sets(one, library.catalog.settings)
            )
            if own
        ]
        if sets:
            occurring += 1
            instances += sum(map(recount.runs, sets))
            seconds += len(set.union(*sets)) / 10 or 1.0
    return occurring, instances, seconds


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(
    catalog=videos(),
    asked=st.lists(ASKED, min_size=1, max_size=2),
    interval=st.sampled_from(Interval),
    zone=st.sampled_from([LONDON, ZoneInfo("UTC"), ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")]),
    ends=st.tuples(*[st.sampled_from([None, None, *TIMES])] * 2),
    now=MOMENTS,
    allowed=FILTERS,
    built=st.integers(0, 7),
)
def test_points_are_those_of_a_recount_by_the_calendar(
    made: Shelf,
    *,
    catalog: list[Video],
    asked: list[AskedKeyword],
    interval: Interval,
    zone: ZoneInfo,
    ends: tuple[float | None, float | None],
    now: float | None,
    allowed: Filter | None,
    built: int,
) -> None:
    library = made.library(*catalog, built=built)
    there = [one for one in recount.allowed_videos(catalog, now, allowed) if recount.known_sets(one, PLAIN)]
    undated = [one for one in there if one.published_time is None]
    times = [one.published_time for one in there if one.published_time is not None]
    start = min(times, default=None) if ends[0] is None else ends[0]
    last = max(times, default=None)
    for scope in library.scopes(now, allowed):
        span = span_of(scope, *ends)
        starts = interval_starts(*span, interval, zone, MOST)
        trend = count_trend(library.seek(*asked), starts, span, scope)
        dated = [
            one
            for one in there
            if one.published_time is not None
            and start is not None
            and start <= one.published_time
            and (ends[1] is None or one.published_time < ends[1])
        ]
        days = [day_of(start, interval, zone) for start in starts]
        assert {day_of(one.published_time or 0.0, interval, zone) for one in dated} <= set(days)
        end = last if ends[1] is None else ends[1]
        if start is None or end is None or end < start:
            assert not starts
        assert trend.videos.sum() == len(dated)
        for at in {days.index(day_of(one.published_time or 0.0, interval, zone)) for one in dated}:
            own = [one for one in dated if day_of(one.published_time or 0.0, interval, zone) == days[at]]
            assert trend.videos[at] == len(own)
            ticks = sum(one.duration or last_end(one) for one in own) * TICKS_PER_SECOND
            assert trend.duration_ticks[at] == pytest.approx(ticks)
            for place, one in enumerate(asked):
                videos, instances, seconds = counted(library, one, own)
                assert trend.occurring[place][at] == videos
                assert trend.instances[place][at] == instances
                assert trend.ticks[place][at] == pytest.approx(seconds * TICKS_PER_SECOND)
        for place, one in enumerate(asked):
            assert trend.occurring[place].sum() == counted(library, one, dated)[0]
        assert trend.undated == [counted(library, one, undated)[0] for one in asked]


def last_end(one: Video) -> float:
    return max(
        (instance.end for own in one.keyword_sets for known in own.keywords for instance in known.instances),
        default=0.0,
    )


def published(video_id: str, time: str | None, *keywords: Keyword | str) -> Video:
    seconds = None if time is None else datetime.fromisoformat(time).timestamp()
    return Video(video_id, duration=60.0, published_time=seconds, keyword_sets=(keyword_set("en-US", *keywords),))


def test_the_first_and_the_last_interval_are_counted_as_far_as_they_lie_in_the_range(made: Shelf) -> None:
    hours = ["2024-05-01T09:00Z", "2024-05-01T10:00Z", "2024-05-02T00:00Z", "2024-05-03T10:00Z", "2024-05-03T11:00Z"]
    library = made.library(*(published(f"v{i}", hour, "film") for i, hour in enumerate(hours)))
    span = tuple(datetime.fromisoformat(one).timestamp() for one in ("2024-05-01T10:00Z", "2024-05-03T11:00Z"))
    starts = interval_starts(span[0], span[1], Interval.DAY, ZoneInfo("UTC"), 10)
    trend = count_trend(library.seek("film"), starts, (span[0], span[1]), library.scope())
    assert trend.occurring.tolist() == [[1, 1, 1]]
    assert trend.videos.tolist() == [1, 1, 1]


def test_a_day_of_clocks_that_change_holds_what_its_calendar_day_holds(made: Shelf) -> None:
    hours = ["2024-03-30T23:59Z", "2024-03-31T00:00Z", "2024-03-31T22:59Z", "2024-03-31T23:00Z"]
    library = made.library(*(published(f"v{i}", hour, "film") for i, hour in enumerate(hours)))
    span = span_of(library.scope(), None, None)
    starts = interval_starts(*span, Interval.DAY, LONDON, 10)
    assert count_trend(library.seek("film"), starts, span, library.scope()).occurring.tolist() == [[1, 2, 1]]


def test_the_duration_of_a_video_without_one_is_the_end_of_its_last_instance_in_any_language(made: Shelf) -> None:
    sets = (keyword_set("de-DE", keyword("meer", (0, 40))), keyword_set("en-US", keyword("film", (0, 9))))
    silent = KeywordSet("fr-FR", (Keyword("!!", 0.5, (Instance(1, 50),)),))
    library = made.library(Video("v", published_time=0.0, keyword_sets=(*sets, silent)))
    span = span_of(library.scope(), None, None)
    trend = count_trend(library.seek("film"), [0.0], span, library.scope())
    assert trend.duration_ticks.tolist() == [50 * TICKS_PER_SECOND]
    assert trend.ticks.tolist() == [[9 * TICKS_PER_SECOND]]


def test_a_catalog_without_published_times_has_no_intervals(made: Shelf) -> None:
    library = made.library(published("v", None, "film"))
    assert span_of(library.scope(), None, None) == (0.0, 0.0)
    trend = count_trend(library.seek("film"), [], (0.0, 0.0), library.scope())
    assert trend.undated == [1]
    assert trend.occurring.shape == (1, 0)
