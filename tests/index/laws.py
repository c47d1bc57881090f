"""What must hold of every view, whatever it is made of."""

from collections.abc import Collection
from functools import cache

from matchcut_server.index.filter import Filter
from matchcut_server.index.port import Hit, View
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.video import IndexedVideo
from tests import naive
from tests.index.strategies import TEXT_OF


def idf_of(view: View) -> naive.Idf:
    """Return the IDF that a view ranks with."""
    return lambda block, key: view.inverse_document_frequency(block, TEXT_OF[block, key])


def check_same(  # noqa: PLR0917 - the arguments of the search besides what it is compared with
    view: View,
    videos: Collection[IndexedVideo],
    idf: naive.Idf,
    profile: Profile,
    limit: int,
    now: float,
    allowed: Filter | None = None,
    excluded: Collection[str] = (),
) -> None:
    """A view finds what scoring each of its videos by the formulas finds, place by place.

    `idf`: the IDF the view ranks with.
    """
    _compare(
        view.search(profile, limit, now, allowed, excluded),
        naive.search(videos, cache(idf), profile, limit, now, allowed, excluded),
    )


def check_every_limit(
    view: View,
    videos: Collection[IndexedVideo],
    idf: naive.Idf,
    profile: Profile,
    now: float,
    allowed: Filter | None = None,
    excluded: Collection[str] = (),
) -> None:
    """The same for every limit, up to more than there are videos: each list is the beginning of the next."""
    every = naive.search(videos, cache(idf), profile, len(videos) + 1, now, allowed, excluded)
    for limit in range(1, len(videos) + 2):
        _compare(view.search(profile, limit, now, allowed, excluded), every[:limit])


def _compare(found: list[Hit], expected: list[Hit]) -> None:
    for place, (own, other) in enumerate(zip(found, expected, strict=False)):
        assert own == other, f"at place {place} of {len(expected)}: found {own}, expected {other}"
    assert len(found) == len(expected), f"{len(found)} found, {len(expected)} expected; too many, or missing: " + str(
        (found + expected)[min(len(found), len(expected)) :][:3]
    )
