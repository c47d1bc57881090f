"""SQLite's full-text search, FTS5: MATCH with the terms of a profile OR-ed, ordered by its BM25.

    score(video) = sum over terms t of the profile in the video of
                   IDF(t) · f · (k1 + 1) / (f + k1 · (1 - b + b · length / mean length))

Where it differs: every term counts as one occurrence (f = 1) in videos and in profiles, because it takes tokens,
neither tf nor weights; so its list is another one, and how much of Matchcut's it holds is told. A table in memory that
keeps no texts. It keeps positions: without them it is faster, but every score is 0.
"""

import sqlite3

from benchmarks.catalog import catalog
from matchcut_server.vectors.profile import Profile

from .port import Found
from .tokens import tokens_of_profile, tokens_of_videos

_SEARCH = "SELECT rowid, -bm25(videos) FROM videos WHERE videos MATCH ? ORDER BY rank LIMIT ?"


class FullText:
    """Searches a catalog."""

    exact = False
    name = "SQLite FTS5"

    def __init__(self, size: int) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute("CREATE VIRTUAL TABLE videos USING fts5 (terms, content = '', tokenize = ascii)")
        rows = ((number, " ".join(map(str, tokens))) for number, tokens in enumerate(tokens_of_videos(catalog(size))))
        self._connection.executemany("INSERT INTO videos (rowid, terms) VALUES (?, ?)", rows)
        self._connection.execute("INSERT INTO videos (videos) VALUES ('optimize')")

    def search(self, profile: Profile, limit: int) -> Found:
        """Return the best videos."""
        query = " OR ".join(f'"{token}"' for token in tokens_of_profile(profile))
        return self._connection.execute(_SEARCH, (query, limit)).fetchall()
