"""How things look on a terminal, and to programs."""

import itertools
import re
import sys
from collections.abc import Iterable

import msgspec

from matchcut_client import TimeSpan, WriteResult

BAR_CELLS = 24
_LEVELS = "·▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, and what reverses the text around it."""


def plain(text: str) -> str:
    """Show text of others: whatever could move the cursor, change colours or the order of characters is spelt out."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def print_json(value: object) -> None:
    """Print JSON for programs: UTF-8, whatever the terminal's encoding is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def print_results(results: Iterable[WriteResult]) -> None:
    """Print what became of some items, one a line."""
    for result in results:
        errors = "; ".join(
            f"{error.field}: {error.message}" if error.field else error.message for error in result.field_errors
        )
        status = result.status.name.lower().replace("_", " ")
        print(plain(f"{result.id}: {status}{f': {errors}' if errors else ''}"))


def time_bar(spans: Iterable[TimeSpan], duration: float, cells: int = BAR_CELLS) -> str:
    """Draw where in a video some spans are: one cell for each part of it, as high as the part that they cover."""
    merged = _merged(spans)
    end = max([duration, *(stop for _, stop in merged)])  # a duration without its fraction is less than the last span
    if end <= 0:
        return _LEVELS[0] * cells
    width = end / cells
    covered = [
        sum(max(0.0, min(stop, right) - max(start, left)) for start, stop in merged)
        for left, right in itertools.pairwise([*(cell * width for cell in range(cells)), end])
    ]
    return "".join(_LEVELS[_level(seconds / width)] for seconds in covered)


def bar(share: float, cells: int = BAR_CELLS) -> str:
    """Draw a share of a whole as a bar, to an eighth of a cell: anything at all is seen."""
    eighths = max(round(share * cells * 8), 1) if share > 0 else 0
    whole, rest = divmod(min(eighths, cells * 8), 8)
    return (_EIGHTHS[-1] * whole + _EIGHTHS[rest] * (rest > 0)).ljust(cells)


def _level(share: float) -> int:
    """Map a share of a cell to a level: any time at all is seen."""
    return 0 if share <= 0 else max(1, min(8, round(share * 8)))


def _merged(spans: Iterable[TimeSpan]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted((span.start_seconds, span.end_seconds) for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def clock(seconds: float) -> str:
    """Write a time inside a video as `M:SS` or `H:MM:SS`."""
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: `1 video`, `2 videos`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
