"""The labels and users of the example set are what their generator makes, and fit the catalog."""

import json
from pathlib import Path

from examples.clips import listed
from examples.evaluation import FOLDER, USERS, files
from examples.topics import RELATED, TOPICS
from matchcut_server.evaluation.truth import read_truth
from matchcut_server.evaluation.user import read_user

CATALOG = {
    path.stem: json.loads(path.read_bytes())["id"]
    for path in (Path(__file__).parents[2] / "examples" / "catalog").glob("*.json")
}
"""Ids by slug."""


def test_the_generator_makes_the_committed_files_byte_for_byte() -> None:
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == dict(files())


def test_every_video_is_labelled_and_every_label_is_of_a_video() -> None:
    labelled = {slug for slugs in TOPICS.values() for slug in listed(slugs)}
    assert labelled == set(CATALOG)
    assert {slug for pair in RELATED for slug in listed(pair)} <= set(CATALOG)
    truth = read_truth((FOLDER / "truth.json").read_bytes())
    assert set(truth) == set(CATALOG.values())


def test_no_topic_is_of_a_single_video_and_none_names_a_video_twice() -> None:
    for topic, slugs in TOPICS.items():
        assert len(set(listed(slugs))) == len(listed(slugs)) >= 2, topic


def test_related_videos_come_in_pairs() -> None:
    assert all(len(set(listed(pair))) == 2 for pair in RELATED)
    truth = read_truth((FOLDER / "truth.json").read_bytes())
    assert all(one in truth.related(other) for one in truth for other in truth.related(one))


def test_users_have_watched_videos_of_the_catalog_and_will_watch_others() -> None:
    users = [read_user(line) for line in (FOLDER / "users.ndjson").read_bytes().splitlines()]
    assert len({user.user for user in users}) == len(users) == USERS
    for user in users:
        watched = [one.id for one in user.history]
        assert set(watched) | set(user.held_out) <= set(CATALOG.values())
        assert len({*watched, *user.held_out}) == len(watched) + len(user.held_out)
        moments = [one.moment or 0.0 for one in user.history]
        assert moments == sorted(moments)
        assert all(0 < one.weight <= 1 for one in user.history)
