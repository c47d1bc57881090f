"""Several workers: one server to its clients, whatever happens to one of its processes."""

import fcntl
import itertools
import os
import signal
import socket
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import grpc
import pytest

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import profile_service_pb2 as profile_pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut.v1 import video_service_pb2 as pb
from matchcut.v1.catalog_service_pb2_grpc import CatalogServiceStub
from matchcut.v1.profile_service_pb2_grpc import ProfileServiceStub
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceStub
from matchcut.v1.video_service_pb2_grpc import VideoServiceStub
from matchcut_client import Interest, MatchcutClient, MatchcutError, Unavailable, Video
from matchcut_server.store.sqlite.store import SqliteStore
from tests.app.process import ServerProcess, serving_process
from tests.cli.command import process
from tests.rpc.service import ask, declared, event, failure, video
from tests.rpc.service import ids as recommendation_ids

MANY_CONNECTIONS = 32
"""That all of them reach the same one of two workers happens once in two billion times."""
SECONDS = 30


@contextmanager
def one_of_each(server: ServerProcess, address: str, count: int = 2) -> Iterator[list[grpc.Channel]]:
    """Open connections until there is one to each worker."""
    channels: list[grpc.Channel] = []
    found: dict[int, grpc.Channel] = {}
    try:
        while len(found) < count and len(channels) < MANY_CONNECTIONS:
            channels.append(grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]))
            found.setdefault(worker_of(server, channels[-1]), channels[-1])
        assert len(found) == count
        yield list(found.values())
    finally:
        for channel in channels:
            channel.close()


def worker_of(server: ServerProcess, channel: grpc.Channel) -> int:
    """Return the process id of the worker that answers a connection."""
    ids(channel)
    worker: int = [one for one in server.entries() if one["event"] == "call"][-1]["process"]
    return worker


def processes_of_calls(server: ServerProcess) -> set[int]:
    return {one["process"] for one in server.entries() if one["event"] == "call"}


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def ids(channel: grpc.Channel, min_revision: int = 0) -> list[str]:
    answer = VideoServiceStub(channel).ListVideos(pb.ListVideosRequest(min_revision=min_revision), timeout=10)
    return [one.video_id for one in answer.videos]


def put(channel: grpc.Channel, video_id: str, catalog: str = "") -> int:
    request = pb.UpsertVideosRequest(catalog=catalog, videos=[video(video_id, "london")])
    return VideoServiceStub(channel).UpsertVideos(request, timeout=10).revision


def recommended(channel: grpc.Channel, min_revision: int = 0, catalog: str = "") -> list[str]:
    request = ask("london", min_revision=min_revision, catalog=catalog)
    answer = RecommendationServiceStub(channel).RecommendVideos(request, timeout=10)
    return [one.video_id for one in answer.recommendations]


# --- one server -------------------------------------------------------------------------------------------------------


def test_connections_are_spread_over_all_workers_and_none_is_left_waiting(tmp_path: Path) -> None:
    with serving_process(tmp_path, workers=3) as (server, address):
        assert len(set(server.workers())) == 3
        for _ in range(60):
            with grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
                ids(channel)
        assert processes_of_calls(server) == set(server.workers())


def test_a_write_is_seen_by_the_other_worker_at_once_where_its_revision_is_asked_for(tmp_path: Path) -> None:
    with serving_process(tmp_path, workers=2) as (server, address), one_of_each(server, address) as (one, other):
        for number in range(20):
            writer, reader = (one, other) if number % 2 else (other, one)
            revision = put(writer, f"v{number:02}")
            expected = [f"v{earlier:02}" for earlier in range(number + 1)]
            assert recommended(reader, revision) == expected[:20]
            assert ids(reader, revision) == expected


def test_a_write_is_seen_by_the_other_worker_soon_where_no_revision_is_asked_for(tmp_path: Path) -> None:
    with serving_process(tmp_path, workers=2) as (server, address), one_of_each(server, address) as (one, other):
        assert recommended(other) == []
        put(one, "v")
        wait_until(lambda: recommended(other) == ["v"])


def test_a_page_token_of_one_worker_is_taken_by_the_other(tmp_path: Path) -> None:
    with serving_process(tmp_path, workers=2) as (server, address), one_of_each(server, address) as (one, other):
        revision = max(put(one, video_id) for video_id in "abc")
        first = RecommendationServiceStub(one).RecommendVideos(ask("london", page_size=2), timeout=10)
        request = ask("london", page_size=2, page_token=first.next_page_token, min_revision=revision)
        second = RecommendationServiceStub(other).RecommendVideos(request, timeout=10)
        assert [one.video_id for answer in (first, second) for one in answer.recommendations] == ["a", "b", "c"]


def test_a_client_sees_what_it_wrote_whichever_worker_answers(tmp_path: Path) -> None:
    with (
        serving_process(tmp_path, workers=2) as (server, address),
        MatchcutClient(address, channels=MANY_CONNECTIONS) as client,
    ):
        for number in range(50):
            client.upsert_videos([Video(f"v{number}")])
            assert client.get_video(f"v{number}").video.video_id == f"v{number}"
        assert processes_of_calls(server) == set(server.workers())


def test_a_catalog_that_one_worker_deletes_is_gone_from_the_other_and_comes_back_empty(tmp_path: Path) -> None:
    with serving_process(tmp_path, workers=2) as (server, address), one_of_each(server, address) as (one, other):
        for writer, reader in [(one, other), (other, one), (one, other)]:
            catalogs = CatalogServiceStub(writer)
            created = catalogs.CreateCatalog(catalog_pb.CreateCatalogRequest(name="films"), timeout=10)
            assert recommended(reader, created.catalog.revision, catalog="films") == []
            revision = put(writer, "v", catalog="films")
            assert recommended(reader, revision, catalog="films") == ["v"]
            catalogs.DeleteCatalog(catalog_pb.DeleteCatalogRequest(name="films"), timeout=10)
            wait_until(partial(is_gone, reader, "films"))


def is_gone(channel: grpc.Channel, catalog: str) -> bool:
    call = RecommendationServiceStub(channel).RecommendVideos.future(ask("london", catalog=catalog), timeout=10)
    assert call.code() in {grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND}
    return call.code() is grpc.StatusCode.NOT_FOUND


def test_a_profile_that_one_worker_wrote_counts_in_the_next_recommendation_of_the_other(tmp_path: Path) -> None:
    """At once and without a revision asked for: users are read from the store. Events and deletions too."""
    with serving_process(tmp_path, workers=2) as (server, address), one_of_each(server, address) as channels:
        videos = [video(name, name) for name in ("london", "paris", "rome")]
        revision = VideoServiceStub(channels[0]).UpsertVideos(pb.UpsertVideosRequest(videos=videos)).revision

        def matches(channel: grpc.Channel) -> list[str]:
            settings = scenario_pb.RankingSettings(fallback_allowed=False)
            request = ask(user_id="ada", ranking=settings, min_revision=revision)
            return recommendation_ids(RecommendationServiceStub(channel).RecommendVideos(request, timeout=10))

        for number, (one, other) in enumerate(2 * [channels, channels[::-1]]):
            writer = ProfileServiceStub(one)
            writer.UpsertProfiles(profile_pb.UpsertProfilesRequest(profiles=[declared("ada", "london", "rome")]))
            assert matches(other) == ["london", "rome"]
            hidden = event(f"{number}", "ada", "rome", "HIDE", time=int(time.time()) + 60)  # not before she was deleted
            writer.RecordEvents(profile_pb.RecordEventsRequest(events=[hidden]))
            assert matches(other) == ["london"]
            writer.DeleteProfiles(profile_pb.DeleteProfilesRequest(user_ids=["ada"]))
            assert matches(other) == []


def test_pages_go_on_at_another_worker_with_diversity_and_rotation(tmp_path: Path) -> None:
    """And all of them together are those that one worker alone gives."""
    with serving_process(tmp_path, workers=2) as (server, address), one_of_each(server, address) as channels:
        videos = [video(f"{n:02}", "london", f"word{n % 3}", f"subject{n % 7}") for n in range(30)]
        VideoServiceStub(channels[0]).UpsertVideos(pb.UpsertVideosRequest(videos=videos), timeout=10)
        profiles = ProfileServiceStub(channels[0])
        profiles.UpsertProfiles(profile_pb.UpsertProfilesRequest(profiles=[declared("ada", "london", "word1")]))
        now = int(time.time())
        shown = [event(f"{n}", "ada", f"{n:02}", "IMPRESSION", time=now - n * 60) for n in range(9)]
        revision = profiles.RecordEvents(profile_pb.RecordEventsRequest(events=shown), timeout=10).revision
        settings = scenario_pb.RankingSettings(diversity=0.5, rotation_rate=0.0001, rotation_hours=8_760)

        def pages(turns: Iterator[grpc.Channel]) -> list[list[str]]:
            found: list[list[str]] = []
            token = ""
            while not found or token:
                request = ask(user_id="ada", page_size=4, page_token=token, ranking=settings, min_revision=revision)
                answer = RecommendationServiceStub(next(turns)).RecommendVideos(request, timeout=10)
                found.append(recommendation_ids(answer))
                token = answer.next_page_token
            return found

        alone = pages(itertools.repeat(channels[0]))
        assert pages(itertools.cycle(channels)) == alone
        assert sorted(one for page in alone for one in page) == sorted(one.video_id for one in videos)


def test_a_token_of_a_user_whom_one_worker_deleted_is_refused_by_the_other(tmp_path: Path) -> None:
    with serving_process(tmp_path, workers=2) as (server, address), one_of_each(server, address) as (one, other):
        revision = max(put(one, video_id) for video_id in "abc")
        ProfileServiceStub(one).UpsertProfiles(
            profile_pb.UpsertProfilesRequest(profiles=[declared("ada", "london")]), timeout=10
        )
        recommendations = RecommendationServiceStub(other)
        request = ask(user_id="ada", page_size=1, min_revision=revision)
        request.page_token = recommendations.RecommendVideos(request, timeout=10).next_page_token
        assert recommendation_ids(recommendations.RecommendVideos(request, timeout=10)) == ["b"]
        ProfileServiceStub(one).DeleteProfiles(profile_pb.DeleteProfilesRequest(user_ids=["ada"]), timeout=10)
        refused = failure(lambda: recommendations.RecommendVideos(request, timeout=10))
        assert refused.reason == "INVALID_PAGE_TOKEN"


# --- what happens to workers ------------------------------------------------------------------------------------------


def test_a_worker_that_is_killed_is_replaced_while_the_service_goes_on(tmp_path: Path) -> None:
    codes: Counter[str] = Counter()
    stop = threading.Event()

    def call(client: MatchcutClient, name: str) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                client.upsert_videos([Video(f"{name}-{number}")])
                client.recommend_videos([Interest("london")])
                codes["OK"] += 1
            except MatchcutError as error:
                codes["UNAVAILABLE" if isinstance(error, Unavailable) else repr(error)] += 1

    with (
        serving_process(tmp_path, workers=2) as (server, address),
        MatchcutClient(address, channels=MANY_CONNECTIONS) as client,
        ThreadPoolExecutor(4) as pool,
    ):
        callers = [pool.submit(call, client, f"caller{number}") for number in range(4)]
        try:
            victim, survivor = server.workers()
            wait_until(lambda: {victim, survivor} <= processes_of_calls(server))
            os.kill(victim, signal.SIGKILL)
            replacement = server.wait_for_entry("worker_replaced")["child"]
            lost = server.wait_for_entry("worker_lost")
            before = codes["OK"]
            wait_until(lambda: codes["OK"] > before + 20)
        finally:
            stop.set()
        for caller in callers:
            caller.result(SECONDS)
        assert (lost["child"], lost["signal"]) == (victim, "SIGKILL")
        assert codes.keys() <= {"OK", "UNAVAILABLE"}
        with one_of_each(server, address) as channels:
            assert {worker_of(server, channel) for channel in channels} == {survivor, replacement}
        assert server.terminate() == 0


def test_a_worker_that_cannot_start_stops_the_server_and_says_why(tmp_path: Path) -> None:
    with serving_process(tmp_path, leave_seconds=0) as (server, address):
        with grpc.insecure_channel(address) as channel:
            request = pb.UpsertVideosRequest(videos=[video(f"v{number}", "london") for number in range(1_000)])
            VideoServiceStub(channel).UpsertVideos(request, timeout=20)
        assert server.terminate() == 0
    file = tmp_path / "data" / "matchcut.sqlite3"
    size = file.stat().st_size
    with file.open("r+b") as opened:  # what the supervisor reads is at the front
        opened.seek(size // 4)
        opened.write(b"\xff" * (size - size // 4))
    outcome = process("serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", "--workers", "2")
    assert (outcome.code, outcome.out) == (3, "")
    reason = outcome.err.splitlines()[-1]
    assert reason.startswith("matchcut serve: the store of the server cannot be used now")
    assert "database disk image is malformed" in reason
    assert "Traceback" not in outcome.err


def test_data_of_a_later_version_is_refused_before_there_are_workers(tmp_path: Path) -> None:
    SqliteStore(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "matchcut.sqlite3")) as connection:
        connection.execute("PRAGMA user_version = 999")
    outcome = process("serve", "--data", str(tmp_path), "--listen", "127.0.0.1:0", "--workers", "2")
    assert (outcome.code, outcome.out) == (3, "")
    (line,) = outcome.err.splitlines()
    assert line.startswith("matchcut serve: the data is of schema 999")


def test_no_worker_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    with serving_process(tmp_path, workers=2) as (server, address):
        server.kill()
        with (tmp_path / "data" / "matchcut.lock").open() as lock:  # which all its processes hold
            wait_until(lambda: locked(lock.fileno()))
        host, _, port = address.rpartition(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), timeout=10)


def locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def test_the_same_address_is_served_again_after_a_kill_with_open_connections(tmp_path: Path) -> None:
    with serving_process(tmp_path, workers=2) as (server, address), one_of_each(server, address) as channels:
        put(channels[0], "v")
        server.kill()
        with serving_process(tmp_path, workers=2, listen=address) as (_, again):
            assert again == address
            with grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
                assert ids(channel) == ["v"]
