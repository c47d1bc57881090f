import time
from typing import Any

import grpc
import pytest

from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut_server.ranking.recommender import Recommender
from tests.rpc.service import Service, ask, batch, declared, event, failure, ids, profile, user_profile, video

PROFILES: dict[str, tuple[str, ...]] = {
    "one": ("london",),
    "two": ("paris=2", "rome=-1"),
    "none": ("nothing",),
    "same": ("london",),
    "many": tuple(f"word{number}" for number in range(50)),
}


@pytest.fixture
def cities(service: Service) -> Service:
    service.upsert(
        video("a", "london", "paris", title="A"),
        video("b", "london", "rome"),
        video("c", "paris"),
        video("d", *(f"word{number}" for number in range(0, 50, 3))),
        video("e", "london", "word7"),
    )
    return service


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"explain": True},
        {"include_metadata": True},
        {"min_score": 0.4},
        {"exclude_ids": ["a", "nobody"]},
        {"filter": types_pb.Filter(none_of=[types_pb.Condition(video_ids=types_pb.VideoIds(video_ids=["e"]))])},
    ],
    ids=lambda one: next(iter(one), "plain"),
)
def test_a_batch_gives_what_single_calls_give(cities: Service, chosen: dict[str, Any]) -> None:
    answer = cities.send(batch(*(profile(key, *words) for key, words in PROFILES.items()), page_size=2, **chosen))
    assert [(one.index, one.key) for one in answer.results] == list(enumerate(PROFILES))
    for result, words in zip(answer.results, PROFILES.values(), strict=True):
        single = cities.send(ask(*words, page_size=2, **chosen))
        assert list(result.recommendations) == list(single.recommendations)
        assert list(result.missing_ids) == list(single.missing_ids)
        assert result.fallback == single.fallback
        assert not result.field_errors
        assert result.recommendation_id
    assert answer.index_revision == single.index_revision
    assert len({one.recommendation_id for one in answer.results}) == len(PROFILES)


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"explain": True},
        {"ranking": scenario_pb.RankingSettings(seen_videos=scenario_pb.SEEN_VIDEOS_DEMOTE, rotation_rate=0.5)},
        {"ranking": scenario_pb.RankingSettings(fallback_allowed=False, diversity=0.5)},
        {"scenario": "home"},
    ],
    ids=["plain", "explained", "faded", "diverse", "scenario"],
)
def test_a_batch_for_stored_users_gives_what_single_calls_give(cities: Service, chosen: dict[str, Any]) -> None:
    pins = scenario_pb.PinnedVideoList(videos=[scenario_pb.PinnedVideo(video_id="d", position=1, promotion_id="p")])
    home = scenario_pb.Scenario(name="home", ranking=scenario_pb.RankingSettings(pinned_videos=pins))
    cities.scenarios.UpsertScenario(scenario_pb.UpsertScenarioRequest(scenario=home))
    cities.declare(declared("ada", "london", "rome=-1"), declared("bob"))
    cities.record(
        event("1", "ada", "c"),
        event("2", "ada", "e", "IMPRESSION"),
        event("3", "cleo", "a"),
        event("4", "cleo", "b", "HIDE"),
    )
    users = ("ada", "bob", "cleo", "nobody")
    answer = cities.send(
        batch(
            *(user_profile(user, user) for user in users),
            profile("stated", "paris", user_id="cleo"),
            user_profile("without a", "ada", exclude_ids=["a"]),
            page_size=2,
            **chosen,
        )
    )
    singles = [cities.send(ask(user_id=user, page_size=2, **chosen)) for user in users]
    singles.append(cities.send(ask("paris", user_id="cleo", page_size=2, **chosen)))
    singles.append(cities.send(ask(user_id="ada", page_size=2, exclude_ids=["a"], **chosen)))
    for result, single in zip(answer.results, singles, strict=True):
        assert list(result.recommendations) == list(single.recommendations)
        assert (result.fallback, result.ranked_candidates) == (single.fallback, single.ranked_candidates)
    assert len({tuple(ids(one)) for one in singles}) > 2


def test_exclusions_of_a_profile_come_besides_those_of_all(cities: Service) -> None:
    first, second = cities.send(
        batch(profile("x", "london", exclude_ids=["b", "no"]), profile("y", "london"), exclude_ids=["a", "nobody"])
    ).results
    assert [one.video_id for one in first.recommendations] == ["e"]
    assert list(first.missing_ids) == ["nobody", "no"]
    assert {one.video_id for one in second.recommendations} == {"b", "e"}
    assert list(second.missing_ids) == ["nobody"]


def test_a_bad_profile_spoils_no_other(cities: Service) -> None:
    answer = cities.send(
        batch(
            profile("good", "london"),
            profile("empty"),
            profile("text", "london", ""),
            profile("weight", "london=nan"),
            profile("excluded", "london", exclude_ids=["x" * 257]),
            pb.BatchProfile(key="nobody"),
            pb.BatchProfile(key="user", user_id="u" * 257),
            profile("control", "london", user_id="u\n"),
            profile("k" * 257, "london"),
            profile("good too", "london"),
        )
    )
    errors = [[(one.field, one.reason) for one in result.field_errors] for result in answer.results]
    assert errors == [
        [],
        [("interests.interests", "REQUIRED")],
        [("interests.interests[1].keyword", "REQUIRED")],
        [("interests.interests[0].weight", "INVALID_VALUE")],
        [("exclude_ids[0]", "TOO_LARGE")],
        [("interests", "REQUIRED")],
        [("user_id", "TOO_LARGE")],
        [("user_id", "INVALID_VALUE")],
        [("key", "TOO_LARGE")],
        [],
    ]
    assert [one.index for one in answer.results] == list(range(10))
    assert [len(one.recommendations) for one in answer.results] == [3, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    assert all(error.message for result in answer.results for error in result.field_errors)


def test_keys_may_be_empty_or_repeated(cities: Service) -> None:
    answer = cities.send(batch(profile("", "london"), profile("x", "paris"), profile("x", "rome")))
    assert [one.key for one in answer.results] == ["", "x", "x"]


def test_results_end_early_before_the_answer_passes_4_mib(service: Service) -> None:
    service.upsert(*(video(f"{number:03}", "london", title="t" * 1_024) for number in range(700)))
    profiles = [profile(f"{number}", "london") for number in range(10)]
    answer = service.send(batch(*profiles, page_size=1_000, include_metadata=True))
    count = len(answer.results)
    assert 1 <= count < 10
    assert answer.ByteSize() < 4 * 1024 * 1024
    assert {len(one.recommendations) for one in answer.results} == {700}
    rest = service.send(batch(*profiles[count:], page_size=1_000, include_metadata=True))
    assert rest.results[0].key == str(count)


def test_results_end_early_when_the_deadline_is_near(cities: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    recommend = Recommender.recommend

    def slow(self: Recommender, *arguments: Any) -> Any:
        time.sleep(0.02)
        return recommend(self, *arguments)

    monkeypatch.setattr(Recommender, "recommend", slow)
    request = batch(*(profile(f"{number}", "london") for number in range(100)))
    answer = cities.send(request, timeout=0.5)
    assert 1 <= len(answer.results) < 100
    assert [one.index for one in answer.results] == list(range(len(answer.results)))


def test_a_thousand_profiles_are_taken_and_one_more_is_refused(cities: Service) -> None:
    profiles = [profile("", "london")] * 1_001
    assert len(cities.send(batch(*profiles[:1_000])).results) == 1_000
    for refused in (failure(lambda: cities.send(batch(*profiles))), failure(lambda: cities.send(batch()))):
        assert (refused.code, refused.fields[0][0]) == (grpc.StatusCode.INVALID_ARGUMENT, "profiles")


def test_bad_options_refuse_the_whole_batch(cities: Service) -> None:
    refused = failure(lambda: cities.send(batch(profile("", "london"), page_size=-1, min_score=2)))
    assert [one[0] for one in refused.fields] == ["options.min_score", "page_size"]
