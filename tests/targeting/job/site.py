"""A data folder with videos and users, and jobs on it."""

import json
import threading
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from matchcut_server.cli.promotion_files import check_promotions, promotion_lines, promotion_of_line
from matchcut_server.insights.model import Video
from matchcut_server.profiles.model import Declared, EventKind
from matchcut_server.store.port import Catalog, Store
from matchcut_server.store.sqlite.database import FILE_NAME, back_up
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.targeting.job.manifest import Manifest
from matchcut_server.targeting.job.part import Task
from matchcut_server.targeting.job.promotions import PromotionsTask
from matchcut_server.targeting.job.run import Inputs, Job, Progress, run
from matchcut_server.targeting.job.snapshot import Source
from matchcut_server.targeting.job.users import UsersTask
from matchcut_server.vectors.profile import Interest
from tests.makers import put, video
from tests.store.profiles import declare, like, view

NOW = 1_790_000_000.0
TOPICS = ("castle", "moat", "film festival", "bread", "harbour", "football", "rocket", "garden")
USERS = 23


def fill(data: Path) -> None:
    """Write videos, users with interests, events or both or neither, and impressions of promotions."""
    store = SqliteStore(data)
    catalog = store.catalog("default")
    assert catalog is not None
    store.write_videos(catalog.catalog_id, [put(one) for one in _videos()])
    changes = []
    for number in range(USERS):
        interests = [Interest(TOPICS[(number * k) % len(TOPICS)], 1.0 + k - 3.0 * (k == 2)) for k in range(number % 4)]
        attributes = {"plan": ("paid" if number % 3 else "free",)}
        changes.append(declare(user_id(number), Declared(tuple(interests), attributes, number % 5 != 0)))
    store.profiles.write_profiles(catalog.catalog_id, changes)
    events = [
        view(f"v{n}", user_id(n), f"video{n % 30:02}", NOW - 9.0, watched_share=0.8)
        for n in range(0, USERS, 2)
        if n % 8
    ]
    events += [like(f"l{n}", user_id(n), f"video{(n * 7) % 30:02}", NOW - 5.0) for n in range(0, USERS, 3)]
    events += [
        view(f"i{n}", user_id(n), "", NOW - 60.0, kind=EventKind.IMPRESSION, promotion_id="p1") for n in range(6)
    ]
    store.profiles.record_events(catalog.catalog_id, events)
    store.close()


def user_id(number: int) -> str:
    return f"user{number:02}"


def _videos() -> Iterable[Video]:
    for number in range(30):
        keywords = (TOPICS[number % len(TOPICS)], TOPICS[(number * 3 + 1) % len(TOPICS)], f"thing {number}")
        yield video(f"video{number:02}", *dict.fromkeys(keywords))


def promotions(path: Path, count: int = 7) -> Path:
    """Write a file of promotions: of keywords, of videos, and of both."""
    lines: list[dict[str, Any]] = []
    for number in range(count):
        line: dict[str, Any] = {"promotion_id": f"p{number}"}
        if number % 3 != 1:
            line["interests"] = [{"keyword": TOPICS[number % len(TOPICS)]}, {"keyword": "bread", "weight": 0.3}]
        if number % 3 != 0:
            line["seeds"] = [{"video_id": f"video{number:02}"}]
        lines.append(line)
    lines[-1]["seeds"] = [{"video_id": "gone"}, {"video_id": "video01"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def copy_store(data: Path, folder: Path) -> None:
    back_up(data, folder / FILE_NAME)


def users_job(data: Path, out: Path, *, part: int = 5, **more: Any) -> Job:
    """Make a job of all users; `more` goes into it, or into its task."""
    own = {name: more.pop(name) for name in ("workers", "clock") if name in more}
    more.setdefault("limit", 4)

    def make(_store: Store, _catalog: Catalog, _lines: Path) -> Task:
        return UsersTask(users_a_part=part, **more)

    options = {name: str(value) for name, value in more.items()}
    return Job(
        "users", Source(data, SqliteStore, copy_store), "default", out, make, options, **{"clock": lambda: NOW, **own}
    )


def promotions_job(data: Path, out: Path, file: Path, *, part: int = 2, **more: Any) -> Job:
    """Make a job of promotions; `more` goes into it, or into its task."""
    own = {name: more.pop(name) for name in ("workers", "clock") if name in more}

    def make(_store: Store, _catalog: Catalog, lines: Path) -> Task:
        return PromotionsTask(lines, promotion_of_line, promotions_a_part=part, **more)

    inputs = Inputs(check_promotions(str(file)), partial(promotion_lines, str(file)))
    options = {name: str(value) for name, value in more.items()}
    source = Source(data, SqliteStore, copy_store)
    return Job("promotions", source, "default", out, make, options, inputs, **{"clock": lambda: NOW, **own})


def finish(job: Job) -> Manifest:
    """Run a job that nobody stops."""
    manifest = run(job, Progress(lambda *_: None, lambda _: None), threading.Event())
    assert manifest is not None
    return manifest


def rows(out: Path) -> list[tuple[Any, ...]]:
    """Read all rows of an output, file by file."""
    return [
        tuple(row.values()) for path in sorted(out.glob("part-*.parquet")) for row in pq.read_table(path).to_pylist()
    ]


def contents(out: Path) -> dict[str, bytes]:
    """Read all files of an output."""
    return {path.name: path.read_bytes() for path in out.iterdir()}
