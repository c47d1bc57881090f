"""Users: their stored profiles, with what follows from their events worked out.

A profile is read from the store at each request, so that every write shows at once in every process. What follows from
the events is kept until the profile's revision is another one.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from ..profiles.derived import Derived, derive
from ..profiles.history import Seen, Shown, hidden_videos, last_shown
from ..profiles.model import History, ProfileSettings, StoredProfile
from ..store.port import Catalog, Store
from ..vectors.settings import CatalogSettings

MAX_USERS = 2_000
"""Users that are kept; those asked for last."""

MAX_ENTRIES = 4_000_000
"""Terms, and videos seen or shown, that are kept of all of them: some 16 bytes a term."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class User:
    """A stored user as of one moment. Its representation tells nothing of what it holds."""

    profile: StoredProfile
    derived: Derived
    """With its sources where these were asked for; otherwise it may have none."""
    derived_share: float
    """0 to 1, that of the catalog filled in."""
    seen: Seen
    hidden: frozenset[str]
    """Videos that are never returned to this user."""
    shown: Shown


class _Origin(NamedTuple):
    """What a user was worked out from: as long as it is the same, so is the user."""

    revision: int
    profile_settings: ProfileSettings
    settings: CatalogSettings
    """By which credits were made."""


class _Kept(NamedTuple):
    origin: _Origin
    user: User
    entries: int


class Users:
    """The users of all catalogs, in one process. Any number of threads may ask."""

    def __init__(self, store: Store, max_users: int = MAX_USERS) -> None:
        self._store = store
        self._max_users = max_users
        self._kept: OrderedDict[tuple[int, str], _Kept] = OrderedDict()
        self._entries = 0
        self._last_deletion = 0
        self._forgotten = 0
        """How often all were let go of: what was read before is not kept."""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def user(self, catalog: Catalog, user_id: str, *, with_sources: bool = False) -> User | None:
        """Return a user as the store has it now; None if there is none.

        `with_sources`: for explanations, with the events that the derived part is made of, which are read anew.
        """
        key = (catalog.catalog_id, user_id)
        with self._lock:
            forgotten = self._forgotten
        profile = self._store.profiles.profile(*key)
        if profile is None:
            self._drop(key)
            return None
        if not with_sources:
            found = self._find(key, _origin(catalog, profile))
            if found is not None:
                return found
        history = self._store.profiles.history(*key)
        if history is None:
            self._drop(key)
            return None
        user = user_of(catalog, history)
        self._keep(key, _origin(catalog, history.profile), user, forgotten)
        return user

    def let_go_of_deleted(self) -> bool:
        """Let go of all if any process has deleted or merged any profile since the last time; to be called often."""
        newest = self._store.profiles.last_deletion()
        if newest != self._last_deletion:
            self._last_deletion = newest
            with self._lock:
                self._forgotten += 1
                self._kept.clear()
                self._entries = 0
        return False

    def _find(self, key: tuple[int, str], origin: _Origin) -> User | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.origin != origin:
                return None
            self._kept.move_to_end(key)
            return kept.user

    def _keep(self, key: tuple[int, str], origin: _Origin, user: User, forgotten: int) -> None:
        # Sources take many times as much memory, and explanations are rare.
        kept = User(
            user.profile, user.derived.without_sources(), user.derived_share, user.seen, user.hidden, user.shown
        )
        terms = len(user.derived.phrases.keys) + len(user.derived.words.keys)
        entries = terms + len(user.seen) + len(user.hidden) + len(user.shown.videos) + len(user.shown.promotions)
        with self._lock:
            old = self._kept.get(key)
            if forgotten != self._forgotten or (old is not None and old.origin.revision > origin.revision):
                return
            self._remove(key)
            self._kept[key] = _Kept(origin, kept, entries)
            self._entries += entries
            while self._kept and (len(self._kept) > self._max_users or self._entries > MAX_ENTRIES):
                self._remove(next(iter(self._kept)))

    def _drop(self, key: tuple[int, str]) -> None:
        with self._lock:
            self._remove(key)

    def _remove(self, key: tuple[int, str]) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._entries -= kept.entries


def _origin(catalog: Catalog, profile: StoredProfile) -> _Origin:
    return _Origin(profile.revision, catalog.profile_settings, catalog.settings)


def user_of(catalog: Catalog, history: History) -> User:
    """Work out what follows from all that is stored of a user."""
    defaults, declared, events = catalog.profile_settings, history.profile.declared, history.events
    return User(
        history.profile,
        derive(events, defaults, declared.half_life_in(defaults)),
        declared.share_in(defaults),
        Seen(events),
        hidden_videos(events),
        last_shown(events),
    )
