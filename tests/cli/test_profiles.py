"""`matchcut profile`."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from matchcut_client import (
    Event,
    EventKind,
    Interest,
    MatchcutClient,
    NotFound,
    Profile,
    TimeSpan,
)
from matchcut_server.cli import profile_files
from tests.cli.command import document, matchcut

pytestmark = pytest.mark.usefixtures("catalog")

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)


def view(event_id: str, user_id: str = "ada", video_id: str = "v1", **more: object) -> Event:
    return Event(event_id, user_id, EventKind.VIEW, NOON, video_id, **more)  # type: ignore[arg-type]  # as tests give it


def declared(client: MatchcutClient, user_id: str = "ada") -> Profile:
    return client.get_profile(user_id).profile


# --- set --------------------------------------------------------------------------------------------------------------


def test_a_profile_is_created_with_what_is_given(client: MatchcutClient) -> None:
    outcome = matchcut(
        "profile", "set", "ada", "--interest", "film festival=2", "--interest", "sea", "--interest", "football=-1",
        "--attribute", "region=eu", "--attribute", "region=uk", "--attribute", "plan=free", "--targeting-allowed",
        "--derived-share", "0.25", "--half-life-days", "30",
    )  # fmt: skip
    assert (outcome.code, outcome.out, outcome.err) == (0, "ada: created\n", "")
    profile = declared(client)
    assert profile.interests == (Interest("film festival", 2), Interest("sea", 1), Interest("football", -1))
    assert profile.attributes == {"region": ("eu", "uk"), "plan": ("free",)}
    assert (profile.targeting_allowed, profile.derived_share, profile.half_life_days) == (True, 0.25, 30)


def test_only_what_is_given_is_written(client: MatchcutClient) -> None:
    client.upsert_profiles([Profile("ada", (Interest("sea"),), {"region": ("eu",)}, True, 0.25, 30.0)])
    assert matchcut("profile", "set", "ada", "--interest", "moon").out == "ada: updated\n"
    assert matchcut("profile", "set", "ada", "--no-targeting-allowed", "--derived-share", "catalog").code == 0
    profile = declared(client)
    assert profile.interests == (Interest("moon", 1),)
    assert profile.attributes == {"region": ("eu",)}
    assert (profile.targeting_allowed, profile.derived_share, profile.half_life_days) == (False, None, 30)
    assert matchcut("profile", "set", "ada", "--interest", "", "--attribute", "").code == 0
    assert (declared(client).interests, declared(client).attributes) == ((), {})
    assert matchcut("profile", "set", "ada", "--interest", "").out == "ada: unchanged\n"


def test_nothing_given_changes_nothing(client: MatchcutClient) -> None:
    client.upsert_profiles([Profile("ada", (Interest("sea"),))])
    outcome = matchcut("profile", "set", "ada")
    assert outcome.code == 2
    assert "nothing to set" in outcome.err
    assert declared(client).interests == (Interest("sea", 1),)


@pytest.mark.parametrize(
    "words, code, message",
    [
        (["--attribute", "region"], 2, "--attribute region: write NAME=VALUE"),
        (["--derived-share", "half"], 2, "--derived-share half: write a number, or catalog"),
        (["--half-life-days", ""], 2, "--half-life-days : write a number"),
        (["--derived-share", "2"], 1, "derived_share: 2.0 is not a number from 0 to 1"),
    ],
)
def test_what_cannot_be_set_is_told(client: MatchcutClient, words: list[str], code: int, message: str) -> None:
    outcome = matchcut("profile", "set", "ada", *words)
    assert outcome.code == code
    assert message in outcome.out + outcome.err
    with pytest.raises(NotFound):
        client.get_profile("ada")


# --- show -------------------------------------------------------------------------------------------------------------


def test_a_profile_is_shown(client: MatchcutClient) -> None:
    interests = (Interest("sea"), Interest("film", 2.5, "en"), Interest("football", -1))
    client.upsert_profiles([Profile("ada", interests, {"region": ("eu", "uk")}, True, 0.25, 30.0), Profile("bob")])
    client.import_video_indexes([document("v1", "sea", "moon")])
    client.record_events(
        [
            view("e1", watched_share=0.8),
            view("e2", video_id="v2", watched_seconds=12.5, watched_spans=(TimeSpan(0, 5), TimeSpan(7, 9.5)), weight=2),
            Event("e3", "ada", EventKind.IMPRESSION, NOON, promotion_id="spring"),
        ]
    )
    assert matchcut("profile", "show", "ada", "--derived", "--events").out.splitlines() == [
        "ada",
        "interests: sea, film +2.5 [en], football -1",
        "region: eu, uk",
        "targeting: allowed",
        "share of events: 0.25",
        "half-life of events: 30 days",
        "events: 3, the latest at 2024-05-06T12:00:00+00:00",
        "",
        "from events   weight",
        "moon         +0.5000",
        "sea          +0.5000",
        "",
        "2024-05-06T12:00:00+00:00  view        v1  80%  e1",
        "2024-05-06T12:00:00+00:00  view        v2  12.5 s  0-5, 7-9.5  weight 2  e2",
        "2024-05-06T12:00:00+00:00  impression  promotion spring  e3",
    ]
    assert matchcut("profile", "show", "bob", "--derived").out.splitlines() == [
        "bob",
        "interests: none",
        "targeting: not allowed",
        "share of events: as the catalog says",
        "half-life of events: as the catalog says",
        "events: 0",
        "",
        "no interests from events",
    ]


def test_all_events_are_shown_however_many_pages_they_take(client: MatchcutClient) -> None:
    client.record_events(view(f"e{number:04}") for number in range(1_001))
    lines = matchcut("profile", "show", "ada", "--events").out.splitlines()
    assert [line.split()[-1] for line in lines if "view" in line] == [f"e{number:04}" for number in range(1_001)]
    answer = matchcut("profile", "show", "ada", "--events", "--derived", "--json").json
    assert (len(answer["events"]), answer["next_page_token"], answer["derived_interests"]) == (1_001, "", [])
    assert answer["profile"]["event_count"] == 1_001
    assert matchcut("profile", "show", "ada", "--json").json["events"] == []


def test_a_user_who_is_not_there_is_named() -> None:
    outcome = matchcut("profile", "show", "eve")
    assert (outcome.code, outcome.out) == (3, "")
    assert "there is no profile of user 'eve'" in outcome.err


def test_what_could_garble_a_terminal_is_spelt_out(client: MatchcutClient) -> None:
    client.upsert_profiles([Profile("\u202eada", (Interest("\u202esea"),), {"region": ("[red]eu[/red]",)})])
    out = matchcut("profile", "show", "\u202eada").out
    assert "\u202e" not in out
    assert "\\u202esea" in out
    assert "region: [red]eu[/red]" in out
    assert "\\u202eada" in matchcut("profile", "list").out


# --- list -------------------------------------------------------------------------------------------------------------


def test_profiles_are_listed_page_by_page(client: MatchcutClient) -> None:
    client.upsert_profiles([Profile(f"u{number}", (Interest("sea"),)) for number in range(3)])
    client.record_events([view("e1", "u1"), view("e2", "u1")])
    first = matchcut("profile", "list", "--page-size", "2", "--total")
    lines = [line.rstrip() for line in first.out.splitlines()]
    assert lines[:6] == [
        "user  interests  events  latest event",
        "u0            1       0",
        "u1            1       2  2024-05-06T12:00:00+00:00",
        "",
        "3 profiles in all",
        "",
    ]
    option = lines[6].removeprefix("next page: ")
    rest = matchcut("profile", "list", "--total", option)
    assert [line.split()[0] for line in rest.out.splitlines()[1:-2]] == ["u2"]
    answer = matchcut("profile", "list", "--json").json
    assert [profile["user_id"] for profile in answer["profiles"]] == ["u0", "u1", "u2"]


def test_profiles_are_listed_by_what_they_are(client: MatchcutClient) -> None:
    client.upsert_profiles(
        [
            Profile("ada", attributes={"region": ("eu",), "plan": ("free",)}, targeting_allowed=True),
            Profile("bob", attributes={"region": ("eu",)}),
        ]
    )
    client.record_events([view("e1", "bob"), view("e2", "cleo")])

    def ids(*words: str) -> list[str]:
        return [profile["user_id"] for profile in matchcut("profile", "list", "--json", *words).json["profiles"]]

    assert ids("--attribute", "region=eu") == ["ada", "bob"]
    assert ids("--attribute", "region=eu", "--attribute", "plan=free") == ["ada"]
    assert ids("--targeting-allowed") == ["ada"]
    assert ids("--no-targeting-allowed") == ["bob", "cleo"]
    assert ids("--active-since", "2024-05-06T12:00:00") == ["bob", "cleo"]
    assert ids("--active-before", "2024-05-06T12:00:00Z") == []
    assert ids("--active-since", "2024-05-06", "--attribute", "region=eu") == ["bob"]
    assert matchcut("profile", "list", "--attribute", "region=us").out == "no profiles\n"
    outcome = matchcut("profile", "list", "--active-since", "noon")
    assert (outcome.code, outcome.err) == (
        2,
        "matchcut profile: --active-since noon: write a time such as 2024-05-01T12:00:00Z\n",
    )


# --- delete and merge -------------------------------------------------------------------------------------------------


def test_users_are_deleted_and_those_that_are_not_there_are_told(client: MatchcutClient) -> None:
    client.upsert_profiles([Profile("ada"), Profile("bob"), Profile("cleo")])
    assert (matchcut("profile", "delete", "ada").code, matchcut("profile", "delete", "bob").out) == (
        0,
        "bob: deleted\n",
    )
    outcome = matchcut("profile", "delete", "ada", "cleo")
    assert (outcome.code, outcome.out) == (1, "ada: not found\ncleo: deleted\n")
    assert list(client.iter_profiles()) == []


def test_a_visitor_is_merged_into_an_account(client: MatchcutClient) -> None:
    client.record_events([view("e1", "visitor")])
    assert matchcut("profile", "merge", "visitor", "ada").out == "ada: created\n"
    client.record_events([view("e2", "visitor")])
    outcome = matchcut("profile", "merge", "visitor", "ada")
    assert (outcome.code, outcome.out) == (0, "ada: updated\n")
    assert declared(client).event_count == 2
    outcome = matchcut("profile", "merge", "visitor", "ada")
    assert (outcome.code, outcome.out) == (1, "visitor: not found\n")
    outcome = matchcut("profile", "merge", "ada", "ada")
    assert outcome.code == 1
    assert outcome.out.startswith("ada: rejected: into_user_id: ")
    assert [one["status"] for one in matchcut("profile", "merge", "x", "ada", "--json").json] == ["NOT_FOUND"]


# --- export and import ------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(client: MatchcutClient) -> MatchcutClient:
    client.upsert_profiles(
        [Profile("ada", (Interest("sea", 2.5, "en"),), {"region": ("eu",)}, True, 0.25, 0.0), Profile("bob")]
    )
    client.import_video_indexes([document("v1", "sea")])
    client.record_events(
        [
            view("e1", watched_share=0.8, recommendation_id="r1"),
            view("e2", watched_seconds=12.5, watched_spans=(TimeSpan(0, 5),), weight=2),
            Event("e3", "cleo", EventKind.IMPRESSION, NOON, promotion_id="spring"),
        ]
    )
    return client


def content(client: MatchcutClient, catalog: str) -> list[object]:
    """Return all there is of all users, without revisions."""
    found: list[object] = []
    for profile in client.iter_profiles(catalog=catalog):
        answer = client.get_profile(profile.user_id, include_events=True, catalog=catalog)
        found.append((profile.interests, profile.attributes, profile.targeting_allowed, profile.derived_share))
        found.append((profile.half_life_days, profile.event_count, answer.events))
    return found


@pytest.mark.parametrize("name", ["-", "all.ndjson", "all.ndjson.gz"])
def test_an_export_brings_all_profiles_and_events_into_another_catalog(
    filled: MatchcutClient, catalog: str, tmp_path: Path, name: str
) -> None:
    target = name if name == "-" else str(tmp_path / name)
    exported = matchcut("profile", "export", target)
    assert exported.code == 0
    assert exported.err == f"exported 3 profiles with 3 events of catalog '{catalog}'\n"
    other = f"{catalog}-copy"
    filled.create_catalog(other)
    outcome = matchcut("profile", "import", target, "--catalog", other, stdin=exported.out.encode())
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        "6 lines: 6 created, 0 updated, 0 unchanged, 0 rejected\n"
        "  not in the catalog yet: 1 video; their events count later\n"
    )
    assert content(filled, other) == content(filled, catalog)
    again = matchcut("profile", "import", target, "--catalog", other, "--json", stdin=exported.out.encode())
    assert again.json["unchanged"] == 6


def test_an_export_to_a_file_can_be_told_as_json(filled: MatchcutClient, catalog: str, tmp_path: Path) -> None:
    target = tmp_path / "all.ndjson"
    assert matchcut("profile", "export", str(target), "--json").json == {
        "catalog": catalog,
        "profiles": 3,
        "events": 3,
    }
    lines = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert [(line["profile"] or line["event"])["user_id"] for line in lines] == [
        "ada",
        "ada",
        "ada",
        "bob",
        "cleo",
        "cleo",
    ]
    assert filled.get_profile("ada").profile.event_count == 2


def test_lines_that_are_none_are_told(client: MatchcutClient, tmp_path: Path) -> None:
    path = tmp_path / "all.ndjson.gz"
    good = '{"matchcut_profiles": 1, "profile": {"user_id": "ada"}}'
    bad = ["{", "[]", '{"matchcut_profiles": 2}', '{"matchcut_profiles": 1}', "\udcff"]
    lines = [*bad, '{"matchcut_profiles": 1, "profile": {"user_id": ""}}', good]
    path.write_bytes(gzip.compress("\n".join(lines).encode(errors="surrogateescape")))
    outcome = matchcut("profile", "import", str(path))
    assert outcome.code == 1
    assert outcome.out == "7 lines: 1 created, 0 updated, 0 unchanged, 6 rejected\n"
    assert [f"{path}:{number}:" in outcome.err for number in range(1, 8)] == [True] * 6 + [False]
    assert "format 2, and 1 is known" in outcome.err
    assert "neither a profile nor an event" in outcome.err
    assert declared(client).user_id == "ada"


def test_of_lines_about_the_same_the_order_is_kept(client: MatchcutClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_files, "CHUNK", 1)
    lines = [
        f'{{"matchcut_profiles": 1, "profile": {{"user_id": "ada", "half_life_days": {number}}}}}'
        for number in range(20)
    ]
    assert matchcut("profile", "import", "-", stdin="\n".join(lines).encode()).code == 0
    assert declared(client).half_life_days == 19
