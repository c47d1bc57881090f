"""`matchcut import`: what it reads, what it says, and what is there afterwards."""

import gzip
import json
import os
from pathlib import Path

import pytest

from matchcut_client import MatchcutClient
from matchcut_server.cli import importing, sending
from matchcut_server.cli.sources import Document
from tests.cli.command import document, matchcut, on_terminal, shown
from tests.documents import FRAGMENTS, REAL, RETIRED

pytestmark = pytest.mark.usefixtures("catalog")


def ids(client: MatchcutClient) -> list[str]:
    return [video.video_id for video in client.iter_videos()]


def lines(*documents: bytes) -> bytes:
    return b"\n".join(documents) + b"\n"


def write(path: Path, content: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


def pretty(content: bytes) -> bytes:
    return json.dumps(json.loads(content), indent=2).encode()


# --- what is read -----------------------------------------------------------------------------------------------------


def test_several_files_are_imported(client: MatchcutClient, tmp_path: Path) -> None:
    one = write(tmp_path / "one.json", document("v1", "sea"))
    two = write(tmp_path / "two.txt", pretty(document("v2", "sea")))
    outcome = matchcut("import", one, two)
    assert outcome.code == 0
    assert outcome.out == "2 documents: 2 created, 0 updated, 0 unchanged, 0 rejected\n"
    assert outcome.err == ""
    assert ids(client) == ["v1", "v2"]


def test_a_folder_is_searched_whole_for_what_may_hold_documents(client: MatchcutClient, tmp_path: Path) -> None:
    write(tmp_path / "b.json", document("v1", "sea"))
    write(tmp_path / "deep" / "er" / "a.json", pretty(document("v2", "sea")))
    write(tmp_path / "deep" / "c.ndjson", lines(document("v3", "sea"), document("v4", "sea")))
    write(tmp_path / "d.ndjson.gz", gzip.compress(lines(document("v5", "sea"))))
    write(tmp_path / "notes.txt", b"not a document")
    (tmp_path / "folder.json").mkdir()
    assert matchcut("import", str(tmp_path)).code == 0
    assert ids(client) == ["v1", "v2", "v3", "v4", "v5"]


@pytest.mark.parametrize("name", ["all.ndjson", "all.ndjson.gz"])
def test_ndjson_holds_a_document_a_line(client: MatchcutClient, tmp_path: Path, name: str) -> None:
    content = lines(document("v1", "sea"), b"", document("v2", "sea"), b"  ") + document("v3", "sea")
    path = write(tmp_path / name, gzip.compress(content) if name.endswith(".gz") else content)
    assert matchcut("import", path).code == 0
    assert ids(client) == ["v1", "v2", "v3"]


@pytest.mark.parametrize(
    "content, expected",
    [
        (document("v1", "sea"), ["v1"]),
        (pretty(document("v1", "sea")), ["v1"]),
        (b"\n\n" + pretty(document("v1", "sea")), ["v1"]),
        (lines(document("v1", "sea"), document("v2", "sea")), ["v1", "v2"]),
        (b"\n\n" + lines(document("v1", "sea"), b"", document("v2", "sea")), ["v1", "v2"]),
        (document("v1", "sea") + b"\r\n" + document("v2", "sea"), ["v1", "v2"]),
        (b"\xef\xbb\xbf" + lines(document("v1", "sea"), document("v2", "sea")), ["v1", "v2"]),
    ],
    ids=["one", "pretty", "pretty after blank lines", "lines", "lines after blank lines", "CRLF", "byte order mark"],
)
def test_standard_input_holds_one_document_or_one_a_line(
    client: MatchcutClient, content: bytes, expected: list[str]
) -> None:
    outcome = matchcut("import", "-", stdin=content)
    assert outcome.code == 0, outcome.err
    assert ids(client) == expected


def test_a_bad_line_of_standard_input_is_named_by_its_number(client: MatchcutClient) -> None:
    outcome = matchcut("import", "-", stdin=b"\n" + lines(document("v1"), b'{"id": }', document("v2")))
    assert outcome.code == 1
    assert "rejected -:3: not valid JSON" in outcome.err
    assert ids(client) == ["v1", "v2"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([shown("sea")]).encode(),
        json.dumps({"keywords": [shown("sea")]}, indent=1).encode(),
        json.dumps({"insights": {"keywords": [shown("sea")]}}).encode(),
        b'"keywords": [' + json.dumps(shown("sea")).encode(),
    ],
    ids=["list", "keywords", "insights", "unclosed"],
)
def test_a_document_without_an_id_is_imported_under_the_one_given(client: MatchcutClient, content: bytes) -> None:
    assert matchcut("import", "-", stdin=content).code == 1
    assert ids(client) == []
    outcome = matchcut("import", "-", "--video-id", "v1", stdin=content)
    assert outcome.code == 0, outcome.err
    assert [keyword.text for keyword in client.get_video("v1").video.keyword_sets[0].keywords] == ["sea"]


def test_of_documents_of_the_same_video_the_last_one_counts(
    client: MatchcutClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many calls are under way."""
    monkeypatch.setattr(importing, "CHUNK", 2)
    words = [f"word{i}" for i in range(40)]
    others = [document(f"other{i}", "sea") for i in range(40)]
    mixed = [one for word, other in zip(words, others, strict=True) for one in (document("v1", word), other)]

    assert matchcut("import", "-", stdin=lines(*mixed)).code == 0

    assert [keyword.text for keyword in client.get_video("v1").video.keyword_sets[0].keywords] == [words[-1]]
    assert len(ids(client)) == 41


def test_the_fragments_of_the_documentation_are_imported_or_refused_with_a_reason(client: MatchcutClient) -> None:
    for path in FRAGMENTS.glob("*.txt"):
        outcome = matchcut("import", str(path), "--video-id", path.stem)
        assert outcome.code == (0 if path.stem in ids(client) else 1)
        assert (outcome.code == 0) == (outcome.err == "")
    assert "docs-keywords-unclosed" in ids(client)


def test_an_id_for_more_than_one_document_is_a_wrong_call_that_writes_nothing(
    client: MatchcutClient, tmp_path: Path
) -> None:
    path = write(tmp_path / "all.ndjson", lines(document("v1", "sea"), document("v2", "sea")))
    outcome = matchcut("import", path, "--video-id", "v3")
    assert outcome.code == 2
    assert outcome.err == "matchcut import: --video-id goes with a single document\n"
    assert ids(client) == []


def test_the_languages_of_a_video_come_one_by_one(client: MatchcutClient) -> None:
    english, german = document("v1", "sea"), document("v1", "Meer", language="de-DE")
    outcome = matchcut("import", "-", "--json", stdin=lines(english, german))
    assert (outcome.json["created"], outcome.json["updated"]) == (1, 1)
    assert [one.language for one in client.get_video("v1").video.keyword_sets] == ["de-DE", "en-US"]


def test_real_documents_are_imported_and_the_retired_one_is_refused_by_name(client: MatchcutClient) -> None:
    outcome = matchcut("import", str(REAL))
    assert outcome.code == 1
    expected = len(list(REAL.glob("*.json"))) - 1
    assert outcome.out.startswith(f"{expected + 1} documents: {expected} created, 0 updated, 0 unchanged, 1 rejected\n")
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith(f"rejected {REAL / RETIRED}: ")
    assert "v1" in outcome.err
    assert len(ids(client)) == expected


# --- what becomes of it -----------------------------------------------------------------------------------------------


def test_a_dry_run_finds_what_an_import_would_and_writes_nothing(client: MatchcutClient) -> None:
    content = lines(document("v1", "sea"), document(None, "sea"))
    before = client.get_catalog().statistics
    dry = matchcut("import", "-", "--dry-run", stdin=content)
    assert dry.code == 1
    assert dry.out == ("2 documents: 1 created, 0 updated, 0 unchanged, 1 rejected (dry run: nothing was written)\n")
    assert client.get_catalog().statistics == before
    real = matchcut("import", "-", stdin=content)
    assert (real.code, real.err) == (dry.code, dry.err)
    assert ids(client) == ["v1"]


def test_importing_again_changes_nothing_and_a_changed_document_updates(client: MatchcutClient) -> None:
    first = matchcut("import", "-", "--json", stdin=lines(document("v1", "sea"), document("v2", "sea"))).json
    again = matchcut("import", "-", "--json", stdin=lines(document("v1", "sea"), document("v2", "moon"))).json
    statuses = ("created", "updated", "unchanged", "rejected")
    assert [first[status] for status in statuses] == [2, 0, 0, 0]
    assert [again[status] for status in statuses] == [0, 1, 1, 0]


def test_a_document_that_is_there_twice_is_imported_once(client: MatchcutClient, tmp_path: Path) -> None:
    path = write(tmp_path / "one.json", document("v1", "sea"))
    answer = matchcut("import", path, str(tmp_path), path, "--json").json
    assert (answer["created"], answer["unchanged"], answer["rejected"]) == (1, 2, 0)


def test_good_documents_are_kept_and_each_rejected_one_is_named_with_the_place_the_value_and_the_remedy(
    client: MatchcutClient, tmp_path: Path
) -> None:
    write(tmp_path / "a-good.json", document("v1", "sea"))
    wrong_time = write(tmp_path / "b-time.json", document("v2", shown("sea", end="soon")))
    wrong_type = write(tmp_path / "c-type.json", document("v3", shown("sea", confidence="high")))
    not_ready = write(tmp_path / "d-state.json", document("v4", state="Processing"))
    write(tmp_path / "e-good.json", document("v5", "sea"))
    outcome = matchcut("import", str(tmp_path))
    assert outcome.code == 1
    assert outcome.out == "5 documents: 2 created, 0 updated, 0 unchanged, 3 rejected\n"
    problems = outcome.err.splitlines()
    assert len(problems) == 3
    assert problems[0].startswith(f"rejected {wrong_time}: videos[0].insights.keywords[0].instances[0].end: 'soon'")
    assert problems[1].startswith(f"rejected {wrong_type}: videos[0].insights.keywords[0].confidence: ")
    assert problems[2].startswith(f"rejected {not_ready}: state: 'Processing'")
    assert ids(client) == ["v1", "v5"]


DAMAGED = gzip.compress(b"\n".join(document(f"v{number:03}", "sea") for number in range(300)))


@pytest.mark.parametrize(
    "name, content, problem",
    [
        ("gone.json", None, "cannot be read: No such file or directory"),
        ("empty.json", b"", "the document is empty"),
        ("blank.json", b" \n ", "the document is empty"),
        ("empty.ndjson", b"", "no documents in this file"),
        ("blank.ndjson", b"\n\n", "no documents in this file"),
        ("empty.ndjson.gz", gzip.compress(b""), "no documents in this file"),
        ("broken.json", b'{"id": "v1", "videos": [', "not valid JSON"),
        ("bytes.json", bytes(range(256)), "not UTF-8 at byte 128"),
        ("text.ndjson.gz", b"not compressed", "cannot be read: Not a gzipped file"),
        ("cut.ndjson.gz", DAMAGED[:40], "cannot be read: Compressed file ended"),
        ("flipped.ndjson.gz", DAMAGED[:30] + b"\xff" * 10 + DAMAGED[40:], "cannot be read: Error -3"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.endswith((".json", ".gz", ".ndjson")) else "",
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_kept(
    client: MatchcutClient, tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    good = write(tmp_path / "zz-good.json", document("good", "sea"))
    outcome = matchcut("import", str(path), good)
    assert outcome.code == 1
    assert outcome.err.startswith(f"rejected {path}: {problem}")
    assert outcome.err.count("\n") == 1
    assert "good" in ids(client)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "loop.json"
    path.symlink_to(path)  # which not even root can read
    outcome = matchcut("import", str(path))
    assert outcome.code == 1
    assert outcome.err == f"rejected {path}: cannot be read: Too many levels of symbolic links\n"


def test_what_a_cut_file_holds_before_the_cut_is_kept(client: MatchcutClient, tmp_path: Path) -> None:
    path = write(tmp_path / "cut.ndjson.gz", DAMAGED[: len(DAMAGED) // 2])
    answer = matchcut("import", path, "--json").json
    assert 0 < answer["created"] < 300
    assert answer["problems"][-1]["source"] == path
    assert len(ids(client)) == answer["created"]


def test_a_folder_without_documents_is_named(tmp_path: Path) -> None:
    outcome = matchcut("import", str(tmp_path))
    assert outcome.code == 1
    assert outcome.err == f"rejected {tmp_path}: no .json, .ndjson, .ndjson.gz files in this folder\n"


def test_more_documents_than_a_call_takes_are_all_imported_and_counted(client: MatchcutClient) -> None:
    some = [document(f"v{number:03}" if number % 10 else None, "sea") for number in range(450)]
    answer = matchcut("import", "-", "--json", stdin=lines(*some)).json
    assert (answer["created"], answer["rejected"]) == (405, 45)
    assert [problem["source"] for problem in answer["problems"][:2]] == ["-:1", "-:11"]
    assert client.get_catalog().statistics.video_count == 405


def test_fifty_problems_are_shown_and_the_others_counted() -> None:
    outcome = matchcut("import", "-", stdin=lines(*[document(None)] * 60))
    assert outcome.err.count("rejected -:") == 50
    assert outcome.err.endswith("and 10 more; --json lists all\n")


def test_no_more_is_held_in_memory_than_one_call_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "CHUNK_BYTES", 100)
    sizes = [10, 10, 10, 10, 95, 200, 10]
    chunks = sending.chunks((Document("-", b"x" * size) for size in sizes), 3)
    assert [[len(one.content) for one in chunk] for chunk in chunks] == [[10, 10, 10], [10, 95], [200], [10]]


def test_what_was_adjusted_is_told(tmp_path: Path) -> None:
    content = lines(document("v1", {"text": "sea"}, shown("moon", confidence=7)), document("v2", {"text": "sea"}))
    outcome = matchcut("import", "-", stdin=content)
    assert outcome.out.splitlines()[1:] == [
        "  adjusted: clamped confidence (1)",
        "  adjusted: defaulted confidence (2)",
        "  adjusted: defaulted duration (2)",
    ]


def test_the_summary_for_programs_holds_everything(tmp_path: Path) -> None:
    path = write(tmp_path / "all.ndjson", lines(document("v1", {"text": "Meer – Küste"}), document(None)))
    outcome = matchcut("import", path, "--json")
    answer = outcome.json
    assert outcome.err == ""
    assert answer.pop("problems") == [{"source": f"{path}:2", "problem": answer_problem(path)}]
    assert answer == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
        "adjustments": {"defaulted_confidence": 1, "defaulted_duration": 1},
    }


def answer_problem(path: str) -> str:
    """Return what people are told of the second line."""
    return matchcut("import", path).err.removeprefix(f"rejected {path}:2: ").rstrip("\n")


def test_a_file_whose_name_is_no_text_is_imported_and_named(client: MatchcutClient, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.ndjson")
    try:
        Path(path).write_bytes(lines(document("v1", "sea"), document(None)))
    except OSError:
        pytest.skip("this file system has only names that are text")
    assert matchcut("import", path).err.startswith(f"rejected {tmp_path}/caf\\xe9.ndjson:2: ")
    assert matchcut("import", path, "--json").json["problems"][0]["source"] == f"{tmp_path}/caf\\xe9.ndjson:2"
    assert ids(client) == ["v1"]


def test_progress_is_shown_on_a_terminal_and_then_removed(tmp_path: Path) -> None:
    path = write(tmp_path / "all.ndjson", lines(*[document(f"v{number}", "sea") for number in range(20)]))
    outcome = on_terminal("import", path)
    assert outcome.code == 0
    assert "importing" in outcome.out
    assert "20/20" in outcome.out
    last = outcome.out.rpartition("\x1b[2K")[2]  # what follows the last line that was cleared
    assert last == "20 documents: 20 created, 0 updated, 0 unchanged, 0 rejected\r\n"
