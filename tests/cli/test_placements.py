"""`matchcut placements`: what is asked, and what is shown."""

import json
from pathlib import Path

import pytest

from matchcut_client import MatchcutClient
from tests.cli.command import document, matchcut, shown

pytestmark = pytest.mark.usefixtures("catalog")

PROMOTIONS = (
    {"promotion_id": "boats", "interests": [{"keyword": "sea"}]},
    {"promotion_id": "nights", "interests": [{"keyword": "moon", "weight": 2}], "weight": 3},
)


def fill(client: MatchcutClient) -> None:
    """A video of the sea and later the moon, and one of the sea in a storm."""
    documents = (
        document("calm", shown("sea", "0:00:00", "0:00:05"), shown("moon", "0:00:40", "0:00:45")),
        document("storm", shown("sea", "0:00:20", "0:00:30"), shown("lightning", "0:00:25", "0:00:26")),
    )
    assert not client.import_video_indexes(documents).rejected


def found(*words: str) -> list[tuple[str, str, float]]:
    outcome = matchcut("placements", *words, "--json")
    assert outcome.code == 0, outcome.err
    return [(one["promotion_id"], one["moment"]["video_id"], one["slot_seconds"]) for one in outcome.json["placements"]]


def test_keywords_are_one_promotion_and_rules_are_options(client: MatchcutClient) -> None:
    fill(client)
    assert found("--keyword", "sea") == [("", "calm", 0), ("", "storm", 20)]
    assert found("--keyword", "sea", "--skip-first", "1") == [("", "storm", 20)]
    assert found("--keyword", "sea", "--skip-last", "45") == [("", "calm", 0)]
    assert found("--keyword", "sea", "--exclude", "lightning") == [("", "calm", 0)]
    assert found("--keyword", "sea", "--exclude-nearby", "lightning") == [("", "calm", 0)]
    assert found("--keyword", "sea", "--max", "1") == [("", "calm", 0)]
    assert found("--keyword", "sea", "--min-score", "0.99") == [("", "calm", 0)]
    assert found("--keyword", "sea", "--min-score", "0.99", "--context", "100") == []
    both = found("--keyword", "sea", "--keyword", "moon", "--min-distance", "10")
    assert sorted(both) == [("", "calm", 0), ("", "calm", 40), ("", "storm", 20)]
    assert len(found("--keyword", "sea", "--keyword", "moon")) == 2
    assert len(found("--keyword", "sea", "--keyword", "moon", "--min-distance", "0", "--max-per-video", "1")) == 2
    assert found("--keyword", "sea", "--language", "de") == []
    assert found("--seed", "calm") == [("", "storm", 20)]


@pytest.mark.parametrize("name", ["promotions.ndjson", "promotions.json"])
def test_promotions_of_a_file_share_the_moments(client: MatchcutClient, tmp_path: Path, name: str) -> None:
    fill(client)
    path = tmp_path / name
    lines = name.endswith(".ndjson")
    path.write_text("\n".join(map(json.dumps, PROMOTIONS)) if lines else json.dumps(PROMOTIONS))
    assert found(str(path), "--min-distance", "0") == [
        ("nights", "calm", 40),
        ("boats", "calm", 0),
        ("boats", "storm", 20),
    ]
    assert found(str(path)) == [("nights", "calm", 40), ("boats", "storm", 20)]


def test_slots_of_a_video(client: MatchcutClient) -> None:
    fill(client)
    assert found("--keyword", "sea", "--video", "storm", "--slot", "15", "--slot", "55") == [("", "storm", 15)]
    assert found("--keyword", "sea", "--video", "storm") == [("", "storm", 20)]
    outcome = matchcut("placements", "--keyword", "sea", "--video", "nobody")
    assert outcome.code == 3
    assert "there is no video 'nobody'" in outcome.err


def test_placements_are_shown_and_pages_go_on(client: MatchcutClient) -> None:
    fill(client)
    outcome = matchcut("placements", "--keyword", "sea", "--seed", "gone", "--page-size", "1", "--total")
    assert outcome.out.startswith("not in the catalog: gone\n")
    assert "0:00 to 0:05" in outcome.out
    assert "2 placements in all" in outcome.out
    token = outcome.out.split("--page-token=")[1].strip()
    rest = matchcut("placements", "--keyword", "sea", "--seed", "gone", "--total", f"--page-token={token}")
    assert "storm" in rest.out
    assert "next page" not in rest.out
    assert matchcut("placements", "--keyword", "rain").out == "no moment fits, or the rules allow none\n"


@pytest.mark.parametrize(
    "words, message",
    [
        ((), "give a file of promotions"),
        (("no.json", "--keyword", "sea"), "give a file of promotions"),
        (("no.json",), "no.json: cannot be read"),
        (("--keyword", "sea", "--slot", "1"), "name it with --video"),
    ],
)
def test_wrong_calls_say_what_is_wrong(words: tuple[str, ...], message: str) -> None:
    outcome = matchcut("placements", *words)
    assert outcome.code == 2
    assert message in outcome.err


@pytest.mark.parametrize("text", ["{", '{"promotion": 1}', "3", '{"interests": 3}'])
def test_what_is_no_promotion_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "one.json"
    path.write_text(text)
    outcome = matchcut("placements", str(path))
    assert outcome.code == 2
    assert f"{path}: not a promotion: " in outcome.err
