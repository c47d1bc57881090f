"""Segments of profiles: unit vectors laid out in arrays, in memory or mapped from a file, and never changed.

The engine is that of videos: the same rows, layers and kernels, over finished weights, so that IDF and scales are 1. A
profile may have weights below 0, which videos have not. They are in the rows that scores are computed from. In the
lists by term, whose weights have to be more than 0, each term stands twice: once for the profiles that want it, and
once, as its *mirror*, for those that push it away, with the weight turned positive. A query asks for the mirrors with
its own weights turned round, so that what two minus signs make counts as every other product does.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index import kernels
from ..index.arrays import (
    Bytes,
    Field,
    Float32s,
    Float64s,
    Impacts,
    Int32s,
    Int64s,
    Query,
    Rows,
    Scales,
    Wanted,
    scratch,
)
from ..index.generation import attribute_key
from ..index.identifiers import Identifiers, packed
from ..index.layering import layered
from ..index.planner import Kernel, plan
from ..index.port import SCORE_DECIMALS
from ..index.terms import Keys, find_keys
from ..profiles.filter import AllowsTargeting, HasAttribute, IsUser, LastEventBetween, ProfileCondition, ProfileFilter
from .cells import Stated

Arrays = dict[str, NDArray[Any]]

PRUNED_ROWS = 500
"""Where so many rows are allowed for each that is wanted, reading layers costs less than adding up all impacts, whose
sums do not fit into the nearest cache: at 1,000 of a million 5.5 ms and 7.4, at 1,000 of 100,000 2.9 and 2.0."""

_NO_AMOUNTS: Float64s = np.empty(0)


class Found(NamedTuple):
    """Profiles that match, best first: highest score, then by user id."""

    scores: Float64s
    """Rounded."""
    rows: Int64s


class UnitQuery(NamedTuple):
    """What profiles are compared with: a unit vector by the keys of its terms."""

    keys: Keys
    weights: Float64s


def row_arrays(profiles: Sequence[Stated], starts: Int64s, words: Int64s, terms: Int32s) -> Arrays:
    """Lay out profiles but for their weights. `terms`: of all rows, as places in the keys of the segment."""
    attributes: dict[int, list[int]] = {}
    for row, one in enumerate(profiles):
        for name, values in one.attributes.items():
            for key in {attribute_key(name, None), *(attribute_key(name, value) for value in values)} if values else ():
                attributes.setdefault(key, []).append(row)
    keys = sorted(attributes)
    counts = [len(attributes[key]) for key in keys]
    numbers = np.array([one.profile_id for one in profiles], dtype=np.int64)
    user_ids = [one.user_id.encode() for one in profiles]
    rank = np.empty(len(profiles), dtype=np.int32)
    rank[sorted(range(len(profiles)), key=user_ids.__getitem__)] = np.arange(len(profiles), dtype=np.int32)
    text, text_starts = packed(user_ids)
    times = [np.nan if one.last_event_time is None else one.last_event_time for one in profiles]
    return {
        "bounds": np.stack((starts, np.append(words, starts[-1])), axis=1),
        "terms": terms,
        "videos": np.arange(len(profiles), dtype=np.int32),
        "scales": np.ones((len(profiles), 2)),
        "numbers": numbers,
        "by_number": np.argsort(numbers).astype(np.int32),
        "rank": rank,
        "last_events": np.array(times, dtype=np.float64),
        "users.text": text,
        "users.starts": text_starts,
        "attributes.keys": np.array(keys, dtype=np.uint64),
        "attributes.starts": np.concatenate(([0], np.cumsum(counts, dtype=np.int64))),
        "attributes.rows": np.array([row for key in keys for row in attributes[key]], dtype=np.int32),
    }


def weighted_arrays(arrays: Arrays, weights: Float32s) -> Arrays:
    """Return the arrays of a segment with the weights of its cells. What is read together lies together."""
    entries = np.stack((arrays["terms"], weights.view(np.int32)), axis=1)
    return {**{name: array for name, array in arrays.items() if name != "terms"}, "entries": entries}


def impact_arrays(arrays: Arrays, terms: int) -> Arrays:
    """Return the lists by term of a segment, mirrors behind the others. `terms`: of all."""
    bounds, entries = arrays["bounds"], arrays["entries"]
    ids, weights = entries[:, 0].copy(), entries.view(np.float32)[:, 1].copy()
    ids[weights < 0.0] += np.int32(terms)
    rows = Rows(bounds[:, 0].copy(), bounds[:-1, 1].copy(), ids, np.abs(weights), arrays["videos"])
    ones = np.ones(len(arrays["videos"]))
    impacts = layered(rows, Scales(ones, ones), np.ones(2 * terms))
    return {f"impacts.{name}": array for name, array in impacts._asdict().items()}


class ProfileSegment:
    """Some profiles. `keys`: of all terms, ascending. Without lists by term every row is looked at."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], keys: Keys) -> None:
        for array in arrays.values():
            array.flags.writeable = False  # as mapped ones are, for which kernels are compiled
        bounds, entries, scales = arrays["bounds"], arrays["entries"], arrays["scales"]
        self.keys = keys
        self.rows = Rows(bounds[:, 0], bounds[:-1, 1], entries[:, 0], entries.view(np.float32)[:, 1], arrays["videos"])
        self.numbers: Int64s = arrays["numbers"]
        """The number of each profile in the store."""
        self.rank: Int32s = arrays["rank"]
        """The place of each profile among all by user id."""
        self._scales = Scales(scales[:, 0], scales[:, 1])
        self._impacts = (
            Impacts(*(arrays[f"impacts.{name}"] for name in Impacts._fields)) if "impacts.rows" in arrays else None
        )
        self._by_number: Int32s = arrays["by_number"]
        self._last_events: Float64s = arrays["last_events"]
        self._users = Identifiers(arrays["users.text"], arrays["users.starts"])
        self._attribute_keys: Keys = arrays["attributes.keys"]
        self._attribute_starts: Int64s = arrays["attributes.starts"]
        self._attribute_rows: Int32s = arrays["attributes.rows"]

    def __len__(self) -> int:
        return len(self.numbers)

    def user_id(self, row: int) -> str:
        """Return the id of the user of a row."""
        return self._users[row]

    def find(self, profile_ids: Int64s) -> Int64s:
        """Return the rows of those of some profiles that are here, by their numbers."""
        if not len(self):
            return np.empty(0, dtype=np.int64)
        places = np.searchsorted(self.numbers, profile_ids, sorter=self._by_number)
        rows = self._by_number[np.minimum(places, len(self) - 1)]
        found: Int64s = rows[self.numbers[rows] == profile_ids].astype(np.int64)
        return found

    def allowed(self, wanted: ProfileFilter, users: Mapping[str, int]) -> Bytes:
        """Return 1 for each row that a filter allows. `users`: the numbers of the users it names, where they exist."""
        mask = np.ones(len(self), dtype=np.uint8)
        for condition in wanted.all_of:
            mask &= self._holds(condition, users)
        if wanted.any_of:
            mask &= np.bitwise_or.reduce([self._holds(condition, users) for condition in wanted.any_of])
        for condition in wanted.none_of:
            mask &= 1 - self._holds(condition, users)
        return mask

    def search(self, query: UnitQuery, open_rows: Bytes, limit: int, least: float, kernel: Kernel | None) -> Found:
        """Return the best rows, at most `limit`, of a score > 0 that is at least `least`. Exact.

        `open_rows`: 1 for each that may be returned. `kernel`: None: the planner chooses.
        """
        allowed = int(np.count_nonzero(open_rows))
        asked = self._query(query)
        if not allowed or not len(asked.terms):
            return Found(np.empty(0), np.empty(0, dtype=np.int64))
        count = min(limit, len(self))
        wanted = Wanted(count, -np.inf, least, _NO_AMOUNTS, 0.0)
        memory = scratch(len(self), 2 * len(self.keys))
        field = Field(self.rows, self._scales, open_rows, memory)
        found = -1
        if self._impacts is not None:
            chosen = kernel or _choose(asked, self._impacts, len(self), allowed, count)
            if chosen == "pruned":
                found = kernels.pruned(asked, self._impacts, field, wanted)
            if chosen == "plain" or (chosen == "pruned" and found < 0):
                found = kernels.plain(asked, self._impacts, field, wanted)
        if found < 0:
            found = kernels.scan(asked, np.flatnonzero(open_rows), field, wanted)
        scores = np.minimum(np.round(memory.scores[:found], SCORE_DECIMALS), 1.0)
        matching = np.flatnonzero((scores > 0.0) & (scores >= least))
        rows, scores = memory.found[:found][matching].astype(np.int64), scores[matching]
        best = np.lexsort((self.rank[rows], -scores))[:limit]
        return Found(scores[best], rows[best])

    def _query(self, query: UnitQuery) -> Query:
        """Return a query by the terms of this segment, mirrors too where there are lists by term."""
        ids = find_keys(self.keys, query.keys)
        known = np.flatnonzero(ids >= 0)
        known = known[np.argsort(ids[known])]
        terms, weights = ids[known], query.weights[known]
        if self._impacts is None:
            return Query(terms, weights, weights)
        layers = self._impacts.layers
        mirrors = terms + len(self.keys)
        used = np.flatnonzero(layers[mirrors] < layers[mirrors + 1])
        return Query(
            np.concatenate((terms, mirrors[used])),
            np.concatenate((weights, -weights[used])),
            np.concatenate((weights, np.zeros(len(used)))),  # rows have no mirrors
        )

    def _holds(self, condition: ProfileCondition, users: Mapping[str, int]) -> Bytes:
        mask = np.zeros(len(self), dtype=np.uint8)
        match condition:
            case HasAttribute(name, values):
                for value in values or (None,):
                    mask[self._with_attribute(attribute_key(name, value))] = 1
            case IsUser(user_ids):
                numbers = [users[user_id] for user_id in user_ids if user_id in users]
                mask[self.find(np.array(numbers, dtype=np.int64))] = 1
            case LastEventBetween(start, end):
                after, before = -np.inf if start is None else start, np.inf if end is None else end
                mask[(self._last_events >= after) & (self._last_events < before)] = 1
            case AllowsTargeting(is_allowed):
                mask[:] = is_allowed  # none of the others is here
        return mask

    def _with_attribute(self, key: int) -> Int32s:
        [at] = find_keys(self._attribute_keys, np.array([key], dtype=np.uint64))
        return (
            self._attribute_rows[self._attribute_starts[at] : self._attribute_starts[at + 1]] if at >= 0 else _NO_ROWS
        )


def _choose(query: Query, impacts: Impacts, rows: int, allowed: int, count: int) -> Kernel:
    """Choose a kernel, by what was measured where more is wanted than the best few that the planner knows of."""
    chosen = plan(query, impacts, rows, allowed, count).kernel
    if chosen == "plain" and count * PRUNED_ROWS <= allowed and len(query.terms) <= kernels.MAX_TERMS:
        return "pruned"
    return chosen


_NO_ROWS: Int32s = np.empty(0, dtype=np.int32)
