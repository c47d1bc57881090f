"""Fragments of documents, as documentation shows them."""

import json

import pytest

from matchcut_server.insights.fragment import complete_fragment
from tests.documents import FRAGMENTS, read


@pytest.mark.parametrize(
    "text, whole",
    [
        ('"keywords": [', {"keywords": []}),
        ('"keywords": [{"text": "a"}]', {"keywords": [{"text": "a"}]}),
        ('"keywords": [{"text": "a"}', {"keywords": [{"text": "a"}]}),
        ('"keywords": [{"text": "a"},', {"keywords": [{"text": "a"}]}),
        ('"keywords": [{"text": "a [ and \\" {"}', {"keywords": [{"text": 'a [ and " {'}]}),
        ('"insights": {"keywords": [{"text": "a", "instances": [', {
            "insights": {"keywords": [{"text": "a", "instances": []}]}
        }),
    ],
)  # fmt: skip
def test_braces_and_brackets_are_added(text: str, whole: object) -> None:
    assert json.loads(complete_fragment(text.encode())) == whole


@pytest.mark.parametrize("text", ['{"keywords": [', '[{"text": "a"}', '"transcript": [', "keywords: [", ""])
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert complete_fragment(text.encode()) == text.encode()


@pytest.mark.parametrize("rest", [b'\\"', b'"', b"\\", b"[", b"]", b"{", b'"\\'])
def test_a_large_broken_fragment_takes_no_longer_than_a_large_one(rest: bytes) -> None:
    """Were every quote tried as the start of a string, this would take hours."""
    content = b'"keywords": ["' + rest * 500_000

    assert complete_fragment(content).startswith(b'{"keywords"')


def test_the_documentations_keywords_are_read() -> None:
    index = read((FRAGMENTS / "docs-keywords-unclosed.txt").read_bytes())

    (keyword_set,) = index.keyword_sets
    first, second = keyword_set.keywords
    assert (first.text, first.confidence, len(first.instances)) == ("office insider", 1.0, 4)
    assert (second.text, second.confidence, len(second.instances)) == ("insider tip", 0.9975, 1)
    assert (index.video_id, index.duration) == ("", None)


def test_the_documentations_insights_are_read_as_a_video_without_keywords() -> None:
    index = read((FRAGMENTS / "docs-insights-multilanguage-unclosed.txt").read_bytes(), default_language="de-DE")

    (keyword_set,) = index.keyword_sets
    assert (keyword_set.language, keyword_set.keywords) == ("en-US", ())
    assert index.duration == 110.486
