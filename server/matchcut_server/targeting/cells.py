"""Profiles before IDF, many at a time: what each declares and what follows from its events, term by term.

A cell is a term of a profile. All steps work on the arrays of many profiles, which takes a small part of the time that
weighing one after the other takes. It gives the numbers that `index.query.weigh` gives of what
`profiles.derived.profile_of` joins.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..index.arrays import Bytes, Float32s, Float64s, Int64s
from ..index.segment import ranges
from ..index.terms import Keys
from ..insights.compiled import compiled
from ..profiles.derived import Derived, derive
from ..profiles.model import ProfileSettings
from ..store.profile_port import FollowedProfile
from ..vectors.mixture import WeightedTerms
from ..vectors.profile import Interest
from ..vectors.weighting import HALF
from .readings import Readings

_NOTHING = 1e-12
"""Of what cancels out between the parts, rounding errors of this size may be left: as in `index.query`."""


class Stated(NamedTuple):
    """A profile that may be found for promotions."""

    profile_id: int
    user_id: str
    attributes: dict[str, tuple[str, ...]]
    last_event_time: float | None
    interests: tuple[Interest, ...]
    derived: Derived
    """Without its sources."""
    derived_share: float
    """That of the catalog filled in."""


class Cells(NamedTuple):
    """Profiles by row, each with its terms, phrases first, in each block by key."""

    starts: Int64s
    """Where each row begins; the last entry is the number of cells."""
    words: Int64s
    """Where the word terms of each row begin."""
    keys: Keys
    declared: Float64s
    """The declared weight of each cell, 0 for none."""
    derived: Float64s
    """The derived weight of each cell, 0 for none."""
    shares: Float64s
    """By row: what the derived part counts beside the declared one, where there are both."""


def stated(one: FollowedProfile, settings: ProfileSettings) -> Stated | None:
    """Return a profile as it is matched; None if it is gone, or may not be found for promotions."""
    if one.profile is None or not one.profile.declared.targeting_allowed:
        return None
    declared = one.profile.declared
    half_life = settings.half_life_days if declared.half_life_days is None else declared.half_life_days
    share = settings.derived_share if declared.derived_share is None else declared.derived_share
    derived = derive(one.events, settings, half_life).without_sources() if share and one.events else Derived()
    return Stated(
        one.profile_id,
        one.profile.user_id,
        dict(declared.attributes),
        one.profile.last_event_time,
        declared.interests,
        derived,
        share,
    )


def cells_of(profiles: Sequence[Stated], readings: Readings) -> Cells:
    """Lay out profiles; one without any term has an empty row."""
    table = _joined([_declared(profiles, readings), _derived(profiles)])
    order = np.lexsort((table.keys, table.words, table.rows))
    rows, words, keys = table.rows[order], table.words[order], table.keys[order]
    is_derived, weights = table.is_derived[order], table.weights[order]
    is_first = np.ones(len(rows), dtype=bool)
    is_first[1:] = (rows[1:] != rows[:-1]) | (words[1:] != words[:-1]) | (keys[1:] != keys[:-1])
    first = np.flatnonzero(is_first)
    stated_weights = np.where(is_derived == 0, weights, 0.0)
    if len(first):
        # As `vectors.weighting.strongest` does: the largest positive plus the most negative one.
        declared = np.maximum.reduceat(np.maximum(stated_weights, 0.0), first)
        declared += np.minimum.reduceat(np.minimum(stated_weights, 0.0), first)
        derived = np.add.reduceat(np.where(is_derived == 1, weights, 0.0), first)
    else:
        declared = derived = np.empty(0)
    return _laid_out(
        rows[first], words[first], keys[first], declared, derived, np.array([one.derived_share for one in profiles])
    )


class _Table(NamedTuple):
    """Terms of profiles in no order; several may be the same."""

    rows: Int64s
    words: Bytes
    keys: Keys
    is_derived: Bytes
    weights: Float64s


def _declared(profiles: Sequence[Stated], readings: Readings) -> _Table:
    keys: list[bytes] = []
    phrases: list[int] = []
    weights: list[float] = []
    counts: list[int] = []
    for profile in profiles:
        counts.append(0)
        for interest in profile.interests:
            if interest.weight:
                own, phrase_count = readings.terms(interest)
                keys.append(own)
                phrases.append(phrase_count)
                weights.append(interest.weight)
                counts[-1] += 1
    lengths = np.array(list(map(len, keys)), dtype=np.int64) // 8
    starts = np.cumsum(lengths) - lengths
    all_keys = np.frombuffer(b"".join(keys), dtype="<u8").astype(np.uint64)
    words = np.ones(len(all_keys), dtype=np.uint8)
    words[ranges(starts, starts + np.array(phrases, dtype=np.int64))] = 0
    return _Table(
        np.repeat(np.repeat(np.arange(len(profiles)), counts), lengths),
        words,
        all_keys,
        np.zeros(len(all_keys), dtype=np.uint8),
        np.repeat(np.array(weights, dtype=np.float64), lengths),
    )


def _derived(profiles: Sequence[Stated]) -> _Table:
    blocks: list[WeightedTerms] = [block for one in profiles for block in (one.derived.phrases, one.derived.words)]
    lengths = [len(block.keys) for block in blocks]
    keys = np.concatenate([np.empty(0, dtype=np.uint64), *(block.keys for block in blocks)])
    return _Table(
        np.repeat(np.repeat(np.arange(len(profiles)), 2), lengths),
        np.repeat(np.tile(np.array([0, 1], dtype=np.uint8), len(profiles)), lengths),
        keys,
        np.ones(len(keys), dtype=np.uint8),
        np.concatenate([np.empty(0), *(block.weights for block in blocks)]),
    )


def _joined(tables: Sequence[_Table]) -> _Table:
    return _Table(*(np.concatenate(columns) for columns in zip(*tables, strict=True)))


def _laid_out(rows: Int64s, words: Bytes, keys: Keys, declared: Float64s, derived: Float64s, shares: Float64s) -> Cells:
    """Drop what has no say, and note where rows and blocks begin."""
    count = len(shares)
    has_both = (np.bincount(rows[declared != 0.0], minlength=count) > 0) & (
        np.bincount(rows[derived != 0.0], minlength=count) > 0
    )
    declared = np.where((has_both & (shares >= 1.0))[rows], 0.0, declared)
    kept = np.flatnonzero((declared != 0.0) | (derived != 0.0))
    rows, words, keys = rows[kept], words[kept], keys[kept]
    starts: Int64s = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=count))))
    phrases = np.bincount(rows[words == 0], minlength=count)
    return Cells(starts, starts[:-1] + phrases, keys, declared[kept], derived[kept], shares)


def joined_cells(parts: Sequence[tuple[Cells, Int64s]]) -> Cells:
    """Make one of some rows of several."""
    taken = [(cells, rows, ranges(cells.starts[rows], cells.starts[rows + 1])) for cells, rows in parts]
    lengths = np.concatenate([np.diff(cells.starts)[rows] for cells, rows, _ in taken])
    phrases = np.concatenate([(cells.words - cells.starts[:-1])[rows] for cells, rows, _ in taken])
    starts: Int64s = np.concatenate(([0], np.cumsum(lengths)))
    return Cells(
        starts,
        starts[:-1] + phrases,
        np.concatenate([cells.keys[places] for cells, _, places in taken]),
        np.concatenate([cells.declared[places] for cells, _, places in taken]),
        np.concatenate([cells.derived[places] for cells, _, places in taken]),
        np.concatenate([cells.shares[rows] for cells, rows, _ in taken]),
    )


def unit_cells(cells: Cells, idf: Float64s) -> Float32s:
    """Return the components of each profile's unit vector. `idf`: of each cell."""
    return _unit_cells(cells.starts, cells.words, cells.declared * idf, cells.derived * idf, cells.shares)


@compiled
def _unit_cells(starts: Int64s, words: Int64s, declared: Float64s, derived: Float64s, shares: Float64s) -> Float32s:
    units = np.zeros(len(declared), np.float32)
    for row in range(len(words)):
        start, middle, end = starts[row], words[row], starts[row + 1]
        # A block without terms leaves the other all the weight.
        share = HALF if start < middle < end else 1.0
        for first, last in ((start, middle), (middle, end)):
            _to_unit(declared[first:last])
            _to_unit(derived[first:last])
            has_declared, has_derived = np.any(declared[first:last] != 0.0), np.any(derived[first:last] != 0.0)
            if has_declared and has_derived:
                least = _NOTHING * max(1.0 - shares[row], shares[row])
                for at in range(first, last):
                    mixed = (1.0 - shares[row]) * declared[at] + shares[row] * derived[at]
                    declared[at] = mixed if abs(mixed) > least else 0.0
                _to_unit(declared[first:last])
            elif has_derived:
                declared[first:last] = derived[first:last]
            for at in range(first, last):
                units[at] = np.float32(share * declared[at])
    return units


@compiled
def _to_unit(weights: Float64s) -> None:
    """Bring weights to length 1, unless all are 0."""
    largest = 0.0
    for at in range(len(weights)):
        largest = max(largest, abs(weights[at]))
    if largest == 0.0:
        return
    total = 0.0
    for at in range(len(weights)):
        weights[at] /= largest  # so that none is too large or too small to be squared
        total += weights[at] * weights[at]
    length = np.sqrt(total)
    for at in range(len(weights)):
        weights[at] /= length
