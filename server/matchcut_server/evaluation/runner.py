"""Asks rankings the questions of a task, and says how well they answer."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from ..store.port import DEFAULT_CATALOG, Store
from ..vectors.scheme import Scheme
from .engine import Engine, Scenario
from .likeness import Likeness
from .ranker import Popular, Random, Ranker
from .tally import Cosines, Figures, Tally, Worth
from .task import LeftOut, Task

_READ_AT_ONCE = 1_000

Positions = Mapping[str, int]
"""The videos that may be recommended, ids with their places from 0."""


class Ranking(Struct, frozen=True):
    """What became of one ranking."""

    name: str
    scheme: str
    """Empty where keywords do not matter."""
    scenario: str
    """Empty: the defaults."""
    figures: Figures
    differences: Figures | None
    """From the first ranking, question by question; None for that one."""


class Evaluation(Struct, frozen=True):
    """What became of all rankings."""

    videos: int
    """Those of the catalog that may be recommended."""
    questions: int
    """How many each ranking was asked; without any there are no rankings."""
    left_out: LeftOut
    rankings: list[Ranking]


class Plan(NamedTuple):
    """What is to be evaluated: each scheme with the defaults, and with each scenario."""

    make_task: Callable[[Positions], Task]
    schemes: Sequence[Scheme]
    """At least one. Diversity is measured by the first one for all."""
    scenarios: Sequence[Scenario] = ()
    latest: float | None = None
    """The latest time in the histories of users, in Unix seconds."""


def evaluate(store: Store, folder: Path, plan: Plan, start: Callable[[str, int], Callable[[], None]]) -> Evaluation:
    """Evaluate rankings of the default catalog of a store that nobody else writes to.

    `folder`: for the indexes of large catalogs. `start` is told what comes next and how many questions it has; what it
    returns is called after each of them.
    """
    now, positions = catalog_at(store, plan.latest)
    task = plan.make_task(positions)
    rankings: list[Ranking] = []
    others: list[tuple[str, Ranker]] = [
        ("popularity", Popular(list(positions), task.popularity)),
        ("random", Random(list(positions))),
    ]
    likeness: Likeness | None = None
    first: Worth | None = None
    for scheme in plan.schemes if len(task) else ():
        engine = Engine(store, folder, scheme, now, task.users())
        likeness = likeness or engine.likeness()
        name = scheme.lower()
        rows = [(name, name, "", engine.ranker())]
        rows += [(f"{name}, {one.name}", name, one.name, engine.ranker(one.settings)) for one in plan.scenarios]
        if scheme is plan.schemes[-1]:
            rows += [(other, "", "", ranker) for other, ranker in others]
        advance = start(name, len(task))
        judged = judge(task, [ranker for *_, ranker in rows], positions, likeness.cosines, advance)
        for row, worth in zip(rows, judged, strict=True):
            rankings.append(Ranking(*row[:3], worth.figures(), worth.differences(first) if first else None))
            first = first or worth
    return Evaluation(len(positions), len(task), task.left_out, rankings)


def catalog_at(store: Store, latest: float | None) -> tuple[float, Positions]:
    """Return the time of an evaluation, in Unix seconds, and the videos of the default catalog that are there then.

    It is the latest time that is known, so that a later run gives the same: `latest`, or the newest published time; the
    present if there is neither, or if it lies ahead. Videos are there if they are published and have not expired.
    """
    catalog = store.catalog(DEFAULT_CATALOG)
    assert catalog is not None
    times: dict[str, tuple[float | None, float | None]] = {}
    after = ""
    while some := store.videos(catalog.catalog_id, after, _READ_AT_ONCE, with_keywords=False):
        times |= {one.video.video_id: (one.video.published_time, one.video.expire_time) for one in some}
        after = some[-1].video.video_id
    known = [published for published, _ in times.values() if published is not None]
    known += [] if latest is None else [latest]
    present = time.time()
    now = min(max(known, default=present), present)
    there = [
        video_id
        for video_id, (published, expire) in times.items()
        if (published is None or published <= now) and (expire is None or expire > now)
    ]
    return now, {video_id: position for position, video_id in enumerate(there)}


def judge(
    task: Task, rankers: Sequence[Ranker], positions: Positions, cosines: Cosines, advance: Callable[[], None]
) -> list[Worth]:
    """Return what each ranking is worth; `advance` is called after each question."""
    tallies = [Tally(positions, cosines) for _ in rankers]
    for question in task:
        for ranker, tally in zip(rankers, tallies, strict=True):
            tally.add(question.ask(ranker), question.gains)
        advance()
    return [tally.worth(task.known_to) for tally in tallies]
