"""A server in this process, and short ways to say something to it."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import profile_service_pb2 as profile_pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut.v1 import search_service_pb2 as search_pb
from matchcut.v1 import targeting_service_pb2 as targeting_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as video_pb
from matchcut.v1.catalog_service_pb2_grpc import CatalogServiceStub
from matchcut.v1.profile_service_pb2_grpc import ProfileServiceStub
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceStub
from matchcut.v1.scenario_service_pb2_grpc import ScenarioServiceStub
from matchcut.v1.search_service_pb2_grpc import SearchServiceStub
from matchcut.v1.targeting_service_pb2_grpc import TargetingServiceStub
from matchcut.v1.video_service_pb2_grpc import VideoServiceStub
from matchcut_server.app import open_service
from matchcut_server.rpc.server import Server
from matchcut_server.settings import Settings

M = TypeVar("M", bound=Message)

FILES = (catalog_pb, video_pb, profile_pb, recommendation_pb, scenario_pb, search_pb, targeting_pb)
SERVICES = {service.name: service for file in FILES for service in file.DESCRIPTOR.services_by_name.values()}
"""Descriptors of the services, by name."""

SOME_TIME = 1_715_000_000
"""In May 2024."""


@dataclass(frozen=True)
class Service:
    """A server, and a client of it."""

    server: Server
    channel: grpc.Channel
    catalogs: CatalogServiceStub
    videos: VideoServiceStub
    profiles: ProfileServiceStub
    recommendations: RecommendationServiceStub
    scenarios: ScenarioServiceStub
    search: SearchServiceStub
    targeting: TargetingServiceStub

    def upsert(self, *videos: types_pb.Video, catalog: str = "", dry: bool = False) -> list[types_pb.WriteResult]:
        request = video_pb.UpsertVideosRequest(catalog=catalog, videos=videos, validate_only=dry)
        return list(self.videos.UpsertVideos(request).results)

    def imports(
        self, *indexes: video_pb.VideoIndex, catalog: str = "", dry: bool = False
    ) -> list[types_pb.WriteResult]:
        request = video_pb.ImportVideoIndexesRequest(catalog=catalog, video_indexes=indexes, validate_only=dry)
        return list(self.videos.ImportVideoIndexes(request).results)

    def update(self, *metadata: video_pb.VideoMetadata) -> list[types_pb.WriteResult]:
        return list(
            self.videos.UpdateVideoMetadata(video_pb.UpdateVideoMetadataRequest(video_metadata=metadata)).results
        )

    def delete(self, *video_ids: str) -> list[types_pb.WriteResult]:
        return list(self.videos.DeleteVideos(video_pb.DeleteVideosRequest(video_ids=video_ids)).results)

    def video(self, video_id: str, catalog: str = "") -> types_pb.Video:
        return self.videos.GetVideo(video_pb.GetVideoRequest(catalog=catalog, video_id=video_id)).video

    def ids(self, catalog: str = "") -> list[str]:
        return [one.video_id for one in self.videos.ListVideos(video_pb.ListVideosRequest(catalog=catalog)).videos]

    def statistics(self, catalog: str = "") -> catalog_pb.CatalogStatistics:
        return self.catalogs.GetCatalog(catalog_pb.GetCatalogRequest(name=catalog)).statistics

    def declare(self, *profiles: profile_pb.Profile, mask: Sequence[str] = ()) -> list[types_pb.WriteResult]:
        request = profile_pb.UpsertProfilesRequest(profiles=profiles, update_mask=FieldMask(paths=mask))
        return list(self.profiles.UpsertProfiles(request).results)

    def record(self, *events: profile_pb.Event) -> list[types_pb.WriteResult]:
        return list(self.profiles.RecordEvents(profile_pb.RecordEventsRequest(events=events)).results)

    def user(self, user_id: str, **more: Any) -> profile_pb.GetProfileResponse:
        return self.profiles.GetProfile(profile_pb.GetProfileRequest(user_id=user_id, **more))

    def recommend(self, *keywords: str, **more: Any) -> recommendation_pb.RecommendVideosResponse:
        """Ask for some keywords; `more` goes into the request, or into its options."""
        return self.recommendations.RecommendVideos(ask(*keywords, **more))

    def recommended(self, *keywords: str, **more: Any) -> list[str]:
        """Return only the ids."""
        return [one.video_id for one in self.recommend(*keywords, **more).recommendations]

    def similar(self, *seeds: str, **more: Any) -> recommendation_pb.RecommendSimilarVideosResponse:
        """Ask for videos that are similar to some others; `more` goes into the request, or into its options."""
        return self.recommendations.RecommendSimilarVideos(ask_similar(*seeds, **more))

    def send(self, request: Message, timeout: float = 30) -> Any:
        """Send a request to the method that takes it."""
        name = type(request).__name__.removesuffix("Request")
        return self.send_bytes(name, request.SerializeToString(), timeout)

    def send_bytes(self, method_name: str, raw: bytes, timeout: float = 30) -> Any:
        """Send bytes, whatever they are, to a method."""
        method = next(
            method for service in SERVICES.values() for method in service.methods if method.name == method_name
        )
        answer = next(
            getattr(file, f"{method_name}Response") for file in FILES if hasattr(file, f"{method_name}Response")
        )
        path = f"/{method.containing_service.full_name}/{method.name}"
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(path)
        return answer.FromString(call(raw, timeout=timeout))


@contextmanager
def serving(data: Path, **settings: Any) -> Iterator[Service]:
    """Serve a folder on a free port while the block runs."""
    # Given here, so that no variable of the environment has a say.
    chosen: dict[str, Any] = {
        "listen": "127.0.0.1:0",
        "grace_seconds": 2.0,
        "reflection": True,
        "threads": 8,
        **settings,
    }
    with (
        open_service(Settings(data=data, **chosen)) as server,
        grpc.insecure_channel(server.address, [("grpc.use_local_subchannel_pool", 1)]) as channel,
    ):
        yield Service(
            server,
            channel,
            CatalogServiceStub(channel),
            VideoServiceStub(channel),
            ProfileServiceStub(channel),
            RecommendationServiceStub(channel),
            ScenarioServiceStub(channel),
            SearchServiceStub(channel),
            TargetingServiceStub(channel),
        )


def keyword(text: str, confidence: float | None = 0.8, *spans: tuple[float, float]) -> types_pb.Keyword:
    """Make a keyword that is on screen for 10 s, or in these spans."""
    instances = [types_pb.Instance(start_seconds=start, end_seconds=end) for start, end in spans or ((0, 10),)]
    return types_pb.Keyword(text=text, confidence=confidence, instances=instances)


def video(video_id: str, *keywords: str | types_pb.Keyword, language: str = "", **more: Any) -> types_pb.Video:
    """Make a video with one keyword set; `more` goes into the message."""
    taken = [keyword(one) if isinstance(one, str) else one for one in keywords]
    more.setdefault("keyword_sets", [types_pb.KeywordSet(language=language, keywords=taken)])
    return types_pb.Video(video_id=video_id, **more)


def document(video_id: str | None, *keywords: str | dict[str, Any], language: str = "en-US", **root: Any) -> bytes:
    """Write a Video Indexer document of a minute; `root` goes into its root."""
    taken = [one if isinstance(one, dict) else shown(one) for one in keywords]
    insights = {"duration": "0:01:00", "language": language, "keywords": taken}
    whole: dict[str, Any] = {
        "id": video_id,
        "state": "Processed",
        "videos": [{"id": video_id, "state": "Processed", "insights": insights}],
        **root,
    }
    return json.dumps(whole).encode()


def shown(text: str, start: str = "0:00:00", end: str = "0:00:10", confidence: float | None = 0.8) -> dict[str, Any]:
    """Write a keyword as Video Indexer does, with one instance."""
    instance = {"adjustedStart": start, "adjustedEnd": end, "start": start, "end": end}
    return {"id": 1, "text": text, "confidence": confidence, "language": "en-US", "instances": [instance]}


def index(content: bytes, **more: Any) -> video_pb.VideoIndex:
    """Make an item of an import."""
    return video_pb.VideoIndex(content=content, **more)


def interests(*keywords: str) -> recommendation_pb.InterestList:
    """Make interests from `keyword` or `keyword=weight`."""
    return recommendation_pb.InterestList(interests=map(_interest, keywords))


def _interest(text: str) -> types_pb.Interest:
    name, _, weight = text.partition("=")
    return types_pb.Interest(keyword=name, weight=float(weight) if weight else None)


def options(**fields: Any) -> recommendation_pb.RecommendationOptions:
    """Make the options of a recommendation."""
    return recommendation_pb.RecommendationOptions(**fields)


def ask(*keywords: str, **more: Any) -> recommendation_pb.RecommendVideosRequest:
    """Make a request for recommendations; what `more` holds goes into the request, or into its options.

    Without keywords, those of the user are asked for.
    """
    own = {name: more.pop(name) for name in ("catalog", "user_id", "page_size", "page_token") if name in more}
    given = interests(*keywords) if keywords else None
    return recommendation_pb.RecommendVideosRequest(interests=given, options=options(**more), **own)


def ask_similar(*seeds: str, **more: Any) -> recommendation_pb.RecommendSimilarVideosRequest:
    """Make a request for videos that are similar to `id` or `id=weight`; `more` as for `ask`."""
    names = ("catalog", "user_id", "page_size", "page_token", "include_near_duplicates")
    own = {name: more.pop(name) for name in names if name in more}
    pairs = [seed.partition("=") for seed in seeds]
    given = [
        recommendation_pb.VideoSeed(video_id=video_id, weight=float(weight) if weight else None)
        for video_id, _, weight in pairs
    ]
    return recommendation_pb.RecommendSimilarVideosRequest(seeds=given, options=options(**more), **own)


def batch(*profiles: recommendation_pb.BatchProfile, page_size: int = 0, **fields: Any) -> Message:
    """Make a request for recommendations for several; `fields` go into its options."""
    return recommendation_pb.BatchRecommendVideosRequest(
        profiles=profiles, page_size=page_size, options=options(**fields)
    )


def profile(key: str, *keywords: str, **more: Any) -> recommendation_pb.BatchProfile:
    """Make one profile of a batch."""
    return recommendation_pb.BatchProfile(key=key, interests=interests(*keywords), **more)


def user_profile(key: str, user_id: str, **more: Any) -> recommendation_pb.BatchProfile:
    """Make one profile of a batch, that of a stored user."""
    return recommendation_pb.BatchProfile(key=key, user_id=user_id, **more)


def ids(answer: Any) -> list[str]:
    """Return the videos that an answer recommends."""
    return [one.video_id for one in answer.recommendations]


def declared(user_id: str, *keywords: str, **more: Any) -> profile_pb.Profile:
    """Make a stored profile with interests from `keyword` or `keyword=weight`."""
    return profile_pb.Profile(user_id=user_id, interests=map(_interest, keywords), **more)


def event(event_id: str, user_id: str = "ada", video_id: str = "a", kind: str = "VIEW", **more: Any) -> Any:
    """Make an event, of some day in 2024 unless another time is given, in Unix seconds."""
    seconds = more.pop("time", SOME_TIME)
    more.setdefault("event_time", None if seconds is None else Timestamp(seconds=seconds))
    return profile_pb.Event(
        event_id=event_id,
        user_id=user_id,
        video_id=video_id,
        kind=profile_pb.EventKind.Value(f"EVENT_KIND_{kind}"),
        **more,
    )


def attributes(**values: Sequence[str]) -> dict[str, types_pb.AttributeValues]:
    """Make attributes."""
    return {name: types_pb.AttributeValues(values=some) for name, some in values.items()}


@dataclass(frozen=True)
class Failure:
    """An error as its caller sees it."""

    code: grpc.StatusCode
    message: str
    reason: str
    metadata: dict[str, str]
    fields: list[tuple[str, str, str]]
    """Path, reason and description of each field violation."""
    retry_seconds: float | None


def failure(call: Callable[[], object]) -> Failure:
    """Make a call that must fail with complete details."""
    return failure_of(rpc_error(call))


def failure_of(error: Any) -> Failure:
    """Read an error, a `grpc.RpcError` and `grpc.Call`, whose details must be complete."""
    status = rpc_status.from_call(error)
    assert status is not None, f"{error.code()} without details: {error.details()}"
    assert status.message == error.details()
    info = _details(status.details, error_details_pb2.ErrorInfo)
    assert [one.domain for one in info] == ["matchcut"]
    bad = _details(status.details, error_details_pb2.BadRequest)
    retry = _details(status.details, error_details_pb2.RetryInfo)
    assert len(bad) <= 1
    assert len(retry) <= 1
    assert len(info) + len(bad) + len(retry) == len(status.details)
    return Failure(
        error.code(),
        status.message,
        info[0].reason,
        dict(info[0].metadata),
        [(one.field, one.reason, one.description) for request in bad for one in request.field_violations],
        retry[0].retry_delay.ToNanoseconds() / 1e9 if retry else None,
    )


def rpc_error(call: Callable[[], object]) -> Any:
    """Make a call that must fail, and return its error, which is a `grpc.Call` too."""
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call was answered")


def _details(details: Sequence[AnyMessage], kind: type[M]) -> list[M]:
    found = []
    for detail in details:
        message = kind()
        if detail.Unpack(message):
            found.append(message)
    return found
