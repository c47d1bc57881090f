"""From the queue into the catalog, whatever goes wrong on the way."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, MutableMapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from matchcut_client import MatchcutClient, Unavailable, WriteResult
from matchcut_server.azure import client as client_module
from matchcut_server.azure import fetching
from matchcut_server.azure.fetching import Fetcher
from matchcut_server.azure.queue import Counts, Entry, VideoQueue
from matchcut_server.azure.sink import CatalogSink, Document, Sink
from tests.azure.fakes import client as indexer_of
from tests.azure.syncing import Catalog
from tests.azure_stand_in.control import StandIn
from tests.azure_stand_in.faults import Fault, Faults
from tests.azure_stand_in.library import made_videos, of_document

SECONDS = 20
ALWAYS = Faults(rate=1, in_a_row=10**9, kinds={Fault.SERVER_ERROR})
NEVER = Faults()

Logs = list[MutableMapping[str, Any]]


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is tried again is tried again at once."""
    for name in ("SHORTEST_WAIT", "LONGEST_WAIT", "_PAUSE_SECONDS", "_QUEUE_SECONDS"):
        monkeypatch.setattr(fetching, name, 0.01)


@pytest.fixture
def video_id(azure: StandIn) -> str:
    """The only video of the account."""
    [video] = made_videos(1)
    azure.set_videos([video])
    return video.id


class Work:
    """A fetcher at work, and its queue."""

    def __init__(self, queue: VideoQueue, fetcher: Fetcher) -> None:
        self.queue = queue
        self.fetcher = fetcher

    async def put(self, *video_ids: str) -> None:
        for video_id in video_ids:
            await self.queue.put(video_id)
        self.fetcher.wake()

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(SECONDS):
            while not await condition():  # noqa: ASYNC110 - the queue tells nobody but its worker
                await asyncio.sleep(0.01)

    async def settled(self, failed: int = 0) -> None:
        """Wait until nothing waits, and so many have failed."""

        async def nothing_waits() -> bool:
            return await self.queue.counts() == Counts(0, failed)

        await self.until(nothing_waits)

    async def counted(self, name: str, number: int) -> None:
        """Wait until something has happened so often."""

        async def reached() -> bool:
            return self.fetcher.counts[name] >= number

        await self.until(reached)


@asynccontextmanager
async def at_work(
    catalog: Catalog, sink: Sink | None = None, *, languages: Sequence[str] = (), concurrency: int = 4
) -> AsyncIterator[Work]:
    queue = VideoQueue(catalog.state.with_name("queue.db"), "the stand-in")
    stop = asyncio.Event()
    try:
        async with indexer_of(catalog.azure) as indexer:
            fetcher = Fetcher(queue, indexer, sink or CatalogSink(catalog.client), languages, concurrency)
            running = asyncio.create_task(fetcher.run(stop))
            try:
                yield Work(queue, fetcher)
            finally:
                stop.set()
                await running
    finally:
        await queue.close()


def run(work: Callable[[], Coroutine[None, None, None]]) -> Logs:
    """Run some work; return what was logged."""
    with capture_logs() as logs:
        asyncio.run(work())
    return logs


def events(logs: Logs) -> list[str]:
    return [log["event"] for log in logs]


@contextmanager
def unwritable(queue: VideoQueue) -> Iterator[sqlite3.Connection]:
    with queue._file.reading() as database:
        database.execute("PRAGMA query_only = ON")
        yield database
        database.execute("PRAGMA query_only = OFF")


# --- what is done -----------------------------------------------------------------------------------------------------


def test_what_is_in_the_queue_is_imported_in_all_languages(azure: StandIn, catalog: Catalog) -> None:
    azure.set_videos(made_videos(12, all_processed=True))

    async def work() -> None:
        async with at_work(catalog, languages=["it-IT"]) as at:
            await at.put(*azure.ids(), *azure.ids())
            await at.settled()

    run(work)
    assert catalog.keywords() == catalog.expected("it-IT")


def test_so_many_are_read_at_a_time_and_no_more(azure: StandIn, catalog: Catalog) -> None:
    azure.set_videos(made_videos(12, all_processed=True))

    async def work() -> None:
        async with at_work(catalog, concurrency=3) as at:
            with azure.held("index"):
                await at.put(*azure.ids())
                await asyncio.to_thread(azure.requests.wait_for, "index", 3)
            await at.settled()

    run(work)
    assert azure.requests.most_at_once == 3


def test_a_video_that_is_indexed_again_while_it_is_read_is_read_again(
    azure: StandIn, catalog: Catalog, video_id: str
) -> None:
    async def work() -> None:
        async with at_work(catalog) as at:
            with azure.held("index"):
                await at.put(video_id)
                await asyncio.to_thread(azure.requests.wait_for, "index", 1)
                azure.reindex(video_id)
                await at.put(video_id)
            await at.settled()

    run(work)
    assert azure.requests.count("index") == 2
    assert catalog.keywords() == catalog.expected()


# --- what is not ready ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["Processing", "Uploaded", None])
def test_a_video_that_is_never_ready_is_given_up_with_the_reason(
    azure: StandIn, catalog: Catalog, video_id: str, state: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state, or None for a video that is not there."""
    monkeypatch.setattr(fetching, "MAX_TRIES", 4)
    if state is None:
        azure.delete(video_id)
    else:
        azure.set_state(video_id, state)
    failed: dict[str, str] = {}

    async def work() -> None:
        async with at_work(catalog) as at:
            await at.put(video_id)
            await at.settled(failed=1)
            failed.update(await at.queue.failed())
            assert azure.requests.count("index") == 4
            if state is not None:
                azure.set_state(video_id, "Processed")
                await at.put(video_id)
                await at.settled()

    logs = run(work)
    assert failed[video_id].startswith("not ready after 4 tries: ")
    assert logs[0] == {"event": "video_failed", "video_id": video_id, "reason": failed[video_id], "log_level": "error"}
    assert catalog.ids() == ({video_id} if state else set())


def test_a_video_that_is_ready_later_is_imported_then(azure: StandIn, catalog: Catalog, video_id: str) -> None:
    azure.set_state(video_id, "Processing")

    async def work() -> None:
        async with at_work(catalog) as at:
            await at.put(video_id)
            await at.counted("not_ready", 3)
            azure.set_state(video_id, "Processed")
            await at.settled()

    assert events(run(work)) == ["video_imported"]
    assert catalog.ids() == {video_id}


def test_waits_grow_with_the_time_in_the_queue(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SHORTEST_WAIT", 2.0)
    monkeypatch.setattr(fetching, "LONGEST_WAIT", 300.0)

    async def work() -> None:
        async with at_work(catalog) as at:
            for seconds, wait in ((0, 2), (8, 2), (40, 10), (1_200, 300), (10**6, 300)):
                at.fetcher._now = lambda seconds=seconds: 1_000.0 + seconds  # type: ignore[misc]
                assert at.fetcher._wait(Entry("v", 1, 1_000.0, 0)) == wait

    run(work)


# --- what is away -----------------------------------------------------------------------------------------------------


def test_azure_may_be_away_for_longer_than_a_video_is_tried(
    azure: StandIn, catalog: Catalog, video_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MAX_TRIES", 2)
    azure.faults = ALWAYS

    async def work() -> None:
        async with at_work(catalog) as at:
            await at.put(video_id)
            await at.counted("trouble", 5)
            azure.faults = NEVER
            await at.settled()

    logs = run(work)
    assert set(events(logs)) == {"video_delayed", "video_imported"}
    assert catalog.ids() == {video_id}


def test_what_waits_for_azure_is_given_up_at_last(
    azure: StandIn, catalog: Catalog, video_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MAX_SECONDS", 0.2)
    azure.faults = ALWAYS

    async def work() -> None:
        async with at_work(catalog) as at:
            await at.put(video_id)
            await at.settled(failed=1)

    [*_, last] = run(work)
    assert last["event"] == "video_failed"
    assert last["reason"].startswith("given up after 0 hours: HTTP 500")


@pytest.mark.parametrize("status", [401, 403])
def test_without_access_nothing_is_lost_and_what_to_do_is_said(
    azure: StandIn, catalog: Catalog, video_id: str, status: int
) -> None:
    azure.refusal = status

    async def work() -> None:
        async with at_work(catalog) as at:
            await at.put(video_id)
            await at.counted("trouble", 2)
            azure.refusal = None
            await at.settled()

    logs = run(work)
    assert logs[0]["event"] == "access_refused"
    assert "access token" in logs[0]["advice"]
    assert catalog.ids() == {video_id}


class Broken:
    """A sink that fails some times before it takes what it is given."""

    def __init__(self, client: MatchcutClient, errors: Sequence[Exception]) -> None:
        self._sink = CatalogSink(client)
        self._errors = list(errors)

    async def import_documents(self, documents: Sequence[Document]) -> Sequence[WriteResult]:
        if self._errors:
            raise self._errors.pop(0)
        return await self._sink.import_documents(documents)

    async def delete(self, video_ids: Sequence[str]) -> Sequence[WriteResult]:
        return await self._sink.delete(video_ids)


def test_a_server_may_be_away_for_long(catalog: Catalog, video_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_TRIES", 2)

    async def work() -> None:
        async with at_work(catalog, Broken(catalog.client, [Unavailable("away")] * 5)) as at:
            await at.put(video_id)
            await at.settled()

    assert events(run(work)) == ["video_delayed"] * 5 + ["video_imported"]


# --- what is wrong ----------------------------------------------------------------------------------------------------


def test_a_document_that_is_refused_fails_at_once(azure: StandIn, catalog: Catalog) -> None:
    azure.set_videos([of_document({"id": "bad", "videos": [{"id": "bad", "insights": {"duration": "x"}}]})])

    async def work() -> None:
        async with at_work(catalog) as at:
            await at.put("bad")
            await at.settled(failed=1)

    [log] = run(work)
    assert log["reason"].startswith("videos[0].insights.duration: 'x' is not a time")
    assert azure.requests.count("index") == 1


def test_a_document_that_is_too_large_fails_at_once(
    azure: StandIn, catalog: Catalog, video_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MAX_DOCUMENT_BYTES", 100)

    async def work() -> None:
        async with at_work(catalog) as at:
            await at.put(video_id)
            await at.settled(failed=1)

    [log] = run(work)
    assert "more than 100 bytes" in log["reason"]
    assert azure.requests.count("index") == 1


def test_a_fault_of_the_program_holds_no_other_video_up_and_is_told_without_its_text(
    azure: StandIn, catalog: Catalog, video_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MAX_TRIES", 3)

    async def work() -> None:
        async with at_work(catalog, Broken(catalog.client, [RuntimeError("a secret")] * 3)) as at:
            await at.put(video_id)
            await at.settled(failed=1)
            await at.put(video_id)
            await at.settled()

    failed, imported = run(work)
    assert failed["reason"] == "not ready after 3 tries: a fault of this program: RuntimeError"
    assert imported["event"] == "video_imported"


def test_a_queue_that_cannot_be_written_for_a_while_is_worked_on_later(
    azure: StandIn, catalog: Catalog, video_id: str
) -> None:
    async def work() -> None:
        async with at_work(catalog) as at:
            with azure.held("index"):
                await at.put(video_id)
                await asyncio.to_thread(azure.requests.wait_for, "index", 1)
                with unwritable(at.queue):
                    azure._app.held["index"].set()
                    await asyncio.to_thread(azure.requests.wait_for, "index", 3)
            await at.settled()

    logs = run(work)
    assert set(events(logs)) == {"queue_unavailable", "video_imported"}
    assert catalog.ids() == {video_id}


# --- stopping ---------------------------------------------------------------------------------------------------------


def test_what_takes_too_long_at_the_end_stays_in_the_queue(
    azure: StandIn, catalog: Catalog, video_id: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fetching, "LEAVE_SECONDS", 0.05)

    async def work() -> None:
        with azure.held("index"):
            async with at_work(catalog) as at:
                await at.put(video_id)
                await asyncio.to_thread(azure.requests.wait_for, "index", 1)
        assert catalog.ids() == set()
        async with at_work(catalog) as at:
            await at.settled()

    run(work)
    assert catalog.ids() == {video_id}
