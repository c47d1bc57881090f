"""Fitting: where in a video a promotion fits, and how well."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..index.arrays import Bytes, Float64s
from ..index.columns import Columns
from ..index.port import SCORE_DECIMALS, View
from ..index.query import Keys, weigh
from ..search.stretches import HALF_TICK, merged
from ..store.port import Catalog
from ..vectors.scheme import Scheme
from .exclusions import Exclusions
from .promotion import PlacementRules, Promotion, PromotionProfile, promotion_profile
from .screens import VideoScreen
from .stretches import UnitVectors, matching_spans, products, weights_of

DEFAULT_CONTEXT_SECONDS = 10.0
"""Before and after a moment or slot."""


class Fit(NamedTuple):
    """A place in a video where a promotion fits."""

    score: float
    """Rounded, more than 0."""
    slot: float
    """Where the promotion may begin, in seconds."""
    start: float
    """Of the moment, in seconds."""
    end: float
    language: str
    """Of the keyword set that it comes from."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A promotion in a view: a unit vector."""

    keys: Keys
    """Ascending."""
    weights: Float64s
    words: Bytes
    """1 for word terms."""


class Rules:
    """Rules of a request or promotion, with its excluded keywords as they are in a view."""

    def __init__(self, rules: PlacementRules, catalog: Catalog, view: View) -> None:
        self.stated = rules
        self.excluded = Exclusions(rules.excluded_keywords, catalog, view.languages)
        self.nearby = Exclusions(rules.excluded_nearby_keywords, catalog, view.languages)

    def allow(self, video: VideoScreen, columns: Columns | None = None) -> bool:
        """Tell whether a video may have placements. `columns`: of it alone; None: the filter has been asked before."""
        allowed = self.stated.allowed
        if columns is not None and allowed is not None and not allowed.mask(columns)[0]:
            return False
        return not self.excluded.are_in(video)

    def allowed(self, video: VideoScreen, slots: Float64s, starts: Float64s, ends: Float64s) -> Bytes:
        """Tell for some slots of a video whether they may be taken. `starts`, `ends`: of the stretches around them."""
        own = self.stated
        first_slot, last_slot = own.skip_first_seconds - HALF_TICK, video.end - own.skip_last_seconds + HALF_TICK
        allowed = (slots >= first_slot) & (slots <= last_slot)
        first, last = self.nearby.spans(video)
        if len(first) and len(slots):
            near = (first <= ends[:, np.newaxis] + HALF_TICK) & (last >= starts[:, np.newaxis] - HALF_TICK)
            allowed &= ~near.any(axis=1)
        return allowed.view(np.uint8)


class Promoted:
    """A promotion, made ready for one view of a catalog."""

    def __init__(self, promotion: Promotion, catalog: Catalog, view: View) -> None:
        self.promotion = promotion
        self.profile: PromotionProfile = promotion_profile(promotion, view, catalog.settings)
        self.rules = Rules(promotion.rules, catalog, view)
        self.seeds = frozenset(seed.video_id for seed in promotion.seeds)
        weighted = weigh(self.profile.mixture, view.idf_of)
        order = np.argsort(weighted.keys)
        self.terms = Terms(weighted.keys[order], weighted.weights[order], weighted.words[order])

    def moments(
        self,
        video: VideoScreen,
        scheme: Scheme,
        context: float = DEFAULT_CONTEXT_SECONDS,
        min_score: float = 0.0,
        common: Rules | None = None,
    ) -> list[Fit]:
        """Return the moments of a video that the promotion fits, highest score first, equal ones by start.

        Only those that its own rules and the `common` ones allow, as far as they do not depend on others: neither
        distances nor limits count yet. `context`: seconds before and after a moment that count for its score.
        """
        if video.video_id in self.seeds:
            return []
        found: list[Fit] = []
        for own in video.sets:
            weights = weights_of(own.screen.keys, self.terms.keys, self.terms.weights)
            starts, ends = merged(*matching_spans(own.screen, weights))
            if len(starts):
                lows, highs = np.maximum(starts - context, 0.0), ends + context
                scores = products(own.vectors(lows, highs, scheme), weights)
                allowed = self._allowed(video, common, starts, lows, highs)
                found += _fits(scores, allowed, min_score, (starts, starts, ends), own.keyword_set.language)
        found.sort(key=_order)
        return found

    def slots(
        self, video: VideoScreen, stretches: "Stretches", min_score: float = 0.0, common: Rules | None = None
    ) -> list[Fit]:
        """Return those of the given slots of a video that the promotion fits, as `moments` does.

        The moment of a slot is the stretch around it, in the keyword set where it scores highest.
        """
        if video.video_id in self.seeds:
            return []
        best: dict[float, Fit] = {}
        spans = (stretches.slots, stretches.starts, stretches.ends)
        allowed = self._allowed(video, common, *spans)
        for own, vectors in zip(video.sets, stretches.vectors, strict=True):
            weights = weights_of(own.screen.keys, self.terms.keys, self.terms.weights)
            for fit in _fits(products(vectors, weights), allowed, min_score, spans, own.keyword_set.language):
                if fit.slot not in best or fit.score > best[fit.slot].score:
                    best[fit.slot] = fit
        return sorted(best.values(), key=_order)

    def _allowed(
        self, video: VideoScreen, common: Rules | None, slots: Float64s, starts: Float64s, ends: Float64s
    ) -> Bytes:
        own = self.rules.allowed(video, slots, starts, ends)
        return own if common is None else own & common.allowed(video, slots, starts, ends)


class Stretches(NamedTuple):
    """The stretches around some slots of a video."""

    slots: Float64s
    """In seconds."""
    starts: Float64s
    ends: Float64s
    vectors: list[UnitVectors]
    """Of each keyword set."""


def stretches_around(video: VideoScreen, slots: Sequence[float], context: float, scheme: Scheme) -> Stretches:
    """Return the stretches around some slots, in seconds; those behind the end of the video are left out."""
    inside = np.array(sorted(slot for slot in slots if slot <= video.end), dtype=np.float64)
    starts, ends = np.maximum(inside - context, 0.0), np.minimum(inside + context, video.end)
    return Stretches(inside, starts, ends, [own.vectors(starts, ends, scheme) for own in video.sets])


def _order(fit: Fit) -> tuple[float, float, float, str]:
    return -fit.score, fit.slot, fit.end, fit.language


def _fits(
    scores: Float64s,
    allowed: Bytes,
    min_score: float,
    spans: tuple[Float64s, Float64s, Float64s],
    language: str,
) -> Iterator[Fit]:
    rounded = np.round(scores, SCORE_DECIMALS)
    for at in np.flatnonzero((rounded > 0.0) & (rounded >= min_score) & allowed.view(np.bool_)).tolist():
        slot, start, end = (float(column[at]) for column in spans)
        yield Fit(float(rounded[at]), slot, start, end, language)
