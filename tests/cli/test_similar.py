"""`matchcut similar`, and `matchcut recommend` for a user: what is asked, and what is shown."""

import pytest

from matchcut_client import Interest, MatchcutClient, Profile
from tests.cli.command import document, matchcut

pytestmark = pytest.mark.usefixtures("catalog")

KEYWORDS = tuple(f"subject{number}" for number in range(12))


def found(*words: str) -> list[str]:
    outcome = matchcut(*words, "--json")
    assert outcome.code == 0, outcome.err
    return [one["video_id"] for one in outcome.json["recommendations"]]


def fill(client: MatchcutClient) -> None:
    """Videos of the sea, of the moon and of both, and one that was uploaded twice."""
    documents = (
        document("both", "sea", "moon"),
        document("copy", *KEYWORDS, "sea"),
        document("moon", "moon"),
        document("original", *KEYWORDS, "sea"),
        document("sea", "sea"),
    )
    assert not client.import_video_indexes(documents).rejected


def test_seeds_have_weights_and_never_come_themselves(client: MatchcutClient) -> None:
    fill(client)
    assert found("similar", "both")[:2] in (["moon", "sea"], ["sea", "moon"])
    assert found("similar", "sea", "--and", "moon=3")[0] == "both"
    assert "moon" not in found("similar", "sea", "--and", "moon=-1")
    assert {"sea", "moon"}.isdisjoint(found("similar", "sea", "--and", "moon"))


def test_near_duplicates_come_only_on_request(client: MatchcutClient) -> None:
    fill(client)
    assert "copy" not in found("similar", "original")
    assert found("similar", "original", "--near-duplicates")[0] == "copy"
    assert len({"copy", "original"} & set(found("similar", "sea"))) == 1


def test_unknown_seeds_are_told(client: MatchcutClient) -> None:
    fill(client)
    outcome = matchcut("similar", "nobody")
    assert outcome.code == 0
    assert outcome.out.startswith("not in the catalog: nobody\nnothing matches; ")


def test_a_user_gets_what_the_profile_says_and_others_what_is_popular_or_recent(client: MatchcutClient) -> None:
    fill(client)
    client.upsert_profiles([Profile("ada", (Interest("moon"),))])
    assert found("recommend", "--user", "ada", "--no-fallback") == ["moon", "both"]
    assert found("recommend", "--user", "nobody", "--no-fallback") == []
    shown = matchcut("recommend", "--user", "nobody").out
    assert shown.startswith("nothing is known of this user: popular and recent videos\n")
    assert "popular or recent" in shown


def test_a_scenario_is_named_and_options_replace_its_settings(client: MatchcutClient) -> None:
    fill(client)
    assert matchcut("scenario", "set", "home", "--pin", "sea@0:summer").code == 0
    assert found("recommend", "--interest", "moon", "--scenario", "home") == ["sea", "moon", "both"]
    assert found("recommend", "--interest", "moon", "--scenario", "home", "--pin", "") == ["moon", "both"]
    shown = matchcut("recommend", "--interest", "moon", "--scenario", "home").out
    assert "pinned" in shown
    assert matchcut("recommend", "--interest", "moon", "--scenario", "nowhere").code == 3


def test_somebody_or_something_has_to_be_asked_for() -> None:
    outcome = matchcut("recommend")
    assert (outcome.code, outcome.err) == (2, "matchcut recommend: give at least one --interest, or --user\n")
