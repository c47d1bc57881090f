"""`matchcut evaluate`, which needs no server."""

import gzip
import json
from pathlib import Path

import pytest

from matchcut_client import CatalogSettings, MatchcutClient, ProfileSettings, WeightingScheme
from matchcut_server.cli.export import FORMAT, Exported
from matchcut_server.cli.loading import load
from matchcut_server.store.sqlite.store import SqliteStore
from tests.cli.command import EXAMPLES, document, matchcut, on_terminal

EVALUATION = EXAMPLES.parent / "evaluation"
FIGURES = {"ndcg_at_10", "precision_at_10", "recall_at_50", "mrr", "coverage", "novelty", "diversity"}
DOCUMENTS = [
    document("s1", "sea", "boat"),
    document("s2", "sea", "harbour"),
    document("c1", "car", "engine"),
    document("c2", "car", "road"),
]
TRUTH = {"s1": {"topics": ["sea"]}, "s2": {"topics": ["sea"]}, "c1": {"related": ["c2"]}}
USERS = [
    {"user": "sailor", "history": [{"id": "s1", "time": 1_700_000_000, "weight": 0.5}], "held_out": ["s2"]},
    {"user": "driver", "history": [{"id": "c2"}], "held_out": ["c1"]},
]


@pytest.fixture
def videos(tmp_path: Path) -> str:
    """A file of four videos."""
    path = tmp_path / "videos.ndjson"
    path.write_bytes(b"\n".join(DOCUMENTS))
    return str(path)


@pytest.fixture
def truth(tmp_path: Path) -> str:
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(TRUTH), encoding="utf-8")
    return str(path)


@pytest.fixture
def users(tmp_path: Path) -> str:
    path = tmp_path / "users.ndjson.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, USERS)).encode()))
    return str(path)


def test_similar_videos_are_compared_with_labels(videos: str, truth: str) -> None:
    outcome = matchcut("evaluate", "similar", "--videos", videos, "--truth", truth, "--json")

    assert (outcome.code, outcome.err) == (0, "")
    assert (outcome.json["videos"], outcome.json["questions"]) == (4, 3)
    names = [one["name"] for one in outcome.json["rankings"]]
    assert names == ["log", "popularity", "random"]
    log = outcome.json["rankings"][0]["figures"]
    assert set(log) == FIGURES
    assert log["ndcg_at_10"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert set(outcome.json["left_out"].values()) == {0}


def test_recommendations_are_compared_with_what_users_watched_later(videos: str, users: str) -> None:
    outcome = matchcut("evaluate", "users", "--videos", videos, "--users", users, "--json")

    assert (outcome.code, outcome.json["questions"]) == (0, 2)
    assert outcome.json["rankings"][0]["figures"]["mrr"]["value"] == 1.0


def test_people_get_a_table(videos: str, truth: str) -> None:
    outcome = matchcut("evaluate", "similar", "--videos", videos, "--truth", truth, "--scheme", "sqrt")

    about, titles, sqrt, *_ = outcome.out.splitlines()
    assert about.startswith("4 videos, 3 questions; ")
    assert titles.split() == ["nDCG@10", "P@10", "Recall@50", "MRR", "coverage", "novelty", "diversity"]
    assert sqrt.split()[:3] == ["sqrt", "1.000", "0.100"]
    assert "left out" not in outcome.out


def test_a_terminal_shows_progress_and_the_whole_table(videos: str, truth: str) -> None:
    outcome = on_terminal("evaluate", "similar", "--videos", videos, "--truth", truth, columns=100)
    assert outcome.code == 0
    assert "asking: log" in outcome.out
    assert "diversity" in outcome.out


def test_schemes_are_compared_in_the_order_given(videos: str, truth: str) -> None:
    schemes = [word for name in ("linear", "log", "linear") for word in ("--scheme", name)]
    outcome = matchcut("evaluate", "similar", "--videos", videos, "--truth", truth, "--json", *schemes)

    rankings = outcome.json["rankings"]
    assert [(one["name"], one["scheme"]) for one in rankings[:2]] == [("linear", "linear"), ("log", "log")]
    assert rankings[0]["differences"] is None
    assert set(rankings[1]["differences"]) == FIGURES


def test_scenarios_are_compared_with_the_defaults(videos: str, truth: str, tmp_path: Path) -> None:
    file, whole = tmp_path / "odd=name.json", tmp_path / "whole.json"
    file.write_text('{"pinned_videos": [{"video_id": "c2"}]}', encoding="utf-8")
    whole.write_text('{"name": "home", "ranking": {"diversity": 1.0}}', encoding="utf-8")
    scenarios = (str(file), str(whole), "fallback_allowed=true, seen_videos=KEEP")
    words = [word for one in scenarios for word in ("--scenario", one)]

    outcome = matchcut("evaluate", "similar", "--videos", videos, "--truth", truth, "--json", *words)

    rankings = outcome.json["rankings"]
    names = ["", "odd=name", "home", "fallback_allowed=true, seen_videos=KEEP"]
    assert [one["scenario"] for one in rankings[:4]] == names
    assert [one["name"] for one in rankings[:4]] == ["log", *(f"log, {name}" for name in names[1:])]
    # The pinned video comes first, whatever was asked for.
    assert [one["figures"]["mrr"]["value"] for one in rankings[:3]] == [1.0, pytest.approx(2 / 3, abs=1e-6), 1.0]
    assert rankings[3]["figures"]["coverage"]["value"] == 1.0


def test_an_export_brings_its_settings_for_profiles_too(store: SqliteStore, tmp_path: Path) -> None:
    settings = CatalogSettings(profile_settings=ProfileSettings(half_life_days=7.0))
    path = tmp_path / "export.ndjson"
    path.write_bytes(Exported(FORMAT, settings=settings).encode())

    assert list(load(store, str(path))) == [0]

    catalog = store.catalog("default")
    assert catalog is not None
    assert catalog.profile_settings.half_life_days == 7.0


def test_an_export_brings_its_settings(client: MatchcutClient, tmp_path: Path, truth: str) -> None:
    client.update_catalog(CatalogSettings(weighting_scheme=WeightingScheme.SHARE, ignored_keywords=("car",)))
    client.import_video_indexes(DOCUMENTS)
    path = str(tmp_path / "export.ndjson.gz")
    assert matchcut("export", path).code == 0

    outcome = matchcut("evaluate", "similar", "--videos", path, "--truth", truth, "--json")

    # What the two videos about cars share is ignored, so one of three questions has no answer.
    assert outcome.json["rankings"][0]["name"] == "share"
    assert outcome.json["rankings"][0]["figures"]["recall_at_50"]["value"] == pytest.approx(2 / 3, abs=1e-6)


def test_an_export_and_the_documents_it_comes_from_give_the_same(
    examples: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "export.ndjson")
    assert matchcut("export", path).code == 0
    words = ("evaluate", "similar", "--truth", str(EVALUATION / "truth.json"), "--json", "--videos")
    assert matchcut(*words, path).json == matchcut(*words, str(EXAMPLES)).json


def test_what_is_left_out_is_told(videos: str, tmp_path: Path) -> None:
    path = tmp_path / "users.ndjson"
    lines = [*USERS, {"user": "u", "history": [{"id": "s1"}, {"id": "gone"}], "held_out": ["s1"]}]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    outcome = matchcut("evaluate", "users", "--videos", videos, "--users", str(path))

    assert outcome.code == 0
    assert (
        "left out: 1 id of no video that may be recommended, 1 held-out video of the same history, "
        "1 question with no relevant video\n" in outcome.out
    )


@pytest.mark.parametrize(
    "lines, told",
    [
        (["nonsense"], "users.ndjson:1: "),
        ([json.dumps(USERS[0]), "", '{"user": "u", "history": []}'], "users.ndjson:3: Object missing"),
        ([json.dumps(USERS[0])] * 2, "users.ndjson:2: user 'sailor' is in an earlier line too"),
        ([], "no documents in this file"),
        (['{"user": "u", "history": [], "held_out": ["gone"]}'], "no question to which any video is relevant"),
    ],
)
def test_a_users_file_that_is_wrong_is_refused_with_the_line(
    lines: list[str], told: str, videos: str, tmp_path: Path
) -> None:
    path = tmp_path / "users.ndjson"
    path.write_text("\n".join(lines), encoding="utf-8")
    outcome = matchcut("evaluate", "users", "--videos", videos, "--users", str(path))
    assert (outcome.code, outcome.out) == (3, "")
    assert told in outcome.err


def test_a_truth_file_that_is_wrong_is_refused(videos: str, tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    path.write_bytes(b'{"a": 1}')
    outcome = matchcut("evaluate", "similar", "--videos", videos, "--truth", str(path))
    assert (outcome.code, outcome.out) == (3, "")
    assert f"{path}: Expected `object`, got `int`" in outcome.err
    missing = matchcut("evaluate", "similar", "--videos", videos, "--truth", str(tmp_path / "none"))
    assert (missing.code, f"{tmp_path / 'none'}: No such file" in missing.err) == (3, True)


@pytest.mark.parametrize(
    "lines, told",
    [
        ([DOCUMENTS[0], b"{"], "videos.ndjson:2: not valid JSON"),
        ([b'{"id": "a", "state": "Processing"}'], "videos.ndjson:1: "),
        ([b'{"matchcut_export":9}'], "videos.ndjson:1: not a line of an export of this version"),
        ([b'{"matchcut_export":1,"video":{"video_id":""}}'], "videos.ndjson:1: video_id: "),
        (
            [b'{"matchcut_export":1,"settings":{"default_language":"?"}}'],
            "videos.ndjson:1: settings.default_language: ",
        ),
    ],
)
def test_a_video_that_is_refused_ends_it_with_the_line(
    lines: list[bytes], told: str, truth: str, tmp_path: Path
) -> None:
    path = tmp_path / "videos.ndjson"
    path.write_bytes(b"\n".join(lines))
    outcome = matchcut("evaluate", "similar", "--videos", str(path), "--truth", truth)
    assert (outcome.code, outcome.out) == (3, "")
    assert told in outcome.err


@pytest.mark.parametrize(
    "words, told",
    [
        (["--scheme", "tf"], "invalid choice: 'tf'"),
        (["--scenario", "none.json"], "--scenario none.json: cannot be read: No such file"),
        (["--scenario", "diversty=0.3"], "--scenario diversty=0.3: "),
        (["--scenario", "diversity=much"], "--scenario diversity=much: "),
        (["--scenario", "diversity=2"], "--scenario diversity=2: ranking.diversity: 2"),
    ],
)
def test_a_wrong_call_names_what_is_wrong(words: list[str], told: str, videos: str, truth: str) -> None:
    outcome = matchcut("evaluate", "similar", "--videos", videos, "--truth", truth, *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert told in outcome.err


def test_users_come_from_a_file_that_can_be_read_more_than_once(videos: str) -> None:
    outcome = matchcut("evaluate", "users", "--videos", videos, "--users", "-")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--users -: name a file that ends in .ndjson or .ndjson.gz" in outcome.err
