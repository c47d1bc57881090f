"""Users: what is stored of them, and what follows from their events, from a real store."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from matchcut_server.profiles.history import Shown
from matchcut_server.profiles.model import Declared, Event, EventKind, History, ProfileSettings, StoredProfile
from matchcut_server.ranking import users as module
from matchcut_server.ranking.users import User, Users
from matchcut_server.store.port import Catalog
from matchcut_server.store.profile_port import Merge, ProfileChange, ProfileStore
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.profile import Interest
from matchcut_server.vectors.settings import CatalogSettings
from tests.makers import keyword, put, video
from tests.profiles.makers import DAY, event


class Counting:
    """A store that counts how often histories are read; `before_answer` is called in between."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.histories = 0
        self.before_answer: Callable[[], object] = lambda: None

    @property
    def profiles(self) -> "Counting":
        return self

    def profile(self, catalog_id: int, user_id: str) -> StoredProfile | None:
        return self._store.profiles.profile(catalog_id, user_id)

    def history(self, catalog_id: int, user_id: str) -> History | None:
        self.histories += 1
        found = self._store.profiles.history(catalog_id, user_id)
        self.before_answer()
        return found

    def last_deletion(self) -> int:
        return self._store.profiles.last_deletion()


@dataclass
class Site:
    """A store with the videos film and boat, and users of it."""

    store: SqliteStore
    reads: Counting
    users: Users

    @property
    def catalog(self) -> Catalog:
        found = self.store.catalog("default")
        assert found is not None
        return found

    @property
    def profiles(self) -> ProfileStore:
        return self.store.profiles

    def record(self, *events: Event) -> None:
        self.profiles.record_events(1, events)

    def user(self, user_id: str = "u", **given: Any) -> User:
        found = self.users.user(self.catalog, user_id, **given)
        assert found is not None
        return found


@pytest.fixture
def site(store: SqliteStore) -> Site:
    store.write_videos(1, [put(video("film", "film")), put(video("boat", "boat"))])
    reads = Counting(store)
    return Site(store, reads, Users(reads, 3))  # type: ignore[arg-type]


def phrases(user: User) -> dict[int, float]:
    return dict(zip(user.derived.phrases.keys.tolist(), user.derived.phrases.weights.tolist(), strict=True))


FILM, BOAT = term_key("phrases", "film"), term_key("phrases", "boat")


def declare(user_id: str, declared: Declared) -> ProfileChange:
    return ProfileChange(user_id, lambda _: declared)


def test_nobody_is_nobody(site: Site) -> None:
    assert site.users.user(site.catalog, "u") is None
    assert len(site.users) == 0


def test_a_user_is_what_is_declared_and_what_follows_from_events(site: Site) -> None:
    site.profiles.write_profiles(1, [declare("u", Declared((Interest("golf"),), derived_share=0.2))])
    site.record(
        event(EventKind.LIKE, "film", 1.0),
        event(EventKind.VIEW, "boat", 2.0, watched_share=0.5),
        event(EventKind.HIDE, "other", 3.0),
        event(EventKind.IMPRESSION, "boat", 4.0, promotion_id="p"),
    )

    user = site.user()

    assert user.profile.declared.interests == (Interest("golf"),)
    assert (user.derived_share, user.hidden, user.shown) == (
        0.2,
        frozenset({"other"}),
        Shown({"boat": 4.0}, {"p": 4.0}),
    )
    assert user.seen.videos() == {"film", "boat"}
    assert user.seen.videos(0.6) == {"film"}
    assert phrases(user) == pytest.approx({FILM: 1.0, BOAT: 0.25})


def test_what_a_profile_leaves_out_is_that_of_the_catalog(site: Site) -> None:
    site.record(event(EventKind.VIEW, "film", 0.0), event(EventKind.VIEW, "boat", 10 * DAY))
    fading = site.catalog._replace(profile_settings=ProfileSettings(derived_share=0.7, half_life_days=10.0))

    user = site.users.user(fading, "u")

    assert user is not None
    assert user.derived_share == 0.7
    assert phrases(user) == pytest.approx({FILM: 0.5, BOAT: 1.0})
    site.profiles.write_profiles(1, [declare("u", Declared(derived_share=0.0, half_life_days=0.0))])
    user = site.users.user(fading, "u")
    assert user is not None
    assert user.derived_share == 0.0
    assert phrases(user) == pytest.approx({FILM: 1.0, BOAT: 1.0})


def test_events_are_read_again_only_when_something_was_written(site: Site) -> None:
    site.record(event(EventKind.VIEW, "film"))
    first = site.user()

    assert site.user() is not first  # the first one came with its sources
    assert site.user() is site.user()
    assert site.reads.histories == 1
    site.record(event(EventKind.VIEW, "boat"))
    assert set(phrases(site.user())) == {FILM, BOAT}
    assert site.reads.histories == 2
    site.profiles.write_profiles(1, [declare("u", Declared((Interest("golf"),)))])
    assert site.user().profile.declared.interests == (Interest("golf"),)
    assert site.reads.histories == 3


def test_a_credit_that_comes_late_shows(site: Site) -> None:
    site.record(event(EventKind.VIEW, "later"))
    assert phrases(site.user()) == {}

    site.store.write_videos(1, [put(video("later", keyword("golf", (0, 5))))])

    assert set(phrases(site.user())) == {term_key("phrases", "golf")}


def test_other_settings_of_the_catalog_hold_at_once(site: Site) -> None:
    site.record(event(EventKind.VIEW, "film"))
    site.user()
    for changed in (
        site.catalog._replace(profile_settings=ProfileSettings(derived_share=0.1)),
        site.catalog._replace(settings=CatalogSettings(ignored_keywords=("golf",))),
    ):
        before = site.reads.histories
        site.users.user(changed, "u")
        assert site.reads.histories == before + 1


def test_sources_are_there_when_asked_for_and_are_not_kept(site: Site) -> None:
    site.record(event(EventKind.VIEW, "film"))
    site.user()

    assert site.user().derived.sources == ()
    assert [source.video_id for source in site.user(with_sources=True).derived.sources] == ["film"]
    assert site.user().derived.sources == ()


def test_only_so_many_users_are_kept(site: Site) -> None:
    site.record(*[event(EventKind.VIEW, "film", user_id=name) for name in "abcd"])
    for name in "abcabcda":
        site.user(name)

    assert len(site.users) == 3
    assert site.reads.histories == 5  # a went when d came


def test_only_so_much_is_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each user has two terms, and a video seen."""
    site.record(*[event(EventKind.VIEW, "film", user_id=name) for name in "abc"])
    monkeypatch.setattr(module, "MAX_ENTRIES", 7)
    for name in "abc":
        site.user(name)

    assert len(site.users) == 2
    site.profiles.delete_profiles(1, ["b"], 100.0)
    site.users.let_go_of_deleted()
    assert site.users._entries == 0


def test_users_of_different_catalogs_are_different(site: Site) -> None:
    other, _ = site.store.create_catalog("other", CatalogSettings())
    site.record(event(EventKind.VIEW, "film"))
    site.profiles.write_profiles(other.catalog_id, [declare("u", Declared())])

    assert phrases(site.user()) == {FILM: 1.0}
    found = site.users.user(other, "u")
    assert found is not None
    assert phrases(found) == {}


def test_of_a_deleted_user_nothing_is_kept(site: Site) -> None:
    site.record(event(EventKind.VIEW, "film"))
    site.user()
    site.profiles.delete_profiles(1, ["u"], 100.0)
    assert len(site.users) == 1

    site.users.let_go_of_deleted()

    assert len(site.users) == 0
    assert site.users.user(site.catalog, "u") is None


def test_a_deletion_by_another_process_is_noticed(site: Site) -> None:
    site.record(event(EventKind.VIEW, "film"))
    site.user()
    site.profiles.delete_profiles(1, ["u"], 100.0)

    assert site.users.user(site.catalog, "u") is None
    assert len(site.users) == 0


def test_nobody_is_let_go_of_while_nobody_is_deleted(site: Site) -> None:
    site.record(*[event(EventKind.VIEW, "film", user_id=name) for name in "ab"])
    site.profiles.delete_profiles(1, ["a"], 100.0)
    site.users.let_go_of_deleted()
    site.user("b")
    site.record(event(EventKind.VIEW, "boat", user_id="c"))

    site.users.let_go_of_deleted()

    assert len(site.users) == 1


def test_of_a_merged_profile_nothing_is_kept_under_its_old_name(site: Site) -> None:
    site.record(event(EventKind.VIEW, "film"))
    site.user()
    site.profiles.merge_profiles(1, [Merge("u", "new", lambda one, other: other or one)])

    site.users.let_go_of_deleted()

    assert len(site.users) == 0


def test_a_user_deleted_while_being_read_is_not_kept(site: Site) -> None:
    site.record(event(EventKind.VIEW, "film"))

    def delete() -> None:
        site.profiles.delete_profiles(1, ["u"], 100.0)
        site.users.let_go_of_deleted()

    site.reads.before_answer = delete
    site.user()

    assert len(site.users) == 0


def test_a_merged_profile_takes_the_events_along(site: Site) -> None:
    site.record(event(EventKind.VIEW, "film", user_id="anonymous"), event(EventKind.VIEW, "boat"))
    site.user("anonymous")
    site.user()

    site.profiles.merge_profiles(1, [Merge("anonymous", "u", lambda one, other: other or one)])

    assert set(phrases(site.user())) == {FILM, BOAT}
    assert site.users.user(site.catalog, "anonymous") is None


def test_a_representation_tells_nothing(site: Site) -> None:
    site.profiles.write_profiles(1, [declare("u", Declared((Interest("golf"),)))])
    site.record(event(EventKind.VIEW, "film"))

    assert all(word not in repr(site.user()) for word in ("golf", "film"))


def test_many_threads_get_the_same(site: Site) -> None:
    site.record(*[event(EventKind.VIEW, "film", user_id=name, weight=1.0 + ord(name)) for name in "abcde"])
    wrong: list[str] = []

    def ask(own: int) -> None:
        for i in range(60):
            name = "abcde"[(own + i) % 5]
            if i % 20 == 19:
                site.profiles.delete_profiles(1, [f"nobody{own}"], 100.0)
                site.users.let_go_of_deleted()
            user = site.users.user(site.catalog, name)
            if user is None or user.profile.user_id != name or not math.isclose(phrases(user)[FILM], 1.0):
                wrong.append(name)

    threads = [threading.Thread(target=ask, args=(own,)) for own in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert not wrong
    assert len(site.users) <= 3
    assert site.users._entries == 3 * len(site.users)
