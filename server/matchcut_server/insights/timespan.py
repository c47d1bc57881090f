"""Time spans: the spelling of times, and arithmetic on intervals."""

import re
from collections.abc import Iterable

DAY_SECONDS = 86_400.0

MAX_SECONDS = 366 * DAY_SECONDS
"""The longest time that is taken as one: a year. Video Indexer's own limit is 12 hours."""

FIRST_MOMENT, LAST_MOMENT = -62_135_596_800, 253_402_300_799
"""Years 1 to 9999 in Unix seconds: what a protobuf timestamp can hold."""

_TIME = re.compile(r"(-)?(?:(\d{1,4})\.)?(\d{1,8}):([0-5]\d):([0-5]\d(?:\.\d{1,12})?)", re.ASCII)

Span = tuple[float, float]
"""Start and end in seconds."""


def parse_time(text: str) -> float | None:
    """Read a serialised .NET `TimeSpan` as seconds, or return None if it is not one.

    `H:MM:SS`, `HH:MM:SS` and `d.hh:mm:ss`, each with or without a fraction and a leading minus.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    sign, days, hours, minutes, seconds = match.groups()
    whole = int(hours) * 3600 + int(minutes) * 60
    if days:
        whole += int(days) * 86_400
    # Rounded to the tick (100 ns), so that 0:01:50.486 is the float 110.486 and not a sum next to it.
    value = round(whole + float(seconds), 7)
    return None if value > MAX_SECONDS else -value if sign else value


def union(spans: Iterable[Span]) -> list[Span]:
    """Merge spans that overlap or touch; return them in order."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged
