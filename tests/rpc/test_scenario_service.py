import threading
from pathlib import Path
from typing import Any

import grpc
import pytest

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import scenario_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut_client import (
    AttributeCap,
    AttributeCondition,
    Condition,
    ConditionBoost,
    MatchcutClient,
    NotFound,
    PinnedVideo,
    RankingSettings,
    Scenario,
    SeenVideos,
    WriteStatus,
)
from tests.rpc.service import Service, failure, serving, video

EVERYTHING = pb.RankingSettings(
    freshness_weight=0.1,
    freshness_half_life_days=14,
    popularity_weight=0.05,
    condition_boosts=pb.ConditionBoostList(
        boosts=[
            pb.ConditionBoost(
                condition=types_pb.Condition(attribute=types_pb.AttributeCondition(name="genre", values=["drama"])),
                weight=-0.2,
            )
        ]
    ),
    diversity=0.3,
    attribute_caps=pb.AttributeCapList(caps=[pb.AttributeCap(name="series", max_per_value=2)]),
    rotation_rate=0.5,
    rotation_hours=12,
    pinned_videos=pb.PinnedVideoList(videos=[pb.PinnedVideo(video_id="a", position=3, promotion_id="spring")]),
    seen_videos=pb.SEEN_VIDEOS_DEMOTE,
    seen_watched_share=0.8,
    seen_days=90,
    seen_demotion=0.7,
    fallback_allowed=False,
    latent_share=0.3,
)


def put(service: Service, name: str = "home", catalog: str = "", **ranking: Any) -> pb.UpsertScenarioResponse:
    scenario = pb.Scenario(name=name, ranking=pb.RankingSettings(**ranking))
    return service.scenarios.UpsertScenario(pb.UpsertScenarioRequest(catalog=catalog, scenario=scenario))


def get(service: Service, name: str = "home", **request: Any) -> pb.GetScenarioResponse:
    return service.scenarios.GetScenario(pb.GetScenarioRequest(name=name, **request))


def listed(service: Service, **request: Any) -> pb.ListScenariosResponse:
    return service.scenarios.ListScenarios(pb.ListScenariosRequest(**request))


def names(answer: pb.ListScenariosResponse) -> list[str]:
    return [one.name for one in answer.scenarios]


# --- writing and reading ----------------------------------------------------------------------------------------------


def test_a_scenario_is_what_was_set_and_nothing_else(service: Service) -> None:
    scenario = pb.Scenario(name="home", ranking=EVERYTHING)
    created = service.scenarios.UpsertScenario(pb.UpsertScenarioRequest(scenario=scenario))
    assert created.status == types_pb.WRITE_STATUS_CREATED
    assert created.scenario.ranking == EVERYTHING
    assert 0 < created.scenario.revision <= created.revision
    found = get(service, min_revision=created.revision)
    assert found.scenario == created.scenario
    assert found.index_revision >= created.revision

    assert put(service, "plain").scenario.ranking == pb.RankingSettings()
    assert put(service, "one", diversity=0).scenario.ranking == pb.RankingSettings(diversity=0)


def test_an_upsert_replaces_all_settings(service: Service) -> None:
    created = put(service, diversity=0.5, latent_share=0.3)
    again = put(service, diversity=0.5, latent_share=0.3)
    assert again.status == types_pb.WRITE_STATUS_UNCHANGED
    assert again.scenario == created.scenario
    assert again.revision == created.revision

    updated = put(service, diversity=0.1)
    assert updated.status == types_pb.WRITE_STATUS_UPDATED
    assert updated.scenario.revision > created.scenario.revision
    assert get(service).scenario.ranking == pb.RankingSettings(diversity=0.1)


def test_empty_lists_are_something_else_than_lists_left_out(service: Service) -> None:
    empty = pb.RankingSettings(
        condition_boosts=pb.ConditionBoostList(),
        attribute_caps=pb.AttributeCapList(),
        pinned_videos=pb.PinnedVideoList(),
    )
    service.scenarios.UpsertScenario(pb.UpsertScenarioRequest(scenario=pb.Scenario(name="home", ranking=empty)))
    assert get(service).scenario.ranking == empty != pb.RankingSettings()


def test_numbers_at_the_limits_are_taken(service: Service) -> None:
    lowest = pb.RankingSettings(
        freshness_weight=0, freshness_half_life_days=5e-324, rotation_hours=5e-324, seen_days=0, diversity=0
    )
    highest = pb.RankingSettings(
        freshness_weight=1, freshness_half_life_days=36_500, rotation_hours=8_760, seen_days=36_500, diversity=1,
        attribute_caps=pb.AttributeCapList(caps=[pb.AttributeCap(name="x" * 64, max_per_value=1_000)]),
        pinned_videos=pb.PinnedVideoList(videos=[pb.PinnedVideo(video_id="x" * 256, position=999)]),
        condition_boosts=pb.ConditionBoostList(
            boosts=[pb.ConditionBoost(condition=types_pb.Condition(language="en"), weight=sign) for sign in (-1, 1)]
        ),
    )  # fmt: skip
    for ranking in (lowest, highest):
        request = pb.UpsertScenarioRequest(scenario=pb.Scenario(name="a" * 64, ranking=ranking))
        assert service.scenarios.UpsertScenario(request).scenario.ranking == ranking


def test_what_this_version_does_not_know_is_not_kept(service: Service) -> None:
    unknown = b"\xba\x3e\x03new"  # a text in the field 999
    ranking = pb.RankingSettings.FromString(pb.RankingSettings(diversity=0.5).SerializeToString() + unknown)
    request = pb.UpsertScenarioRequest(scenario=pb.Scenario(name="home", ranking=ranking))
    service.scenarios.UpsertScenario(request)
    assert get(service).scenario.ranking.SerializeToString() == pb.RankingSettings(diversity=0.5).SerializeToString()


def test_a_refused_scenario_changes_nothing(service: Service) -> None:
    put(service, diversity=0.5)
    refused = failure(lambda: put(service, diversity=2, latent_share=-1))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_VALUE")
    assert [field for field, _, _ in refused.fields] == ["scenario.ranking.diversity", "scenario.ranking.latent_share"]
    assert get(service).scenario.ranking == pb.RankingSettings(diversity=0.5)


def test_an_unknown_scenario_is_not_found(service: Service) -> None:
    put(service)
    refused = failure(lambda: get(service, "hone"))
    assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "SCENARIO_NOT_FOUND")
    assert refused.metadata == {"catalog": "default", "scenario": "hone"}


def test_a_deleted_scenario_is_gone(service: Service) -> None:
    created = put(service)
    request = pb.DeleteScenarioRequest(name="home")
    deleted = service.scenarios.DeleteScenario(request)
    assert deleted.deleted
    assert deleted.revision > created.revision
    assert failure(lambda: get(service)).reason == "SCENARIO_NOT_FOUND"
    again = service.scenarios.DeleteScenario(request)
    assert not again.deleted
    assert again.revision == deleted.revision


def test_nothing_crosses_catalogs(service: Service) -> None:
    service.catalogs.CreateCatalog(catalog_pb.CreateCatalogRequest(name="films"))
    put(service, diversity=0.1)
    put(service, catalog="films", diversity=0.2)
    put(service, "more", catalog="films")
    assert get(service).scenario.ranking.diversity == 0.1
    assert get(service, catalog="films").scenario.ranking.diversity == 0.2
    assert names(listed(service)) == ["home"]
    service.catalogs.DeleteCatalog(catalog_pb.DeleteCatalogRequest(name="films"))
    assert failure(lambda: listed(service, catalog="films")).reason == "CATALOG_NOT_FOUND"
    service.catalogs.CreateCatalog(catalog_pb.CreateCatalogRequest(name="films"))
    assert names(listed(service, catalog="films")) == []


def test_more_than_a_thousand_are_refused(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matchcut_server.rpc.limits.MAX_SCENARIOS", 2)  # as the store's limit is the caller's
    put(service, "a")
    put(service, "b")
    refused = failure(lambda: put(service, "c"))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "TOO_LARGE")
    assert refused.fields[0][0] == "scenario"
    assert put(service, "b", diversity=0.5).status == types_pb.WRITE_STATUS_UPDATED


# --- lists ------------------------------------------------------------------------------------------------------------


def test_lists_go_by_name_and_page_by_page(service: Service) -> None:
    for name in ("series", "home", "0", "after-a-film", "a_b"):
        put(service, name, diversity=0.5)
    first = listed(service, page_size=3, include_total=True)
    assert names(first) == ["0", "a_b", "after-a-film"]
    assert first.total_count == 5
    assert all(one.ranking.diversity == 0.5 and one.revision for one in first.scenarios)
    second = listed(service, page_size=2, include_total=True, page_token=first.next_page_token)
    assert names(second) == ["home", "series"]
    assert second.next_page_token == ""
    assert not listed(service).HasField("total_count")


def test_a_page_token_of_another_list_is_refused(service: Service) -> None:
    service.catalogs.CreateCatalog(catalog_pb.CreateCatalogRequest(name="films"))
    for name in "abc":
        put(service, name)
    token = listed(service, page_size=1).next_page_token
    assert names(listed(service, page_token=token)) == ["b", "c"]
    for other in ({"catalog": "films"}, {"include_total": True}):
        refused = failure(lambda other=other: listed(service, page_token=token, **other))  # type: ignore[misc]  # bound
        assert refused.reason == "INVALID_PAGE_TOKEN"


def test_a_page_of_large_scenarios_ends_before_it_is_too_large(service: Service) -> None:
    """Each of them has 2.6 MB; the answer may have 4 MiB."""
    ids = types_pb.VideoIds(video_ids=[f"{number:0>256}" for number in range(10_000)])
    boost = pb.ConditionBoost(condition=types_pb.Condition(video_ids=ids), weight=0.1)
    for name in "abc":
        put(service, name, condition_boosts=pb.ConditionBoostList(boosts=[boost]))
    seen, token = [], ""
    while True:
        page = listed(service, page_token=token)
        seen += names(page)
        token = page.next_page_token
        assert len(page.scenarios) == 1
        if not token:
            break
    assert seen == ["a", "b", "c"]


# --- revisions --------------------------------------------------------------------------------------------------------


def test_the_index_is_at_the_revision_of_a_scenario_when_its_write_returns(service: Service) -> None:
    service.upsert(video("a", "london"))
    service.recommended("london")
    for answer in (put(service), service.scenarios.DeleteScenario(pb.DeleteScenarioRequest(name="home"))):
        assert service.recommend("london").index_revision >= answer.revision
        assert service.recommended("london", min_revision=answer.revision) == ["a"]


def test_writes_of_many_threads_are_all_there(service: Service) -> None:
    def write(own: str) -> None:
        for number in range(10):
            put(service, f"{own}{number}", diversity=number / 10)

    threads = [threading.Thread(target=write, args=(own,)) for own in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert names(listed(service)) == [f"{own}{number}" for own in "abcd" for number in range(10)]


# --- the client -------------------------------------------------------------------------------------------------------


def test_the_client_writes_and_reads_scenarios(tmp_path: Path) -> None:
    ranking = RankingSettings(
        freshness_weight=0.1,
        condition_boosts=(
            ConditionBoost(Condition(attribute=AttributeCondition("genre", ("drama",))), 0.2),
            ConditionBoost(Condition(language="de"), -0.1),
        ),
        diversity=0.0,
        attribute_caps=(AttributeCap("series", 2),),
        pinned_videos=(),
        seen_videos=SeenVideos.KEEP,
        fallback_allowed=True,
    )
    with serving(tmp_path) as service, MatchcutClient(service.server.address) as client:
        created = client.upsert_scenario(Scenario("home", ranking))
        assert created.status is WriteStatus.CREATED
        found = client.get_scenario("home")
        assert found.scenario == created.scenario
        assert found.scenario.ranking == ranking
        pinned = RankingSettings(pinned_videos=(PinnedVideo("a", 3, "spring"),))
        assert client.upsert_scenario(Scenario("other", pinned)).scenario.ranking == pinned
        assert [one.name for one in client.iter_scenarios(page_size=1)] == ["home", "other"]
        assert client.list_scenarios(include_total=True).total_count == 2
        assert client.delete_scenario("home").deleted
        assert not client.delete_scenario("home").deleted
        with pytest.raises(NotFound) as refusal:
            client.get_scenario("home")
        assert refusal.value.reason == "SCENARIO_NOT_FOUND"
