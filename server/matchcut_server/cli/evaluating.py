"""`matchcut evaluate`: how well rankings find what is known to be right."""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from matchcut.v1.scenario_service_pb2 import RankingSettings
from matchcut_client.conversion import to_message
from matchcut_server.cli.connection import Screen
from matchcut_server.cli.failure import Failure, local_failure
from matchcut_server.cli.logs import log_only_trouble
from matchcut_server.cli.progress import progress_bar
from matchcut_server.cli.ranking_files import ranking_of_json, read_ranking
from matchcut_server.cli.render import counted, plain, print_json
from matchcut_server.cli.sources import read_documents
from matchcut_server.errors import InvalidInput, MatchcutError
from matchcut_server.insights.report import Report
from matchcut_server.store.port import DEFAULT_CATALOG
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.scheme import Scheme

if TYPE_CHECKING:
    from matchcut_server.evaluation.bootstrap import Estimate
    from matchcut_server.evaluation.engine import Scenario
    from matchcut_server.evaluation.runner import Evaluation, Positions
    from matchcut_server.evaluation.task import LeftOut, Task
    from matchcut_server.evaluation.user import User

_USERS_ENDINGS = (".ndjson", ".ndjson.gz")


def add_evaluate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `evaluate` with its own commands."""
    parser = commands.add_parser("evaluate", help="tell how well rankings find what is known to be right")
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    similar = tasks.add_parser(
        "similar",
        help="find videos that are similar to a video",
        description="Ask for videos similar to each labelled one, and compare with the labels. No server is needed.",
    )
    users = tasks.add_parser(
        "users",
        help="find what users watched later",
        description="Recommend videos to each user by a history, and compare with what the user watched later. No "
        "server is needed.",
    )
    for task, run in ((similar, run_similar), (users, run_users)):
        task.add_argument(
            "--videos",
            required=True,
            metavar="PATH",
            help="the catalog: an export, Video Indexer documents (.ndjson, .ndjson.gz or a folder), or - for standard "
            "input",
        )
        task.set_defaults(run=run)
    similar.add_argument(
        "--truth",
        required=True,
        type=Path,
        metavar="FILE",
        help='JSON: {"video id": {"topics": ["a topic"], "related": ["video id"]}, ...}',
    )
    users.add_argument(
        "--users",
        required=True,
        metavar="FILE",
        help='.ndjson or .ndjson.gz, each line: {"user": "id", "history": [{"id": "video id", "time": 1700000000, '
        '"weight": 1}], "held_out": ["video id"]}',
    )
    for task in (similar, users):
        task.add_argument(
            "--scheme",
            action="append",
            choices=[scheme.lower() for scheme in Scheme],
            help="how keywords are weighted (default: as in the export, or else log); may be repeated",
        )
        task.add_argument(
            "--scenario",
            action="append",
            default=[],
            metavar="SETTINGS",
            help="ranking settings to compare with the defaults: a JSON file, or NAME=VALUE,... such as "
            "diversity=0.3,popularity_weight=0.1; may be repeated",
        )
        task.add_argument("--json", action="store_true", help="print JSON for programs instead of a table for people")


def run_similar(arguments: argparse.Namespace) -> int:
    """Evaluate similar videos."""
    from matchcut_server.evaluation.task import SimilarTask  # noqa: PLC0415 - it brings the compiler
    from matchcut_server.evaluation.truth import read_truth  # noqa: PLC0415 - as above

    try:
        truth = read_truth(arguments.truth.read_bytes())
    except OSError as error:
        raise Failure(f"{arguments.truth}: {error.strerror}") from None
    except InvalidInput as refusal:
        raise Failure(f"{arguments.truth}: {refusal}") from None
    return _run(arguments, lambda positions: SimilarTask(truth, positions), None)


def run_users(arguments: argparse.Namespace) -> int:
    """Evaluate recommendations for users."""
    from matchcut_server.evaluation.task import UserTask  # noqa: PLC0415 - it brings the compiler

    path: str = arguments.users
    if not path.endswith(_USERS_ENDINGS):  # so it cannot be standard input either, which can be read only once
        raise Failure(f"--users {path}: name a file that ends in {' or '.join(_USERS_ENDINGS)}", code=2)
    # Before the videos are read, which takes longer, because a line may be wrong.
    latest = max((user.latest for user in _users(path) if user.latest is not None), default=None)
    return _run(arguments, lambda positions: UserTask(lambda: _users(path), positions), latest)


def _users(path: str) -> "Iterator[User]":
    from matchcut_server.evaluation.user import read_user  # noqa: PLC0415 - it brings the compiler

    seen: set[str] = set()
    for line in read_documents([path]):
        if line.problem:
            raise Failure(f"{line.name}: {line.problem}")
        try:
            user = read_user(line.content)
        except InvalidInput as refusal:
            raise Failure(f"{line.name}: {refusal}") from None
        if user.user in seen:
            raise Failure(f"{line.name}: user {user.user!r} is in an earlier line too; put both into one line")
        seen.add(user.user)
        yield user


def _scenario(text: str) -> "Scenario":
    """Read ranking settings: a file with them or with a whole scenario, or `NAME=VALUE,...`."""
    from matchcut_server.evaluation.engine import Scenario  # noqa: PLC0415 - it brings the compiler
    from matchcut_server.rpc.ranking import read_ranking as checked_ranking  # noqa: PLC0415 - as above

    if "=" in text and not text.endswith(".json"):
        name, ranking = text, ranking_of_json(f"--scenario {text}", dict(map(_setting, text.split(","))))
    else:
        scenario = read_ranking("--scenario", text)
        name, ranking = scenario.name, scenario.ranking
    report = Report()
    try:
        settings = checked_ranking("ranking", to_message(RankingSettings, ranking), report)
        report.raise_if_refused()
    except InvalidInput as refusal:
        raise Failure(f"--scenario {text}: {refusal}", code=2) from None
    return Scenario(name, settings)


def _setting(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value.strip()


def _run(arguments: argparse.Namespace, make_task: "Callable[[Positions], Task]", latest: float | None) -> int:
    from matchcut_server.cli.loading import load  # noqa: PLC0415 - it brings the compiler
    from matchcut_server.evaluation.runner import Plan, evaluate  # noqa: PLC0415 - as above

    scenarios = [_scenario(text) for text in arguments.scenario]
    log_only_trouble()
    with tempfile.TemporaryDirectory(prefix="matchcut-evaluate-") as folder, progress_bar() as progress:
        store = SqliteStore(Path(folder))
        try:
            reading = progress.add_task("reading videos", total=None)
            for count in load(store, arguments.videos):
                progress.advance(reading, count)
            catalog = store.catalog(DEFAULT_CATALOG)
            assert catalog is not None
            own = [Scheme(name.upper()) for name in dict.fromkeys(arguments.scheme or ())]
            plan = Plan(make_task, own or [catalog.settings.scheme], scenarios, latest)

            def start(name: str, questions: int) -> Callable[[], None]:
                asking = progress.add_task(f"asking: {name}", total=questions)
                return lambda: progress.advance(asking)

            evaluation = evaluate(store, Path(folder), plan, start)
        except MatchcutError as error:
            raise local_failure(error) from None
        finally:
            store.close()
    if not evaluation.rankings:
        told = _left_out(evaluation.left_out)
        raise Failure(f"there is no question to which any video is relevant; check the ids ({told or 'none given'})")
    if arguments.json:
        print_json(evaluation)
    else:
        _print(evaluation)
    return 0


_COLUMNS = {
    "nDCG@10": "ndcg_at_10",
    "P@10": "precision_at_10",
    "Recall@50": "recall_at_50",
    "MRR": "mrr",
    "coverage": "coverage",
    "novelty": "novelty",
    "diversity": "diversity",
}


def _print(evaluation: "Evaluation") -> None:
    console = Screen()
    about = f"{counted(evaluation.videos, 'video')}, {counted(evaluation.questions, 'question')}"
    marks = "▲ ▼ differs from the first line by more than chance"
    console.print(f"{about}; below each figure its 95 % interval; {marks}", soft_wrap=True)
    left_out = _left_out(evaluation.left_out)
    if left_out:
        console.print(f"left out: {left_out}", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for title in _COLUMNS:
        table.add_column(title, justify="right", no_wrap=True)
    for ranking in evaluation.rankings:
        cells = (
            _cell(getattr(ranking.figures, name), getattr(ranking.differences, name, None))
            for name in _COLUMNS.values()
        )
        table.add_row(plain(ranking.name), *cells)
    console.print(table)


def _cell(estimate: "Estimate", difference: "Estimate | None") -> Text:
    if estimate.value is None:
        return Text("–")
    interval = ""
    if estimate.low is not None and estimate.high is not None:
        interval = f"{estimate.low:.2f}–{estimate.high:.2f}"
    return Text.assemble(f"{_mark(difference)}{estimate.value:.3f}", (f"\n{interval}", "dim"))


def _mark(difference: "Estimate | None") -> str:
    """Say that a difference is more than chance: its interval does not hold 0."""
    if difference is None or difference.low is None or difference.high is None:
        return ""
    return "▲" if difference.low > 0 else "▼" if difference.high < 0 else ""


def _left_out(left_out: "LeftOut") -> str:
    told = (
        (left_out.unknown_videos, "id of no video that may be recommended", "ids of no video that may be recommended"),
        (left_out.watched_before, "held-out video of the same history", "held-out videos of the same history"),
        (left_out.questions, "question with no relevant video", "questions with no relevant video"),
    )
    return ", ".join(f"{number:,} {one if number == 1 else many}" for number, one, many in told if number)
