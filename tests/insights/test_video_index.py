"""Documents of every shape, read."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from matchcut_server.insights.model import Instance, Keyword
from matchcut_server.insights.report import AdjustmentKind, Report
from matchcut_server.vectors.keyword_vector import on_screen_seconds
from tests.documents import SYNTHETIC, document, encode, keyword_json, read

FILM = keyword_json("film", ("0:00:01", "0:00:02.5"))
READ_FILM = Keyword("film", 0.5, (Instance(1.0, 2.5),))


def kinds(report: Report) -> dict[AdjustmentKind, int]:
    return {adjustment.kind: adjustment.count for adjustment in report.adjustments}


@pytest.mark.parametrize(
    "content",
    [
        document(FILM),
        {"videos": [{"insights": {"keywords": [FILM]}}]},
        {"insights": {"keywords": [FILM]}},
        {"keywords": [FILM]},
        [FILM],
        b'"keywords": ' + encode([FILM])[:-1],
        b'"keywords": ' + encode([FILM]) + b",",
        b'"insights": ' + encode({"keywords": [FILM]}),
        b"\xef\xbb\xbf" + encode(document(FILM)),
        b"\n\t " + encode({"keywords": [FILM]}) + b"\r\n",
        {"unknown": [{"deep": [1]}], "keywords": [{**FILM, "another": {"new": "field"}, "id": 2**70}]},
        {"keywords": [dict(reversed(FILM.items()))]},
        document(FILM, state="processed", created=None, name=None, isBase=True, videosRanges=None),
    ],
)
def test_every_shape_holds_the_same_keywords(content: object) -> None:
    (keyword_set,) = read(content).keyword_sets

    assert keyword_set.keywords == (READ_FILM,)
    assert keyword_set.language == "en-US"
    assert not keyword_set.summarized


def test_a_document_brings_its_metadata() -> None:
    index = read(document(FILM, created="2022-01-26T00:26:02.5490974+00:00"))

    assert (index.video_id, index.name, index.duration) == ("v1", "a title", 100.0)
    assert index.created == datetime(2022, 1, 26, 0, 26, 2, 549_097, UTC).timestamp()


def test_a_part_of_a_document_brings_no_metadata() -> None:
    index = read({"keywords": [FILM]})

    assert (index.video_id, index.name, index.duration, index.created) == ("", "", None, None)


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2018-06-01T12:00:00+00:00", datetime(2018, 6, 1, 12, tzinfo=UTC)),
        ("2018-06-01T12:00:00Z", datetime(2018, 6, 1, 12, tzinfo=UTC)),
        ("2018-06-01T12:00:00", datetime(2018, 6, 1, 12, tzinfo=UTC)),
        ("2018-06-01T12:00:00.5+02:00", datetime(2018, 6, 1, 12, 0, 0, 500_000, timezone(timedelta(hours=2)))),
        ("2018-06-01T12:00:00.1234567Z", datetime(2018, 6, 1, 12, 0, 0, 123_456, UTC)),
        ("0001-01-01T00:00:00+00:00", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_every_form_of_the_time_of_creation_is_read(text: str, moment: datetime) -> None:
    assert read(document(FILM, created=text)).created == moment.timestamp()


def test_the_shape_of_2018_is_read() -> None:
    index = read((SYNTHETIC / "shape-2018.json").read_bytes())

    (keyword_set,) = index.keyword_sets
    assert keyword_set.language == "en-US"
    assert keyword_set.keywords == (Keyword("steam engine", 1.0, (Instance(7.24, 9.24),)),)
    assert index.duration == 61.9


def test_the_shape_of_2019_is_read_in_the_language_it_is_shown_in() -> None:
    index = read((SYNTHETIC / "shape-2019.json").read_bytes())

    (keyword_set,) = index.keyword_sets
    assert keyword_set.language == "fr-FR"
    assert keyword_set.keywords == (Keyword("Machine à vapeur", 0.9975, (Instance(7.24, 9.24),)),)


def test_the_shape_of_2024_is_read() -> None:
    index = read((SYNTHETIC / "shape-2024.json").read_bytes())

    (keyword_set,) = index.keyword_sets
    assert keyword_set.keywords == (Keyword("steam engine", 0.9999, (Instance(7.24, 9.24),)),)
    assert index.duration == 61.9


def test_nulls_are_the_same_as_nothing() -> None:
    report = Report()

    index = read((SYNTHETIC / "nulls.json").read_bytes(), report)

    (keyword_set,) = index.keyword_sets
    assert keyword_set.keywords == (Keyword("synthetic: everything else is null", None, ()),)
    assert (index.video_id, index.name, index.created, index.duration) == ("nu11s00000", "", None, None)
    assert kinds(report) == {AdjustmentKind.DEFAULTED_CONFIDENCE: 1, AdjustmentKind.DEFAULTED_DURATION: 1}


@pytest.mark.parametrize("insights", [{}, {"keywords": None}, {"keywords": []}, {"ocr": []}])
def test_a_video_without_keywords_is_a_video(insights: dict[str, Any]) -> None:
    index = read({"id": "v1", "videos": [{"id": "v1", "insights": {"language": "he-IL", **insights}}]})

    (keyword_set,) = index.keyword_sets
    assert (keyword_set.language, keyword_set.keywords) == ("he-IL", ())


# --- times ----------------------------------------------------------------------------------------------------------


def test_instances_of_every_kind_count_what_they_cover() -> None:
    report = Report()

    index = read((SYNTHETIC / "messy-times.json").read_bytes(), report)

    (keyword_set,) = index.keyword_sets
    assert dict(zip(keyword_set.texts, on_screen_seconds(keyword_set, 100.5).tolist(), strict=True)) == {
        "plain": 2.0,
        "overlapping": 7.0,
        "unordered": 3.0,
        "repeated": 2.5,
        "inside": 10.0,
        "touching": 2.0,
        "reversed": 4.0,
        "without length": 1.0,
        "before the start": 2.0,
        "beyond the end": 0.5,
        "all beyond": 0.0,
        "none": 0.0,
    }
    assert kinds(report) == {
        AdjustmentKind.DROPPED_INSTANCE: 3,
        AdjustmentKind.CLIPPED_INSTANCE: 2,
        AdjustmentKind.DEFAULTED_DURATION: 2,
    }


def test_the_original_times_count_in_a_plain_video() -> None:
    instance = {"start": "0:00:01", "end": "0:00:02", "adjustedStart": "0:00:05", "adjustedEnd": "0:00:09"}

    (keyword_set,) = read(document({"text": "film", "instances": [instance]})).keyword_sets

    assert keyword_set.keywords[0].instances == (Instance(1.0, 2.0),)


def test_adjusted_times_are_taken_where_they_are_alone() -> None:
    instance = {"adjustedStart": "0:00:05", "adjustedEnd": "0:00:09"}

    (keyword_set,) = read(document({"text": "film", "instances": [instance]})).keyword_sets

    assert keyword_set.keywords[0].instances == (Instance(5.0, 9.0),)


@pytest.mark.parametrize(
    "fields, duration",
    [
        ({"videos": [{"insights": {"duration": "0:00:12.651"}}], "durationInSeconds": 12}, 12.651),
        ({"videos": [{"insights": {}}], "duration": "0:00:12.651", "durationInSeconds": 12}, 12.651),
        (
            {
                "videos": [{"insights": {}}],
                "videosRanges": [{"videoId": "v1", "range": {"start": "0:00:00", "end": "0:00:12.651"}}],
            },
            12.651,
        ),
        ({"videos": [{"insights": {"duration": "0:00:12.5"}}], "duration": "0:00:13"}, 12.5),
        ({"videos": [{"insights": {"duration": "0:00:00"}}], "duration": "0:00:12.651"}, 12.651),
        ({"videos": [{"insights": {}}], "durationInSeconds": 12}, None),
        ({"videos": [{"insights": {"duration": "0:00:00"}}]}, None),
        ({"videos": [{"insights": {}}], "videosRanges": []}, None),
        ({"videos": [{"insights": {}}], "videosRanges": [{"range": None}]}, None),
    ],
)
def test_only_an_exact_duration_is_taken(fields: dict[str, Any], duration: float | None) -> None:
    assert read(fields).duration == duration


def test_nothing_is_lost_to_the_fraction_that_whole_seconds_lack() -> None:
    long_word = keyword_json("film", ("0:00:11", "0:00:12.651"))
    insights = {"keywords": [long_word]}

    (keyword_set,) = read({"durationInSeconds": 12, "videos": [{"insights": insights}]}).keyword_sets

    assert keyword_set.keywords[0].instances == (Instance(11.0, 12.651),)


def test_a_duration_of_zero_clips_nothing() -> None:
    insights = {"duration": "0:00:00", "keywords": [FILM]}

    (keyword_set,) = read({"durationInSeconds": 0, "videos": [{"insights": insights}]}).keyword_sets

    assert keyword_set.keywords == (READ_FILM,)


# --- projects -------------------------------------------------------------------------------------------------------


def test_a_project_is_one_video_in_its_own_time_that_remembers_where_it_comes_from() -> None:
    report = Report()

    index = read((SYNTHETIC / "project.json").read_bytes(), report)

    (keyword_set,) = index.keyword_sets
    assert (index.video_id, index.duration) == ("project1", 45.5)
    assert keyword_set.keywords == (
        Keyword(
            "harbour",
            0.9,
            (Instance(2.0, 7.0, "aaaa000001", 602.0, 607.0), Instance(14.0, 20.0, "bbbb000002", 59.0, 65.0)),
        ),
        Keyword("fishing boat", 0.7, (Instance(10.0, 15.0, "aaaa000001", 610.0, 615.0),)),
        Keyword("lighthouse", 0.8, (Instance(40.0, 45.5, "cccc000003", 10.0, 15.5),)),
    )
    assert kinds(report) == {AdjustmentKind.MERGED_KEYWORD: 1, AdjustmentKind.CLIPPED_INSTANCE: 1}


@pytest.mark.parametrize("sign", [{"isBase": False}, {"id": "another"}])
def test_a_project_of_one_video_is_a_project(sign: dict[str, Any]) -> None:
    instance = {"start": "0:10:01", "end": "0:10:02", "adjustedStart": "0:00:01", "adjustedEnd": "0:00:02"}
    content = document({"text": "film", "instances": [instance]}, **sign)
    content["videosRanges"] = [{"videoId": "v1", "range": {"start": "0:10:00", "end": "0:10:15"}}]

    index = read(content)

    assert index.keyword_sets[0].keywords[0].instances == (Instance(1.0, 2.0, "v1", 601.0, 602.0),)
    assert index.duration == 15.0


def test_the_root_tells_the_duration_of_a_project() -> None:
    content = document(FILM, isBase=False, duration="0:00:15.25")

    assert read(content).duration == 15.25


# --- languages ------------------------------------------------------------------------------------------------------


def test_keywords_are_grouped_by_their_own_language() -> None:
    index = read((SYNTHETIC / "several-languages.json").read_bytes())

    assert {one.language: [keyword.text for keyword in one.keywords] for one in index.keyword_sets} == {
        "en-US": ["film festival", "director"],
        "es-ES": ["película"],
    }
    assert [one.language for one in index.keyword_sets] == ["en-US", "es-ES"]
    assert index.duration == 60.75


@pytest.mark.parametrize(
    "insights, video, expected",
    [
        ({"language": "pt-BR"}, {"language": "en-US"}, "pt-BR"),
        ({}, {"language": "pt-br"}, "pt-BR"),
        ({}, {}, "de-DE"),
        ({"language": ""}, {"language": ""}, "de-DE"),
        ({"language": "En-US"}, {}, "en-US"),
    ],
)
def test_a_keyword_without_a_language_has_that_of_what_it_is_in(
    insights: dict[str, Any], video: dict[str, Any], expected: str
) -> None:
    content = {"videos": [{**video, "insights": {**insights, "keywords": [{"text": "film"}]}}]}

    (keyword_set,) = read(content, default_language="de-DE").keyword_sets

    assert keyword_set.language == expected


def test_a_language_without_keywords_of_its_own_has_no_set_beside_others() -> None:
    content = document(keyword_json("película", language="es-ES"))

    assert [one.language for one in read(content).keyword_sets] == ["es-ES"]


# --- summarizedInsights ---------------------------------------------------------------------------------------------


def test_summarized_keywords_are_a_flagged_fallback() -> None:
    report = Report()

    index = read((SYNTHETIC / "summarized-only.json").read_bytes(), report)

    (keyword_set,) = index.keyword_sets
    assert keyword_set.summarized
    assert keyword_set.language == "en-GB"
    assert keyword_set.keywords == (
        Keyword("castle", None, (Instance(3.04, 8.12),)),
        Keyword("moat", None, (Instance(20.0, 22.5),)),
        Keyword("drawbridge", None, ()),
    )
    assert kinds(report)[AdjustmentKind.SUMMARIZED_KEYWORDS] == 1


@pytest.mark.parametrize("keywords", [[], [keyword_json("film")]])
def test_summarized_keywords_are_not_taken_beside_real_ones(keywords: list[dict[str, Any]]) -> None:
    summarized = {"keywords": [{"name": "castle", "appearances": []}]}

    (keyword_set,) = read(document(*keywords, summarizedInsights=summarized)).keyword_sets

    assert [keyword.text for keyword in keyword_set.keywords] == [one["text"] for one in keywords]
    assert not keyword_set.summarized


@pytest.mark.parametrize("summarized", [None, {}, {"keywords": None}, {"keywords": []}])
def test_nothing_is_flagged_where_there_is_nothing_summarized(summarized: dict[str, Any] | None) -> None:
    (keyword_set,) = read({"videos": [{"insights": {}}], "summarizedInsights": summarized}).keyword_sets

    assert keyword_set.keywords == ()
    assert not keyword_set.summarized


# --- what is never kept ---------------------------------------------------------------------------------------------


def test_user_names_and_tokens_are_in_nothing_that_is_read() -> None:
    secret = "eyJ-secret"
    tokens = {"viewToken": secret, "userName": secret, "externalUrl": f"https://example.org?accessToken={secret}"}
    report = Report()
    content = document({**FILM, **tokens}, **tokens)
    content["videos"][0].update(tokens)
    content["videos"][0]["insights"].update(tokens)
    content["summarizedInsights"] = {"name": secret, "keywords": [], **tokens}

    index = read(content, report)

    assert secret not in repr(index)
    assert secret not in repr(report)
