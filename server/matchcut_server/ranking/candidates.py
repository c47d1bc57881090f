"""Candidates: the videos that match a profile, by their scores after boosts and fading."""

from collections.abc import Mapping
from typing import NamedTuple

from ..index.filter import Filter, HasId
from ..index.port import Hit, View
from ..vectors.mixture import Weighable
from .boosts import Boosts
from .fading import NOT_FADED, Fading


class Candidate(NamedTuple):
    """A video that matches."""

    hit: Hit
    fading: Fading = NOT_FADED

    @property
    def video_id(self) -> str:
        """Its id."""
        return self.hit.video_id

    @property
    def score(self) -> float:
        """Its match and boost, less what it fades."""
        return self.fading.of(self.hit.total)


class Wanted(NamedTuple):
    """What candidates are asked for."""

    profile: Weighable
    now: float
    """Unix seconds."""
    allowed: Filter | None
    excluded: frozenset[str]
    boost: Boosts | None
    least: float
    """The lowest match, before boosts."""
    fadings: Mapping[str, Fading]
    """Of the videos that fade: few, those that a user has seen or was shown."""


def best_candidates(view: View, wanted: Wanted, limit: int) -> list[Candidate]:
    """Return the best candidates, at most `limit`: highest score first, equal ones by video_id.

    Exact over the whole catalog: the videos that fade are searched for by themselves, the others without them.
    """
    asked = (wanted.now, wanted.allowed, wanted.excluded | wanted.fadings.keys(), wanted.boost, wanted.least)
    candidates = [Candidate(hit) for hit in view.search(wanted.profile, limit, *asked)]
    faded = wanted.fadings.keys() - wanted.excluded
    if faded:
        own = (wanted.now, only(faded, wanted.allowed), (), wanted.boost, wanted.least)
        hits = view.search(wanted.profile, len(faded), *own)
        candidates += [Candidate(hit, wanted.fadings[hit.video_id]) for hit in hits]
        candidates.sort(key=lambda one: (-one.score, one.video_id))
    return candidates[:limit]


def only(video_ids: frozenset[str] | set[str], allowed: Filter | None) -> Filter:
    """Return the filter that allows of some videos those that another one allows."""
    ids = HasId(frozenset(video_ids))
    return Filter((ids,)) if allowed is None else Filter((*allowed.all_of, ids), allowed.any_of, allowed.none_of)
