"""Clients come and go, each with a health watch, while others call: the server goes on answering, and stops."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from matchcut_client import MatchcutClient
from tests.cli.command import serving


def test_many_clients_that_come_and_go_at_the_same_time_are_all_answered(tmp_path: Path) -> None:
    """Watches end on the thread that completes sends: what it waits for must never wait for a send."""

    def come_and_go(address: str) -> None:
        for _ in range(100):
            with MatchcutClient(address, timeout=10) as client:
                client.get_catalog()

    with serving(tmp_path) as address, ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(come_and_go, address) for _ in range(4)]:
            done.result()
