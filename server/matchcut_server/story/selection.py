"""The selection: which moments become cuts of a story, how long each is, and in which order they come.

The best moments are taken first, until the story is as long as it may be. All lengths are in seconds.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .cut import Cut

_NO_LIMIT = float("inf")
_ROUNDING = 1e-9
"""Of lengths that are sums."""


class StoryOrder(StrEnum):
    """How the cuts of a story follow each other."""

    SCORE = "score"
    """The best first."""
    OLDEST = "oldest"
    """By the time of publishing; cuts of one video in its order."""
    NEWEST = "newest"
    """The same, the newest video first."""


@dataclass(frozen=True, slots=True)
class StoryPlan:
    """What a story has to be like."""

    total_seconds: float = _NO_LIMIT
    """It is at most so long."""
    shortest_seconds: float = 0.0
    """No cut is shorter."""
    longest_seconds: float = _NO_LIMIT
    """No cut is longer; what is has its middle kept."""
    padding_seconds: float = 0.0
    """Added before and after each moment, as far as the video goes."""
    max_per_video: int = 0
    """Cuts of one video; 0: no limit."""
    order: StoryOrder = StoryOrder.SCORE


def select(cuts: Iterable[Cut], plan: StoryPlan) -> list[Cut]:
    """Choose and trim the cuts of a story. `cuts`: one a moment, best first; read only as far as they are needed.

    Padded cuts of one video that overlap or touch become one, of at most the longest length. A cut that would make the
    story too long is shortened, or left out where too little of it would be left.
    """
    chosen: list[Cut] = []
    left = plan.total_seconds
    counts: Counter[str] = Counter()
    for one in cuts:
        if left < max(plan.shortest_seconds, _ROUNDING):
            break
        padded = _padded(one, plan)
        neighbours = [other for other in chosen if other.video_id == one.video_id and _touch(other, padded)]
        if not neighbours and plan.max_per_video and counts[one.video_id] == plan.max_per_video:
            continue
        held = sum(other.length for other in neighbours)
        most = min(plan.longest_seconds, held + left)
        joined = _joined([*neighbours, padded])
        if joined.length > most + _ROUNDING:
            if neighbours:
                continue  # both together would be too long
            joined = _shortened(joined, most)
        if joined.length < plan.shortest_seconds - _ROUNDING:
            continue
        for other in neighbours:
            chosen.remove(other)
        chosen.append(joined)
        counts[one.video_id] += 1 - len(neighbours)
        left -= joined.length - held
    return ordered(chosen, plan.order)


def ordered(cuts: Iterable[Cut], order: StoryOrder) -> list[Cut]:
    """Put cuts in order."""
    if order is StoryOrder.SCORE:
        return sorted(cuts, key=lambda cut: (-cut.score, cut.video_id, cut.start))
    sign = 1.0 if order is StoryOrder.OLDEST else -1.0
    unknown = _NO_LIMIT  # those last that have no time, either way
    return sorted(
        cuts,
        key=lambda cut: (cut.published * sign if cut.published < unknown else unknown, cut.video_id, cut.start),
    )


def _padded(cut: Cut, plan: StoryPlan) -> Cut:
    end = cut.end + plan.padding_seconds
    return cut.between(
        max(cut.start - _lead(cut, plan.padding_seconds), 0.0), max(min(end, cut.duration or end), cut.end)
    )


def _lead(cut: Cut, padding: float) -> float:
    """Return how much earlier a cut may begin: not before its source does."""
    return padding if cut.source_start is None else min(padding, cut.source_start)


def _touch(one: Cut, other: Cut) -> bool:
    return one.start <= other.end and other.start <= one.end


def _joined(cuts: list[Cut]) -> Cut:
    """Put cuts of one video that touch each other together."""
    best = min(cuts, key=lambda cut: (-cut.score, cut.start))
    first = min(cuts, key=lambda cut: cut.start)
    whole = first._replace(
        end=max(cut.end for cut in cuts),
        score=best.score,
        keywords=tuple(dict.fromkeys(keyword for cut in (best, *cuts) for keyword in cut.keywords)),
    )
    if all(_same_source(first, cut) for cut in cuts):
        return whole
    return whole._replace(source_video_id="", source_start=None)


def _same_source(one: Cut, other: Cut) -> bool:
    """Tell whether two cuts come from one place: they lie in the source as they lie in the video."""
    if one.source_video_id != other.source_video_id:
        return False
    if one.source_start is None or other.source_start is None:
        return one.source_start is other.source_start
    return abs((one.source_start - one.start) - (other.source_start - other.start)) < 1e-3  # a millisecond


def _shortened(cut: Cut, longest: float) -> Cut:
    """Keep the middle of a cut that is longer."""
    if cut.length <= longest:
        return cut
    start = cut.start + (cut.length - longest) / 2
    return cut.between(start, start + longest)
