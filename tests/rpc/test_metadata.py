from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as pb
from tests.rpc.service import Service, attributes, video

UPDATED = types_pb.WRITE_STATUS_UPDATED
UNCHANGED = types_pb.WRITE_STATUS_UNCHANGED
NOT_FOUND = types_pb.WRITE_STATUS_NOT_FOUND
REJECTED = types_pb.WRITE_STATUS_REJECTED

FILM = video(
    "a",
    "london",
    title="London",
    published_time=Timestamp(seconds=5),
    expire_time=Timestamp(seconds=4_000_000_000),
    attributes=attributes(genre=["film"], country=["England"]),
)


def change(service: Service, **metadata: object) -> types_pb.WriteResult:
    item = pb.VideoMetadata(video_id="a", **metadata)  # type: ignore[arg-type]  # whatever a test gives
    (result,) = service.update(item)
    return result


def test_only_what_is_given_changes_and_keywords_never_do(service: Service) -> None:
    service.upsert(FILM)
    result = change(service, title="Paris")
    assert result.status == UPDATED
    expected = types_pb.Video()
    expected.CopyFrom(FILM)
    expected.title = "Paris"
    expected.revision = result.revision
    expected.keyword_sets[0].language = "en-US"
    assert service.video("a") == expected
    assert service.recommended("london") == ["a"]


def test_an_item_that_says_nothing_new_is_unchanged(service: Service) -> None:
    service.upsert(FILM)
    revision = service.video("a").revision
    for result in (
        change(service),
        change(service, title="London", attributes=attributes(genre=["film"]), published_time=Timestamp(seconds=5)),
        change(service, attributes=attributes(year=[])),
    ):
        assert (result.status, result.revision) == (UNCHANGED, revision)


def test_an_empty_title_is_a_title(service: Service) -> None:
    service.upsert(FILM)
    assert change(service, title="").status == UPDATED
    assert service.video("a").title == ""


def test_attributes_are_set_one_by_one_and_removed_by_giving_no_values(service: Service) -> None:
    service.upsert(FILM)
    change(service, attributes=attributes(genre=[], year=["1999"]))
    found = {name: list(one.values) for name, one in service.video("a").attributes.items()}
    assert found == {"country": ["England"], "year": ["1999"]}


def test_times_are_cleared_on_request_only(service: Service) -> None:
    service.upsert(FILM)
    change(service, clear_published_time=True)
    found = service.video("a")
    assert not found.HasField("published_time")
    assert found.HasField("expire_time")
    change(service, clear_expire_time=True)
    assert not service.video("a").HasField("expire_time")
    assert change(service, clear_expire_time=True).status == UNCHANGED


def test_a_time_is_set_or_cleared_but_not_both(service: Service) -> None:
    service.upsert(FILM)
    result = change(service, published_time=Timestamp(seconds=1), clear_published_time=True)
    assert result.status == REJECTED
    assert [one.field for one in result.field_errors] == ["clear_published_time"]
    assert service.video("a").published_time.seconds == 5


def test_expiring_a_video_takes_it_out_of_recommendations_at_once(service: Service) -> None:
    service.upsert(FILM)
    change(service, expire_time=Timestamp(seconds=6))
    assert service.recommended("london") == []
    change(service, clear_expire_time=True)
    assert service.recommended("london") == ["a"]


def test_an_unknown_video_is_not_created(service: Service) -> None:
    result = change(service, title="London")
    assert (result.id, result.status, result.revision) == ("a", NOT_FOUND, 0)
    assert service.ids() == []


def test_items_are_answered_in_order(service: Service) -> None:
    service.upsert(video("a"), video("b"))
    results = service.update(
        pb.VideoMetadata(video_id="b", title="B"),
        pb.VideoMetadata(video_id="no", title="no"),
        pb.VideoMetadata(title="nobody"),
        pb.VideoMetadata(video_id="b", title="again"),
        pb.VideoMetadata(video_id="a", title="A"),
    )
    assert [one.index for one in results] == [0, 1, 2, 3, 4]
    assert [one.status for one in results] == [UPDATED, NOT_FOUND, REJECTED, REJECTED, UPDATED]
    assert [one.reason for one in (*results[2].field_errors, *results[3].field_errors)] == ["REQUIRED", "DUPLICATE_ID"]
    assert service.video("b").title == "B"


def test_attributes_that_would_become_too_many_are_refused(service: Service) -> None:
    service.upsert(video("a", attributes=attributes(**{f"n{number}": ["x"] for number in range(100)})))
    result = change(service, attributes=attributes(more=["x"]))
    assert result.status == REJECTED
    assert [(one.field, one.reason) for one in result.field_errors] == [("attributes", "TOO_LARGE")]
    assert change(service, attributes=attributes(n0=[], more=["x"])).status == UPDATED
