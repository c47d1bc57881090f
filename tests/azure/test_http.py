import asyncio
import gzip
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

import httpx2
import pytest

from matchcut_server.azure.account import Secret
from matchcut_server.azure.errors import NetworkError, TooLarge
from matchcut_server.azure.http import Http, Response
from tests.azure_stand_in.control import StandIn
from tests.azure_stand_in.faults import Fault, Faults

TOKEN = "eyJ.the-token"
URL = "https://azure.invalid/trial/Videos"
T = TypeVar("T")


def run(work: Callable[[Http], Coroutine[Any, Any, T]], **options: Any) -> T:
    async def within() -> T:
        async with Http(**options) as http:
            return await work(http)

    return asyncio.run(within())


def answered(answer: Callable[[httpx2.Request], httpx2.Response], max_bytes: int = 1_000) -> Response:
    """Ask what answers like this."""
    return run(
        lambda http: http.get(URL, params={"a": "b c"}, token=Secret(TOKEN), max_bytes=max_bytes),
        transport=httpx2.MockTransport(answer),
    )


class Endless(httpx2.AsyncByteStream):
    """A body that never ends, and knows how much of it was read."""

    def __init__(self) -> None:
        self.read = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.read += 1_000
            yield bytes(1_000)

    async def aclose(self) -> None:
        self.closed = True


def test_a_token_stands_in_the_header_alone() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, content=b"body", headers={"X-Name": "value"})

    response = answered(answer)
    assert (response.ok, response.body, response.headers["x-name"]) == (True, b"body", "value")
    assert str(seen[0].url) in {f"{URL}?a=b+c", f"{URL}?a=b%20c"}
    assert seen[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_json_body_is_sent() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=request.content)

    response = run(
        lambda http: http.post(URL, json={"scope": "Account"}, max_bytes=100), transport=httpx2.MockTransport(answer)
    )
    assert response.body.replace(b" ", b"") == b'{"scope":"Account"}'


@pytest.mark.parametrize("size, taken", [(999, True), (1_000, True), (1_001, False)])
def test_an_answer_is_taken_up_to_its_largest_size(size: int, taken: bool) -> None:
    if taken:
        assert len(answered(lambda _: httpx2.Response(200, content=bytes(size))).body) == size
    else:
        with pytest.raises(TooLarge, match="more than 1,000 bytes"):
            answered(lambda _: httpx2.Response(200, content=bytes(size)))


def test_of_an_answer_that_is_too_large_no_more_is_read() -> None:
    body = Endless()
    with pytest.raises(TooLarge):
        answered(lambda _: httpx2.Response(200, stream=body))
    assert body.read <= 3_000
    assert body.closed


def test_the_size_counts_after_decompression() -> None:
    packed = gzip.compress(bytes(100_000))
    assert len(packed) < 1_000
    with pytest.raises(TooLarge):
        answered(lambda _: httpx2.Response(200, content=packed, headers={"content-encoding": "gzip"}))


def test_of_a_refusal_only_the_beginning_is_read_and_never_the_token() -> None:
    body = Endless()
    assert len(answered(lambda _: httpx2.Response(500, stream=body)).body) == 64 * 1024
    assert body.closed
    echo = answered(lambda request: httpx2.Response(401, content=f"no: {request.headers['authorization']}".encode()))
    assert echo.body == b"no: Bearer ***"


def test_what_goes_without_encryption_goes_to_no_proxy(azure: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the token would be read there."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async def ask(http: Http) -> Response:
        return await http.get(f"{azure.url}{azure.api_path}/Videos", token=Secret(azure.token()), max_bytes=100_000)

    assert run(ask).ok


def test_a_redirect_is_not_followed() -> None:
    """Or the token would go wherever an answer says."""
    asked = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.host)
        return httpx2.Response(302, headers={"location": "https://elsewhere.invalid/"})

    assert answered(answer).status == 302
    assert asked == ["azure.invalid"]


@pytest.mark.parametrize(
    "trouble",
    [
        httpx2.ConnectError("refused"),
        httpx2.ConnectTimeout(""),
        httpx2.ReadTimeout(""),
        httpx2.ReadError("reset"),
        httpx2.RemoteProtocolError(f"bad answer to {TOKEN}"),
        httpx2.DecodingError("not gzip"),
    ],
)
def test_trouble_with_the_network_shows_neither_token_nor_query(trouble: httpx2.TransportError) -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        trouble.request = request
        raise trouble

    with pytest.raises(NetworkError, match=r"azure\.invalid") as caught:
        answered(fail)
    shown = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in shown
    assert "b+c" not in shown
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_whole_call_has_a_limit_however_steadily_its_answer_comes(azure: StandIn) -> None:
    async def ask(http: Http) -> Response:
        return await http.get(f"{azure.url}{azure.api_path}/Videos", token=Secret(azure.token()), max_bytes=1_000)

    with azure.held("videos"), pytest.raises(NetworkError, match="did not answer in time"):
        run(ask, call_seconds=0.05)


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.DROPPED])
def test_a_connection_that_breaks_off_is_trouble_with_the_network(azure: StandIn, fault: Fault) -> None:
    azure.set_videos(5)
    azure.faults = Faults(rate=1.0, kinds={fault})

    async def ask(http: Http) -> Response:
        return await http.get(f"{azure.url}{azure.api_path}/Videos", token=Secret(azure.token()), max_bytes=100_000)

    with pytest.raises(NetworkError, match="broke off"):
        run(ask)


def test_logs_of_the_library_hold_no_token(azure: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    async def ask(http: Http) -> Response:
        return await http.get(f"{azure.url}{azure.api_path}/Videos", token=Secret(azure.token()), max_bytes=100_000)

    with caplog.at_level(logging.DEBUG):
        assert run(ask).ok
    assert caplog.text
    assert not any(secret in caplog.text for secret in azure.secrets)
