"""`matchcut standing`."""

import gzip
import json
from pathlib import Path

import pytest

from matchcut_client import (
    AttributeCondition,
    Condition,
    Filter,
    Interest,
    MatchcutClient,
    Promotion,
    StandingInterest,
    VideoSeed,
)
from tests.cli.command import document, matchcut, shown

pytestmark = pytest.mark.usefixtures("catalog")


def standing(client: MatchcutClient) -> dict[str, StandingInterest]:
    return {one.standing_interest_id: one for one in client.iter_standing_interests()}


# --- add, list, delete ------------------------------------------------------------------------------------------------


def test_one_is_added_with_all_that_is_given(client: MatchcutClient) -> None:
    outcome = matchcut(
        "standing", "add", "--id", "tour", "--interest", "london=2", "--interest", "rain=-1", "--min-score", "0.25",
        "--attribute", "genre=travel",
    )  # fmt: skip
    assert (outcome.code, outcome.out, outcome.err) == (0, "tour: created\n", "")
    kept = standing(client)["tour"]
    only = Filter(all_of=(Condition(attribute=AttributeCondition("genre", ("travel",))),))
    assert kept == StandingInterest(
        "tour", (Interest("london", 2.0), Interest("rain", -1.0)), None, only, 0.25, kept.revision
    )
    again = matchcut("standing", "add", "--id", "tour", "--interest", "london", "--json")
    assert again.json["results"][0]["status"] == "UPDATED"


def test_a_promotion_is_added_by_keywords_or_videos(client: MatchcutClient) -> None:
    first = matchcut("standing", "add", "--id", "a", "--promotion", "summer", "--interest", "beach")
    second = matchcut("standing", "add", "--id", "b", "--seed", "v1", "--seed", "v2=0.5")
    assert (first.code, second.code) == (0, 0)
    found = standing(client)
    assert found["a"].promotion == Promotion("summer", (Interest("beach"),))
    assert found["b"].promotion == Promotion("", (), (VideoSeed("v1"), VideoSeed("v2", 0.5)))
    assert matchcut("standing", "list").out.splitlines() == [
        "a: promotion summer of beach",
        "b: promotion of like v1, like v2",
    ]


def test_what_is_rejected_is_told() -> None:
    outcome = matchcut("standing", "add", "--id", "a", "--interest", "x" * 300)
    assert outcome.code == 1
    assert "a: rejected: interests.interests[0].keyword:" in outcome.out


@pytest.mark.parametrize(
    "words, problem",
    [
        ([], "give either --id"),
        (["--id", "a", "standing.ndjson"], "give either --id"),
        (["--id", "a"], "nothing is looked for"),
        (["--id", "a", "--promotion", "p"], "nothing is looked for"),
        (["--id", "a", "--interest", "b", "--attribute", "c"], "--attribute c: write NAME=VALUE"),
    ],
)
def test_a_wrong_call_says_what_to_give(words: list[str], problem: str) -> None:
    outcome = matchcut("standing", "add", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert problem in outcome.err


def test_listed_ones_can_be_added_again_from_a_file(client: MatchcutClient, tmp_path: Path) -> None:
    matchcut("standing", "add", "--id", "a", "--interest", "london=2", "--published-from", "2024-05-31")
    matchcut("standing", "add", "--id", "b", "--seed", "v1", "--promotion", "p")
    before = standing(client)
    listed = matchcut("standing", "list", "--json")
    whole = tmp_path / "standing.json"
    whole.write_text(listed.out, encoding="utf-8")
    lines = tmp_path / "standing.ndjson.gz"
    lines.write_bytes(gzip.compress(b"\n".join(json.dumps(one).encode() for one in listed.json)))
    for file in (whole, lines):
        assert matchcut("standing", "delete", "a", "b").code == 0
        outcome = matchcut("standing", "add", str(file))
        assert outcome.out == "2 standing interests: 2 created, 0 updated, 0 unchanged, 0 rejected\n"
        after = standing(client)
        assert {name: one.interests or one.promotion for name, one in after.items()} == {
            name: one.interests or one.promotion for name, one in before.items()
        }
        assert after["a"].filter == before["a"].filter
    again = matchcut("standing", "add", "-", "--json", stdin=listed.out.encode())
    assert again.json["unchanged"] == 2


def test_the_good_ones_of_a_file_are_kept_and_the_others_named(client: MatchcutClient, tmp_path: Path) -> None:
    file = tmp_path / "standing.ndjson"
    lines = [
        '{"standing_interest_id": "good", "interests": [{"keyword": "london"}]}',
        "not json",
        '{"standing_interest_id": "none"}',
        '{"standing_interest_id": "odd", "interests": [{"keyword": "london"}], "min_scores": 1}',
        '{"standing_interest_id": "bad", "interests": [{"keyword": "london", "weight": 1e9}]}',
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    outcome = matchcut("standing", "add", str(file))
    assert outcome.code == 1
    assert outcome.out == "5 standing interests: 1 created, 0 updated, 0 unchanged, 4 rejected\n"
    for number, problem in ((2, "not JSON"), (3, "not a standing"), (4, "min_scores is not known"), (5, "1000000000")):
        assert any(f"{file.name}:{number}" in line and problem in line for line in outcome.err.splitlines())
    assert list(standing(client)) == ["good"]


def test_named_ones_are_listed_and_deleted() -> None:
    for name in "abc":
        matchcut("standing", "add", "--id", name, "--interest", name, "--min-score", "0.5")
    some = matchcut("standing", "list", "c", "nobody", "a")
    assert (some.code, some.out) == (1, "a: a (from 0.5)\nc: c (from 0.5)\nnobody: not found\n")
    assert matchcut("standing", "delete", "a").out == "a: deleted\n"
    gone = matchcut("standing", "delete", "a", "b")
    assert (gone.code, gone.out) == (1, "a: not found\nb: deleted\n")


# --- matches ----------------------------------------------------------------------------------------------------------


def since(out: str) -> str:
    """Return the revision for the next call."""
    return out.splitlines()[-1].partition("--since=")[2]


def test_matches_are_told_once_and_with_their_moments(client: MatchcutClient) -> None:
    matchcut("standing", "add", "--id", "tour", "--interest", "london")
    matchcut("standing", "add", "--id", "sea", "--interest", "boat")
    client.import_video_indexes([document("v1", shown("London", "0:00:05", "0:00:20"), "boat")])
    first = matchcut("standing", "matches")
    assert first.code == 0, first.err
    told = [line.split() for line in first.out.splitlines()]
    assert (told[0], told[3]) == (["sea"], ["tour"])
    assert [" ".join(line) for line in (told[1], told[4])] == [
        "0.654 about v1 0:00 to 0:10 boat",
        "0.756 about v1 0:05 to 0:20 London",
    ]
    assert told[2] == told[5] == ["v1"]
    assert first.out.splitlines()[-1].startswith("2 matches; next time: --since=")

    second = matchcut("standing", "matches", "--since", since(first.out))
    assert second.out.startswith("0 matches; next time")
    client.import_video_indexes([document("v2", "London")])
    third = matchcut("standing", "matches", "--since", since(second.out), "--moments", "0", "--json").json
    assert [(one["standing_interest_id"], one["video_id"], one["moments"]) for one in third["matches"]] == [
        ("tour", "v2", [])
    ]
    assert [one["video_id"] for one in third["videos"]] == ["v2"]
    assert third["until_revision"] > int(since(second.out))


def test_matches_of_named_ones_and_the_best_only(client: MatchcutClient) -> None:
    client.import_video_indexes([document("v1", "london"), document("v2", "london", "rome")])
    for name in "ab":
        matchcut("standing", "add", "--id", name, "--interest", "london")
    answer = matchcut("standing", "matches", "b", "--most", "1", "--json").json
    assert [(one["standing_interest_id"], one["video_id"]) for one in answer["matches"]] == [("b", "v1")]
    unknown = matchcut("standing", "matches", "nobody")
    assert unknown.code == 3
    assert "there is no standing interest 'nobody'" in unknown.err
    ahead = matchcut("standing", "matches", "--since", "1000000000")
    assert ahead.code == 3
    assert "beyond the newest revision" in ahead.err
