"""`matchcut target`, as it is typed."""

import json
import os
import signal
import time
from pathlib import Path
from threading import Thread

import pyarrow.parquet as pq
import pytest

from matchcut.v1 import scenario_service_pb2 as pb
from matchcut_server.cli import targeting
from matchcut_server.store.sqlite.store import SqliteStore
from tests.cli.command import matchcut
from tests.targeting.job.site import USERS, contents, fill, promotions, rows


@pytest.fixture
def data(tmp_path: Path) -> str:
    """A data folder with videos and users."""
    fill(tmp_path / "data")
    return str(tmp_path / "data")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_the_best_videos_of_all_users(data: str, out: Path) -> None:
    done = matchcut("target", "--users", "--data", data, "--out", str(out), "--limit", "2")

    assert (done.code, done.out) == (0, f"{out}: {2 * USERS} rows for {USERS} users in 1 file\n")
    assert sorted(contents(out)) == ["_manifest.json", "part-00000.parquet"]
    assert pq.read_table(out / "part-00000.parquet").column_names == ["user_id", "rank", "video_id", "score", "origin"]


def test_the_audiences_of_promotions(data: str, out: Path, tmp_path: Path) -> None:
    file = promotions(tmp_path / "promotions.ndjson")
    options = ("--limit", "3", "--min-score", "0.05", "--attribute", "plan=paid", "--cap", "36500=1")
    done = matchcut("target", str(file), "--data", data, "--out", str(out), *options, "--json")

    assert done.code == 0
    assert done.json == json.loads((out / "_manifest.json").read_bytes())
    assert done.json["options"] == {
        "limit": 3,
        "min_score": 0.05,
        "filter": {
            "all_of": [_condition("plan", "paid")],
            "any_of": [],
            "none_of": [],
        },
        "frequency_caps": [{"promotion_id": "", "days": 36500.0, "max_impressions": 1}],
    }
    assert done.json["missing_ids"] == ["gone"]
    found = rows(out)
    assert len(found) == done.json["rows"] > 0
    assert {int(row[2][4:]) % 3 for row in found} == {1, 2}
    assert max(row[1] for row in found) == 3


def _condition(name: str, value: str) -> dict[str, object]:
    empty = {"last_event_time": None, "targeting_allowed": None, "user_ids": None}
    return {"attribute": {"name": name, "values": [value]}, **empty}


def test_a_scenario_ranks_the_videos(data: str, out: Path) -> None:
    store = SqliteStore(Path(data))
    store.scenarios.put(1, "strict", pb.RankingSettings(fallback_allowed=False).SerializeToString(), 10)
    store.close()
    done = matchcut("target", "--users", "--data", data, "--out", str(out), "--scenario", "strict")

    assert done.code == 0
    assert {row[-1] for row in rows(out)} == {"MATCH"}


def test_a_job_that_is_stopped_goes_on_when_it_is_run_again(data: str, out: Path, tmp_path: Path) -> None:
    file = promotions(tmp_path / "promotions.ndjson", 1_500)
    words = ("target", str(file), "--data", data, "--workers", "1")
    assert matchcut(*words, "--out", str(tmp_path / "whole")).code == 0
    first = tmp_path / "out.partial" / "output" / "part-00001.parquet"

    def stop() -> None:
        end = time.monotonic() + 30
        while not first.exists() and time.monotonic() < end:
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=stop).start()
    stopped = matchcut(*words, "--out", str(out))
    assert stopped.code == 1
    assert "of 1,500 promotions; run the same command again to go on" in stopped.out
    assert not out.exists()
    assert len(list((tmp_path / "out.partial" / "output").iterdir())) < 75

    assert matchcut(*words, "--out", str(out)).code == 0
    whole = contents(tmp_path / "whole")
    assert {name: content for name, content in contents(out).items() if name != "_manifest.json"} == {
        name: content for name, content in whole.items() if name != "_manifest.json"
    }


@pytest.mark.parametrize(
    "words,told",
    [
        ((), "name a file of promotions, or give --users"),
        (("x.ndjson", "--users"), "name a file of promotions, or give --users"),
        (("--users", "--min-score", "2"), "--min-score 2.0: give a number from 0 to 1"),
        (("--users", "--min-score", "nan"), "--min-score nan: give a number from 0 to 1"),
        (("--users", "--limit", "1001"), "--limit 1001: at most 1,000 videos a user"),
        (("--users", "--limit", "0"), "0 is less than 1"),
        (("--users", "--cap", "7"), "--cap is for promotions"),
        (("x.ndjson", "--scenario", "s"), "--scenario ranks videos; give it with --users"),
        (("x.ndjson", "--cap", "a"), "--cap a: write [PROMOTION_ID:]DAYS[=MAX]"),
        (("x.ndjson", "--cap", "0=2"), "--cap 0=2: give days above 0"),
        (("-",), "-: name a file that ends in .ndjson or .ndjson.gz, which can be read twice"),
        (("x.ndjson",), "x.ndjson: cannot be read: No such file"),
        (("--users", "--attribute", "plan"), "--attribute plan: write NAME=VALUE"),
    ],
)
def test_wrong_calls_are_refused(data: str, out: Path, words: tuple[str, ...], told: str) -> None:
    done = matchcut("target", *words, "--data", data, "--out", str(out))

    assert done.code == 2
    assert told in done.err
    assert not list(out.parent.glob("out*"))


@pytest.mark.parametrize(
    "line,told",
    [
        ('{"promotion_id": "b"', "not a promotion: "),
        ('{"promotion_id": "b", "interest": []}', 'no field named "interest"'),
        ('{"promotion_id": "b"}', "a promotion has interests, seeds or both; give at least one"),
        ('{"interests": [{"keyword": "x"}]}', "promotion_id is missing; give each promotion its own"),
        ('{"promotion_id": "a", "interests": [{"keyword": "x"}]}', "'a' is the id of "),
        ('{"promotion_id": "b", "interests": [{"keyword": "x", "weight": "NaN"}]}', "promotion.interests[0].weight"),
    ],
)
def test_a_promotion_that_cannot_be_read_is_named_by_its_line(
    data: str, out: Path, tmp_path: Path, line: str, told: str
) -> None:
    file = tmp_path / "promotions.ndjson"
    file.write_text('{"promotionId": "a", "interests": [{"keyword": "castle"}]}\n\n' + line + "\n")
    done = matchcut("target", str(file), "--data", data, "--out", str(out))

    assert done.code == 2
    assert f"{file}:3: " in done.err
    assert told in done.err
    assert not list(tmp_path.glob("out*"))


def test_what_is_not_there_is_told_of(data: str, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = {
        ("--data", str(tmp_path)): "is not a data folder of Matchcut",
        ("--data", data, "--catalog", "nowhere"): "there is no catalog 'nowhere'",
        ("--data", data, "--scenario", "none"): "there is no scenario 'none' in catalog 'default'",
    }
    for words, told in calls.items():
        done = matchcut("target", "--users", "--out", str(out), *words)
        assert (done.code, told in done.err) == (3, True), done.err
    monkeypatch.setattr(targeting, "find_spec", lambda _: None)
    done = matchcut("target", "--users", "--data", data, "--out", str(out))
    assert (done.code, "pip install 'matchcut-server[parquet]'" in done.err) == (3, True)
