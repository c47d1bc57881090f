"""Input of any length: split by count and size, answered as one."""

from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from matchcut.v1 import profile_service_pb2, recommendation_service_pb2, types_pb2, video_service_pb2
from matchcut_client import (
    BatchProfile,
    BatchRecommendVideosResponse,
    Event,
    EventKind,
    Internal,
    MatchcutClient,
    NotFound,
    Profile,
    Video,
    VideoIndex,
    VideoMetadata,
    WriteResult,
    WriteStatus,
)
from tests.client.fake_server import FakeServer, failing
from tests.client.test_methods import NOW

MIB = 2**20


def videos(number: int, size: int = 0) -> Iterator[Video]:
    return (Video(f"v{i}", title="x" * size) for i in range(number))


def upserted(request: Any, _context: object) -> Message:
    """Answer an upsert with the ids, and the count as revision."""
    answer = video_service_pb2.UpsertVideosResponse(revision=len(request.videos))
    for index, video in enumerate(request.videos):
        answer.results.add(index=index, id=video.video_id, status=types_pb2.WRITE_STATUS_CREATED)
    return answer


def numbered(results: Iterable[WriteResult]) -> list[tuple[int, str, str]]:
    return [(result.index, result.id, result.status) for result in results]


def test_videos_are_sent_200_at_a_time_and_answered_as_one(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["UpsertVideos"] = upserted

    answer = client.upsert_videos(videos(450))

    assert [len(request.videos) for request in server.requests("UpsertVideos")] == [200, 200, 50]
    assert numbered(answer.results) == [(i, f"v{i}", "CREATED") for i in range(450)]
    assert answer.revision == 200


def test_small_items_are_sent_as_many_at_a_time_as_the_contract_allows(
    server: FakeServer, client: MatchcutClient
) -> None:
    client.delete_videos(f"v{i}" for i in range(2_500))
    client.update_video_metadata(VideoMetadata(f"v{i}") for i in range(1_500))
    client.upsert_profiles(Profile(f"u{i}") for i in range(1_500))
    client.record_events(Event(f"e{i}", "u1", EventKind.LIKE, NOW) for i in range(1_500))

    assert [len(request.video_ids) for request in server.requests("DeleteVideos")] == [1_000, 1_000, 500]
    assert [len(request.video_metadata) for request in server.requests("UpdateVideoMetadata")] == [1_000, 500]
    assert [len(request.profiles) for request in server.requests("UpsertProfiles")] == [1_000, 500]
    assert [len(request.events) for request in server.requests("RecordEvents")] == [1_000, 500]


def test_a_request_holds_at_most_4_mib(server: FakeServer, client: MatchcutClient) -> None:
    answer = client.upsert_videos(videos(7, size=3 * MIB // 2))

    assert [len(request.videos) for request in server.requests("UpsertVideos")] == [2, 2, 2, 1]
    assert [result.index for result in answer.results] == list(range(7))


def test_a_larger_item_goes_alone(server: FakeServer, client: MatchcutClient) -> None:
    client.upsert_videos([Video("small"), Video("large", title="x" * 5 * MIB), Video("small too")])

    assert [[video.video_id for video in request.videos] for request in server.requests("UpsertVideos")] == [
        ["small"],
        ["large"],
        ["small too"],
    ]


def test_an_item_too_large_for_any_request_is_rejected_here(server: FakeServer, client: MatchcutClient) -> None:
    """Its index and those of the others are as in the input."""
    server.answers["UpsertVideos"] = upserted
    huge = Video("huge", title="x" * 31 * MIB)

    answer = client.upsert_videos([Video("v0"), huge, Video("v2")])

    assert numbered(answer.results) == [(0, "v0", "CREATED"), (1, "huge", "REJECTED"), (2, "v2", "CREATED")]
    assert [(error.field, error.reason) for error in answer.results[1].field_errors] == [("", "TOO_LARGE")]
    assert answer.rejected == (answer.results[1],)
    assert all(video.video_id != "huge" for request in server.requests("UpsertVideos") for video in request.videos)


def test_a_document_is_measured_after_it_was_reduced(server: FakeServer, client: MatchcutClient) -> None:
    transcript = b'{"id":"v1","keywords":[],"transcript":"' + b"x" * 31 * MIB + b'"}'

    reduced = client.import_video_indexes([transcript])
    whole = client.import_video_indexes([VideoIndex(transcript, "v1")], reduce=False)

    assert [result.status for result in reduced.results] == [WriteStatus.CREATED]
    assert [(result.id, result.status) for result in whole.results] == [("v1", WriteStatus.REJECTED)]
    assert len(server.calls) == 1


def test_only_rejected_items_make_no_call(server: FakeServer, client: MatchcutClient) -> None:
    answer = client.upsert_videos([Video("huge", title="x" * 31 * MIB)])

    assert [result.status for result in answer.results] == [WriteStatus.REJECTED]
    assert server.calls == []


def test_an_id_that_occurs_again_is_rejected_however_the_input_is_split(
    server: FakeServer, client: MatchcutClient
) -> None:
    """The server does so within a request, the client over the whole input."""
    server.answers["UpsertVideos"] = upserted

    answer = client.upsert_videos([*videos(200), Video("v7"), Video("v200")])

    assert numbered(answer.results[200:]) == [(200, "v7", "REJECTED"), (201, "v200", "CREATED")]
    assert [(error.field, error.reason) for error in answer.rejected[0].field_errors] == [("video_id", "DUPLICATE_ID")]


def test_documents_and_events_may_repeat_ids(server: FakeServer, client: MatchcutClient) -> None:
    client.import_video_indexes(VideoIndex(b"[]", "v1") for _ in range(300))
    client.record_events(Event("e1", "u1", EventKind.LIKE, NOW) for _ in range(1_200))

    assert [len(request.video_indexes) for request in server.requests("ImportVideoIndexes")] == [200, 100]
    assert [len(request.events) for request in server.requests("RecordEvents")] == [1_000, 200]


def test_results_come_while_the_input_is_still_read(server: FakeServer, client: MatchcutClient) -> None:
    """The input may have no end."""
    endless = (VideoIndex(b"[]", f"v{i}") for i in count())

    results = list(islice(client.import_each(endless), 250))

    assert [result.index for result in results] == list(range(250))
    assert len(server.calls) == 2


def test_upserts_can_be_followed_one_by_one_too(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["UpsertVideos"] = upserted

    assert numbered(client.upsert_each(videos(3))) == [(i, f"v{i}", "CREATED") for i in range(3)]


def test_an_error_in_the_middle_keeps_the_results_before_it(server: FakeServer, client: MatchcutClient) -> None:
    results = client.upsert_each(videos(400))
    first = list(islice(results, 200))
    server.answers["UpsertVideos"] = failing(grpc.StatusCode.NOT_FOUND, "no catalog")

    assert len(first) == 200
    with pytest.raises(NotFound):
        next(results)


def test_nothing_is_written_when_only_checking(server: FakeServer, client: MatchcutClient) -> None:
    client.upsert_videos(videos(201), validate_only=True)
    client.import_video_indexes([b"[]"], validate_only=True)

    assert [call.request.validate_only for call in server.calls] == [True, True, True]


def test_an_item_that_is_no_message_is_named_by_its_position(client: MatchcutClient) -> None:
    attributes: Any = {"genre": "drama"}

    with pytest.raises(TypeError, match=r"^\[1\].attributes\['genre'\]: str where a tuple is needed"):
        client.upsert_videos([Video("v0"), Video("v1", attributes=attributes)])


def test_missing_videos_of_events_are_named_once(server: FakeServer, client: MatchcutClient) -> None:
    def recorded(request: Any, _context: object) -> Message:
        return profile_service_pb2.RecordEventsResponse(
            missing_ids=["v1", f"v{len(request.events)}"],
            results=[types_pb2.WriteResult(index=i) for i in range(len(request.events))],
        )

    server.answers["RecordEvents"] = recorded

    answer = client.record_events(Event(f"e{i}", "u1", EventKind.LIKE, NOW) for i in range(1_200))

    assert answer.missing_ids == ("v1", "v1000", "v200")


# --- recommendations --------------------------------------------------------------------------------------------------


def profiles(number: int) -> Iterator[BatchProfile]:
    return (BatchProfile(f"p{i}", user_id=f"u{i}") for i in range(number))


class Recommender:
    """Answers at most so many profiles of a request; revisions grow from call to call."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.revision = 0

    def __call__(self, request: Any, _context: object) -> Message:
        self.revision += 1
        answer = recommendation_service_pb2.BatchRecommendVideosResponse(index_revision=self.revision)
        for index, profile in enumerate(request.profiles[: self.limit]):
            answer.results.add(index=index, key=profile.key)
        return answer


def keys(answer: BatchRecommendVideosResponse) -> list[tuple[int, str]]:
    return [(result.index, result.key) for result in answer.results]


def test_profiles_are_sent_1000_at_a_time(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["BatchRecommendVideos"] = Recommender(1_000)

    answer = client.batch_recommend_videos(profiles(1_200), page_size=5)

    assert [len(request.profiles) for request in server.requests("BatchRecommendVideos")] == [1_000, 200]
    assert [request.page_size for request in server.requests("BatchRecommendVideos")] == [5, 5]
    assert keys(answer) == [(i, f"p{i}") for i in range(1_200)]


def test_profiles_that_an_answer_leaves_out_are_asked_for_again(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["BatchRecommendVideos"] = Recommender(4)

    answer = client.batch_recommend_videos(profiles(10))

    sent = [[profile.key for profile in request.profiles] for request in server.requests("BatchRecommendVideos")]
    assert [(batch[0], len(batch)) for batch in sent] == [("p0", 10), ("p4", 6), ("p8", 2)]
    assert keys(answer) == [(i, f"p{i}") for i in range(10)]


def test_the_revision_of_several_answers_is_the_lowest(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["BatchRecommendVideos"] = Recommender(4)

    assert client.batch_recommend_videos(profiles(10)).index_revision == 1


def test_a_server_that_answers_nothing_is_not_asked_for_ever(server: FakeServer, client: MatchcutClient) -> None:
    server.answers["BatchRecommendVideos"] = Recommender(0)

    with pytest.raises(Internal, match="without a single result"):
        client.batch_recommend_videos(profiles(3))
    assert len(server.calls) == 1


def test_a_profile_too_large_for_any_request_is_refused_here(server: FakeServer, client: MatchcutClient) -> None:
    huge = BatchProfile("huge", exclude_ids=("x" * 31 * MIB,))

    answer = client.batch_recommend_videos([BatchProfile("p0"), huge, BatchProfile("p2")])

    assert [(it.index, [error.reason for error in it.field_errors]) for it in answer.results] == [
        (0, []),
        (1, ["TOO_LARGE"]),
        (2, []),
    ]
    assert answer.results[1].key == "huge"
