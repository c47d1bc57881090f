"""What must hold of every view, whatever it is made of."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache

from matchcut_server.index.arrays import Float64s
from matchcut_server.index.browsing import KeysOf
from matchcut_server.index.columns import Columns
from matchcut_server.index.port import Hit, View
from matchcut_server.vectors.video import IndexedVideo
from tests import naive
from tests.index.strategies import TEXT_OF, BoostById, Query


def idf_of(view: View) -> naive.Idf:
    """Return the IDF that a view ranks with."""
    return lambda block, key: view.inverse_document_frequency(block, TEXT_OF[block, key])


def check_same(views: Iterable[View], videos: Collection[IndexedVideo], idf: naive.Idf, query: Query) -> None:
    """Views find what scoring each of their videos by the formulas finds, place by place.

    `idf`: the IDF they rank with.
    """
    expected = _expected(videos, idf, query)
    for view in views:
        _compare(view.search(*query), expected)


def check_every_limit(views: Iterable[View], videos: Collection[IndexedVideo], idf: naive.Idf, query: Query) -> None:
    """The same for every limit, up to more than there are videos: each list is the beginning of the next."""
    every = _expected(videos, idf, query._replace(limit=len(videos) + 1))
    for view in views:
        for limit in range(1, len(videos) + 2):
            _compare(view.search(*query._replace(limit=limit)), every[:limit])


def _expected(videos: Collection[IndexedVideo], idf: naive.Idf, query: Query) -> list[Hit]:
    amounts = None if query.boost is None else query.boost.by_id
    return naive.search(videos, cache(idf), *query[:5], amounts, query.least)


def check_browse(
    views: Iterable[View], videos: Collection[IndexedVideo], keys: Mapping[str, tuple[float, float]], query: Query
) -> None:
    """Views list what ordering all of their videos lists, for every limit."""
    now, allowed, excluded = query.now, query.allowed, query.excluded
    every = naive.browse(videos, keys, len(videos), now, allowed, excluded)
    for view in views:
        for limit in range(1, len(videos) + 2):
            assert view.browse(keys_by_id(keys), limit, now, allowed, excluded) == every[:limit]


def keys_by_id(keys: Mapping[str, tuple[float, float]]) -> KeysOf:
    """Return what gives videos these two keys."""

    first, second = (BoostById({video_id: pair[i] for video_id, pair in keys.items()}) for i in (0, 1))

    def of(columns: Columns) -> tuple[Float64s, Float64s]:
        return first.amounts(columns), second.amounts(columns)

    return of


def _compare(found: list[Hit], expected: list[Hit]) -> None:
    for place, (own, other) in enumerate(zip(found, expected, strict=False)):
        assert own == other, f"at place {place} of {len(expected)}: found {own}, expected {other}"
    assert len(found) == len(expected), f"{len(found)} found, {len(expected)} expected; too many, or missing: " + str(
        (found + expected)[min(len(found), len(expected)) :][:3]
    )
