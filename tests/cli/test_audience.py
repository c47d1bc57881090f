"""`matchcut audience`: what is asked, and what is shown."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from matchcut_client import Event, EventKind, Interest, MatchcutClient, Profile
from tests.cli.command import document, matchcut, shown

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
def users(client: MatchcutClient) -> MatchcutClient:
    """Some users, most of whom like castles."""
    assert not client.import_video_indexes([document("moats", shown("castle"), shown("moat"))]).rejected
    client.upsert_profiles(
        [
            Profile("ada", interests=(Interest("castle", 2.0), Interest("bread")), targeting_allowed=True),
            Profile("bob", interests=(Interest("castle"),), targeting_allowed=True, attributes={"plan": ("paid",)}),
            Profile("cem", interests=(Interest("bread"),), targeting_allowed=True),
            Profile("dora", interests=(Interest("castle"),)),
        ]
    )
    return client


def found(*words: str) -> list[str]:
    outcome = matchcut("audience", *words, "--json")
    assert outcome.code == 0, outcome.err
    return [json.loads(line)["user_id"] for line in outcome.out.splitlines()]


@pytest.mark.usefixtures("users")
def test_options_are_those_of_the_request() -> None:
    assert found("--keyword", "castle") == ["bob", "ada"]
    assert found("--video", "moats") == ["bob", "ada"]
    assert found("--keyword", "castle=0.1", "--keyword", "bread") == ["cem", "ada", "bob"]
    assert found("--keyword", "castle", "--attribute", "plan=paid") == ["bob"]
    assert found("--keyword", "castle", "--exclude-id", "bob") == ["ada"]
    assert found("--keyword", "castle", "--min-score", "0.99") == ["bob"]
    assert found("--keyword", "castle", "--limit", "1") == ["bob"]
    assert found("--keyword", "castle", "--active-since", "2024-01-01") == []


def test_caps_leave_out_who_was_shown_it(users: MatchcutClient) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    event = Event("1", "bob", EventKind.IMPRESSION, yesterday, promotion_id="p")
    users.record_events([event])
    assert found("--keyword", "castle", "--promotion-id", "p", "--cap", "7") == ["ada"]
    assert found("--keyword", "castle", "--cap", "p:7") == ["ada"]
    assert found("--keyword", "castle", "--cap", "p:7=2") == ["bob", "ada"]
    assert found("--keyword", "castle", "--cap", "p:0.5") == ["bob", "ada"]


@pytest.mark.usefixtures("users")
def test_json_ends_with_the_total_that_was_asked_for() -> None:
    outcome = matchcut("audience", "--keyword", "castle", "--limit", "1", "--total", "--explain", "--json")
    member, total = map(json.loads, outcome.out.splitlines())
    assert member["matched_interests"][0]["interest"] == "castle"
    assert total == {"total_count": 2}


@pytest.mark.usefixtures("users")
def test_people_are_shown_a_table() -> None:
    outcome = matchcut("audience", "--keyword", "castle", "--video", "gone", "--explain", "--total")
    assert outcome.code == 0
    assert "castle +1.000" in outcome.out
    assert "2 users in all" in outcome.out
    assert "not there: gone" in outcome.out
    assert "and more; --limit" in matchcut("audience", "--keyword", "castle", "--limit", "1").out
    assert "no user matches" in matchcut("audience", "--keyword", "nothing of the kind").out


@pytest.mark.usefixtures("users")
def test_wrong_calls_are_told_how() -> None:
    for words, message in (
        ((), "give at least one --keyword or --video"),
        (("--keyword", "x", "--limit", "0"), "give 1 to 100000"),
        (("--keyword", "x", "--cap", "week"), "--cap week: write"),
        (("--keyword", "x", "--cap", "7"), "name the promotion"),
        (("--keyword", "x", "--attribute", "plan"), "write NAME=VALUE"),
        (("--keyword", "x", "--min-score", "2"), "min_score"),
    ):
        outcome = matchcut("audience", *words)
        assert outcome.code == 2
        assert message in outcome.err
