"""`matchcut import --watch`: folders that are followed."""

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_client import MatchcutClient
from matchcut_server.cli.sending import Summary
from matchcut_server.cli.watching import QUIET_SECONDS, Files
from tests.cli.command import Running, document, matchcut, serving

ONE_CREATED = "1 document: 1 created, 0 updated, 0 unchanged, 0 rejected"
ONE_UPDATED = "1 document: 0 created, 1 updated, 0 unchanged, 0 rejected"


def ids(client: MatchcutClient) -> list[str]:
    return [video.video_id for video in client.iter_videos()]


def keywords(client: MatchcutClient, video_id: str) -> list[str]:
    return [one.text for one in client.get_video(video_id).video.keyword_sets[0].keywords]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to watch."""
    folder = tmp_path / "insights"
    folder.mkdir()
    return folder


@pytest.fixture
def watching(catalog: str, folder: Path) -> Iterator[Running]:
    """The command, which watches the folder already."""
    with Running("import", "--watch", str(folder)) as running:
        running.next_line(having="watching ")
        yield running


# --- what is imported -------------------------------------------------------------------------------------------------


def test_what_is_there_is_imported_and_then_what_comes_and_changes(
    client: MatchcutClient, catalog: str, folder: Path
) -> None:
    (folder / "a.json").write_bytes(document("v1", "sea"))
    (folder / "b.ndjson").write_bytes(document("v2", "sea") + b"\n" + document("v3", "sea") + b"\n")
    with Running("import", str(folder), "--watch") as running:
        assert running.next_line() == f"watching {folder}"
        assert running.next_line() == "3 documents: 3 created, 0 updated, 0 unchanged, 0 rejected"
        (folder / "c.json").write_bytes(document("v4", "sea"))
        assert running.next_line() == ONE_CREATED
        (folder / "a.json").write_bytes(document("v1", "moon"))
        assert running.next_line() == ONE_UPDATED
        assert running.end() == 0
    assert running.lines[-1] == "stopped; 5 documents: 4 created, 1 updated, 0 unchanged, 0 rejected"
    assert ids(client) == ["v1", "v2", "v3", "v4"]
    assert keywords(client, "v1") == ["moon"]


def test_a_file_takes_the_place_of_another(watching: Running, client: MatchcutClient, folder: Path) -> None:
    """As tools write that leave no half file behind: under another name first."""
    for number, outcome in enumerate((ONE_CREATED, ONE_UPDATED, ONE_UPDATED)):
        unfinished = folder / "a.json.part"
        unfinished.write_bytes(document("v1", f"word{number}"))
        unfinished.replace(folder / "a.json")
        assert watching.next_line() == outcome
        assert keywords(client, "v1") == [f"word{number}"]


def test_a_file_that_is_written_slowly_is_imported_once_it_is_whole(
    watching: Running, client: MatchcutClient, folder: Path
) -> None:
    content = document("v1", "sea")
    with (folder / "a.json").open("wb", buffering=0) as file:
        file.write(content[:50])
        assert "a.json: not valid JSON" in watching.next_line(having="rejected ")
        assert watching.next_line().endswith("1 rejected")
        file.write(content[50:])
    assert watching.next_line() == ONE_CREATED
    assert watching.end() == 0  # nothing is wrong with it now
    assert ids(client) == ["v1"]


def test_lines_that_are_added_to_a_file_are_imported(watching: Running, client: MatchcutClient, folder: Path) -> None:
    with (folder / "a.ndjson").open("ab", buffering=0) as file:
        file.write(document("v1", "sea") + b"\n")
        assert watching.next_line() == ONE_CREATED
        file.write(document("v2", "sea") + b"\n")
        assert watching.next_line() == "2 documents: 1 created, 0 updated, 1 unchanged, 0 rejected"


def test_folders_may_come_with_files_and_hidden_names_are_left_out(
    watching: Running, client: MatchcutClient, folder: Path
) -> None:
    elsewhere = folder.with_name("elsewhere")
    (elsewhere / "deep" / ".unfinished").mkdir(parents=True)
    (elsewhere / "deep" / ".unfinished" / "a.json").write_bytes(document("v1", "sea"))
    (elsewhere / "deep" / ".b.json").write_bytes(document("v2", "sea"))
    (elsewhere / "deep" / "c.json").write_bytes(document("v3", "sea"))
    (elsewhere / "notes.txt").write_bytes(b"not a document")
    elsewhere.rename(folder / "moved")
    assert watching.next_line() == ONE_CREATED
    (folder / "new" / "er").mkdir(parents=True)
    (folder / "new" / "er" / "d.json").write_bytes(document("v4", "sea"))
    assert watching.next_line() == ONE_CREATED
    assert ids(client) == ["v3", "v4"]


def test_files_whose_bytes_are_the_same_are_not_sent_again(watching: Running, folder: Path) -> None:
    for name in ("a.json", "b.json"):
        (folder / name).write_bytes(document(name, "sea"))
    assert watching.next_line().startswith("2 documents: 2 created")
    (folder / "a.json").write_bytes(document("a.json", "sea"))
    os.utime(folder / "b.json", (1, 1))
    (folder / "c.json").write_bytes(document("c.json", "sea"))
    assert watching.next_line() == ONE_CREATED
    assert watching.end() == 0
    assert watching.lines[-1].startswith("stopped; 3 documents: ")


def test_a_deleted_file_leaves_its_video(watching: Running, client: MatchcutClient, folder: Path) -> None:
    (folder / "a.json").write_bytes(document("v1", "sea"))
    assert watching.next_line() == ONE_CREATED
    (folder / "a.json").unlink()
    (folder / "b.json").write_bytes(document("v2", "sea"))
    assert watching.next_line() == ONE_CREATED
    assert ids(client) == ["v1", "v2"]


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_rejected_files_are_named_and_the_others_imported(watching: Running, folder: Path) -> None:
    (folder / "bad.json").write_bytes(b'{"id": }')
    (folder / "lines.ndjson").write_bytes(document("v1", "sea") + b"\n{}\n")
    lines = [watching.next_line() for _ in range(3)]
    assert lines[0].startswith(f"rejected {folder}/bad.json: not valid JSON")
    assert lines[1].startswith(f"rejected {folder}/lines.ndjson:2: ")
    assert lines[2] == "3 documents: 1 created, 0 updated, 0 unchanged, 2 rejected"
    (folder / "bad.json").write_bytes(document("v2", "sea"))
    assert watching.next_line() == ONE_CREATED
    assert watching.end() == 1
    assert watching.lines[-1] == "  rejected as they are now: 1 file"
    assert f"rejected {folder}/lines.ndjson: line 2: " in "".join(watching.lines[4:])
    assert "bad.json" not in "".join(watching.lines[4:])


def test_a_link_that_leads_nowhere_is_no_file(watching: Running, folder: Path) -> None:
    (folder / "a.json").symlink_to(folder / "a.json")
    (folder / "b.json").write_bytes(document("v2", "sea"))
    assert watching.next_line() == ONE_CREATED
    assert watching.end(signal.SIGINT) == 0


def test_a_server_that_goes_away_is_waited_for(folder: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        (folder / "a.json").write_bytes(document("v1", "sea"))
        running = Running("import", "--watch", str(folder), "--server", server)
        running.next_line(having=ONE_CREATED)
    with running:
        (folder / "b.json").write_bytes(document("v2", "sea"))
        assert running.next_line().startswith(f"{server}: waiting for the server: ")
        (folder / "c.json").write_bytes(document("v3", "sea"))
        with serving(tmp_path / "data", server), MatchcutClient(server) as client:
            running.next_line(having=f"{server}: going on")
            running.next_line(having=ONE_CREATED)
            running.next_line(having=ONE_CREATED)
            assert ids(client) == ["v1", "v2", "v3"]
            assert running.end() == 0


def test_a_signal_ends_the_wait_for_a_server(folder: Path, tmp_path: Path) -> None:
    (folder / "a.json").write_bytes(document("v1", "sea"))
    with Running("import", "--watch", str(folder), "--server", "127.0.0.1:1") as running:
        running.next_line(having="waiting for the server")
        assert running.end(signal.SIGINT) == 0
        assert running.lines[-1] == "stopped; 0 documents: 0 created, 0 updated, 0 unchanged, 0 rejected"


def test_a_catalog_that_is_not_there_ends_the_command(server: str, folder: Path) -> None:
    (folder / "a.json").write_bytes(document("v1", "sea"))
    outcome = matchcut("import", "--watch", str(folder), "--server", server, "--catalog", "nowhere")
    assert outcome.code == 3
    assert "there is no catalog 'nowhere'; create it first" in outcome.err


@pytest.mark.parametrize(
    "words, problem",
    [
        (["-"], "--watch takes folders, and "),
        (["no such folder"], "--watch takes folders, and "),
        ([".", "--video-id", "v1"], "--video-id goes with a single document, not with --watch"),
    ],
)
def test_only_folders_can_be_watched(words: list[str], problem: str) -> None:
    outcome = matchcut("import", "--watch", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert problem in outcome.err


# --- for programs -----------------------------------------------------------------------------------------------------


def test_programs_are_told_of_each_batch_and_of_all(catalog: str, folder: Path) -> None:
    (folder / "a.json").write_bytes(document("v1", "sea"))
    with Running("import", "--watch", str(folder), "--json") as running:
        assert json.loads(running.next_line())["created"] == 1
        (folder / "b.json").write_bytes(b"{")
        [problem] = json.loads(running.next_line())["problems"]
        assert problem["source"] == f"{folder}/b.json"
        assert running.end() == 1
    whole = json.loads(running.lines[-1])
    assert (whole["created"], whole["rejected"], whole["problems"]) == (1, 1, [problem])


def test_a_dry_run_checks_what_comes_and_writes_nothing(client: MatchcutClient, folder: Path) -> None:
    with Running("import", "--watch", str(folder), "--dry-run") as dry:
        dry.next_line(having="watching ")
        (folder / "a.json").write_bytes(document("v1", "sea"))
        assert dry.next_line() == ONE_CREATED
        assert dry.end() == 0
    assert dry.lines[-1].endswith("(dry run: nothing was written)")
    assert ids(client) == []


# --- the law ----------------------------------------------------------------------------------------------------------

_NAMES = st.sampled_from(["a.json", "b.json", "deep/c.json", "deep/er/d.json"])
_STEPS = st.one_of(
    st.tuples(st.just("write"), _NAMES, st.integers(0, 2)),
    st.tuples(st.just("replace"), _NAMES, st.integers(0, 2)),
    st.tuples(st.just("touch"), _NAMES, st.integers(1, 3)),
    st.tuples(st.just("delete"), _NAMES, st.just(0)),
    st.tuples(st.just("wait"), _NAMES, st.just(0)),
)


@settings(max_examples=40)
@given(steps=st.lists(_STEPS, max_size=25))
def test_what_was_read_last_is_what_is_there_and_nothing_is_read_twice(steps: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        files, now = Files([folder]), 0.0
        read: dict[str, bytes] = {}

        def take(now: float) -> None:
            for found in files.read(files.quiet(now)):
                inside = str(Path(found.name).relative_to(folder))
                assert read.get(inside) != found.content
                read[inside] = found.content
            files.take_note(Summary())
            files.keep()

        for action, inside, number in steps:
            path = folder / inside
            _act(action, path, number)
            files.look([path], now)
            if not path.exists():
                read.pop(inside, None)
            if action == "wait":
                now += QUIET_SECONDS
                take(now)
        files.look([folder], now)
        take(now + QUIET_SECONDS)
        assert read == {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json")}


def _act(action: str, path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    match action:
        case "write":
            path.write_bytes(b"%d" % number)
        case "replace":
            path.with_suffix(".part").write_bytes(b"%d" % number)
            path.with_suffix(".part").replace(path)
        case "touch" if path.exists():
            os.utime(path, (number, number))
        case "delete":
            path.unlink(missing_ok=True)
