"""What every store does with standing interests."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.errors import NotFound, Reason
from matchcut_server.store.port import DEFAULT_CATALOG, Store, WriteOutcome, WriteStatus
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.store.standing_port import StandingState, StoredStanding
from matchcut_server.vectors.settings import CatalogSettings
from tests.store.conftest import OpenStore

MOST = 100_000


def statuses(outcomes: list[WriteOutcome]) -> list[WriteStatus]:
    return [outcome.status for outcome in outcomes]


def test_a_standing_interest_is_created_then_changed_or_left_as_it_is(store: Store, catalog_id: int) -> None:
    before = store.revision()

    first = store.standing.put(catalog_id, [("a", b"\x00\xff"), ("b", b"")], MOST)
    again = store.standing.put(catalog_id, [("a", b"\x00\xff"), ("b", b"more")], MOST)
    assert first == [WriteOutcome(WriteStatus.CREATED, before + 1), WriteOutcome(WriteStatus.CREATED, before + 2)]
    assert again == [WriteOutcome(WriteStatus.UNCHANGED, before + 1), WriteOutcome(WriteStatus.UPDATED, before + 3)]
    assert store.revision() == before + 3
    expected = [StoredStanding("a", b"\x00\xff", before + 1), StoredStanding("b", b"more", before + 3)]
    assert store.standing.listed(catalog_id, "", 10) == expected


def test_a_deleted_one_is_gone_and_its_deletion_has_a_revision(store: Store, catalog_id: int) -> None:
    store.standing.put(catalog_id, [("a", b"1"), ("b", b"2")], MOST)
    before = store.revision()

    outcomes = store.standing.delete(catalog_id, ["a", "none", "a"])
    assert outcomes == [
        WriteOutcome(WriteStatus.DELETED, before + 1),
        WriteOutcome(WriteStatus.NOT_FOUND),
        WriteOutcome(WriteStatus.NOT_FOUND),
    ]
    assert store.revision() == before + 1
    assert [one.standing_interest_id for one in store.standing.listed(catalog_id, "", 10)] == ["b"]


def test_they_are_listed_and_found_by_the_bytes_of_their_ids(store: Store, catalog_id: int) -> None:
    ids = ["b", "a", "Z", "é", "\U0001f600", "\uffee", "aa"]
    by_bytes = sorted(ids, key=str.encode)
    store.standing.put(catalog_id, [(one, one.encode()) for one in ids], MOST)

    assert [one.standing_interest_id for one in store.standing.listed(catalog_id, "", 100)] == by_bytes
    assert [one.standing_interest_id for one in store.standing.listed(catalog_id, "a", 2)] == ["aa", "b"]
    assert store.standing.listed(catalog_id, by_bytes[-1], 2) == []
    assert list(store.standing.revisions(catalog_id)) == by_bytes
    found = store.standing.find(catalog_id, ["é", "none", "Z", "Z"])
    assert [(one.standing_interest_id, one.body) for one in found] == [("Z", b"Z"), ("é", "é".encode())]
    assert store.standing.count(catalog_id) == 7


def test_a_catalog_takes_no_more_than_so_many_and_the_others_of_a_batch_go_on(store: Store, catalog_id: int) -> None:
    other = store.create_catalog("films", CatalogSettings())[0].catalog_id
    outcomes = store.standing.put(catalog_id, [("a", b""), ("b", b""), ("c", b""), ("a", b"changed")], 2)
    assert statuses(outcomes) == ["CREATED", "CREATED", "REJECTED", "UPDATED"]
    (violation,) = outcomes[2].violations
    assert violation.reason is Reason.TOO_LARGE
    assert "delete some first" in violation.message

    assert statuses(store.standing.put(other, [("c", b"")], 2)) == ["CREATED"]
    store.standing.delete(catalog_id, ["a"])
    assert statuses(store.standing.put(catalog_id, [("c", b""), ("d", b"")], 2)) == ["CREATED", "REJECTED"]


def test_the_limit_holds_for_writes_at_the_same_time(store: Store, catalog_id: int) -> None:
    def write(number: int) -> bool:
        return statuses(store.standing.put(catalog_id, [(str(number), b"")], 5)) == ["CREATED"]

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(write, range(40))) == 5
    assert store.standing.count(catalog_id) == 5


def test_many_are_written_in_several_commits_each_with_its_own_revision(store: Store, catalog_id: int) -> None:
    before = store.revision()
    ids = [f"{number:04}" for number in range(2_500)]
    outcomes = store.standing.put(catalog_id, [(one, b"1") for one in ids], MOST)
    assert [outcome.revision for outcome in outcomes] == list(range(before + 1, before + 2_501))
    assert store.standing.revisions(catalog_id) == {one: before + 1 + place for place, one in enumerate(ids)}
    assert len(store.standing.find(catalog_id, ids)) == 2_500
    assert statuses(store.standing.delete(catalog_id, ids)) == ["DELETED"] * 2_500
    assert store.standing.state(catalog_id) == StandingState(0, 0)


def test_nothing_crosses_catalogs_and_a_deleted_one_takes_them_along(store: Store, catalog_id: int) -> None:
    films, _ = store.create_catalog("films", CatalogSettings())
    store.standing.put(catalog_id, [("a", b"here")], MOST)
    store.standing.put(films.catalog_id, [("a", b"there"), ("b", b"")], MOST)
    assert statuses(store.standing.delete(catalog_id, ["b"])) == ["NOT_FOUND"]

    store.delete_catalog("films")
    assert store.standing.listed(films.catalog_id, "", 10) == []
    assert store.standing.state(films.catalog_id) == StandingState(0, 0)
    assert [one.body for one in store.standing.listed(catalog_id, "", 10)] == [b"here"]
    with pytest.raises(NotFound) as refusal:
        store.standing.put(films.catalog_id, [("a", b"")], MOST)
    assert refusal.value.reason is Reason.CATALOG_NOT_FOUND
    with pytest.raises(NotFound):
        store.standing.delete(films.catalog_id, ["a"])
    new, _ = store.create_catalog("films", CatalogSettings())
    assert store.standing.count(new.catalog_id) == 0


def test_they_are_there_when_the_store_is_opened_again(open_store: OpenStore, tmp_path: Path) -> None:
    first = open_store(tmp_path / "data")
    default = first.catalog(DEFAULT_CATALOG)
    assert default is not None
    first.standing.put(default.catalog_id, [("a", b"1"), ("b", b"2")], MOST)
    first.standing.delete(default.catalog_id, ["b"])
    expected = first.standing.listed(default.catalog_id, "", 10)

    with closing(open_store(tmp_path / "data")) as again:
        assert again.standing.listed(default.catalog_id, "", 10) == expected


def test_it_is_no_change_of_the_catalog_that_followers_would_have_to_apply(store: Store, catalog_id: int) -> None:
    before, version = store.revision(), store.version()

    (outcome,) = store.standing.put(catalog_id, [("a", b"")], MOST)

    changes = store.catalog_changes(before)
    assert (changes.revision, changes.changed, changes.settled) == (outcome.revision, {}, [])
    assert store.version() != version


writes = st.lists(
    st.tuples(st.sampled_from(["put", "delete"]), st.lists(st.sampled_from("abcde"), max_size=4)), max_size=12
)


@settings(max_examples=40, deadline=None)
@given(history=writes)
def test_the_state_is_the_same_only_if_nothing_was_written_and_left(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, list[str]]]
) -> None:
    """A dictionary is the model; two equal states never stand for different contents."""
    with closing(SqliteStore(tmp_path_factory.mktemp("store"))) as store:
        catalog = store.catalog(DEFAULT_CATALOG)
        assert catalog is not None
        model: dict[str, tuple[bytes, int]] = {}
        states: dict[StandingState, dict[str, tuple[bytes, int]]] = {}
        for step, (action, ids) in enumerate(history):
            if action == "put":
                outcomes = store.standing.put(catalog.catalog_id, [(one, b"%d" % (step % 3)) for one in ids], MOST)
                model |= {
                    one: (b"%d" % (step % 3), outcome.revision) for one, outcome in zip(ids, outcomes, strict=True)
                }
            else:
                store.standing.delete(catalog.catalog_id, ids)
                model = {one: value for one, value in model.items() if one not in ids}
            listed = store.standing.listed(catalog.catalog_id, "", 100)
            assert [(one.standing_interest_id, (one.body, one.revision)) for one in listed] == sorted(model.items())
            assert store.standing.revisions(catalog.catalog_id) == {one: own[1] for one, own in model.items()}
            state = store.standing.state(catalog.catalog_id)
            assert states.setdefault(state, dict(model)) == model
