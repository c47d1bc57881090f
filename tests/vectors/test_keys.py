"""Keys of terms."""

import pytest

from matchcut_server.vectors.keys import term_key


@pytest.mark.parametrize(
    "block, term, key",
    [
        ("phrases", "london", 0x813B83CDCD3C493E),
        ("words", "london", 0x465F8035DD277EF3),
        ("phrases", "film festiv", 0x687536556C6530FD),
        ("words", "שלום", 0xB5C84223C9BF0DDA),
        ("words", "", 0xE76927E373DC4A6A),
    ],
)
def test_keys_never_change_because_they_are_stored(block: str, term: str, key: int) -> None:
    assert term_key(block, term) == key  # type: ignore[arg-type]


def test_terms_and_blocks_that_differ_have_keys_that_differ() -> None:
    terms = [f"{first}{second}" for first in ("", "a", "film ") for second in range(1000)]

    keys = {term_key("phrases", term) for term in terms} | {term_key("words", term) for term in terms}

    assert len(keys) == 2 * len(terms)
    assert all(0 <= key < 2**64 for key in keys)
