"""Locks are waited for as long as somebody waits for the answer."""

import threading

import pytest

from matchcut_server.errors import DeadlineExceeded
from matchcut_server.search.waiting import held


def test_a_lock_is_held_and_given_back_whatever_happens() -> None:
    lock = threading.Lock()

    def use() -> None:
        with held(lock, lambda: None):
            assert lock.locked()
            raise TimeoutError

    with pytest.raises(TimeoutError):
        use()
    assert not lock.locked()


def test_waiting_ends_when_nobody_waits_for_the_answer() -> None:
    lock = threading.Lock()

    def check() -> None:
        raise DeadlineExceeded

    with lock, pytest.raises(DeadlineExceeded), held(lock, check):
        pass
    with held(lock, check):
        assert lock.locked()
