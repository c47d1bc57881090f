"""Recommendations: the best videos for a profile, page by page, explained on request.

The steps are numbered in the contract, at `RankingSettings`. Each is in a module of its own; here they are put one
after another.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NamedTuple

from ..index.follower import Follower
from ..index.port import View
from ..insights.timespan import DAY_SECONDS
from ..profiles.derived import profile_of
from ..store.port import Catalog, Store
from ..vectors.mixture import Weighable
from ..vectors.profile import Interest, make_profile
from ..vectors.video import VideoFacts, facts_of
from .boosts import Boosts
from .candidates import Candidate, Wanted, best_candidates, only
from .caps import Caps
from .duplicates import Distinct
from .explanation import Explainer
from .fading import Fading, rotation
from .paging import MAX_PAGED, Given
from .pinning import Pinned, available
from .pins import with_pinned
from .popularity import Popularity
from .query import NOT_EXPLAINED, AppliedBoost, BoostKind, Explanation, Fallback, Origin, Page, Query, Recommended, Seed
from .selection import (
    MAX_CANDIDATES,
    Selected,
    candidate_count,
    is_copy,
    select,
    take_if_allowed,
    take_in,
    without_copies,
)
from .settings import RankingSettings, SeenVideos
from .similar import seed_profile
from .users import User, Users

SECONDS_PER_HOUR = 3_600.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who or what videos are asked for, from one view."""

    catalog: Catalog
    view: View
    query: Query
    now: float
    profile: Weighable
    """Without parts: nothing is known."""
    explainer: Callable[[], Explainer]
    """Made once it is needed."""
    may_fill: bool
    """Whether popular and recent videos may fill the page, where the ranking settings do not say."""
    seeds: frozenset[str] = frozenset()
    keep_copies: bool = True


class Recommender:
    """Recommends from views that the follower keeps current. `clock` gives Unix seconds."""

    def __init__(self, store: Store, follower: Follower, clock: Callable[[], float] = time.time) -> None:
        self.users = Users(store)
        """The users that queries are for."""
        self._store = store
        self._follower = follower
        self._popularity = Popularity(store, follower.has_video)
        self._clock = clock

    def recommend(
        self, catalog: Catalog, view: View, query: Query, interests: Sequence[Interest] | None = None
    ) -> Page:
        """Return the best videos for some interests or, without them, for the profile of the query's user."""
        user = query.user
        stated = interests if interests is not None else () if user is None else user.profile.declared.interests
        declared = make_profile(stated, tuple(view.languages), view.knows, catalog.settings)
        derived = None if user is None or interests is not None else user.derived
        share = 0.0 if derived is None or user is None else user.derived_share
        profile = profile_of(declared, derived, share)
        return self._page(
            _Asked(
                catalog,
                view,
                query,
                self._clock(),
                profile,
                lambda: Explainer(profile, view, catalog.settings, declared, derived),
                may_fill=interests is None,
            )
        )

    def similar(
        self, catalog: Catalog, view: View, query: Query, seeds: Sequence[Seed], *, keep_copies: bool = False
    ) -> Page:
        """Return the videos that are most similar to some others, which are not among them.

        `keep_copies`: whether near-duplicates of these, and of each other, are returned too.
        """
        profile = seed_profile(view, seeds)
        return self._page(
            _Asked(
                catalog,
                view,
                query,
                self._clock(),
                profile,
                lambda: Explainer(profile, view, catalog.settings, None),
                may_fill=False,
                seeds=frozenset(seed.video_id for seed in seeds),
                keep_copies=keep_copies,
            )
        )

    def missing_ids(self, catalog: Catalog, video_ids: Iterable[str]) -> list[str]:
        """Return the ids that the catalog does not hold, each once, in order."""
        return [one for one in dict.fromkeys(video_ids) if not self._follower.has_video(catalog, one)]

    def _page(self, asked: _Asked) -> Page:
        given = Given(asked.query.given)
        size = min(asked.query.limit, MAX_PAGED - len(given))
        wanted, pinned = self._wanted(asked, given)
        composed = self._composed(asked, wanted, given, size, pinned)
        first = min(pinned, default=MAX_PAGED) - len(given)
        if not composed.items and composed.has_more and first < size:
            # The caps leave no place beside the pinned videos of this page: it ends before the first of them.
            composed = self._composed(asked, wanted, given, first, pinned)
        return Page(
            tuple(self._told(asked, wanted, composed.items)),
            has_more=composed.has_more and len(given) + len(composed.items) < MAX_PAGED,
            fallback=_fallback(asked, composed.items),
            ranked_candidates=composed.ranked_candidates,
        )

    def _composed(
        self, asked: _Asked, wanted: Wanted, given: Given, size: int, pinned: Mapping[int, Pinned]
    ) -> "_Composed":
        """Return the places of a page of at most so many videos."""
        matches = _matches(asked, wanted, given, size, pinned)
        items = [_Item(one.video_id, Origin.MATCH, candidate=one) for one in matches.selected.chosen]
        more = matches.selected.left
        if not more and self._may_fill(asked):
            fillers = self._fillers(asked, wanted, given, matches, size - len(items))
            items += [_Item(video_id, Origin.FALLBACK) for video_id in fillers.video_ids]
            more = fillers.left
        page = with_pinned(items, _pinned_items(asked, wanted, pinned), len(given), size, is_end=not more)
        more += len(items) + len(pinned) - len(page)
        return _Composed(page, more > 0, matches.ranked_candidates)

    def _wanted(self, asked: _Asked, given: Given) -> tuple[Wanted, dict[int, Pinned]]:
        """Return what candidates are asked for, and the videos that have a place whatever their score."""
        query, settings = asked.query, asked.query.ranking
        never = query.excluded | asked.seeds
        if query.user is not None:
            never |= query.user.hidden
        seen, fadings = _known_to_user(query, asked.now)
        coming = [pin for pin in settings.pinned_videos if pin.position >= len(given) and pin.video_id not in given]
        pinned = available(coming, partial(self._facts, asked), asked.now, query.allowed, never)
        boosts = Boosts.of(settings, partial(self._popularity.of, asked.catalog, asked.now), asked.now)
        ids = {one.pin.video_id for one in pinned.values()}
        return (
            Wanted(asked.profile, asked.now, query.allowed, never | seen | ids, boosts, query.min_score, fadings),
            pinned,
        )

    def _facts(self, asked: _Asked, video_id: str) -> VideoFacts | None:
        """Return what is known of a video, also of one without keywords."""
        found = asked.view.facts(video_id)
        if found is not None:
            return found
        stored = self._store.video(asked.catalog.catalog_id, video_id)
        return None if stored is None else facts_of(stored.video, stored.revision)

    def _may_fill(self, asked: _Asked) -> bool:
        allowed = asked.query.ranking.fallback_allowed
        return asked.may_fill if allowed is None else allowed

    def _fillers(self, asked: _Asked, wanted: Wanted, given: Given, matches: "_Matches", missing: int) -> "_Fillers":
        """Return popular and recent videos, at most so many, none of which matches."""
        keys = self._popularity.of(asked.catalog, asked.now).browsing_keys
        known = wanted.excluded | matches.found
        limit = missing + len(given) + 1
        chosen: list[str] = []
        left, looked_at = 0, 0
        while True:
            ids = asked.view.browse(keys, limit, asked.now, asked.query.allowed, known)
            for video_id in ids[looked_at:]:
                if video_id in given or (not asked.keep_copies and is_copy(asked.view, video_id, matches.distinct)):
                    continue
                if len(chosen) == missing or not take_if_allowed(asked.view, video_id, matches.caps):
                    left += 1
                    continue
                chosen.append(video_id)
                if not asked.keep_copies:
                    take_in(asked.view, video_id, matches.distinct)
            if len(ids) < limit or len(chosen) == missing or limit >= MAX_CANDIDATES:
                return _Fillers(chosen, left)
            looked_at, limit = limit, limit * 4

    def _told(self, asked: _Asked, wanted: Wanted, page: "Iterable[_Item]") -> Iterator[Recommended]:
        """Yield the items of a page with what was asked for beside them."""
        query = asked.query
        explainer = asked.explainer() if query.explain else None
        for item in page:
            explanation = None
            if explainer is not None:
                explanation = self._explanation(asked, wanted, item.candidate, explainer)
            yield Recommended(
                item.video_id,
                0.0 if item.candidate is None else item.candidate.score,
                item.origin,
                item.promotion_id,
                self._facts(asked, item.video_id) if query.with_metadata else None,
                explanation,
            )

    def _explanation(
        self, asked: _Asked, wanted: Wanted, candidate: Candidate | None, explainer: Explainer
    ) -> Explanation:
        """Explain a score; empty for a video that does not match, or has been deleted since the search."""
        stored = candidate and self._store.video(asked.catalog.catalog_id, candidate.video_id)
        if not candidate or not stored:
            return NOT_EXPLAINED
        language, duration = candidate.hit.language, stored.video.duration
        own = [one for one in stored.video.keyword_sets if one.language == language]
        if not own:
            return NOT_EXPLAINED
        held = explainer.hold(own[0], duration)
        return Explanation(
            language,
            tuple(explainer.explain(held)),
            _boosts_of(wanted.boost, candidate, facts_of(stored.video, stored.revision)),
            tuple(explainer.profile_sources(held)),
        )


class _Item(NamedTuple):
    """A place of the page."""

    video_id: str
    origin: Origin
    promotion_id: str = ""
    candidate: Candidate | None = None
    """None: it does not match."""


class _Matches(NamedTuple):
    """The videos that match."""

    selected: Selected
    found: frozenset[str]
    """All that were looked at."""
    ranked_candidates: int
    """0: all there are."""
    caps: Caps
    """They have counted what was selected, and the pinned videos of the page."""
    distinct: Distinct
    """What no near-duplicates may be returned of, if they are not kept."""


class _Fillers(NamedTuple):
    """The videos that fill a page."""

    video_ids: list[str]
    left: int
    """How many of those looked at a later page may have."""


class _Composed(NamedTuple):
    """The places of a page."""

    items: list[_Item]
    has_more: bool
    ranked_candidates: int


def _matches(asked: _Asked, wanted: Wanted, given: Given, size: int, pinned: Mapping[int, Pinned]) -> _Matches:
    """Choose the matches of a page, from as many candidates as that takes."""
    settings = asked.query.ranking
    present = [one.facts.attributes for place, one in pinned.items() if place < len(given) + size]
    if not asked.profile.parts:
        return _Matches(Selected([], 0), frozenset(), 0, _caps(settings, present), _distinct(asked, given, pinned, ()))
    is_choosy = bool(settings.diversity or settings.attribute_caps or not asked.keep_copies)
    count = (candidate_count(size) if is_choosy else size + 1) + len(given)
    while True:
        found = best_candidates(asked.view, wanted, count)
        is_all = len(found) < count
        candidates = [one for one in found if one.video_id not in given]
        distinct = _distinct(asked, given, pinned, found)
        if not asked.keep_copies:
            others = without_copies(asked.view, candidates, distinct)
            # In the order of scores no more are looked at than the page takes, and one that tells whether more follow.
            candidates = list(others if settings.diversity or settings.attribute_caps else islice(others, size + 1))
        caps = _caps(settings, present)
        selected = select(asked.view, candidates, size, settings.diversity, caps)
        if is_all or len(selected.chosen) == size or count >= MAX_CANDIDATES:
            break
        count *= 4
    ids = frozenset(one.video_id for one in found)
    if is_all:
        return _Matches(selected, ids, 0, caps, distinct)
    is_exact = not settings.diversity and len(selected.chosen) == size
    if selected.chosen:  # there may be more that were not looked at
        selected = selected._replace(left=max(selected.left, 1))
    return _Matches(selected, ids, 0 if is_exact else len(candidates), caps, distinct)


def _caps(settings: RankingSettings, present: Iterable[Mapping[str, Sequence[str]]]) -> Caps:
    caps = Caps(settings.attribute_caps)
    for attributes in present:
        caps.add(attributes)
    return caps


def _distinct(asked: _Asked, given: Given, pinned: Mapping[int, Pinned], found: Iterable[Candidate]) -> Distinct:
    """Return what no video of a page may be a near-duplicate of: the seeds, pinned videos, and those of earlier pages.

    Of earlier pages only hashes are known: of those that are pinned or `found` again.
    """
    distinct = Distinct()
    if not asked.keep_copies:
        known = (*(pin.video_id for pin in asked.query.ranking.pinned_videos), *(one.video_id for one in found))
        coming = (one.pin.video_id for one in pinned.values())
        for video_id in (*asked.seeds, *coming, *(one for one in known if one in given)):
            take_in(asked.view, video_id, distinct)
    return distinct


def _known_to_user(query: Query, now: float) -> tuple[frozenset[str], dict[str, Fading]]:
    """Return the videos that need not be seen again, and those that fade, by the events of the user."""
    user, settings = query.user, query.ranking
    if user is None:
        return frozenset(), {}
    since = now - settings.seen_days * DAY_SECONDS if settings.seen_days else -math.inf
    seen: frozenset[str] = frozenset()
    if settings.seen_videos is not SeenVideos.KEEP:
        seen = user.seen.videos(settings.seen_watched_share, since)
    if settings.seen_videos is SeenVideos.EXCLUDE:
        return seen, _fadings(user, settings, now, frozenset())
    return frozenset(), _fadings(user, settings, now, seen)


def _fadings(user: User, settings: RankingSettings, now: float, seen: frozenset[str]) -> dict[str, Fading]:
    rotations = {}
    if settings.rotation_rate:
        for video_id, time_shown in user.shown.videos.items():
            hours = (now - time_shown) / SECONDS_PER_HOUR
            part = rotation(hours, settings.rotation_rate, settings.rotation_hours)
            if part:
                rotations[video_id] = part
    return {
        video_id: Fading(rotations.get(video_id, 0.0), settings.seen_demotion if video_id in seen else 0.0)
        for video_id in seen | rotations.keys()
    }


def _pinned_items(asked: _Asked, wanted: Wanted, pinned: Mapping[int, Pinned]) -> dict[int, _Item]:
    """Return the pinned videos by position, with their scores where they match."""
    ids = {one.pin.video_id for one in pinned.values()}
    found: dict[str, Candidate] = {}
    if ids and asked.profile.parts:
        own = wanted._replace(allowed=only(ids, None), excluded=frozenset())
        found = {one.video_id: one for one in best_candidates(asked.view, own, len(ids))}
    return {
        place: _Item(one.pin.video_id, Origin.PINNED, one.pin.promotion_id, found.get(one.pin.video_id))
        for place, one in pinned.items()
    }


def _boosts_of(boost: Boosts | None, candidate: Candidate, facts: VideoFacts) -> tuple[AppliedBoost, ...]:
    """Return what made the score of a candidate of its match."""
    rotated, faded = candidate.fading.shares(candidate.hit.total)
    shares = ((BoostKind.ROTATION, rotated), (BoostKind.SEEN, faded))
    added = () if boost is None else boost.applied(facts)
    return (*added, *(AppliedBoost(kind, share) for kind, share in shares if share))


def _fallback(asked: _Asked, page: Iterable[_Item]) -> Fallback:
    if all(item.origin is not Origin.FALLBACK for item in page):
        return Fallback.NONE
    return Fallback.TOO_FEW_MATCHES if asked.profile.parts else Fallback.EMPTY_PROFILE
