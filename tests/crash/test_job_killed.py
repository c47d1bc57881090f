"""A job over all users that is killed again and again ends with the same files."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matchcut_server.store.sqlite.store import SqliteStore
from tests.store.profiles import declare, interests
from tests.targeting.job.site import TOPICS, contents, fill, finish, users_job

KILLS = 3
SEED = 20_261_123
USERS = 2_000
PART = 50

JOB = f"""
import sys
from pathlib import Path
from tests.targeting.job.site import finish, users_job
if __name__ == "__main__":
    finish(users_job(Path(sys.argv[1]), Path(sys.argv[2]), part={PART}, workers=2))
"""


@pytest.mark.timeout(240)
def test_a_job_killed_at_any_time_goes_on_to_the_same_files(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    fill(data)
    store = SqliteStore(data)
    changes = [declare(f"more{n:04}", interests(TOPICS[n % 8], TOPICS[n * n % 8])) for n in range(USERS)]
    store.profiles.write_profiles(1, changes)
    store.close()
    finish(users_job(data, tmp_path / "whole", part=PART))
    program = tmp_path / "job.py"
    program.write_text(JOB)
    chance = random.Random(SEED)
    done = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, str(program), str(data), str(out)], cwd=Path(__file__).parents[2], env=_environment()
        )
        _wait_for_parts(out, done + chance.randrange(1, 8), process)
        process.kill()
        process.wait()
        done = len(_parts(out))
    assert not out.exists()
    assert 0 < done < USERS / PART
    finish(users_job(data, out, part=PART))

    assert contents(out) == contents(tmp_path / "whole")


def _wait_for_parts(out: Path, count: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while len(_parts(out)) < count:
        assert process.poll() is None, "the job has ended before it was killed"
        assert time.monotonic() < end
        time.sleep(0.002)


def _parts(out: Path) -> list[Path]:
    return list((out.with_name("out.partial") / "output").glob("*.parquet"))


def _environment() -> dict[str, str]:
    """Have the program find what this one finds."""
    return {**os.environ, "PYTHONPATH": ":".join([str(Path(__file__).parents[2]), *filter(None, sys.path)])}
