"""Popularity in rows: how often each video was viewed and liked, day by day."""

import sqlite3
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from ...insights.timespan import DAY_SECONDS
from ...profiles.model import Event, EventKind
from ..profile_port import DailyViews, PopularityChanges

_MILLION = 1_000_000


class Count:
    """What events add to the popularity of the videos of a catalog, or take from it with `sign` -1."""

    def __init__(self, sign: int = 1) -> None:
        self._sign = sign
        self._amounts: dict[tuple[str, int], tuple[int, int]] = {}

    def add(self, event: Event, share: float | None) -> None:
        """Count an event. It counts for nothing as long as its video, and so its watched share, is not known."""
        if share is None or not event.video_id:
            return
        view = round(share * _MILLION) if event.kind is EventKind.VIEW else 0
        like = round(event.weight * _MILLION) if event.kind is EventKind.LIKE else 0
        if view or like:
            key = event.video_id, int(event.time // DAY_SECONDS)
            views, likes = self._amounts.get(key, (0, 0))
            self._amounts[key] = views + view, likes + like

    def write(self, connection: sqlite3.Connection, catalog_id: int, revision: int) -> None:
        """Add all that was counted to the rows, inside a transaction."""
        rows = [
            (catalog_id, video_id, day, self._sign * views, self._sign * likes)
            for (video_id, day), (views, likes) in self._amounts.items()
        ]
        connection.executemany(
            "INSERT INTO popularity (catalog_id, video_id, day, views, likes) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET views = views + excluded.views, likes = likes + excluded.likes",
            rows,
        )
        if self._sign < 0:
            connection.executemany(
                "DELETE FROM popularity WHERE catalog_id = ? AND video_id = ? AND day = ? AND views = 0 AND likes = 0",
                [row[:3] for row in rows],
            )
        connection.executemany(
            "INSERT INTO popular_videos (catalog_id, video_id, revision) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET revision = excluded.revision",
            [(catalog_id, video_id, revision) for video_id in {video_id for video_id, _ in self._amounts}],
        )


def load_popularity(connection: sqlite3.Connection, catalog_id: int, after: int) -> PopularityChanges:
    """See `ProfileStore.popularity_changes`. Reads more than once, so in a transaction."""
    # Few of many change in between, so by revision, which SQLite would not choose by itself.
    query = (
        "SELECT v.video_id, p.day, p.views, p.likes FROM popular_videos AS v INDEXED BY popularity_changes"
        " LEFT JOIN popularity AS p ON p.catalog_id = v.catalog_id AND p.video_id = v.video_id"
        " WHERE v.catalog_id = ? AND v.revision > ? ORDER BY v.video_id, p.day"
    )
    revision = connection.execute("SELECT revision FROM store").fetchone()[0]
    rows: Iterable[tuple[str, int | None, int, int]] = connection.execute(query, (catalog_id, after))
    return PopularityChanges(
        revision,
        {
            video_id: [DailyViews(day, views, likes) for _, day, views, likes in own if day is not None]
            for video_id, own in groupby(rows, itemgetter(0))
        },
    )
