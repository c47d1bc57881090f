"""`matchcut index`: the generations of a data folder."""

from pathlib import Path

import pytest

from matchcut_client import MatchcutClient
from matchcut_server.index.shelf import Entry, Shelf
from tests.cli.command import document, matchcut, serving

DOCUMENTS = [document(f"v{number}", "sea", f"word{number}") for number in range(5)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with five videos."""
    folder = tmp_path / "data"
    with serving(folder) as address, MatchcutClient(address) as client:
        client.import_video_indexes(DOCUMENTS)
    return folder


def generation_of(data: Path) -> Path:
    [path] = (data / "index").glob("*.generation")
    return path


def test_a_generation_is_built_told_of_and_verified(data: Path) -> None:
    assert matchcut("index", "status", "--data", str(data)).out == "default: no generation; 5 changes in the store\n"
    built = matchcut("index", "build", "--data", str(data), "--catalog", "default")
    assert (built.code, built.out.startswith("default: 5 videos in ")) == (0, True)

    assert matchcut("index", "status", "--data", str(data)).out.startswith("default: 5 videos at revision ")
    [told] = matchcut("index", "status", "--data", str(data), "--json").json
    assert (told["catalog"], told["videos"], told["changed"]) == ("default", 5, 0)
    assert told["file"] == generation_of(data).name
    verified = matchcut("index", "verify", "--data", str(data))
    assert (verified.code, verified.out) == (0, "default: as in the store\n")


def test_a_server_answers_from_a_generation_and_from_what_has_changed_since(data: Path) -> None:
    assert matchcut("index", "build", "--data", str(data), "--catalog", "default").code == 0

    with serving(data) as address, MatchcutClient(address) as client:
        client.delete_videos(["v0"])
        client.import_video_indexes([document("new", "sea")])
        found = {one.video_id for one in client.recommend_videos(["sea"]).recommendations}
        assert found == {"v1", "v2", "v3", "v4", "new"}
        # While it serves: what has changed is no difference.
        assert matchcut("index", "verify", "--data", str(data)).out == "default: as in the store\n"
        [told] = matchcut("index", "status", "--data", str(data), "--json").json
        assert told["changed"] == 2


def test_small_catalogs_need_no_generation(data: Path) -> None:
    outcome = matchcut("index", "build", "--data", str(data))

    assert outcome.code == 0
    assert outcome.out == "no catalog has more than 20,000 videos; smaller ones need no generation\n"
    assert matchcut("index", "verify", "--data", str(data)).out == ""


def test_a_damaged_generation_is_found_and_the_server_does_without_it(data: Path) -> None:
    assert matchcut("index", "build", "--data", str(data), "--catalog", "default").code == 0
    path = generation_of(data)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)

    outcome = matchcut("index", "verify", "--data", str(data))

    assert outcome.code == 1
    assert outcome.out.startswith(f"default: wrong\n  {path.name} is damaged: ")
    with serving(data) as address, MatchcutClient(address) as client:
        assert len(client.recommend_videos(["sea"]).recommendations) == 5
    assert [one.name for one in path.parent.glob("*.damaged")] == [f"{path.name}.damaged"]


def test_what_a_generation_and_the_store_hold_is_compared(data: Path, tmp_path: Path) -> None:
    assert matchcut("index", "build", "--data", str(data), "--catalog", "default").code == 0
    kept = generation_of(data).read_bytes()
    with serving(data) as address, MatchcutClient(address) as client:
        client.delete_videos(["v0"])
        client.import_video_indexes([document("v1", "land")])
    assert matchcut("index", "build", "--data", str(data), "--catalog", "default").code == 0
    # As if what is of an older state called itself newer: its checksums hold, its name does not.
    generation_of(data).write_bytes(kept)

    outcome = matchcut("index", "verify", "--data", str(data))

    assert (outcome.code, "it is of revision" in outcome.out) == (1, True)


def test_a_generation_that_no_server_will_use_is_told(data: Path) -> None:
    assert matchcut("index", "build", "--data", str(data), "--catalog", "default").code == 0
    path = generation_of(data)
    path.rename(path.with_name("catalog-1-revision-1000.generation"))

    told = matchcut("index", "status", "--data", str(data)).out
    assert told.startswith("default: catalog-1-revision-1000.generation is damaged: it is of revision ")


@pytest.mark.parametrize("action", ["status", "verify"])
def test_a_generation_that_is_replaced_meanwhile_gives_way_to_the_next(
    action: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert matchcut("index", "build", "--data", str(data), "--catalog", "default").code == 0
    there = generation_of(data)
    gone = Entry(1, 2, there.with_name("catalog-1-revision-2.generation"))
    newest = Shelf.newest
    asked: list[int] = []

    def newest_as_before(self: Shelf, catalog_id: int) -> Entry | None:
        asked.append(catalog_id)
        return gone if len(asked) == 1 else newest(self, catalog_id)

    monkeypatch.setattr(Shelf, "newest", newest_as_before)
    outcome = matchcut("index", action, "--data", str(data))

    assert (outcome.code, outcome.out.startswith("default: ")) == (0, True)
    assert len(asked) == 2


@pytest.mark.parametrize("action", ["status", "build", "verify"])
def test_a_folder_that_is_none_and_an_unknown_catalog_are_told(action: str, data: Path, tmp_path: Path) -> None:
    outcome = matchcut("index", action, "--data", str(tmp_path / "other"))
    assert (outcome.code, "is not a data folder of Matchcut" in outcome.err) == (3, True)
    assert not (tmp_path / "other").exists()

    outcome = matchcut("index", action, "--data", str(data), "--catalog", "films")
    assert (outcome.code, "films" in outcome.err) == (3, True)


@pytest.mark.parametrize("length", [0, 10, 1_000])
def test_the_status_of_a_damaged_generation_is_told_in_words(length: int, data: Path) -> None:
    assert matchcut("index", "build", "--data", str(data), "--catalog", "default").code == 0
    path = generation_of(data)
    path.write_bytes(path.read_bytes()[:length])

    outcome = matchcut("index", "status", "--data", str(data))

    assert (outcome.code, outcome.out.startswith(f"default: {path.name} is damaged: ")) == (0, True)
    [told] = matchcut("index", "status", "--data", str(data), "--json").json
    assert (told["videos"], told["changed"], told["file"]) == (0, 5, path.name)
