"""A call leaves one line, which never says what it was about."""

from structlog.testing import capture_logs

from matchcut.v1 import profile_service_pb2 as pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from tests.rpc.service import (
    Service,
    ask,
    attributes,
    batch,
    declared,
    document,
    event,
    index,
    profile,
    rpc_error,
    video,
)


def test_every_call_leaves_one_line_with_what_it_cost(service: Service) -> None:
    with capture_logs() as entries:
        service.upsert(video("a", "london"))
        rpc_error(lambda: service.video("b"))
    first, second = entries
    assert {name: first[name] for name in ("event", "log_level", "method", "code")} == {
        "event": "call",
        "log_level": "info",
        "method": "VideoService/UpsertVideos",
        "code": "OK",
    }
    assert first["request_bytes"] > 0
    assert first["answer_bytes"] > 0
    assert first["milliseconds"] >= 0
    assert first["peer"].startswith("ipv4:127.0.0.1:")
    assert (second["code"], second["reason"]) == ("NOT_FOUND", "VIDEO_NOT_FOUND")
    assert first["request_id"] != second["request_id"]


def test_nothing_of_users_interests_or_events_is_logged(service: Service) -> None:
    service.upsert(video("a", "hush-keyword"))
    stored = declared("hush-user", "hush-interest", attributes=attributes(hush=["hush-attribute"]))
    done = event("hush-event", "hush-user", "hush-video", recommendation_id="hush-id", promotion_id="hush-promotion")
    again = pb.ProfileMerge(from_user_id="hush-user", into_user_id="hush-account")
    users = pb.ProfileFilter(all_of=[pb.ProfileCondition(user_ids=pb.UserIds(user_ids=["hush-user"]))])
    with capture_logs() as entries:
        service.declare(stored, declared("hush-user", "hush-interest"), declared("hush-\x00", "hush-\x00"))
        service.record(done, done, event("hush-late", "hush-user", time=10**11), event("", "hush-user", "hush-video"))
        service.user("hush-user", include_events=True, include_derived_interests=True)
        rpc_error(lambda: service.user("hush-nobody"))
        rpc_error(lambda: service.user("hush-user", page_token="hush-token"))
        service.send(pb.ListProfilesRequest(filter=users, include_total=True))
        service.send(pb.MergeProfilesRequest(merges=[again, again]))
        service.send(recommendation_pb.RecommendVideosRequest(user_id="hush-account"))
        service.send(pb.DeleteProfilesRequest(user_ids=["hush-account", "hush-user"]))
        service.record(done)
    assert [entry["code"] for entry in entries if entry["event"] == "call"].count("OK") == 8
    assert len(entries) == 10
    assert "hush" not in str(entries).lower()


def test_nothing_of_keywords_profiles_titles_people_or_tokens_is_logged(service: Service) -> None:
    with capture_logs() as entries:
        content = document("a", "hush-keyword", name="hush-title", userName="hush-user", viewToken="hush-token")
        given = attributes(genre=["hush-attribute"])
        service.imports(index(content, title="hush-title", attributes=given), index(b'{"id": "hush-broken'))
        service.upsert(video("b", "hush-keyword", title="hush-title"), video("", "hush-refused", title="hush-title"))
        found = service.recommend("hush-keyword", explain=True, include_metadata=True)
        service.send(batch(profile("hush-key", "hush-keyword"), profile("x", "")))
        rpc_error(lambda: service.recommend("hush-\x00"))
        rpc_error(lambda: service.recommend("hush-interest", page_token="hush-token"))
        service.recommend("hush-interest", user_id="hush-user")
        rpc_error(lambda: service.send(ask("hush-interest", catalog="HUSH")))
        service.video("b")
        service.statistics()
    assert len(found.recommendations) == 2
    assert len(entries) == 10
    assert "hush" not in str(entries).lower()
