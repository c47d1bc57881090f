"""Short ways to speak of standing interests to a server."""

from collections.abc import Iterator
from typing import Any

from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut_server.rpc.limits import MAX_BATCH
from tests.rpc.service import Service, interests


def standing(standing_interest_id: str, *keywords: str, **more: Any) -> pb.StandingInterest:
    """Make a standing interest from `keyword` or `keyword=weight`; without any, `more` says what is looked for."""
    given = interests(*keywords) if keywords else None
    return pb.StandingInterest(standing_interest_id=standing_interest_id, interests=given, **more)


def put(service: Service, *items: pb.StandingInterest, catalog: str = "") -> pb.UpsertStandingInterestsResponse:
    request = pb.UpsertStandingInterestsRequest(catalog=catalog, standing_interests=items)
    return service.targeting.UpsertStandingInterests(request)


def drop(service: Service, *ids: str, catalog: str = "") -> pb.DeleteStandingInterestsResponse:
    request = pb.DeleteStandingInterestsRequest(catalog=catalog, standing_interest_ids=ids)
    return service.targeting.DeleteStandingInterests(request)


def matches(service: Service, **fields: Any) -> pb.ListMatchesResponse:
    """Ask for one page of matches, a large one unless `fields` say otherwise."""
    return service.targeting.ListMatches(pb.ListMatchesRequest(**{"page_size": MAX_BATCH, **fields}))


def match_pages(service: Service, **fields: Any) -> Iterator[pb.ListMatchesResponse]:
    """Yield all pages of matches, each asked for when it is wanted."""
    page = matches(service, **fields)
    yield page
    while page.next_page_token:
        page = matches(service, **{**fields, "page_token": page.next_page_token})
        yield page


def pairs(answer: pb.ListMatchesResponse) -> list[tuple[str, str]]:
    """Return which standing interests match which videos."""
    return [(one.standing_interest_id, one.video_id) for one in answer.matches]


def statuses(answer: Any) -> list[str]:
    """Return what became of each item of a batch."""
    return [types_pb.WriteStatus.Name(one.status).removeprefix("WRITE_STATUS_") for one in answer.results]
