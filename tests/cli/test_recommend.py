"""`matchcut recommend`: what is asked, and what is shown."""

import re
from datetime import UTC, datetime

import pytest

from matchcut_client import Instance, Interest, Keyword, KeywordSet, MatchcutClient, Video, VideoMetadata
from matchcut_server.cli.weights import parse_interest
from tests.cli.command import Outcome, document, matchcut


def recommended(*words: str) -> list[str]:
    outcome = matchcut("recommend", "--json", *words)
    assert outcome.code == 0, outcome.err
    return [one["video_id"] for one in outcome.json["recommendations"]]


def fill(client: MatchcutClient, *documents: bytes) -> None:
    assert not client.import_video_indexes(documents).rejected


def token_of(outcome: Outcome) -> str | None:
    """Return the option for the next page as it is printed."""
    found = re.search(r"^next page: (--page-token=\S+)$", outcome.out, re.MULTILINE)
    return found and found[1]


# --- what is asked ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, interest",
    [
        ("england", Interest("england")),
        ("film festival=2", Interest("film festival", 2)),
        (" film festival = -0.5 ", Interest("film festival", -0.5)),
        ("england=1e-3", Interest("england", 0.001)),
        ("e=mc2", Interest("e=mc2")),
        ("e=mc2=3", Interest("e=mc2", 3)),
        ("1+1=2", Interest("1+1", 2)),
        ("a=", Interest("a=")),
        ("=", Interest("=")),
    ],
)
def test_an_interest_is_a_keyword_and_a_weight_where_one_follows(text: str, interest: Interest) -> None:
    assert parse_interest(text) == interest


def test_weights_decide_the_order_and_negative_ones_push_away(client: MatchcutClient) -> None:
    fill(client, document("both", "sea", "moon"), document("moon", "moon"), document("sea", "sea"))
    assert recommended("--interest", "sea=3", "--interest", "moon") == ["sea", "both", "moon"]
    assert recommended("--interest", "sea", "--interest", "moon=3") == ["moon", "both", "sea"]
    assert recommended("--interest", "sea", "--interest", "moon=-0.5") == ["sea", "both"]


def test_filters_leave_out_what_does_not_fulfil_all_of_them(client: MatchcutClient) -> None:
    fill(client, *(document(one, "sea") for one in ("v1", "v2", "v3")), document("v4", "sea", language="de-DE"))
    client.update_video_metadata(
        [
            VideoMetadata("v1", attributes={"genre": ("drama", "history"), "country": ("uk",)}),
            VideoMetadata("v2", attributes={"genre": ("drama",), "country": ("fr",)}),
        ]
    )
    sea = ("--interest", "sea")
    assert recommended(*sea) == ["v1", "v2", "v3", "v4"]
    assert recommended(*sea, "--language", "en") == ["v1", "v2", "v3"]
    assert recommended(*sea, "--language", "de-DE") == ["v4"]
    assert recommended(*sea, "--attribute", "genre=drama") == ["v1", "v2"]
    assert recommended(*sea, "--attribute", "genre=drama", "--attribute", "country=uk") == ["v1"]
    assert recommended(*sea, "--exclude-id", "v1", "--exclude-id", "v3") == ["v2", "v4"]
    assert recommended(*sea, "--page-size", "2") == ["v1", "v2"]
    assert recommended(*sea, "--interest", "moon", "--min-score", "0.9") == []


def test_videos_before_and_after_their_time_are_not_recommended(client: MatchcutClient) -> None:
    keywords = (KeywordSet("en-US", (Keyword("sea"),)),)
    past, future = datetime(2001, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
    client.upsert_videos(
        [
            Video("early", published_time=future, keyword_sets=keywords),
            Video("late", expire_time=past, keyword_sets=keywords),
            Video("now", published_time=past, expire_time=future, keyword_sets=keywords),
        ]
    )
    assert recommended("--interest", "sea") == ["now"]


@pytest.mark.usefixtures("examples")
def test_pages_follow_each_other_without_repeats_and_make_up_the_whole() -> None:
    interests = ("--interest", "england", "--interest", "film festival=2", "--interest", "football=-1")
    whole = recommended(*interests, "--page-size", "1000")
    assert len(whole) > 20
    found: list[str] = []
    token: list[str] = []
    while len(found) < len(whole):
        answer = matchcut("recommend", "--json", *interests, "--page-size", "7", *token).json
        found += [one["video_id"] for one in answer["recommendations"]]
        token = [f"--page-token={answer['next_page_token']}"]
    assert found == whole
    assert token == ["--page-token="]


@pytest.mark.usefixtures("examples")
def test_the_next_page_comes_by_the_option_as_it_is_printed() -> None:
    """Also where the token begins with a dash, which is one in 64: each page has another one."""
    interests = ("--interest", "film", "--interest", "england")
    whole = recommended(*interests, "--page-size", "1000")
    scores, option, pages = 0, "--page-token=", 0
    while option:
        outcome = matchcut("recommend", *interests, "--page-size", "2", option)
        assert outcome.code == 0, outcome.err
        scores += len(re.findall(r"^\d\.\d{3} ", outcome.out, re.MULTILINE))
        option, pages = token_of(outcome) or "", pages + 1
    assert scores == len(whole)
    assert pages == (len(whole) + 1) // 2


@pytest.mark.usefixtures("examples")
def test_a_token_of_other_interests_is_a_wrong_call() -> None:
    token = token_of(matchcut("recommend", "--interest", "film", "--page-size", "1"))
    assert token
    outcome = matchcut("recommend", "--interest", "england", "--page-size", "1", token)
    assert outcome.code == 2
    assert "page_token" in outcome.err


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_people_see_score_video_when_and_why(client: MatchcutClient) -> None:
    sea = Keyword("Sea", 0.9, (Instance(30, 60), Instance(45, 70)))
    moon = Keyword("moon", 0.9, (Instance(200, 210),))
    sun = Keyword("sun", 0.9, (Instance(0, 240),))
    client.upsert_videos(
        [Video("v1", title="The sea", duration_seconds=240, keyword_sets=(KeywordSet("en-US", (sea, moon, sun)),))]
    )
    outcome = matchcut("recommend", "--interest", "sea=4", "--interest", "moon", "--interest", "sun=-0.5")
    lines = [line.rstrip() for line in outcome.out.splitlines()]
    explained = client.recommend_videos({"sea": 4, "moon": 1, "sun": -0.5}, explain=True).recommendations[0]
    assert explained.explanation is not None
    shares = {one.keyword: one.share / explained.score for one in explained.explanation.matched_keywords}
    assert lines[0].split() == ["score", "video", "when", "why"]
    # A cell is 10 s; when the sun shines is not shown, because it does not attract.
    why = ", ".join(f"{keyword} {share:+.0%}" for keyword, share in shares.items())
    assert lines[1] == f"{explained.score:.3f}  The sea  ···████·············█···  {why}"
    assert lines[2].split() == ["v1", "from", "0:30", "of", "4:00"]
    assert shares["sun"] < 0
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    assert len(lines) == 3


def test_watched_videos_are_named_where_they_speak_for_a_match_and_not_where_they_speak_against(
    client: MatchcutClient,
) -> None:
    fill(client, document("liked", "sea", "moon"), document("hidden", "sea", "fog"), document("v1", "sea", "moon"))
    for video_id, kind in (("liked", "like"), ("hidden", "hide")):
        assert matchcut("event", "record", "--user", "ada", "--video", video_id, "--kind", kind).code == 0
    sources = client.recommend_videos(user_id="ada", explain=True).recommendations[0].explanation
    assert sources is not None
    assert {one.video_id: one.share > 0 for one in sources.profile_sources} == {"liked": True, "hidden": False}
    shown = matchcut("recommend", "--user", "ada").out
    assert "after liked" in shown
    assert "hidden" not in shown


def test_a_video_without_title_and_times_is_shown_by_its_id(client: MatchcutClient) -> None:
    client.upsert_videos([Video("v1", keyword_sets=(KeywordSet("en-US", (Keyword("sea"),)),))])
    assert matchcut("recommend", "--interest", "sea").out.splitlines()[1].split() == ["1.000", "v1", "sea", "+100%"]


def test_more_than_three_reasons_are_counted(client: MatchcutClient) -> None:
    words = ["one", "two", "three", "four", "five"]
    fill(client, document("v1", *words))
    outcome = matchcut("recommend", *(word for one in words for word in ("--interest", one)))
    assert "and 2 more" in outcome.out


def test_excluded_ids_that_are_not_there_are_told(client: MatchcutClient) -> None:
    fill(client, document("v1", "sea"))
    outcome = matchcut("recommend", "--interest", "sea", "--exclude-id", "v7", "--exclude-id", "[v8]")
    assert "not in the catalog: v7, [v8]\n" in outcome.out


@pytest.mark.usefixtures("examples")
def test_interests_that_match_nothing_are_answered_in_words_and_in_json() -> None:
    outcome = matchcut("recommend", "--interest", "zeppelin")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("nothing matches; ")
    assert matchcut("recommend", "--interest", "zeppelin", "--json").json["recommendations"] == []
