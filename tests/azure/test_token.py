import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from matchcut_server.azure.account import Secret
from matchcut_server.azure.errors import Busy, Stop, Unreadable
from matchcut_server.azure.http import Http
from matchcut_server.azure.token import ArmToken, ReadyToken, Resource, token_in
from tests.azure.fakes import FakeClock
from tests.azure_stand_in.control import StandIn
from tests.azure_stand_in.faults import Fault, Faults


class SignedIn:
    """A credential of azure-identity's kind."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.scopes: tuple[str, ...] = ()

    def get_token(self, *scopes: str, **kwargs: Any) -> Any:
        self.scopes = scopes
        if not self.token:
            raise RuntimeError("nobody is signed in\nand much more that nobody wants to read")
        return SimpleNamespace(token=self.token, expires_on=0)


def with_tokens(
    azure: StandIn,
    work: Callable[[ArmToken, FakeClock], Awaitable[None]],
    *,
    signed_in: str | None = None,
    name: str | None = None,
) -> SignedIn:
    """Work with tokens that the stand-in generates."""
    credential = SignedIn(azure.entra_token if signed_in is None else signed_in)
    resource = Resource(azure.subscription, azure.resource_group, name or azure.account_name, azure.url)

    async def run() -> None:
        clock = FakeClock()
        async with Http() as http:
            await work(ArmToken(http, credential, resource, clock), clock)

    asyncio.run(run())
    return credential


def test_a_token_is_made_once_and_again_five_minutes_before_its_hour_is_over(azure: StandIn) -> None:
    async def work(tokens: ArmToken, clock: FakeClock) -> None:
        first = await tokens.token()
        clock.time += 55 * 60 - 1
        assert await tokens.token() == first
        clock.time += 1
        second = await tokens.token()
        assert second != first
        clock.time += 55 * 60 - 1
        assert await tokens.token() == second

    credential = with_tokens(azure, work)
    assert azure.requests.count("token") == 2
    assert credential.scopes == ("https://management.azure.com/.default",)


def test_tasks_that_are_refused_at_once_get_one_new_token_together(azure: StandIn) -> None:
    async def work(tokens: ArmToken, clock: FakeClock) -> None:
        old = await tokens.token()
        new = await asyncio.gather(*(tokens.renew(old) for _ in range(8)))
        assert len(set(new)) == 1
        assert new[0] != old
        assert await tokens.token() == new[0]

    with_tokens(azure, work)
    assert azure.requests.count("token") == 2


@pytest.mark.parametrize(
    "options, said",
    [
        ({"signed_in": ""}, r"no sign-in to Azure \(RuntimeError: nobody is signed in\)$"),
        ({"signed_in": "other"}, "HTTP 401: InvalidAuthenticationToken: no access token from Azure Resource Manager"),
        # Not `Gone`: that is about videos, which then may be deleted.
        ({"name": "other"}, "HTTP 404: ResourceNotFound: no access token from Azure Resource Manager"),
    ],
)
def test_whoever_gets_no_token_can_read_nothing(azure: StandIn, options: Any, said: str) -> None:
    async def work(tokens: ArmToken, clock: FakeClock) -> None:
        await tokens.token()

    with pytest.raises(Stop, match=said) as caught:
        with_tokens(azure, work, **options)
    assert not any(secret in str(caught.value) for secret in azure.secrets)


def test_trouble_of_the_manager_may_pass(azure: StandIn) -> None:
    azure.faults = Faults(rate=1.0, kinds={Fault.SERVER_ERROR}, in_a_row=1)

    async def work(tokens: ArmToken, clock: FakeClock) -> None:
        with pytest.raises(Busy):
            await tokens.token()
        assert isinstance(await tokens.token(), Secret)

    with_tokens(azure, work)


def test_an_answer_without_a_token_is_not_shown(azure: StandIn) -> None:
    azure.faults = Faults(rate=1.0, kinds={Fault.TRUNCATED}, in_a_row=1)

    async def work(tokens: ArmToken, clock: FakeClock) -> None:
        with pytest.raises(Unreadable) as caught:
            await tokens.token()
        assert caught.value.__context__ is None
        assert str(caught.value) == "Azure Resource Manager answers without an access token"

    with_tokens(azure, work)


def test_a_token_of_a_file_is_read_again_when_it_was_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("first\n")

    async def run() -> None:
        tokens = ReadyToken(lambda: token_in(path))
        path.write_text('"second"')  # as the classic API writes it
        assert await tokens.token() == Secret("first")
        assert await tokens.renew(Secret("first")) == Secret("second")
        path.write_text("third")
        assert await tokens.renew(Secret("first")) == Secret("second")  # another task has renewed it since
        path.unlink()
        with pytest.raises(Stop, match="token"):
            await tokens.renew(Secret("second"))

    asyncio.run(run())


@pytest.mark.parametrize("content", [b"", b"two words", b"geheim\xc3\xa4", b"a\nb"])
def test_a_file_without_a_token_is_named_and_not_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no access token") as caught:
        token_in(path)
    assert "geheim" not in repr(caught.value)
    assert caught.value.__context__ is None


def test_tokens_are_sent_to_no_manager_without_encryption() -> None:
    with pytest.raises(ValueError, match="https://HOST"):
        Resource("subscription", "group", "name", "http://management.azure.com")
