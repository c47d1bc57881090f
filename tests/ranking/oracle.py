"""The ranking steps of the contract in plain Python, all over all videos: what the recommender is compared with.

`RankingSettings` in the contract numbers the steps.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from matchcut_server.index.filter import Filter
from matchcut_server.index.port import rounded
from matchcut_server.insights.model import Video
from matchcut_server.profiles.model import CreditedEvent, EventKind
from matchcut_server.ranking.query import Fallback, Origin
from matchcut_server.ranking.settings import DEFAULTS, RankingSettings, SeenVideos
from matchcut_server.vectors.mixture import Weighable, WeightedTerms
from matchcut_server.vectors.video import IndexedVideo
from matchcut_server.vectors.weighting import BLOCKS, Block
from tests.makers import indexed
from tests.naive import Idf, holds, live_idf, may_be_returned, terms_of, unit

DAY, HOUR = 86_400.0, 3_600.0

Terms = Mapping[tuple[Block, int], float]


class Row(NamedTuple):
    """A place of a page."""

    video_id: str
    score: float
    origin: Origin
    promotion_id: str = ""


class Listed(NamedTuple):
    """A page."""

    rows: list[Row]
    has_more: bool
    fallback: Fallback


@dataclass
class Oracle:
    """What is known of a catalog and of what is asked for."""

    videos: Sequence[Video]
    profile: Weighable
    now: float
    settings: RankingSettings = DEFAULTS
    events: Sequence[CreditedEvent] = ()
    """Of the user."""
    views: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    """By video: when it was viewed or liked by anybody, and for how much that counts."""
    half_life_days: float = 30.0
    """Of popularity."""
    allowed: Filter | None = None
    excluded: Collection[str] = ()
    min_score: float = 0.0
    may_fill: bool = False
    seeds: Collection[str] = ()
    keep_copies: bool = True

    def __post_init__(self) -> None:
        self.by_id: dict[str, IndexedVideo] = {one.video_id: indexed(one) for one in self.videos}
        idf = live_idf(self.by_id.values())
        self.asked = weighed(self.profile, idf)
        self.vectors: dict[str, dict[str, Terms]] = {
            name: {own.language: unit(terms_of(own), idf) for own in one.vectors if not own.is_empty}
            for name, one in self.by_id.items()
        }
        self.matches = {
            name: max(rounded(dot(self.asked, own)) for own in sets.values())
            for name, sets in self.vectors.items()
            if sets
        }

    def page(self, given: Sequence[str], size: int) -> Listed:
        """Return the page after some videos."""
        scores = {name: self.score(name) for name in self.matching()}
        pins = {pin.position: pin for pin in self.settings.pinned_videos if self.may_be_pinned(pin.video_id, given)}
        pins = {position: pin for position, pin in pins.items() if position >= len(given)}
        pinned = {pin.video_id for pin in pins.values()}
        there = sorted((name for name in scores if name not in pinned), key=lambda name: (-scores[name], name))
        others = sorted(self.fillers(scores.keys() | pinned), key=self.popular_first) if self.fills else []
        blocked = set(self.seeds) | pinned | (set(given) & {one.video_id for one in self.settings.pinned_videos})
        blocked |= set(given) & set(there)
        size = min(size, 1_000 - len(given))

        def composed(size: int) -> tuple[list[Row], bool]:
            page = [name for position, name in pinned_names(pins) if position < len(given) + size]
            counted, distinct = list(page), set(blocked)
            left = self.distinct([name for name in there if name not in given], distinct)
            chosen = self.choose(left, scores, counted, size)
            more = len(left) - len(chosen)
            items = [Row(name, scores[name], Origin.MATCH) for name in chosen]
            if not more:
                rest = self.distinct([name for name in others if name not in given], distinct)
                fill: list[str] = []
                for name in rest:
                    if len(items) + len(fill) < size and self.is_allowed(name, counted):
                        fill.append(name)
                        counted.append(name)
                more = len(rest) - len(fill)
                items += [Row(name, 0.0, Origin.FALLBACK) for name in fill]
            rows: list[Row] = []
            waiting = dict(pins)
            while len(rows) < size and (items or (waiting and (not more or len(given) + len(rows) in waiting))):
                pin = waiting.pop(len(given) + len(rows), None)
                if pin is None and not items:
                    pin = waiting.pop(min(waiting))
                if pin is None:
                    rows.append(items.pop(0))
                else:
                    own = self.score(pin.video_id) if self.matches_at_all(pin.video_id) else 0.0
                    rows.append(Row(pin.video_id, own, Origin.PINNED, pin.promotion_id))
            return rows, bool(more or items or waiting)

        rows, more = composed(size)
        first = min(pins, default=1_000) - len(given)
        if not rows and more and first < size:
            rows, more = composed(first)
        filled = any(row.origin is Origin.FALLBACK for row in rows)
        why = Fallback.TOO_FEW_MATCHES if self.profile.parts else Fallback.EMPTY_PROFILE
        return Listed(rows, more and len(given) + len(rows) < 1_000, why if filled else Fallback.NONE)

    # --- steps 1 to 5: the score ---

    def score(self, name: str) -> float:
        """Return the score of a video that matches."""
        settings, facts = self.settings, self.by_id[name].facts
        amount = 0.0
        if facts.published_time is not None:
            days = max(self.now - facts.published_time, 0.0) / DAY
            amount += settings.freshness_weight * 0.5 ** (days / settings.freshness_half_life_days)
        amount += settings.popularity_weight * self.popularity(name)
        amount += sum(boost.weight for boost in settings.condition_boosts if holds(boost.condition, facts))
        total = rounded(self.matches[name] + amount)
        if total > 0:
            faded = total * (1 - self.rotation(name))
            if settings.seen_videos is SeenVideos.DEMOTE and name in self.seen():
                faded *= 1 - settings.seen_demotion
            total = rounded(faded)
        return total

    def popularity(self, name: str) -> float:
        """Return ln(1 + raw) over that of the most popular video of the catalog."""
        most = max(map(self.raw, self.by_id), default=0.0)
        return math.log1p(self.raw(name)) / math.log1p(most) if most else 0.0

    def raw(self, name: str) -> float:
        """Add up the views and likes of a video, each faded by the days since."""
        days = [(self.now // DAY - time // DAY, weight) for time, weight in self.views.get(name, ())]
        return math.fsum(weight * 0.5 ** (age / self.half_life_days) for age, weight in days)

    def rotation(self, name: str) -> float:
        """Return the part that a video loses for having been shown."""
        shown = [one.event for one in self.events if one.event.kind is EventKind.IMPRESSION]
        times = [event.time for event in shown if event.video_id == name]
        if not times:
            return 0.0
        hours = max(self.now - max(times), 0.0) / HOUR
        return self.settings.rotation_rate * max(1 - hours / self.settings.rotation_hours, 0.0)

    def seen(self) -> set[str]:
        """Return the videos that count as seen."""
        days = self.settings.seen_days
        watched: dict[str, float] = {}
        judged = set()
        for event, share, _ in self.events:
            if days and event.time < self.now - days * DAY:
                continue
            if event.kind is EventKind.VIEW:
                watched[event.video_id] = watched.get(event.video_id, 0.0) + (share or 0.0)
            elif event.kind in {EventKind.LIKE, EventKind.DISLIKE}:
                judged.add(event.video_id)
        enough = self.settings.seen_watched_share - 1e-9
        return judged | {name for name, share in watched.items() if share >= enough}

    def hidden(self) -> set[str]:
        """Return the videos that were hidden and not liked since."""
        last = {
            kind: {one.event.video_id: one.event.time for one in self.events if one.event.kind is kind}
            for kind in (EventKind.HIDE, EventKind.LIKE)
        }  # the events come by time
        liked = last[EventKind.LIKE]
        return {name for name, time in last[EventKind.HIDE].items() if not liked.get(name, -math.inf) > time}

    # --- which videos there are ---

    def may_be_shown(self, name: str) -> bool:
        """Tell whether a video is published, allowed, not excluded, no seed and not hidden."""
        never = {*self.excluded, *self.seeds, *self.hidden()}
        return may_be_returned(self.by_id[name].facts, self.now, self.allowed, never)

    def may_be_pinned(self, name: str, given: Sequence[str]) -> bool:
        """Tell whether a pinned video can be returned."""
        return name in self.by_id and name not in given and self.may_be_shown(name)

    def is_open(self, name: str) -> bool:
        """Tell whether a video may be returned where its score puts it."""
        is_seen = self.settings.seen_videos is SeenVideos.EXCLUDE and name in self.seen()
        return bool(self.vectors[name]) and not is_seen and self.may_be_shown(name)

    def matches_at_all(self, name: str) -> bool:
        """Tell whether step 1 gives enough."""
        return self.matches.get(name, 0.0) > 0 and self.matches[name] >= self.min_score

    def matching(self) -> list[str]:
        """Return the videos that match."""
        return [name for name in self.by_id if self.is_open(name) and self.matches_at_all(name)]

    # --- steps 6 and 8: the page ---

    @property
    def fills(self) -> bool:
        """Tell whether popular and recent videos may fill the page."""
        allowed = self.settings.fallback_allowed
        return self.may_fill if allowed is None else allowed

    def fillers(self, taken: Collection[str]) -> list[str]:
        """Return the videos that may fill the page."""
        return [name for name in self.by_id if self.is_open(name) and name not in taken]

    def popular_first(self, name: str) -> tuple[float, float, str]:
        """Order by popularity, then by published time, then by id."""
        published = self.by_id[name].facts.published_time
        return -self.popularity(name), math.inf if published is None else -published, name

    def choose(self, names: Sequence[str], scores: Mapping[str, float], counted: list[str], size: int) -> list[str]:
        """Choose by maximal marginal relevance, as far as the caps allow it."""
        diversity = self.settings.diversity
        left, chosen = list(names), list[str]()
        nearest = dict.fromkeys(left, 0.0)
        while left and len(chosen) < size:
            best = max(left, key=lambda name: (1 - diversity) * scores[name] - diversity * nearest[name])
            left.remove(best)
            if self.is_allowed(best, counted):
                chosen.append(best)
                counted.append(best)
                for name in left:
                    nearest[name] = max(nearest[name], rounded(dot(self.best(name), self.best(best))))
        return chosen

    def best(self, name: str) -> Terms:
        """Return the keyword set that matches best, of equal ones the first by language."""
        sets = self.vectors[name]
        return sets[min(sets, key=lambda tag: (-rounded(dot(self.asked, sets[tag])), tag))]

    def is_allowed(self, name: str, counted: Collection[str]) -> bool:
        """Tell whether the page may have another video of these attributes."""
        own = self.by_id[name].facts.attributes
        return all(
            sum(value in self.by_id[other].facts.attributes.get(cap.name, ()) for other in counted) < cap.max_per_value
            for cap in self.settings.attribute_caps
            for value in own.get(cap.name, ())
        )

    def distinct(self, names: Sequence[str], taken: set[str]) -> list[str]:
        """Leave out near-duplicates of what is taken, or comes before; add the others to what is taken."""
        if self.keep_copies:
            return list(names)
        kept = []
        for name in names:
            if not any(self.is_copy(name, other) for other in taken):
                kept.append(name)
                taken.add(name)
        return kept

    def is_copy(self, name: str, other: str) -> bool:
        """Tell whether two videos have nearly the same duration and the same vectors."""
        if other not in self.by_id:
            return False
        durations = self.by_id[name].facts.duration, self.by_id[other].facts.duration
        return (
            min(durations) > 0
            and abs(durations[0] - durations[1]) <= 2
            and any(
                min(len(own), len(their)) >= 10 and dot(own, their) >= 0.95
                for own in self.vectors[name].values()
                for their in self.vectors[other].values()
            )
        )


def pinned_names(pins: Mapping[int, object]) -> list[tuple[int, str]]:
    """Return the positions of pinned videos and their ids."""
    return [(position, pin.video_id) for position, pin in sorted(pins.items())]  # type: ignore[attr-defined]


def weighed(profile: Weighable, idf: Idf) -> Terms:
    """Mix the parts of a profile, each of unit length in each block, and bring the mixture to unit length."""
    mixed: dict[Block, dict[int, float]] = {}
    for block in BLOCKS:
        sums: dict[int, float] = {}
        for part in profile.parts:
            own: WeightedTerms = getattr(part, block)
            weights = {
                key: weight * idf(block, key)
                for key, weight in zip(own.keys.tolist(), own.weights.tolist(), strict=True)
            }
            length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
            for key, weight in weights.items():
                sums[key] = sums.get(key, 0.0) + part.share * weight / length
        mixed[block] = {key: weight for key, weight in sums.items() if abs(weight) > 1e-12}
    return unit(mixed, lambda _block, _key: 1.0)


def dot(first: Terms, second: Terms) -> float:
    """Return the cosine of two unit vectors."""
    return math.fsum(weight * second.get(term, 0.0) for term, weight in first.items())
