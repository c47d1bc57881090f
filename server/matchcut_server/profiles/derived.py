"""Derived profiles: what the events of a user say of the user's interests, and how that joins what is declared.

The derived part is the mean of the events' credits, each with its weight, as Rocchio (1971) made a query of the
documents that were judged: wanted ones add, unwanted ones take away. It is not cut: every term stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..insights.timespan import DAY_SECONDS
from ..vectors.mixture import NO_TERMS, Mixture, Part, Weighable, WeightedTerms, added_up
from ..vectors.profile import Interest
from ..vectors.weighting import block_shares, unit_weights
from .model import Credit, CreditedEvent, Event, EventKind, EventWeights, ProfileSettings

MAX_INTERESTS = 1_000
"""Derived interests that are told."""


class Source(NamedTuple):
    """An event that counts, and for how much."""

    video_id: str
    weight: float
    """-1 to 1: relative to that of the event that counts most."""
    credit: Credit


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Derived:
    """The derived part of a profile, before IDF; empty if no event counts."""

    phrases: WeightedTerms = NO_TERMS
    """By ascending key; no weight is 0."""
    words: WeightedTerms = NO_TERMS
    sources: tuple[Source, ...] = ()
    """The events it is the sum of, by time and then by event id; none where they were let go of."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The part, as an index takes it."""
        if not len(self.phrases.keys) and not len(self.words.keys):
            return ()
        return (Part(1.0, self.phrases, self.words),)

    def without_sources(self) -> "Derived":
        """Return the terms alone, which take a fraction of the memory."""
        return Derived(self.phrases, self.words)

    def interests(self) -> list[Interest]:
        """Return the whole keywords with their weights, largest absolute one first, at most `MAX_INTERESTS`.

        The part is brought to unit length before IDF, so the squares of all its weights, of whole keywords and of
        words, add up to 1, and those of each of the two to ½. A keyword has the text of the first event that has it.
        Needs the sources.
        """
        texts: dict[int, str] = {}
        for source in self.sources:
            for key, text in zip(source.credit.phrases.keys.tolist(), source.credit.texts, strict=True):
                texts.setdefault(key, text)
        share, _ = block_shares(bool(len(self.phrases.keys)), bool(len(self.words.keys)))
        weights = unit_weights(self.phrases.weights, np.ones(len(self.phrases.weights))) * share
        told = [
            Interest(texts[key], weight)
            for key, weight in zip(self.phrases.keys.tolist(), weights.tolist(), strict=True)
        ]
        return sorted(told, key=lambda one: (-abs(one.weight), one.keyword))[:MAX_INTERESTS]


def derive(events: Iterable[CreditedEvent], settings: ProfileSettings, half_life_days: float) -> Derived:
    """Add up the credits of events, each with the weight of its kind, watched share, own weight and fading.

    `half_life_days`: an event so many days before the latest one that counts has half its weight; 0: none fades. The
    order of `events` makes no difference, not even in the last digit.
    """
    sources = _sources(events, settings.event_weights, half_life_days)
    if not sources:
        return Derived()
    weights = [source.weight for source in sources]
    return Derived(
        added_up([source.credit.phrases for source in sources], weights),
        added_up([source.credit.words for source in sources], weights),
        sources,
    )


def profile_of(declared: Weighable | None, derived: Weighable | None, derived_share: float) -> Mixture:
    """Return (1 - derived_share) · declared + derived_share · derived, each of unit length; the derived part is last.

    `derived_share`: 0 to 1. At 0 events are never matched: the profile is the declared part, be it empty. Otherwise,
    where one part is empty, the other has all the weight; so at 1 what is declared only counts until something can be
    derived. None: as empty.
    """
    stated = () if declared is None else tuple(part for part in declared.parts if _has_terms(part))
    found = () if derived is None or derived_share == 0.0 else tuple(filter(_has_terms, derived.parts))
    if not (stated and found):
        return Mixture(stated or found)
    shared = [part._replace(share=part.share * (1.0 - derived_share)) for part in stated]
    shared += [part._replace(share=part.share * derived_share) for part in found]
    return Mixture(tuple(part for part in shared if part.share > 0.0))


def _has_terms(part: Part) -> bool:
    return bool(len(part.phrases.keys) or len(part.words.keys))


def _sources(events: Iterable[CreditedEvent], kinds: EventWeights, half_life_days: float) -> tuple[Source, ...]:
    """Weigh the events that count, in the order of time and then of id."""
    of_kind = {
        EventKind.IMPRESSION: kinds.impression,
        EventKind.VIEW: kinds.view,
        EventKind.LIKE: kinds.like,
        EventKind.DISLIKE: kinds.dislike,
        EventKind.HIDE: kinds.hide,
    }
    counted: list[tuple[Event, float, Credit]] = []
    for event, share, credit in events:
        weight = of_kind[event.kind] * (share or 0.0) * event.weight
        if weight and credit is not None:
            counted.append((event, weight, credit))
    if not counted:
        return ()
    counted.sort(key=lambda one: (one[0].time, one[0].event_id))
    weights = np.array([weight for _, weight, _ in counted])
    if half_life_days:
        times = np.array([event.time for event, _, _ in counted])
        with np.errstate(over="ignore"):  # so long ago that nothing is left
            weights *= np.exp2(-(times[-1] - times) / DAY_SECONDS / half_life_days)
    # Only ratios matter, and so no weight is too small to be squared.
    weights /= np.abs(weights).max()
    return tuple(
        Source(event.video_id, weight, credit)
        for (event, _, credit), weight in zip(counted, weights.tolist(), strict=True)
        if weight
    )
