"""Files copied at the moment of an acknowledgement hold what was acknowledged: it is on the disk, not on its way."""

import shutil
from pathlib import Path

import pytest

from matchcut_server.store.sqlite.store import SqliteStore
from tests.rpc.service import Service, keyword, serving, video

FILE_NAME = "matchcut.sqlite3"
BATCHES = 30
VIDEOS = 40


def copy(folder: Path, target: Path, suffixes: list[str]) -> None:
    target.mkdir()
    for suffix in suffixes:
        file = folder / f"{FILE_NAME}{suffix}"
        if file.exists():
            shutil.copyfile(file, target / file.name)


def write(service: Service, batch: int) -> dict[str, int]:
    """Write a batch: mostly new videos, some changed ones. Return revisions by id."""
    ids = [f"{(batch * VIDEOS + number) * 7 // 8:05}" for number in range(VIDEOS)]
    keywords = [keyword(f"word{number} of batch {batch}", 0.5, (number, number + 5)) for number in range(30)]
    results = service.upsert(*(video(one, *keywords, title=f"{batch}") for one in dict.fromkeys(ids)))
    return {one.id: one.revision for one in results}


@pytest.mark.parametrize("suffixes", [["", "-wal"], ["", "-wal", "-shm"]], ids=["without shm", "with shm"])
def test_a_copy_taken_at_each_acknowledgement_holds_it(tmp_path: Path, suffixes: list[str]) -> None:
    acknowledged: dict[str, int] = {}
    sizes = set()
    with serving(tmp_path / "data") as service:
        for batch in range(BATCHES):
            acknowledged.update(write(service, batch))
            if batch % 5 == 4:
                service.delete(f"{batch:05}")
                acknowledged.pop(f"{batch:05}", None)
            target = tmp_path / f"copy{batch}"
            copy(tmp_path / "data", target, suffixes)
            sizes.add((target / FILE_NAME).stat().st_size)
            store = SqliteStore(target)
            try:
                catalog = store.catalog("default")
                assert catalog is not None
                found = store.videos(catalog.catalog_id, "", 10_000)
                integrity = store.write_connection.execute("PRAGMA integrity_check").fetchone()
            finally:
                store.close()
            assert {one.video.video_id: one.revision for one in found} == acknowledged
            assert integrity == ("ok",)
            shutil.rmtree(target)
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
