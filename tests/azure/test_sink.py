import asyncio
from collections.abc import Iterable

import pytest

from matchcut_client import (
    ImportVideoIndexesResponse,
    MatchcutClient,
    MatchcutError,
    NotFound,
    Overloaded,
    Unavailable,
    VideoIndex,
    WriteResult,
    WriteStatus,
)
from matchcut_server.azure.sink import CatalogSink, Document
from tests.azure.syncing import Catalog
from tests.cli.command import document


class Away(MatchcutClient):
    """A client whose server is away at first."""

    def __init__(self, *errors: MatchcutError) -> None:
        self.errors = list(errors)
        self.calls = 0

    def import_video_indexes(
        self, video_indexes: Iterable[VideoIndex | bytes], **_: object
    ) -> ImportVideoIndexesResponse:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return ImportVideoIndexesResponse((WriteResult(0, "v", WriteStatus.CREATED),), 1)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, which took no time."""
    waits: list[float] = []

    async def note(delay: float) -> None:
        waits.append(delay)

    monkeypatch.setattr("stamina._core._smart_sleep", note)
    return waits


def test_a_server_that_is_away_for_some_seconds_is_waited_for(no_waiting: list[float]) -> None:
    client = Away(Unavailable("away"), Overloaded("too much"), Unavailable("away"))
    [result] = asyncio.run(CatalogSink(client).import_documents([Document("v", b"{}")]))
    assert result.status is WriteStatus.CREATED
    assert client.calls == 4
    assert len(no_waiting) == 3
    assert all(wait >= least for wait, least in zip(no_waiting, (0.5, 1.0, 2.0), strict=True))


def test_a_server_that_stays_away_is_an_error() -> None:
    client = Away(*[Unavailable("away")] * 99)
    with pytest.raises(Unavailable):
        asyncio.run(CatalogSink(client).import_documents([Document("v", b"{}")]))
    assert client.calls == 6


def test_what_waiting_does_not_mend_is_an_error_at_once() -> None:
    client = Away(NotFound("no such catalog"))
    with pytest.raises(NotFound):
        asyncio.run(CatalogSink(client).import_documents([Document("v", b"{}")]))
    assert client.calls == 1


def test_documents_of_one_video_in_several_languages_become_its_keyword_sets(catalog: Catalog) -> None:
    sink = CatalogSink(catalog.client)
    documents = [
        Document("video", document("another id", "lake", language="en-US")),
        Document("video", document("another id", "lac", language="fr-FR")),
        Document("bad", b"{"),
    ]
    results = asyncio.run(sink.import_documents(documents))
    assert [result.status for result in results] == [WriteStatus.CREATED, WriteStatus.UPDATED, WriteStatus.REJECTED]
    assert catalog.keywords() == {"video": {"en-US": {"lake"}, "fr-FR": {"lac"}}}
    deleted = asyncio.run(sink.delete(["video", "never there"]))
    assert [result.status for result in deleted] == [WriteStatus.DELETED, WriteStatus.NOT_FOUND]
