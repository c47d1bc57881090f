"""Writes what the made-up visitors have declared, as `matchcut profile import` reads it: `python -m examples.profiles`.

The visitors are those of the events, who declare no interests, and three more, of whom nothing else is known.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from examples.document import Json
from examples.evaluation import user
from examples.events import VISITORS

FILE = Path(__file__).parent / "profiles.ndjson"

_REGIONS = ("uk", "uk", "de", "fr", "us")
"""Taken in turn by the visitors."""
_FORBIDS = 4
"""Each fourth visitor does not allow targeting."""

_DECLARED: tuple[Json, ...] = (
    {"user_id": "ada", "attributes": {"region": ["uk"]}, "targeting_allowed": True},
    {
        "user_id": "bea",
        "interests": [{"keyword": "film festival", "weight": 2.0}, {"keyword": "england"}],
        "attributes": {"region": ["uk"]},
        "targeting_allowed": True,
    },
    {
        "user_id": "carl",
        "interests": [{"keyword": "london film festival"}],
        "attributes": {"region": ["uk"]},
        "targeting_allowed": False,
    },
    {
        "user_id": "dora",
        "interests": [
            {"keyword": "british cinema"},
            {"keyword": "film festival"},
            {"keyword": "football", "weight": -1.0},
        ],
        "attributes": {"region": ["us"]},
        "targeting_allowed": True,
    },
)


def lines() -> Iterator[str]:
    """Every profile as a line of JSON, always the same ones."""
    for profile in (*_of_visitors(), *_DECLARED):
        yield json.dumps({"matchcut_profiles": 1, "profile": profile})


def _of_visitors() -> Iterator[Json]:
    for number in range(VISITORS):
        yield {
            "user_id": user(number)["user"],
            "attributes": {"region": [_REGIONS[number % len(_REGIONS)]]},
            "targeting_allowed": number % _FORBIDS != _FORBIDS - 1,
        }


def content() -> bytes:
    """The file, always with the same bytes."""
    return "".join(f"{line}\n" for line in lines()).encode()


if __name__ == "__main__":
    FILE.write_bytes(content())
