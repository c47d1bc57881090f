"""Calendar intervals: days, weeks and months of a time zone, as moments in Unix seconds."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from ..insights.timespan import FIRST_MOMENT

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Interval(StrEnum):
    """Length of intervals; the names of `TrendInterval` in the contract, without its prefix."""

    DAY = "DAY"
    WEEK = "WEEK"
    """From Monday to Sunday."""
    MONTH = "MONTH"


def time_zone(name: str) -> ZoneInfo | None:
    """Return the time zone of an IANA name; None if there is none."""
    return ZoneInfo(name) if name in _time_zones() else None


@cache
def _time_zones() -> frozenset[str]:
    # Asked first, because what is not a name may be a path, for which `ZoneInfo` raises whatever the system does.
    return frozenset(available_timezones())


def interval_starts(first: float, end: float, interval: Interval, zone: ZoneInfo, most: int) -> list[float]:
    """Return when the intervals begin in which the times from `first` to before `end` lie, without gaps.

    At most `most`; the last one holds the last of these times only if there are no more.
    """
    starts: list[float] = []
    day: date | None = _first_day(_local_day(first, zone), interval)
    while day is not None and first < end:
        start = _start_of(day, zone)
        if start >= end:
            break
        if starts and (start <= first or start == starts[-1]):
            starts.pop()  # it ends before the first time, or is a day that a change of the time zone skips
        elif len(starts) == most:
            break
        starts.append(start)
        day = _next_day(day, interval)
    return starts


def _local_day(moment: float, zone: ZoneInfo) -> date:
    """Return on which day a moment is; the first or last of all where the calendar does not reach."""
    try:
        return (_EPOCH + timedelta(seconds=moment)).astimezone(zone).date()
    except OverflowError:
        return date.min if moment < 0 else date.max


def _first_day(day: date, interval: Interval) -> date:
    if interval is Interval.WEEK:
        return day - timedelta(days=day.weekday())  # day 1 of year 1 is a Monday
    return day.replace(day=1) if interval is Interval.MONTH else day


def _next_day(day: date, interval: Interval) -> date | None:
    """Return the first day of the next interval; None where the calendar ends."""
    try:
        if interval is Interval.MONTH:
            return (day + timedelta(days=31)).replace(day=1)
        return day + timedelta(days=7 if interval is Interval.WEEK else 1)
    except OverflowError:
        return None


def _start_of(day: date, zone: ZoneInfo) -> float:
    """Return the first moment of a day: midnight, the first of two, or when clocks jump over midnight that moment."""
    if day == date.min:
        return float(FIRST_MOMENT)  # the calendar has none before it
    midnight = datetime.combine(day, time.min, zone)
    start, other = (int(one.timestamp()) for one in (midnight, midnight.replace(fold=1)))
    if other < start:  # there is no midnight: `start` is in the offset before the jump, `other` in the one after it
        before = other
        after = _offset(start, zone)
        while start - before > 1:
            middle = (before + start) // 2
            if _offset(middle, zone) == after:
                start = middle
            else:
                before = middle
    return float(start)


def _offset(moment: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(moment, zone).utcoffset()
