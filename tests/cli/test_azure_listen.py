"""`matchcut azure listen`: from a call of Video Indexer to a video that is recommended."""

import json
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from matchcut_client import MatchcutClient
from tests.azure_stand_in.control import StandIn, stand_in
from tests.azure_stand_in.faults import Faults
from tests.azure_stand_in.library import StandInVideo, made_videos
from tests.cli.command import SECONDS, Running, matchcut, serving

SECRET = "secret-of-the-callbacks-in-this-test"


@pytest.fixture
def azure() -> Iterator[StandIn]:
    """An account without videos."""
    with stand_in() as running:
        yield running


class Listening(Running):
    """The command, which listens already; the server and the catalog are those of the environment."""

    def __init__(self, azure: StandIn, folder: Path, *words: str, **variables: str) -> None:
        self.token_file = folder / "token"
        self.token_file.write_text(azure.token())
        account = ["--account-id", azure.account_id, "--location", azure.location, "--endpoint", azure.url]
        manners = ["--per-second", "1000", "--per-minute", "60000", "--concurrency", "16"]
        super().__init__(
            "azure", "listen", "--listen", "127.0.0.1:0", "--queue", str(folder / "queue.db"), *account, *manners,
            "--token-file", str(self.token_file), *words,
            environment={"MATCHCUT_AZURE_CALLBACK_SECRET": SECRET, **variables},
        )  # fmt: skip
        self.banner = self.next_line(having="listening on ")
        self.url = self.banner.split()[2].rstrip(";")
        self.http = httpx2.Client(trust_env=False, timeout=SECONDS)

    def __exit__(self, *exc_info: object) -> None:
        self.http.close()
        super().__exit__(*exc_info)

    @property
    def callback_url(self) -> str:
        return f"{self.url}/callback?{urlencode({'project': 'mine', 'secret': SECRET})}"

    def call(self, video_id: str, state: str = "Processed", *, secret: str = SECRET, **more: str) -> int:
        """Make the call of an indexed video; return the status, 0 if nobody listens."""
        query = {"secret": secret, "id": video_id, **({"state": state} if state else {}), **more}
        try:
            return self.http.post(f"{self.url}/callback?{urlencode(query)}").status_code
        except httpx2.TransportError:
            return 0

    def health(self) -> dict[str, object]:
        found: dict[str, object] = self.http.get(f"{self.url}/health").json()
        return found

    def wait_until_idle(self, *, failed: int = 0) -> None:
        """Wait until nothing is left to be imported."""
        wait_for(lambda: self.health() == {"status": "ok", "waiting": 0, "failed": failed}, self.health)


@pytest.fixture
def listening(azure: StandIn, catalog: str, tmp_path: Path) -> Iterator[Listening]:
    """The command at work on the new catalog."""
    with Listening(azure, tmp_path) as running:
        yield running


def wait_for(condition: Callable[[], bool], state: Callable[[], object]) -> None:
    """Wait until something is so of which nothing tells."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, state()
        time.sleep(0.02)


def ids(client: MatchcutClient) -> set[str]:
    return {video.video_id for video in client.iter_videos()}


def content(video: StandInVideo) -> bytes:
    return json.dumps(video.make(0)).encode()


# --- what it is for ---------------------------------------------------------------------------------------------------


def test_a_video_is_recommended_seconds_after_it_was_indexed(
    azure: StandIn, listening: Listening, client: MatchcutClient
) -> None:
    video, *others = made_videos(20, all_processed=True)
    client.import_video_indexes(map(content, others))
    video.state, video.callback_url = "Processing", listening.callback_url
    azure.add(video)
    keyword = video.make(0)["videos"][0]["insights"]["keywords"][0]["text"]

    def recommended() -> set[str]:
        return {one.video_id for one in client.recommend_videos([keyword], page_size=50).recommendations}

    assert video.id not in recommended()
    began = time.monotonic()
    assert azure.finish_indexing(video.id) == [200]
    wait_for(lambda: video.id in recommended(), listening.health)
    assert time.monotonic() - began < 10
    assert client.get_video(video.id).video.title == video.name
    assert listening.end() == 0
    assert listening.lines[-1] == "stopped: 1 imported, 0 waiting, 0 failed"


def test_a_video_that_is_indexed_again_is_imported_again(
    azure: StandIn, listening: Listening, client: MatchcutClient
) -> None:
    [video] = made_videos(1)
    azure.set_videos([video])
    assert listening.call(video.id) == 200
    listening.wait_until_idle()
    before = client.get_video(video.id).video
    azure.reindex(video.id)
    assert listening.call(video.id) == 200
    wait_for(lambda: client.get_video(video.id).video.keyword_sets != before.keyword_sets, listening.health)


def test_further_languages_are_read_too(azure: StandIn, catalog: str, client: MatchcutClient, tmp_path: Path) -> None:
    videos = made_videos(3, all_processed=True)
    azure.set_videos(videos)
    with Listening(azure, tmp_path, "--language", "it-IT", "--language", "ja-JP") as listening:
        for video in videos:
            listening.call(video.id)
        listening.wait_until_idle()
        assert listening.end() == 0
    for video in videos:
        languages = {one.language for one in client.get_video(video.id).video.keyword_sets}
        assert languages == {video.source_languages[0], "it-IT", "ja-JP"}


# --- nothing is lost --------------------------------------------------------------------------------------------------


def test_a_flood_of_calls_to_a_slow_and_failing_azure_loses_nothing(
    azure: StandIn, listening: Listening, client: MatchcutClient
) -> None:
    """2,000 calls: repeated, out of order, with other states, about people, and without the secret."""
    videos = made_videos(150, all_processed=True)
    azure.set_videos(videos)
    azure.faults = Faults(rate=0.3, seed=6)
    names = [video.id for video in videos]
    chance = random.Random(6)
    calls: list[tuple[dict[str, str], int]] = [({"video_id": name}, 200) for name in names]
    while len(calls) < 2_000:
        name = chance.choice(names)
        calls += chance.choice(
            [
                [({"video_id": name}, 200)] * 3,
                [({"video_id": name, "state": chance.choice(["Uploaded", "Processing", "New"])}, 200)],
                [({"video_id": name, "state": "", "faceId": "1030", "personName": "Someone"}, 200)],
                [({"video_id": name, "secret": "guessed"}, 403)],
                [({"video_id": "../" + name}, 400)],
            ]
        )
    chance.shuffle(calls)
    with ThreadPoolExecutor(8) as callers:
        statuses = list(callers.map(lambda call: listening.call(**call[0]), calls))
    assert statuses == [status for _, status in calls]
    listening.wait_until_idle()
    assert ids(client) == set(names)
    assert listening.end() == 0


def test_what_was_answered_is_imported_after_the_process_was_killed(
    azure: StandIn, catalog: str, client: MatchcutClient, tmp_path: Path
) -> None:
    videos = made_videos(30, all_processed=True)
    azure.set_videos(videos)
    with Listening(azure, tmp_path) as listening, azure.held("index"):
        assert {listening.call(video.id) for video in videos} == {200}
        azure.requests.wait_for("index", 16)
        assert listening.health()["waiting"] == 30
        listening.end(signal.SIGKILL)
    assert ids(client) == set()
    with Listening(azure, tmp_path) as listening:
        assert listening.banner.endswith("; 30 waiting, 0 failed")
        listening.wait_until_idle()
    assert ids(client) == {video.id for video in videos}


def test_killed_again_and_again_it_loses_none_that_it_has_answered(
    azure: StandIn, catalog: str, client: MatchcutClient, tmp_path: Path
) -> None:
    videos = made_videos(120, all_processed=True)
    azure.set_videos(videos)
    azure.faults = Faults(rate=0.3, seed=7)
    left = [video.id for video in videos]
    answered: set[str] = set()
    chance = random.Random(7)
    for _ in range(3):
        with Listening(azure, tmp_path) as listening, ThreadPoolExecutor(4) as callers:
            done = callers.map(lambda name, to=listening: (name, to.call(name)), left[:40])
            first = [next(done) for _ in range(chance.randint(10, 30))]
            listening.process.kill()
            answered |= {name for name, status in (*first, *done) if status == 200}
            left = [name for name in left if name not in answered]
    with Listening(azure, tmp_path) as listening:
        listening.wait_until_idle()
    assert len(answered) >= 30
    assert ids(client) >= answered


def test_it_stops_at_once_and_goes_on_at_the_next_start(
    azure: StandIn, catalog: str, client: MatchcutClient, tmp_path: Path
) -> None:
    videos = made_videos(30, all_processed=True)
    azure.set_videos(videos)
    with Listening(azure, tmp_path) as listening:
        with azure.held("index"):
            for video in videos:
                listening.call(video.id)
            azure.requests.wait_for("index", 16)
            listening.process.send_signal(signal.SIGINT)
            wait_for(lambda: listening.call(videos[-1].id) == 0, lambda: "still listens")
        left = listening.next_line(having="stopped: ")
        assert listening.process.wait(SECONDS) == 0
    imported = len(ids(client))
    assert left == f"stopped: {imported} imported, {30 - imported} waiting, 0 failed"
    assert 16 <= imported < 30  # what was under way is done, and nothing is begun
    with Listening(azure, tmp_path) as listening:
        listening.wait_until_idle()
    assert ids(client) == {video.id for video in videos}


def test_a_server_that_is_away_is_waited_for(azure: StandIn, tmp_path: Path) -> None:
    [video] = made_videos(1)
    azure.set_videos([video])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = f"127.0.0.1:{free.getsockname()[1]}"
    with Listening(azure, tmp_path, "--server", server, MATCHCUT_CATALOG="default") as listening:
        assert '"server_unavailable"' in listening.lines[0]
        assert listening.call(video.id) == 200
        azure.requests.wait_for("index", 1)
        with serving(tmp_path / "data", server), MatchcutClient(server) as client:
            listening.wait_until_idle()
            assert ids(client) == {video.id}
            assert listening.end() == 0


def test_a_call_that_comes_too_early_is_tried_again(
    azure: StandIn, listening: Listening, client: MatchcutClient
) -> None:
    early, later = made_videos(2, all_processed=True)
    early.state = "Processing"
    azure.set_videos([early])
    assert listening.call(early.id) == 200  # the index says that it is not processed
    assert listening.call(later.id) == 200  # there is no such video
    azure.requests.wait_for("index", 2)
    azure.set_state(early.id, "Processed")
    azure.add(later)
    listening.wait_until_idle()
    assert ids(client) == {early.id, later.id}


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_no_secret_is_written_anywhere(azure: StandIn, catalog: str, client: MatchcutClient, tmp_path: Path) -> None:
    videos = made_videos(10, all_processed=True)
    azure.set_videos(videos)
    azure.faults = Faults(rate=0.4, seed=8)
    with Listening(azure, tmp_path) as listening:
        words = Path(f"/proc/{listening.process.pid}/cmdline").read_text()
        for video in videos:
            listening.call(video.id)
            listening.call(video.id, "Failed", personName="Someone Known")
        listening.call("x", secret=SECRET + "-or-nearly")
        listening.http.request("GET", f"{listening.url}/nowhere?secret={SECRET}")
        listening.http.request("GET", listening.callback_url)
        listening.wait_until_idle()
        azure.expire_tokens()
        listening.call(videos[0].id)
        listening.next_line(having='"access_refused"')
        assert listening.end() == 0
    listening.token_file.unlink()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    written = words + "\n".join(listening.lines) + kept.decode(errors="replace")
    assert videos[0].id in written
    for secret in (SECRET, "Someone Known", *azure.secrets):
        assert secret not in written
    assert "Traceback" not in written


# --- wrong calls ------------------------------------------------------------------------------------------------------

ACCOUNT = ["--account-id", "5f1c0a8e-3b7d-4e0a-9d55-0c7a4be1f2d3", "--location", "eastus"]


@pytest.mark.parametrize("secret", ["", "short", "with spaces, though it is long enough", "é" * 20])
def test_a_secret_is_needed_that_nobody_guesses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, secret: str) -> None:
    monkeypatch.setenv("MATCHCUT_AZURE_CALLBACK_SECRET", secret)
    outcome = matchcut("azure", "listen", *ACCOUNT)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("matchcut azure: MATCHCUT_AZURE_CALLBACK_SECRET: give a secret of 16 or more ")
    path = tmp_path / "secret"
    path.write_text(secret)
    outcome = matchcut("azure", "listen", *ACCOUNT, "--secret-file", str(path))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"matchcut azure: --secret-file {path}: give a secret ")
    assert not secret or secret not in outcome.err


def test_a_secret_file_that_is_not_there_is_told() -> None:
    outcome = matchcut("azure", "listen", *ACCOUNT, "--secret-file", "nowhere")
    assert (outcome.code, outcome.err) == (2, "matchcut azure: --secret-file nowhere: No such file or directory\n")


@pytest.mark.parametrize(
    "address", ["8080", "localhost", ":80", "localhost:http", "127.0.0.1:99999", "no.such.host.invalid:1"]
)
def test_an_address_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("MATCHCUT_AZURE_CALLBACK_SECRET", SECRET)
    outcome = matchcut("azure", "listen", *ACCOUNT, "--listen", address)
    assert (outcome.code, outcome.out) == (2, "")
    assert address in outcome.err


def test_what_is_taken_is_told(
    azure: StandIn, listening: Listening, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MATCHCUT_AZURE_CALLBACK_SECRET", SECRET)
    monkeypatch.setenv("MATCHCUT_AZURE_TOKEN", azure.token())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        outcome = matchcut("azure", "listen", *ACCOUNT, "--listen", address)
    assert outcome.code == 3
    assert outcome.err.startswith(f"matchcut azure: cannot listen on {address}: ")
    queue = str(tmp_path / "queue.db")
    outcome = matchcut("azure", "listen", *ACCOUNT, "--listen", "127.0.0.1:0", "--queue", queue)
    assert outcome.code == 3
    assert "another process is working with it" in outcome.err


def test_a_catalog_that_is_not_there_is_told(
    azure: StandIn, catalog: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MATCHCUT_AZURE_CALLBACK_SECRET", SECRET)
    monkeypatch.setenv("MATCHCUT_AZURE_TOKEN", azure.token())
    outcome = matchcut("azure", "listen", *ACCOUNT, "--listen", "127.0.0.1:0", "--catalog", "nowhere")
    assert outcome.code == 3
    assert "there is no catalog 'nowhere'; create it first" in outcome.err
