"""Labels: which videos are relevant to which, and what is said of a file that cannot be read."""

import json

import pytest

from matchcut_server.errors import InvalidInput
from matchcut_server.evaluation.truth import Truth, read_truth


def truth(**labels: tuple[str, str]) -> Truth:
    """Read labels: the words of each pair are topics and related videos."""
    written = {
        name: {"topics": topics.split(), "related": related.split()} for name, (topics, related) in labels.items()
    }
    return read_truth(json.dumps(written).encode())


def test_a_gain_is_the_share_of_topics_that_both_have() -> None:
    found = truth(a=("sea film", ""), b=("sea", ""), c=("sea film", ""), d=("sea storm boat", ""), e=("cars", ""))
    assert found.gains("a") == {"b": 1 / 2, "c": 1.0, "d": 1 / 4}
    assert found.gains("e") == {}


def test_a_related_video_gains_all_whatever_its_topics_are() -> None:
    found = truth(a=("sea film", "b unlabelled"), b=("sea storm boat", ""))
    assert found.gains("a") == {"b": 1.0, "unlabelled": 1.0}
    assert found.gains("b") == {"a": 1 / 4}


def test_a_video_is_not_relevant_to_itself() -> None:
    assert truth(a=("sea", "a")).gains("a") == {}


def test_topics_that_are_named_twice_count_once() -> None:
    assert truth(a=("sea sea", ""), b=("sea", "")).gains("a") == {"b": 1.0}


def test_videos_come_in_the_order_of_the_file() -> None:
    found = truth(b=("sea", ""), a=("sea", ""))
    assert (list(found), len(found)) == (["b", "a"], 2)


def test_topics_and_related_videos_may_be_left_out() -> None:
    assert read_truth(b'{"a": {"related": ["b"]}, "b": {}}').gains("a") == {"b": 1.0}


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "write {"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"a": {"topics": "sea"}}', "$[...].topics"),
        (b'{"a": {"topic": ["sea"]}}', "unknown field `topic`"),
        (b'{"a": "\xff"}', "write {"),
        (b"{}", "no video has a topic or a related video"),
        (b'{"a": {}}', "no video has a topic or a related video"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_write(content: bytes, told: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_truth(content)
    assert told in str(refusal.value)
