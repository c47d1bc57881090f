"""Many callers at once, who write, read, create and delete in each other's way."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.message import Message

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as pb
from tests.crash.workload import recount
from tests.rpc.service import Service, ask, batch, failure_of, profile, serving, video

CALLERS = 8
CALLS = 80
CATALOGS = ["default", "films", "news"]
MAY_BE = {"CATALOG_NOT_FOUND", "VIDEO_NOT_FOUND", "INVALID_PAGE_TOKEN", "STORE_UNAVAILABLE", "REVISION_NOT_REACHED"}


class Caller:
    """Sends random requests that are all right in themselves."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._requests: list[Callable[[str], Message]] = [
            lambda catalog: catalog_pb.CreateCatalogRequest(name=catalog),
            lambda catalog: catalog_pb.GetCatalogRequest(name=catalog),
            lambda catalog: pb.UpsertVideosRequest(catalog=catalog, videos=self._videos()),
            lambda catalog: pb.UpsertVideosRequest(catalog=catalog, videos=self._videos()),
            lambda catalog: pb.DeleteVideosRequest(catalog=catalog, video_ids=self._ids()),
            lambda catalog: pb.GetVideoRequest(catalog=catalog, video_id=self._ids()[0]),
            lambda catalog: pb.ListVideosRequest(
                catalog=catalog, view=pb.VIDEO_VIEW_FULL, page_size=3, include_total=True
            ),
            lambda catalog: ask(*self._words(), catalog=catalog, explain=True, include_metadata=True, page_size=3),
            lambda _: batch(profile("a", *self._words()), profile("b", *self._words()), explain=True),
        ]

    def call(self, service: Service) -> None:
        for _ in range(CALLS):
            catalog = self._random.choice(CATALOGS)
            request = self._random.choice(self._requests)(catalog)
            if catalog == "news" and self._random.random() < 0.1:
                request = catalog_pb.DeleteCatalogRequest(name=catalog)
            self._send(service, request)

    def _send(self, service: Service, request: Any) -> None:
        try:
            answer = service.send(request)
        except grpc.RpcError as error:
            if failure_of(error).reason not in MAY_BE:
                raise
            return
        order = [(-one.score, one.video_id) for one in getattr(answer, "recommendations", ())]
        assert order == sorted(order)
        assert [one.index for one in getattr(answer, "results", ())] == list(range(len(getattr(answer, "results", ()))))

    def _ids(self) -> list[str]:
        return self._random.sample([f"v{number:02}" for number in range(30)], self._random.randint(1, 8))

    def _words(self) -> list[str]:
        return [f"w{self._random.randrange(20)} w{self._random.randrange(20)}" for _ in range(4)]

    def _videos(self) -> list[types_pb.Video]:
        return [video(one, *self._words()[: self._random.randint(0, 4)]) for one in self._ids()]


def seen(service: Service) -> list[Any]:
    """All that callers can see of the catalogs, besides the moments of reading."""
    everything: list[Any] = []
    for catalog in CATALOGS:
        request = pb.ListVideosRequest(catalog=catalog, view=pb.VIDEO_VIEW_FULL)
        try:
            videos = service.videos.ListVideos(request).videos
        except grpc.RpcError as error:
            if failure_of(error).reason != "CATALOG_NOT_FOUND":
                raise
            continue
        assert service.statistics(catalog) == recount(videos)
        everything += videos
        for number in range(20):
            everything += service.recommend(f"w{number}", catalog=catalog, explain=True, page_size=100).recommendations
    return everything


def test_after_all_of_it_everything_is_as_if_it_were_loaded_afresh(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        with ThreadPoolExecutor(CALLERS) as pool:
            for call in [pool.submit(Caller(seed).call, service) for seed in range(CALLERS)]:
                call.result(60)
        before = seen(service)
    with serving(tmp_path) as service:
        assert seen(service) == before
