"""Pages are asked for one after the other, as they are needed."""

from itertools import islice
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from matchcut.v1 import recommendation_service_pb2, types_pb2, video_service_pb2
from matchcut_client import MatchcutClient, VideoView, pages
from tests.client.fake_server import FakeServer
from tests.client.samples import descriptor


def three_pages(request: Any, _context: object) -> Message:
    page = int(request.page_token or 0)
    return video_service_pb2.ListVideosResponse(
        videos=[types_pb2.Video(video_id=f"v{page}")], next_page_token=str(page + 1) if page < 2 else ""
    )


def test_iterating_over_videos_asks_for_page_after_page(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["ListVideos"] = three_pages

    found = [video.video_id for video in client.iter_videos(view=VideoView.FULL, page_size=1, catalog="uk")]

    requests = server.requests("ListVideos")
    assert found == ["v0", "v1", "v2"]
    assert [request.page_token for request in requests] == ["", "1", "2"]
    assert {(request.view, request.page_size, request.catalog) for request in requests} == {(2, 1, "uk")}


def test_no_page_is_asked_for_before_it_is_needed(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["ListVideos"] = three_pages

    list(islice(client.iter_videos(), 1))

    assert len(server.calls) == 1


@pytest.mark.parametrize(
    "rpc, method, items",
    [
        ("ListCatalogs", "iter_catalogs", "catalogs"),
        ("ListVideos", "iter_videos", "videos"),
        ("ListProfiles", "iter_profiles", "profiles"),
        ("ListScenarios", "iter_scenarios", "scenarios"),
        ("ListStandingInterests", "iter_standing_interests", "standing_interests"),
    ],
)
def test_every_list_can_be_iterated_over(
    rpc: str, method: str, items: str, server: FakeServer, client: MatchcutClient
) -> None:
    def two_pages(request: Any, _context: object) -> Message:
        answer: Any = GetMessageClass(descriptor(f"{rpc}Response"))()
        getattr(answer, items).add()
        answer.next_page_token = "" if request.page_token else "more"
        return answer  # type: ignore[no-any-return]

    server.answers[rpc] = two_pages

    assert len(list(getattr(client, method)())) == 2


def test_any_paged_method_can_be_paged_through(server: FakeServer, client: MatchcutClient) -> None:
    """Also with arguments by position."""

    def two_pages(request: Any, _context: object) -> Message:
        return recommendation_service_pb2.RecommendVideosResponse(
            recommendation_id=request.page_token, next_page_token="" if request.page_token else "more"
        )

    server.answers["RecommendVideos"] = two_pages

    found = [page.recommendation_id for page in pages(client.recommend_videos, ["england"], page_size=5)]

    assert found == ["", "more"]
    assert [request.interests.interests[0].keyword for request in server.requests("RecommendVideos")] == ["england"] * 2


def test_paging_can_begin_in_the_middle(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["ListVideos"] = three_pages

    found = [page.videos[0].video_id for page in pages(client.list_videos, page_token="1")]

    assert found == ["v1", "v2"]
