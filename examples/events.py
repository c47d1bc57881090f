"""Writes what made-up visitors of a website did with the videos of the catalog: `python -m examples.events`.

The visitors are the first users of the example set for evaluations, and Ada, whose visits are told by hand.
"""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from examples.document import Json, video_id
from examples.evaluation import user

FILE = Path(__file__).parent / "events.ndjson"
VISITORS = 40


class _Visit(NamedTuple):
    """What Ada did with a video, and from which second to which she watched it (0 to 0: nothing, or all of it)."""

    minute: int
    slug: str
    kind: str
    start: int = 0
    end: int = 0


_ADA_COMES = dt.datetime(2025, 3, 8, 20, tzinfo=dt.UTC)
_ADA = (
    _Visit(0, "hadrians-wall", "view", 0, 600),
    _Visit(12, "cornwall-coast-path", "view"),
    _Visit(40, "london-festival-debuts", "view", 90, 420),
    _Visit(46, "london-festival-debuts", "like"),
    _Visit(47, "wembley-cup-final", "dislike"),
    _Visit(48, "glastonbury-mud", "hide"),
)


def lines() -> Iterator[str]:
    """Every event as a line of JSON with the names of the contract, always the same ones."""
    for event in (*_of_visitors(), *_of_ada()):
        yield json.dumps(event)


def _of_visitors() -> Iterator[Json]:
    for number in range(VISITORS):
        visitor: dict[str, Any] = user(number)
        for place, seen in enumerate(visitor["history"]):
            yield {
                "event_id": f"{visitor['user']}-{place}",
                "user_id": visitor["user"],
                "video_id": seen["id"],
                "kind": "view",
                "event_time": _written(dt.datetime.fromtimestamp(seen["time"], dt.UTC)),
                "watched_share": seen["weight"],
            }


def _of_ada() -> Iterator[Json]:
    for place, visit in enumerate(_ADA):
        event: Json = {
            "event_id": f"ada-{place}",
            "user_id": "ada",
            "video_id": video_id(visit.slug),
            "kind": visit.kind,
            "event_time": _written(_ADA_COMES + dt.timedelta(minutes=visit.minute)),
        }
        if visit.end:
            event["watched_spans"] = [{"start_seconds": visit.start, "end_seconds": visit.end}]
        yield event


def _written(time: dt.datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def content() -> bytes:
    """The file, always with the same bytes."""
    return "".join(f"{line}\n" for line in lines()).encode()


if __name__ == "__main__":
    FILE.write_bytes(content())
