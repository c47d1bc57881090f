"""Writes the labels and the made-up users that rankings are evaluated with: `python -m examples.evaluation`."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

from examples.clips import listed
from examples.document import Json, video_id
from examples.generate import encoded
from examples.timeline import Draws
from examples.topics import RELATED, TOPICS

FOLDER = Path(__file__).parent / "evaluation"
USERS = 150

_MONDAY = dt.datetime(2025, 1, 6, tzinfo=dt.UTC)
_HISTORY = (5, 9)
_HELD_OUT = (2, 3)
"""Least number, and how many numbers are possible."""
_NOISE_PERCENT = 20
"""Of what a user watches, this much has nothing to do with the user's topics."""


def files() -> Iterator[tuple[str, bytes]]:
    """File name and content of the labels and of the users, always with the same bytes."""
    yield "truth.json", encoded(truth())
    yield "users.ndjson", b"".join(json.dumps(user(number)).encode() + b"\n" for number in range(USERS))


def truth() -> Json:
    """The topics and related videos of each video that has any, by its id."""
    labels: dict[str, dict[str, list[str]]] = {}
    for topic, slugs in TOPICS.items():
        for slug in listed(slugs):
            labels.setdefault(video_id(slug), {"topics": [], "related": []})["topics"].append(topic)
    for pair in RELATED:
        one, other = map(video_id, listed(pair))
        labels[one]["related"].append(other)
        labels[other]["related"].append(one)
    return dict(labels)


def user(number: int) -> Json:
    """A user who likes two or three topics, those named first more often, and now and then watches something else."""
    draws = Draws(f"user {number}")
    topics = list(TOPICS.values())
    liked = {topics[draws.below(draws.below(len(topics)) + 1)] for _ in range(2 + draws.below(2))}
    own = sorted({slug for slugs in liked for slug in listed(slugs)})
    others = sorted({slug for slugs in topics for slug in listed(slugs)} - set(own))
    history, held_out = (least + draws.below(more) for least, more in (_HISTORY, _HELD_OUT))
    watched: list[str] = []
    while len(watched) < history + held_out:
        noise = draws.chance(_NOISE_PERCENT) or all(slug in watched for slug in own)
        slug = draws.one(others if noise else own)
        if slug not in watched:
            watched.append(slug)
    moment = _MONDAY + dt.timedelta(days=draws.below(60))
    seen = []
    for slug in watched[:history]:
        moment += dt.timedelta(minutes=1 + draws.below(3 * 24 * 60))
        seen.append({"id": video_id(slug), "time": int(moment.timestamp()), "weight": (20 + draws.below(81)) / 100})
    return {"user": f"user-{number:03}", "history": seen, "held_out": [video_id(slug) for slug in watched[history:]]}


def write() -> None:
    """Writes the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in files():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    write()
