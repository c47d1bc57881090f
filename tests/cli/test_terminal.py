"""What reaches a terminal: nothing that it would obey, nothing wider than it, nothing that it cannot show."""

import os
import re
from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from matchcut.v1 import catalog_service_pb2, recommendation_service_pb2, types_pb2, video_service_pb2
from matchcut_client import MatchcutClient
from tests.cli.command import document, matchcut, on_terminal, process, shown
from tests.client.fake_server import FakeServer

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e[/bold] [red]:smile:\r\n"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def hostile_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """A server that answers what no honest one would."""
    keyword = types_pb2.Keyword(text=HOSTILE, confidence=1)
    video = types_pb2.Video(
        video_id=HOSTILE,
        title=HOSTILE,
        attributes={HOSTILE: types_pb2.AttributeValues(values=[HOSTILE])},
        keyword_sets=[types_pb2.KeywordSet(language="en-US", keywords=[keyword])],
    )
    matched = recommendation_service_pb2.MatchedKeyword(keyword=HOSTILE, share=0.5)
    recommendation = recommendation_service_pb2.Recommendation(
        video_id=HOSTILE,
        score=0.5,
        video=video,
        explanation=recommendation_service_pb2.Explanation(matched_keywords=[matched]),
    )
    catalog = catalog_service_pb2.Catalog(
        name="news",
        settings=catalog_service_pb2.CatalogSettings(
            ignored_keywords=[HOSTILE],
            keyword_aliases=[catalog_service_pb2.KeywordAlias(keyword=HOSTILE, canonical=HOSTILE)],
        ),
    )
    result = types_pb2.WriteResult(
        id=HOSTILE,
        status=types_pb2.WRITE_STATUS_REJECTED,
        field_errors=[types_pb2.FieldError(field=HOSTILE, message=HOSTILE)],
    )
    server = FakeServer()
    server.answers = {
        "GetVideo": lambda *_: video_service_pb2.GetVideoResponse(video=video),
        "RecommendVideos": lambda *_: recommendation_service_pb2.RecommendVideosResponse(
            recommendations=[recommendation], missing_ids=[HOSTILE]
        ),
        "GetCatalog": lambda *_: catalog_service_pb2.GetCatalogResponse(catalog=catalog),
        "DeleteVideos": lambda *_: video_service_pb2.DeleteVideosResponse(results=[result]),
        "ImportVideoIndexes": lambda *_: video_service_pb2.ImportVideoIndexesResponse(results=[result]),
    }
    server.start()
    monkeypatch.setenv("MATCHCUT_SERVER", server.target)
    yield server
    server.stop()


@pytest.mark.usefixtures("hostile_server")
@pytest.mark.parametrize(
    "words",
    [
        ["show", "v1"],
        ["recommend", "--interest", "sea"],
        ["catalog", "show", "news"],
        ["delete", "v1"],
        ["import", "-"],
    ],
    ids=" ".join,
)
def test_nothing_of_a_hostile_answer_is_obeyed(words: list[str]) -> None:
    outcome = matchcut(*words, stdin=b"{}")
    assert outcome.code in {0, 1}
    printed = outcome.out + outcome.err
    assert OBEYED.findall(printed) == []
    # It is shown whole, though: neither as markup nor as an emoji.
    assert r"\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e[/bold] [red]:smile:\u000d\u000a" in re.sub(
        r"\s*\n\s*", "", printed
    )


def test_what_documents_and_arguments_hold_is_not_obeyed_either(client: MatchcutClient) -> None:
    """A title is cleaned on its way in, anything else with control characters is refused and quoted."""
    content = document("v1", "sea", name="T\x1b[31mitle"), document("v2", "se\x1b[31ma"), document("v\x1b[31m3")
    imported = matchcut("import", "-", stdin=b"\n".join(content))
    assert imported.out.startswith("3 documents: 1 created, 0 updated, 0 unchanged, 2 rejected\n")
    assert "se\\u001b[31ma" in imported.err
    others = [["show", "v1"], ["show", "v\x1b[31m1"], ["delete", "v\x1b[31m1"], ["recommend", "--interest", "sea"]]
    for outcome in (imported, *(matchcut(*words) for words in others)):
        assert OBEYED.findall(outcome.out + outcome.err) == []


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("columns", [20, 60, 200])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    """But for the token of the next page, which has to stay in one piece."""
    outcome = on_terminal(
        "recommend", "--interest", "film festival", "--interest", "日本", "--page-size", "4", columns=columns
    )
    assert outcome.code == 0
    lines = COLOURS.sub("", outcome.out).split("\r\n")
    assert max(cell_len(line) for line in lines if not line.startswith("next page: ")) <= columns


@pytest.mark.usefixtures("examples")
def test_sixty_columns_are_enough_for_every_word() -> None:
    outcome = on_terminal("recommend", "--interest", "film festival", "--page-size", "2", columns=60)
    shown_words = COLOURS.sub("", outcome.out).split()
    answer = matchcut("recommend", "--interest", "film festival", "--page-size", "2", "--json").json
    for recommendation in answer["recommendations"]:
        assert set(recommendation["video"]["title"].split()) <= set(shown_words)
        assert recommendation["video_id"] in shown_words
    assert "…" not in outcome.out


@pytest.mark.usefixtures("examples")
def test_output_that_is_not_watched_has_no_colours_and_a_width_of_its_own() -> None:
    words = ("recommend", "--interest", "film festival", "--page-size", "3")
    outcome = process(*words, environment={"COLUMNS": "30"})
    assert "\x1b" not in outcome.out
    assert re.search(r"[·▁▂▃▄▅▆▇█]{24}", outcome.out)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_an_encoding_that_lacks_characters_is_no_error(client: MatchcutClient, encoding: str) -> None:
    client.import_video_indexes([document("v1", shown("Meer – 海"), name="Küste – 日本")])
    environment = {"PYTHONIOENCODING": encoding}
    for words in (["show", "v1"], ["recommend", "--interest", "海"]):
        outcome = process(*words, environment=environment)
        assert (outcome.code, outcome.err) == (0, "")
        assert "ste ? ??" in outcome.out
    assert process("show", "v1", "--json", environment=environment).json["title"] == "Küste – 日本"


@pytest.mark.usefixtures("catalog")
def test_a_rejected_document_is_named_in_any_encoding(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("Küste") / "海.json"
    path.write_bytes(b"")
    outcome = process("import", os.fspath(path), environment={"PYTHONIOENCODING": "ascii"})
    assert outcome.code == 1
    assert "\\u6d77.json: the document is empty" in outcome.err
