"""`matchcut catalog`."""

import pytest

from matchcut_client import EventWeights, KeywordAlias, MatchcutClient, ProfileSettings, WeightingScheme
from tests.cli.command import document, matchcut


def test_a_catalog_is_created_shown_listed_changed_and_deleted(catalog: str, client: MatchcutClient) -> None:
    name = f"{catalog}-news"
    created = matchcut(
        "catalog", "create", name, "--scheme", "sqrt", "--default-language", "en-GB", "--ignore", "today",
        "--ignore", "people", "--alias", "uk = united kingdom",
    )  # fmt: skip
    assert created.code == 0, created.err
    assert created.out.splitlines() == [
        f"catalog: {name}",
        "weighting scheme: sqrt",
        "default language: en-GB",
        "ignored keywords: today, people",
        "keyword aliases: uk = united kingdom",
        "share of events in profiles: 0.5",
        "weights of events: impression 0, view 1, like 2, dislike -1, hide -1",
        "half-life of events: none",
        "half-life of popularity: 30 days",
    ]
    assert matchcut("catalog", "show", name).out == created.out

    assert matchcut("catalog", "update", name, "--scheme", "linear").code == 0
    settings = client.get_catalog(name).catalog.settings
    assert settings.weighting_scheme is WeightingScheme.LINEAR
    assert settings.default_language == "en-GB"
    assert settings.ignored_keywords == ("today", "people")
    assert settings.keyword_aliases == (KeywordAlias("uk", "united kingdom"),)

    emptied = matchcut("catalog", "update", name, "--ignore", "", "--alias", "")
    assert emptied.out.splitlines()[3:5] == ["ignored keywords: none", "keyword aliases: none"]

    names = matchcut("catalog", "list").out.splitlines()
    assert names == sorted(names)
    assert {"default", catalog, name} <= set(names)
    assert [one["name"] for one in matchcut("catalog", "list", "--json").json] == names

    deleted = matchcut("catalog", "delete", name)
    assert (deleted.code, deleted.out) == (0, "deleted\n")
    again = matchcut("catalog", "delete", name)
    assert (again.code, again.out) == (1, "there was no such catalog\n")
    assert matchcut("catalog", "show", name).code == 3


def test_how_events_count_is_set_and_what_is_not_given_stays(catalog: str, client: MatchcutClient) -> None:
    outcome = matchcut(
        "catalog", "update", catalog, "--derived-share", "0.25", "--half-life-days", "7", "--event-weight", "like=3",
        "--event-weight", "impression=-0.5",
    )  # fmt: skip
    assert outcome.code == 0
    assert matchcut("catalog", "update", catalog, "--popularity-half-life-days", "0").out.splitlines()[-4:] == [
        "share of events in profiles: 0.25",
        "weights of events: impression -0.5, view 1, like 3, dislike -1, hide -1",
        "half-life of events: 7 days",
        "half-life of popularity: none",
    ]
    settings = client.get_catalog(catalog).catalog.settings.profile_settings
    assert settings == ProfileSettings(0.25, 7, EventWeights(-0.5, 1, 3, -1, -1), 0)


@pytest.mark.parametrize("text", ["like", "like=much", "love=1", "=1", ""])
def test_a_weight_of_events_that_is_none_is_told(catalog: str, text: str) -> None:
    outcome = matchcut("catalog", "update", catalog, "--event-weight", text)
    assert outcome.code == 2
    assert f"--event-weight {text}: write KIND=WEIGHT, KIND one of impression, view" in outcome.err


def test_every_answer_comes_as_json(catalog: str) -> None:
    name = f"{catalog}-news"
    for action in ("create", "show", "update"):
        answer = matchcut("catalog", action, name, "--json").json
        assert answer["name"] == name
        assert answer["settings"]["weighting_scheme"] == "LOG"
    assert matchcut("catalog", "delete", name, "--json").json == {"deleted": True}
    assert matchcut("catalog", "delete", name, "--json").json == {"deleted": False}


def test_creating_a_catalog_again_is_no_error_unless_it_differs(catalog: str) -> None:
    assert matchcut("catalog", "create", catalog).code == 0
    outcome = matchcut("catalog", "create", catalog, "--scheme", "sqrt")
    assert outcome.code == 3
    assert f"'{catalog}'" in outcome.err


def test_settings_take_effect_at_once(catalog: str, client: MatchcutClient) -> None:
    client.import_video_indexes([document("v1", "uk"), document("v2", "sea")])
    interest = ("recommend", "--interest", "united kingdom", "--json")
    assert matchcut(*interest).json["recommendations"] == []
    assert matchcut("catalog", "update", catalog, "--alias", "uk=united kingdom").code == 0
    assert [one["video_id"] for one in matchcut(*interest).json["recommendations"]] == ["v1"]
    assert matchcut("catalog", "update", catalog, "--ignore", "united kingdom").code == 0
    assert matchcut(*interest).json["recommendations"] == []


@pytest.mark.usefixtures("catalog")
def test_the_default_catalog_cannot_be_deleted() -> None:
    outcome = matchcut("catalog", "delete", "default")
    assert outcome.code == 3
    assert "always exists" in outcome.err
