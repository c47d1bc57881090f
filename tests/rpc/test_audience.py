"""`MatchAudience` over the wire."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import profile_service_pb2 as profile_pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut_server.rpc import limits
from tests.rpc.service import Service, attributes, declared, event, failure, interests, serving, video

NOW = int(time.time())


def user(user_id: str, *keywords: str, **more: Any) -> profile_pb.Profile:
    """Make a profile that may be found for promotions."""
    return declared(user_id, *keywords, **{"targeting_allowed": True, **more})


def promotion(*keywords: str, seeds: tuple[str, ...] = (), promotion_id: str = "") -> pb.Promotion:
    """Make a promotion of keywords and videos."""
    taken = [recommendation_pb.VideoSeed(video_id=seed) for seed in seeds]
    return pb.Promotion(promotion_id=promotion_id, interests=interests(*keywords).interests, seeds=taken)


def match(service: Service, *keywords: str, **more: Any) -> pb.MatchAudienceResponse:
    more.setdefault("promotion", promotion(*keywords))
    return service.targeting.MatchAudience(pb.MatchAudienceRequest(**more))


def ids(answer: pb.MatchAudienceResponse) -> list[str]:
    return [member.user_id for member in answer.members]


def pages_of(service: Service, **more: Any) -> Iterator[pb.MatchAudienceResponse]:
    """Yield all pages of an audience."""
    token = ""
    while True:
        answer = match(service, page_token=token, **more)
        yield answer
        token = answer.next_page_token
        if not token:
            return


@pytest.fixture
def site(service: Service) -> Service:
    """Some videos and users."""
    service.upsert(video("moats", "castle", "moat"), video("cannes", "film festival", "cannes"), video("rye", "bread"))
    service.declare(
        user("ada", "castle=2", "bread"),
        user("bob", "film festival"),
        user("cem", "castle", attributes=attributes(plan=["paid"])),
        declared("dora", "castle"),
        user("emil", "castle=-1", "bread"),
    )
    return service


def test_the_users_whom_a_promotion_suits_best_come_first(site: Service) -> None:
    answer = match(site, "castle", include_total=True)
    assert ids(answer) == ["cem", "ada"]  # dora has not allowed it, emil dislikes castles
    assert answer.members[0].score == 1.0
    assert 0.0 < answer.members[1].score < 1.0
    assert answer.total_count == 2
    assert not answer.next_page_token


def test_a_promotion_can_push_away(site: Service) -> None:
    assert ids(match(site, "castle=-1", "bread=0.1")) == ["emil"]


def test_a_promotion_of_a_video(site: Service) -> None:
    assert ids(match(site, promotion=promotion(seeds=("cannes",)))) == ["bob"]
    both = match(site, promotion=promotion("castle", seeds=("cannes", "gone")))
    assert set(ids(both)) == {"ada", "bob", "cem"}
    assert list(both.missing_ids) == ["gone"]


def test_what_users_do_counts_too(site: Service) -> None:
    site.declare(profile_pb.Profile(user_id="fay", targeting_allowed=True))
    assert ids(match(site, "film festival")) == ["bob"]
    site.record(event("e1", "fay", "cannes", "LIKE"))
    assert ids(match(site, "film festival")) == ["bob", "fay"]


def test_every_write_shows_at_once(site: Service) -> None:
    wanted = {"promotion": promotion("castle")}
    site.declare(user("cem", "bread"))
    assert ids(match(site, **wanted)) == ["ada"]
    site.declare(profile_pb.Profile(user_id="ada", targeting_allowed=False), mask=["targeting_allowed"])
    assert ids(match(site, **wanted)) == []
    site.declare(user("gus", "castle"))
    assert ids(match(site, **wanted)) == ["gus"]
    site.profiles.DeleteProfiles(profile_pb.DeleteProfilesRequest(user_ids=["gus"]))
    assert ids(match(site, **wanted)) == []


def test_a_merged_profile_takes_the_place_of_both(site: Service) -> None:
    match(site, "castle")
    merge = profile_pb.ProfileMerge(from_user_id="cem", into_user_id="new")
    site.profiles.MergeProfiles(profile_pb.MergeProfilesRequest(merges=[merge]))
    assert ids(match(site, "castle")) == ["new", "ada"]


def test_scores_follow_the_catalog(site: Service) -> None:
    before = match(site, "castle").members[1].score
    site.upsert(*(video(f"more-{i}", "bread") for i in range(5)))
    after = match(site, "castle").members[1].score
    assert after > before  # bread is no longer rare, so castles weigh more in the profile


def test_new_settings_of_the_catalog_count_at_once(site: Service) -> None:
    match(site, "castle")
    settings = catalog_pb.CatalogSettings(
        keyword_aliases=[catalog_pb.KeywordAlias(keyword="palace", canonical="castle")]
    )
    site.declare(user("gus", "palace"))
    site.catalogs.UpdateCatalog(catalog_pb.UpdateCatalogRequest(name="default", settings=settings))
    assert "gus" in ids(match(site, "castle"))


def test_filters_scores_and_exclusions(site: Service) -> None:
    paid = profile_pb.ProfileCondition(attribute=types_pb.AttributeCondition(name="plan", values=["paid"]))
    named = profile_pb.ProfileCondition(user_ids=profile_pb.UserIds(user_ids=["ada", "nobody"]))
    castle = {"promotion": promotion("castle")}
    assert ids(match(site, filter=profile_pb.ProfileFilter(all_of=[paid]), **castle)) == ["cem"]
    assert ids(match(site, filter=profile_pb.ProfileFilter(none_of=[paid]), **castle)) == ["ada"]
    assert ids(match(site, filter=profile_pb.ProfileFilter(any_of=[named]), **castle)) == ["ada"]
    assert ids(match(site, min_score=0.99, include_total=True, **castle)) == ["cem"]
    answer = match(site, exclude_ids=["cem", "nobody"], include_total=True, **castle)
    assert (ids(answer), list(answer.missing_ids), answer.total_count) == (["ada"], ["nobody"], 1)


def shown(event_id: str, user_id: str, days_ago: float, promotion_id: str = "p") -> Any:
    return event(event_id, user_id, "", "IMPRESSION", promotion_id=promotion_id, time=int(NOW - days_ago * 86_400))


def test_users_who_were_shown_the_promotion_often_enough_are_left_out(site: Service) -> None:
    site.record(shown("1", "ada", 1), shown("2", "ada", 3), shown("3", "cem", 10), shown("4", "bob", 1, "other"))
    castle = {"promotion": promotion("castle", promotion_id="p")}

    def with_caps(*caps: pb.FrequencyCap) -> list[str]:
        return ids(match(site, frequency_caps=caps, **castle))

    assert with_caps(pb.FrequencyCap(days=7)) == ["cem"]
    assert with_caps(pb.FrequencyCap(days=7, max_impressions=3)) == ["cem", "ada"]
    assert with_caps(pb.FrequencyCap(days=2, max_impressions=2)) == ["cem", "ada"]
    assert with_caps(pb.FrequencyCap(days=7), pb.FrequencyCap(days=30)) == []
    assert with_caps(pb.FrequencyCap(days=30, promotion_id="other")) == ["cem", "ada"]


def test_explanations_add_up_and_name_what_matches(site: Service) -> None:
    site.record(event("e1", "ada", "cannes", "LIKE"))
    answer = match(site, "moated castle", "Film Festivals=0.5", explain=True)
    told = {member.user_id: member for member in answer.members}
    for member in told.values():
        assert sum(one.share for one in member.matched_interests) == pytest.approx(member.score, abs=2e-6)
    [festival, castle] = told["ada"].matched_interests
    assert (castle.interest, list(castle.keywords), castle.derived) == ("castle", ["moated castle"], False)
    assert (festival.interest, list(festival.keywords), festival.derived) == ("film festival", ["Film Festivals"], True)
    assert castle.idf > 1.0


def test_an_interest_that_pushes_away_has_a_negative_share(site: Service) -> None:
    assert "emil" not in ids(match(site, "castle", "bread"))  # both weigh the same
    answer = match(site, "castle=0.5", "bread", explain=True)
    [emil] = [member for member in answer.members if member.user_id == "emil"]
    shares = {one.interest: one.share for one in emil.matched_interests}
    assert shares["castle"] < 0.0 < shares["bread"]


def test_an_explanation_of_seeds_names_their_keywords(site: Service) -> None:
    [bob] = match(site, promotion=promotion(seeds=("cannes",)), explain=True).members
    assert [(one.interest, list(one.keywords)) for one in bob.matched_interests] == [
        ("film festival", ["film festival"])
    ]


def crowd(service: Service, count: int = 25) -> None:
    service.declare(*(user(f"user-{i:02}", "castle", f"hobby {i % 7}={i / 10}") for i in range(count)))


def test_pages_are_one_audience(site: Service) -> None:
    crowd(site)
    whole = match(site, "castle", explain=True)
    some = list(pages_of(site, promotion=promotion("castle"), page_size=4, explain=True, include_total=True))
    assert [member for page in some for member in page.members] == list(whole.members)
    assert {page.total_count for page in some} == {27}
    assert len({page.index_revision for page in some}) == 1
    assert len(some) == 7


def test_pages_hold_the_audience_of_the_first_one(site: Service) -> None:
    crowd(site)
    before = ids(match(site, "castle"))
    first = match(site, "castle", page_size=5)
    gone, quiet, born = before[7], before[9], before[11]
    site.profiles.DeleteProfiles(profile_pb.DeleteProfilesRequest(user_ids=[gone, born]))
    site.declare(profile_pb.Profile(user_id=quiet, targeting_allowed=False), mask=["targeting_allowed"])
    site.declare(user(born, "castle"), user("a-new-one", "castle"), user(before[12], "bread"))
    rest = match(site, "castle", page_size=1000, page_token=first.next_page_token)
    assert ids(rest) == [one for one in before[5:] if one not in {gone, quiet, born}]
    assert rest.index_revision == first.index_revision
    small = match(site, "castle", page_size=4, page_token=first.next_page_token)
    assert ids(small) == ids(rest)[:4]  # who has left makes room for the next


def test_a_page_after_its_hour_is_refused(site: Service, tmp_path: Path) -> None:
    token = match(site, "castle", page_size=1).next_page_token
    [kept] = (tmp_path / "data" / "audience-pages").iterdir()
    long_ago = time.time() - 3601
    os.utime(kept, (long_ago, long_ago))
    refused = failure(lambda: match(site, "castle", page_token=token))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")
    assert "begin anew" in refused.message


def test_a_token_is_for_its_request_alone(site: Service) -> None:
    token = match(site, "castle", page_size=1).next_page_token
    assert failure(lambda: match(site, "bread", page_token=token)).reason == "INVALID_PAGE_TOKEN"
    assert ids(match(site, "castle", page_size=50, min_revision=1, page_token=token)) == ["ada"]


def test_tokens_end_with_the_server(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.declare(user("ada", "castle"), user("bob", "castle"))
        token = match(service, "castle", page_size=1).next_page_token
    with serving(tmp_path) as service:
        assert failure(lambda: match(service, "castle", page_token=token)).reason == "INVALID_PAGE_TOKEN"
        assert ids(match(service, "castle")) == ["ada", "bob"]


def test_an_answer_stays_below_what_clients_take(site: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(site)
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 200)
    some = list(pages_of(site, promotion=promotion("castle"), page_size=20))
    assert len(some) > 3
    assert all(page.ByteSize() < 200 + 100 for page in some)
    assert len({one for page in some for one in ids(page)}) == 27


def test_only_so_many_can_be_paged_through(site: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(site)
    monkeypatch.setattr(limits, "MAX_AUDIENCE", 10)
    some = list(pages_of(site, promotion=promotion("castle"), page_size=4, include_total=True))
    assert [len(page.members) for page in some] == [4, 4, 2]
    assert some[0].total_count == 27


def test_a_revision_can_be_waited_for(site: Service) -> None:
    written = site.declare(user("gus", "castle"))[0].revision
    answer = match(site, "castle", min_revision=written)
    assert answer.index_revision >= written
    assert "gus" in ids(answer)
    ahead = failure(lambda: match(site, "castle", min_revision=written + 100))
    assert ahead.reason == "REVISION_AHEAD"


def test_logs_tell_nothing_of_profiles(site: Service) -> None:
    site.declare(user("a secret user", "a secret interest"))
    with capture_logs() as logs:
        match(site, "a secret interest", explain=True)
        failure(lambda: match(site, "a secret interest", min_score=2))
    assert logs
    assert "secret" not in str(logs)


_OTHER_PROCESS = """
import sys
from pathlib import Path

import grpc

from matchcut.v1 import targeting_service_pb2 as pb
from matchcut_server.app import _service
from matchcut_server.settings import Settings
from matchcut.v1.targeting_service_pb2_grpc import TargetingServiceStub

settings = Settings(data=Path(sys.argv[1]), listen="127.0.0.1:0", grace_seconds=2.0)
with _service(settings, shared_port=False) as server, grpc.insecure_channel(server.address) as channel:
    request = pb.MatchAudienceRequest.FromString(bytes.fromhex(sys.argv[2]))
    print(",".join(member.user_id for member in TargetingServiceStub(channel).MatchAudience(request).members))
"""


def test_any_process_of_the_machine_has_the_next_page(site: Service, tmp_path: Path) -> None:
    crowd(site)
    everyone = ids(match(site, "castle"))
    first = match(site, "castle", page_size=5)
    request = pb.MatchAudienceRequest(promotion=promotion("castle"), page_token=first.next_page_token)
    ran = subprocess.run(
        [sys.executable, "-c", _OTHER_PROCESS, str(tmp_path / "data"), request.SerializeToString().hex()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ran.stdout.splitlines()[-1].split(",") == everyone[5:]
