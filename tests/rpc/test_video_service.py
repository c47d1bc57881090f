import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as pb
from tests.rpc.service import Service, attributes, failure, keyword, video

CREATED = types_pb.WRITE_STATUS_CREATED
UPDATED = types_pb.WRITE_STATUS_UPDATED
UNCHANGED = types_pb.WRITE_STATUS_UNCHANGED
DELETED = types_pb.WRITE_STATUS_DELETED
NOT_FOUND = types_pb.WRITE_STATUS_NOT_FOUND
REJECTED = types_pb.WRITE_STATUS_REJECTED

WHOLE = types_pb.Video(
    video_id="π/1",
    title="London by night",
    duration_seconds=90.1234567,
    published_time=Timestamp(seconds=1_700_000_000, nanos=123_456_000),
    expire_time=Timestamp(seconds=-1, nanos=500_000_000),
    attributes=attributes(genre=["film", "drama"], country=["England"]),
    keyword_sets=[
        types_pb.KeywordSet(
            language="de-DE",
            keywords=[
                types_pb.Keyword(
                    text="Londoner Brücke",
                    confidence=0.5,
                    instances=[
                        types_pb.Instance(
                            start_seconds=1.5,
                            end_seconds=2.25,
                            source_video_id="src",
                            source_start_seconds=0.0,
                            source_end_seconds=0.75,
                        )
                    ],
                )
            ],
            summarized=True,
        ),
        types_pb.KeywordSet(language="en-US", keywords=[keyword("London Bridge", 1.0, (0, 1), (0.5, 3))]),
    ],
)


def statuses(results: list[types_pb.WriteResult]) -> list[int]:
    return [one.status for one in results]


def pages(service: Service, **request: object) -> list[list[types_pb.Video]]:
    found, token = [], ""
    while True:
        message = pb.ListVideosRequest(**request, page_token=token)  # type: ignore[arg-type]  # whatever a test gives
        answer = service.videos.ListVideos(message)
        found.append(list(answer.videos))
        token = answer.next_page_token
        if not token:
            return found


def test_a_video_is_read_as_it_was_written(service: Service) -> None:
    (result,) = service.upsert(WHOLE)
    assert (result.index, result.id, result.status) == (0, "π/1", CREATED)
    assert result.revision > 0
    expected = types_pb.Video()
    expected.CopyFrom(WHOLE)
    expected.revision = result.revision
    answer = service.videos.GetVideo(pb.GetVideoRequest(video_id="π/1", min_revision=result.revision))
    assert answer.video == expected
    assert answer.index_revision >= result.revision


def test_writing_it_again_is_unchanged_and_keeps_its_revision(service: Service) -> None:
    (first,) = service.upsert(WHOLE)
    answer = service.videos.UpsertVideos(pb.UpsertVideosRequest(videos=[service.video("π/1")]))
    assert statuses(list(answer.results)) == [UNCHANGED]
    assert answer.results[0].revision == first.revision == answer.revision


def test_an_upsert_replaces_the_whole_video(service: Service) -> None:
    service.upsert(WHOLE)
    (result,) = service.upsert(types_pb.Video(video_id="π/1"))
    assert result.status == UPDATED
    assert service.video("π/1") == types_pb.Video(video_id="π/1", revision=result.revision)


def test_items_are_answered_in_order_and_a_bad_one_spoils_no_other(service: Service) -> None:
    service.upsert(video("b", "london"), video("c", "london"))
    answer = service.videos.UpsertVideos(
        pb.UpsertVideosRequest(
            videos=[
                video("a", "x"),
                video("", "x"),
                video("b", "x"),
                video("c", "london"),
                video("d", keyword("x", 9e9)),
            ]
        )
    )
    assert [(one.index, one.id) for one in answer.results] == [(0, "a"), (1, ""), (2, "b"), (3, "c"), (4, "d")]
    assert statuses(list(answer.results)) == [CREATED, REJECTED, UPDATED, UNCHANGED, CREATED]
    assert answer.results[1].revision == 0
    assert [(one.field, one.reason) for one in answer.results[1].field_errors] == [("video_id", "REQUIRED")]
    assert answer.revision == max(one.revision for one in answer.results)
    assert service.ids() == ["a", "b", "c", "d"]


def test_an_id_occurs_once_in_a_batch(service: Service) -> None:
    results = service.upsert(video("a", "first"), video("b", "x"), video("a", "second"), video("a", "third"))
    assert statuses(results) == [CREATED, CREATED, REJECTED, REJECTED]
    assert results[2].id == "a"
    assert [(one.field, one.reason) for one in results[2].field_errors] == [("video_id", "DUPLICATE_ID")]
    assert service.recommended("first") == ["a"]
    assert service.recommended("second") == []


def test_several_items_without_an_id_lack_it_and_are_no_duplicates(service: Service) -> None:
    results = service.upsert(video(""), video(""))
    assert [one.field_errors[0].reason for one in results] == ["REQUIRED", "REQUIRED"]


def test_all_that_is_wrong_with_an_item_is_told_at_once(service: Service) -> None:
    (result,) = service.upsert(
        video("", keyword(""), keyword("x", float("nan")), duration_seconds=-1, attributes=attributes(genre=[]))
    )
    assert [one.field for one in result.field_errors] == [
        "video_id",
        "duration_seconds",
        "keyword_sets[0].keywords[0].text",
        "keyword_sets[0].keywords[1].confidence",
        "attributes['genre']",
    ]


def test_what_is_adjusted_is_reported(service: Service) -> None:
    (result,) = service.upsert(
        video(
            "a",
            keyword("London", None, (0, 1)),
            keyword("LONDON ", 1.5, (-3, 2)),
            keyword("paris", -1, (5, 99)),
            keyword("rome", 0.5, (5, 5), (20, 30)),
            types_pb.Keyword(text="…"),
            duration_seconds=10,
        )
    )
    assert result.status == CREATED
    kinds = {types_pb.AdjustmentKind.Name(one.kind)[16:]: (one.count, one.first_field) for one in result.adjustments}
    path = "keyword_sets[0].keywords"
    assert kinds == {
        "DEFAULTED_CONFIDENCE": (2, f"{path}[0].confidence"),
        "CLAMPED_CONFIDENCE": (2, f"{path}[1].confidence"),
        "CLIPPED_INSTANCE": (2, f"{path}[1].instances[0]"),
        "MERGED_KEYWORD": (1, f"{path}[1]"),
        "DROPPED_INSTANCE": (2, f"{path}[3].instances[0]"),
        "DEFAULTED_DURATION": (2, f"{path}[3].instances"),
        "KEYWORD_WITHOUT_WORDS": (1, f"{path}[4].text"),
    }
    first, second = service.video("a").keyword_sets[0].keywords[:2]
    assert (first.text, first.confidence) == ("London", 1.0)
    assert [(one.start_seconds, one.end_seconds) for one in first.instances] == [(0, 1), (0, 2)]
    assert (second.text, second.confidence) == ("paris", 0.0)


def test_languages_are_kept_in_one_spelling_and_ordered(service: Service) -> None:
    sets = [types_pb.KeywordSet(language=one) for one in ("zh-hANS", "", "DE-de")]
    service.upsert(types_pb.Video(video_id="a", keyword_sets=sets))
    assert [one.language for one in service.video("a").keyword_sets] == ["de-DE", "en-US", "zh-Hans"]


def test_repeated_attribute_values_are_taken_once_in_their_order(service: Service) -> None:
    service.upsert(video("a", attributes=attributes(genre=["film", "drama", "film"])))
    assert list(service.video("a").attributes["genre"].values) == ["film", "drama"]


def test_validate_only_answers_what_would_happen_and_writes_nothing(service: Service) -> None:
    service.upsert(video("b", "london"), video("c", "london"))
    before = service.videos.ListVideos(pb.ListVideosRequest(view=pb.VIDEO_VIEW_FULL))
    answer = service.videos.UpsertVideos(
        pb.UpsertVideosRequest(
            videos=[video("a", "x"), video("b", "x"), video("c", "london"), video("", "x")], validate_only=True
        )
    )
    assert statuses(list(answer.results)) == [CREATED, UPDATED, UNCHANGED, REJECTED]
    assert {one.revision for one in answer.results} == {0}
    assert answer.revision == before.index_revision
    assert service.videos.ListVideos(pb.ListVideosRequest(view=pb.VIDEO_VIEW_FULL)) == before
    assert service.recommended("x") == []
    assert service.statistics().video_count == 2


def test_an_unknown_video_is_not_found(service: Service) -> None:
    missing = failure(lambda: service.video("a"))
    assert (missing.code, missing.reason) == (grpc.StatusCode.NOT_FOUND, "VIDEO_NOT_FOUND")
    assert missing.metadata == {"catalog": "default", "video_id": "a"}
    assert missing.retry_seconds is None


def test_lists_go_by_the_bytes_of_the_id(service: Service) -> None:
    ids = ["a", "B", "é", "z", "Z", "10", "9", "😀", "\uffee", "a b", "a/b"]
    service.upsert(*(video(one) for one in ids))
    assert service.ids() == sorted(ids, key=lambda one: one.encode())


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 1_000, 2_000_000_000])
def test_pages_of_any_size_make_up_the_list(service: Service, size: int) -> None:
    ids = [f"v{number}" for number in range(7)]
    service.upsert(*(video(one, "x") for one in ids))
    found = pages(service, page_size=size)
    assert [one.video_id for page in found for one in page] == ids
    assert {len(page) for page in found[:-1]} <= {size}


def test_by_default_a_page_has_100_videos_and_no_keywords(service: Service) -> None:
    service.upsert(*(video(f"{number:03}", "x", title="t") for number in range(130)))
    first, second = pages(service)
    assert (len(first), len(second)) == (100, 30)
    assert (first[0].title, list(first[0].keyword_sets)) == ("t", [])
    assert pages(service, view=pb.VIDEO_VIEW_METADATA)[0] == first


def test_a_full_list_has_what_get_gives(service: Service) -> None:
    service.upsert(WHOLE, video("a", "x"))
    assert pages(service, view=pb.VIDEO_VIEW_FULL) == [[service.video("a"), service.video("π/1")]]


def test_totals_are_counted_on_request(service: Service) -> None:
    service.upsert(video("a"), video("b"), video("c"))
    assert not service.videos.ListVideos(pb.ListVideosRequest()).HasField("total_count")
    assert service.videos.ListVideos(pb.ListVideosRequest(include_total=True, page_size=1)).total_count == 3


def test_a_list_goes_on_behind_its_page_whatever_was_written(service: Service) -> None:
    service.upsert(*(video(one) for one in "bdf"))
    first = service.videos.ListVideos(pb.ListVideosRequest(page_size=2))
    service.upsert(video("a"), video("c"), video("e"))
    service.delete("d")
    second = service.videos.ListVideos(pb.ListVideosRequest(page_size=2, page_token=first.next_page_token))
    assert [one.video_id for one in second.videos] == ["e", "f"]


def test_deletes_answer_item_by_item(service: Service) -> None:
    service.upsert(video("a", "x"), video("b", "x"))
    answer = service.videos.DeleteVideos(pb.DeleteVideosRequest(video_ids=["a", "no", "a", "", "b" * 257]))
    assert [(one.index, one.id) for one in answer.results] == [(0, "a"), (1, "no"), (2, "a"), (3, ""), (4, "")]
    assert statuses(list(answer.results)) == [DELETED, NOT_FOUND, NOT_FOUND, REJECTED, REJECTED]
    assert answer.results[0].revision == answer.revision > 0
    assert [one.revision for one in answer.results[1:]] == [0, 0, 0, 0]
    assert service.ids() == ["b"]
    assert service.recommended("x") == ["b"]
    assert failure(lambda: service.video("a")).reason == "VIDEO_NOT_FOUND"


def test_a_deleted_video_can_be_created_again(service: Service) -> None:
    service.upsert(video("a", "x"))
    service.delete("a")
    (result,) = service.upsert(video("a", "y"))
    assert result.status == CREATED
    assert service.recommended("x", "y") == ["a"]


def test_a_batch_that_writes_nothing_returns_the_revision_of_the_store(service: Service) -> None:
    revision = service.upsert(video("a"))[0].revision
    assert service.videos.UpsertVideos(pb.UpsertVideosRequest(videos=[video("")])).revision == revision
    assert service.videos.DeleteVideos(pb.DeleteVideosRequest(video_ids=["no"])).revision == revision


def test_a_batch_of_a_thousand_is_taken_and_one_more_is_refused(service: Service) -> None:
    videos = [video(f"{number:04}", "x") for number in range(1_001)]
    refused = failure(lambda: service.upsert(*videos))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "TOO_LARGE")
    assert refused.fields[0][0] == "videos"
    assert service.ids() == []
    assert set(statuses(service.upsert(*videos[:1_000]))) == {CREATED}
    assert service.statistics().video_count == 1_000


@pytest.mark.parametrize("micros", [-62_135_596_800_000_000, -1, 0, 1, 1_720_175_073_123_456, 7_000_000_000_000_001])
def test_times_are_exact_to_the_microsecond(service: Service, micros: int) -> None:
    given = Timestamp()
    given.FromMicroseconds(micros)
    service.upsert(video("a", published_time=given, expire_time=given))
    assert service.video("a").published_time == service.video("a").expire_time == given


@pytest.mark.parametrize("seconds", [-62_135_596_800, -1, 253_402_300_799])
def test_times_are_never_rounded_out_of_the_years_1_to_9999(service: Service, seconds: int) -> None:
    service.upsert(video("a", published_time=Timestamp(seconds=seconds, nanos=999_999_999)))
    found = service.video("a")
    assert 1 <= found.published_time.ToDatetime().year <= 9_999
    assert service.upsert(found)[0].status == UNCHANGED
