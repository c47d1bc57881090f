"""Promotions: what is promoted, by which rules, and the profile that stands for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..index.filter import Filter
from ..index.port import View
from ..ranking.query import Seed
from ..ranking.similar import seed_profile
from ..search.asked import AskedKeyword
from ..vectors.mixture import Mixture
from ..vectors.profile import Interest, Profile, make_profile
from ..vectors.settings import CatalogSettings

DEFAULT_DISTANCE_SECONDS = 60.0
"""Between placements in one video, in the rules of a request that do not say otherwise."""


@dataclass(frozen=True, slots=True)
class PlacementRules:
    """Where placements may be; see `PlacementRules` in the contract."""

    allowed: Filter | None = None
    min_distance_seconds: float = 0.0
    max_placements_per_video: int = 0
    """0: no limit."""
    max_placements: int = 0
    """0: no limit."""
    skip_first_seconds: float = 0.0
    skip_last_seconds: float = 0.0
    excluded_keywords: tuple[AskedKeyword, ...] = ()
    excluded_nearby_keywords: tuple[AskedKeyword, ...] = ()


NO_RULES = PlacementRules()


@dataclass(frozen=True, slots=True)
class Promotion:
    """Something to promote: keywords, videos or both, plus rules."""

    promotion_id: str = ""
    interests: tuple[Interest, ...] = ()
    seeds: tuple[Seed, ...] = ()
    weight: float = 1.0
    """What it is worth where several compete for a slot, more than 0."""
    rules: PlacementRules = NO_RULES


@dataclass(frozen=True, slots=True, eq=False)
class PromotionProfile:
    """What a promotion is matched by, in one view of a catalog."""

    mixture: Mixture
    """Interests and seeds, half each where both are given; without parts if nothing is left of them."""
    declared: Profile
    """The interests alone, for explanations."""


def promotion_profile(promotion: Promotion, view: View, settings: CatalogSettings) -> PromotionProfile:
    """Return the profile of a promotion. Seeds that are not in the catalog have no say."""
    declared = make_profile(promotion.interests, list(view.languages), view.knows, settings)
    stated = [part for part in declared.parts if len(part.phrases.keys) or len(part.words.keys)]
    found = list(seed_profile(view, promotion.seeds).parts)
    shared = [part._replace(share=0.5 * part.share) for part in (*stated, *found)] if stated and found else []
    return PromotionProfile(Mixture(tuple(shared or stated or found)), declared)


def missing_seeds(promotions: Sequence[Promotion], known: frozenset[str]) -> list[str]:
    """Return the seeds that are not among some videos, each once, in order."""
    named = dict.fromkeys(seed.video_id for promotion in promotions for seed in promotion.seeds)
    return [video_id for video_id in named if video_id not in known]
