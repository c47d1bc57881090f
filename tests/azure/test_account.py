import pytest

from matchcut_server.azure.account import Account, Secret

GUID = "5f1c0a8e-3b7d-4e0a-9d55-0c7a4be1f2d3"


def test_a_secret_shows_itself_only_to_who_asks_for_it() -> None:
    secret = Secret("eyJ.token")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!s:>20}", f"{secret:>20}", str([secret]), "%s" % secret]  # noqa: UP031
    assert not any("eyJ" in text for text in shown)
    assert secret.reveal() == "eyJ.token"
    assert secret == Secret("eyJ.token") != Secret("other")
    assert len({secret, Secret("eyJ.token")}) == 1


@pytest.mark.parametrize("text", ["", "two words", "a\nline", "schlüssel"])
def test_what_cannot_stand_in_a_header_is_no_secret_and_is_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="one word of printable ASCII") as refusal:
        Secret(text)
    assert not text or text not in str(refusal.value)


def test_an_account_has_addresses_in_which_ids_are_spelt_out() -> None:
    account = Account("westeurope", GUID)
    assert account.url("Videos", "a/b c", "Index") == (
        f"https://api.videoindexer.ai/westeurope/Accounts/{GUID}/Videos/a%2Fb%20c/Index"
    )


@pytest.mark.parametrize(
    "location, account_id, endpoint, named",
    [
        ("west europe", GUID, "https://api.videoindexer.ai", "west europe"),
        ("../x", GUID, "https://api.videoindexer.ai", "location"),
        ("trial", "mine", "https://api.videoindexer.ai", "account id 'mine'"),
        ("trial", GUID, "http://api.videoindexer.ai", "https://HOST"),
        ("trial", GUID, "https://user:word@host", "https://HOST"),
        ("trial", GUID, "file:///etc", "https://HOST"),
    ],
)
def test_what_cannot_be_an_account_is_refused_by_name(
    location: str, account_id: str, endpoint: str, named: str
) -> None:
    with pytest.raises(ValueError, match="give") as refusal:
        Account(location, account_id, endpoint)
    assert named in str(refusal.value)
    assert "word" not in str(refusal.value)


def test_without_encryption_only_this_machine_is_spoken_to() -> None:
    assert Account("trial", GUID, "http://127.0.0.1:8000/").endpoint == "http://127.0.0.1:8000"
