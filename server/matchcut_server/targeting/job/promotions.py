"""The job of many promotions and their audiences."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from ...index.shelf import Shelf
from ...index.source import ShelfSource
from ...profiles.filter import ProfileFilter
from ..audience import AudienceQuery, FrequencyCap, prepare, wanted
from ..audiences import LIVE_PROFILES, Audiences
from ..builder import AudienceBuilder
from ..promotion import Promotion
from .part import GROUP_ROWS, Columns, Part, PartWriter, Tell
from .snapshot import Snapshot

PROMOTIONS_A_PART = 20

MAX_MISSING = 1_000


@dataclass(frozen=True, slots=True)
class PromotionsTask:
    """Finds the audiences of promotions, as `MatchAudience` does for each.

    `lines`: the file of the promotions, one a line. `read` reads one; it is pickled.
    """

    lines: Path
    read: Callable[[bytes], Promotion]
    limit: int | None = None
    """Users a promotion; None: all that match."""
    least: float = 0.0
    """The least score."""
    profiles: ProfileFilter | None = None
    """Which users are looked for."""
    caps: tuple[FrequencyCap, ...] = ()
    """Those without an id are of impressions of the promotion itself."""
    promotions_a_part: int = PROMOTIONS_A_PART

    @property
    def columns(self) -> Columns:
        """See `Task`. `rank` counts from 1."""
        return {"promotion_id": "string", "rank": "int32", "user_id": "string", "score": "double"}

    def prepare(self, snapshot: Snapshot) -> None:
        """See `Task`."""
        shelf, store, catalog = snapshot.of_profiles, snapshot.store, snapshot.catalog
        if shelf.newest(catalog.catalog_id) is None:
            if store.profiles.profile_count(catalog.catalog_id) <= LIVE_PROFILES:
                return
            shelf.folder.mkdir(exist_ok=True)
            AudienceBuilder(store, shelf, ShelfSource(Shelf(snapshot.folder, store.secret), store)).build(catalog)

    def parts(self, snapshot: Snapshot) -> Sequence[Part]:  # noqa: ARG002 - it is cut by lines
        """See `Task`: promotions in the order of their lines."""
        parts: list[Part] = []
        start = 0
        with self.lines.open("rb") as file:
            while some := list(islice(file, self.promotions_a_part)):
                parts.append(Part(len(parts), str(start), len(some)))
                start += sum(map(len, some))
        return parts or [Part(0, "0", 0)]

    def missing_ids(self, snapshot: Snapshot) -> Sequence[str]:
        """See `Task`."""
        has_video = partial(snapshot.follower.has_video, snapshot.catalog)
        missing: dict[str, None] = {}
        with self.lines.open("rb") as file:
            for line in file:
                missing.update((seed.video_id, None) for seed in self.read(line).seeds if not has_video(seed.video_id))
                if len(missing) >= MAX_MISSING:
                    break
        return list(missing)[:MAX_MISSING]

    def promotions(self, part: Part) -> Iterator[Promotion]:
        """Yield the promotions of a part."""
        with self.lines.open("rb") as file:
            file.seek(int(part.start))
            for line in islice(file, part.items):
                yield self.read(line)

    def worker(self, snapshot: Snapshot) -> "PromotionsWorker":
        """See `Task`."""
        return PromotionsWorker(self, snapshot)


class PromotionsWorker:
    """See `Worker`."""

    def __init__(self, task: PromotionsTask, snapshot: Snapshot) -> None:
        self._task = task
        self._snapshot = snapshot
        self._videos = snapshot.view
        audiences = Audiences(snapshot.store, snapshot.of_profiles, snapshot.follower, max_waiting=1)
        self._profiles = audiences.view(snapshot.catalog, self._videos, wait=0.0)

    def work(self, part: Part, writer: PartWriter, tell: Tell) -> None:
        """See `Worker`."""
        for promotion in self._task.promotions(part):
            self._write(promotion, writer)
            tell(1)

    def _write(self, promotion: Promotion, writer: PartWriter) -> None:
        task, (store, catalog, *_) = self._task, self._snapshot
        caps = tuple(cap._replace(promotion_id=cap.promotion_id or promotion.promotion_id) for cap in task.caps)
        query = AudienceQuery(promotion, task.profiles, task.least, caps=caps)
        prepared = prepare(query, store, catalog, self._videos)
        limit = max(len(self._profiles), 1) if task.limit is None else task.limit
        asked = wanted(query, prepared, store, catalog, limit, self._snapshot.as_of)
        members = self._profiles.match(prepared.profile.mixture, asked)
        for start in range(0, len(members), GROUP_ROWS):
            end = min(start + GROUP_ROWS, len(members))
            writer.add(
                [promotion.promotion_id] * (end - start),
                np.arange(start + 1, end + 1, dtype=np.int32),
                [members.user_id(place) for place in range(start, end)],
                members.scores[start:end],
            )
