"""What is left of a Video Indexer document, and that a server reads the same in it as in the whole."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchcut_client import reduce_video_index
from matchcut_server.errors import InvalidInput
from matchcut_server.insights.report import Report
from matchcut_server.insights.video_index import read_video_index
from tests.documents import FRAGMENTS, SYNTHETIC, document, encode, keyword_json


def read(content: bytes) -> object:
    """Return all that the server makes of a document: what it takes, adjusts and refuses."""
    report = Report()
    try:
        index = read_video_index(content, "en-US", report)
    except InvalidInput as error:
        return [(it.field, it.reason, it.message) for it in error.violations]
    return index, report.violations, report.adjustments


def reduced(content: object) -> Any:
    return json.loads(reduce_video_index(encode(content)))


# --- the same for the server ------------------------------------------------------------------------------------------


def test_a_real_document_is_read_alike(real_documents: Path) -> None:
    paths = sorted(real_documents.glob("*.json"))

    assert paths
    for path in paths:
        content = path.read_bytes()
        assert read(reduce_video_index(content)) == read(content), path.name


def test_a_whole_document_loses_most_of_its_bytes(whole_documents: Path) -> None:
    contents = [path.read_bytes() for path in whole_documents.glob("*.json")]

    assert sum(len(reduce_video_index(content)) for content in contents) < 0.1 * sum(map(len, contents))


@pytest.mark.parametrize("path", sorted(SYNTHETIC.glob("*.json")), ids=lambda path: path.stem)
def test_a_synthetic_document_is_read_alike(path: Path) -> None:
    content = path.read_bytes()

    assert read(reduce_video_index(content)) == read(content)


NAMES = st.sampled_from(
    """
    id name created state isBase duration durationInSeconds videos videosRanges range breakdowns insights keywords
    language text confidence instances start end adjustedStart adjustedEnd transcript viewToken userName
    """.split()  # noqa: SIM905 - easier to read
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["0:00:01", "0:00:09", "Processed", "en-US", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=30,
)
KEYWORDS = st.lists(
    st.fixed_dictionaries(
        {"text": st.sampled_from(["england", "film festival"]) | VALUES}, optional={"instances": VALUES}
    ),
    max_size=3,
)
INSIGHTS = st.fixed_dictionaries({}, optional={"keywords": KEYWORDS | VALUES, "language": VALUES, "transcript": VALUES})
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just("v1") | VALUES,
        "videos": st.lists(st.fixed_dictionaries({"insights": INSIGHTS}, optional={"viewToken": VALUES})) | VALUES,
        "insights": INSIGHTS | VALUES,
        "keywords": KEYWORDS | VALUES,
        "breakdowns": VALUES,
        "duration": VALUES,
        "userName": VALUES,
    },
)


@given(DOCUMENTS | KEYWORDS | VALUES)
def test_any_json_is_read_alike(content: object) -> None:
    """Errors too: the same fields, reasons and messages."""
    whole = encode(content)

    assert read(reduce_video_index(whole)) == read(whole)


@given(DOCUMENTS | KEYWORDS)
def test_no_token_and_no_name_of_a_user_is_ever_kept(content: object) -> None:
    kept = reduce_video_index(encode(content))

    assert b"viewToken" not in kept
    assert b"userName" not in kept


@given(DOCUMENTS | KEYWORDS | VALUES)
def test_reducing_twice_is_reducing_once(content: object) -> None:
    once = reduce_video_index(encode(content))

    assert reduce_video_index(once) == once


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_structure_and_order_stay() -> None:
    whole = document(keyword_json("england", ("0:00:01", "0:00:02"), id=1), userName="someone", created="2024-07-05")
    whole["videos"][0] |= {"viewToken": "secret", "externalId": "x"}
    whole["videos"][0]["insights"]["transcript"] = [{"text": "everything that was said"}]

    assert json.dumps(reduced(whole)) == json.dumps(
        document(keyword_json("england", ("0:00:01", "0:00:02")), created="2024-07-05")
    )


def test_a_list_of_keywords_stays_one() -> None:
    assert reduced([{"id": 1, "text": "england"}]) == [{"text": "england"}]


def test_a_retired_document_stays_known_as_one() -> None:
    assert reduced({"id": "v1", "breakdowns": [{"insights": {"topics": []}}]}) == {"id": "v1", "breakdowns": []}


def test_ranges_of_a_project_stay() -> None:
    ranges = [{"videoId": "v1", "range": {"start": "0:00:00", "end": "0:00:15"}}]

    assert reduced({"videosRanges": ranges}) == {"videosRanges": [{"range": {"start": "0:00:00", "end": "0:00:15"}}]}


@pytest.mark.parametrize(
    "content, kept",
    [
        ({"videos": [{"insights": {}}]}, True),
        ({"videos": [{"insights": {"keywords": None}}, {"insights": None}]}, True),
        ({"videos": [{"insights": {"keywords": []}}, {"insights": {}}]}, False),
        ({"insights": {}, "keywords": []}, True),
        ({"insights": {"keywords": []}}, False),
        ({"keywords": []}, False),
        ({"keywords": None}, True),
    ],
)
def test_summarized_keywords_stay_where_there_are_no_others(content: dict[str, Any], kept: bool) -> None:
    appearances = [{"startTime": "0:00:01", "endTime": "0:00:02", "startSeconds": 1, "endSeconds": 2}]
    summarized = {"keywords": [{"name": "england", "appearances": appearances, "isTranscript": True}], "faces": []}

    whole = encode({**content, "summarizedInsights": summarized})

    small = json.loads(reduce_video_index(whole))
    expected = {"keywords": [{"name": "england", "appearances": appearances}]}
    assert small.get("summarizedInsights") == (expected if kept else None)
    assert read(encode(small)) == read(whole)


def test_values_in_the_wrong_place_stay_wrong_and_give_nothing_away() -> None:
    whole = {"id": {"viewToken": "secret"}, "name": 5, "videos": {"0": {}}, "keywords": [7, {"text": ["userName"]}]}

    assert reduced(whole) == {"id": {}, "name": 5, "videos": {}, "keywords": [7, {"text": []}]}


def test_text_of_any_script_stays() -> None:
    text = "映画祭 \u202b\U0001f3ac"

    assert reduced({"keywords": [{"text": text}]}) == {"keywords": [{"text": text}]}
    assert text.encode() in reduce_video_index(encode({"keywords": [{"text": text}]}))


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert reduce_video_index(b'\xef\xbb\xbf{"id": "v1", "userName": "someone"}') == b'{"id":"v1"}'


def test_numbers_stay_what_they_are() -> None:
    whole = b'{"keywords":[{"confidence":0.30000000000000004},{"confidence":123456789012345678901234567890}]}'

    assert reduce_video_index(whole) == whole


# --- what is returned as it is ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b'{"keywords": [',
        b'"keywords": [{"text": "england"}',
        b'"a string"',
        b"5",
        b'{"id": "\xff"}',
        '{"id": "v1"}'.encode("utf-16"),
        b'{"keywords": [{"confidence": NaN}]}',
        b'{"keywords": [{"confidence": -Infinity}]}',
        b'{"transcript": NaN}',
        b'{"keywords": [{"confidence": 1e999}]}',
        b'{"keywords": [{"text": "\\ud800"}]}',
        b'{"durationInSeconds": ' + b"9" * 5_000 + b"}",
        b"[" * 200_000,
        b'{"id": "tab\there"}',
    ],
    ids=lambda content: repr(content[:40]),
)
def test_what_is_not_json_is_left_to_the_server(content: bytes) -> None:
    assert reduce_video_index(content) == content


@pytest.mark.parametrize("path", sorted(FRAGMENTS.glob("*.txt")), ids=lambda path: path.stem)
def test_a_fragment_is_left_to_the_server(path: Path) -> None:
    assert reduce_video_index(path.read_bytes()) == path.read_bytes()
