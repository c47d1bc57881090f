"""`matchcut event`."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from matchcut_client import Event, EventKind, MatchcutClient, NotFound, TimeSpan
from matchcut_server.cli import events as events_command
from tests.cli.command import document, matchcut

pytestmark = pytest.mark.usefixtures("catalog")

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)


def recorded(client: MatchcutClient, user_id: str = "ada") -> tuple[Event, ...]:
    return client.get_profile(user_id, include_events=True).events


def line(event_id: str, **more: object) -> dict[str, object]:
    """An event of JSON of the contract."""
    return {
        "eventId": event_id,
        "userId": "ada",
        "videoId": "v1",
        "kind": "EVENT_KIND_VIEW",
        "eventTime": "2024-05-06T12:00:00Z",
        **more,
    }


def ndjson(*lines: dict[str, object]) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in lines) + b"\n"


# --- record -----------------------------------------------------------------------------------------------------------


def test_an_event_is_recorded_with_all_that_is_given(client: MatchcutClient) -> None:
    client.import_video_indexes([document("v1", "sea")])
    outcome = matchcut(
        "event", "record", "--user", "ada", "--video", "v1", "--kind", "view", "--watched-share", "0.8",
        "--span", "10-20.5", "--span", "0-3", "--time", "2024-05-06T14:00:00+02:00", "--id", "e1", "--weight", "0.5",
        "--recommendation", "r1", "--promotion", "p1",
    )  # fmt: skip
    assert (outcome.code, outcome.out, outcome.err) == (0, "e1: created\n", "")
    assert recorded(client) == (
        Event(
            "e1",
            "ada",
            EventKind.VIEW,
            NOON,
            "v1",
            watched_share=0.8,
            watched_spans=(TimeSpan(10, 20.5), TimeSpan(0, 3)),
            recommendation_id="r1",
            promotion_id="p1",
            weight=0.5,
        ),
    )


def test_an_event_happens_now_and_has_a_new_id_unless_told_otherwise(client: MatchcutClient) -> None:
    for kind in ("like", "view"):
        answer = matchcut("event", "record", "--user", "ada", "--video", "v1", "--kind", kind, "--json").json
        assert answer["missing_ids"] == ["v1"]
    first, second = recorded(client)
    assert first.event_id != second.event_id
    assert abs(second.event_time - datetime.now(UTC)) < timedelta(minutes=5)


def test_an_event_of_a_video_that_is_not_there_yet_is_told(client: MatchcutClient) -> None:
    words = ("event", "record", "--user", "ada", "--video", "v9", "--kind", "hide", "--id", "e1")
    assert matchcut(*words).out == "e1: created\nv9 is not in the catalog yet; the event counts once it is\n"
    assert matchcut(*words).out.startswith("e1: unchanged\n")
    assert len(recorded(client)) == 1


@pytest.mark.parametrize(
    "words, code, message",
    [
        ([], 1, "video_id: an id is required"),
        (["--video", "v1", "--watched-share", "2"], 1, "watched_share: 2.0 is not a number from 0 to 1"),
        (["--video", "v1", "--time", "1960-01-01"], 1, "event_time: 1960-01-01T00:00:00+00:00 lies before 1970"),
        (["--video", "v1", "--time", "noon"], 2, "--time noon: write a time such as"),
        (["--video", "v1", "--span", "10"], 2, "--span 10: write START-END in seconds"),
        (["--video", "v1", "--span", "a-b"], 2, "--span a-b: write START-END"),
        (["--video", "v1", "--span", "0-inf"], 2, "--span 0-inf: write START-END"),
        (["--video", "v1", "--watched-share", "1", "--watched-seconds", "1"], 2, "not allowed with argument"),
    ],
)
def test_what_cannot_be_recorded_is_told(client: MatchcutClient, words: list[str], code: int, message: str) -> None:
    outcome = matchcut("event", "record", "--user", "ada", "--kind", "view", *words)
    assert outcome.code == code
    assert message in outcome.out + outcome.err
    with pytest.raises(NotFound):
        client.get_profile("ada")


# --- import -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["-", "all.ndjson", "all.ndjson.gz"])
def test_events_come_from_files_and_standard_input(client: MatchcutClient, tmp_path: Path, name: str) -> None:
    content = ndjson(line("e1", watchedSeconds=3), line("e2", userId="bob"), line("e3", kind="EVENT_KIND_LIKE"))
    target = tmp_path / name
    if name != "-":
        target.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    outcome = matchcut("event", "import", name if name == "-" else str(target), stdin=content)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        "3 events: 3 created, 0 updated, 0 unchanged, 0 rejected\n"
        "  not in the catalog yet: 1 video; their events count later\n"
    )
    assert [event.event_id for event in recorded(client)] == ["e1", "e3"]
    assert recorded(client)[0].watched_seconds == 3
    assert [event.event_id for event in recorded(client, "bob")] == ["e2"]


def test_a_file_may_be_imported_again(client: MatchcutClient) -> None:
    content = ndjson(*(line(f"e{number}") for number in range(2_500)))
    assert matchcut("event", "import", "-", stdin=content[: len(content) // 2 + 9]).code == 1  # cut off inside a line
    answer = matchcut("event", "import", "-", "--json", stdin=content).json
    assert answer["created"] + answer["unchanged"] == 2_500
    assert answer["unchanged"] > 1_000
    assert client.get_profile("ada").profile.event_count == 2_500


def test_names_are_taken_in_both_spellings_and_kinds_without_their_prefix(client: MatchcutClient) -> None:
    other: dict[str, object] = {
        "event_id": "e2",
        "user_id": "ada",
        "video_id": "v2",
        "kind": "view",
        "event_time": "2024-05-06T12:00:00.5+00:00",
        "watched_spans": [{"start_seconds": 0, "end_seconds": 1.5}],
        "watched_seconds": None,
        "watched_share": 0.5,
    }
    assert matchcut("event", "import", "-", stdin=ndjson(line("e1", kind=2), other)).code == 0
    first, second = recorded(client)
    assert (first.kind, second.kind) == (EventKind.VIEW, EventKind.VIEW)
    assert second.event_time == NOON + timedelta(seconds=0.5)
    assert (second.watched_share, second.watched_seconds) == (0.5, None)
    assert second.watched_spans == (TimeSpan(0, 1.5),)


def test_what_json_prints_of_events_can_be_imported(client: MatchcutClient, catalog: str) -> None:
    matchcut("event", "import", "-", stdin=ndjson(line("e1", watchedShare=0.25, weight=3), line("e2", promotionId="p")))
    shown = matchcut("profile", "show", "ada", "--events", "--json").json["events"]
    client.create_catalog(f"{catalog}-copy")
    assert matchcut("event", "import", "-", "--catalog", f"{catalog}-copy", stdin=ndjson(*shown)).code == 0
    assert client.get_profile("ada", include_events=True, catalog=f"{catalog}-copy").events == recorded(client)


def test_the_good_events_are_kept_and_the_others_named(client: MatchcutClient, tmp_path: Path) -> None:
    path = tmp_path / "all.ndjson"
    bad = [
        b'{"eventId": "x"',
        b"[1]",
        b"null",
        b'{"eventId": "x", "videos": 1}',
        b'{"eventId": "x", "kind": "WATCH"}',
        b'{"eventId": 5}',
        b'{"eventId": "x", "eventTime": "noon"}',
        b'{"eventId": "\xff"}',
        b'{"watchedShare": 1, "watchedSeconds": 2}',
        ndjson(line("x", kind=None)).strip(),
        ndjson(line("x", watchedShare=2)).strip(),
    ]
    path.write_bytes(b"\n".join([*bad, ndjson(line("e1"))]))
    outcome = matchcut("event", "import", str(path))
    assert outcome.code == 1
    assert outcome.out.startswith("12 events: 1 created, 0 updated, 0 unchanged, 11 rejected\n")
    assert [f"rejected {path}:{number}: " in outcome.err for number in range(1, 13)] == [True] * 11 + [False]
    assert 'no field named "videos"' in outcome.err
    assert "watched_share: 2.0 is not a number from 0 to 1" in outcome.err
    assert [event.event_id for event in recorded(client)] == ["e1"]


def test_a_file_that_is_not_there_is_told() -> None:
    outcome = matchcut("event", "import", "none.ndjson")
    assert outcome.code == 1
    assert "rejected none.ndjson: cannot be read: No such file" in outcome.err


def test_of_several_events_with_an_id_the_first_is_recorded(
    client: MatchcutClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_command, "CHUNK", 1)
    content = ndjson(*(line("e1", videoId=f"v{number}") for number in range(20)))
    assert matchcut("event", "import", "-", "--json", stdin=content).json["unchanged"] == 19
    assert [event.video_id for event in recorded(client)] == ["v0"]
