"""`matchcut trend`: what is asked, and the chart."""

from datetime import UTC, datetime

import pytest

from matchcut_client import Instance, Keyword, KeywordSet, MatchcutClient, Video
from tests.cli.command import matchcut

FILM = Keyword("film", 0.8, (Instance(0, 30), Instance(60, 90)))


def published(video_id: str, text: str | None, *keywords: Keyword, **more: tuple[str, ...]) -> Video:
    time = None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
    return Video(video_id, published_time=time, attributes=more, keyword_sets=(KeywordSet("en-US", keywords),))


def chart(*words: str) -> list[str]:
    outcome = matchcut("trend", *words)
    assert outcome.code == 0, outcome.err
    return [line.rstrip() for line in outcome.out.splitlines()]


@pytest.fixture
def archive(client: MatchcutClient) -> MatchcutClient:
    sea = Keyword("sea", 0.8, (Instance(0, 5),))
    client.upsert_videos(
        [
            published("a", "2024-01-10", FILM, genre=("drama",)),
            published("b", "2024-01-31T23:30", FILM),
            published("c", "2024-03-05", FILM, sea),
            published("d", "2024-03-06", sea),
            published("e", None, FILM),
        ]
    )
    return client


def test_each_interval_has_a_bar_counts_and_time(archive: MatchcutClient) -> None:
    assert [" ".join(line.split()) for line in chart("film", "sea")] == [
        "film: 3 videos, 3:00 on screen, 1 more without a published time",
        "from videos instances on screen",
        f"2024-01 {'█' * 32} 2 of 2 4 2:00",
        "2024-02 0 of 0 0 0:00",
        f"2024-03 {'█' * 16} 1 of 2 2 1:00",
        "",
        "sea: 2 videos, 0:10 on screen",
        "from videos instances on screen",
        "2024-01 0 of 2 0 0:00",
        "2024-02 0 of 0 0 0:00",
        f"2024-03 {'█' * 32} 2 of 2 2 0:10",
    ]


def test_days_begin_in_the_time_zone_that_is_asked_for(archive: MatchcutClient) -> None:
    january = ("--from", "2024-01-31", "--to", "2024-02-03", "--interval", "day")
    assert [line.split()[0] for line in chart("film", *january)[2:]] == ["2024-01-31", "2024-02-01", "2024-02-02"]
    assert [line.split()[-4] for line in chart("film", *january)[2:]] == ["of"] * 3
    lines = chart("film", "--time-zone", "Europe/Paris", *january)[2:]
    assert [line.split()[0] for line in lines] == ["2024-01-31", "2024-02-01", "2024-02-02", "2024-02-03"]
    assert ["█" in line for line in lines] == [False, True, False, False]


def test_weeks_are_named_by_their_mondays(archive: MatchcutClient) -> None:
    assert [line.split()[0] for line in chart("sea", "--interval", "week")[2:]][:2] == ["2024-01-08", "2024-01-15"]


def test_filters_leave_out_what_is_not_counted(archive: MatchcutClient) -> None:
    lines = chart("films", "--attribute", "genre=drama")
    assert lines[0] == "films: 1 video, 1:00 on screen"
    assert len(lines) == 3
    assert chart("film", "--published-from", "2024-03-01")[0] == "film: 1 video, 1:00 on screen"
    assert chart("film star", "--exact")[0] == "film star: 0 videos, 0:00 on screen"


def test_where_nothing_was_published_there_is_no_chart(client: MatchcutClient) -> None:
    client.upsert_videos([published("e", None, FILM)])
    assert chart("film") == [
        "film: 0 videos, 0:00 on screen, 1 more without a published time",
        "no video was published in that time",
    ]


def test_programs_get_json(archive: MatchcutClient) -> None:
    answer = matchcut("trend", "film", "--json").json
    assert [one["video_count"] for one in answer["trends"][0]["points"]] == [2, 0, 1]
    assert answer["intervals"][0]["start_time"].startswith("2024-01-01T00:00:00")


@pytest.mark.parametrize(
    "words, message",
    [
        ((), "KEYWORD"),
        (("film", "--interval", "year"), "year"),
        (("film", "--time-zone", "Mars"), "is no time zone"),
        (("film", "--from", "soon"), "--from soon: write a date"),
        (("film", "--from", "2024-02-01", "--to", "2024-01-01"), "is empty"),
        (("film", "--from", "1800-01-01", "--to", "2024-01-01", "--interval", "day"), "more than 50000 intervals"),
        (("film", "--attribute", "genre"), "write NAME=VALUE"),
    ],
)
@pytest.mark.usefixtures("catalog")
def test_wrong_calls(words: tuple[str, ...], message: str) -> None:
    outcome = matchcut("trend", *words)
    assert outcome.code == 2
    assert message in outcome.err
