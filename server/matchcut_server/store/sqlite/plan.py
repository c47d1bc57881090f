"""Plans: what changes write, worked out before the transaction that writes it, because other writes wait for that."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...errors import InvalidInput, Violation
from ...insights.model import KeywordSet, Video
from ...vectors.settings import CatalogSettings
from ..port import VideoChange, WriteOutcome, WriteStatus
from . import codec
from .events import credit_pending
from .rows import VideoRow, load_revisions, load_videos, next_revisions, note_change, vector_blob
from .texts import KeywordText, KnownTexts, add_texts

_WRITTEN = (WriteStatus.CREATED, WriteStatus.UPDATED)


class Plan(NamedTuple):
    """What one change does to the rows of a video."""

    change: VideoChange
    seen: int
    """Revision of the row it was made for, 0 for none. If that has changed, the plan is void."""
    status: WriteStatus
    violations: tuple[Violation, ...] = ()
    metadata: bytes = b""
    sets: tuple[tuple[str, bytes, bytes], ...] = ()
    """Keyword sets to write: language, keywords and vector."""
    texts: tuple[KeywordText, ...] = ()
    """Those of their keywords that may not be stored yet."""
    gone: tuple[str, ...] = ()
    """Languages whose keyword sets are to be deleted."""


class Planner:
    """Plans the changes of one catalog, as it is weighed by `settings`."""

    def __init__(self, catalog_id: int, settings: CatalogSettings, known: KnownTexts) -> None:
        self._catalog_id = catalog_id
        self._settings = settings
        self._known = known

    def plan(self, connection: sqlite3.Connection, changes: Sequence[VideoChange]) -> list[Plan]:
        """Plan changes of different videos."""
        rows = load_videos(connection, self._catalog_id, [change.video_id for change in changes])
        return [self._plan(change, rows.get(change.video_id, _NO_ROW)) for change in changes]

    def write(self, connection: sqlite3.Connection, plans: Sequence[Plan]) -> list[WriteOutcome]:
        """Carry out plans of different videos inside a transaction; those that are void are made anew."""
        revisions = load_revisions(connection, self._catalog_id, [plan.change.video_id for plan in plans])
        current = [
            plan if revisions.get(plan.change.video_id, 0) == plan.seen else self.plan(connection, [plan.change])[0]
            for plan in plans
        ]
        changing = [plan for plan in current if plan.status in _WRITTEN or plan.status is WriteStatus.DELETED]
        if not changing:
            return [_outcome(plan, plan.seen) for plan in current]
        last = next_revisions(connection, len(changing))
        numbers = range(last - len(changing) + 1, last + 1)
        new = {plan.change.video_id: number for plan, number in zip(changing, numbers, strict=True)}
        self._write_rows(connection, changing, new)
        credit_pending(
            connection,
            self._catalog_id,
            self._settings,
            {plan.change.video_id: new[plan.change.video_id] for plan in changing if plan.sets},
        )
        note_change(connection, self._catalog_id)
        return [_outcome(plan, new.get(plan.change.video_id, plan.seen)) for plan in current]

    def _plan(self, change: VideoChange, row: VideoRow) -> Plan:
        old = row.video
        try:
            new = change.change(old)
        except InvalidInput as refusal:
            return Plan(change, row.revision, WriteStatus.REJECTED, refusal.violations)
        if new is None:
            return Plan(change, row.revision, WriteStatus.NOT_FOUND if old is None else WriteStatus.DELETED)
        if old is not None and new == old:
            return Plan(change, row.revision, WriteStatus.UNCHANGED)
        before = {keyword_set.language: keyword_set for keyword_set in old.keyword_sets} if old else {}
        changed = list(self._changed(before, old, new))
        sets = tuple(self._row(one, new.duration) for one in changed)
        gone = tuple(before.keys() - {keyword_set.language for keyword_set in new.keyword_sets})
        status = WriteStatus.UPDATED if old else WriteStatus.CREATED
        return Plan(change, row.revision, status, (), codec.encode_metadata(new), sets, self._texts(changed), gone)

    def _row(self, keyword_set: KeywordSet, duration: float) -> tuple[str, bytes, bytes]:
        vector = vector_blob(keyword_set, duration, self._settings)
        return keyword_set.language, codec.encode_keywords(keyword_set), vector

    def _texts(self, keyword_sets: Sequence[KeywordSet]) -> tuple[KeywordText, ...]:
        new = (self._known.new(self._catalog_id, one, self._settings) for one in keyword_sets)
        return tuple(text for texts in new for text in texts)

    def _changed(self, before: dict[str, KeywordSet], old: Video | None, new: Video) -> Iterator[KeywordSet]:
        """Yield the keyword sets that are new, or other than `before`, or weighed by another duration."""
        same_duration = old is not None and old.duration == new.duration
        for one in new.keyword_sets:
            if not same_duration or before.get(one.language) != one:
                yield one

    def _write_rows(self, connection: sqlite3.Connection, plans: Sequence[Plan], revisions: dict[str, int]) -> None:
        own = self._catalog_id
        written = [plan for plan in plans if plan.status in _WRITTEN]
        deleted = [plan.change.video_id for plan in plans if plan.status is WriteStatus.DELETED]
        gone = [(own, plan.change.video_id, language) for plan in written for language in plan.gone]
        connection.executemany(
            "INSERT INTO videos (catalog_id, video_id, revision, metadata) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET revision = excluded.revision, metadata = excluded.metadata",
            [(own, plan.change.video_id, revisions[plan.change.video_id], plan.metadata) for plan in written],
        )
        connection.executemany(
            "INSERT INTO keyword_sets (catalog_id, video_id, language, keywords, vector) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET keywords = excluded.keywords, vector = excluded.vector",
            [(own, plan.change.video_id, *row) for plan in written for row in plan.sets],
        )
        add_texts(connection, own, [text for plan in written for text in plan.texts])
        connection.executemany("DELETE FROM keyword_sets WHERE catalog_id = ? AND video_id = ? AND language = ?", gone)
        connection.executemany(
            "DELETE FROM keyword_sets WHERE catalog_id = ? AND video_id = ?", [(own, video_id) for video_id in deleted]
        )
        connection.executemany(
            "UPDATE videos SET revision = ?, metadata = NULL WHERE catalog_id = ? AND video_id = ?",
            [(revisions[video_id], own, video_id) for video_id in deleted],
        )


_NO_ROW = VideoRow(0, None)


def _outcome(plan: Plan, revision: int) -> WriteOutcome:
    if plan.status is WriteStatus.REJECTED:
        return WriteOutcome(plan.status, violations=plan.violations)
    return WriteOutcome(plan.status, 0 if plan.status is WriteStatus.NOT_FOUND else revision)


def different(changes: Sequence[VideoChange], most: int) -> Iterator[Sequence[VideoChange]]:
    """Cut changes into runs of at most `most` in which no video occurs twice."""
    seen: set[str] = set()
    first = 0
    for number, change in enumerate(changes):
        if number - first == most or change.video_id in seen:
            yield changes[first:number]
            first = number
            seen.clear()
        seen.add(change.video_id)
    if first < len(changes):
        yield changes[first:]
