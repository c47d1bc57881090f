"""Any mix of writes: the store is a dictionary for each catalog, a counter, and a feed."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from matchcut_server.insights.model import Video
from matchcut_server.store.port import Catalog, Store, StoredVideo, VideoChange, WriteStatus
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import Removal
from tests.makers import delete, keyword_set, put, video

NAMES = st.sampled_from(["default", "default", "films"])
IDS = st.sampled_from(["a", "b", "é", "Z", "10"])


@st.composite
def written(draw: st.DrawFn) -> Video:
    texts = st.lists(st.sampled_from(["film", "boat", "London"]), max_size=2, unique=True)
    sets = draw(st.dictionaries(st.sampled_from(["de", "en"]), texts, max_size=2))
    duration = draw(st.sampled_from([0.0, 60.0]))
    return video(draw(IDS), *[keyword_set(tag, *own) for tag, own in sets.items()], duration=duration)


CHANGES = st.lists(written().map(put) | written().map(put) | IDS.map(delete), min_size=1, max_size=5)


class Mix(RuleBasedStateMachine):
    """Catalogs and videos written in any order, beside dictionaries; `feeds` holds what followers have been told."""

    open_store: Callable[[Path], Store]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = self.open_store(Path(self.folder.name))
        self.videos: dict[str, dict[str, StoredVideo]] = {"default": {}}
        self.feeds: dict[int, tuple[int, dict[str, int]]] = {}
        self.revision = self.store.revision()

    def catalog(self, name: str) -> Catalog | None:
        found = self.store.catalog(name)
        assert (found is not None) == (name in self.videos)
        return found

    @rule(name=NAMES)
    def create_catalog(self, name: str) -> None:
        _, was_created = self.store.create_catalog(name, CatalogSettings())
        assert was_created == (name not in self.videos)
        self.videos.setdefault(name, {})

    @rule(name=NAMES.filter(lambda name: name != "default"))
    def delete_catalog(self, name: str) -> None:
        assert (self.store.delete_catalog(name) is not None) == (name in self.videos)
        self.videos.pop(name, None)

    @rule(name=NAMES, scheme=st.sampled_from([Scheme.LOG, Scheme.SQRT]))
    def update_catalog(self, name: str, scheme: Scheme) -> None:
        before, old = self.store.revision(), self.catalog(name)
        updated = self.store.update_catalog(name, CatalogSettings(scheme))
        if updated is None or updated == old:
            assert self.store.revision() == before
            return
        stored = self.store.videos(updated.catalog_id, "", 100)
        assert all(one.revision > before for one in stored)
        assert [one.video for one in stored] == [self.videos[name][key].video for key in sorted(self.videos[name])]
        self.videos[name] = {one.video.video_id: one for one in stored}

    @rule(name=NAMES, changes=CHANGES, dry_run=st.booleans())
    def write(self, name: str, changes: list[VideoChange], dry_run: bool) -> None:
        catalog = self.catalog(name)
        if catalog is None:
            return
        before, videos = self.store.revision(), dict(self.videos[name])

        outcomes = self.store.write_videos(catalog.catalog_id, changes, dry_run=dry_run)

        for change, outcome in zip(changes, outcomes, strict=True):
            old = videos.pop(change.video_id, None)
            new = change.change(None)
            if new is None:
                assert outcome.status is (WriteStatus.DELETED if old else WriteStatus.NOT_FOUND)
            elif old is not None and old.video == new:
                assert outcome == (WriteStatus.UNCHANGED, old.revision, ())
                videos[change.video_id] = old
            else:
                assert outcome.status is (WriteStatus.UPDATED if old else WriteStatus.CREATED)
                videos[change.video_id] = StoredVideo(new, outcome.revision)
            if outcome.status in (WriteStatus.CREATED, WriteStatus.UPDATED, WriteStatus.DELETED):
                assert outcome.revision > before
                before = outcome.revision
        if dry_run:
            assert self.store.revision() <= before
        else:
            self.videos[name] = videos
            assert self.store.revision() == before
        for change in changes:
            assert self.store.video(catalog.catalog_id, change.video_id) == self.videos[name].get(change.video_id)

    @rule(name=NAMES, limit=st.integers(1, 4))
    def list_videos(self, name: str, limit: int) -> None:
        catalog = self.catalog(name)
        if catalog is None:
            return
        found: list[StoredVideo] = []
        while page := self.store.videos(catalog.catalog_id, found[-1].video.video_id if found else "", limit):
            assert len(page) <= limit
            found += page
        assert found == [self.videos[name][key] for key in sorted(self.videos[name], key=str.encode)]

    @rule(name=NAMES)
    def follow(self, name: str) -> None:
        catalog = self.catalog(name)
        if catalog is None:
            return
        seen, held = self.feeds.get(catalog.catalog_id, (0, {}))
        for changes in self.store.feed(catalog.catalog_id, seen):
            for change in changes:
                assert change.revision > seen
                seen = change.revision
                if isinstance(change, Removal):
                    held.pop(change.video_id, None)
                else:
                    held[change.facts.video_id] = change.revision
        self.feeds[catalog.catalog_id] = seen, held
        assert held == {key: stored.revision for key, stored in self.videos[name].items()}

    @rule(name=NAMES, back=st.integers(0, 30))
    def build(self, name: str, back: int) -> None:
        catalog = self.catalog(name)
        if catalog is None:
            return
        after = max(0, self.store.revision() - back)
        built = [one for some in self.store.indexed_videos(catalog.catalog_id, after) for one in some]
        there = self.videos[name]
        names = sorted((key for key, stored in there.items() if stored.revision <= after), key=str.encode)
        assert [(one.facts.video_id, one.revision) for one in built] == [(key, there[key].revision) for key in names]
        later = [change for some in self.store.feed(catalog.catalog_id, after) for change in some]
        assert self.store.changes_after(catalog.catalog_id, after) == len(later)
        assert self.store.video_count(catalog.catalog_id) == len(there)

    @rule(back=st.integers(0, 30))
    def catalog_changes(self, back: int) -> None:
        after = max(0, self.store.revision() - back)
        changes = self.store.catalog_changes(after)
        there = {one.catalog_id: one for one in self.store.catalogs("", 100)}
        newest = {
            key: max([one.revision, *(change.revision for some in self.store.feed(key, 0) for change in some)])
            for key, one in there.items()
        }
        assert changes.revision == self.store.revision()
        assert changes.changed == {key: revision for key, revision in newest.items() if revision > after}
        assert {one.catalog_id: one for one in changes.settled} == {
            key: one for key, one in there.items() if one.revision > after
        }
        assert not there.keys() & changes.deleted

    @rule()
    def revision_never_falls(self) -> None:
        assert self.store.revision() >= self.revision
        self.revision = self.store.revision()

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self.open_store(Path(self.folder.name))

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


def test_after_any_mix_of_writes_a_store_holds_what_was_written(open_store: Callable[[Path], Store]) -> None:
    machine = type("MixOfOne", (Mix,), {"open_store": staticmethod(open_store)})

    run_state_machine_as_test(machine, settings=settings(max_examples=40, stateful_step_count=25))
