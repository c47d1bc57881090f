"""`matchcut backup`: a copy of the store, while a server writes to it."""

import shutil
import threading
from pathlib import Path

import pytest

from matchcut_client import MatchcutClient, VideoIndex
from tests.cli.command import document, matchcut, serving


def test_a_copy_made_while_the_server_writes_is_served_with_all_that_was_acknowledged_before(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    enough, done = threading.Event(), threading.Event()
    written: list[str] = []

    def write(address: str) -> None:
        with MatchcutClient(address) as client:
            number = 0
            while not done.is_set():
                ids = [f"v{number + one:05}" for one in range(20)]
                client.import_video_indexes([VideoIndex(document(one, "sea", one)) for one in ids])
                written.extend(ids)
                number += 20
                if number >= 200:
                    enough.set()

    with serving(data) as address:
        writer = threading.Thread(target=write, args=(address,))
        writer.start()
        try:
            assert enough.wait(20)
            before = list(written)
            outcome = matchcut("backup", "--data", str(data), str(tmp_path / "all.sqlite3"))
        finally:
            done.set()
            writer.join()
        assert outcome.code == 0, outcome.err
        assert outcome.out.startswith(f"{tmp_path / 'all.sqlite3'}: ")

    copy.mkdir()
    shutil.move(tmp_path / "all.sqlite3", copy / "matchcut.sqlite3")
    with serving(copy) as address, MatchcutClient(address) as client:
        ids = [video.video_id for video in client.iter_videos(page_size=1000)]
        assert set(before) <= set(ids) <= set(written)
        statistics = client.get_catalog().statistics
        assert (statistics.video_count, statistics.keyword_count) == (len(ids), 2 * len(ids))
        assert client.recommend_videos([ids[-1]]).recommendations[0].video_id == ids[-1]
        assert client.import_video_indexes([document("new", "sea")]).results[0].status.name == "CREATED"


def test_a_copy_is_one_file(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        pass
    (tmp_path / "copies").mkdir()
    assert matchcut("backup", "--data", str(tmp_path / "data"), str(tmp_path / "copies" / "a")).code == 0
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["a"]


def test_what_cannot_be_backed_up_is_told(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        pass
    (tmp_path / "there").touch()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "matchcut.sqlite3").write_bytes(b"nothing that SQLite knows" * 100)
    for data, target, problem in (
        ("data", "there", "exists; name a file that does not"),
        ("data", "nowhere/copy", "unable to open database file"),
        ("missing", "copy", "is not a data folder of Matchcut"),
        ("damaged", "copy", "file is not a database"),
    ):
        outcome = matchcut("backup", "--data", str(tmp_path / data), str(tmp_path / target))
        assert outcome.code == 3
        assert outcome.err.startswith("matchcut backup: ")
        assert problem in outcome.err
        assert outcome.err.count("\n") == 1
    assert not (tmp_path / "missing").exists()
    assert (tmp_path / "there").stat().st_size == 0


@pytest.mark.parametrize("words", [["backup", "file"], ["backup", "--data", "folder"]])
def test_a_backup_needs_a_folder_and_a_file(words: list[str]) -> None:
    assert matchcut(*words).code == 2
