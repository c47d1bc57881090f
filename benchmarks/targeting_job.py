"""`target`: the job of all users and their best videos, beside a sparse product of the same users and videos."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from matchcut_server.cli.logs import log_only_trouble
from matchcut_server.profiles.model import Declared
from matchcut_server.store.port import DEFAULT_CATALOG, Catalog, Store
from matchcut_server.store.profile_port import ProfileChange
from matchcut_server.store.sqlite.database import FILE_NAME, back_up
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.targeting.job.part import Task
from matchcut_server.targeting.job.run import Job, Progress
from matchcut_server.targeting.job.run import run as run_job
from matchcut_server.targeting.job.snapshot import Source
from matchcut_server.targeting.job.users import UsersTask
from matchcut_server.vectors.profile import Interest

from .batch import on_cores
from .cache import FOLDER
from .engine import LIMIT, open_index
from .measure import Row, Scale, rate, ratio, timed
from .rivals.port import batch_rivals
from .search import declared_profiles
from .stored import data_folder
from .synthetic import profiles

_CORES = (1, 2)
_PART = 1_000
"""Users: few, so that both cores have something to do to the end."""
_AT_ONCE = 1_000


class _Told(NamedTuple):
    """When a job told of users."""

    time: float
    users: int


def run(scale: Scale) -> Iterator[Row]:
    """Measure users a second, from the first that are done to the last; what is read once at the start is left out."""
    size = scale.served[-1]
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        data = Path(folder) / "data"
        shutil.copytree(data_folder(size), data)
        _add_users(data, scale.job_users)
        asked = declared_profiles(open_index(size), min(scale.job_users, _AT_ONCE))
        others = batch_rivals(size, extras=scale.extras)
        for cores in _CORES:
            with on_cores(cores) as got:
                if not got:
                    continue
                ours = _users_a_second(data, Path(folder) / f"out{cores}", cores)
                yield Row(f"target --users, {cores} core{'s' * (cores > 1)}", size, rate(ours, "users"))
                for other in others:
                    other.search_all(asked[:5], LIMIT)
                    theirs = len(asked) / timed(other.search_all, asked, LIMIT)[0]
                    yield Row(f"  {other.name}", size, rate(theirs, "users"), "", ratio(theirs / ours, "Matchcut"))


def _users_a_second(data: Path, out: Path, workers: int) -> float:
    told: list[_Told] = []
    progress = Progress(lambda *_: None, lambda users: told.append(_Told(time.perf_counter(), users)))
    source = Source(data, SqliteStore, _copy_store)
    job = Job("users", source, DEFAULT_CATALOG, out, _task, {}, None, workers, log_only_trouble)
    run_job(job, progress, threading.Event())
    return sum(one.users for one in told[1:]) / (told[-1].time - told[0].time)


def _task(_store: Store, _catalog: Catalog, _lines: Path) -> Task:
    return UsersTask(LIMIT, users_a_part=_PART)


def _copy_store(data: Path, folder: Path) -> None:
    back_up(data, folder / FILE_NAME)


def _add_users(data: Path, count: int) -> None:
    """Write users of 30 interests each."""
    store = SqliteStore(data)
    catalog = store.catalog(DEFAULT_CATALOG)
    assert catalog is not None
    own = profiles(count)
    for start in range(0, count, _AT_ONCE):
        changes = [ProfileChange(f"user{n:07}", _declares(own[n])) for n in range(start, min(start + _AT_ONCE, count))]
        store.profiles.write_profiles(catalog.catalog_id, changes)
    store.close()


def _declares(interests: Sequence[Interest]) -> Callable[[Declared | None], Declared]:
    declared = Declared(tuple(interests))
    return lambda _: declared
