"""`matchcut search` and `matchcut story`: what is asked, what is shown, and what is written."""

import csv
import json
from pathlib import Path

import pytest

from matchcut_client import MatchcutClient
from tests.cli.command import document, matchcut, shown

pytestmark = pytest.mark.usefixtures("catalog")


def fill(client: MatchcutClient) -> None:
    """A video of the sea, one of the sea and later the moon, and one of both at once."""
    documents = (
        document("sea", shown("sea", "0:00:10", "0:00:20"), created="2024-01-01T00:00:00Z"),
        document(
            "later",
            shown("sea", "0:00:00", "0:00:04"),
            shown("moon", "0:00:40", "0:00:45"),
            created="2023-01-01T00:00:00Z",
        ),
        document(
            "both",
            shown("sea", "0:00:30", "0:00:35"),
            shown("full moon", "0:00:33", "0:00:36"),
            created="2025-01-01T00:00:00Z",
        ),
    )
    assert not client.import_video_indexes(documents).rejected


def found(*words: str) -> list[tuple[str, float, float]]:
    outcome = matchcut("search", *words, "--json")
    assert outcome.code == 0, outcome.err
    return [
        (one["video_id"], one["span"]["start_seconds"], one["span"]["end_seconds"]) for one in outcome.json["moments"]
    ]


def test_conditions_and_order_are_those_of_the_options(client: MatchcutClient) -> None:
    fill(client)
    assert {video for video, *_ in found("sea")} == {"sea", "later", "both"}
    assert {video for video, *_ in found("sea", "moon")} == {"later", "both"}
    assert found("sea", "moon", "--within", "0") == [("both", 30, 36)]
    assert {video for video, *_ in found("sea", "moon", "--exact")} == {"later"}
    assert found("sea", "--none", "moon") == [("sea", 10, 20)]
    assert {video for video, *_ in found("--any", "moon", "--any", "sea=2")} == {"sea", "later", "both"}
    assert [video for video, *_ in found("sea", "--order", "oldest")] == ["later", "sea", "both"]
    assert [video for video, *_ in found("sea", "--order", "newest")] == ["both", "sea", "later"]
    assert found("sea", "--published-from", "2024-01-01", "--published-until", "2024-06-01T12:00") == [("sea", 10, 20)]
    assert len(found("--any", "sea", "--any", "moon", "--max-per-video", "1")) == 3
    assert found("sea", "--min-score", "100") == []


def test_moments_are_shown_with_their_videos_and_pages_go_on(client: MatchcutClient) -> None:
    fill(client)
    outcome = matchcut("search", "sea", "--page-size", "1", "--total", "--order", "oldest")
    assert outcome.code == 0
    for text in ("about later", "0:00 to 0:04", "3 moments in all", "next page: --page-token="):
        assert text in outcome.out
    token = outcome.out.partition("--page-token=")[2].split()[0]
    rest = found("sea", "--total", "--order", "oldest", f"--page-token={token}")
    assert [video for video, *_ in rest] == ["sea", "both"]


def test_what_does_not_occur_gets_suggestions(client: MatchcutClient) -> None:
    fill(client)
    outcome = matchcut("search", "moom")
    assert (outcome.code, outcome.out) == (
        0,
        "no moment matches\nmoom does not occur; near it: moon (1)\n",
    )
    story = matchcut("story", "moom")
    assert (story.code, story.out) == (1, "no moment matches, or none that fits\n")
    assert story.err.startswith("moom does not occur; near it: moon (1)")


@pytest.mark.parametrize(
    "words, message",
    [
        (("search",), "give at least one keyword, or --any"),
        (("story",), "give at least one keyword, or --any"),
        (("search", "sea", "--published-from", "yesterday"), "--published-from yesterday: write a date or time"),
        (("search", "sea", "--attribute", "genre"), "--attribute genre: write NAME=VALUE"),
        (("search", "sea", "--page-size", "-1"), "page_size"),
        (("story", "sea", "--shortest", "9", "--longest", "8"), "--shortest 9 is more than --longest 8"),
        (("story", "sea", "--total", "-1"), "-1 is not a number of 0 or more"),
        (("story", "sea", "--format", "edl", "--rate", "17"), "17 frames a second have no timecode"),
        (("story", "sea", "--out", "story.txt"), "--out needs a --format: json, csv, otio or edl"),
    ],
)
def test_what_is_wrong_is_told(words: tuple[str, ...], message: str) -> None:
    outcome = matchcut(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


def test_a_story_is_a_list_of_cuts(client: MatchcutClient) -> None:
    fill(client)
    words = ("story", "sea", "--padding", "1", "--longest", "8", "--order", "oldest")
    rows = matchcut(*words, "--json").json
    assert [(row["video_id"], row["start_seconds"], row["end_seconds"]) for row in rows] == [
        ("later", 0, 5),
        ("sea", 11, 19),
        ("both", 29, 36),
    ]
    assert matchcut(*words).out.endswith("\n3 cuts of 3 videos, 20.0 seconds\n")
    assert [row["video_id"] for row in csv.DictReader(matchcut(*words, "--format", "csv").out.splitlines())] == [
        row["video_id"] for row in rows
    ]


def test_cuts_of_a_video_are_limited(client: MatchcutClient) -> None:
    times = [shown("sea", f"0:00:{second:02}", f"0:00:{second + 2:02}") for second in range(0, 50, 10)]
    instances = [instance for one in times for instance in one["instances"]]
    client.import_video_indexes([document("sea", {"text": "sea", "confidence": 1, "instances": instances})])
    assert len(matchcut("story", "sea", "--json").json) == 3
    assert len(matchcut("story", "sea", "--json", "--max-per-video", "0").json) == 5


@pytest.mark.parametrize("form", ["json", "csv", "otio", "edl"])
def test_a_story_is_written_to_a_file_as_it_is_printed(client: MatchcutClient, tmp_path: Path, form: str) -> None:
    fill(client)
    target = tmp_path / f"story.{form}"
    words = ("story", "sea", "--format", form, "--title", "The sea")
    outcome = matchcut(*words, "--out", str(target))
    assert (outcome.code, outcome.out) == (0, f"3 cuts of 3 videos, 19.0 seconds in {target}\n")
    assert target.read_text(encoding="utf-8") == matchcut(*words).out
    if form == "otio":
        assert json.loads(target.read_text(encoding="utf-8"))["name"] == "The sea"
