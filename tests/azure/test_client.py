import asyncio
import itertools
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest

from matchcut_server.azure import client as client_module
from matchcut_server.azure.account import Secret
from matchcut_server.azure.client import ListedVideo, Patience, VideoIndexer
from matchcut_server.azure.errors import ApiError, Busy, Gone, NetworkError, Stop, TooLarge, Unreadable
from matchcut_server.azure.limiter import Limiter
from matchcut_server.azure.token import ReadyToken, token_in
from tests.azure.fakes import FakeClock, client
from tests.azure_stand_in.control import StandIn
from tests.azure_stand_in.faults import Fault, Faults
from tests.azure_stand_in.library import large_video, made_videos
from tests.azure_stand_in.record import Request

T = TypeVar("T")


def run(azure: StandIn, work: Callable[[VideoIndexer], Coroutine[Any, Any, T]], **options: Any) -> T:
    async def within() -> T:
        async with client(azure, **options) as indexer:
            return await work(indexer)

    return asyncio.run(within())


async def listed(indexer: VideoIndexer) -> list[str]:
    return [video.id async for video in indexer.videos()]


@pytest.mark.parametrize("count, pages", [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_all_pages_are_listed(azure: StandIn, count: int, pages: int) -> None:
    azure.set_videos(count)
    assert run(azure, listed) == azure.ids()
    assert azure.requests.count("videos") == pages


def test_a_list_that_grows_while_it_is_read_gives_each_video_once(azure: StandIn) -> None:
    azure.set_videos(250)
    before = azure.ids()
    new = iter(made_videos(30, seed=1))

    def grow(request: Request) -> None:
        if request.kind == "videos":
            for _ in range(10):
                azure.add(next(new))

    azure.before = grow
    ids = run(azure, listed)
    assert len(set(ids)) == len(ids)
    assert set(before) <= set(ids)


def test_an_index_is_asked_for_with_keywords_alone(azure: StandIn) -> None:
    azure.set_videos(made_videos(1, all_processed=True))
    [video_id] = azure.ids()
    content = json.loads(run(azure, lambda indexer: indexer.index(video_id)))
    assert set(content["videos"][0]["insights"]) >= {"keywords", "duration", "language"}
    assert "transcript" not in content["videos"][0]["insights"]
    [request] = azure.requests
    assert request.query == {
        "includedInsights": "Keywords",
        "includeSummarizedInsights": "false",
        "includeStreamingUrls": "false",
    }


def test_another_language_is_asked_for_by_name(azure: StandIn) -> None:
    azure.set_videos(made_videos(1, all_processed=True))
    [video_id] = azure.ids()
    content = json.loads(run(azure, lambda indexer: indexer.index(video_id, "fr-FR")))
    assert content["videos"][0]["insights"]["language"] == "fr-FR"


@pytest.mark.parametrize("removed", [False, True])
def test_a_video_that_was_deleted_is_gone(azure: StandIn, removed: bool) -> None:
    azure.set_videos(3)
    video_id = azure.ids()[0]
    azure.delete(video_id, removed=removed)
    with pytest.raises(Gone):
        run(azure, lambda indexer: indexer.index(video_id))
    assert len(azure.requests) == 1


@pytest.mark.parametrize("fault", sorted(Fault))
def test_every_fault_is_outlasted(azure: StandIn, fault: Fault) -> None:
    azure.set_videos(made_videos(120, all_processed=True))
    azure.faults = Faults(rate=1.0, kinds={fault}, in_a_row=3, slow_seconds=0.01)

    async def work(indexer: VideoIndexer) -> tuple[list[str], bytes]:
        ids = await listed(indexer)
        return ids, await indexer.index(ids[0])

    ids, content = run(azure, work)
    assert ids == azure.ids()
    assert json.loads(content)["id"] == ids[0]
    assert len(azure.requests) == (3 if fault is Fault.SLOW else 12)


@pytest.mark.parametrize(
    "fault, error",
    [
        (Fault.SERVER_ERROR, Busy),
        (Fault.DROPPED, NetworkError),
        (Fault.CUT, NetworkError),
        (Fault.TRUNCATED, Unreadable),
    ],
)
def test_what_does_not_end_is_given_up(azure: StandIn, fault: Fault, error: type[Exception]) -> None:
    azure.set_videos(1)
    azure.faults = Faults(rate=1.0, kinds={fault}, in_a_row=99)
    with pytest.raises(error):
        run(azure, listed, patience=Patience(attempts=4, first_wait=0.0, jitter=0.0))
    assert len(azure.requests) == 4


def test_a_wrong_request_is_not_repeated(azure: StandIn) -> None:
    azure.set_videos(1)
    with pytest.raises(ApiError, match="INVALID_INPUT"):
        run(azure, lambda indexer: indexer.index(azure.ids()[0], "xx-none"))
    assert len(azure.requests) == 1


def test_waits_grow_and_are_never_the_same_for_all(azure: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    azure.faults = Faults(rate=1.0, kinds={Fault.BAD_GATEWAY}, in_a_row=99)
    waits: list[float] = []

    async def note(delay: float) -> None:
        waits.append(delay)

    monkeypatch.setattr("stamina._core._smart_sleep", note)
    with pytest.raises(Busy):
        run(azure, listed, patience=Patience(attempts=8, first_wait=1.0, longest_wait=20.0, jitter=0.5))
    least = [1, 2, 4, 8, 16, 20, 20]
    assert all(low <= wait <= min(low + 0.5, 20.0) for low, wait in zip(least, waits, strict=True))
    assert any(wait % 1 for wait in waits)


def test_azure_says_when_to_try_again_and_everybody_waits_until_then(azure: StandIn) -> None:
    azure.set_videos(made_videos(20, all_processed=True))
    azure.faults = Faults(rate=0.2, seed=3, kinds={Fault.THROTTLED}, retry_after=17)
    clock = FakeClock()
    sent: list[tuple[float, str]] = []

    async def work(indexer: VideoIndexer) -> None:
        ids = await listed(indexer)
        await asyncio.gather(*(indexer.index(video_id) for video_id in ids))

    azure.before = lambda request: sent.append((clock.now(), request.key))
    run(azure, work, limiter=Limiter({1.0: 10}, clock))
    throttled = [request.fault for request in azure.requests].count(Fault.THROTTLED)
    assert throttled > 1
    assert len(sent) == 21 + throttled
    # Three of the four forms name the time, in seconds, as a date or in the text; the second is the text's.
    assert clock.now() - 1_000 >= 16
    tries = {key: [time for time, other in sent if other == key] for _, key in sent}
    repeated = [times for times in tries.values() if len(times) > 1]
    assert all(later - earlier > 15.9 for times in repeated for earlier, later in itertools.pairwise(times))


def test_who_asks_for_too_long_a_pause_is_given_up(azure: StandIn) -> None:
    azure.faults = Faults(rate=1.0, kinds={Fault.THROTTLED}, retry_after=86_400)
    clock = FakeClock()
    with pytest.raises(Busy):
        run(azure, listed, limiter=Limiter(clock=clock))
    assert clock.slept == []


def test_an_expired_token_is_renewed_once(azure: StandIn, tmp_path: Path) -> None:
    azure.set_videos(1)
    path = tmp_path / "token"
    path.write_text(azure.token())
    tokens = ReadyToken(lambda: token_in(path))
    azure.expire_tokens()
    path.write_text(azure.token())
    assert run(azure, listed, tokens=tokens) == azure.ids()
    assert [request.status for request in azure.requests] == [401, 200]


@pytest.mark.parametrize("status, fresh, requests", [(401, True, 2), (401, False, 1), (403, True, 1)])
def test_access_that_stays_refused_is_an_end(azure: StandIn, status: int, fresh: bool, requests: int) -> None:
    """A token is renewed once, if there is another, and only for what says that it is the token."""
    azure.set_videos(1)
    azure.refusal = status
    same = Secret(azure.token())
    tokens = ReadyToken(lambda: Secret(azure.token()) if fresh else same)
    with pytest.raises(Stop, match=f"HTTP {status}: USER_NOT_ALLOWED"):
        run(azure, listed, tokens=tokens)
    assert len(azure.requests) == requests


def test_too_large_a_document_is_not_read_whole_nor_again(azure: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "MAX_DOCUMENT_BYTES", 10_000)
    azure.set_videos([large_video(minutes=5, keywords=300)])
    with pytest.raises(TooLarge):
        run(azure, lambda indexer: indexer.index("largevideo"))
    assert len(azure.requests) == 1


def test_all_requests_keep_to_the_limit_repeated_ones_too(azure: StandIn) -> None:
    azure.set_videos(made_videos(60, all_processed=True))
    azure.faults = Faults(rate=0.3, seed=1, kinds={Fault.SERVER_ERROR, Fault.DROPPED})
    clock = FakeClock()
    moments: list[float] = []

    class Watched(Limiter):
        async def acquire(self) -> None:
            await super().acquire()
            moments.append(clock.now())

    async def work(indexer: VideoIndexer) -> int:
        await asyncio.gather(*[indexer.index(video_id) for video_id in await listed(indexer)])
        return indexer.requests

    requests = run(azure, work, limiter=Watched({1.0: 5, 60.0: 30}, clock))
    assert requests == len(moments) == len(azure.requests) > 61
    for seconds, limit in ((1.0, 5), (60.0, 30)):
        assert all(later - first > seconds for first, later in zip(moments, moments[limit:], strict=False))


def test_no_error_shows_a_token(azure: StandIn) -> None:
    token = Secret(azure.token())
    azure.refusal = 403
    with pytest.raises(Stop) as caught:
        run(azure, listed, tokens=ReadyToken(lambda: token))
    error: BaseException | None = caught.value
    while error is not None:
        assert token.reveal() not in repr(error) + repr(vars(error))
        error = error.__context__


def test_a_list_may_leave_out_fields_and_bring_new_ones(azure: StandIn) -> None:
    results = [
        {"id": "bare"},
        {
            "id": "more",
            "state": "PROCESSED",
            "lastModified": "m",
            "lastIndexed": None,
            "name": None,
            "brandNew": [1, {}],
        },
        {"name": "without an id", "state": "Processed"},
        {"id": "whole", "state": "Processing", "lastModified": "m", "lastIndexed": "i", "sourceLanguage": "de-DE"},
    ]
    for answer in ({"results": results}, {"results": results, "nextPage": {"done": True, "more": 1}}):
        transport = httpx2.MockTransport(lambda _, answer=answer: httpx2.Response(200, json=answer))

        async def work(indexer: VideoIndexer) -> list[ListedVideo]:
            return [video async for video in indexer.videos()]

        bare, more, whole = run(azure, work, transport=transport)
        assert (bare.id, bare.is_processed, bare.version) == ("bare", False, "")
        assert (more.id, more.is_processed, more.version) == ("more", True, "m")
        assert (whole.is_processed, whole.version, whole.source_language) == (False, "i", "de-DE")


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"results": 5}', b'{"results": []', b"<html>"])
def test_what_is_no_list_is_tried_again_and_then_given_up(azure: StandIn, answer: bytes) -> None:
    asked: list[httpx2.Request] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, content=answer)

    with pytest.raises(Unreadable, match="may have been cut off"):
        run(
            azure,
            listed,
            transport=httpx2.MockTransport(respond),
            patience=Patience(attempts=3, first_wait=0.0, jitter=0.0),
        )
    assert len(asked) == 3
