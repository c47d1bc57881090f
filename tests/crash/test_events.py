"""A process killed while it records events has lost none that it acknowledged, and counts what it has."""

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from matchcut_server.store.sqlite.store import SqliteStore
from tests.store.profiles import popularity, recount

ROUNDS = 10
SEED = 20_240_706
MOST_BATCHES = 20
MOST_SECONDS = 0.02
BATCH = 60
USERS = 7

RECORDER = f"""
import sys
from pathlib import Path
from matchcut_server.store.sqlite.store import SqliteStore
from tests.makers import put, video
from tests.store.profiles import like, view
store = SqliteStore(Path(sys.argv[1]))
batch = int(sys.argv[2])
while True:
    events = [
        (view, like)[i % 5 == 0](f"{{batch}}-{{i}}", f"user-{{i % {USERS}}}", f"{{(batch + i) % 50}}", float(batch))
        for i in range({BATCH})
    ]
    store.profiles.record_events(1, events)
    print(batch, flush=True)
    store.write_videos(1, [put(video(f"{{batch * 3 % 50}}", f"word {{batch}}"))])
    batch += 1
"""


def record_and_kill(folder: Path, batch: int, count: int, seconds: float) -> int:
    """Record from a batch on, kill the process soon after it has acknowledged so many, and return the next batch."""
    process = subprocess.Popen(
        [sys.executable, "-c", RECORDER, str(folder), str(batch)],
        cwd=Path(__file__).parents[2],
        text=True,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(count)]
        time.sleep(seconds)
        process.kill()
        acknowledged += map(int, process.stdout.read().split())
    return acknowledged[-1] + 1


def check(folder: Path, batch: int) -> None:
    """Look for all events of the batches before this one, and count again what is counted."""
    with closing(SqliteStore(folder)) as store:
        histories = [store.profiles.history(1, f"user-{number}") for number in range(USERS)]
        events = [one for found in histories if found is not None for one in found.events]
        found_ids = {one.event.event_id for one in events}
        assert {f"{number}-{i}" for number in range(batch) for i in range(BATCH)} <= found_ids
        assert len(found_ids) == len(events)
        assert len(events) in (batch * BATCH, (batch + 1) * BATCH)  # the last one as a whole, or nothing of it
        assert sum(found.profile.event_count for found in histories if found is not None) == len(events)
        there = {one.video.video_id for one in store.videos(1, "", 100)}
        assert {one.event.video_id for one in events if one.share is not None} == {
            one.event.video_id for one in events
        } & there
        assert popularity(store, 1) == recount(events)
        assert store.write_connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.timeout(300)
def test_ten_kills_lose_no_event_that_was_acknowledged(tmp_path: Path) -> None:
    moments = random.Random(SEED)
    batch = 0
    for _ in range(ROUNDS):
        batch = record_and_kill(tmp_path, batch, moments.randint(1, MOST_BATCHES), moments.uniform(0, MOST_SECONDS))
        check(tmp_path, batch)
