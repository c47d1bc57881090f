"""The docs are true: commands exist, Python runs, outputs are what is printed, links lead on."""

import argparse
import contextlib
import io
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import grpc
import pytest

from matchcut.v1.catalog_service_pb2 import GetCatalogRequest
from matchcut.v1.catalog_service_pb2_grpc import CatalogServiceStub
from matchcut_client import MatchcutClient
from matchcut_client.connection import SERVICE_CONFIG
from matchcut_server.cli.main import make_parser
from matchcut_server.cli.promotion_files import promotion_of_line
from matchcut_server.settings import Settings
from tests.cli.command import EXAMPLES, MATCHCUT, serving
from tests.docs.refresh import CAPTURES, FOLLOWED, Capture
from tests.docs.walkthrough import ROOT, START

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINKED = [*PAGES, ROOT / "client" / "README.md", ROOT / "examples" / "README.md"]
ADDRESS = "127.0.0.1:50051"
COMMAND = re.compile(r"^(?:    |\$ )(?:.*\| )?matchcut (.+)$", re.MULTILINE)
MAKE = re.compile(r"(?:^    |`)make ([a-z-]+)", re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BUF_CURL = re.compile(r"^    (buf curl (?:.*\\\n)*.*)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that holds the example catalog."""
    with serving(tmp_path_factory.mktemp("data")) as address:
        with MatchcutClient(address) as client:
            client.import_video_indexes([path.read_bytes() for path in EXAMPLES.glob("*.json")])
        yield address


# --- commands ---------------------------------------------------------------------------------------------------------


def commands() -> Sequence[object]:
    found = []
    for page in PAGES:
        for line in COMMAND.findall(read(page)):
            words = shlex.split(line.removesuffix("\\"), comments=True)
            found.append(pytest.param(words, id=f"{page.name}: {' '.join(words)}"))
    return found


@pytest.mark.parametrize("words", commands())
def test_a_command_in_the_docs_is_one_the_program_takes(words: list[str]) -> None:
    if "--help" not in words:
        assert make_parser().parse_args(words).run


def test_every_command_is_in_the_docs() -> None:
    text = "".join(map(read, PAGES))
    (commands_of_program,) = (
        action for action in make_parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    assert [name for name in commands_of_program.choices if f"matchcut {name}" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_what_the_docs_make_is_a_target_of_the_makefile(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    assert set(MAKE.findall(read(page))) <= targets


# --- outputs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.name)
def test_an_output_in_the_docs_is_what_is_printed(capture: Capture) -> None:
    """But for white space, which Python's help sets in its own way in each version."""
    assert capture.shown().split() == capture.output().split(), "python -m tests.docs.refresh"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_docs_tell_of_a_setting_its_option_its_variable_and_what_it_does(name: str) -> None:
    shown = " ".join(read(ROOT / "docs" / "server.md").split())
    option = f"--{name.replace('_', '-')} "
    assert option in shown
    assert f"[MATCHCUT_{name.upper()}]" in shown.replace("- ", "-")
    assert Settings.model_fields[name].description


# --- code -------------------------------------------------------------------------------------------------------------


def blocks() -> Sequence[object]:
    """Those that stand alone; what follows from others is run with them, where pages are followed."""
    return [
        pytest.param(block, id=f"{named(page)} {number}")
        for page in (*PAGES, ROOT / "client" / "README.md")
        for number, block in enumerate(PYTHON.findall(standing_alone(page)), start=1)
    ]


def standing_alone(page: Path) -> str:
    return read(page).partition(START)[0] if page in FOLLOWED else read(page)


@pytest.mark.parametrize("block", blocks())
def test_python_in_the_docs_runs(address: str, block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "insights").mkdir()
    for path in sorted(EXAMPLES.glob("*.json"))[:3]:
        shutil.copy(path, tmp_path / "insights")
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(block.replace(ADDRESS, address), "block", "exec"), {})
    assert bool(printed.getvalue()) == ("print(" in block)


def test_the_promotions_in_the_docs_can_be_read() -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```$", read(ROOT / "docs" / "targeting.md"), re.MULTILINE | re.DOTALL)
    assert [promotion_of_line(line.encode()).promotion_id for line in block.splitlines()] == ["festival", "box-set"]


def test_the_service_config_in_the_docs_is_the_clients_and_grpc_takes_it(address: str) -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```$", read(ROOT / "docs" / "clients.md"), re.MULTILINE | re.DOTALL)
    config = json.loads(block)
    assert config == dict(SERVICE_CONFIG)
    with grpc.insecure_channel(address, [("grpc.service_config", json.dumps(config))]) as channel:
        answer = CatalogServiceStub(channel).GetCatalog(GetCatalogRequest(), timeout=10)
    assert answer.statistics.video_count == len(list(EXAMPLES.glob("*.json")))


def test_the_calls_with_buf_in_the_docs_are_answered(address: str) -> None:
    buf = Path(MATCHCUT).with_name("buf")
    if not buf.exists():
        pytest.skip("buf is not installed")
    calls = BUF_CURL.findall(read(ROOT / "docs" / "clients.md"))
    listed, recommended = (
        subprocess.run(
            [str(buf), *shlex.split(call.replace("\\\n", "").replace(ADDRESS, address))[1:]],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        for call in calls
    )
    assert "matchcut.v1.RecommendationService/RecommendVideos" in listed.splitlines()
    assert len(json.loads(recommended)["recommendations"]) == 3


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", LINKED, ids=named)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(read(page)):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        if anchor:
            assert anchor in {slug(heading) for heading in HEADING.findall(read(target))}, link


def slug(heading: str) -> str:
    """Return the anchor of a heading, as those who render Markdown make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
