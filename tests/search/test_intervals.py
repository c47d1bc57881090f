"""Calendar intervals: days begin where the clocks of a time zone say so."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.insights.timespan import FIRST_MOMENT, LAST_MOMENT
from matchcut_server.search.intervals import Interval, interval_starts, time_zone

DAY = 86_400
ZONES = [
    "UTC",
    "Europe/London",
    "America/New_York",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Asia/Tokyo",
]


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def days(zone: str, first: str, last: str) -> list[str]:
    """Return when the days that hold two times, and those between, begin, in UTC."""
    starts = interval_starts(moment(first), moment(last), Interval.DAY, ZoneInfo(zone), 100)
    return [f"{datetime.fromtimestamp(start, UTC):%m-%d %H:%M}" for start in starts]


def test_days_are_longer_and_shorter_where_clocks_change() -> None:
    assert days("Europe/London", "2024-03-30T12:00Z", "2024-04-01T12:00Z") == [
        "03-30 00:00",
        "03-31 00:00",
        "03-31 23:00",
    ]
    assert days("Europe/London", "2024-10-27T12:00Z", "2024-10-28T12:00Z") == ["10-26 23:00", "10-28 00:00"]


@pytest.mark.parametrize(
    "zone, first, last, starts",
    [
        ("America/Sao_Paulo", "2018-11-03T12:00Z", "2018-11-05T12:00Z", ["11-03 03:00", "11-04 03:00", "11-05 02:00"]),
        ("America/Havana", "2024-11-03T04:30Z", "2024-11-04T12:00Z", ["11-03 04:00", "11-04 05:00"]),
        ("America/Toronto", "1919-03-30T12:00Z", "1919-03-31T12:00Z", ["03-30 05:00", "03-31 04:30"]),
        ("Pacific/Apia", "2011-12-29T12:00Z", "2011-12-31T12:00Z", ["12-29 10:00", "12-30 10:00", "12-31 10:00"]),
        ("America/St_Johns", "2006-10-29T02:45Z", "2006-10-29T12:00Z", ["10-29 02:30"]),
    ],
    ids=["midnight is skipped", "midnight comes twice", "a jump over midnight", "no 30th", "a day interrupted"],
)
def test_odd_days(zone: str, first: str, last: str, starts: list[str]) -> None:
    assert days(zone, first, last) == starts


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    span = (moment("2024-02-29T12:00Z"), moment("2024-04-01T00:00Z"))
    weeks = interval_starts(*span, Interval.WEEK, ZoneInfo("UTC"), 100)
    assert weeks == [moment("2024-02-26T00:00Z") + 7 * DAY * week for week in range(5)]
    months = interval_starts(*span, Interval.MONTH, ZoneInfo("UTC"), 100)
    assert months == [moment("2024-02-01T00:00Z"), moment("2024-03-01T00:00Z")]


@settings(max_examples=60)
@given(
    first=st.floats(FIRST_MOMENT, LAST_MOMENT) | st.integers(-2 * 10**9, 2 * 10**9).map(float),
    length=st.floats(0.001, 400.0 * DAY),
    interval=st.sampled_from(Interval),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
def test_intervals_follow_each_other_and_cover_the_span(
    first: float, length: float, interval: Interval, zone: ZoneInfo
) -> None:
    end = first + length
    starts = interval_starts(first, end, interval, zone, 1_000)
    assert starts[0] <= first
    assert starts[1:] == sorted({start for start in starts if start > first})
    assert starts[-1] < end
    longest = {Interval.DAY: 2, Interval.WEEK: 8, Interval.MONTH: 32}[interval] * DAY
    assert all(after - start <= longest for start, after in zip(starts, [*starts[1:], end], strict=True))
    for start in starts:
        if abs(start) < 60_000_000_000:  # in years that a local time has too
            local = datetime.fromtimestamp(start, zone)
            assert local.hour <= 1
            assert interval is not Interval.WEEK or local.weekday() == 0
            assert interval is not Interval.MONTH or local.day == 1


@pytest.mark.parametrize("zone", ZONES)
def test_the_ends_of_the_calendar_have_intervals_too(zone: str) -> None:
    for interval in Interval:
        for first, end in ((FIRST_MOMENT, FIRST_MOMENT + DAY), (LAST_MOMENT - DAY, LAST_MOMENT + 1)):
            starts = interval_starts(first, end, interval, ZoneInfo(zone), 10)
            assert FIRST_MOMENT <= starts[0] <= first
            assert starts[-1] < end


def test_there_are_no_more_intervals_than_asked_for() -> None:
    starts = interval_starts(FIRST_MOMENT, LAST_MOMENT, Interval.DAY, ZoneInfo("UTC"), 5)
    assert starts == [FIRST_MOMENT + DAY * day for day in range(5)]
    assert interval_starts(0.0, 0.0, Interval.DAY, ZoneInfo("UTC"), 5) == []


@pytest.mark.parametrize(
    "name", ["", "Mars/Phobos", "europe/london", "../UTC", "/etc/passwd", "Europe", "a\0b", "x" * 5_000]
)
def test_what_is_no_time_zone(name: str) -> None:
    assert time_zone(name) is None


@pytest.mark.parametrize("name", [*ZONES, "Africa/Lagos", "Etc/GMT+5", "Asia/Calcutta"])
def test_what_is_a_time_zone(name: str) -> None:
    zone = time_zone(name)
    assert zone is not None
    assert zone.key == name
