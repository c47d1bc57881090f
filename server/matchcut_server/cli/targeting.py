"""`matchcut target`: jobs over all users, offline, on a snapshot of a data folder."""

import argparse
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import msgspec

from matchcut.v1 import profile_service_pb2 as profile_pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut_client import ProfileFilter as ClientFilter
from matchcut_client.conversion import to_message
from matchcut_server.cli.audience import parse_cap
from matchcut_server.cli.failure import Failure, local_failure
from matchcut_server.cli.logs import log_only_trouble
from matchcut_server.cli.profile_options import add_profile_options, profile_conditions
from matchcut_server.cli.progress import progress_bar
from matchcut_server.cli.promotion_files import check_promotions, promotion_lines, promotion_of_line
from matchcut_server.cli.render import counted, plain, print_json
from matchcut_server.errors import InvalidInput, MatchcutError, scenario_not_found
from matchcut_server.store.port import Catalog, Store
from matchcut_server.store.sqlite.database import FILE_NAME, back_up
from matchcut_server.store.sqlite.store import SqliteStore

if TYPE_CHECKING:
    from matchcut_server.profiles.filter import ProfileFilter
    from matchcut_server.targeting.audience import FrequencyCap
    from matchcut_server.targeting.job.part import Task
    from matchcut_server.targeting.job.run import Job

_DEFAULT_VIDEOS, _MOST_VIDEOS = 20, 1_000

_HELP = """\
Find the audience of each promotion of a file, or the best videos for each user (--users), offline.

The job works on a snapshot of the data folder, so a server may go on meanwhile. The output is a folder of Parquet
files, part-00000.parquet and so on, in order, and _manifest.json, which tells what was asked for, of which data, and
rows, bytes and SHA-256 of each file. The folder appears only when all of it is there; until then the work is in the
folder of the same name with .partial at its end. A job that is stopped or killed goes on where it was when the same
command is run again, with the snapshot it began with. It needs the extra `parquet`.

Columns for promotions: promotion_id, rank, user_id, score; promotions in the order of the file, for each the users
with the highest score first. Only users whose profiles allow targeting are found. PROMOTIONS has one JSON object a
line, with the names of `Promotion` in the contract, such as
{"promotion_id": "p1", "interests": [{"keyword": "football"}], "seeds": [{"video_id": "v1"}]}.

Columns for users: user_id, rank, video_id, score, origin; as RecommendVideos answers, without what the user has
hidden or seen. origin is MATCH, PINNED, or FALLBACK for popular and recent videos where too few match; a scenario
whose fallback_allowed is false has none of these.

Examples:
  matchcut target promotions.ndjson --data matchcut-data --out audiences --limit 100000 --min-score 0.05
  matchcut target --users --data matchcut-data --out best --limit 20 --scenario newsletter
"""


def add_target(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `target`."""
    parser = commands.add_parser(
        "target",
        help="make the audiences of many promotions, or the best videos of all users, without a server",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit codes: 0 done; 1 stopped by SIGINT or SIGTERM after the parts under way; 2 wrong call; 3 failed.",
    )
    parser.add_argument("promotions", nargs="?", metavar="PROMOTIONS", help=".ndjson or .ndjson.gz")
    parser.add_argument("--users", action="store_true", help="the best videos of all users, instead of promotions")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="data folder of a server")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to make; it must not exist")
    parser.add_argument(
        "--catalog",
        metavar="NAME",
        default=os.environ.get("MATCHCUT_CATALOG", "default"),
        help="catalog to work on (default: default) [MATCHCUT_CATALOG]",
    )
    parser.add_argument(
        "--limit",
        type=_positive,
        metavar="N",
        help=f"at most so many users a promotion (default: all that match), or videos a user (default: "
        f"{_DEFAULT_VIDEOS}, at most {_MOST_VIDEOS:,})",
    )
    parser.add_argument(
        "--min-score", type=float, default=0.0, metavar="SCORE", help="only matches of at least this score, 0 to 1"
    )
    parser.add_argument(
        "--cap",
        action="append",
        default=[],
        metavar="[PROMOTION_ID:]DAYS[=MAX]",
        help="not those who were shown the promotion, or another one, so often (default: once) in the last days; may "
        "be repeated",
    )
    parser.add_argument("--scenario", default="", metavar="NAME", help="with --users: rank by this scenario")
    add_profile_options(parser)
    parser.add_argument(
        "--workers", type=_positive, metavar="N", help="processes that work (default: one a CPU core that may be used)"
    )
    parser.add_argument("--json", action="store_true", help="print the manifest when the job is done")
    parser.set_defaults(run=run_target)


def run_target(arguments: argparse.Namespace) -> int:
    """Run a job; return 1 if it was stopped."""
    _check(arguments)
    from matchcut_server.targeting.job.run import Progress, run  # noqa: PLC0415 - it brings the compiler
    from matchcut_server.targeting.job.workers import WorkFailed  # noqa: PLC0415 - as above

    log_only_trouble()
    job = _users_job(arguments) if arguments.users else _promotions_job(arguments)
    noun = "user" if arguments.users else "promotion"
    done = total = 0
    with _stopped_by_signals() as stopping, progress_bar(with_rate=True) as bar:
        shown = bar.add_task("taking a snapshot", total=None)

        def begin(before: int, of: int) -> None:
            nonlocal done, total
            done, total = before, of
            bar.reset(shown, total=of, completed=before, description=f"{noun}s")

        def advance(more: int) -> None:
            nonlocal done
            done += more
            bar.advance(shown, more)

        try:
            manifest = run(job, Progress(begin, advance), stopping)
        except (MatchcutError, WorkFailed, OSError) as error:
            raise local_failure(error) from None
    if manifest is None:
        told = f"stopped after {done:,} of {counted(total, noun)}; run the same command again to go on"
        print(told)
        return 1
    if arguments.json:
        print_json(manifest)
    else:
        files, rows = counted(len(manifest.files), "file"), counted(manifest.rows, "row")
        print(plain(f"{arguments.out}: {rows} for {counted(manifest.items, noun)} in {files}"))
        for missing in manifest.missing_ids:
            print(plain(f"{missing} is not in the catalog"))
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what does not go together, or cannot work. Raises `Failure`."""
    if bool(arguments.promotions) == arguments.users:
        raise Failure("name a file of promotions, or give --users", code=2)
    if not 0 <= arguments.min_score <= 1:  # which not-a-number is not either
        raise Failure(f"--min-score {arguments.min_score}: give a number from 0 to 1", code=2)
    if arguments.scenario and not arguments.users:
        raise Failure("--scenario ranks videos; give it with --users", code=2)
    if arguments.cap and arguments.users:
        raise Failure("--cap is for promotions; leave it out with --users", code=2)
    if find_spec("pyarrow") is None:
        raise Failure("the output is Parquet; install what writes it: pip install 'matchcut-server[parquet]'")
    if not (arguments.data / FILE_NAME).is_file():
        raise Failure(f"{arguments.data} is not a data folder of Matchcut; check the path")


def _users_job(arguments: argparse.Namespace) -> "Job":
    from matchcut_server.targeting.job.users import UsersTask  # noqa: PLC0415 - it brings the compiler

    limit = arguments.limit or _DEFAULT_VIDEOS
    if limit > _MOST_VIDEOS:
        raise Failure(f"--limit {limit}: at most {_MOST_VIDEOS:,} videos a user", code=2)
    profiles, told = _profile_filter(arguments)

    def make(store: Store, catalog: Catalog, _: Path) -> "Task":
        from matchcut_server.ranking.settings import DEFAULTS  # noqa: PLC0415 - it brings the compiler
        from matchcut_server.rpc.ranking import ranking_settings  # noqa: PLC0415 - as above

        ranking = DEFAULTS
        if arguments.scenario:
            found = store.scenarios.scenario(catalog.catalog_id, arguments.scenario)
            if found is None:
                raise scenario_not_found(catalog.name, arguments.scenario)
            ranking = ranking_settings(scenario_pb.RankingSettings.FromString(found.ranking))
        return UsersTask(limit, arguments.min_score, profiles=profiles, ranking=ranking)

    options = {"limit": limit, "min_score": arguments.min_score, "scenario": arguments.scenario, "filter": told}
    return _job(arguments, "users", make, options)


def _promotions_job(arguments: argparse.Namespace) -> "Job":
    from matchcut_server.targeting.job.promotions import PromotionsTask  # noqa: PLC0415 - it brings the compiler
    from matchcut_server.targeting.job.run import Inputs  # noqa: PLC0415 - as above

    profiles, told = _profile_filter(arguments)
    caps = _caps(arguments.cap)
    path: str = arguments.promotions
    inputs = Inputs(check_promotions(path), lambda: promotion_lines(path))

    def make(_store: Store, _catalog: Catalog, lines: Path) -> "Task":
        return PromotionsTask(lines, promotion_of_line, arguments.limit, arguments.min_score, profiles, caps)

    options = {
        "limit": arguments.limit,
        "min_score": arguments.min_score,
        "filter": told,
        "frequency_caps": [cap._asdict() for cap in caps],
    }
    return _job(arguments, "promotions", make, options, inputs)


def _job(arguments: argparse.Namespace, kind: str, make: Any, options: dict[str, Any], inputs: Any = None) -> "Job":
    from matchcut_server.app import cpu_cores  # noqa: PLC0415 - it brings the compiler
    from matchcut_server.targeting.job.run import Job  # noqa: PLC0415 - as above
    from matchcut_server.targeting.job.snapshot import Source  # noqa: PLC0415 - as above

    source = Source(arguments.data, SqliteStore, _copy_store)
    workers = arguments.workers or cpu_cores()
    return Job(kind, source, arguments.catalog, arguments.out, make, options, inputs, workers, log_only_trouble)


def _copy_store(data: Path, folder: Path) -> None:
    back_up(data, folder / FILE_NAME)


def _profile_filter(arguments: argparse.Namespace) -> "tuple[ProfileFilter | None, dict[str, Any] | None]":
    """Return the filter of profiles that was given, and what tells of it."""
    from matchcut_server.insights.report import Report  # noqa: PLC0415 - it brings the compiler
    from matchcut_server.rpc.profile_requests import read_profile_filter  # noqa: PLC0415 - as above

    conditions = profile_conditions(arguments)
    if not conditions:
        return None, None
    given = ClientFilter(all_of=tuple(conditions))
    report = Report()
    found = read_profile_filter("filter", to_message(profile_pb.ProfileFilter, given), report)
    try:
        report.raise_if_refused()
    except InvalidInput as refusal:
        raise Failure(str(refusal), code=2) from None
    return found, msgspec.to_builtins(given)


def _caps(given: Sequence[str]) -> "tuple[FrequencyCap, ...]":
    """Read limits on impressions; those of the promotion itself have no id."""
    from matchcut_server.rpc.limits import MAX_CAP_DAYS  # noqa: PLC0415 - it brings the compiler
    from matchcut_server.targeting.audience import FrequencyCap  # noqa: PLC0415 - as above

    caps = []
    for text in given:
        cap = parse_cap(text)
        if not 0 < cap.days <= MAX_CAP_DAYS or cap.max_impressions < 1:
            message = f"give days above 0 and up to {MAX_CAP_DAYS:,.0f}, and at least 1 time"
            raise Failure(f"--cap {text}: {message}", code=2)
        caps.append(FrequencyCap(cap.promotion_id, cap.days, cap.max_impressions))
    return tuple(caps)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Take note of the first SIGINT or SIGTERM while the block runs; a second one ends the process at once."""
    stopping = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def take_note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - how a handler is called
        stopping.set()
        put_back()

    for number in before:
        signal.signal(number, take_note)
    try:
        yield stopping
    finally:
        put_back()
