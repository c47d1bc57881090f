"""What every store does with catalogs and videos."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from matchcut_server.errors import InvalidInput, NotFound, Reason, Violation
from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video
from matchcut_server.store.port import CatalogChanges, Store, StoredVideo, VideoChange, WriteStatus
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.scheme import Scheme
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.video import IndexedVideo, Removal
from tests.documents import real_videos
from tests.makers import delete, indexed, keyword, keyword_set, put, video

FULL = Video(
    "full",
    "A title, ünïcödé 🎬",
    12.651,
    1.5,
    253402300799.0,
    {"region": ("uk", "fr"), "topic": ("film",)},
    (
        KeywordSet("en-US", (), summarized=True),
        KeywordSet(
            "he-IL",
            (
                Keyword("שלום", None, ()),
                Keyword("film", 0.6211, (Instance(0.0, 1.5), Instance(2.0, 3.0, "source", 602.0, 603.0))),
            ),
        ),
    ),
)


def write(store: Store, catalog_id: int, *changes: VideoChange) -> list[WriteStatus]:
    return [outcome.status for outcome in store.write_videos(catalog_id, changes)]


def same(first: IndexedVideo, second: IndexedVideo) -> bool:
    """Compare what an index is told, bit by bit."""
    facts = [(one.facts.video_id, one.facts.duration, one.facts.published_time, one.facts.expire_time,
              dict(one.facts.attributes), one.facts.languages) for one in (first, second)]  # fmt: skip
    vectors = [
        [
            (
                *(own.language, own.summarized, own.counts),
                *((block.keys.tolist(), block.frequencies.tolist()) for block in (own.phrases, own.words)),
            )
            for own in one.vectors
        ]
        for one in (first, second)
    ]
    return facts[0] == facts[1] and vectors[0] == vectors[1] and first.revision == second.revision


# --- catalogs -------------------------------------------------------------------------------------------------------


def test_the_default_catalog_is_always_there(store: Store) -> None:
    catalog = store.catalog("default")

    assert catalog is not None
    assert catalog.settings == CatalogSettings()
    assert store.catalog_count() == 1
    assert store.catalog("another") is None


def test_a_catalog_is_created_once(store: Store) -> None:
    settings = CatalogSettings(Scheme.SQRT, "de-DE", ("heute",), (("uk", "United Kingdom"),))

    first, was_created = store.create_catalog("films", settings)
    again, was_created_again = store.create_catalog("films", CatalogSettings())

    assert (was_created, was_created_again) == (True, False)
    assert first == again == store.catalog("films")
    assert first.settings == settings
    assert first.revision == store.revision()


def test_catalogs_are_listed_by_name_and_by_page(store: Store) -> None:
    for name in ("zoo", "arts", "news-2", "news", "news_1"):
        store.create_catalog(name, CatalogSettings())

    names = [catalog.name for catalog in store.catalogs("", 100)]
    assert names == ["arts", "default", "news", "news-2", "news_1", "zoo"]
    assert [catalog.name for catalog in store.catalogs("default", 2)] == ["news", "news-2"]
    assert store.catalogs("zoo", 2) == []
    assert store.catalog_count() == 6


def test_a_deleted_catalog_is_gone_and_its_id_is_never_used_again(store: Store) -> None:
    old, _ = store.create_catalog("films", CatalogSettings())
    store.write_videos(old.catalog_id, [put(video("a", "film"))])
    before = store.revision()

    assert store.delete_catalog("films") == old.catalog_id
    assert store.delete_catalog("films") is None
    assert store.revision() > before
    assert store.catalog("films") is None

    new, was_created = store.create_catalog("films", CatalogSettings())
    assert was_created
    assert new.catalog_id != old.catalog_id
    assert store.videos(new.catalog_id, "", 10) == []
    assert list(store.feed(new.catalog_id, 0)) == []
    assert store.video(old.catalog_id, "a") is None


def test_writing_to_a_deleted_catalog_is_refused(store: Store) -> None:
    catalog, _ = store.create_catalog("films", CatalogSettings())
    store.delete_catalog("films")

    with pytest.raises(NotFound) as refusal:
        store.write_videos(catalog.catalog_id, [put(video("a", "film"))])
    assert refusal.value.reason is Reason.CATALOG_NOT_FOUND


def test_nothing_crosses_catalogs(store: Store, catalog_id: int) -> None:
    other = store.create_catalog("films", CatalogSettings())[0].catalog_id
    write(store, catalog_id, put(video("a", "film")), put(video("b", "boat")))
    write(store, other, put(video("a", "another film")))
    write(store, catalog_id, delete("a"))

    assert store.video(catalog_id, "a") is None
    found = store.video(other, "a")
    assert found is not None
    assert found.video == video("a", "another film")
    assert [one.video.video_id for one in store.videos(catalog_id, "", 10)] == ["b"]
    assert [change.facts.video_id for some in store.feed(other, 0) for change in some
            if isinstance(change, IndexedVideo)] == ["a"]  # fmt: skip


# --- videos ---------------------------------------------------------------------------------------------------------


def test_a_video_is_given_back_as_it_was_written(store: Store, catalog_id: int) -> None:
    (outcome,) = store.write_videos(catalog_id, [put(FULL)])

    assert outcome.status is WriteStatus.CREATED
    assert store.video(catalog_id, "full") == StoredVideo(FULL, outcome.revision)
    assert store.videos(catalog_id, "", 10) == [StoredVideo(FULL, outcome.revision)]


def test_a_list_can_leave_keywords_out(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, put(FULL))

    (stored,) = store.videos(catalog_id, "", 10, with_keywords=False)

    assert stored.video.keyword_sets == ()
    assert (stored.video.title, stored.video.attributes) == (FULL.title, FULL.attributes)


def test_what_becomes_of_each_change_is_told_in_order(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, put(video("a", "film")), put(video("b", "film")), put(video("c", "film")))

    statuses = write(
        store,
        catalog_id,
        put(video("a", "boat")),
        put(video("b", "film")),
        delete("c"),
        delete("c"),
        delete("d"),
        put(video("e", "film")),
    )

    assert statuses == [
        WriteStatus.UPDATED,
        WriteStatus.UNCHANGED,
        WriteStatus.DELETED,
        WriteStatus.NOT_FOUND,
        WriteStatus.NOT_FOUND,
        WriteStatus.CREATED,
    ]


def test_what_does_not_change_keeps_its_revision(store: Store, catalog_id: int) -> None:
    (created,) = store.write_videos(catalog_id, [put(FULL)])
    before = store.revision()

    (unchanged,) = store.write_videos(catalog_id, [put(FULL)])

    assert unchanged.status is WriteStatus.UNCHANGED
    assert unchanged.revision == created.revision
    assert store.revision() == before


def test_attributes_in_another_order_are_no_change(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, put(Video("a", attributes={"x": ("1",), "y": ("2",)})))

    assert write(store, catalog_id, put(Video("a", attributes={"y": ("2",), "x": ("1",)}))) == [WriteStatus.UNCHANGED]


@pytest.mark.parametrize(
    "changed",
    [
        Video("a", "title", 100.0),
        Video("a", "", 100.5),
        Video("a", "", 100.0, published_time=0.0),
        Video("a", "", 100.0, expire_time=0.0),
        Video("a", "", 100.0, attributes={"x": ("",)}),
        Video("a", "", 100.0, keyword_sets=(KeywordSet("en-US", ()),)),
    ],
)
def test_every_part_of_a_video_can_be_changed(changed: Video, store: Store, catalog_id: int) -> None:
    write(store, catalog_id, put(Video("a", "", 100.0)))

    assert write(store, catalog_id, put(changed)) == [WriteStatus.UPDATED]
    stored = store.video(catalog_id, "a")
    assert stored is not None
    assert stored.video == changed


def test_a_keyword_set_that_is_left_out_is_gone(store: Store, catalog_id: int) -> None:
    german, english = keyword_set("de", "kino"), keyword_set("en", "film")
    write(store, catalog_id, put(video("a", german, english)))
    write(store, catalog_id, put(video("a", english)))

    stored = store.video(catalog_id, "a")
    ((change,),) = store.feed(catalog_id, 0)
    assert stored is not None
    assert stored.video.keyword_sets == (english,)
    assert isinstance(change, IndexedVideo)
    assert change.facts.languages == ("en",)


def test_a_change_is_made_of_the_video_as_it_is(store: Store, catalog_id: int) -> None:
    def retitled(old: Video | None) -> Video:
        return Video("a", title=(old.title if old else "") + "x")

    write(store, catalog_id, *[VideoChange("a", retitled)] * 3)

    stored = store.video(catalog_id, "a")
    assert stored is not None
    assert stored.video.title == "xxx"


def test_a_change_that_is_refused_spoils_no_other(store: Store, catalog_id: int) -> None:
    violation = Violation("attributes", Reason.TOO_LARGE, "too many")

    def refuse(_old: Video | None) -> Video:
        raise InvalidInput([violation])

    outcomes = store.write_videos(
        catalog_id, [put(video("a", "film")), VideoChange("b", refuse), put(video("c", "film"))]
    )

    assert [one.status for one in outcomes] == [WriteStatus.CREATED, WriteStatus.REJECTED, WriteStatus.CREATED]
    assert (outcomes[1].violations, outcomes[1].revision) == ((violation,), 0)
    assert [one.video.video_id for one in store.videos(catalog_id, "", 10)] == ["a", "c"]


def test_a_dry_run_tells_what_would_happen_and_does_nothing(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, put(video("a", "film")), put(video("b", "film")))
    before = store.revision(), store.videos(catalog_id, "", 10), [len(some) for some in store.feed(catalog_id, 0)]
    changes = [put(video("a", "boat")), delete("b"), delete("b"), put(video("c", "film")), put(video("c", "film"))]

    outcomes = store.write_videos(catalog_id, changes, dry_run=True)

    assert [one.status for one in outcomes] == [
        WriteStatus.UPDATED,
        WriteStatus.DELETED,
        WriteStatus.NOT_FOUND,
        WriteStatus.CREATED,
        WriteStatus.UNCHANGED,
    ]
    assert before == (
        store.revision(),
        store.videos(catalog_id, "", 10),
        [len(some) for some in store.feed(catalog_id, 0)],
    )


def test_revisions_grow_with_every_write_over_all_catalogs(store: Store, catalog_id: int) -> None:
    other = store.create_catalog("films", CatalogSettings())[0].catalog_id
    seen = [store.revision()]
    for name in "abc":
        for own in (catalog_id, other):
            (outcome,) = store.write_videos(own, [put(video(name, "film"))])
            seen.append(outcome.revision)
            assert outcome.revision == store.revision()
    (deleted,) = store.write_videos(other, [delete("a")])

    assert [*seen, deleted.revision] == sorted({*seen, deleted.revision})


def test_videos_are_listed_by_the_bytes_of_their_ids_and_by_page(store: Store, catalog_id: int) -> None:
    names = ["b", "a", "B", "é", "10", "9", "a b", "映", "🎬", "aa"]
    write(store, catalog_id, *[put(video(name, "film")) for name in names])
    ordered = sorted(names, key=str.encode)

    assert [one.video.video_id for one in store.videos(catalog_id, "", 100)] == ordered
    paged, after = [], ""
    while page := store.videos(catalog_id, after, 3):
        paged += [one.video.video_id for one in page]
        after = paged[-1]
    assert paged == ordered


def test_more_videos_than_one_commit_holds_are_written_in_one_call(store: Store, catalog_id: int) -> None:
    changes = [put(video(f"{i:04}", "film")) for i in range(350)]

    assert write(store, catalog_id, *changes) == [WriteStatus.CREATED] * 350
    assert len(store.videos(catalog_id, "", 1000)) == 350
    assert write(store, catalog_id) == []


# --- the feed -------------------------------------------------------------------------------------------------------


def test_the_feed_tells_an_index_what_it_needs(store: Store, catalog_id: int) -> None:
    outcomes = store.write_videos(catalog_id, [put(FULL), put(Video("bare")), delete("full"), put(FULL)])

    (changes,) = store.feed(catalog_id, 0)

    assert [one.revision for one in changes] == [outcomes[1].revision, outcomes[3].revision]
    for change, expected in zip(changes, (Video("bare"), FULL), strict=True):
        assert isinstance(change, IndexedVideo)
        assert same(change, indexed(expected, change.revision))


def test_real_documents_come_through_the_feed_as_they_are_weighed(store: Store, catalog_id: int) -> None:
    videos = real_videos()
    write(store, catalog_id, *map(put, videos))

    (changes,) = store.feed(catalog_id, 0)

    assert len(changes) == len(videos)
    for change, expected in zip(changes, videos, strict=True):
        assert isinstance(change, IndexedVideo)
        assert same(change, indexed(expected, change.revision))


def test_a_deleted_video_is_a_tombstone_until_it_is_written_again(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, put(video("a", "film")), put(video("b", "film")))
    before = store.revision()
    (deleted,) = store.write_videos(catalog_id, [delete("a")])

    assert list(store.feed(catalog_id, before)) == [[Removal("a", deleted.revision)]]
    assert store.video(catalog_id, "a") is None

    write(store, catalog_id, put(video("a", "boat")))
    ((again,),) = store.feed(catalog_id, deleted.revision)
    assert isinstance(again, IndexedVideo)
    assert again.vectors[0].phrases.keys.tolist() == [term_key("phrases", "boat")]


def test_the_feed_comes_in_lists_of_bounded_size_and_in_order(store: Store, catalog_id: int) -> None:
    write(
        store, catalog_id, *[put(video(f"{i:05}", keyword_set("de", "x"), keyword_set("en", "y"))) for i in range(1100)]
    )
    write(store, catalog_id, *[delete(f"{i:05}") for i in range(0, 1100, 7)])

    lists = list(store.feed(catalog_id, 0))

    revisions = [change.revision for some in lists for change in some]
    assert len(lists) > 1
    assert max(map(len, lists)) <= 1000
    assert revisions == sorted(set(revisions))
    assert len(revisions) == 1100


def test_the_feed_goes_on_from_anywhere(store: Store, catalog_id: int) -> None:
    outcomes = store.write_videos(catalog_id, [put(video(f"{i}", "film")) for i in range(9)])

    for outcome in outcomes:
        later = [change.revision for some in store.feed(catalog_id, outcome.revision) for change in some]
        assert later == [one.revision for one in outcomes if one.revision > outcome.revision]


def test_a_video_written_while_the_feed_is_read_comes_at_its_new_place(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, *[put(video(f"{i:05}", "film")) for i in range(1050)])

    feed = store.feed(catalog_id, 0)
    first = next(feed)
    write(store, catalog_id, put(video("00003", "boat")), put(video("01049", "boat")), delete("01048"))
    rest = [change for some in feed for change in some]

    newest = {
        change.video_id if isinstance(change, Removal) else change.facts.video_id: change for change in [*first, *rest]
    }
    assert len(newest) == 1050
    assert isinstance(newest["01048"], Removal)
    for name in ("00003", "01049"):
        change = newest[name]
        assert isinstance(change, IndexedVideo)
        assert change.vectors[0].phrases.keys.tolist() == [term_key("phrases", "boat")]


# --- what generations are built of ---------------------------------------------------------------------------------


def test_a_build_gets_all_videos_as_the_feed_tells_them_by_the_bytes_of_their_ids(
    store: Store, catalog_id: int
) -> None:
    names = ["b", "a", "é", "Z", "10", "9", "aa", "映", "\uff5e", "😀"]
    write(store, catalog_id, put(FULL), put(Video("bare")), *[put(video(name, "film")) for name in names])
    write(store, catalog_id, delete("b"), put(video("a", "boat")))
    others, _ = store.create_catalog("others", CatalogSettings())
    write(store, others.catalog_id, put(video("x", "film")))

    (found,) = store.indexed_videos(catalog_id, store.revision())

    expected = sorted({*names, "full", "bare"} - {"b"}, key=str.encode)
    assert [one.facts.video_id for one in found] == expected
    told = {
        one.facts.video_id: one for some in store.feed(catalog_id, 0) for one in some if isinstance(one, IndexedVideo)
    }
    assert all(same(one, told[one.facts.video_id]) for one in found)
    assert store.video_count(catalog_id) == len(expected)


def test_a_build_of_nothing_gets_no_list(store: Store, catalog_id: int) -> None:
    assert list(store.indexed_videos(catalog_id, store.revision())) == []
    write(store, catalog_id, put(video("a", "film")), delete("a"))
    assert list(store.indexed_videos(catalog_id, store.revision())) == []
    assert store.video_count(catalog_id) == 0


def test_a_build_gets_lists_of_bounded_size_and_none_that_is_empty(store: Store, catalog_id: int) -> None:
    write(
        store, catalog_id, *[put(video(f"{i:05}", keyword_set("de", "x"), keyword_set("en", "y"))) for i in range(1300)]
    )
    write(store, catalog_id, *[delete(f"{i:05}") for i in range(0, 1300, 7)])

    lists = list(store.indexed_videos(catalog_id, store.revision()))

    assert len(lists) > 1
    assert all(1 <= len(some) <= 1000 for some in lists)
    assert [one.facts.video_id for some in lists for one in some] == [f"{i:05}" for i in range(1300) if i % 7]
    assert store.video_count(catalog_id) == 1300 - len(range(0, 1300, 7))


def test_a_build_leaves_what_has_changed_since_its_revision_to_the_feed(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, *[put(video(name, "film")) for name in "abcd"])
    revision = store.revision()
    write(store, catalog_id, put(video("b", "boat")), delete("c"), put(video("e", "film")))

    (found,) = store.indexed_videos(catalog_id, revision)

    assert [one.facts.video_id for one in found] == ["a", "d"]
    assert store.changes_after(catalog_id, revision) == 3
    assert store.changes_after(catalog_id, store.revision()) == 0
    assert store.changes_after(catalog_id, 0) == 5


def test_a_build_and_the_feed_after_it_give_the_catalog_whatever_is_written_meanwhile(
    store: Store, catalog_id: int
) -> None:
    names = [f"{i:05}" for i in range(2_500)]
    write(store, catalog_id, *[put(video(name, "film")) for name in names])
    revision = store.revision()
    random = np.random.default_rng(1)
    held: dict[str, int] = {}
    last = ""
    for some in store.indexed_videos(catalog_id, revision):
        for one in some:
            assert one.facts.video_id.encode() > last.encode()
            last = one.facts.video_id
            held[last] = one.revision
        chosen = random.choice(names, 60, replace=False).tolist()
        write(store, catalog_id, *[delete(name) for name in chosen[:20]])
        write(store, catalog_id, *[put(video(name, "boat")) for name in chosen[20:]], put(video(f"{last}+", "new")))
    for changes in store.feed(catalog_id, revision):
        for change in changes:
            if isinstance(change, Removal):
                held.pop(change.video_id, None)
            else:
                held[change.facts.video_id] = change.revision

    there = {one.video.video_id: one.revision for one in store.videos(catalog_id, "", 5_000)}
    assert held == there
    assert len(held) == store.video_count(catalog_id)


# --- settings -------------------------------------------------------------------------------------------------------


def test_new_settings_weigh_all_videos_anew_and_tell_the_feed(store: Store, catalog_id: int) -> None:
    videos = [video("a", keyword("UK", (0, 4), confidence=0.5)), video("b", keyword("today", (0, 4))), FULL]
    write(store, catalog_id, *map(put, videos), put(video("gone", "film")), delete("gone"))
    other = store.create_catalog("films", CatalogSettings())[0].catalog_id
    write(store, other, put(video("a", "film")))
    before = store.revision()
    settings = CatalogSettings(Scheme.LINEAR, "en-US", ("today",), (("uk", "United Kingdom"),))

    updated = store.update_catalog("default", settings)

    assert updated == store.catalog("default")
    assert updated is not None
    assert (updated.settings, updated.catalog_id) == (settings, catalog_id)
    assert updated.revision > before
    (changes,) = store.feed(catalog_id, before)
    assert len(changes) == 3
    for change, expected in zip(changes, videos, strict=True):
        assert isinstance(change, IndexedVideo)
        assert same(change, indexed(expected, change.revision, settings))
    assert list(store.feed(other, before)) == []
    assert [one.video for one in store.videos(catalog_id, "", 10)] == videos


def test_videos_written_after_new_settings_are_weighed_by_them(store: Store, catalog_id: int) -> None:
    settings = CatalogSettings(Scheme.CONFIDENCE)
    store.update_catalog("default", settings)
    write(store, catalog_id, put(FULL))

    ((change,),) = store.feed(catalog_id, 0)

    assert isinstance(change, IndexedVideo)
    assert same(change, indexed(FULL, change.revision, settings))


def test_a_new_duration_weighs_the_keywords_it_clips(store: Store, catalog_id: int) -> None:
    one = keyword("film", (0, 80))
    store.update_catalog("default", CatalogSettings(Scheme.LINEAR))
    write(store, catalog_id, put(video("a", one, duration=100.0)))
    write(store, catalog_id, put(video("a", one, duration=50.0)))

    ((change,),) = store.feed(catalog_id, 0)

    assert isinstance(change, IndexedVideo)
    assert change.vectors[0].phrases.frequencies.tolist() == [50.0]


def test_the_same_settings_change_nothing_and_unknown_catalogs_have_none(store: Store) -> None:
    before = store.revision()

    assert store.update_catalog("default", CatalogSettings()) == store.catalog("default")
    assert store.update_catalog("nowhere", CatalogSettings()) is None
    assert store.revision() == before


# --- several at the same time ---------------------------------------------------------------------------------------


def test_writers_at_the_same_time_lose_nothing(store: Store, catalog_id: int) -> None:
    def write_some(thread: int) -> list[int]:
        outcomes = [store.write_videos(catalog_id, [put(video(f"{thread}-{i}", "film"))]) for i in range(15)]
        return [one.revision for (one,) in outcomes]

    with ThreadPoolExecutor(8) as threads:
        revisions = list(threads.map(write_some, range(8)))

    every = [revision for own in revisions for revision in own]
    assert len(set(every)) == len(every) == 120
    assert all(own == sorted(own) for own in revisions)
    assert len(store.videos(catalog_id, "", 1000)) == 120
    assert sum(map(len, store.feed(catalog_id, 0))) == 120


def test_changes_of_one_video_at_the_same_time_all_count(store: Store, catalog_id: int) -> None:
    def longer(old: Video | None) -> Video:
        return Video("a", duration=(old.duration if old else 0.0) + 1)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: store.write_videos(catalog_id, [VideoChange("a", longer)]), range(40)))

    stored = store.video(catalog_id, "a")
    assert stored is not None
    assert stored.video.duration == 40


def test_a_change_that_breaks_is_undone_alone_with_its_call(store: Store, catalog_id: int) -> None:
    def fail(_old: Video | None) -> Video:
        raise ZeroDivisionError

    def attempt(number: int) -> str:
        changes = [put(video(f"{number}", "film"))]
        if number % 5 == 0:
            changes.append(VideoChange("broken", fail))
        try:
            store.write_videos(catalog_id, changes)
        except ZeroDivisionError:
            return "failed"
        return "written"

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(attempt, range(40)))

    assert results == ["written" if number % 5 else "failed" for number in range(40)]
    written = {one.video.video_id for one in store.videos(catalog_id, "", 100)}
    assert written == {f"{number}" for number in range(40) if number % 5}
    revisions = [change.revision for some in store.feed(catalog_id, 0) for change in some]
    assert revisions == sorted(set(revisions))


def test_a_reader_sees_a_video_whole_while_it_is_rewritten(store: Store, catalog_id: int) -> None:
    def version(number: int) -> Video:
        texts = [f"{number} {i}" for i in range(3)]
        return video("a", keyword_set("de", *texts), keyword_set("en", *texts), duration=float(number))

    write(store, catalog_id, put(version(1)))
    with ThreadPoolExecutor(1) as thread:
        writing = thread.submit(lambda: [write(store, catalog_id, put(version(number))) for number in range(2, 60)])
        while not writing.done():
            stored = store.video(catalog_id, "a")
            (listed,) = store.videos(catalog_id, "", 2)
            assert stored is not None
            assert stored.video == version(int(stored.video.duration))
            assert listed.video == version(int(listed.video.duration))
            for change in (one for some in store.feed(catalog_id, 0) for one in some):
                assert isinstance(change, IndexedVideo)
                assert same(change, indexed(version(int(change.facts.duration)), change.revision))


# --- news of all catalogs -------------------------------------------------------------------------------------------


def test_which_catalogs_have_changed_since_a_revision_is_told(store: Store, catalog_id: int) -> None:
    films, _ = store.create_catalog("films", CatalogSettings())
    store.create_catalog("quiet", CatalogSettings())
    before = store.revision()
    assert store.catalog_changes(before) == CatalogChanges(before, {}, [], [])

    (_, second) = store.write_videos(films.catalog_id, [put(video("a", "film")), put(video("b", "film"))])
    assert store.catalog_changes(before) == CatalogChanges(second.revision, {films.catalog_id: second.revision}, [], [])

    (deleted,) = store.write_videos(films.catalog_id, [delete("a")])
    (other,) = store.write_videos(catalog_id, [put(video("a", "film"))])
    changes = store.catalog_changes(before)
    assert changes.changed == {films.catalog_id: deleted.revision, catalog_id: other.revision}
    assert changes.revision == other.revision == store.revision()

    assert store.catalog_changes(deleted.revision).changed == {catalog_id: other.revision}
    assert store.catalog_changes(other.revision).changed == {}


def test_catalogs_that_are_new_or_have_new_settings_are_told_as_they_are(store: Store, catalog_id: int) -> None:
    start = store.revision()
    films, _ = store.create_catalog("films", CatalogSettings())
    created = store.catalog_changes(start)
    assert (created.settled, created.changed) == ([films], {films.catalog_id: films.revision})

    store.write_videos(films.catalog_id, [put(video("a", "film"))])
    before = store.revision()
    assert store.catalog_changes(films.revision).settled == []

    updated = store.update_catalog("films", CatalogSettings(Scheme.SQRT))
    changes = store.catalog_changes(before)
    assert (changes.settled, changes.changed) == ([updated], {films.catalog_id: store.revision()})
    assert store.catalog_changes(0).settled == [*store.catalogs("", 10)]

    store.update_catalog("films", CatalogSettings(Scheme.SQRT))
    assert store.catalog_changes(changes.revision).changed == {}


def test_deleted_catalogs_are_told_and_nothing_else_of_them(store: Store, catalog_id: int) -> None:
    films, _ = store.create_catalog("films", CatalogSettings())
    store.write_videos(films.catalog_id, [put(video("a", "film"))])
    before = store.revision()
    store.delete_catalog("films")
    again, _ = store.create_catalog("films", CatalogSettings())

    assert store.catalog_changes(before) == CatalogChanges(
        again.revision, {again.catalog_id: again.revision}, [again], [films.catalog_id]
    )
    assert store.catalog_changes(again.revision).deleted == []
    assert store.catalog_changes(0).deleted == [films.catalog_id]


def test_what_changes_nothing_is_no_change_of_a_catalog(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, put(video("a", "film")))
    before = store.revision()

    write(store, catalog_id, put(video("a", "film")), delete("never"))
    store.write_videos(catalog_id, [put(video("b", "film"))], dry_run=True)
    store.create_catalog("default", CatalogSettings())

    assert store.catalog_changes(before) == CatalogChanges(before, {}, [], [])


def test_the_version_differs_after_every_commit_of_any_store_on_the_folder(
    open_store: Callable[[Path], Store], tmp_path: Path
) -> None:
    first, second = open_store(tmp_path), open_store(tmp_path)
    catalog, _ = first.create_catalog("films", CatalogSettings())
    writes: list[Callable[[Store], object]] = [
        lambda store: store.write_videos(catalog.catalog_id, [put(video("a", "film"))]),
        lambda store: store.write_videos(catalog.catalog_id, [delete("a")]),
        lambda store: store.update_catalog("films", CatalogSettings(Scheme.SQRT)),
        lambda store: store.delete_catalog("films"),
        lambda store: store.create_catalog("films", CatalogSettings()),
    ]
    seen = [(first.version(), second.version())]
    for number, write_something in enumerate(writes):
        write_something((first, second)[number % 2])
        seen.append((first.version(), second.version()))
        assert (first.version(), second.version()) == seen[-1]

    for before, after in pairwise(seen):
        assert before[0] != after[0]
        assert before[1] != after[1]


def test_any_thread_may_ask_for_the_version(store: Store, catalog_id: int) -> None:
    before = store.version()
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda _: store.version(), range(8))) == {before}
        write(store, catalog_id, put(video("a", "film")))
        assert before not in set(threads.map(lambda _: store.version(), range(8)))


# --- files ----------------------------------------------------------------------------------------------------------


def test_everything_is_there_when_the_store_is_opened_again(
    open_store: Callable[[Path], Store], tmp_path: Path
) -> None:
    first = open_store(tmp_path / "deep" / "er")
    catalog, _ = first.create_catalog("films", CatalogSettings(Scheme.SQRT))
    first.write_videos(catalog.catalog_id, [put(FULL), put(video("gone", "film")), delete("gone")])
    before = first.revision(), first.secret, first.catalogs("", 10), first.videos(catalog.catalog_id, "", 10)
    first.close()

    second = open_store(tmp_path / "deep" / "er")

    assert before == (
        second.revision(),
        second.secret,
        second.catalogs("", 10),
        second.videos(catalog.catalog_id, "", 10),
    )
    assert [type(change) for some in second.feed(catalog.catalog_id, 0) for change in some] == [IndexedVideo, Removal]
    (outcome,) = second.write_videos(catalog.catalog_id, [put(video("new", "film"))])
    assert outcome.revision > before[0]


def test_two_stores_on_one_folder_are_one_store(open_store: Callable[[Path], Store], tmp_path: Path) -> None:
    """As two processes have it."""
    first, second = open_store(tmp_path), open_store(tmp_path)
    catalog, _ = first.create_catalog("films", CatalogSettings())
    assert second.catalog("films") == catalog
    assert second.secret == first.secret

    (by_first,) = first.write_videos(catalog.catalog_id, [put(video("a", "film"))])
    (by_second,) = second.write_videos(catalog.catalog_id, [put(video("b", "film"))])
    (unchanged,) = second.write_videos(catalog.catalog_id, [put(video("a", "film"))])

    assert by_first.revision < by_second.revision == first.revision() == second.revision()
    assert unchanged.status is WriteStatus.UNCHANGED
    assert [one.video.video_id for one in first.videos(catalog.catalog_id, "", 10)] == ["a", "b"]
    assert [change.revision for some in first.feed(catalog.catalog_id, by_first.revision) for change in some] == [
        by_second.revision
    ]


def test_two_stores_on_one_folder_write_at_the_same_time(open_store: Callable[[Path], Store], tmp_path: Path) -> None:
    stores = [open_store(tmp_path), open_store(tmp_path)]
    default = stores[0].catalog("default")
    assert default is not None

    def write_some(which: int) -> list[int]:
        outcomes = [
            stores[which].write_videos(default.catalog_id, [put(video(f"{which}-{i}", "film"))]) for i in range(30)
        ]
        return [one.revision for (one,) in outcomes]

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(write_some, range(2))

    assert len({*first, *second}) == 60
    assert len(stores[0].videos(default.catalog_id, "", 100)) == 60


def test_stores_have_secrets_of_their_own(open_store: Callable[[Path], Store], tmp_path: Path) -> None:
    first, second = open_store(tmp_path / "1"), open_store(tmp_path / "2")

    assert len(first.secret) == 32
    assert first.secret != second.secret


def test_frequencies_come_back_as_float32(store: Store, catalog_id: int) -> None:
    write(store, catalog_id, put(FULL))

    ((change,),) = store.feed(catalog_id, 0)

    assert isinstance(change, IndexedVideo)
    assert all(vector.phrases.frequencies.dtype == np.float32 for vector in change.vectors)
