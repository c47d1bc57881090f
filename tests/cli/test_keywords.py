"""`matchcut keyword`: counts of keywords, and those that occur with another one."""

import re
from datetime import UTC, datetime

import pytest

from matchcut_client import Instance, Keyword, KeywordSet, MatchcutClient, Video
from tests.cli.command import matchcut


def lines_of(*words: str) -> list[str]:
    outcome = matchcut("keyword", *words)
    assert outcome.code == 0, outcome.err
    return [" ".join(line.split()) for line in outcome.out.splitlines()]


def shown(video_id: str, *texts: str, day: int | None = None, language: str = "en-US") -> Video:
    time = None if day is None else datetime(2024, 5, day, tzinfo=UTC)
    keywords = tuple(Keyword(text, 0.8, (Instance(0, 90),)) for text in texts)
    return Video(video_id, published_time=time, keyword_sets=(KeywordSet(language, keywords),))


@pytest.fixture
def archive(client: MatchcutClient) -> MatchcutClient:
    client.upsert_videos(
        [
            shown("a", "film", "Star", day=3),
            shown("b", "films", "star", day=1),
            shown("c", "film festival", "sea", language="en-GB"),
            shown("d", "sea"),
            shown("e", "moon"),
        ]
    )
    return client


def test_people_see_counts_of_each_keyword(archive: MatchcutClient) -> None:
    assert lines_of("stats", "film", "comet") == [
        "keyword videos instances on screen confidence idf published as",
        "film 3 3 4:30 0.80 1.41 2024-05-01 to 2024-05-03 film (2), film festival (1)",
        "comet 0 0 0:00 2.79",
        "",
        "of 5 videos",
        "comet does not occur",
    ]


def test_a_filter_and_an_exact_match_leave_out_others(archive: MatchcutClient) -> None:
    assert lines_of("stats", "film", "--exact")[1].split()[1] == "2"
    assert lines_of("stats", "film", "--language", "en-GB")[1].split()[1] == "1"
    assert lines_of("stats", "film", "--published-until", "2024-05-02")[1].split()[1] == "1"


def test_people_see_what_occurs_together(archive: MatchcutClient) -> None:
    lines = lines_of("related", "star", "--total")
    assert lines[0] == "keyword together videos lift significance"
    assert re.fullmatch(r"film 2 2 2\.5 \d\.\d\d", lines[1])
    assert lines[2:] == ["", "it occurs in 2 videos", "1 related keyword in all"]
    assert lines_of("related", "star", "--min-videos", "3") == ["no keyword is related to it; it occurs in 2 videos"]


def test_the_next_page_comes_by_the_option_as_it_is_printed(archive: MatchcutClient) -> None:
    archive.upsert_videos([shown("f", "film", "crab")])
    words = ("related", "film", "--min-videos", "1", "--page-size", "1", "--within", "10")
    first = lines_of(*words)
    option = first[-1].removeprefix("next page: ")
    assert option.startswith("--page-token=")
    second = lines_of(*words, option)
    assert [first[1].split()[0], second[1].split()[0]] == ["Star", "crab"]
    assert "next page" not in second[-1]


def test_programs_get_json(archive: MatchcutClient) -> None:
    [film] = matchcut("keyword", "stats", "film", "--json").json["stats"]
    assert (film["video_count"], film["on_screen_seconds"]) == (3, 270)
    [related] = matchcut("keyword", "related", "star", "--json").json["related_keywords"]
    assert (related["keyword"], related["together_video_count"]) == ("film", 2)


@pytest.mark.parametrize(
    "words, message",
    [
        (("stats",), "KEYWORD"),
        (("stats", "?!"), "no letter or digit"),
        (("related",), "KEYWORD"),
        (("related", "film", "--within", "-1"), "within_seconds"),
        (("related", "film", "--page-token", "x"), "page_token"),
        (("related", "film", "--min-videos", "-1"), "min_video_count"),
    ],
)
@pytest.mark.usefixtures("catalog")
def test_wrong_calls(words: tuple[str, ...], message: str) -> None:
    outcome = matchcut("keyword", *words)
    assert outcome.code == 2
    assert message in outcome.err
