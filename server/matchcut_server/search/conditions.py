"""Conditions: what moments have to hold, and which keyword sets of a catalog may have any."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..index.arrays import Float64s, Int32s
from ..index.filter import Filter
from ..index.port import View
from ..index.postings import Postings
from ..store.port import Catalog, Store
from ..vectors.weighting import inverse_document_frequency
from .asked import AskedKeyword, Sought, seek, united


class AskedMoments(NamedTuple):
    """What moments are asked for. All is asked of one keyword set."""

    all_of: tuple[AskedKeyword, ...] = ()
    """Each of these occurs."""
    any_of: tuple[AskedKeyword, ...] = ()
    """At least one of these does, if there is any."""
    none_of: tuple[AskedKeyword, ...] = ()
    """None of these does."""
    within_seconds: float | None = None
    """None: all that holds for the keyword set. Set: it holds for the moment, with at most so much between keywords."""


class Conditions(NamedTuple):
    """What moments are asked for, as it stands in one view of a catalog."""

    all_of: tuple[Sought, ...]
    any_of: tuple[Sought, ...]
    none_of: tuple[Sought, ...]
    within_seconds: float | None
    counts: tuple[int, ...]
    """Of each keyword of `all_of`, then of each of `any_of`: the keyword sets that have it."""
    idf: Float64s
    """Of the same."""

    @property
    def scored(self) -> tuple[Sought, ...]:
        """What scores: `all_of`, then `any_of`."""
        return self.all_of + self.any_of

    @property
    def values(self) -> Float64s:
        """Weight · IDF of what scores: what each adds to the score of a moment at most."""
        return np.array([sought.asked.weight for sought in self.scored]) * self.idf

    @property
    def missing(self) -> list[Sought]:
        """What would score, but does not occur in the catalog."""
        return [sought for sought, count in zip(self.scored, self.counts, strict=True) if not count]


class Located(NamedTuple):
    """Where keywords are in one segment."""

    postings: Postings
    rows: list[Int32s]
    """For each keyword: the rows that have one that matches, ascending."""


def conditions_of(asked: AskedMoments, store: Store, catalog: Catalog, view: View) -> Conditions:
    """Work out what is asked for in a view of a catalog."""
    all_of, any_of, none_of = (
        tuple(seek(one, store, catalog, view.languages) for one in some)
        for some in (asked.all_of, asked.any_of, asked.none_of)
    )
    located = locate([*all_of, *any_of], view)
    counts = [sum(len(one.rows[place]) for one in located) for place in range(len(all_of) + len(any_of))]
    idf = inverse_document_frequency(np.array(counts, dtype=np.int64), view.statistics.keyword_sets)
    return Conditions(all_of, any_of, none_of, asked.within_seconds, tuple(counts), np.asarray(idf, dtype=np.float64))


def locate(
    keywords: Sequence[Sought], view: View, now: float | None = None, allowed: Filter | None = None
) -> list[Located]:
    """Tell, for each segment, where keywords are. `now`, `allowed`: see `View.postings`."""
    bounds = np.cumsum([0, *(len(sought.keys) for sought in keywords)]).tolist()
    keys = np.concatenate([np.empty(0, dtype=np.uint64), *(sought.keys for sought in keywords)])
    return [
        Located(own, [united(own.found[bounds[i] : bounds[i + 1]]) for i in range(len(keywords))])
        for own in view.postings(keys, now, allowed)
    ]
