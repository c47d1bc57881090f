"""`matchcut scenario`, and the options for ranking settings."""

import argparse
import json
from pathlib import Path

import pytest

from matchcut_client import (
    AttributeCap,
    AttributeCondition,
    Condition,
    ConditionBoost,
    DurationRange,
    MatchcutClient,
    PinnedVideo,
    RankingSettings,
    Scenario,
    SeenVideos,
)
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.ranking_options import add_ranking_options, ranking_of
from tests.cli.command import matchcut

# fmt: off
EVERY_OPTION = (
    "--freshness-weight", "0.1", "--freshness-half-life-days", "14", "--popularity-weight", "0.05",
    "--boost", "genre=drama:0.2", "--boost", "a=b=c:d:-0.1", "--diversity", "0.3", "--cap", "series=2",
    "--rotation-rate", "0.5", "--rotation-hours", "12", "--pin", "intro@0", "--pin", "a@b@7:spring:sale",
    "--seen", "demote", "--seen-watched-share", "0.8", "--seen-days", "90", "--seen-demotion", "0.7",
    "--no-fallback",
)
# fmt: on
EVERYTHING = RankingSettings(
    freshness_weight=0.1,
    freshness_half_life_days=14,
    popularity_weight=0.05,
    condition_boosts=(
        ConditionBoost(Condition(attribute=AttributeCondition("genre", ("drama",))), 0.2),
        ConditionBoost(Condition(attribute=AttributeCondition("a", ("b=c:d",))), -0.1),
    ),
    diversity=0.3,
    attribute_caps=(AttributeCap("series", 2),),
    rotation_rate=0.5,
    rotation_hours=12,
    pinned_videos=(PinnedVideo("intro", 0), PinnedVideo("a@b", 7, "spring:sale")),
    seen_videos=SeenVideos.DEMOTE,
    seen_watched_share=0.8,
    seen_days=90,
    seen_demotion=0.7,
    fallback_allowed=False,
)


def read(*words: str) -> RankingSettings:
    parser = argparse.ArgumentParser()
    add_ranking_options(parser)
    return ranking_of(parser.parse_args(words))


# --- options ----------------------------------------------------------------------------------------------------------


def test_there_is_an_option_for_every_setting() -> None:
    assert read(*EVERY_OPTION) == EVERYTHING
    settings = set(RankingSettings.__slots__) - {"latent_share"}  # which changes nothing
    assert all(getattr(EVERYTHING, name) != getattr(RankingSettings(), name) for name in settings)


def test_what_is_not_given_is_not_set() -> None:
    assert read() == RankingSettings()
    assert read("--fallback").fallback_allowed is True
    assert read("--diversity", "0").diversity == 0


def test_an_empty_list_is_given_as_an_empty_text() -> None:
    emptied = RankingSettings(condition_boosts=(), attribute_caps=(), pinned_videos=())
    assert read("--boost", "", "--cap", "", "--pin", "") == emptied


@pytest.mark.parametrize(
    "option, text, how",
    [
        ("--boost", "genre=drama", "ATTRIBUTE=VALUE:WEIGHT"),
        ("--boost", "genre:0.2", "ATTRIBUTE=VALUE:WEIGHT"),
        ("--boost", "genre=drama:much", "ATTRIBUTE=VALUE:WEIGHT"),
        ("--cap", "series", "ATTRIBUTE=N"),
        ("--cap", "series=two", "ATTRIBUTE=N"),
        ("--cap", "series=-2", "ATTRIBUTE=N"),
        ("--pin", "intro", "VIDEO_ID@POSITION[:PROMOTION_ID]"),
        ("--pin", "@1", "VIDEO_ID@POSITION[:PROMOTION_ID]"),
        ("--pin", "intro@first", "VIDEO_ID@POSITION[:PROMOTION_ID]"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_to_write(option: str, text: str, how: str) -> None:
    with pytest.raises(Failure) as failure:
        read(option, text)
    assert failure.value.code == 2
    assert str(failure.value).startswith(f"{option} {text}: write {how}")


# --- the command ------------------------------------------------------------------------------------------------------


def test_a_scenario_is_set_shown_listed_and_deleted(catalog: str, client: MatchcutClient) -> None:
    made = matchcut("scenario", "set", "home", *EVERY_OPTION)
    assert made.code == 0, made.err
    assert made.out.splitlines() == [
        "scenario: home",
        "freshness weight: 0.1",
        "freshness half life days: 14",
        "popularity weight: 0.05",
        "condition boosts: genre=drama:0.2, a=b=c:d:-0.1",
        "diversity: 0.3",
        "attribute caps: series=2",
        "rotation rate: 0.5",
        "rotation hours: 12",
        "pinned videos: intro@0, a@b@7:spring:sale",
        "seen videos: demote",
        "seen watched share: 0.8",
        "seen days: 90",
        "seen demotion: 0.7",
        "fallback allowed: no",
        "everything else as by default",
    ]
    assert client.get_scenario("home").scenario.ranking == EVERYTHING
    assert matchcut("scenario", "show", "home").out == made.out

    again = matchcut("scenario", "set", "home", "--diversity", "0.5", "--pin", "")
    assert again.out.splitlines()[1:] == ["diversity: 0.5", "pinned videos: none", "everything else as by default"]
    assert matchcut("scenario", "set", "after").out.splitlines() == ["scenario: after", "everything as by default"]
    assert matchcut("scenario", "list").out == "after\nhome\n"
    assert [one["name"] for one in matchcut("scenario", "list", "--json").json] == ["after", "home"]

    deleted = matchcut("scenario", "delete", "home")
    assert (deleted.code, deleted.out) == (0, "deleted\n")
    gone = matchcut("scenario", "delete", "home")
    assert (gone.code, gone.out) == (1, "there was no such scenario\n")
    assert matchcut("scenario", "delete", "after", "--json").json == {"deleted": True}
    shown = matchcut("scenario", "show", "home")
    assert shown.code == 3
    assert "no scenario 'home'" in shown.err


def test_conditions_of_every_kind_are_shown(client: MatchcutClient) -> None:
    conditions = (
        Condition(language="de"),
        Condition(attribute=AttributeCondition("genre")),
        Condition(attribute=AttributeCondition("genre", ("drama", "war"))),
        Condition(duration=DurationRange(min_seconds=60)),
        Condition(video_ids=("a", "b")),
    )
    boosts = tuple(ConditionBoost(condition, 0.1) for condition in conditions)
    client.upsert_scenario(Scenario("home", RankingSettings(condition_boosts=boosts)))
    assert matchcut("scenario", "show", "home").out.splitlines()[1] == (
        "condition boosts: language de:0.1, genre:0.1, genre=drama or war:0.1, duration 60 to … s:0.1, a or b:0.1"
    )


@pytest.mark.usefixtures("catalog")
def test_what_the_server_refuses_is_told_with_its_field() -> None:
    refused = matchcut("scenario", "set", "home", "--diversity", "2")
    assert refused.code == 2
    assert "scenario.ranking.diversity: 2.0 is not a number from 0 to 1" in refused.err
    assert matchcut("scenario", "show", "home").code == 3


# --- files ------------------------------------------------------------------------------------------------------------


def test_what_show_prints_can_be_set_again_under_any_name(client: MatchcutClient, tmp_path: Path) -> None:
    recent = {"published_time": {"start_time": "2024-07-05T12:00:00+00:00"}}
    content = {"diversity": 1, "condition_boosts": [{"condition": recent, "weight": 0.2}], "seen_videos": "KEEP"}
    first = matchcut("scenario", "set", "home", "--file", "-", "--json", stdin=json.dumps(content).encode())
    assert first.code == 0, first.err
    assert first.json == matchcut("scenario", "show", "home", "--json").json

    (tmp_path / "home.json").write_text(first.out)
    second = matchcut(
        "scenario", "set", "copy", "--file", str(tmp_path / "home.json"), "--seen", "exclude", "--pin", ""
    )
    assert second.code == 0, second.err
    home, copy = (client.get_scenario(name).scenario.ranking for name in ("home", "copy"))
    assert copy.condition_boosts == home.condition_boosts
    assert (copy.diversity, home.diversity) == (1, 1)
    assert (copy.seen_videos, home.seen_videos) == (SeenVideos.EXCLUDE, SeenVideos.KEEP)
    assert (copy.pinned_videos, home.pinned_videos) == ((), None)


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize(
    "content, problem",
    [
        ("", "Input data was truncated"),
        (b'{"\xff": 1}', "invalid start byte"),
        ("[" * 100_000, "recursion"),
        ("[]", "Expected `object`, got `array`"),
        ('{"diversity": "much"}', "Expected `float | null`, got `str` - at `$.diversity`"),
        ('{"diversty": 0.5}', "diversty is not known"),
        ('{"ranking": {"diversty": 0.5}}', "diversty is not known"),
        ('{"pinned_videos": [{"video_id": "a", "place": 1}]}', "pinned_videos[0].place is not known"),
        ('{"attribute_caps": [{"name": "series"}]}', "missing required field `max_per_value`"),
        ('{"condition_boosts": [{"condition": {}, "weight": 1}]}', "language"),
        ('{"seen_videos": "never"}', "Invalid enum value 'never'"),
    ],
)
def test_a_file_that_cannot_be_taken_is_told_and_nothing_is_set(content: str | bytes, problem: str) -> None:
    refused = matchcut(
        "scenario", "set", "home", "--file", "-", stdin=content if isinstance(content, bytes) else content.encode()
    )
    assert refused.code == 2
    assert refused.err.startswith("matchcut scenario: --file -: ")
    assert problem in refused.err
    assert matchcut("scenario", "list").out == ""


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    refused = matchcut("scenario", "set", "home", "--file", str(tmp_path / "none.json"))
    assert refused.code == 2
    assert "cannot be read: No such file" in refused.err
