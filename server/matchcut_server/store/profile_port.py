"""What a store does with the profiles and events of users, whatever keeps the bytes."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from ..profiles.model import CreditedEvent, Declared, Event, History, StoredProfile
from .port import WriteOutcome


class ProfileChange(NamedTuple):
    """One write: a pure function from what a user has declared (None: there is no profile) to what it shall be.

    It may raise `InvalidInput`, which rejects this change alone.
    """

    user_id: str
    change: Callable[[Declared | None], Declared]


class Merge(NamedTuple):
    """A profile that goes, with all its events, into another one."""

    from_user_id: str
    into_user_id: str
    unite: Callable[[Declared, Declared | None], Declared]
    """What is declared by the first and (None: there was no profile) by the second, as one."""


class Recorded(NamedTuple):
    """What became of events."""

    outcomes: list[WriteOutcome]
    """One for each, in order: CREATED, UNCHANGED (its id is known) or REJECTED."""
    missing_ids: list[str]
    """Videos that are not in the catalog, of all events but the rejected ones; each once, in order."""


class DailyViews(NamedTuple):
    """What one day added to the popularity of a video. Whole numbers, so that what is taken back leaves nothing."""

    day: int
    """Since 1970, by the time of the events."""
    views: int
    """Watched shares, in millionths."""
    likes: int
    """Weights of likes (the factor of each event), in millionths."""


class PopularityChanges(NamedTuple):
    """The videos whose views or likes have changed after some revision."""

    revision: int
    """Up to it, this is all."""
    changed: dict[str, list[DailyViews]]
    """All days of each of these videos, in order; none where nothing is left."""


class FeedPlace(NamedTuple):
    """How far a feed of profiles is read: up to this profile of this revision. Of one revision there may be many."""

    revision: int = 0
    profile_id: int = 0


class FollowedProfile(NamedTuple):
    """A profile that has changed or is gone, as the feed has it."""

    revision: int
    profile_id: int
    """Its number in the store: another one after the user has been deleted, unless the last number is given again."""
    profile: StoredProfile | None
    """None if it is gone."""
    events: tuple[CreditedEvent, ...] = ()
    """Those with a credit, in no order; none of a profile that may not be found for promotions."""

    @property
    def place(self) -> FeedPlace:
        """The place of the feed up to which this is the last."""
        return FeedPlace(self.revision, self.profile_id)


class ProfileStore(Protocol):
    """Profiles and events, beside the videos of the same store. Any number of threads may call it.

    Every write is durable when its call returns, and gets a revision of the store-wide counter. `timeout`: as in
    `Store.write_videos`. Writes raise `NotFound` if the catalog has been deleted.
    """

    def profile(self, catalog_id: int, user_id: str) -> StoredProfile | None:
        """Find a profile."""

    def profiles(self, catalog_id: int, after: str, limit: int) -> list[StoredProfile]:
        """List profiles whose user id is greater than `after`, by the bytes of the id."""

    def profile_count(self, catalog_id: int) -> int:
        """Count the profiles of a catalog, which takes time in proportion to them."""

    def event_count(self, catalog_id: int) -> int:
        """Count the events of a catalog, which takes time in proportion to them."""

    def history(self, catalog_id: int, user_id: str) -> History | None:
        """Read all that is stored of a user, as of one moment."""

    def histories(self, catalog_id: int, after: str, limit: int) -> list[History]:
        """Read all that is stored of users whose id is greater than `after`, by the id's bytes, as of one moment."""

    def every_nth_user(self, catalog_id: int, n: int) -> list[str]:
        """Return the id of each n-th user by the bytes of the id, for work to be cut into parts."""

    def events(self, catalog_id: int, user_id: str, after: tuple[float, str], limit: int) -> list[CreditedEvent]:
        """List events of a user by time and id, those greater than `after`."""

    def write_profiles(
        self, catalog_id: int, changes: Sequence[ProfileChange], timeout: float | None = None
    ) -> list[WriteOutcome]:
        """Make changes of declared parts in order: CREATED, UPDATED, UNCHANGED or, alone, REJECTED."""

    def record_events(self, catalog_id: int, events: Sequence[Event], timeout: float | None = None) -> Recorded:
        """Record events that are not known by their id yet, and credit those whose videos are in the catalog.

        Events of a deleted user from before the deletion are rejected. The others of videos that are unknown, or have
        no keyword set, are credited by the write that brings the video its first one; their profiles change with it.
        """

    def merge_profiles(
        self, catalog_id: int, merges: Sequence[Merge], timeout: float | None = None
    ) -> list[WriteOutcome]:
        """Merge profiles in order: UPDATED, CREATED (there was no second), NOT_FOUND (no first) or, alone, REJECTED."""

    def delete_profiles(
        self, catalog_id: int, user_ids: Sequence[str], time: float, timeout: float | None = None
    ) -> list[WriteOutcome]:
        """Delete users with all that is stored of them: DELETED or NOT_FOUND.

        What remains is a keyed hash of the id and `time`, in Unix seconds, up to which events are refused from now on;
        of a user who is not found, not even that.
        """

    def last_deletion(self) -> int:
        """Return the newest revision at which a profile of any catalog was deleted or merged; 0 for never."""

    def impressions(self, catalog_id: int, promotion_id: str, since: float, until: float) -> dict[int, int]:
        """Count by profile how often a promotion was shown, from `since` to `until` (Unix seconds, both included)."""

    def feed(self, catalog_id: int, after: FeedPlace) -> Iterator[list[FollowedProfile]]:
        """Yield the profiles that have changed or are gone after a place, by revision, in lists of bounded size.

        It holds no transaction: what changes meanwhile comes later, at its new revision.
        """

    def followed(
        self, catalog_id: int, profile_ids: Sequence[int], *, with_events: bool = True
    ) -> Iterator[list[FollowedProfile]]:
        """Read profiles as the feed has them, by their numbers, in lists of bounded size; those gone are left out."""

    def changes_after(self, catalog_id: int, revision: int) -> int:
        """Count the profiles that have changed, or are gone, since `revision`."""

    def removals_after(self, catalog_id: int, revision: int) -> int:
        """Count the profiles that were deleted, or merged into others, since `revision`."""

    def profile_ids(self, catalog_id: int, user_ids: Sequence[str]) -> dict[str, int]:
        """Return the numbers of the profiles of users; unknown users are left out."""

    def popularity_changes(self, catalog_id: int, after: int) -> PopularityChanges:
        """Tell how often the videos were viewed and liked that changed at revisions greater than `after`."""
