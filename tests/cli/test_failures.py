"""Wrong calls, servers that are not there, and outputs that take no more: a message and an exit code, no traceback."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchcut_client import MatchcutClient
from tests.cli.command import Outcome, document, matchcut, process

TOKEN = ["recommend", "--interest", "sea", "--page-token", "forged"]
SPEAKING = [
    ["import", "-"],
    ["recommend", "--interest", "sea"],
    ["show", "v1"],
    ["stats"],
    ["delete", "v1"],
    ["catalog", "list"],
    ["catalog", "update", "news"],
    ["export", "-"],
]
"""Every command that speaks to a server."""


@pytest.mark.parametrize("words", [[], ["nonsense"], ["stats", "--nonsense"], ["catalog"], ["import"], ["show"]])
def test_a_call_that_cannot_be_read_shows_how_it_is_made(words: list[str]) -> None:
    outcome = matchcut(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("usage: matchcut ")


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize(
    "words, problem",
    [
        (["recommend", "--interest", ""], "interests.interests[0].keyword: "),
        (["recommend", "--interest", "sea=nan"], "interests.interests[0].weight: nan"),
        (["recommend", "--interest", "sea\x1b[31m"], "'sea\\u001b[31m' "),
        (["recommend", "--interest", "sea\udcff"], "interests[0].keyword: "),
        (["recommend", "--interest", "sea", "--page-size", "-1"], "page_size: -1"),
        (["recommend", "--interest", "sea", "--page-size", "9" * 20], "page_size: "),
        (["recommend", "--interest", "sea", "--min-score", "1.5"], "min_score: 1.5"),
        (["recommend", "--interest", "sea", "--attribute", "genre"], "--attribute genre: write NAME=VALUE"),
        (["recommend", "--interest", "sea", "--language", "no language"], "'no language' "),
        (TOKEN, "page_token: "),
        (["stats", "--timeout", "0"], "a timeout is a finite number of seconds above 0"),
        (["stats", "--timeout", "nan"], "a timeout is a finite number of seconds above 0"),
        (["catalog", "create", "Bad Name"], "name: 'Bad Name' "),
        (["catalog", "create", "news", "--alias", "uk"], "--alias uk: write KEYWORD=CANONICAL"),
        (["catalog", "create", "news", "--alias", "uk="], "settings.keyword_aliases[0].canonical: "),
        (["catalog", "create", "news", "--default-language", "?"], "settings.default_language: '?'"),
    ],
    ids=lambda value: " ".join(value).encode("ascii", "backslashreplace").decode() if isinstance(value, list) else "",
)
def test_a_call_with_a_wrong_value_names_it(words: list[str], problem: str) -> None:
    outcome = matchcut(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"matchcut {words[0]}: ")
    assert problem in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "words, problems",
    [
        (["--listen", "nowhere", "--threads", "x"], ["--listen: ", "--threads: "]),
        (["--max-request-bytes", "1"], ["--max-request-bytes: "]),
        (["--log-level", "loud"], ["--log-level: "]),
        (["--reflection", "perhaps"], ["--reflection: "]),
    ],
)
def test_wrong_settings_are_all_named(words: list[str], problems: list[str], tmp_path: Path) -> None:
    outcome = matchcut("serve", "--data", str(tmp_path / "data"), *words)
    assert (outcome.code, outcome.out) == (2, "")
    lines = outcome.err.splitlines()
    assert len(lines) == len(problems)
    for line, problem in zip(lines, problems, strict=True):
        assert line.startswith(f"matchcut serve: {problem}")
    assert not (tmp_path / "data").exists()


def test_a_settings_file_is_checked_too(tmp_path: Path) -> None:
    config = tmp_path / "matchcut.toml"
    for content, code, problem in (
        (None, 3, "there is no file"),
        ("thread = 8", 2, "thread: "),
        ("threads = 0", 2, "threads: "),
        ("threads", 3, "is not a TOML file"),
    ):
        if content is not None:
            config.write_text(content, encoding="utf-8")
        outcome = matchcut("serve", "--data", str(tmp_path / "data"), "--config", str(config))
        assert outcome.code == code, outcome.err
        assert problem in outcome.err


def test_a_data_folder_that_is_none_and_an_address_that_is_taken_are_told(server: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wrong = process("serve", "--data", str(tmp_path / "file"), "--listen", "127.0.0.1:0")
    assert (wrong.code, wrong.out) == (3, "")
    assert str(tmp_path / "file") in wrong.err.splitlines()[-1]
    taken = process("serve", "--data", str(tmp_path / "data"), "--listen", server)
    assert (taken.code, taken.out) == (3, "")
    assert f"cannot listen on {server}: the port is taken" in taken.err.splitlines()[-1]
    assert "Traceback" not in wrong.err + taken.err


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize("words", SPEAKING, ids=" ".join)
def test_a_catalog_that_is_not_there_is_told(words: list[str]) -> None:
    words = ["catalog", "show", "nowhere"] if words[0] == "catalog" else [*words, "--catalog", "nowhere"]
    outcome = matchcut(*words, stdin=document("v1", "sea"))
    assert (outcome.code, outcome.out) == (3, "")
    assert "there is no catalog 'nowhere'; create it first" in outcome.err


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody listens, and nobody will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("words", SPEAKING, ids=" ".join)
def test_a_server_that_is_not_there_is_told_with_what_to_do(nobody: str, words: list[str]) -> None:
    outcome = matchcut(*words, "--server", nobody, stdin=document("v1", "sea"))
    assert (outcome.code, outcome.out) == (3, "")
    start = f"matchcut {words[0]}: {nobody}: no server answers; start one with `matchcut serve` or name another: "
    assert outcome.err.startswith(start)
    assert outcome.err.count("\n") == 1


def test_a_server_that_does_not_answer_is_told_after_the_time_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = matchcut("stats", "--server", f"127.0.0.1:{silent.getsockname()[1]}", "--timeout", "0.3")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith("matchcut stats: 127.0.0.1:")


# --- outputs that take no more ----------------------------------------------------------------------------------------


@pytest.fixture
def much(client: MatchcutClient) -> None:
    """More output than is buffered."""
    client.import_video_indexes([document(f"v{number:04}", "sea", f"word {number}") for number in range(100)])


@pytest.mark.usefixtures("much")
@pytest.mark.parametrize(
    "words",
    [
        ["stats"],
        ["recommend", "--interest", "sea", "--page-size", "100"],
        ["recommend", "--interest", "sea", "--page-size", "100", "--json"],
        ["export"],
    ],
    ids=" ".join,
)
def test_a_reader_that_has_seen_enough_is_no_error(words: list[str]) -> None:
    assert read_by_nobody(*words) == Outcome(0, "", "")


@pytest.mark.usefixtures("catalog")
def test_a_reader_that_has_seen_enough_is_no_error_without_a_buffer_either() -> None:
    assert read_by_nobody("stats", PYTHONUNBUFFERED="1") == Outcome(0, "", "")


def read_by_nobody(*words: str, **environment: str) -> Outcome:
    """Run a command whose output goes into a pipe that nobody reads any more."""
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        return process(*words, stdout=theirs, environment=environment)
    finally:
        os.close(theirs)


@pytest.mark.usefixtures("much")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize("words", [["stats"], ["show", "v0001"], ["export"]], ids=" ".join)
def test_an_output_that_is_full_is_an_error(words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        outcome = process(*words, stdout=full)
    assert outcome.code == 3
    assert outcome.err == f"matchcut {words[0]}: [Errno 28] No space left on device\n"


def test_help_comes_without_a_server() -> None:
    assert matchcut("--help").code == 0
    assert matchcut("--version").out.startswith("matchcut ")
