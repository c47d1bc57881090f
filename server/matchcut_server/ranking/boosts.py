"""Boosts: what is added to the scores of videos, whatever the profile: steps 2 to 4 of the ranking settings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..index.arrays import Float64s
from ..index.columns import Columns, FactColumns
from ..vectors.video import VideoFacts
from .freshness import freshness, freshness_amounts
from .memo import Memo
from .popularity import PopularVideos
from .query import AppliedBoost, BoostKind
from .settings import ConditionBoost, RankingSettings

_LISTS = 4
"""Of so many lists of conditions a segment remembers the amounts: eight bytes a video each."""

_memo: Memo[tuple[ConditionBoost, ...], Float64s] = Memo(_LISTS)


@dataclass(frozen=True, slots=True)
class Boosts:
    """The boosts of some ranking settings at one time; see `index.boost.Boost`."""

    settings: RankingSettings
    popular: PopularVideos | None
    """None: popularity adds nothing."""
    now: float
    """Unix seconds."""

    @staticmethod
    def of(settings: RankingSettings, popular: Callable[[], PopularVideos], now: float) -> "Boosts | None":
        """Return the boosts of some settings; None if they can add nothing to any score.

        `popular` is asked only where popularity counts.
        """
        if settings.freshness_weight or settings.popularity_weight or settings.condition_boosts:
            return Boosts(settings, popular() if settings.popularity_weight else None, now)
        return None

    def amounts(self, columns: Columns) -> Float64s:
        """Return what is added to the score of each video of a segment, by position."""
        settings = self.settings
        total = None
        if settings.freshness_weight:
            total = freshness_amounts(columns, self.now, settings.freshness_weight, settings.freshness_half_life_days)
        if self.popular is not None:
            total = _added(total, self.popular.amounts(columns) * settings.popularity_weight)
        if settings.condition_boosts:
            kept = _memo.get(columns, settings.condition_boosts)
            if kept is None:
                kept = _memo.put(columns, settings.condition_boosts, _by_conditions(columns, settings.condition_boosts))
            total = kept if total is None else _added(total, kept)
        return np.zeros(len(columns)) if total is None else total

    def applied(self, facts: VideoFacts) -> tuple[AppliedBoost, ...]:
        """Return what each boost adds to the score of one video, if anything. They add up to its amount."""
        settings = self.settings
        fresh = freshness(facts.published_time, self.now, settings.freshness_half_life_days)
        popularity = 0.0 if self.popular is None else self.popular.of(facts.video_id)
        shares = {
            BoostKind.FRESHNESS: settings.freshness_weight * fresh,
            BoostKind.POPULARITY: settings.popularity_weight * popularity,
            BoostKind.CONDITION: float(_by_conditions(FactColumns((facts,)), settings.condition_boosts)[0]),
        }
        return tuple(AppliedBoost(kind, share) for kind, share in shares.items() if share)


def _added(total: Float64s | None, further: Float64s) -> Float64s:
    """Add amounts to a total, which nobody else holds."""
    if total is None:
        return further
    total += further
    return total


def _by_conditions(columns: Columns, boosts: Sequence[ConditionBoost]) -> Float64s:
    """Return for each video the sum of the weights of all boosts whose condition holds."""
    amounts = np.zeros(len(columns))
    for boost in boosts:
        amounts[boost.condition.mask(columns)] += boost.weight
    return amounts
