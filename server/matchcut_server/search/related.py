"""Related keywords: those that occur together with an asked keyword in more videos than by chance."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index.arrays import Float64s, Int64s
from ..index.port import SCORE_DECIMALS
from ..index.postings import Postings
from ..insights.timespan import union
from ..vectors.keyword_vector import TICKS_PER_SECOND
from .asked import KeywordMatch, Sought, united
from .keywords import Document, KeywordCount, Matcher, Spellings, documents, spelled_at
from .occurrences import all_ticks, ticks_on_screen
from .scope import Scope

MAX_SPELLED = 20
"""Keyword sets that decide how a related keyword is spelled."""

Keys = NDArray[np.uint64]


class Related(NamedTuple):
    """Keywords that are related to an asked one, most significant first, equal ones by key."""

    keys: Keys
    """Of their phrase terms."""
    together: Int64s
    """Videos in which both occur together."""
    videos: Int64s
    """Videos in which they occur."""
    significance: Float64s
    """The log-likelihood ratio G2, rounded."""
    lift: Float64s
    """Above 1, rounded."""
    asked_videos: int
    """Videos in which the asked keyword occurs."""

    def after(self, significance: float, key: int) -> int:
        """Return the place behind a keyword, whether it is there or not."""
        better = int(np.count_nonzero(self.significance > significance))
        equal = self.keys[self.significance == significance]
        return better + int(np.count_nonzero(equal <= np.uint64(key)))


def related_keywords(sought: Sought, within: float | None, least: int, scope: Scope) -> Related:
    """Find the keywords that occur together with an asked one in at least `least` videos, and more than by chance.

    Together are those in the same keyword set, and with at most `within` seconds between instances if it is given.
    """
    parts = scope.postings(sought.keys)
    rows = [united(own.found) for own in parts]
    asked_videos = sum(len(own.videos_of(some)) for own, some in zip(parts, rows, strict=True))
    if within is None:
        together = _sum(own.videos_by_phrase(some) for own, some in zip(parts, rows, strict=True))
    else:
        together = _near(
            sought, within, [documents(own, some, scope) for own, some in zip(parts, rows, strict=True)], scope
        )
    keys, counts = together
    wanted = (counts >= least) & ~np.isin(keys, _matching(sought, scope))
    keys, counts = keys[wanted], counts[wanted]
    videos, total = _count_videos(keys, parts, scope)
    counts = np.minimum(counts, np.minimum(videos, asked_videos))  # documents may be newer than the view
    kept = counts * total > asked_videos * videos
    keys, counts, videos = keys[kept], counts[kept], videos[kept]
    significance = np.round(log_likelihood_ratio(counts, asked_videos, videos, total), SCORE_DECIMALS)
    order = np.lexsort((keys, -significance))
    return Related(
        keys[order],
        counts[order],
        videos[order],
        significance[order],
        np.round(counts * total / (asked_videos * videos), SCORE_DECIMALS)[order],
        asked_videos,
    )


def log_likelihood_ratio(both: Int64s, first: int, second: Int64s, total: int) -> Float64s:
    """Return G2 = 2 Σ O ln(O / E) over the four counts of videos with both, one or none of two keywords.

    Of `total` videos `first` have the one and `second` the other; E is what is expected by chance.
    T. Dunning, Accurate Methods for the Statistics of Surprise and Coincidence, Computational Linguistics 19(1), 1993.
    """
    observed = np.stack((both, first - both, second - both, total - first - second + both)).astype(np.float64)
    expected = np.stack(
        (first * second, first * (total - second), (total - first) * second, (total - first) * (total - second))
    ) / np.float64(total or 1)
    terms = np.zeros_like(observed)
    some = (observed > 0) & (expected > 0)
    terms[some] = observed[some] * np.log(observed[some] / expected[some])
    ratio: Float64s = 2.0 * terms.sum(axis=0)
    return ratio


def spelled(keys: Sequence[int], scope: Scope) -> dict[int, KeywordCount]:
    """Return how keywords are spelled, by the keys of their phrase terms.

    The first keyword sets that have each decide, at most `MAX_SPELLED`, whichever others are asked for.
    """
    spellings = Spellings()
    left = dict.fromkeys(keys, MAX_SPELLED)
    for own in scope.postings(np.array(keys, dtype=np.uint64)):
        deciding: dict[int, set[int]] = {}
        for key, rows in zip(keys, own.found, strict=True):
            some = rows[: left[key]].tolist()
            left[key] -= len(some)
            for row in some:
                deciding.setdefault(row, set()).add(key)
        for document in documents(own, np.array(sorted(deciding), dtype=np.int32), scope):
            wanted = deciding[document.row]
            places = range(len(document.keyword_set.texts))
            found = spelled_at(document, places, scope.catalog.settings)
            spellings.add(document.keyword_set.language, [one for one in found if one.phrase in wanted])
    return {key: spellings.count(key) for key in keys if key in spellings}


def _matching(sought: Sought, scope: Scope) -> Keys:
    """Return the phrase terms of the keywords that match."""
    if sought.asked.match is KeywordMatch.EXACT:
        return sought.keys
    store, catalog_id = scope.store, scope.catalog.catalog_id
    found = [key for own in sought.readings for key in store.keywords_with(catalog_id, sorted(own.words))]
    return np.array(found, dtype=np.uint64)


def _sum(counts: Iterable[tuple[Keys, Int64s]]) -> tuple[Keys, Int64s]:
    """Add counts by key; the keys ascending."""
    parts = [(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)), *counts]
    keys, places = np.unique(np.concatenate([own for own, _ in parts]), return_inverse=True)
    sums = np.zeros(len(keys), dtype=np.int64)
    np.add.at(sums, places, np.concatenate([own for _, own in parts]))
    return keys, sums


def _count_videos(keys: Keys, parts: Sequence[Postings], scope: Scope) -> tuple[Int64s, int]:
    """Count the allowed videos that have each of some phrase terms, ascending ones, and those that have any term."""
    counts = np.zeros(len(keys), dtype=np.int64)
    total = 0
    for own in parts:
        scope.check()
        rows = own.open_rows
        total += len(own.videos_of(rows))
        if len(keys):
            found, videos = own.videos_by_phrase(rows)
            places = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
            wanted = keys[places] == found
            np.add.at(counts, places[wanted], videos[wanted])
    return counts, total


def _near(sought: Sought, within: float, parts: Iterable[Iterable[Document]], scope: Scope) -> tuple[Keys, Int64s]:
    """Count the videos in which keywords are on screen near an asked one."""
    matcher = Matcher([sought], scope.catalog.settings)
    counts: Counter[int] = Counter()
    for part in parts:
        for _, of_video in groupby(part, attrgetter("position")):
            counts.update({key for document in of_video for key in _near_in(document, matcher, within, scope)})
    keys = np.array(list(counts), dtype=np.uint64)
    order = np.argsort(keys)
    return keys[order], np.array(list(counts.values()), dtype=np.int64)[order]


def _near_in(document: Document, matcher: Matcher, within: float, scope: Scope) -> set[int]:
    """Return the phrase terms of the keywords of a document that are on screen near those that match."""
    shown = union(ticks_on_screen(document, [one for one, _ in matcher.find(document)]))
    if not shown:
        return set()
    first, last = np.array(shown, dtype=np.int64).T
    starts, ends = all_ticks(document)
    most = round(within * TICKS_PER_SECOND)
    nearest = np.searchsorted(last, starts - most)  # of the spans that match, the first that does not end too early
    is_near = (starts < ends) & (nearest < len(first)) & (first[np.minimum(nearest, len(first) - 1)] <= ends + most)
    bounds = document.keyword_set.bounds
    near = set(np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))[is_near].tolist())
    return {one.phrase for one in spelled_at(document, near, scope.catalog.settings)}
