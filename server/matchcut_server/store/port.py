"""What a store does, whatever keeps the bytes."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..errors import Violation
from ..insights.model import KeywordSet, Video
from ..profiles.model import ProfileSettings
from ..vectors.settings import CatalogSettings
from ..vectors.video import IndexedVideo, Removal

if TYPE_CHECKING:
    from .profile_port import ProfileStore
    from .scenario_port import ScenarioStore
    from .standing_port import StandingStore

DEFAULT_CATALOG = "default"

DEFAULT_PROFILE_SETTINGS = ProfileSettings()


class Catalog(NamedTuple):
    """A tenant's catalog."""

    catalog_id: int
    """Never used again, not even for a new catalog of the same name."""
    name: str
    settings: CatalogSettings
    revision: int
    """At which the settings were last changed."""
    profile_settings: ProfileSettings = DEFAULT_PROFILE_SETTINGS


class CatalogChanges(NamedTuple):
    """What has become of catalogs after some revision."""

    revision: int
    """The newest one of the store: up to it, this is all."""
    changed: dict[int, int]
    """By the ids of catalogs that are there: the newest revision of their settings or any of their videos."""
    settled: list[Catalog]
    """Those of them that are new or whose settings have changed, as they are now."""
    deleted: list[int]
    """Ids of catalogs that have been deleted."""


class StoredVideo(NamedTuple):
    """A video and the revision at which it was last changed."""

    video: Video
    revision: int


class Scenario(NamedTuple):
    """A named set of ranking settings."""

    name: str
    ranking: bytes
    """The settings, in an encoding that the store does not know."""
    revision: int
    """At which they were last changed."""


class WriteStatus(StrEnum):
    """What a write did; the names of `WriteStatus` in the contract, without its prefix."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    DELETED = "DELETED"
    NOT_FOUND = "NOT_FOUND"
    REJECTED = "REJECTED"


class VideoChange(NamedTuple):
    """One write: a pure function from the video as it is (None: there is none) to what it shall be (None: none).

    It may raise `InvalidInput`, which rejects this change alone.
    """

    video_id: str
    change: Callable[[Video | None], Video | None]


class WriteOutcome(NamedTuple):
    """What became of one change."""

    status: WriteStatus
    revision: int = 0
    """At which the video was last changed; 0 if there is none."""
    violations: tuple[Violation, ...] = ()
    """Why it was rejected."""


class Store(Protocol):
    """Catalogs, videos, profiles, scenarios and standing interests. Any number of threads may call it.

    Every write is durable when its call returns, and gets a revision of a counter that only grows, over all catalogs.
    Raises `Unavailable` when the store cannot be read or written.
    """

    @property
    def secret(self) -> bytes:
        """32 random bytes, made with the store: the key for page tokens."""

    @property
    def profiles(self) -> "ProfileStore":
        """The profiles and events of all catalogs."""

    @property
    def scenarios(self) -> "ScenarioStore":
        """The scenarios of all catalogs."""

    @property
    def standing(self) -> "StandingStore":
        """The standing interests of all catalogs."""

    def revision(self) -> int:
        """Return the newest revision."""

    def version(self) -> int:
        """Return a number that differs from the last one when any process has committed anything in between.

        Much cheaper than any other question, to be asked all the time. It only compares with what the same object said.
        """

    def catalog_changes(self, after: int) -> CatalogChanges:
        """Tell which catalogs have changed at revisions greater than `after`; all of one moment."""

    def catalog(self, name: str) -> Catalog | None:
        """Find a catalog by name."""

    def catalogs(self, after: str, limit: int) -> list[Catalog]:
        """List catalogs whose name is greater than `after`, by name."""

    def catalog_count(self) -> int:
        """Count the catalogs."""

    def create_catalog(
        self, name: str, settings: CatalogSettings, profile_settings: ProfileSettings = DEFAULT_PROFILE_SETTINGS
    ) -> tuple[Catalog, bool]:
        """Create a catalog, or return the one that exists and False."""

    def update_catalog(
        self,
        name: str,
        settings: CatalogSettings,
        profile_settings: ProfileSettings = DEFAULT_PROFILE_SETTINGS,
        timeout: float | None = None,
    ) -> Catalog | None:
        """Replace both settings whole, all in one. None if there is no such catalog.

        Other `settings` weigh all videos anew; credits that events have already stay.

        `timeout`: as in `write_videos`.
        """

    def delete_catalog(self, name: str, timeout: float | None = None) -> int | None:
        """Delete a catalog with all that is in it, and return its id. None if there was none.

        `timeout`: as in `write_videos`.
        """

    def video(self, catalog_id: int, video_id: str) -> StoredVideo | None:
        """Find a video."""

    def videos(self, catalog_id: int, after: str, limit: int, *, with_keywords: bool = True) -> list[StoredVideo]:
        """List videos whose id is greater than `after`, by the bytes of their id."""

    def write_videos(
        self,
        catalog_id: int,
        changes: Sequence[VideoChange],
        *,
        dry_run: bool = False,
        timeout: float | None = None,
    ) -> list[WriteOutcome]:
        """Make changes in order, each whole or not at all. With `dry_run` only tell what would happen.

        Raises `NotFound` if the catalog has been deleted, and `DeadlineExceeded` if other writes leave no turn within
        `timeout` seconds; what comes first may then have been written.
        """

    def keyword_sets(
        self, catalog_id: int, wanted: Sequence[tuple[str, str]]
    ) -> Iterator[list[tuple[int, float, KeywordSet]]]:
        """Read keyword sets, named by video and language, in lists of bounded size.

        Each comes with its place in `wanted` and the duration of its video in seconds, 0 if unknown; those that are
        not there are left out.
        """

    def keyword_texts(self, catalog_id: int, keys: Sequence[int]) -> dict[int, str]:
        """Return, by the keys of phrase terms (see `vectors.keys`), a keyword that has each; unknown ones are left out.

        Also of keywords that no video has any more.
        """

    def keywords_with(self, catalog_id: int, words: Sequence[int]) -> list[int]:
        """Return the keys of the phrase terms of keywords that contain all of some words, at least one, by their keys.

        Also of keywords that no video has any more.
        """

    def all_keyword_texts(self, catalog_id: int) -> Iterator[list[tuple[int, str]]]:
        """Yield the phrase terms of all keywords that any video has or had, in lists of bounded size: key and text."""

    def feed(self, catalog_id: int, after: int) -> Iterator[list[IndexedVideo | Removal]]:
        """Yield all changes of revisions greater than `after`, in order, in lists of bounded size."""

    def indexed_videos(self, catalog_id: int, revision: int) -> Iterator[list[IndexedVideo]]:
        """Yield the videos that have not changed since `revision`, by the bytes of their id, in lists of bounded size.

        It holds no transaction: what changes meanwhile may or may not be in, and is in the feed after `revision`.
        """

    def changes_after(self, catalog_id: int, revision: int) -> int:
        """Count the videos that have changed, or are gone, since `revision`."""

    def video_count(self, catalog_id: int) -> int:
        """Count the videos of a catalog, which takes time in proportion to them."""

    def close(self) -> None:
        """Let go of all files."""
