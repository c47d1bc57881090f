"""The command `matchcut azure sync`, killed, and started again; and its memory."""

import itertools
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.azure.forking import Forks, forks
from tests.azure.syncing import Catalog, new_catalog
from tests.azure_stand_in.control import StandIn, stand_in
from tests.azure_stand_in.library import StandInVideo, large_video, made_videos
from tests.azure_stand_in.record import Request

KILLS = 50
VIDEOS = 300
CONCURRENCY = 4


@pytest.fixture(scope="module")
def command() -> Iterator[Forks]:
    """The command, loaded."""
    with forks() as loaded:
        yield loaded


def words(azure: StandIn, catalog: Catalog, server: str, *more: str) -> list[str]:
    """Write the command for a catalog, without limits on its speed."""
    return [
        *("azure", "sync", "--server", server, "--catalog", catalog.state.stem, "--state", str(catalog.state)),
        *("--account-id", azure.account_id, "--location", azure.location, "--endpoint", azure.url),
        *("--per-second", "1000000", "--per-minute", "1000000", "--concurrency", str(CONCURRENCY), *more),
    ]


def test_killed_at_any_point_and_started_again_nothing_is_missing_and_nothing_done_twice(
    command: Forks, server: str, azure: StandIn, catalog: Catalog, tmp_path: Path
) -> None:
    """50 processes in succession are killed: each after some requests, and some time for what follows on them."""
    chance = random.Random(11)
    azure.set_videos(made_videos(VIDEOS, all_processed=True))
    reached = threading.Event()
    left = 0

    def count(request: Request) -> None:
        nonlocal left
        if request.kind == "index":
            left -= 1
            if left == 0:
                reached.set()

    azure.before = count
    environment = {"MATCHCUT_AZURE_TOKEN": azure.token()}
    arguments = words(azure, catalog, server, "--mirror")
    imported: list[int] = []
    for kill in range(KILLS):
        left = chance.randint(1, 9)
        reached.clear()
        if kill % 10 == 9:  # the account goes on meanwhile
            azure.delete(azure.ids()[-1])
            azure.reindex(azure.ids()[-1])
        process = command.start(*arguments, environment=environment, output=tmp_path / "output")
        assert reached.wait(30)
        time.sleep(chance.uniform(0, 0.02))
        os.kill(process, signal.SIGKILL)
        assert command.wait().signal == signal.SIGKILL
        imported.append(len(catalog.ids()))
    # Each went on where the one before was; a single video is deleted now and then.
    assert all(later >= earlier - 1 for earlier, later in itertools.pairwise(imported))
    assert imported[0] < 100 < imported[-1] < VIDEOS
    command.start(*arguments, environment=environment, output=tmp_path / "output")
    ended = command.wait()
    assert (ended.signal, ended.code) == (0, 0), (tmp_path / "output").read_text()
    assert catalog.keywords() == catalog.expected()
    # A video is read again only if it was under way when the process was killed; and it is never a second entry.
    again = Counter(azure.requests.videos())
    assert sum(again.values()) <= VIDEOS + KILLS * CONCURRENCY + 2 * 5
    azure.requests.clear()
    command.start(*arguments, environment=environment, output=tmp_path / "output")
    assert command.wait().code == 0
    assert azure.requests.count("index") == 0


def test_memory_does_not_grow_with_the_number_of_large_documents(command: Forks, server: str, tmp_path: Path) -> None:
    """Documents of four megabytes, as if Azure left nothing out: three of them, and then twelve."""
    peaks = []
    for count in (3, 12):
        with stand_in([_large(number) for number in range(count)], filters=False) as azure:
            catalog = new_catalog(server, azure, tmp_path)
            with catalog.client:
                arguments = words(azure, catalog, server, "--concurrency", "2")
                environment = {"MATCHCUT_AZURE_TOKEN": azure.token()}
                command.start(*arguments, environment=environment, output=tmp_path / "output")
                ended = command.wait()
                assert ended.code == 0, (tmp_path / "output").read_text()
                assert len(catalog.ids()) == count
        peaks.append(ended.kibibytes)
    assert peaks[1] - peaks[0] < 24 * 1024


def _large(number: int) -> StandInVideo:
    return large_video(f"large{number}", minutes=60)
