"""What Video Indexer's calls are answered, and what becomes of them."""

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from structlog.testing import capture_logs

from matchcut_server.azure.account import Secret
from matchcut_server.azure.queue import VideoQueue
from matchcut_server.azure.receiver import make_receiver
from tests.azure_stand_in.server import Server, running

SECRET = "a secret of the tests, & one that has to be quoted".replace(" ", "-")


class Receiver:
    """A receiver that listens, and what it has put into its queue."""

    def __init__(self, queue: VideoQueue, port: int, arrived: list[int]) -> None:
        self.queue = queue
        self.port = port
        self.arrived = arrived
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)

    def call(self, **query: str) -> int:
        return self.client.post("/callback", params={"secret": SECRET, **query}).status_code

    def queued(self) -> list[str]:
        return [entry.video_id for entry in asyncio.run(self.queue.take(1_000))]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    queue = VideoQueue(tmp_path / "queue.db", "here")
    arrived: list[int] = []
    app = make_receiver(queue, Secret(SECRET), lambda: arrived.append(1))
    with running(Server(app)) as port:
        made = Receiver(queue, port, arrived)
        with made.client:
            yield made
    asyncio.run(queue.close())


def test_a_video_that_is_indexed_is_queued(receiver: Receiver) -> None:
    assert receiver.call(id="1234abcd", state="Processed") == 200
    assert receiver.call(projectName="MyProject", id="5678efgh", state="Processed") == 200
    assert receiver.arrived == [1, 1]
    assert receiver.queued() == ["1234abcd", "5678efgh"]


def test_parameters_come_in_any_order_and_the_last_one_of_a_name_counts(receiver: Receiver) -> None:
    answer = receiver.client.post(f"/callback?state=Processed&id=mine&id=1234abcd&secret={SECRET.replace('&', '%26')}")
    assert answer.status_code == 200
    assert receiver.queued() == ["1234abcd"]


@pytest.mark.parametrize(
    "query",
    [
        {"id": "1234abcd", "state": "Failed"},
        {"id": "1234abcd", "state": "Quarantined"},
        {"id": "1234abcd", "state": "Uploaded"},
        {"id": "1234abcd", "state": "Processing"},
        {"id": "1234abcd", "state": "SomethingNew"},
        {"id": "1234abcd", "state": ""},
        {"id": "1234abcd", "faceId": "1030", "knownPersonId": "x", "personName": "Someone"},
        {"id": "1234abcd", "faceid": "1030", "knownPersonId": "x", "personName": "Someone"},
        {},
    ],
    ids=lambda query: "-".join(query.values()),
)
def test_other_calls_are_taken_note_of_and_nothing_more(receiver: Receiver, query: dict[str, str]) -> None:
    assert receiver.call(**query) == 200
    assert receiver.queued() == []
    assert receiver.arrived == []


@pytest.mark.parametrize("video_id", [None, "", "a b", "../Index", "é", "a" * 65, "a\n", "a?b"])
def test_an_id_that_cannot_be_one_is_refused(receiver: Receiver, video_id: str | None) -> None:
    query = {"state": "Processed"} if video_id is None else {"id": video_id, "state": "Processed"}
    assert receiver.call(**query) == 400
    assert receiver.queued() == []


@pytest.mark.parametrize("secret", ["", SECRET[:-1], SECRET + "x", SECRET.upper(), "é", "%ff", "\ud800"], ids=ascii)
def test_without_the_secret_nothing_is_done_and_nothing_is_told(receiver: Receiver, secret: str) -> None:
    with capture_logs() as logs:
        answers = {
            receiver.client.post("/callback", params=params).text
            for params in (
                {"secret": secret.encode(errors="replace").decode(), "id": "1234abcd", "state": "Processed"},
                {"secret": secret.encode(errors="replace").decode(), "state": "Processed"},
                {"id": "1234abcd", "state": "Processed"},
                {},
            )
        }
    assert answers == {"forbidden\n"}
    assert receiver.queued() == []
    assert logs == []


def test_logs_hold_no_more_than_ids_and_states(receiver: Receiver) -> None:
    with capture_logs() as logs:
        receiver.call(id="1234abcd", state="Failed", personName="Someone")
        receiver.call(id="1234abcd", state="a state\nof any kind")
    assert [{name: log[name] for name in ("event", "video_id", "state")} for log in logs] == [
        {"event": "callback_ignored", "video_id": "1234abcd", "state": "Failed"},
        {"event": "callback_ignored", "video_id": "1234abcd", "state": "?"},
    ]
    assert SECRET not in json.dumps(logs)


def test_a_call_is_refused_when_it_cannot_be_kept(receiver: Receiver) -> None:
    with receiver.queue._file.reading() as database:
        database.execute("PRAGMA query_only = ON")
        assert receiver.call(id="1234abcd", state="Processed") == 503
        assert receiver.arrived == []
        database.execute("PRAGMA query_only = OFF")
    assert receiver.call(id="5678efgh", state="Processed") == 200


def test_health_tells_how_much_waits(receiver: Receiver) -> None:
    assert receiver.client.get("/health").json() == {"status": "ok", "waiting": 0, "failed": 0}
    receiver.call(id="1234abcd", state="Processed")
    assert receiver.client.get("/health").json() == {"status": "ok", "waiting": 1, "failed": 0}


def test_health_tells_when_the_queue_cannot_be_read(receiver: Receiver) -> None:
    receiver.queue._file._database.close()
    answer = receiver.client.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "queue unavailable"})


@pytest.mark.parametrize(
    "method, path, status",
    [("GET", "/callback", 405), ("PUT", "/callback", 405), ("POST", "/health", 405), ("POST", "/", 404)],
)
def test_nothing_else_is_answered(receiver: Receiver, method: str, path: str, status: int) -> None:
    assert receiver.client.request(method, path, params={"secret": SECRET}).status_code == status


def test_a_body_is_not_read(receiver: Receiver) -> None:
    """One without an end holds nobody up."""
    query = f"secret={SECRET.replace('&', '%26')}&id=1234abcd&state=Processed"
    for header in (b"content-length: 1000000000000", b"transfer-encoding: chunked"):
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as connection:
            connection.sendall(b"POST /callback?%s HTTP/1.1\r\nhost: x\r\n%s\r\n\r\n" % (query.encode(), header))
            answer = b""
            while some := connection.recv(4096):
                answer += some
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in answer.lower()
    small = receiver.client.post(
        "/callback", params={"secret": SECRET, "id": "5678efgh", "state": "Processed"}, content=b"{}"
    )
    assert small.status_code == 200
    assert receiver.queued() == ["1234abcd", "5678efgh"]
