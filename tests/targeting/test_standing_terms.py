"""Which standing interests may match a few videos: never fewer than those that do."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from matchcut_server.errors import DeadlineExceeded
from matchcut_server.ranking.query import Seed
from matchcut_server.store.port import Catalog, Store
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.store.standing_port import StoredStanding
from matchcut_server.targeting import standing_terms
from matchcut_server.targeting.promotion import Promotion
from matchcut_server.targeting.standing import StandingInterest
from matchcut_server.targeting.standing_terms import KnownTerms, StandingTerms
from matchcut_server.vectors.keys import keyword_keys
from matchcut_server.vectors.profile import Interest

MOST = 1_000


class Reader:
    """Reads bodies of comma-separated keywords, and counts them; `*` stands for a promotion with a seed."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self, stored: StoredStanding) -> StandingInterest:
        self.read += 1
        text = stored.body.decode()
        if text == "*":
            return StandingInterest("", promotion=Promotion(seeds=(Seed("v"),)))
        return StandingInterest("", tuple(Interest(*_weighted(one)) for one in text.split(",")))


def _weighted(text: str) -> tuple[str, float]:
    keyword, _, weight = text.partition("=")
    return keyword, float(weight or 1)


def keys(*keywords: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """The keys that a video with these keywords in English has."""
    packed = b"".join(keyword_keys(one, "english") for one in keywords)
    return np.unique(np.frombuffer(packed, dtype="<u8").astype(np.uint64))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(SqliteStore(tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
def catalog(store: Store) -> Catalog:
    found = store.catalog("default")
    assert found is not None
    return found


def write(store: Store, catalog: Catalog, **bodies: str) -> None:
    store.standing.put(catalog.catalog_id, [(name, body.encode()) for name, body in bodies.items()], MOST)


def of(known: KnownTerms, catalog: Catalog, *languages: str) -> StandingTerms:
    return known.of(catalog, languages or ("en",), lambda: None)


def test_those_that_share_a_word_or_cannot_be_told_or_are_new_are_candidates(store: Store, catalog: Catalog) -> None:
    write(store, catalog, e="Festivals", d="*", c="film festival", b="rome,london", a="london=-1,boat")
    terms = of(KnownTerms(store, Reader()), catalog)
    newest = store.revision()
    assert terms.candidates(keys("london film"), newest) == ["b", "c", "d"]
    assert terms.candidates(keys("festival"), newest) == ["c", "d", "e"]
    assert terms.candidates(keys(), newest) == ["d"]
    assert terms.candidates(keys(), newest - 1) == ["a", "d"]
    assert terms.candidates(None, newest) == ["a", "b", "c", "d", "e"]


def test_only_what_was_changed_is_read_again(store: Store, catalog: Catalog) -> None:
    reader = Reader()
    known = KnownTerms(store, reader)
    write(store, catalog, a="london", b="rome", c="boat")
    of(known, catalog)
    of(known, catalog)
    assert reader.read == 3
    write(store, catalog, a="london", b="london")
    store.standing.delete(catalog.catalog_id, ["c"])
    assert of(known, catalog).candidates(keys("london", "rome", "boat"), store.revision()) == ["a", "b"]
    assert reader.read == 4
    assert of(known, catalog, "en", "de").candidates(keys("london"), store.revision()) == ["a", "b"]
    assert reader.read == 6  # because interests are now tried in German as well


def test_what_was_read_before_the_time_was_over_is_not_read_again(
    store: Store, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_terms, "_READ_AT_ONCE", 2)
    reader = Reader()
    known = KnownTerms(store, reader)
    write(store, catalog, **dict.fromkeys("abcde", "london"))
    left = iter([None, None])

    def check() -> None:
        try:
            next(left)
        except StopIteration:
            raise DeadlineExceeded from None

    with pytest.raises(DeadlineExceeded):
        known.of(catalog, ["en"], check)
    assert reader.read == 4
    assert of(known, catalog).candidates(keys("london"), store.revision()) == list("abcde")
    assert reader.read == 5


def test_beyond_what_is_kept_they_are_all_candidates(
    store: Store, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_terms, "MAX_KEYS", 4)
    write(store, catalog, a="london", b="rome", c="boat")
    known = KnownTerms(store, Reader())
    assert of(known, catalog).candidates(keys("london"), store.revision()) == ["a", "c"]
    store.standing.delete(catalog.catalog_id, ["b"])
    write(store, catalog, d="film")
    assert of(known, catalog).candidates(keys("london"), store.revision()) == ["a", "c"]


def test_of_many_catalogs_the_ones_used_last_are_kept(
    store: Store, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_terms, "MAX_CATALOGS_KEYS", 3)
    films, _ = store.create_catalog("films", catalog.settings)
    for one in (catalog, films):
        write(store, one, a="london")
    reader = Reader()
    known = KnownTerms(store, reader)
    for one in (catalog, films, films, catalog):
        assert of(known, one).candidates(keys("london"), store.revision()) == ["a"]
    assert reader.read == 3


def test_nobody_waits_in_vain_for_a_thread_that_reads(store: Store, catalog: Catalog) -> None:
    is_reading, may_go_on = threading.Event(), threading.Event()

    def read(stored: StoredStanding) -> StandingInterest:
        is_reading.set()
        may_go_on.wait()
        return Reader()(stored)

    def check() -> None:
        raise DeadlineExceeded

    known = KnownTerms(store, read)
    write(store, catalog, a="london")
    with ThreadPoolExecutor(2) as threads:
        reading = threads.submit(known.of, catalog, ["en-US"], lambda: None)
        is_reading.wait()
        try:
            with pytest.raises(DeadlineExceeded):
                threads.submit(known.of, catalog, ["en-US"], check).result(20)
        finally:
            may_go_on.set()
        assert reading.result(20).ids == ["a"]
