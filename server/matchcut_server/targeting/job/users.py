"""The job of all users and their best videos."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...index.filter import Filter
from ...profiles.filter import ProfileFilter
from ...ranking.query import Query
from ...ranking.recommender import Recommender
from ...ranking.settings import DEFAULTS, RankingSettings
from ...ranking.users import user_of
from .part import Columns, Part, PartWriter, Tell
from .snapshot import Snapshot

USERS_A_PART = 10_000
USERS_AT_ONCE = 500
"""Read from the store, and told of as progress."""


@dataclass(frozen=True, slots=True)
class UsersTask:
    """Recommends videos to all users, as `RecommendVideos` does to each."""

    limit: int
    """Videos a user, 1 to 1,000."""
    min_score: float = 0.0
    allowed: Filter | None = None
    """Which videos are allowed."""
    profiles: ProfileFilter | None = None
    """Which users are looked at."""
    ranking: RankingSettings = DEFAULTS
    users_a_part: int = USERS_A_PART

    @property
    def columns(self) -> Columns:
        """See `Task`. `rank` counts from 1; `origin` is `MATCH`, `PINNED` or `FALLBACK`."""
        return {"user_id": "string", "rank": "int32", "video_id": "string", "score": "double", "origin": "string"}

    def prepare(self, snapshot: Snapshot) -> None:
        """See `Task`. It needs nothing beside the snapshot."""

    def parts(self, snapshot: Snapshot) -> Sequence[Part]:
        """See `Task`: users by the bytes of their ids."""
        profiles, catalog_id = snapshot.store.profiles, snapshot.catalog.catalog_id
        starts = ["", *profiles.every_nth_user(catalog_id, self.users_a_part)]
        left = profiles.profile_count(catalog_id)
        parts: list[Part] = []
        for number, start in enumerate(starts):
            count = min(left - number * self.users_a_part, self.users_a_part)
            if count or not parts:
                parts.append(Part(number, start, count))
        return parts

    def missing_ids(self, snapshot: Snapshot) -> Sequence[str]:  # noqa: ARG002 - it names nothing
        """See `Task`."""
        return ()

    def worker(self, snapshot: Snapshot) -> "UsersWorker":
        """See `Task`."""
        return UsersWorker(self, snapshot)


class UsersWorker:
    """See `Worker`."""

    def __init__(self, task: UsersTask, snapshot: Snapshot) -> None:
        self._task = task
        self._snapshot = snapshot
        self._view = snapshot.view
        self._recommender = Recommender(snapshot.store, snapshot.follower, clock=lambda: snapshot.as_of)

    def work(self, part: Part, writer: PartWriter, tell: Tell) -> None:
        """See `Worker`."""
        task, catalog, left, after = self._task, self._snapshot.catalog, part.items, part.start
        while left:
            histories = self._snapshot.store.profiles.histories(catalog.catalog_id, after, min(left, USERS_AT_ONCE))
            rows: list[tuple[str, int, str, float, str]] = []
            for history in histories:
                if task.profiles is not None and not task.profiles.allows(history.profile):
                    continue
                user = user_of(catalog, history)
                query = Query(task.limit, task.allowed, min_score=task.min_score, user=user, ranking=task.ranking)
                page = self._recommender.recommend(catalog, self._view, query)
                user_id = history.profile.user_id
                rows += [
                    (user_id, rank, one.video_id, one.score, one.origin.value)
                    for rank, one in enumerate(page.recommended, start=1)
                ]
            if rows:
                writer.add(*zip(*rows, strict=True))
            tell(len(histories))
            left -= len(histories)
            after = histories[-1].profile.user_id
