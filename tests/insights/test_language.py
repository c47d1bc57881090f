"""Language tags in one spelling."""

import pytest

from matchcut_server.insights.language import canonical_language, primary_language


@pytest.mark.parametrize(
    "tag, canonical",
    [
        ("en-US", "en-US"),
        ("En-US", "en-US"),
        ("EN_us", "en-US"),
        ("he", "he"),
        ("ZH-HANS", "zh-Hans"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("fil-PH", "fil-PH"),
        ("sr-cyrl-RS", "sr-Cyrl-RS"),
    ],
)
def test_a_tag_has_one_spelling(tag: str, canonical: str) -> None:
    assert canonical_language(tag) == canonical


@pytest.mark.parametrize(
    "tag", ["", "e", "English language", "en-", "-US", "12", "en--US", "é-FR", "en-US\n", "a" * 36]
)
def test_what_is_not_a_tag_is_refused(tag: str) -> None:
    assert canonical_language(tag) is None


def test_the_first_part_names_the_language() -> None:
    assert primary_language("pt-BR") == "pt"
    assert primary_language("zh") == "zh"
