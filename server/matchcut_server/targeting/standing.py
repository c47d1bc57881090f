"""Standing interests: which videos newly match them.

A match is new when the video or the standing interest was changed after some revision, and up to another one. For
standing interests that were not changed only the videos that were are searched; they stand in a small index of their
own, which weighs by the IDF of the catalog.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..index.filter import Filter, HasId
from ..index.memory import MemoryIndex, MemoryView
from ..index.port import Hit, View
from ..insights.text import normalise
from ..search.asked import AskedKeyword
from ..search.conditions import AskedMoments
from ..search.finding import Moment, MomentQuery, search_moments
from ..store.port import Catalog, Store
from ..vectors.profile import Interest, make_profile
from ..vectors.video import IndexedVideo, Removal
from .placements import Placement, Placer, Wanted
from .promotion import NO_RULES, PlacementRules, Promotion
from .screens import read_screens
from .telling import Teller

MANY_VIDEOS = 20_000
"""Of so many that were changed no index of their own is made: those that match are picked out of all."""


@dataclass(frozen=True, slots=True)
class StandingInterest:
    """A saved interest or promotion."""

    standing_interest_id: str
    interests: tuple[Interest, ...] = ()
    """What is looked for, where it is no promotion."""
    promotion: Promotion | None = None
    allowed: Filter | None = None
    min_score: float = 0.0
    revision: int = 0
    """At which it was last changed."""


class Revisions(NamedTuple):
    """Changes after `since`, and up to `until`."""

    since: int
    until: int

    def has(self, revision: int) -> bool:
        """Tell whether a change is one of them."""
        return self.since < revision <= self.until


class Placed(NamedTuple):
    """Placements of a standing promotion."""

    by_video: dict[str, list[Placement]]
    wanted: Wanted
    teller: Teller


class Matcher:
    """Tells what newly matches, in one view of a catalog.

    `view`: it has seen `revisions.until`. Videos that were changed later are left out, whatever they were before.
    """

    def __init__(
        self, store: Store, catalog: Catalog, view: View, revisions: Revisions, check: Callable[[], None]
    ) -> None:
        self.revisions = revisions
        self._store = store
        self._catalog = catalog
        self._view = view
        self._check = check
        many = revisions.since == 0 or store.changes_after(catalog.catalog_id, revisions.since) > MANY_VIDEOS
        changed, self._later = self._read(revisions.until if many else revisions.since)
        self._changed: MemoryView | None = None
        """The videos that were changed; None if they are many."""
        if not many:
            index = MemoryIndex(pinned=view.idf_of)
            index.apply(changed, revisions.until)
            self._changed = index.view()

    @property
    def keys(self) -> NDArray[np.uint64] | None:
        """The keys of all terms that the changed videos have, ascending; None if these are too many to tell."""
        if self._changed is None:
            return None
        keys, _, _ = self._changed.frequencies
        return np.sort(keys)

    def matches(self, standing: StandingInterest, limit: int | None) -> list[Hit]:
        """Return the best new matches of a standing interest that was not changed after `revisions.until`.

        Highest score first, equal ones by video id. `limit` None: all of them.
        """
        if standing.promotion is not None:
            return list(islice(self._placed(standing, standing.promotion), limit))
        profile = make_profile(standing.interests, list(self._view.languages), self._view.knows, self._catalog.settings)
        searched, must_pick = self._searched(standing)
        most = self._view.statistics.videos if limit is None or must_pick else limit
        hits = searched.search(profile, max(most, 1), None, standing.allowed, self._later, None, standing.min_score)
        if must_pick:
            hits = [hit for hit in hits if self._changed_at(hit.video_id) > self.revisions.since]
        return hits[:limit]

    def revision(self, standing: StandingInterest, hit: Hit) -> int:
        """Return the revision at which a match became new."""
        return max(standing.revision, self._changed_at(hit.video_id))

    def moments(self, standing: StandingInterest, hits: Sequence[Hit], most: int, *, explain: bool) -> list[Moment]:
        """Return the moments of matches by interests: at most so many a video, the best, highest score first."""
        query = MomentQuery(
            AskedMoments(any_of=_asked_for(standing.interests)),
            most * len(hits),
            Filter(all_of=(HasId(frozenset(hit.video_id for hit in hits)),)),
            most_a_video=most,
            keep_copies=True,
            explain=explain,
        )
        return search_moments(query, self._store, self._catalog, self._view, self._check).moments

    def placements(self, standing: StandingInterest, hits: Sequence[Hit], most: int) -> "Placed":
        """Return the placements that make matches: at most so many a video, the best, highest score first."""
        assert standing.promotion is not None
        placer, wanted = self._placer(standing.promotion, NO_RULES, standing.min_score)
        facts = {hit.video_id: own for hit in hits if (own := self._view.facts(hit.video_id))}
        named = [(video_id, own.languages) for video_id, own in facts.items()]
        videos = read_screens(self._store, self._catalog, self._view, named)
        found = {video.video_id: list(islice(placer.in_video(video, facts[video.video_id]), most)) for video in videos}
        return Placed(
            found, wanted, Teller(placer.promoted, self._view, self._catalog.settings, wanted.context_seconds)
        )

    def _placer(self, promotion: Promotion, rules: PlacementRules, min_score: float) -> tuple[Placer, Wanted]:
        """Return what places a standing promotion, whose limit over all videos has no effect."""
        alone = replace(promotion, weight=1.0, rules=replace(promotion.rules, max_placements=0))
        wanted = Wanted([alone], rules, min_score=min_score)
        return Placer(wanted, self._store, self._catalog, self._view, self._check), wanted

    def _placed(self, standing: StandingInterest, promotion: Promotion) -> Iterator[Hit]:
        """Yield the videos that have placements for a promotion, highest score of these first."""
        searched, must_pick = self._searched(standing)
        rules = PlacementRules(standing.allowed, max_placements_per_video=1)
        placer, _ = self._placer(promotion, rules, standing.min_score)
        for placement in placer.over_videos(None, searched):
            video_id = placement.video.video_id
            if video_id in self._later or (must_pick and self._changed_at(video_id) <= self.revisions.since):
                continue
            yield Hit(video_id, placement.fit.score, placement.fit.language)

    def _searched(self, standing: StandingInterest) -> tuple[View, bool]:
        """Return where to look for new matches, and whether they have to be picked from what is found there."""
        is_new = self.revisions.has(standing.revision)
        if is_new or self._changed is None:
            return self._view, not is_new
        return self._changed, False

    def _changed_at(self, video_id: str) -> int:
        facts = self._view.facts(video_id)
        return 0 if facts is None else facts.revision

    def _read(self, after: int) -> tuple[Sequence[IndexedVideo], frozenset[str]]:
        """Read from the feed the videos that were changed after a revision, and the ids of those changed too late."""
        changed: list[IndexedVideo] = []
        later: set[str] = set()
        for changes in self._store.feed(self._catalog.catalog_id, after):
            self._check()
            for change in changes:
                if change.revision > self.revisions.until:
                    later.add(change.video_id if isinstance(change, Removal) else change.facts.video_id)
                elif isinstance(change, IndexedVideo):
                    changed.append(change)
        return changed, frozenset(later)


def _asked_for(interests: Iterable[Interest]) -> tuple[AskedKeyword, ...]:
    """Return what is liked as keywords that are asked for; one that is repeated counts once, at its largest weight."""
    found: dict[tuple[str, str], AskedKeyword] = {}
    for one in sorted(interests, key=lambda one: -one.weight):
        if one.weight > 0:
            asked = AskedKeyword(one.keyword, language=one.language, weight=one.weight)
            found.setdefault((normalise(one.keyword), one.language), asked)
    return tuple(found.values())
