"""Recommendations for stored users, and how a request ranks them."""

import time
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import profile_service_pb2 as profile_pb
from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.service import Service, ask, attributes, declared, event, failure, ids, video

NOW = int(time.time())
HOUR, DAY = 3_600, 86_400
MATCH, PINNED, FILLING = (
    pb.RecommendationOrigin.Value(f"RECOMMENDATION_ORIGIN_{name}") for name in ("MATCH", "PINNED", "FALLBACK")
)
KEEP, DEMOTE = scenario_pb.SEEN_VIDEOS_KEEP, scenario_pb.SEEN_VIDEOS_DEMOTE


def ranking(**settings: Any) -> scenario_pb.RankingSettings:
    """Make ranking settings; without fallback unless they say so."""
    return scenario_pb.RankingSettings(**{"fallback_allowed": False, **settings})


def pins(*places: tuple[str, int], promotion_id: str = "") -> scenario_pb.PinnedVideoList:
    videos = [scenario_pb.PinnedVideo(video_id=one, position=at, promotion_id=promotion_id) for one, at in places]
    return scenario_pb.PinnedVideoList(videos=videos)


def caps(most: int) -> scenario_pb.AttributeCapList:
    return scenario_pb.AttributeCapList(caps=[scenario_pb.AttributeCap(name="series", max_per_value=most)])


def has(name: str) -> types_pb.Condition:
    return types_pb.Condition(attribute=types_pb.AttributeCondition(name=name))


def keep_scenario(service: Service, name: str, settings: scenario_pb.RankingSettings) -> None:
    scenario = scenario_pb.Scenario(name=name, ranking=settings)
    service.scenarios.UpsertScenario(scenario_pb.UpsertScenarioRequest(scenario=scenario))


@pytest.fixture
def cities(service: Service) -> Service:
    """Videos about one city each, and about two."""
    service.upsert(
        video("london", "london"),
        video("london rome", "london", "rome"),
        video("paris", "paris"),
        video("paris rome", "paris", "rome"),
        video("rome", "rome"),
    )
    return service


def only_matches(service: Service, user_id: str = "ada", **more: Any) -> list[str]:
    """Return what matches a user."""
    return ids(service.recommend(user_id=user_id, ranking=ranking(**more)))


# --- whose interests ------------------------------------------------------------------------------------------------


def test_declared_interests_count_at_once(cities: Service) -> None:
    cities.declare(declared("ada", "london=2", "rome"))
    assert only_matches(cities) == ["london rome", "london", "rome", "paris rome"]
    cities.declare(declared("ada", "paris"))
    assert only_matches(cities) == ["paris", "paris rome"]


def test_what_was_watched_counts_where_nothing_is_declared(cities: Service) -> None:
    cities.record(event("1", video_id="london"))
    assert only_matches(cities) == ["london rome"]
    assert only_matches(cities, seen_videos=KEEP) == ["london", "london rome"]
    cities.record(event("2", video_id="paris", kind="DISLIKE"))
    cities.record(event("3", video_id="rome", kind="LIKE"))
    assert only_matches(cities) == ["london rome", "paris rome"]


def test_declared_and_watched_are_mixed_by_the_share_of_the_profile(cities: Service) -> None:
    cities.record(event("1", video_id="london"))
    scores = {}
    for share in (0.0, 0.25, 0.5, 1.0):
        cities.declare(declared("ada", "paris", derived_share=share))
        found = cities.recommend(user_id="ada", ranking=ranking(seen_videos=KEEP)).recommendations
        scores[share] = {one.video_id: one.score for one in found}
    assert scores[0.0].keys() == {"paris", "paris rome"}
    assert scores[1.0].keys() == {"london", "london rome"}
    assert scores[0.25]["paris"] == pytest.approx(0.75 / (0.75**2 + 0.25**2) ** 0.5, abs=1e-5)
    assert scores[0.5]["paris"] == scores[0.5]["london"] == pytest.approx(0.5**0.5, abs=1e-5)


def test_interests_of_the_request_take_the_place_of_the_profile_but_not_of_what_was_seen(cities: Service) -> None:
    cities.declare(declared("ada", "paris"))
    cities.record(event("1", video_id="london"), event("2", video_id="rome", kind="HIDE"))
    answer = cities.recommend("london", "rome", user_id="ada")
    assert ids(answer) == ["london rome", "paris rome"]
    assert answer.fallback == pb.FALLBACK_NONE
    assert ids(cities.recommend("london", "rome", user_id="nobody"))[0] == "london rome"


def test_events_of_others_and_of_other_catalogs_do_not_count(cities: Service) -> None:
    cities.declare(declared("ada", "london"))
    cities.record(event("1", "bob", "london"))
    assert only_matches(cities) == ["london", "london rome"]
    cities.catalogs.CreateCatalog(catalog_pb.CreateCatalogRequest(name="films"))
    assert ids(cities.recommend(user_id="ada", catalog="films")) == []


def test_explanations_name_declared_interests_and_watched_videos(cities: Service) -> None:
    cities.declare(declared("ada", "rome"))
    cities.record(event("1", video_id="london"))
    answer = cities.recommend(user_id="ada", explain=True, ranking=ranking())
    best = answer.recommendations[0]
    assert best.video_id == "london rome"
    assert {one.keyword: list(one.interests) for one in best.explanation.matched_keywords} == {
        "london": [],
        "rome": ["rome"],
    }
    assert [one.video_id for one in best.explanation.profile_sources] == ["london"]
    for one in answer.recommendations:
        told = one.explanation
        shares = [matched.share for matched in told.matched_keywords] + [boost.share for boost in told.boosts]
        assert sum(shares) == pytest.approx(one.score, abs=2e-6)


# --- fallback -------------------------------------------------------------------------------------------------------


def test_nobody_known_gets_what_is_popular_and_then_what_is_recent(service: Service) -> None:
    service.upsert(
        video("a", "x"),
        video("new", "x", published_time=Timestamp(seconds=NOW - HOUR)),
        video("old", "x", published_time=Timestamp(seconds=NOW - 9 * DAY)),
        video("liked", "x"),
        video("seen", "x"),
    )
    service.record(
        event("1", "bob", "liked", "LIKE", time=NOW),
        event("2", "bob", "seen", time=NOW),
        event("3", "cleo", "liked", time=NOW),
    )
    answer = service.recommend(user_id="nobody")
    assert ids(answer) == ["liked", "seen", "new", "old", "a"]
    assert answer.fallback == pb.FALLBACK_EMPTY_PROFILE
    assert {(one.origin, one.score) for one in answer.recommendations} == {(FILLING, 0.0)}
    bare = service.recommend(user_id="nobody", explain=True, include_metadata=True).recommendations[0]
    assert (bare.video.video_id, len(bare.explanation.matched_keywords)) == ("liked", 0)


def test_popular_videos_fill_the_page_after_those_that_match(cities: Service) -> None:
    cities.declare(declared("ada", "london"))
    answer = cities.recommend(user_id="ada", page_size=3)
    assert ids(answer) == ["london", "london rome", "paris"]
    assert [one.origin for one in answer.recommendations] == [MATCH, MATCH, FILLING]
    assert answer.fallback == pb.FALLBACK_TOO_FEW_MATCHES
    rest = cities.recommend(user_id="ada", page_size=3, page_token=answer.next_page_token)
    assert (ids(rest), rest.next_page_token) == (["paris rome", "rome"], "")
    enough = cities.recommend(user_id="ada", page_size=2)
    assert (enough.fallback, bool(enough.next_page_token)) == (pb.FALLBACK_NONE, True)


def test_a_profile_without_anything_that_counts_is_empty(cities: Service) -> None:
    cities.declare(declared("bob"))
    cities.record(event("1", "cleo", "london", "IMPRESSION"))
    for user_id in ("bob", "cleo"):
        assert cities.recommend(user_id=user_id).fallback == pb.FALLBACK_EMPTY_PROFILE


def test_fallback_keeps_to_the_filter_and_can_be_forbidden_or_asked_for(cities: Service) -> None:
    allowed = types_pb.Filter(none_of=[types_pb.Condition(video_ids=types_pb.VideoIds(video_ids=["rome", "paris"]))])
    assert ids(cities.recommend(user_id="nobody", filter=allowed)) == ["london", "london rome", "paris rome"]
    assert ids(cities.recommend(user_id="nobody", ranking=ranking())) == []
    assert ids(cities.recommend("rome")) == ["rome", "london rome", "paris rome"]
    asked = cities.recommend("rome", ranking=ranking(fallback_allowed=True))
    assert ids(asked) == ["rome", "london rome", "paris rome", "london", "paris"]
    assert asked.fallback == pb.FALLBACK_TOO_FEW_MATCHES


# --- seen, hidden, shown --------------------------------------------------------------------------------------------


def test_hidden_videos_never_come_until_they_are_liked_again(cities: Service) -> None:
    cities.declare(declared("ada", "london", derived_share=0.0))
    cities.record(event("1", video_id="london", kind="HIDE", time=NOW - 100))
    keep = ranking(seen_videos=KEEP, fallback_allowed=True, pinned_videos=pins(("london", 0)))
    assert "london" not in ids(cities.recommend(user_id="ada", ranking=keep))
    assert "london" not in ids(cities.recommend("london", user_id="ada", ranking=keep))
    assert "london" not in ids(cities.similar("london rome", user_id="ada", ranking=keep))
    cities.record(event("2", video_id="london", kind="LIKE", time=NOW - 200))  # before it was hidden
    assert "london" not in ids(cities.recommend(user_id="ada", ranking=keep))
    cities.record(event("3", video_id="london", kind="LIKE", time=NOW - 50))
    assert ids(cities.recommend(user_id="ada", ranking=keep))[0] == "london"


def test_seen_videos_are_left_out_demoted_or_kept(cities: Service) -> None:
    cities.declare(declared("ada", "london", derived_share=0.0))
    before = {one.video_id: one.score for one in cities.recommend(user_id="ada", ranking=ranking()).recommendations}
    cities.record(event("1", video_id="london"))
    assert only_matches(cities) == ["london rome"]
    demoted = cities.recommend(user_id="ada", explain=True, ranking=ranking(seen_videos=DEMOTE, seen_demotion=0.9))
    assert ids(demoted) == ["london rome", "london"]
    last = demoted.recommendations[1]
    assert last.score == pytest.approx(before["london"] * 0.1, abs=1e-6)
    assert [one.kind for one in last.explanation.boosts] == [pb.BOOST_KIND_SEEN]
    assert last.explanation.boosts[0].share == pytest.approx(-0.9 * before["london"], abs=1e-6)
    kept = cities.recommend(user_id="ada", ranking=ranking(seen_videos=KEEP)).recommendations
    assert {one.video_id: one.score for one in kept} == before


def test_what_counts_as_seen_can_be_set(cities: Service) -> None:
    cities.declare(declared("ada", "london", derived_share=0.0))
    cities.record(
        event("1", video_id="london", watched_share=0.3, time=NOW - HOUR),
        event("2", video_id="london", watched_share=0.3, time=NOW - 3 * DAY),
        event("3", video_id="london rome", kind="DISLIKE", time=NOW - 3 * DAY),
    )
    assert only_matches(cities) == []
    assert only_matches(cities, seen_watched_share=0.6) == []
    assert only_matches(cities, seen_watched_share=0.7) == ["london"]
    assert only_matches(cities, seen_days=1) == ["london rome"]
    assert only_matches(cities, seen_days=1, seen_watched_share=0.6) == ["london", "london rome"]


def test_videos_shown_lately_give_way(cities: Service) -> None:
    now = int(time.time())
    cities.declare(declared("ada", "london"))
    cities.record(event("1", video_id="london", kind="IMPRESSION", time=now - 6 * HOUR))
    cities.record(event("2", video_id="london", kind="IMPRESSION", time=now - 60 * HOUR))
    before = cities.recommend(user_id="ada", ranking=ranking()).recommendations[0].score
    rotated = cities.recommend(user_id="ada", explain=True, ranking=ranking(rotation_rate=1, rotation_hours=24))
    assert ids(rotated) == ["london rome", "london"]
    assert rotated.recommendations[1].score == pytest.approx(before * 0.25, abs=0.01)
    assert [one.kind for one in rotated.recommendations[1].explanation.boosts] == [pb.BOOST_KIND_ROTATION]
    assert only_matches(cities, rotation_rate=1, rotation_hours=6) == ["london", "london rome"]
    assert ids(cities.recommend("london", ranking=ranking(rotation_rate=1))) == ["london", "london rome"]


def test_what_has_expired_or_is_not_published_yet_comes_in_no_way(service: Service) -> None:
    service.upsert(
        video("early", "london", published_time=Timestamp(seconds=NOW + DAY)),
        video("late", "london", expire_time=Timestamp(seconds=NOW - 1)),
        video("now", "london"),
    )
    service.declare(declared("ada", "london"))
    settings = ranking(fallback_allowed=True, pinned_videos=pins(("early", 0), ("late", 1)))
    assert ids(service.recommend(user_id="ada", ranking=settings)) == ["now"]
    assert ids(service.recommend(user_id="nobody", ranking=settings)) == ["now"]
    assert ids(service.similar("now", ranking=settings)) == []


# --- scenarios and settings -----------------------------------------------------------------------------------------


def test_a_scenario_is_named_and_its_settings_are_overridden_one_by_one(cities: Service) -> None:
    cities.upsert(video("fresh", "london", "paris", "rome", published_time=Timestamp(seconds=NOW)))
    settings = ranking(freshness_weight=1, pinned_videos=pins(("rome", 0), promotion_id="spring"))
    keep_scenario(cities, "home", settings)
    pinned = cities.recommend("london", scenario="home")
    assert ids(pinned) == ["rome", "fresh", "london", "london rome"]
    assert [one.origin for one in pinned.recommendations] == [PINNED, MATCH, MATCH, MATCH]
    assert [one.promotion_id for one in pinned.recommendations] == ["spring", "", "", ""]
    assert ids(cities.recommend("london", scenario="home", ranking=ranking(freshness_weight=0))) == [
        "rome",
        "london",
        "london rome",
        "fresh",
    ]
    no_pins = scenario_pb.RankingSettings(pinned_videos=pins())
    assert ids(cities.recommend("london", scenario="home", ranking=no_pins)) == ["fresh", "london", "london rome"]
    keep_scenario(cities, "home", ranking())
    assert ids(cities.recommend("london", scenario="home")) == ["london", "london rome", "fresh"]


def test_an_unknown_scenario_is_told(cities: Service) -> None:
    keep_scenario(cities, "home", ranking())
    cities.scenarios.DeleteScenario(scenario_pb.DeleteScenarioRequest(name="home"))
    for call in (
        lambda: cities.recommend("london", scenario="home"),
        lambda: cities.similar("london", scenario="home"),
        lambda: cities.send(
            pb.BatchRecommendVideosRequest(
                profiles=[pb.BatchProfile(user_id="ada")], options=pb.RecommendationOptions(scenario="home")
            )
        ),
    ):
        refused = failure(call)
        assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "SCENARIO_NOT_FOUND")


def test_boosts_change_the_place_but_not_what_matches(service: Service) -> None:
    service.upsert(
        video("a", "london"),
        video("b", "london", "paris", published_time=Timestamp(seconds=NOW - 30 * DAY)),
        video("c", "london", "rome", "paris", attributes=attributes(award=["yes"])),
        video("d", "paris", attributes=attributes(award=["yes"])),
    )
    service.record(event("1", "bob", "b", time=NOW))
    boosts = scenario_pb.ConditionBoostList(boosts=[scenario_pb.ConditionBoost(condition=has("award"), weight=0.9)])
    plain = {one.video_id: one.score for one in service.recommend("london").recommendations}
    settings = ranking(
        freshness_weight=0.5, freshness_half_life_days=30, popularity_weight=0.2, condition_boosts=boosts
    )
    found = service.recommend("london", explain=True, min_score=plain["c"], ranking=settings)
    assert ids(found) == ["c", "b", "a"]
    by_id = {one.video_id: one for one in found.recommendations}
    assert by_id["c"].score == pytest.approx(plain["c"] + 0.9, abs=1e-5)
    assert by_id["b"].score == pytest.approx(plain["b"] + 0.25 + 0.2, abs=1e-3)
    assert [one.kind for one in by_id["b"].explanation.boosts] == [
        pb.BOOST_KIND_FRESHNESS,
        pb.BOOST_KIND_POPULARITY,
    ]
    for one in found.recommendations:
        shares = [matched.share for matched in one.explanation.matched_keywords]
        shares += [boost.share for boost in one.explanation.boosts]
        assert sum(shares) == pytest.approx(one.score, abs=2e-6)
    assert found.ranked_candidates == 0


def test_the_answer_says_among_how_many_candidates_diversity_chose(service: Service) -> None:
    service.upsert(*(video(f"{number:03}", "london", f"subject{number}") for number in range(150)))
    assert service.recommend("london", page_size=5, ranking=ranking(diversity=0.5)).ranked_candidates == 100
    assert service.recommend("london", page_size=20, ranking=ranking(diversity=0.5)).ranked_candidates == 0
    assert service.recommend("london", page_size=5).ranked_candidates == 0


def test_no_page_has_more_of_a_series_than_is_allowed_and_all_come_on_some_page(service: Service) -> None:
    service.upsert(*(video(f"{n}{s}", "london", attributes=attributes(series=[s])) for s in "abc" for n in range(4)))
    found: list[str] = []
    token = ""
    for _ in range(4):
        answer = service.recommend("london", page_size=6, page_token=token, ranking=ranking(attribute_caps=caps(1)))
        assert sorted(one.video_id[1] for one in answer.recommendations) == ["a", "b", "c"]
        found += ids(answer)
        token = answer.next_page_token
    assert (len(set(found)), token) == (12, "")


# --- pages ----------------------------------------------------------------------------------------------------------


def token_of(service: Service, user_id: str = "ada", **more: Any) -> str:
    token: str = service.recommend(user_id=user_id, page_size=1, **more).next_page_token
    assert token
    return token


def is_refused(service: Service, token: str, user_id: str = "ada", **more: Any) -> bool:
    refused = failure(lambda: service.recommend(user_id=user_id, page_token=token, **more))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")
    return [one[0] for one in refused.fields] == ["page_token"]


def test_a_token_belongs_to_its_user_settings_and_catalog(cities: Service) -> None:
    cities.declare(declared("ada", "london"), declared("bob", "london"))
    keep_scenario(cities, "home", ranking())
    cities.catalogs.CreateCatalog(catalog_pb.CreateCatalogRequest(name="films"))
    token = token_of(cities)
    assert is_refused(cities, token, "bob")
    assert is_refused(cities, token, catalog="films")
    assert is_refused(cities, token, scenario="home")
    assert is_refused(cities, token, ranking=ranking())
    similar = cities.similar("london", page_size=1, user_id="ada", ranking=ranking(fallback_allowed=True))
    assert is_refused(cities, similar.next_page_token)


def test_a_token_works_on_after_the_profile_the_events_and_the_scenario_have_changed(cities: Service) -> None:
    cities.declare(declared("ada", "london"))
    keep_scenario(cities, "home", ranking())
    token = token_of(cities, scenario="home")  # of the page with `london`
    cities.declare(declared("ada", "rome", "london"))
    cities.record(event("1", video_id="paris rome", kind="LIKE"))
    keep_scenario(cities, "home", ranking(pinned_videos=pins(("london", 1), ("paris", 2))))
    rest = cities.recommend(user_id="ada", page_token=token, scenario="home")
    assert ids(rest) == ["london rome", "paris", "rome"]


def test_a_token_of_a_deleted_user_is_refused_also_when_there_is_a_new_one(cities: Service) -> None:
    cities.declare(declared("ada", "london"))
    token = token_of(cities)
    similar = cities.similar("rome", page_size=1, user_id="ada").next_page_token
    cities.profiles.DeleteProfiles(profile_pb.DeleteProfilesRequest(user_ids=["ada"]))
    assert is_refused(cities, token)
    cities.declare(declared("ada", "london"))
    assert is_refused(cities, token)
    refused = failure(lambda: cities.similar("rome", user_id="ada", page_token=similar))
    assert refused.reason == "INVALID_PAGE_TOKEN"
    assert token_of(cities)


def test_a_token_of_a_merged_user_is_refused_and_one_of_nobody_goes_on(cities: Service) -> None:
    cities.declare(declared("visitor", "london"))
    token, unknown = token_of(cities, "visitor"), token_of(cities, "ada")
    first = ids(cities.recommend(user_id="ada", page_size=1))
    merge = profile_pb.ProfileMerge(from_user_id="visitor", into_user_id="ada")
    cities.profiles.MergeProfiles(profile_pb.MergeProfilesRequest(merges=[merge]))
    assert is_refused(cities, token, "visitor")
    assert not set(first) & set(ids(cities.recommend(user_id="ada", page_token=unknown)))


def every_page(service: Service, request: Any) -> list[list[str]]:
    """Page to the end."""
    pages: list[list[str]] = []
    while not pages or request.page_token:
        answer = service.send(request)
        pages.append(ids(answer))
        request.page_token = answer.next_page_token
        assert len(pages) < 100
    return pages


@pytest.mark.parametrize("size", [1, 3, 4, 50])
def test_pages_of_a_user_with_everything_on_never_repeat(service: Service, size: int) -> None:
    service.upsert(
        *(
            video(
                f"{n:02}",
                "london",
                f"word{n % 4}",
                "paris" if n % 3 else "rome",
                attributes=attributes(series=[f"{n % 5}"]),
            )
            for n in range(30)
        )
    )
    service.declare(declared("ada", "london", "word1=2", derived_share=0))
    service.record(*(event(f"{n}", video_id=f"{n:02}", kind="IMPRESSION", time=NOW - n * HOUR) for n in range(9)))
    service.record(event("v", video_id="03"), event("h", video_id="04", kind="HIDE"))
    settings = ranking(
        diversity=0.4,
        rotation_rate=0.8,
        seen_videos=DEMOTE,
        attribute_caps=caps(2),
        pinned_videos=pins(("07", 0), ("08", 5), ("gone", 6), ("04", 7), ("09", 900)),
    )
    pages = every_page(service, ask(user_id="ada", page_size=size, ranking=settings))
    found = [one for page in pages for one in page]
    assert sorted(found) == sorted(f"{n:02}" for n in range(30) if n != 4)
    assert (found[0], found[5], found[-1]) == ("07", "08", "09")
