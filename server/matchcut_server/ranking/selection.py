"""Selection: which of the candidates make a page, and in which order."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ..index.held import UnitVector
from ..index.port import View
from .candidates import Candidate
from .caps import Caps
from .diversity import diverse
from .duplicates import Distinct

MIN_CANDIDATES = 100
MAX_CANDIDATES = 10_000
CANDIDATES_A_VIDEO = 10
"""Among so many times the videos of a page, and at least `MIN_CANDIDATES`, those that differ are looked for."""


class Selected(NamedTuple):
    """The videos of a page."""

    chosen: list[Candidate]
    left: int
    """How many candidates a later page may have."""


def candidate_count(size: int) -> int:
    """Return among how many candidates a page of some size is chosen at first."""
    return max(MIN_CANDIDATES, CANDIDATES_A_VIDEO * size)


def select(view: View, candidates: Sequence[Candidate], size: int, diversity: float, caps: Caps) -> Selected:
    """Choose at most `size` of some candidates, best first, as diversity and attribute caps have it.

    `caps` count those that are chosen; they know what else the page has.
    """
    vectors = [_vector(view, one) for one in candidates] if diversity else []

    def may_take(position: int) -> bool:
        return take_if_allowed(view, candidates[position].video_id, caps)

    order = diverse([one.score for one in candidates], vectors, diversity, may_take)
    chosen = [candidates[position] for position in islice(order, size)]
    return Selected(chosen, len(candidates) - len(chosen))


def take_if_allowed(view: View, video_id: str, caps: Caps) -> bool:
    """Count a video if the caps allow it; tell whether they do."""
    if not caps:
        return True
    facts = view.facts(video_id)
    attributes = {} if facts is None else facts.attributes
    if not caps.allows(attributes):
        return False
    caps.add(attributes)
    return True


def without_copies(view: View, candidates: Iterable[Candidate], distinct: Distinct) -> Iterator[Candidate]:
    """Yield the candidates that are no near-duplicates of a better one, or of what `distinct` holds already."""
    for candidate in candidates:
        vector, duration = _vector(view, candidate), _duration(view, candidate.video_id)
        if not distinct.has_copy(vector, duration):
            distinct.add(vector, duration)
            yield candidate


def take_in(view: View, video_id: str, distinct: Distinct) -> None:
    """Let no near-duplicate of a video come after it."""
    for vector, duration in _vectors(view, video_id):
        distinct.add(vector, duration)


def is_copy(view: View, video_id: str, distinct: Distinct) -> bool:
    """Tell whether a video is a near-duplicate of what `distinct` holds, in any language."""
    return any(distinct.has_copy(vector, duration) for vector, duration in _vectors(view, video_id))


def _vectors(view: View, video_id: str) -> Iterator[tuple[UnitVector, float]]:
    for held in view.vectors(video_id):
        vector = view.unit_vector(video_id, held.language)
        if vector is not None:
            yield vector, _duration(view, video_id)


def _duration(view: View, video_id: str) -> float:
    facts = view.facts(video_id)
    return 0.0 if facts is None else facts.duration


def _vector(view: View, candidate: Candidate) -> UnitVector:
    found = view.unit_vector(candidate.video_id, candidate.hit.language)
    assert found is not None  # it has just been found there
    return found
