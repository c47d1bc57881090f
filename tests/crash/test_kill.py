"""A server killed in the middle of its work has lost nothing that it acknowledged."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as pb
from matchcut.v1.catalog_service_pb2_grpc import CatalogServiceStub
from matchcut.v1.video_service_pb2_grpc import VideoServiceStub
from tests.app.process import serving_process
from tests.crash.workload import Writer, recount

ROUNDS = 20
SEED = 20_240_705
MOST_ACKNOWLEDGEMENTS = 25
MOST_SECONDS = 0.02


def all_videos(channel: grpc.Channel) -> dict[str, types_pb.Video]:
    found: dict[str, types_pb.Video] = {}
    token = ""
    while True:
        request = pb.ListVideosRequest(page_size=50, page_token=token, view=pb.VIDEO_VIEW_FULL)
        page = VideoServiceStub(channel).ListVideos(request, timeout=20)
        found.update((one.video_id, one) for one in page.videos)
        token = page.next_page_token
        if not token:
            return found


def check(channel: grpc.Channel, writers: list[Writer]) -> int:
    """Compare what the server holds with what was acknowledged and with its own statistics; return how much it is."""
    found = all_videos(channel)
    for writer in writers:
        writer.ledger.check(found)
    request = catalog_pb.GetCatalogRequest(min_revision=max(writer.ledger.revision for writer in writers))
    answer = CatalogServiceStub(channel).GetCatalog(request, timeout=20)
    assert answer.statistics == recount(found.values())
    return len(found)


@pytest.mark.timeout(300)
def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    moments = random.Random(SEED)
    writers = [Writer(name, SEED + number) for number, name in enumerate(["de", "en", "fr"])]
    for _ in range(ROUNDS):
        acknowledgements = threading.Semaphore(0)
        with serving_process(tmp_path) as (server, address), grpc.insecure_channel(address) as channel:
            check(channel, writers)
            stub = VideoServiceStub(channel)
            with ThreadPoolExecutor(len(writers)) as pool:
                running = [pool.submit(writer.write, stub, acknowledgements) for writer in writers]
                for _ in range(moments.randint(0, MOST_ACKNOWLEDGEMENTS)):
                    assert acknowledgements.acquire(timeout=20)
                time.sleep(moments.uniform(0, MOST_SECONDS))
                server.kill()
                for one in running:
                    one.result(30)
    with serving_process(tmp_path) as (_, address), grpc.insecure_channel(address) as channel:
        assert check(channel, writers) > 0
