"""Jobs over all users: what they write, how they go on, and what they refuse."""

import hashlib
import multiprocessing
import os
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from google.protobuf import json_format

from matchcut.v1 import profile_service_pb2 as profile_pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut_server.errors import FailedPrecondition, NotFound
from matchcut_server.index.builder import Builder
from matchcut_server.index.shelf import Shelf
from matchcut_server.index.source import ShelfSource
from matchcut_server.profiles.filter import HasAttribute, ProfileFilter
from matchcut_server.ranking.settings import RankingSettings, SeenVideos
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.targeting.audience import FrequencyCap
from matchcut_server.targeting.builder import AudienceBuilder
from matchcut_server.targeting.generation import AudienceShelf
from matchcut_server.targeting.job import part as part_module
from matchcut_server.targeting.job import promotions as promotions_module
from matchcut_server.targeting.job import snapshot as snapshot_module
from matchcut_server.targeting.job import users as users_module
from matchcut_server.targeting.job.run import Job, Progress, run
from matchcut_server.targeting.job.workers import WorkFailed
from tests.makers import put, video
from tests.rpc.service import serving
from tests.targeting.job.site import (
    NOW,
    USERS,
    contents,
    fill,
    finish,
    promotions,
    promotions_job,
    rows,
    user_id,
    users_job,
)

PAID = ProfileFilter((HasAttribute("plan", frozenset({"paid"})),))
PAID_MESSAGE = profile_pb.ProfileFilter(
    all_of=[profile_pb.ProfileCondition(attribute=types_pb.AttributeCondition(name="plan", values=["paid"]))]
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with videos and users."""
    fill(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of promotions."""
    return promotions(tmp_path / "promotions.ndjson")


class Killed(BaseException):
    """Ends a job in the middle of what it does."""


def recommended(data: Path, **options: Any) -> list[tuple[Any, ...]]:
    """Ask a server for the best videos of each user, one after the other."""
    found: list[tuple[Any, ...]] = []
    with serving(data) as service:
        for number in range(USERS):
            request = recommendation_pb.RecommendVideosRequest(
                user_id=user_id(number), page_size=4, options=recommendation_pb.RecommendationOptions(**options)
            )
            for rank, one in enumerate(service.recommendations.RecommendVideos(request).recommendations, start=1):
                origin = recommendation_pb.RecommendationOrigin.Name(one.origin).removeprefix("RECOMMENDATION_ORIGIN_")
                found.append((user_id(number), rank, one.video_id, one.score, origin))
    return found


def audiences_of(data: Path, file: Path, **more: Any) -> list[tuple[Any, ...]]:
    """Ask a server for the audience of each promotion, one after the other."""
    found: list[tuple[Any, ...]] = []
    with serving(data) as service:
        for line in file.read_text().splitlines():
            promotion = json_format.Parse(line, pb.Promotion())
            answer = service.targeting.MatchAudience(pb.MatchAudienceRequest(promotion=promotion, **more))
            assert not answer.next_page_token or "page_size" in more
            found += [
                (promotion.promotion_id, rank, one.user_id, one.score)
                for rank, one in enumerate(answer.members, start=1)
            ]
    return found


@pytest.mark.parametrize("live", [20_000, 5], ids=["in memory", "built"])
def test_the_users_job_gives_what_a_server_answers_for_each(
    data: Path, tmp_path: Path, live: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "LIVE_VIDEOS", live)
    manifest = finish(users_job(data, tmp_path / "out"))

    expected = recommended(data)
    assert rows(tmp_path / "out") == expected
    assert {row[-1] for row in expected} == {"MATCH", "FALLBACK"}
    assert manifest.items == USERS
    assert len(manifest.files) == 5


def test_the_users_job_ranks_by_settings_and_looks_at_the_users_of_a_filter(data: Path, tmp_path: Path) -> None:
    ranking = RankingSettings(diversity=0.4, fallback_allowed=False, seen_videos=SeenVideos.KEEP)
    finish(users_job(data, tmp_path / "out", ranking=ranking, min_score=0.2, profiles=PAID))

    asked = {"diversity": 0.4, "fallback_allowed": False, "seen_videos": "SEEN_VIDEOS_KEEP"}
    expected = [row for row in recommended(data, ranking=asked, min_score=0.2) if int(row[0][4:]) % 3]
    assert rows(tmp_path / "out") == expected
    assert {row[-1] for row in expected} == {"MATCH"}


@pytest.mark.parametrize("live", [20_000, 5], ids=["in memory", "built"])
def test_the_promotions_job_gives_what_a_server_answers_for_each(
    data: Path, file: Path, tmp_path: Path, live: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "LIVE_VIDEOS", live)
    monkeypatch.setattr(promotions_module, "LIVE_PROFILES", live)
    manifest = finish(promotions_job(data, tmp_path / "out", file))

    expected = audiences_of(data, file)
    assert rows(tmp_path / "out") == expected
    assert {row[0] for row in expected} == {f"p{number}" for number in range(7)}
    assert not {row[2] for row in expected} & {user_id(number) for number in range(0, USERS, 5)}
    assert manifest.missing_ids == ("gone",)
    assert manifest.items == 7


def test_the_promotions_job_keeps_to_filter_score_limit_and_caps(data: Path, file: Path, tmp_path: Path) -> None:
    job = promotions_job(
        data, tmp_path / "out", file, profiles=PAID, least=0.1, limit=3, caps=(FrequencyCap("", 36_500.0, 1),)
    )
    finish(job)

    cap = pb.FrequencyCap(days=36_500.0)
    expected = audiences_of(data, file, filter=PAID_MESSAGE, min_score=0.1, page_size=3, frequency_caps=[cap])
    assert rows(tmp_path / "out") == expected
    assert max(row[1] for row in expected) == 3
    shown = [row[2] for row in audiences_of(data, file) if row[0] == "p1" and int(row[2][4:]) < 6]
    assert shown  # who is left out by the cap
    assert not [row for row in expected if row[0] == "p1" and row[2] in shown]


def test_the_built_files_of_the_data_folder_are_used(data: Path, file: Path, tmp_path: Path) -> None:
    """Scores are those of the file that a server has, weighed by an older IDF, and not of one that would be built."""
    store = SqliteStore(data)
    catalog = store.catalog("default")
    assert catalog is not None
    shelf = Shelf(data, store.secret)
    Builder(store, shelf).build(catalog)
    of_profiles = AudienceShelf(data, store.secret)
    of_profiles.folder.mkdir()
    AudienceBuilder(store, of_profiles, ShelfSource(shelf, store)).build(catalog)
    store.write_videos(1, [put(video(f"new{number}", "castle", "bread")) for number in range(9)])
    store.close()
    finish(promotions_job(data, tmp_path / "out", file))
    finish(users_job(data, tmp_path / "users"))

    assert rows(tmp_path / "out") == audiences_of(data, file)
    assert rows(tmp_path / "users") == recommended(data)


def test_several_processes_write_the_same_files_as_one(data: Path, file: Path, tmp_path: Path) -> None:
    finish(promotions_job(data, tmp_path / "one", file))
    finish(promotions_job(data, tmp_path / "two", file, workers=2))

    assert contents(tmp_path / "two") == contents(tmp_path / "one")


@pytest.mark.parametrize("kind", ["users", "promotions"])
def test_a_job_killed_at_any_step_goes_on_to_the_same_files(
    kind: str, data: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step makes something durable: the job is killed before the first one, another before the second, and so on.

    When it goes on it is killed once more.
    """

    def job(out: Path) -> Job:
        return users_job(data, out, part=12) if kind == "users" else promotions_job(data, out, file, part=4)

    finish(job(tmp_path / "whole"))
    whole, steps, was_killed = contents(tmp_path / "whole"), 0, True
    while was_killed:
        out = tmp_path / f"out{steps}"
        was_killed = _killed_at(steps, job(out), monkeypatch)
        if not out.exists():
            _killed_at(2, job(out), monkeypatch)
        assert not out.exists() or contents(out) == whole
        if not out.exists():
            finish(job(out))
        assert contents(out) == whole
        steps += 1
    assert steps > 12


def _killed_at(step: int, job: Job, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run a job, and end it before the step of this number, from 0; tell whether it has come to that."""
    real, left = os.fsync, step

    def fsync(descriptor: int) -> None:
        nonlocal left
        if left == 0:
            raise Killed
        left -= 1
        real(descriptor)

    with monkeypatch.context() as patched, suppress(Killed):
        patched.setattr(os, "fsync", fsync)
        finish(job)
        return False
    return True


def test_a_worker_that_dies_ends_the_job_which_goes_on_when_it_is_run_again(data: Path, tmp_path: Path) -> None:
    def kill(_more: int) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(WorkFailed, match=r"a worker has died \(exit code -9\)"):
        run(users_job(data, tmp_path / "out", workers=2), Progress(lambda *_: None, kill), threading.Event())
    assert not multiprocessing.active_children()
    finish(users_job(data, tmp_path / "out"))
    finish(users_job(data, tmp_path / "whole"))

    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_what_fails_in_another_process_is_told_of(data: Path, file: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkFailed, match="ZeroDivisionError"):
        finish(replace(promotions_job(data, tmp_path / "out", file, workers=2), set_up=_fail))


def _fail() -> None:
    raise ZeroDivisionError


def test_rows_are_written_as_they_gather(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part takes memory for the rows of a group, however many it has."""
    monkeypatch.setattr(part_module, "GROUP_ROWS", 12)
    monkeypatch.setattr(users_module, "USERS_AT_ONCE", 2)
    finish(users_job(data, tmp_path / "out", part=100))

    found = pq.read_metadata(tmp_path / "out" / "part-00000.parquet")
    groups = [found.row_group(i).num_rows for i in range(found.num_row_groups)]
    assert len(groups) > 5
    assert max(groups) < 12 + 2 * 4


def test_a_job_goes_on_with_the_snapshot_it_began_with(data: Path, tmp_path: Path) -> None:
    finish(users_job(data, tmp_path / "whole"))
    stopping = threading.Event()
    progress = Progress(lambda *_: None, lambda _: stopping.set())
    assert run(users_job(data, tmp_path / "out"), progress, stopping) is None
    store = SqliteStore(data)
    store.delete_catalog("default")
    store.close()
    told: list[tuple[int, int]] = []
    later = users_job(data, tmp_path / "out", clock=lambda: NOW + 1e7)
    run(later, Progress(lambda done, total: told.append((done, total)), lambda _: None), threading.Event())

    assert told == [(5, USERS)]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert not (tmp_path / "out.partial").exists()


def test_the_manifest_tells_what_each_file_holds(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = finish(users_job(data, out))

    assert {one.name for one in manifest.files} | {"_manifest.json"} == set(contents(out))
    for one in manifest.files:
        content = (out / one.name).read_bytes()
        assert (one.bytes, one.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        table = pq.read_table(out / one.name)
        assert one.rows == table.num_rows
        assert {field.name: str(field.type) for field in table.schema} == manifest.columns
    assert manifest.rows == sum(one.rows for one in manifest.files)
    assert manifest.as_of == "2026-09-21T14:13:20.000+00:00"


def test_a_catalog_without_users_gives_a_file_without_rows(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "data").close()
    manifest = finish(users_job(tmp_path / "data", tmp_path / "out"))

    assert (manifest.items, manifest.rows, len(manifest.files)) == (0, 0, 1)
    assert rows(tmp_path / "out") == []


def test_an_output_that_exists_is_left_alone(data: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(FailedPrecondition, match="exists; name a folder that does not"):
        finish(users_job(data, tmp_path / "out"))
    assert not (tmp_path / "out.partial").exists()


def test_a_job_of_something_else_is_refused_and_changes_nothing(data: Path, tmp_path: Path) -> None:
    stopping = threading.Event()
    assert run(users_job(data, tmp_path / "out"), Progress(lambda *_: None, lambda _: stopping.set()), stopping) is None
    before = sorted(path.name for path in (tmp_path / "out.partial" / "output").iterdir())

    with pytest.raises(FailedPrecondition, match=r'limit "4", and not "9"; go on with that, delete'):
        finish(users_job(data, tmp_path / "out", limit=9))
    assert sorted(path.name for path in (tmp_path / "out.partial" / "output").iterdir()) == before
    finish(users_job(data, tmp_path / "out"))


def test_a_folder_of_something_else_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial" / "letter.txt").write_text("dear all")
    with pytest.raises(FailedPrecondition, match=r"letter\.txt, which no job has made"):
        finish(users_job(data, tmp_path / "out"))
    assert (tmp_path / "out.partial" / "letter.txt").read_text() == "dear all"


def test_two_jobs_cannot_make_the_same_output(data: Path, tmp_path: Path) -> None:
    refused: list[str] = []

    def meanwhile(_done: int, _total: int) -> None:
        try:
            finish(users_job(data, tmp_path / "out"))
        except FailedPrecondition as error:
            refused.append(str(error))

    run(users_job(data, tmp_path / "out"), Progress(meanwhile, lambda _: None), threading.Event())
    assert len(refused) == 1
    assert "another process works on" in refused[0]


def test_an_unknown_catalog_is_told_of_before_anything_is_copied(data: Path, tmp_path: Path) -> None:
    job = users_job(data, tmp_path / "out")
    with pytest.raises(NotFound, match="there is no catalog 'nowhere'"):
        finish(replace(job, catalog="nowhere"))
    assert not (tmp_path / "out.partial" / "snapshot").exists()
