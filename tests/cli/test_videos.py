"""`matchcut show`, `stats` and `delete`."""

import json
from datetime import UTC, datetime

import pytest

from matchcut_client import Instance, Keyword, KeywordSet, MatchcutClient, Video
from tests.cli.command import document, matchcut

VIDEO = Video(
    "v1",
    title="The sea",
    duration_seconds=3_725.9,
    published_time=datetime(2024, 5, 1, 12, tzinfo=UTC),
    attributes={"genre": ("drama", "history")},
    keyword_sets=(
        KeywordSet("de-DE", (Keyword("Küste"),), summarized=True),
        KeywordSet("en-US", (Keyword("sea", 0.62, (Instance(0, 3_725.9),)), Keyword("moon", 0.5, (Instance(0, 1),)))),
    ),
)


def test_a_video_is_shown_with_its_facts_and_keywords_in_all_languages(client: MatchcutClient) -> None:
    client.upsert_videos([VIDEO])
    outcome = matchcut("show", "v1")
    assert (outcome.code, outcome.err) == (0, "")
    assert [line.rstrip() for line in outcome.out.splitlines()] == [
        "The sea",
        "id: v1",
        "duration: 1:02:05",
        "published: 2024-05-01T12:00:00+00:00",
        "expires: never",
        "genre: drama, history",
        "",
        "de-DE: 1 keyword (from summarizedInsights)",
        "keyword  confidence  instances  when",
        "Küste          none          0  ························",
        "",
        "en-US: 2 keywords",
        "keyword  confidence  instances  when",
        "sea          0.6200          1  ████████████████████████",
        "moon         0.5000          1  ▁·······················",
    ]


def test_a_video_that_has_nothing_is_shown(client: MatchcutClient) -> None:
    client.upsert_videos([Video("v1")])
    lines = matchcut("show", "v1").out.splitlines()
    assert lines == ["v1", "id: v1", "duration: unknown", "published: always", "expires: never"]


def test_programs_get_the_video_as_the_client_has_it(client: MatchcutClient) -> None:
    client.upsert_videos([VIDEO])
    answer = matchcut("show", "v1", "--json").json
    revision = client.get_video("v1").video.revision
    assert answer.pop("revision") == revision
    assert answer["published_time"] == "2024-05-01T12:00:00Z"
    assert answer["keyword_sets"][1]["keywords"][0]["instances"][0]["end_seconds"] == 3_725.9
    assert answer["keyword_sets"][0]["keywords"][0]["confidence"] is None


@pytest.mark.usefixtures("catalog")
def test_a_video_that_is_not_there_is_named() -> None:
    outcome = matchcut("show", "v7")
    assert (outcome.code, outcome.out) == (3, "")
    assert "there is no video 'v7'" in outcome.err


def test_statistics_count_what_the_catalog_holds(client: MatchcutClient) -> None:
    client.upsert_videos([VIDEO, Video("v2")])
    outcome = matchcut("stats")
    assert outcome.code == 0
    counts = {line[:-14].rstrip(): line[-14:].strip() for line in outcome.out.splitlines()}
    revision = counts.pop("revision")
    assert counts == {
        "videos": "2",
        "videos without keywords": "1",
        "keyword sets that can match": "2",
        "keywords": "3",
        "different keywords (phrase terms)": "3",
        "different words (word terms)": "3",
        "hours of keywords on screen": "1.0",
        "keywords without confidence": "1",
        "keywords without instances": "1",
        "keyword sets from summarizedInsights": "1",
        "keyword sets in de-DE": "1",
        "keyword sets in en-US": "1",
        "profiles of users": "0",
        "events of users": "0",
        "scenarios": "0",
        "weighting scheme": "log",
    }
    answer = matchcut("stats", "--json").json
    assert answer["index_revision"] == int(revision)
    assert answer["statistics"]["on_screen_seconds"] == pytest.approx(3_727.9)
    assert answer["statistics"]["video_count"] == 2


def test_videos_are_deleted_and_those_that_are_not_there_are_told(client: MatchcutClient) -> None:
    client.import_video_indexes([document(f"v{number}", "sea") for number in range(4)])
    outcome = matchcut("delete", "v0", "v1")
    assert (outcome.code, outcome.out) == (0, "v0: deleted\nv1: deleted\n")
    outcome = matchcut("delete", "v1", "v2")
    assert (outcome.code, outcome.out) == (1, "v1: not found\nv2: deleted\n")
    outcome = matchcut("delete", "--json", "v2", "v3")
    assert (outcome.code, [result["status"] for result in json.loads(outcome.out)]) == (1, ["NOT_FOUND", "DELETED"])
    assert list(client.iter_videos()) == []
    assert matchcut("stats", "--json").json["statistics"]["keyword_count"] == 0
