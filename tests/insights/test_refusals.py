"""Documents that are refused: where, what and what to do about it."""

from typing import Any

import pytest

from matchcut_server.errors import InvalidInput, Reason, Violation
from matchcut_server.insights.report import Report
from matchcut_server.insights.video_index import read_video_index
from tests.documents import FRAGMENTS, REAL, RETIRED, SYNTHETIC, document, encode, keyword_json


def refusals(content: object) -> list[Violation]:
    """Read a document that is refused."""
    report = Report()
    try:
        index = read_video_index(content if isinstance(content, bytes) else encode(content), "en-US", report)
    except InvalidInput as refusal:
        return list(refusal.violations)
    assert index is None
    return report.violations


def changed(**fields: Any) -> dict[str, Any]:
    """Make a document whose one keyword has other fields than it should."""
    return document({**keyword_json("film", ("0:00:01", "0:00:02")), **fields})


KEYWORD = "videos[0].insights.keywords[0]"


@pytest.mark.parametrize(
    "content, field, value",
    [
        (document(id=5), "id", "5"),
        (document(videos={}), "videos", "object"),
        (document(videos=[5]), "videos[0]", "5"),
        (document(created="yesterday"), "created", "'yesterday'"),
        (document(created="2024-13-01T00:00:00+00:00"), "created", "'2024-13-01T00:00:00+00:00'"),
        (changed(text=5), f"{KEYWORD}.text", "5"),
        (changed(text=["film"]), f"{KEYWORD}.text", "array"),
        (changed(confidence="0.5"), f"{KEYWORD}.confidence", "'0.5'"),
        (changed(confidence=True), f"{KEYWORD}.confidence", "True"),
        (changed(confidence={}), f"{KEYWORD}.confidence", "object"),
        (changed(language="English, please"), f"{KEYWORD}.language", "'English, please'"),
        (changed(instances="0:00:01"), f"{KEYWORD}.instances", "'0:00:01'"),
        (changed(instances=[None]), f"{KEYWORD}.instances[0]", "null"),
        (changed(instances=[{"start": 1, "end": "0:00:02"}]), f"{KEYWORD}.instances[0].start", "1"),
        (changed(instances=[{"start": "soon", "end": "0:00:02"}]), f"{KEYWORD}.instances[0].start", "'soon'"),
        (changed(instances=[{"start": "0:00:01", "end": "1:2:3"}]), f"{KEYWORD}.instances[0].end", "'1:2:3'"),
        (changed(instances=[{"start": "0:00:01", "end": "9" * 99}]), f"{KEYWORD}.instances[0].end", "999"),
        (changed(text="bad\x07bell"), f"{KEYWORD}.text", "'bad\\u0007bell'"),
        ({"insights": {"keywords": [{"text": 5}]}}, "insights.keywords[0].text", "5"),
        ({"keywords": [{"text": 5}]}, "keywords[0].text", "5"),
        ([{"text": "film"}, {"text": 5}], "[1].text", "5"),
        ({"videos": [{"insights": {"duration": "forever"}}]}, "videos[0].insights.duration", "'forever'"),
        ({"videos": [{"insights": {"duration": "-0:00:10"}}]}, "videos[0].insights.duration", "'-0:00:10'"),
        ({"duration": 12, "videos": [{"insights": {}}]}, "duration", "12"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path_the_value_and_a_remedy(content: object, field: str, value: str) -> None:
    (violation,) = refusals(content)

    assert violation.field == field
    assert violation.reason is Reason.INVALID_VALUE
    assert value in violation.message
    assert any(remedy in violation.message for remedy in ("correct", "remove", "give", "write", "such as"))


@pytest.mark.parametrize(
    "content, field",
    [
        (changed(text=None), f"{KEYWORD}.text"),
        (changed(text=" "), f"{KEYWORD}.text"),
        (changed(instances=[{"start": "0:00:01"}]), f"{KEYWORD}.instances[0].end"),
        (changed(instances=[{"end": "0:00:01"}]), f"{KEYWORD}.instances[0].start"),
        (changed(instances=[{}]), f"{KEYWORD}.instances[0].adjustedStart"),
        ({}, ""),
        ({"id": "v1", "name": "a listing has no insights", "state": "Processed"}, ""),
        ({"customInsights": [{"Name": "mine", "Instances": []}]}, ""),
        (b"", ""),
        (b" \n\t", ""),
        (b"\xef\xbb\xbf", ""),
    ],
)
def test_what_is_missing_is_named(content: object, field: str) -> None:
    violation = refusals(content)[0]

    assert (violation.field, violation.reason) == (field, Reason.REQUIRED)


@pytest.mark.parametrize(
    "content",
    [
        encode(document())[:-1],
        encode(document()) + b"x",
        encode(document()).decode().encode("utf-16"),
        b'{"name": "caf\xe9"}',
        b'{"keywords": [{"text": "\\ud800"}]}',
        b'{"keywords": [{"text": "a", "confidence": NaN}]}',
        b'{"keywords": [{"text": "a", "confidence": Infinity}]}',
        b'{"keywords": [{"text": "a", "confidence": .5}]}',
        b'{"keywords": [{"text": "tab\tinside"}]}',
        b"{'keywords': []}",
        b"not json",
        b"\x00",
        b'{"a":' * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        (FRAGMENTS / "docs-keyword-object-unquoted.txt").read_bytes(),
    ],
    ids=lambda content: repr(content[:24]),
)
def test_what_is_not_json_is_refused_as_a_whole(content: bytes) -> None:
    (violation,) = refusals(content)

    assert (violation.field, violation.reason) == ("", Reason.MALFORMED_JSON)
    assert violation.message.isprintable()


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"1" + b"0" * 400])
def test_numbers_beyond_all_bounds_are_refused(number: bytes) -> None:
    (violation,) = refusals(b'{"keywords": [{"text": "a", "confidence": %s}]}' % number)

    assert violation.field == "keywords[0].confidence"
    assert len(violation.message) < 300


def test_seconds_beyond_all_bounds_are_refused() -> None:
    appearances = [{"startSeconds": 0, "endSeconds": 1e308}]
    summarized = {"keywords": [{"name": "film", "appearances": appearances}]}

    (violation,) = refusals({"summarizedInsights": summarized, "videos": [{"insights": {}}]})

    assert violation.field.startswith("summarizedInsights.keywords[0]")


def test_a_document_nested_deep_where_nothing_is_read_does_not_break_the_reader() -> None:
    content = b'{"videos": [{"insights": {"ocr": %s}}]}' % (b"[" * 100_000 + b"]" * 100_000)

    assert refusals(content)[0].reason is Reason.MALFORMED_JSON


@pytest.mark.parametrize(
    "content, field, value",
    [
        ((SYNTHETIC / "uploaded.json").read_bytes(), "state", "'Uploaded'"),
        ((SYNTHETIC / "processing.json").read_bytes(), "state", "'Processing'"),
        ((SYNTHETIC / "failed.json").read_bytes(), "state", "'Failed'"),
        (document(state="Quarantined"), "state", "'Quarantined'"),
        ({"id": "v1", "state": "Uploaded", "videos": None}, "state", "'Uploaded'"),
        ({"id": "v1", "state": "Uploaded"}, "state", "'Uploaded'"),
        ({"videos": [{"state": "processed", "insights": {}}, {"state": "Failed"}]}, "videos[1].state", "'Failed'"),
        (document(videos=[]), "videos", "import"),
        ({"videos": [{"id": "v1", "insights": None}]}, "videos[0].insights", "import"),
        ({"videos": [{"id": "v1"}]}, "videos[0].insights", "import"),
        ({"insights": None}, "insights", "import"),
    ],
)
def test_what_is_not_indexed_yet_is_refused_as_such(content: object, field: str, value: str) -> None:
    (violation,) = refusals(content)

    assert (violation.field, violation.reason) == (field, Reason.NOT_PROCESSED)
    assert value in violation.message


def test_a_document_of_the_retired_api_is_refused_by_name() -> None:
    (violation,) = refusals((REAL / RETIRED).read_bytes())

    assert (violation.field, violation.reason) == ("breakdowns", Reason.RETIRED_FORMAT)
    assert "v1" in violation.message
    assert "v2" in violation.message


def test_a_document_is_refused_whole_with_all_that_is_wrong() -> None:
    good = keyword_json("film", ("0:00:01", "0:00:02"))
    bad_text = keyword_json("", ("0:00:01", "0:00:02"))
    bad_time = keyword_json("boat", ("noon", "0:00:02"))

    fields = [violation.field for violation in refusals(document(good, bad_text, bad_time))]

    assert fields == [
        "videos[0].insights.keywords[1].text",
        "videos[0].insights.keywords[2].instances[0].start",
    ]


def test_a_refusal_shows_no_invisible_characters_and_no_more_than_a_line() -> None:
    (violation,) = refusals(changed(text="\u202egnirts\x00" + "long " * 500))

    assert violation.message.isprintable()
    assert len(violation.message) < 300
