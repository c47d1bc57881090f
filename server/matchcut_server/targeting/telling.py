"""Telling: what is said of a placement beside its slot and score."""

from typing import NamedTuple

import numpy as np

from ..index.port import View
from ..insights.model import KeywordSet
from ..insights.timespan import Span
from ..ranking.explanation import MAX_SPANS, Explainer, MatchedKeyword
from ..search.moments import FoundMoment
from ..search.telling import Source, source_of
from ..vectors.settings import CatalogSettings
from .fitting import Promoted
from .placements import Placement
from .screens import SetScreen
from .stretches import weights_of


class Told(NamedTuple):
    """What is said of a placement."""

    matched: list[MatchedKeyword]
    """The keywords on screen in the stretch that give it terms of the promotion, largest absolute share first."""
    source: Source | None


class Teller:
    """Tells what placements consist of. `context`: seconds before and after a moment that count for its score."""

    def __init__(self, promoted: list[Promoted], view: View, settings: CatalogSettings, context: float) -> None:
        self._promoted = promoted
        self._view = view
        self._settings = settings
        self._context = context
        self._explainers: dict[int, Explainer] = {}

    def tell(self, placement: Placement) -> Told:
        """Tell of a placement. The shares of its keywords add up to its score."""
        fit = placement.fit
        (own,) = [one for one in placement.video.sets if one.keyword_set.language == fit.language]
        stretch = (max(fit.start - self._context, 0.0), fit.end + self._context)
        explainer = self._explainer(placement.number)
        found = explainer.explain(explainer.hold(_part(own, stretch), own.duration))
        places = {text: place for place, text in enumerate(own.keyword_set.texts)}
        moment = (fit.start, fit.end)
        matched = [_in_moment(one, own, places[one.keyword], moment) if one.keyword else one for one in found]
        matching = _matching(own, self._promoted[placement.number])
        inside = [row for place in matching for row in _rows(own.keyword_set, place, moment)]
        found_moment = FoundMoment(fit.start, fit.end, fit.score)
        return Told(matched, source_of(own.keyword_set, sorted(inside), found_moment))

    def _explainer(self, number: int) -> Explainer:
        if number not in self._explainers:
            profile = self._promoted[number].profile
            made = Explainer(profile.mixture, self._view, self._settings, profile.declared)
            self._explainers[number] = made
        return self._explainers[number]


def _part(own: SetScreen, stretch: Span) -> KeywordSet:
    """Return what of a keyword set is on screen in a stretch."""
    screen = own.screen
    rows = np.flatnonzero((screen.ends > stretch[0]) & (screen.starts < stretch[1]))
    owners = np.searchsorted(screen.bounds, rows, side="right") - 1
    rows = rows[screen.confidences[owners] > 0.0]
    kept, counts = np.unique(np.searchsorted(screen.bounds, rows, side="right") - 1, return_counts=True)
    return KeywordSet.of_columns(
        own.keyword_set.language,
        [own.keyword_set.texts[place] for place in kept.tolist()],
        screen.confidences[kept],
        (
            np.cumsum([0, *counts.tolist()], dtype=np.int32),
            np.maximum(screen.starts[rows], stretch[0]),
            np.minimum(screen.ends[rows], stretch[1]),
            None,
        ),
        own.keyword_set.summarized,
    )


def _in_moment(matched: MatchedKeyword, own: SetScreen, place: int, moment: Span) -> MatchedKeyword:
    """Tell of a keyword when it is on screen in the moment, and how long in the whole video."""
    rows = slice(own.screen.bounds[place], own.screen.bounds[place + 1])
    starts, ends = own.screen.starts[rows], own.screen.ends[rows]
    clipped = zip(np.maximum(starts, moment[0]).tolist(), np.minimum(ends, moment[1]).tolist(), strict=True)
    return MatchedKeyword(
        matched.keyword,
        matched.interests,
        matched.share,
        matched.idf,
        matched.confidence,
        float((ends - starts).sum()),
        tuple((start, end) for start, end in clipped if start < end)[:MAX_SPANS],
    )


def _matching(own: SetScreen, promoted: Promoted) -> list[int]:
    """Return the keywords with a term that attracts the promotion, by place."""
    screen = own.screen
    weights = weights_of(screen.keys, promoted.terms.keys, promoted.terms.weights)
    bounds = screen.term_bounds.tolist()
    return [
        place
        for place in np.flatnonzero(screen.confidences).tolist()
        if (weights[screen.terms[bounds[place] : bounds[place + 1]]] > 0.0).any()
    ]


def _rows(keyword_set: KeywordSet, place: int, moment: Span) -> list[int]:
    """Return the rows of the instances of a keyword that are on screen in a moment."""
    first, last = int(keyword_set.bounds[place]), int(keyword_set.bounds[place + 1])
    inside = (keyword_set.starts[first:last] < moment[1]) & (keyword_set.ends[first:last] > moment[0])
    rows: list[int] = (first + np.flatnonzero(inside)).tolist()
    return rows
