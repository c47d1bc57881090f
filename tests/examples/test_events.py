"""The events of the example visitors are what their generator makes, and fit the catalog."""

import json
from pathlib import Path

from examples.events import FILE, VISITORS, content
from matchcut_client import EventKind
from matchcut_server.cli.events import read_event

EVENTS = [read_event(line) for line in FILE.read_bytes().splitlines()]
CATALOG = {
    json.loads(path.read_bytes())["id"] for path in (Path(__file__).parents[2] / "examples/catalog").glob("*.json")
}


def test_the_generator_makes_the_committed_file_byte_for_byte() -> None:
    assert FILE.read_bytes() == content()


def test_every_event_has_an_id_of_its_own_and_a_video_of_the_catalog() -> None:
    assert len({event.event_id for event in EVENTS}) == len(EVENTS)
    assert {event.video_id for event in EVENTS} <= CATALOG


def test_the_pages_tell_how_many_visitors_there_are() -> None:
    users = {event.user_id for event in EVENTS}
    assert len(users) == VISITORS + 1
    for page in ("examples/README.md", "docs/profiles.md"):
        assert f"{len(users)} made-up visitors" in (FILE.parents[1] / page).read_text(encoding="utf-8")


def test_ada_shows_every_kind_of_event_that_tells_of_interests() -> None:
    assert {event.kind for event in EVENTS if event.user_id == "ada"} == {
        EventKind.VIEW,
        EventKind.LIKE,
        EventKind.DISLIKE,
        EventKind.HIDE,
    }
