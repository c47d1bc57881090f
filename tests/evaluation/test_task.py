"""Tasks: what is asked, what is right, and what is left out."""

from collections.abc import Sequence

import numpy as np
import pytest

from matchcut_server.evaluation.ranker import Popular, Random
from matchcut_server.evaluation.task import DEPTH, LeftOut, SimilarTask, UserTask
from matchcut_server.evaluation.truth import read_truth
from matchcut_server.evaluation.user import User, Watched

CATALOG = {"a": 0, "b": 1, "c": 2, "d": 3}


class Asked:
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, int]] = []

    def similar(self, video_id: str, limit: int) -> Sequence[str]:
        self.questions.append((video_id, limit))
        return []

    def for_user(self, user: User, limit: int) -> Sequence[str]:
        self.questions.append((user.user, limit))
        return []


def user(name: str, history: str, held_out: str) -> User:
    return User(name, tuple(map(Watched, history.split())), tuple(held_out.split()))


def test_every_labelled_video_to_which_others_are_relevant_is_asked_for() -> None:
    truth = read_truth(
        b'{"b": {"topics": ["sea"]}, "a": {"topics": ["sea", "film"]}, "c": {"topics": ["cars"]}, '
        b'"gone": {"topics": ["sea"]}, "d": {"related": ["b", "lost"]}}'
    )
    task, asked = SimilarTask(truth, CATALOG), Asked()

    gains = [question.gains for question in task if question.ask(asked) == []]

    assert asked.questions == [("b", DEPTH), ("a", DEPTH), ("d", DEPTH)]
    assert gains == [{"a": 0.5}, {"b": 0.5}, {"b": 1.0}]
    assert len(task) == 3
    assert task.left_out == LeftOut(unknown_videos=2, questions=1)
    assert task.known_to is None


def test_popularity_among_similar_videos_is_the_sum_of_gains() -> None:
    truth = read_truth(b'{"a": {"topics": ["sea"]}, "b": {"topics": ["sea"]}, "c": {"related": ["a"]}}')
    assert SimilarTask(truth, CATALOG).popularity.tolist() == [2.0, 1.0, 0.0, 0.0]


def test_users_are_asked_for_what_was_held_out_and_is_new() -> None:
    users = [
        user("one", "a b gone", "c lost"),
        user("two", "a a", "a d"),
        user("repeats", "b", "b"),
        user("nothing", "c", ""),
    ]
    task, asked = UserTask(lambda: iter(users), CATALOG), Asked()

    gains = [question.gains for question in task if question.ask(asked) == []]

    assert asked.questions == [("one", DEPTH), ("two", DEPTH)]
    assert gains == [{"c": 1.0}, {"d": 1.0}]
    assert len(task) == 2
    assert task.left_out == LeftOut(unknown_videos=2, watched_before=2, questions=2)
    counts, everyone = task.known_to
    assert (counts.tolist(), everyone) == ([2.0, 2.0, 1.0, 0.0], 4)
    assert task.popularity.tolist() == [2.0, 2.0, 1.0, 0.0]


def test_popular_videos_come_first_and_those_that_are_known_not_at_all() -> None:
    popular = Popular(list(CATALOG), np.array([1.0, 3.0, 1.0, 2.0]))
    assert popular.similar("d", 10) == ["b", "a", "c"]
    assert popular.for_user(user("u", "b c", ""), 1) == ["d"]


@pytest.mark.parametrize("limit", [1, 50, 1000])
def test_random_videos_are_the_same_each_time_and_never_those_that_are_known(limit: int) -> None:
    video_ids = [str(number) for number in range(200)]
    known = user("u", " ".join(video_ids[:100]), "")
    first, again = Random(video_ids), Random(video_ids)

    lists = [first.for_user(known, limit) for _ in range(20)]

    assert lists == [again.for_user(known, limit) for _ in range(20)]
    assert all(len(set(one)) == len(one) == min(limit, 100) for one in lists)
    assert all(set(one) <= set(video_ids[100:]) for one in lists)
    assert lists[0] != lists[1]
    assert "7" not in first.similar("7", 1000)
