"""Files copied at the moment of an acknowledgement hold what was acknowledged: it is on the disk, not on its way."""

import shutil
from pathlib import Path

import pytest

from matchcut.v1 import types_pb2 as types_pb
from matchcut_server.store.sqlite.store import SqliteStore
from tests.rpc.service import Service, keyword, serving, video

FILE_NAME = "matchcut.sqlite3"
BATCHES = 30
VIDEOS = 60


def write(service: Service, batch: int) -> list[types_pb.Video]:
    """Write a batch: mostly new videos, some changed ones."""
    ids = [f"{(batch * VIDEOS + number) * 7 // 8:05}" for number in range(VIDEOS)]
    keywords = [keyword(f"word{number} of batch {batch}", 0.5, (number, number + 5)) for number in range(30)]
    videos = [video(one, *keywords, title=f"{batch}") for one in dict.fromkeys(ids)]
    for result, one in zip(service.upsert(*videos), videos, strict=True):
        one.revision = result.revision
    return videos


def check(folder: Path, acknowledged: dict[str, int], last: list[types_pb.Video]) -> None:
    """Open a copy, and compare it with what was acknowledged: the last batch keyword by keyword."""
    store = SqliteStore(folder)
    try:
        catalog = store.catalog("default")
        assert catalog is not None
        found = store.videos(catalog.catalog_id, "", 10_000, with_keywords=False)
        assert {one.video.video_id: one.revision for one in found} == acknowledged
        for expected in last:
            stored = store.video(catalog.catalog_id, expected.video_id)
            assert stored is not None
            texts = [one.text for one in stored.video.keyword_sets[0].keywords]
            assert texts == [one.text for one in expected.keyword_sets[0].keywords]
        assert store.write_connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        store.close()


@pytest.mark.parametrize("suffixes", [["", "-wal"], ["", "-wal", "-shm"]], ids=["without shm", "with shm"])
def test_a_copy_taken_at_each_acknowledgement_holds_it(tmp_path: Path, suffixes: list[str]) -> None:
    acknowledged: dict[str, int] = {}
    sizes = set()
    with serving(tmp_path / "data") as service:
        for batch in range(BATCHES):
            last = write(service, batch)
            acknowledged.update((one.video_id, one.revision) for one in last)
            target = tmp_path / "copy"
            target.mkdir()
            for suffix in suffixes:
                shutil.copyfile(tmp_path / "data" / f"{FILE_NAME}{suffix}", target / f"{FILE_NAME}{suffix}")
            sizes.add((target / FILE_NAME).stat().st_size)
            check(target, acknowledged, last)
            shutil.rmtree(target)
            assert service.delete(last[0].video_id)[0].revision
            del acknowledged[last[0].video_id]
    assert len(sizes) > 2  # the log was written back into the database several times


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    try:
        pragmas = {
            name: store.write_connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        }
    finally:
        store.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}
