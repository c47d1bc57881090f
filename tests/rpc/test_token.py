"""Page tokens: what is sealed comes back whole, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.errors import InvalidInput, Reason
from matchcut_server.rpc.token import PageTokens, request_digest

SECRET = bytes(range(32))
DIGEST = request_digest("RecommendVideos", b"a request")
TOKENS = PageTokens(SECRET)


def refusal(token: str, digest: bytes = DIGEST, tokens: PageTokens = TOKENS) -> str:
    """Open a token that is refused, and return why."""
    with pytest.raises(InvalidInput) as refused:
        tokens.open(digest, token)
    (violation,) = refused.value.violations
    assert (violation.field, violation.reason) == ("page_token", Reason.INVALID_PAGE_TOKEN)
    assert "first page" in violation.message
    return violation.message


@given(st.binary(max_size=100), st.binary())
def test_what_was_sealed_is_opened_by_any_process_of_the_store(payload: bytes, request_bytes: bytes) -> None:
    digest = request_digest("RecommendVideos", request_bytes)

    token = TOKENS.seal(digest, payload)

    assert PageTokens(SECRET).open(digest, token) == payload
    assert token.replace("-", "").replace("_", "").isalnum()


def test_a_token_of_the_longest_list_is_short_enough_to_send() -> None:
    assert len(TOKENS.seal(DIGEST, bytes(8 * 1000))) < 11_000


@pytest.mark.parametrize(
    "token", ["", "x", "abc", "not base64 at all!", "é", "====", "A" * 21, "A" * 44, "A" * 10_000, "\x00", "QUJD\nQUJD"]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert "damaged" in refusal(token)


@given(st.binary(max_size=20), st.data())
def test_a_token_with_one_bit_changed_is_refused(payload: bytes, data: st.DataObject) -> None:
    token = TOKENS.seal(DIGEST, payload)
    at = data.draw(st.integers(0, len(token) - 1))
    # The last character holds bits that stand for nothing; exchanging it may not change what the token says.
    other = data.draw(st.sampled_from("ABCDEFGHabcdefgh01234567-_").filter(lambda c: c != token[at]))
    forged = token[:at] + other + token[at + 1 :]

    try:
        assert TOKENS.open(DIGEST, forged) == payload
    except InvalidInput:
        return
    assert at == len(token) - 1


@given(st.binary(max_size=20), st.integers(1, 80))
def test_a_token_that_is_cut_off_is_refused(payload: bytes, cut: int) -> None:
    token = TOKENS.seal(DIGEST, payload)

    refusal(token[:-cut])


def test_a_token_with_something_added_is_refused() -> None:
    token = TOKENS.seal(DIGEST, b"payload")

    refusal(token + "AAAA")
    refusal("AAAA" + token)
    refusal(token + token)
    for extra in ("\n", "\n\n\n\n", "    ", "!!!!", "é"):
        refusal(token[:5] + extra + token[5:])


def test_a_token_of_another_store_is_refused() -> None:
    assert "another store" in refusal(PageTokens(bytes(32)).seal(DIGEST, b"payload"))


@pytest.mark.parametrize("other", [("RecommendVideos", b"another request"), ("ListVideos", b"a request"), ("", b"")])
def test_a_token_of_another_request_is_refused(other: tuple[str, bytes]) -> None:
    assert "another request" in refusal(TOKENS.seal(request_digest(*other), b"payload"))


def test_payload_cannot_pass_for_a_digest() -> None:
    """The digest has a fixed length, so that nothing can be moved from one to the other."""
    token = TOKENS.seal(DIGEST[:8], DIGEST[8:] + b"payload")

    assert TOKENS.open(DIGEST, token) == b"payload"  # made with the key: only the store itself could
    assert len(DIGEST) == 16
