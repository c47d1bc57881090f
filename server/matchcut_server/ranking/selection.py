"""Selection: which of the candidates make a page, and in which order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from ..index.held import UnitVector
from ..index.port import View
from .candidates import Candidate
from .caps import Caps
from .diversity import diverse
from .duplicates import Distinct
from .settings import RankingSettings

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


def select(
    view: View,
    candidates: Sequence[Candidate],
    size: int,
    settings: RankingSettings,
    pinned: Iterable[Mapping[str, Sequence[str]]] = (),
) -> Selected:
    """Choose at most `size` of some candidates, best first, as diversity and attribute caps have it.

    `pinned`: the attributes of videos that the page has in any case.
    """
    caps = Caps(settings.attribute_caps)
    for attributes in pinned:
        caps.add(attributes)

    def may_take(position: int) -> bool:
        if not settings.attribute_caps:
            return True
        facts = view.facts(candidates[position].video_id)
        attributes = {} if facts is None else facts.attributes
        if not caps.allows(attributes):
            return False
        caps.add(attributes)
        return True

    vectors = [_vector(view, one) for one in candidates] if settings.diversity else []
    order = diverse([one.score for one in candidates], vectors, settings.diversity, may_take)
    chosen = [candidates[position] for position in islice(order, size)]
    return Selected(chosen, len(candidates) - len(chosen))


def without_copies(view: View, candidates: Iterable[Candidate], distinct: Distinct) -> Iterator[Candidate]:
    """Yield the candidates that are no near-duplicates of a better one, or of what `distinct` holds already."""
    for candidate in candidates:
        vector, duration = _vector(view, candidate), _duration(view, candidate)
        if not distinct.has_copy(vector, duration):
            distinct.add(vector, duration)
            yield candidate


def take_in(view: View, candidate: Candidate, distinct: Distinct) -> None:
    """Let no near-duplicate of a candidate come after it."""
    distinct.add(_vector(view, candidate), _duration(view, candidate))


def _duration(view: View, candidate: Candidate) -> float:
    facts = view.facts(candidate.video_id)
    return 0.0 if facts is None else facts.duration


def _vector(view: View, candidate: Candidate) -> UnitVector:
    found = view.unit_vector(candidate.video_id, candidate.hit.language)
    assert found is not None  # it has just been found there
    return found
