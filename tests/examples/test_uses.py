"""The example catalog shows both uses: a website about England, and an archive searched for a company."""

import json
import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from matchcut_client import Explanation, MatchcutClient, Recommendation
from tests.cli.command import EXAMPLES, serving

PATHS = sorted(EXAMPLES.glob("*.json"))
DOCUMENTS: dict[str, Any] = {path.stem: json.loads(path.read_bytes()) for path in PATHS}
NAMES = {document["id"]: name for name, document in DOCUMENTS.items()}

ENGLISH_FESTIVALS = {
    "leeds-short-films",
    "london-festival-debuts",
    "london-film-festival-opening",
    "sheffield-documentaries",
}
OTHER_FESTIVALS = {"edinburgh-festival-weekend", "venice-lido"}
"""Festivals that are not in England, and have the keyword `film festival` too."""
ROLLS_ROYCE = {
    "rolls-royce-apprentices",
    "rolls-royce-derby-testbed",
    "rolls-royce-derby-testbed-copy",
    "rolls-royce-results",
    "rolls-royce-vintage-rally",
}
CONTOSO = {"contoso-earnings", "contoso-layoffs", "contoso-streik-leipzig", "microsoft-contoso-datacentre"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MatchcutClient]:
    """A client of a server that holds the example catalog."""
    with serving(tmp_path_factory.mktemp("data")) as address, MatchcutClient(address) as opened:
        assert not opened.import_video_indexes([path.read_bytes() for path in PATHS]).rejected
        yield opened


def recommended(client: MatchcutClient, *interests: str) -> list[str]:
    """Return all that match, by the names of their files, best first."""
    answer = client.recommend_videos(interests, page_size=1000)
    return [NAMES[one.video_id] for one in answer.recommendations]


def explained(client: MatchcutClient, interest: str) -> dict[str, Recommendation]:
    answer = client.recommend_videos([interest], page_size=1000, explain=True, include_metadata=True)
    return {NAMES[one.video_id]: one for one in answer.recommendations}


def why(recommendation: Recommendation) -> Explanation:
    assert recommendation.explanation is not None
    return recommendation.explanation


def seconds(time: str) -> float:
    hours, minutes, rest = time.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes), seconds=float(rest)).total_seconds()


def on_screen(document: Any, text: str) -> float:
    """Return how long a keyword is on screen: hundredths of seconds, counted one by one."""
    (keyword,) = (one for one in document["videos"][0]["insights"]["keywords"] if one["text"] == text)
    spans = [(seconds(one["start"]), seconds(one["end"])) for one in keyword["instances"]]
    return len({tick for start, end in spans for tick in range(round(start * 100), round(end * 100))}) / 100


# --- a website about England ------------------------------------------------------------------------------------------


def test_a_visitor_who_likes_england_and_film_festivals_sees_english_film_festivals_first(
    client: MatchcutClient,
) -> None:
    found = recommended(client, "england", "film festival")
    assert set(found[:4]) == ENGLISH_FESTIVALS
    assert min(map(found.index, OTHER_FESTIVALS)) < found.index("hadrians-wall")


def test_film_festivals_alone_bring_those_of_other_countries_too(client: MatchcutClient) -> None:
    found = recommended(client, "film festival")
    assert set(found) >= ENGLISH_FESTIVALS | OTHER_FESTIVALS
    assert "hadrians-wall" not in found


def test_england_alone_brings_all_that_has_england_in_it_and_nothing_else(client: MatchcutClient) -> None:
    texts = {
        name: [one["text"] for video in document["videos"] for one in video["insights"].get("keywords", [])]
        for name, document in DOCUMENTS.items()
    }
    expected = {name for name, some in texts.items() if any("england" in text.lower().split() for text in some)}
    assert set(recommended(client, "england")) == expected


def test_what_is_pushed_away_comes_later(client: MatchcutClient) -> None:
    plain = client.recommend_videos({"england": 1}, page_size=1000).recommendations
    pushed = client.recommend_videos({"england": 1, "football": -0.5}, page_size=1000).recommendations
    before, after = ([NAMES[one.video_id] for one in some] for some in (plain, pushed))
    assert "wembley-cup-final" in before
    assert "wembley-cup-final" not in after
    assert set(after) < set(before)


def test_a_film_cut_from_others_is_shown_with_its_own_times(client: MatchcutClient) -> None:
    reel = explained(client, "england")["england-on-film-reel"]
    spans = [span for matched in why(reel).matched_keywords for span in matched.spans]
    assert spans
    assert max(span.end_seconds for span in spans) <= 300
    instances = client.get_video(reel.video_id).video.keyword_sets[0].keywords[0].instances
    sources = {video["id"] for video in DOCUMENTS["england-on-film-reel"]["videos"]}
    assert {instance.source_video_id for instance in instances} <= sources


# --- an archive that is searched for a company ------------------------------------------------------------------------


def test_a_company_brings_the_videos_about_it_first_and_one_that_mentions_it_last(client: MatchcutClient) -> None:
    """After them comes what shares a word with it: a rolling pin, because words are compared by their stems."""
    found = recommended(client, "rolls-royce")
    assert set(found[:5]) == ROLLS_ROYCE
    assert found[5:] == ["market-close", "cornish-pasty"]


def test_a_company_is_found_in_other_languages_and_in_passing(client: MatchcutClient) -> None:
    found = recommended(client, "contoso")
    assert set(found[:4]) == CONTOSO
    assert found[4:] == ["cloud-costs"]


def test_how_a_company_is_written_does_not_matter(client: MatchcutClient) -> None:
    expected = recommended(client, "rolls-royce")
    assert recommended(client, "Rolls-Royce") == expected
    assert recommended(client, "ROLLS-ROYCE ") == expected


def test_the_reason_is_what_the_documents_hold(client: MatchcutClient) -> None:
    """Six of 77 keyword sets have the company; how long it is on screen is counted from the documents themselves."""
    found = explained(client, "rolls-royce")
    for name in (*ROLLS_ROYCE, "market-close"):
        recommendation = found[name]
        (matched,) = why(recommendation).matched_keywords
        assert matched.keyword.lower() == "rolls-royce"
        assert matched.idf == pytest.approx(math.log(78 / 7) + 1)
        assert matched.share == pytest.approx(recommendation.score, abs=1e-6)
        assert matched.on_screen_seconds == pytest.approx(on_screen(DOCUMENTS[name], matched.keyword))
        assert sum(span.end_seconds - span.start_seconds for span in matched.spans) == pytest.approx(
            matched.on_screen_seconds
        )
        assert recommendation.video is not None
        assert recommendation.video.title == DOCUMENTS[name]["name"]


# --- what real documents have too -------------------------------------------------------------------------------------


def test_a_video_in_which_nothing_is_said_is_there_and_never_matches(client: MatchcutClient) -> None:
    tide = DOCUMENTS["holkham-tide"]["id"]
    assert [keyword_set.keywords for keyword_set in client.get_video(tide).video.keyword_sets] in ([], [()])
    words = DOCUMENTS["holkham-tide"]["name"].split()
    assert "holkham-tide" not in recommended(client, *words)


def test_words_without_spaces_and_from_right_to_left_are_found(client: MatchcutClient) -> None:
    for name in ("anime-studio-tokyo", "tel-aviv-festival"):
        keyword = DOCUMENTS[name]["videos"][0]["insights"]["keywords"][0]["text"]
        assert not keyword.isascii()
        assert recommended(client, keyword)[0] == name


def test_importing_the_catalog_again_changes_nothing(client: MatchcutClient) -> None:
    revision = client.get_catalog().index_revision
    results = client.import_video_indexes([path.read_bytes() for path in PATHS]).results
    assert {result.status.name for result in results} == {"UNCHANGED"}
    assert client.get_catalog().index_revision == revision


def test_the_number_of_videos_that_the_pages_name_is_right() -> None:
    root = Path(__file__).parents[2]
    for page in ("README.md", "examples/README.md", "examples/demo.py"):
        assert f"{len(DOCUMENTS)} " in (root / page).read_text(encoding="utf-8")
