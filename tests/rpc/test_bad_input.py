"""Bad input: each case gets its code, field and message, and the server answers the next call."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import grpc
import pytest
from structlog.testing import capture_logs

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import profile_service_pb2 as profile_pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import search_service_pb2 as search_pb
from matchcut.v1 import targeting_service_pb2 as targeting_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as video_pb
from tests.rpc import (
    bad_input,
    bad_moments,
    bad_placements,
    bad_profiles,
    bad_recommendations,
    bad_standing,
    bad_statistics,
)
from tests.rpc.bad_input import Case, Raw
from tests.rpc.service import Service, declared, event, failure_of, serving, video

CASES = {
    **bad_input.CASES,
    **bad_profiles.CASES,
    **bad_recommendations.CASES,
    **bad_standing.CASES,
    **bad_moments.CASES,
    **bad_placements.CASES,
    **bad_statistics.CASES,
}


class Prepared(NamedTuple):
    """A server with two catalogs, and page tokens by name."""

    service: Service
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    def fill(service: Service) -> None:
        service.send(catalog_pb.CreateCatalogRequest(name="films"))
        service.upsert(*(video(name, "london") for name in "abc"))
        service.declare(declared("ada"), declared("bob"))
        service.record(event("e1", "ada"), event("e2", "ada", "b"))

    with serving(tmp_path_factory.mktemp("other")) as other:
        fill(other)
        foreign = other.recommend("london", page_size=1).next_page_token
    with serving(tmp_path_factory.mktemp("data")) as service:
        fill(service)
        own = service.recommend("london", page_size=1).next_page_token
        tokens = {
            "@own": own,
            "@own:truncated": own[:-8],
            "@own:changed": ("B" if own[0] == "A" else "A") + own[1:],
            "@own:lengthened": f"{own}AAAA",
            "@foreign": foreign,
            "@moments": service.search.SearchMoments(
                search_pb.SearchMomentsRequest(any_of=[search_pb.AskedKeyword(keyword="london")], page_size=1)
            ).next_page_token,
            "@list": service.videos.ListVideos(video_pb.ListVideosRequest(page_size=1)).next_page_token,
            "@events": service.user("ada", include_events=True, page_size=1).next_page_token,
            "@profiles": service.profiles.ListProfiles(profile_pb.ListProfilesRequest(page_size=1)).next_page_token,
            "@catalogs": service.catalogs.ListCatalogs(catalog_pb.ListCatalogsRequest(page_size=1)).next_page_token,
        }
        assert all(tokens.values())
        yield Prepared(service, tokens)


def answered(prepared: Prepared, request: Any) -> Case:
    """Send a request, and write what came back as a case: of a batch, what came for the last item."""
    if hasattr(request, "page_token"):
        request.page_token = prepared.tokens.get(request.page_token, request.page_token)

    try:
        if isinstance(request, Raw):
            answer = prepared.service.send_bytes(request.method, request.content)
        else:
            answer = prepared.service.send(request)
    except grpc.RpcError as refusal:
        refused = failure_of(refusal)
        field, _, message = refused.fields[0] if refused.fields else ("", "", refused.message)
        return Case(request, f"{refused.code.name} {refused.reason}", field, message)
    if not getattr(answer, "results", ()):
        return Case(request, "OK")
    last = answer.results[-1]
    for error in last.field_errors:
        return Case(request, f"REJECTED {error.reason}", error.field, error.message)
    if isinstance(last, recommendation_pb.BatchRecommendation):
        return Case(request, "OK")
    adjusted = [types_pb.AdjustmentKind.Name(one.kind).removeprefix("ADJUSTMENT_KIND_") for one in last.adjustments]
    return Case(request, " ".join([types_pb.WriteStatus.Name(last.status).removeprefix("WRITE_STATUS_"), *adjusted]))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_bad_input(prepared: Prepared, case: Case) -> None:
    with capture_logs() as logs:
        found = answered(prepared, case.request)
        assert prepared.service.recommended("london", exclude_ids=["new"])[:3] == ["a", "b", "c"]  # the next call
    prepared.service.delete("new")
    prepared.service.targeting.DeleteStandingInterests(
        targeting_pb.DeleteStandingInterestsRequest(standing_interest_ids=["new"])
    )
    prepared.service.profiles.DeleteProfiles(profile_pb.DeleteProfilesRequest(user_ids=["new"]))
    (code, *expected), (found_code, *reasons) = case.outcome.split(), found.outcome.split()
    assert found_code == code
    assert set(expected) <= set(reasons)
    assert found.field == case.field
    assert case.message in found.message
    if code in {"REJECTED", "INVALID_ARGUMENT"}:
        assert 10 < len(found.message) < 500
        assert found.message.isprintable()
    assert not [entry for entry in logs if entry["event"] == "fault" or entry.get("code") in {"INTERNAL", "UNKNOWN"}]


def test_the_table_has_every_class() -> None:
    classes = {name.partition(":")[0] for name in CASES}
    assert len(CASES) >= 80
    assert {
        "json",
        "missing",
        "number",
        "time",
        "text",
        "many",
        "deep",
        "broken",
        "bytes",
        "twice",
        "page",
        "token",
        "profile",
        "event",
        "merge",
        "user",
        "similar",
        "placements",
        "ranking",
        "standing",
        "matches",
        "moments",
        "stats",
        "trend",
        "related",
    } < classes
