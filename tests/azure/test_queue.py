"""The queue of videos that are to be read."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.azure.queue import Counts, Entry, VideoQueue
from matchcut_server.azure.state import StateError

ORIGIN = "account a into catalog b of c"


class Clock:
    """Time that a test lets pass."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


@asynccontextmanager
async def opened(path: Path, now: Callable[[], float]) -> AsyncIterator[VideoQueue]:
    queue = VideoQueue(path, ORIGIN, now)
    try:
        yield queue
    finally:
        await queue.close()


def with_queue(path: Path, work: Callable[[VideoQueue, Clock], Coroutine[None, None, None]]) -> None:
    """Run some work with a new queue."""

    async def run() -> None:
        clock = Clock()
        async with opened(path / "queue.db", clock) as queue:
            await work(queue, clock)

    asyncio.run(run())


def test_a_video_is_taken_once_and_gone_when_it_is_finished(tmp_path: Path) -> None:
    async def work(queue: VideoQueue, clock: Clock) -> None:
        for video_id in ("b", "a", "b", "b"):
            await queue.put(video_id)
            clock.time += 1
        assert await queue.counts() == Counts(2, 0)
        [a, b] = await queue.take(5)
        assert (a.video_id, b.video_id) == ("a", "b")  # in the order of the last calls
        assert await queue.take(5) == []
        assert await queue.seconds_to_next() is None
        await queue.finish(b)
        assert await queue.counts() == Counts(1, 0)
        await queue.finish(a)
        assert await queue.counts() == Counts(0, 0)

    with_queue(tmp_path, work)


def test_a_video_that_is_put_while_it_is_worked_on_is_worked_on_again(tmp_path: Path) -> None:
    async def work(queue: VideoQueue, clock: Clock) -> None:
        await queue.put("a")
        for give_back in (
            queue.finish,
            lambda entry: queue.retry(entry, 60, "later", counts=True),
            lambda entry: queue.fail(entry, "never"),
        ):
            [entry] = await queue.take(1)
            await queue.put("a")
            assert await queue.take(1) == []  # never twice at a time
            await give_back(entry)
            assert await queue.counts() == Counts(1, 0)
        [entry] = await queue.take(1)
        assert entry.tries == 0

    with_queue(tmp_path, work)


def test_a_video_waits_for_its_next_try(tmp_path: Path) -> None:
    async def work(queue: VideoQueue, clock: Clock) -> None:
        await queue.put("a")
        [entry] = await queue.take(1)
        assert (entry.since, entry.tries) == (1_000.0, 0)
        await queue.retry(entry, 60, "not ready", counts=True)
        assert await queue.take(1) == []
        assert await queue.seconds_to_next() == 60
        clock.time += 60
        [entry] = await queue.take(1)
        assert (entry.since, entry.tries) == (1_000.0, 1)
        await queue.retry(entry, 0, "Azure is away", counts=False)
        [entry] = await queue.take(1)
        assert entry.tries == 1

    with_queue(tmp_path, work)


def test_a_video_that_failed_is_kept_with_the_reason_until_it_is_put_again(tmp_path: Path) -> None:
    async def work(queue: VideoQueue, clock: Clock) -> None:
        await queue.put("a")
        [entry] = await queue.take(1)
        await queue.fail(entry, "too large")
        assert await queue.take(1) == []
        assert await queue.counts() == Counts(0, 1)
        assert await queue.failed() == {"a": "too large"}
        await queue.put("a")
        assert await queue.counts() == Counts(1, 0)
        assert [one.video_id for one in await queue.take(1)] == ["a"]

    with_queue(tmp_path, work)


def test_what_has_been_put_is_on_disk(tmp_path: Path) -> None:
    """However many come at once: a copy of the files, made when a call returns, holds its video."""

    def copy(number: int) -> None:
        folder = tmp_path / f"copy{number}"
        folder.mkdir()
        for file in tmp_path.glob("queue.db*"):
            shutil.copy(file, folder)

    async def work(queue: VideoQueue, clock: Clock) -> None:
        async def put(number: int) -> None:
            await queue.put(f"v{number}")
            if number % 100 == 0:
                copy(number)

        await asyncio.gather(*[put(number) for number in range(1_000)])

    with_queue(tmp_path, work)
    for number in range(0, 1_000, 100):
        database = sqlite3.connect(tmp_path / f"copy{number}" / "queue.db")
        assert database.execute("SELECT 1 FROM waiting WHERE video_id = ?", (f"v{number}",)).fetchone() == (1,)
        database.close()


def test_a_put_that_cannot_be_written_is_told_and_those_that_wait_with_it_too(tmp_path: Path) -> None:
    async def work(queue: VideoQueue, clock: Clock) -> None:
        with queue._file.reading() as database:
            database.execute("PRAGMA query_only = ON")
            outcomes = await asyncio.gather(*[queue.put(f"v{n}") for n in range(5)], return_exceptions=True)
            assert all(isinstance(one, StateError) for one in outcomes)
            database.execute("PRAGMA query_only = OFF")
        await queue.put("v5")
        assert await queue.counts() == Counts(6, 0)

    with_queue(tmp_path, work)


def test_a_queue_is_of_one_process_and_one_origin(tmp_path: Path) -> None:
    async def work(queue: VideoQueue, clock: Clock) -> None:
        with pytest.raises(StateError, match="another process"):
            VideoQueue(tmp_path / "queue.db", ORIGIN)

    with_queue(tmp_path, work)
    with pytest.raises(StateError, match="it is of account a into"):
        VideoQueue(tmp_path / "queue.db", "account d into catalog b of c")
    with_queue(tmp_path, lambda queue, _: queue.put("a"))  # and it can still be opened


@pytest.mark.parametrize("name", ["file/queue.db", "folder", "text"])
def test_what_is_no_queue_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("this is no database, but a text that is long enough to be taken for one" * 20)
    with pytest.raises(StateError, match=str(tmp_path)):
        VideoQueue(tmp_path / name, ORIGIN)


# --- against a model --------------------------------------------------------------------------------------------------


@dataclass
class Model:
    """What a queue does, with nothing durable about it."""

    due: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    under_way: dict[str, Entry] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    """Put while they were under way."""

    def put(self, video_id: str, now: float) -> None:
        self.due[video_id] = now
        self.failed.discard(video_id)
        if video_id in self.under_way:
            self.again.add(video_id)

    def takeable(self, now: float) -> set[str]:
        return {one for one, due in self.due.items() if due <= now and one not in {*self.failed, *self.under_way}}

    def give_back(self, video_id: str, *, due: float | None = None, failed: bool = False) -> None:
        del self.under_way[video_id]
        if video_id in self.again:
            self.again.discard(video_id)
        elif failed:
            self.failed.add(video_id)
        elif due is not None:
            self.due[video_id] = due
        else:
            del self.due[video_id]


_STEPS = st.tuples(
    st.sampled_from(["put", "put", "take", "finish", "retry", "fail", "pass", "kill"]),
    st.sampled_from("abcd"),
    st.integers(0, 20),
)


@settings(max_examples=40)
@given(steps=st.lists(_STEPS, max_size=40))
def test_whatever_happens_nothing_is_lost_and_nothing_is_taken_twice(steps: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_compare(Path(folder) / "queue.db", steps))


async def _compare(path: Path, steps: list[tuple[str, str, int]]) -> None:
    clock, model = Clock(), Model()
    queue = VideoQueue(path, ORIGIN, clock)
    for step, video_id, number in steps:
        entry = model.under_way.get(video_id)
        if step == "put":
            await queue.put(video_id)
            model.put(video_id, clock.time)
        elif step == "take":
            possible = model.takeable(clock.time)
            taken = await queue.take(number)
            assert len(taken) == min(number, len(possible))
            assert {one.video_id for one in taken} <= possible
            model.under_way.update({one.video_id: one for one in taken})
        elif step == "finish" and entry:
            await queue.finish(entry)
            model.give_back(video_id)
        elif step == "retry" and entry:
            await queue.retry(entry, number, "later", counts=True)
            model.give_back(video_id, due=clock.time + number)
        elif step == "fail" and entry:
            await queue.fail(entry, "never")
            model.give_back(video_id, failed=True)
        elif step == "pass":
            clock.time += number
        elif step == "kill":
            await queue.close()  # it has nothing to say at its end: a process that is killed leaves the same
            queue = VideoQueue(path, ORIGIN, clock)
            model.under_way.clear()
            model.again.clear()
            model.due = {one: min(due, clock.time) for one, due in model.due.items()}
        assert await queue.counts() == Counts(len(model.due) - len(model.failed), len(model.failed))
        assert set(await queue.failed()) == model.failed
    await queue.close()
