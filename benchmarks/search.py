"""`search`: exact top-20 searches in one thread, and what else could do the same beside them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from matchcut_server.index.port import View
from matchcut_server.vectors.profile import Profile, make_profile
from matchcut_server.vectors.settings import CatalogSettings

from .engine import LIMIT, Search, open_index, searches
from .measure import Row, Scale, duration, median, p99_text, ratio, timed
from .rivals.port import Found, Rival, rivals
from .synthetic import NOW, history_profiles, profiles
from .vocabulary import LANGUAGE

_TRIALS = 3
_LEAST = 10
"""Searches of the slowest."""
_CLOSE = 1e-5
"""What float32 scores may differ by."""


def run(scale: Scale) -> Iterator[Row]:
    """Measure searches for profiles of two kinds: what users declare, and what their history gives."""
    for size in scale.sizes:
        view = open_index(size)
        others = [entry.make(size) for entry in rivals(size, extras=scale.extras)]
        yield from _searches(scale, size, "30 interests", declared_profiles(view, scale.queries), view, others)
        yield from _searches(scale, size, "history, 400 terms", history_profiles(scale.queries), view, others)


def declared_profiles(view: View, count: int) -> list[Profile]:
    """Return profiles of 30 interests as terms."""
    return [make_profile(own, [LANGUAGE], view.knows, CatalogSettings()) for own in profiles(count)]


@dataclass
class _Competitor:
    name: str
    search: Callable[[Profile], Found]
    exact: bool
    every: int = 1
    """Asked only every so many searches."""
    seconds: list[float] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    """How many of each list are in the first competitor's."""


def _searches(
    scale: Scale, size: int, kind: str, asked: Sequence[Profile], view: View, others: Sequence[Rival]
) -> Iterator[Row]:
    competitors = [_Competitor(name, _found_by(search), exact=True) for name, search in searches(view).items()]
    competitors += [_Competitor(other.name, _limited(other), other.exact) for other in others]
    total = scale.rounds * len(asked)
    for one in competitors:
        whole = total * median([timed(one.search, profile)[0] for profile in asked[:_TRIALS]])
        one.every = min(max(1, round(whole / scale.seconds)), total // _LEAST)
    for number in range(total):
        profile = asked[number % len(asked)]
        turn = [one for one in competitors if number % one.every == 0]
        lists: dict[str, Found] = {}
        for place in range(len(turn)):  # each is the first as often as any other
            one = turn[(number + place) % len(turn)]
            seconds, lists[one.name] = timed(one.search, profile)
            one.seconds.append(seconds)
        expected = lists.get(competitors[0].name) or competitors[0].search(profile)
        for one in turn:
            _compare(one, expected, lists[one.name])
    first = median(competitors[0].seconds)
    for one in competitors:
        yield _row(one, size, kind, None if one is competitors[0] else first)


def _row(one: _Competitor, size: int, kind: str, first: float | None) -> Row:
    what, beside = f"search, {kind}: {one.name}", ""
    if first is not None:
        what, beside = f"  {one.name}", ratio(median(one.seconds) / first, "Matchcut")
        if not one.exact:
            beside += f"; {np.mean(one.same):.0f} of {LIMIT} the same"
    return Row(what, size, duration(median(one.seconds)), p99_text(one.seconds), beside)


def _found_by(search: Search) -> Callable[[Profile], Found]:
    def found(profile: Profile) -> Found:
        return [(int(hit.video_id.removeprefix("video")), hit.score) for hit in search(profile, LIMIT, NOW)]

    return found


def _limited(rival: Rival) -> Callable[[Profile], Found]:
    return lambda profile: rival.search(profile, LIMIT)


def _compare(one: _Competitor, expected: Found, found: Found) -> None:
    """Count what both lists hold; of an exact one make sure that it is the same, but for the order of equal scores."""
    ids = {number for number, _ in found}
    one.same.append(sum(number in ids for number, _ in expected))
    if len(found) != len(expected):
        raise AssertionError(f"{one.name} found {len(found)} videos, Matchcut {len(expected)}")
    if one.exact:
        ours, theirs = (np.array([score for _, score in scored]) for scored in (expected, found))
        same = bool(np.allclose(ours, theirs, rtol=0, atol=_CLOSE))
        if not same or any(number not in ids for number, score in expected if score > ours[-1] + 2 * _CLOSE):
            raise AssertionError(f"Matchcut and {one.name} differ: {expected} and {found}")
