"""The index of the profiles of a catalog: a file of them, or none, and beside it what has changed since.

Alone in memory, the profiles are always weighed by the IDF of the catalog as it is. A file keeps the IDF table that it
was built with, and what has changed beside it is weighed by that too, until the next one is built.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..index.arrays import Bytes, Float64s, Int64s
from ..index.planner import Kernel
from ..index.port import View
from ..index.query import weigh
from ..profiles.filter import ProfileFilter
from ..profiles.model import ProfileSettings
from ..store.profile_port import FollowedProfile
from ..vectors.mixture import Weighable
from ..vectors.settings import CatalogSettings
from .cells import stated
from .changed import ChangedProfiles, Shown
from .generation import AudienceGeneration
from .readings import Readings, Weighing
from .segment import ProfileSegment, UnitQuery


class Wanted(NamedTuple):
    """Which users are looked for."""

    limit: int
    least: float = 0.0
    """The least score."""
    allowed: ProfileFilter | None = None
    users: Mapping[str, int] = {}
    """The profiles, by number, of the users that the filter names, where they exist."""
    excluded: Collection[int] = ()
    """Profiles that must not be returned, by number."""


class Members(NamedTuple):
    """Users, highest score first, then by user id."""

    scores: Float64s
    """In (0, 1], rounded."""
    profile_ids: Int64s
    """The numbers of their profiles."""
    user_id: Callable[[int], str]
    """Returns the id of a user, by place."""

    def __len__(self) -> int:
        return len(self.scores)


class AudienceView:
    """The profiles at one revision. It never changes, and any number of threads may read it."""

    def __init__(self, shown: Sequence[Shown], weighing: Weighing, revision: int, kernel: Kernel | None = None) -> None:
        self._shown = shown
        self._kernel = kernel
        self.weighing = weighing
        """What profiles are read and weighed by; promotions have to be weighed by it too."""
        self.revision = revision

    def __len__(self) -> int:
        return sum(int(np.count_nonzero(alive)) for _, alive in self._shown)

    def match(self, profile: Weighable, wanted: Wanted) -> Members:
        """Return the users with the highest cosine between their profile and one of a promotion. Exact."""
        query = self.query(profile)
        found = [
            segment.search(query, _open(segment, alive, wanted), wanted.limit, wanted.least, self._kernel)
            for segment, alive in self._shown
        ]
        return _merged([segment for segment, _ in self._shown], found, wanted.limit)

    def count(self, profile: Weighable, wanted: Wanted) -> int:
        """Count all users that match, whatever the limit is."""
        query = self.query(profile)
        return sum(
            len(segment.search(query, _open(segment, alive, wanted), len(segment), wanted.least, self._kernel).rows)
            for segment, alive in self._shown
        )

    def query(self, profile: Weighable) -> UnitQuery:
        """Weigh the profile of a promotion."""
        weighted = weigh(profile, self.weighing.idf_of)
        return UnitQuery(weighted.keys, weighted.weights)


class AudienceIndex:
    """The profiles of a catalog, to be searched. One thread at a time may use it.

    `source`: a file of profiles; or the catalog, for none, and then it is to be filled from the beginning of the feed.
    `kernel`: the one that is always used over a file, for tests and benchmarks; None: the planner chooses.
    """

    def __init__(
        self,
        settings: CatalogSettings,
        profile_settings: ProfileSettings,
        source: AudienceGeneration | View,
        kernel: Kernel | None = None,
    ) -> None:
        self.base = source if isinstance(source, AudienceGeneration) else None
        self._profile_settings = profile_settings
        self._kernel = kernel
        self._changed = ChangedProfiles()
        segments = self.base.segments if self.base is not None else ()
        self._alive: list[Bytes] = [np.ones(len(segment), dtype=np.uint8) for segment in segments]
        known = source.table if isinstance(source, AudienceGeneration) else source
        self._state: object = None
        """Of the catalog by which all is weighed; None: that of the file."""
        self._weighing: Weighing = known
        self._readings = Readings(known, settings)

    @property
    def held(self) -> int:
        """Profiles that are held in the memory of this process."""
        return len(self._changed)

    def apply(self, changes: Sequence[FollowedProfile]) -> None:
        """Take changes in the order of the feed."""
        if self.base is not None:
            numbers = np.array([change.profile_id for change in changes], dtype=np.int64)
            for i, segment in enumerate(self.base.segments):
                rows = segment.find(numbers)
                if len(rows):
                    self._alive[i] = self._alive[i].copy()  # a view may hold it
                    self._alive[i][rows] = 0
        taken = [(change, stated(change, self._profile_settings)) for change in changes]
        self._changed.apply(taken, self._readings, self._weighing)

    def view(self, catalog: View, revision: int) -> AudienceView:
        """Return the profiles as they are now. `catalog`: as it is now. `revision`: up to which all changes are in."""
        if self.base is None and catalog.state is not self._state:
            self._weigh_anew(catalog)
        self._changed.settle(self._readings, self._weighing)
        own = self.base.segments if self.base is not None else ()
        shown = [Shown(segment, alive) for segment, alive in zip(own, self._alive, strict=True)]
        return AudienceView([*shown, *self._changed.show()], self._weighing, revision, self._kernel)

    def _weigh_anew(self, catalog: View) -> None:
        before = self._readings
        self._readings, may_differ = before.renewed(catalog)
        self._weighing, self._state = catalog, catalog.state
        if may_differ:
            self._changed.read_anew(before, self._readings, catalog)
        self._changed.weigh(catalog)


def _open(segment: ProfileSegment, alive: Bytes, wanted: Wanted) -> Bytes:
    """Return 1 for each row that may be returned."""
    rows = alive if wanted.allowed is None else alive & segment.allowed(wanted.allowed, wanted.users)
    if wanted.excluded:
        out = segment.find(np.fromiter(wanted.excluded, np.int64, len(wanted.excluded)))
        if len(out):
            rows = rows.copy()
            rows[out] = 0
    return rows


def _merged(segments: Sequence[ProfileSegment], found: Sequence[tuple[Float64s, Int64s]], limit: int) -> Members:
    """Join what segments have found."""
    some = [(segment, scores, rows) for segment, (scores, rows) in zip(segments, found, strict=True) if len(rows)]
    if len(some) == 1:
        segment, scores, rows = some[0]
        return Members(scores, segment.numbers[rows], lambda place: segment.user_id(int(rows[place])))
    ids = [segment.user_id(row) for segment, _, rows in some for row in rows.tolist()]
    if not ids:
        return Members(np.empty(0), np.empty(0, dtype=np.int64), ids.__getitem__)
    scores = np.concatenate([scores for _, scores, _ in some])
    told = scores.tolist()
    order = sorted(range(len(ids)), key=lambda i: (-told[i], ids[i]))[:limit]
    numbers = np.concatenate([segment.numbers[rows] for segment, _, rows in some])
    return Members(scores[order], numbers[order], [ids[i] for i in order].__getitem__)
