import itertools
import os
import re
import subprocess
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from matchcut_client import MatchcutClient, Unavailable, Video, WriteResult
from matchcut_server.azure.sink import CatalogSink, Document
from tests.azure_stand_in.control import StandIn, stand_in
from tests.azure_stand_in.faults import Fault, Faults
from tests.azure_stand_in.library import SECRET, made_videos, of_document
from tests.azure_stand_in.record import Request
from tests.cli.command import MATCHCUT, matchcut, on_terminal, process

ENTRA = "matchcut_server.cli.azure_account.default_credential"


@pytest.fixture
def azure(catalog: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """An account of ten videos, which commands take as long as they are not told another."""
    with stand_in(made_videos(10, all_processed=True)) as running:
        monkeypatch.setenv("MATCHCUT_AZURE_ACCOUNT_ID", running.account_id)
        monkeypatch.setenv("MATCHCUT_AZURE_LOCATION", running.location)
        monkeypatch.setenv("MATCHCUT_AZURE_ENDPOINT", running.url)
        monkeypatch.setenv("MATCHCUT_AZURE_TOKEN", running.token())
        monkeypatch.setenv("MATCHCUT_AZURE_STATE", str(tmp_path / "state.db"))
        yield running


def sync(*words: str) -> Any:
    return matchcut("azure", "sync", "--per-second", "1000", "--per-minute", "10000", *words)


def test_what_is_new_is_imported_and_counted(azure: StandIn, client: MatchcutClient) -> None:
    done = sync()
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "10 videos listed: 10 created, 0 updated, 0 the same, 0 unchanged, 0 deleted, "
        "0 rejected, 0 failed, 0 gone, 0 not ready; 11 requests\n"
    )
    assert {video.video_id for video in client.iter_videos()} == set(azure.ids())
    azure.reindex(azure.ids()[0])
    azure.delete(azure.ids()[1])
    counts = sync("--mirror", "--json").json
    assert {name: count for name, count in counts.items() if count} == {
        "listed": 9,
        "updated": 1,
        "unchanged": 8,
        "deleted": 1,
        "requests": 3,
    }


def test_a_rejected_video_is_named_and_is_the_exit_code(azure: StandIn) -> None:
    azure.add(
        of_document({"id": "bad", "name": "no [times]", "videos": [{"id": "bad", "insights": {"duration": "x"}}]})
    )
    azure.set_state(azure.ids()[-1], "Processing")
    done = sync()
    assert done.code == 1
    assert "9 created" in done.out
    assert "1 rejected" in done.out
    first, second = done.err.splitlines()
    assert first.startswith("rejected bad (no [times]): videos[0].insights.duration: 'x' is not a time")
    assert second == f"not ready {azure.ids()[-1]} (made video 1): state Processing"
    [waiting, named] = sync("--json").json["not_taken"]
    assert (waiting["outcome"], waiting["name"]) == ("NOT_READY", "made video 1")
    assert (named["video_id"], named["outcome"]) == ("bad", "REJECTED")


def test_a_dry_run_says_what_would_be_done(azure: StandIn, client: MatchcutClient) -> None:
    done = sync("--dry-run", "--mirror")
    assert done.code == 0
    assert done.out.startswith("10 videos listed: 10 to read, 0 unchanged, up to 0 to delete")
    assert "(dry run: nothing was written)" in done.out
    assert not list(client.iter_videos())


def test_further_languages_are_taken_on_request(azure: StandIn, client: MatchcutClient) -> None:
    sync("--language", "he-IL", "--language", "fr-FR")
    languages = {one.language for one in client.get_video(azure.ids()[0]).video.keyword_sets}
    assert {"he-IL", "fr-FR"} <= languages
    assert len(languages) == 3


def test_what_the_website_says_of_a_video_stays(azure: StandIn, client: MatchcutClient) -> None:
    video_id = azure.ids()[0]
    client.upsert_videos([Video(video_id, title="ours", attributes={"genre": ("news",)})])
    sync()
    video = client.get_video(video_id).video
    assert (video.title, video.attributes) == ("ours", {"genre": ("news",)})
    assert video.keyword_sets[0].keywords


@pytest.mark.parametrize(
    "status, advice", [(401, "get a new access token"), (403, "that the access token may read it")]
)
def test_access_refused_says_what_to_do(azure: StandIn, status: int, advice: str) -> None:
    azure.refusal = status
    done = sync()
    assert (done.code, done.out) == (3, "")
    assert f"matchcut azure: HTTP {status}: USER_NOT_ALLOWED" in done.err
    assert advice in done.err
    assert "the next sync goes on from there" in done.err


def test_an_account_that_is_not_there_is_named(azure: StandIn) -> None:
    done = sync("--location", "westeurope")
    assert (done.code, done.out) == (3, "")
    assert f"Account '{azure.account_id}' was not found in 'westeurope'" in done.err


def test_a_sync_that_ends_early_tells_what_it_has_done(azure: StandIn, client: MatchcutClient) -> None:
    def refuse(request: Request) -> None:
        if azure.requests.count("index") == 5:
            azure.refusal = 403

    azure.before = refuse
    done = sync("--json", "--concurrency", "1")
    assert done.code == 3
    assert (done.json["created"], done.json["trouble"][:8]) == (4, "HTTP 403")
    azure.before = azure.refusal = None
    assert sync("--json").json["created"] == 6


def test_a_server_that_goes_away_ends_it_and_what_was_imported_is_told(
    azure: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_documents = CatalogSink.import_documents
    calls = itertools.count()

    async def fail(sink: CatalogSink, documents: Sequence[Document]) -> Sequence[WriteResult]:
        if next(calls) >= 3:
            raise Unavailable("no server")
        return await import_documents(sink, documents)

    with monkeypatch.context() as away:
        away.setattr(CatalogSink, "import_documents", fail)
        done = sync("--concurrency", "1")
    assert done.code == 3
    assert "10 videos listed: 3 created" in done.out
    assert done.err.startswith("matchcut azure: no server")
    assert "7 created, 0 updated, 0 the same, 3 unchanged" in sync().out


@pytest.mark.parametrize(
    "variables, words, said",
    [
        ({"MATCHCUT_AZURE_ACCOUNT_ID": ""}, [], "--account-id or MATCHCUT_AZURE_ACCOUNT_ID is required"),
        ({"MATCHCUT_AZURE_LOCATION": ""}, [], "--location or MATCHCUT_AZURE_LOCATION is required"),
        ({}, ["--account-id", "mine"], "account id 'mine': give the GUID"),
        ({}, ["--location", "west europe"], "location 'west europe': give a region code"),
        ({}, ["--endpoint", "http://api.videoindexer.ai"], "give https://HOST"),
        ({}, ["--language", "two words"], "--language two words: give a language tag such as fr-FR"),
        ({}, ["--token-file", "/not/there"], "/not/there"),
        ({"MATCHCUT_AZURE_TOKEN": "two secretwords"}, [], "MATCHCUT_AZURE_TOKEN: a secret is one word"),
        ({"MATCHCUT_AZURE_TOKEN": ""}, [], "set MATCHCUT_AZURE_TOKEN, or give --token-file, or --subscription"),
        ({"MATCHCUT_AZURE_TOKEN": ""}, ["--subscription", "s"], "--resource-group and --account-name together"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_sent(
    azure: StandIn, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: list[str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = sync(*words)
    assert done.code == 2
    assert said in done.err
    assert "secretwords" not in done.err
    assert not len(azure.requests)


@pytest.mark.parametrize("option", ["--concurrency", "--per-second", "--per-minute"])
def test_a_number_of_nothing_is_refused(azure: StandIn, option: str) -> None:
    done = sync(option, "0")
    assert done.code == 2
    assert f"{option}: 0: give 1 or more" in done.err


def test_the_catalog_is_asked_for_before_the_account(azure: StandIn) -> None:
    done = sync("--catalog", "misspelt")
    assert done.code == 3
    assert "there is no catalog 'misspelt'" in done.err
    assert not len(azure.requests)


def test_a_state_is_of_one_account_and_catalog(azure: StandIn, client: MatchcutClient, tmp_path: Path) -> None:
    sync()
    client.create_catalog("another-one")
    done = sync("--catalog", "another-one")
    assert done.code == 3
    assert "into catalog another-one" in done.err
    assert "name another file (--state)" in done.err
    assert "10 created" in sync("--catalog", "another-one", "--state", str(tmp_path / "other.db")).out


def test_a_state_has_a_place_of_its_own(
    azure: StandIn, catalog: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MATCHCUT_AZURE_STATE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    sync()
    assert (tmp_path / "matchcut" / f"azure-{azure.account_id}-{catalog}.db").exists()


@pytest.mark.parametrize("module, extra", [("httpx2", "azure"), ("stamina", "azure"), ("azure", "azure-identity")])
def test_what_is_not_installed_is_named(azure: StandIn, tmp_path: Path, module: str, extra: str) -> None:
    (tmp_path / f"{module}.py").write_text(f"raise ModuleNotFoundError('no such module', name={module!r})")
    paths = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    done = process(
        *("azure", "sync", "--subscription", "s", "--resource-group", "g", "--account-name", "n"),
        environment={"PYTHONPATH": os.pathsep.join(filter(None, paths)), "MATCHCUT_AZURE_TOKEN": ""},
    )
    assert done.code == 2
    assert f"pip install 'matchcut-server[{extra}]'" in done.err


def test_tokens_are_made_by_azure_for_who_is_signed_in(azure: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in = SimpleNamespace(get_token=lambda *_: SimpleNamespace(token=azure.entra_token))
    monkeypatch.setattr(ENTRA, lambda: signed_in)
    monkeypatch.delenv("MATCHCUT_AZURE_TOKEN")
    monkeypatch.setenv("MATCHCUT_AZURE_SUBSCRIPTION", azure.subscription)
    monkeypatch.setenv("MATCHCUT_AZURE_RESOURCE_GROUP", azure.resource_group)
    monkeypatch.setenv("MATCHCUT_AZURE_ACCOUNT_NAME", azure.account_name)
    done = sync("--management-endpoint", azure.url)
    assert "10 created" in done.out
    assert azure.requests.count("token") == 1
    refused = sync("--management-endpoint", azure.url, "--account-name", "other")
    assert refused.code == 3
    assert "no access token from Azure Resource Manager" in refused.err


def test_progress_shows_how_fast_it_goes_and_what_is_left(azure: StandIn) -> None:
    shown = on_terminal("azure", "sync", "--per-second", "1000", "--per-minute", "10000", columns=120)
    assert shown.code == 0
    assert re.search(r"reading: \d+\.\d requests/s, \d+ left, 0 rejected", shown.out)
    assert "10 videos listed: 10 created" in shown.out


def test_the_usual_limits_hold_without_being_asked_for(azure: StandIn) -> None:
    """The eleventh request is sent a second after the first; how long each one is on its way is another matter."""
    assert process("azure", "sync").code == 0
    times = azure.requests.times()
    assert len(times) == 11
    assert times[10] - times[0] > 0.5


@pytest.mark.parametrize("refusal", [None, 401, 403])
def test_no_token_is_found_in_anything_that_is_written(azure: StandIn, tmp_path: Path, refusal: int | None) -> None:
    """Both outputs, the arguments of the process, and all files: of a sync with faults, and of one that is refused."""
    token_file = tmp_path / "token"
    token_file.write_text(azure.token())
    azure.faults = Faults(rate=0.3, seed=2, kinds=frozenset(Fault) - {Fault.THROTTLED}, slow_seconds=0.01)
    azure.refusal = refusal
    arguments: list[bytes] = []

    def look(request: Request) -> None:
        if not arguments:
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    words = (folder / "cmdline").read_bytes()
                except OSError:
                    continue
                if b"azure\0sync" in words and str(tmp_path).encode() in words:
                    arguments.append(words)

    azure.before = look
    state = tmp_path / "written" / "state.db"
    done = process(
        *("azure", "sync", "--state", str(state), "--token-file", str(token_file), "--json"),
        *("--per-second", "1000", "--per-minute", "10000"),
        environment={"MATCHCUT_AZURE_TOKEN": azure.token(), "PYTHONFAULTHANDLER": "1"},
    )
    assert done.code == (3 if refusal else 0), done.err
    assert arguments
    written = [done.out.encode(), done.err.encode(), *arguments]
    written += [path.read_bytes() for path in state.parent.iterdir()]
    for secret in [*azure.secrets, SECRET]:
        assert not any(secret.encode() in text for text in written)


def test_a_fault_of_the_program_shows_no_token(azure: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even with the values of all variables on the way, as some tools print them."""

    def fail(*_: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("matchcut_server.azure.client._decoded", fail)
    with pytest.raises(RuntimeError) as caught:
        sync()
    trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = "".join(
        f"{name}={value}"
        for frame in trace.stack
        if "matchcut_server" in frame.filename
        for name, value in (frame.locals or {}).items()
    )
    assert "azure" in ours
    assert not any(secret in ours for secret in azure.secrets)


def test_a_stopped_sync_leaves_at_once_and_goes_on_later(azure: StandIn) -> None:
    """As with Ctrl-C, while Azure lets it wait."""

    with azure.held("index"):
        with subprocess.Popen(
            [MATCHCUT, "azure", "sync"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
        ) as running:
            azure.requests.wait_for("index", 1)
            running.send_signal(2)
            _, errors = running.communicate(timeout=20)
        assert (running.returncode, errors) == (130, b"")
    assert "10 created" in sync().out
