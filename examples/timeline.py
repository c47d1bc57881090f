"""When the words of a video are spoken and shown, drawn from a seed and counted in ticks of 100 ns."""

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

SECOND = 10_000_000
FRAME = 400_000
"""Transcript lines start and end on frames of 1/25 s."""

_LINE_SECONDS = (2, 12)
_SHOT = SECOND * 1001 // 1000
"""Text in the picture is looked for once in 1.001 s, ..."""
_GLIMPSE = 333_667
"""... and ends one frame of 29.97 Hz after the last look."""


class Draws:
    """Random choices that are the same for a seed on every Python version: only `Random.random` is used."""

    def __init__(self, seed: str) -> None:
        number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
        self._random = random.Random(number)  # noqa: S311 - the catalog must be repeatable, not secret

    def below(self, stop: int) -> int:
        """An integer from 0 to `stop` - 1."""
        return int(self._random.random() * stop)

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases."""
        return self.below(100) < percent

    def one(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def some(self, items: Iterable[T], count: int) -> list[T]:
        """At most `count` different items, in random order."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a video from `start` to `end`, in ticks."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Ticks from start to end."""
        return self.end - self.start


@dataclass(frozen=True)
class Window:
    """The passage of a video that a document shows, and where it begins in the document's own time, in ticks."""

    start: int
    end: int
    offset: int = 0

    def shown(self, spans: Iterable[Span]) -> list[Span]:
        """The parts of the spans inside the window, in the video's own time."""
        clipped = (Span(max(span.start, self.start), min(span.end, self.end)) for span in spans)
        return [span for span in clipped if span.length > 0]

    def adjusted(self, span: Span) -> Span:
        """A span of the video in the document's time."""
        shift = self.offset - self.start
        return Span(span.start + shift, span.end + shift)


def time_span(ticks: int) -> str:
    """Ticks as .NET writes a TimeSpan under a day, with hours not padded: `0:01:54.173`."""
    seconds, fraction = divmod(ticks, SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    whole = f"{hours}:{minutes:02}:{seconds:02}"
    return f"{whole}.{fraction:07}".rstrip("0") if fraction else whole


def transcript_lines(draws: Draws, duration: int) -> list[Span]:
    """Spoken lines of 2 to 12 s with short breaks between them, from near the start to near the end."""
    shortest, longest = (seconds * SECOND // FRAME for seconds in _LINE_SECONDS)
    lines: list[Span] = []
    position = draws.below(50) * FRAME
    while True:
        end = position + (shortest + draws.below(longest - shortest + 1)) * FRAME
        if end > duration:
            return lines
        lines.append(Span(position, end))
        position = end + draws.below(30) * FRAME


def main_spans(draws: Draws, lines: Sequence[Span], duration: int, rank: int) -> list[Span]:
    """Spans of a main keyword: eight of the longer lines for the first, one fewer for each next one."""
    longer = [line for line in lines if line.length >= 8 * SECOND]
    return _with_text(draws, sorted(draws.some(longer, 8 - rank)), duration)


def passing_spans(draws: Draws, lines: Sequence[Span], duration: int) -> list[Span]:
    """Spans of a keyword of one passage: one to four of the shorter lines, close to each other."""
    around = draws.below(len(lines))
    reach = max(4, len(lines) // 12)
    near = [line for line in lines[max(0, around - reach) : around + reach] if line.length < 9 * SECOND]
    count = 1 + draws.below(draws.below(min(4, 1 + len(lines) // 12)) + 1)
    return _with_text(draws, sorted(draws.some(near, count)) or [lines[around]], duration)


def reindexed(draws: Draws, spans: Sequence[Span], duration: int) -> list[Span]:
    """The same spans as a second run over the same sound finds them: some ends a few frames later."""
    moved = ((1 + draws.below(9)) * FRAME if draws.chance(30) else 0 for _ in spans)
    return [Span(span.start, min(duration, span.end + more)) for span, more in zip(spans, moved, strict=True)]


def _with_text(draws: Draws, spoken: list[Span], duration: int) -> list[Span]:
    """The spans; now and then not in order, followed by the same word read in the picture, or with one given twice."""
    if draws.chance(20):
        spoken = draws.some(spoken, len(spoken))
    if draws.chance(33):
        spoken = [*spoken, _on_screen(draws, draws.one(spoken), duration)]
    if draws.chance(3):
        spoken = [*spoken, spoken[-1]]
    return spoken


def _on_screen(draws: Draws, spoken: Span, duration: int) -> Span:
    """Text shown for one to three seconds while the word is spoken."""
    start = -(-spoken.start // _SHOT) * _SHOT
    return Span(start, min(duration, start + (1 + draws.below(3)) * _SHOT + _GLIMPSE))
