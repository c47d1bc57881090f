import json

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as pb
from tests.rpc.service import Service, attributes, document, index, keyword, shown, video

CREATED = types_pb.WRITE_STATUS_CREATED
UPDATED = types_pb.WRITE_STATUS_UPDATED
UNCHANGED = types_pb.WRITE_STATUS_UNCHANGED
REJECTED = types_pb.WRITE_STATUS_REJECTED


def languages(service: Service, video_id: str = "a") -> dict[str, list[str]]:
    sets = service.video(video_id).keyword_sets
    return {one.language: [keyword.text for keyword in one.keywords] for one in sets}


def test_a_document_becomes_a_video(service: Service) -> None:
    content = document(
        "a",
        shown("London Bridge", "0:00:01.5", "0:00:04", 0.9),
        name="London",
        created="2024-07-05T12:24:33.1234567+02:00",
        userName="somebody",
    )
    (result,) = service.imports(index(content))
    assert (result.index, result.id, result.status) == (0, "a", CREATED)
    assert list(result.adjustments) == []
    assert service.video("a") == types_pb.Video(
        video_id="a",
        title="London",
        duration_seconds=60,
        published_time=Timestamp(seconds=1_720_175_073, nanos=123_456_000),
        keyword_sets=[types_pb.KeywordSet(language="en-US", keywords=[keyword("London Bridge", 0.9, (1.5, 4))])],
        revision=result.revision,
    )
    assert service.recommended("bridge") == ["a"]


def test_importing_it_again_is_unchanged(service: Service) -> None:
    content = document("a", "london", "paris", name="London", created="2024-07-05T12:24:33")
    (first,) = service.imports(index(content))
    answer = service.videos.ImportVideoIndexes(pb.ImportVideoIndexesRequest(video_indexes=[index(content)]))
    assert [one.status for one in answer.results] == [UNCHANGED]
    assert answer.revision == answer.results[0].revision == first.revision


def test_metadata_given_beside_the_document_is_set(service: Service) -> None:
    given = index(
        document("a", "london", name="Its name", created="2024-07-05T12:24:33"),
        video_id="mine",
        title="",
        published_time=Timestamp(seconds=5),
        expire_time=Timestamp(seconds=6),
        attributes=attributes(genre=["film"]),
    )
    (result,) = service.imports(given)
    assert result.id == "mine"
    found = service.video("mine")
    assert (found.title, found.published_time.seconds, found.expire_time.seconds) == ("", 5, 6)
    assert list(found.attributes["genre"].values) == ["film"]
    assert service.ids() == ["mine"]


def test_an_import_never_overwrites_what_the_website_has_set(service: Service) -> None:
    ours = video(
        "a",
        "old",
        title="Our title",
        published_time=Timestamp(seconds=5),
        expire_time=Timestamp(seconds=4_000_000_000),
        attributes=attributes(genre=["film"], country=["England"]),
    )
    service.upsert(ours)
    (result,) = service.imports(index(document("a", "new", name="Its name", created="2024-07-05T12:24:33")))
    assert result.status == UPDATED
    found = service.video("a")
    assert found.title == "Our title"
    assert (found.published_time, found.expire_time) == (ours.published_time, ours.expire_time)
    assert found.attributes == ours.attributes
    assert languages(service) == {"en-US": ["new"]}


def test_only_the_attributes_that_are_named_change(service: Service) -> None:
    service.upsert(video("a", "x", attributes=attributes(genre=["film"], country=["England"], year=["1999"])))
    service.imports(index(document("a", "x"), attributes=attributes(genre=["drama", "news"], year=[])))
    found = {name: list(one.values) for name, one in service.video("a").attributes.items()}
    assert found == {"country": ["England"], "genre": ["drama", "news"]}


def test_an_import_replaces_the_keywords_of_one_language_only(service: Service) -> None:
    service.imports(
        index(document("a", "london", "tower")),
        index(document("a", {"text": "Londres"}, language="fr-FR")),
    )
    assert languages(service) == {"en-US": ["london", "tower"], "fr-FR": ["Londres"]}
    service.imports(index(document("a", "paris")))
    assert languages(service) == {"en-US": ["paris"], "fr-FR": ["Londres"]}
    assert service.recommended("londres") == ["a"]
    assert service.recommended("tower") == []


def test_an_empty_document_empties_its_language_only(service: Service) -> None:
    service.imports(index(document("a", "london")), index(document("a", {"text": "Londres"}, language="fr-FR")))
    (result,) = service.imports(index(document("a")))
    assert result.status == UPDATED
    assert languages(service) == {"en-US": [], "fr-FR": ["Londres"]}
    assert service.statistics().keyword_set_count == 1


def test_of_two_documents_with_the_same_id_and_language_the_later_stays(service: Service) -> None:
    results = service.imports(
        index(document("a", "first")),
        index(document("b", "x")),
        index(document("a", "second")),
        index(document("a", "second")),
    )
    assert [one.status for one in results] == [CREATED, CREATED, UPDATED, UNCHANGED]
    assert languages(service) == {"en-US": ["second"]}


def test_a_document_in_several_languages_fills_several_sets(service: Service) -> None:
    content = json.dumps(
        {
            "keywords": [
                shown("london"),
                {**shown("Londres"), "language": "fr-FR"},
                {"text": "ciudad", "language": "es-es"},
            ]
        }
    )
    service.imports(index(content.encode(), video_id="a"))
    assert languages(service) == {"en-US": ["london"], "es-ES": ["ciudad"], "fr-FR": ["Londres"]}


@pytest.mark.parametrize("given", ["de-de", ""])
def test_keywords_without_a_language_get_the_one_given_or_the_catalogs(service: Service, given: str) -> None:
    service.imports(index(b'{"keywords": [{"text": "london"}]}', video_id="a", language=given))
    assert languages(service) == {"de-DE" if given else "en-US": ["london"]}


@pytest.mark.parametrize(
    "content",
    [
        '{"insights": {"keywords": [{"text": "london"}]}}',
        '{"keywords": [{"text": "london"}]}',
        '[{"text": "london"}]',
        '"keywords": [{"text": "london"}]',
        '"keywords": [{"text": "london"}, ',
        '\ufeff {"keywords": [{"text": "london"}]}\n',
    ],
)
def test_every_shape_of_keywords_is_taken_with_an_id_beside_it(service: Service, content: str) -> None:
    (result,) = service.imports(index(content.encode(), video_id="a"))
    assert (result.id, result.status) == ("a", CREATED)
    assert service.recommended("london") == ["a"]


def test_a_document_without_an_id_anywhere_is_rejected(service: Service) -> None:
    (result,) = service.imports(index(b'{"keywords": []}'))
    assert (result.id, result.status) == ("", REJECTED)
    assert [(one.field, one.reason) for one in result.field_errors] == [("video_id", "REQUIRED")]


def test_a_rejected_document_is_named_by_its_own_id(service: Service) -> None:
    (result,) = service.imports(index(document("a", {"text": ""})))
    assert (result.id, result.status) == ("a", REJECTED)
    assert result.field_errors[0].field == "videos[0].insights.keywords[0].text"


def test_a_bad_document_spoils_no_other(service: Service) -> None:
    results = service.imports(index(document("a", "x")), index(b"{"), index(document("b", "x")))
    assert [one.status for one in results] == [CREATED, REJECTED, CREATED]
    assert service.recommended("x") == ["a", "b"]


def test_a_rejected_document_leaves_the_video_as_it_was(service: Service) -> None:
    service.imports(index(document("a", "london", name="London")))
    before = service.video("a")
    service.imports(index(document("a", "paris", {"text": "rome", "confidence": "sure"}), title="Paris"))
    assert service.video("a") == before


def test_a_video_without_keywords_is_valid_and_never_matches(service: Service) -> None:
    (result,) = service.imports(index(document("a")))
    assert result.status == CREATED
    assert service.statistics().video_without_keywords_count == 1
    assert service.recommended("london") == []


def test_summarized_keywords_are_a_flagged_fallback(service: Service) -> None:
    keywords = [{"name": "london", "appearances": [{"startTime": "0:00:01", "endTime": "0:00:03"}]}]
    whole = json.loads(document("a", summarizedInsights={"keywords": keywords}))
    del whole["videos"][0]["insights"]["keywords"]
    (result,) = service.imports(index(json.dumps(whole).encode()))
    kinds = {types_pb.AdjustmentKind.Name(one.kind) for one in result.adjustments}
    assert kinds == {"ADJUSTMENT_KIND_SUMMARIZED_KEYWORDS", "ADJUSTMENT_KIND_DEFAULTED_CONFIDENCE"}
    assert service.video("a").keyword_sets[0].summarized
    assert service.statistics().summarized_keyword_set_count == 1


def test_a_project_is_one_video_in_its_own_time(service: Service) -> None:
    def part(video_id: str, adjusted: str, original: str) -> dict[str, object]:
        instance = {
            "adjustedStart": f"0:00:{adjusted}",
            "adjustedEnd": "0:00:20",
            "start": f"0:00:{original}",
            "end": "0:00:59",
        }
        keywords = [{"text": "London", "confidence": 0.5, "instances": [instance]}]
        return {"id": video_id, "insights": {"language": "en-US", "keywords": keywords}}

    project = {
        "id": "p",
        "isBase": False,
        "duration": "0:00:20",
        "videos": [part("x", "00", "30"), part("y", "10", "40")],
    }
    (result,) = service.imports(index(json.dumps(project).encode()))
    assert result.id == "p"
    (found,) = service.video("p").keyword_sets[0].keywords
    times = [
        (one.start_seconds, one.end_seconds, one.source_video_id, one.source_start_seconds) for one in found.instances
    ]
    assert times == [(0, 20, "x", 30), (10, 20, "y", 40)]


def test_validate_only_writes_nothing(service: Service) -> None:
    service.imports(index(document("a", "london")))
    request = pb.ImportVideoIndexesRequest(
        video_indexes=[
            index(document("a", "london")),
            index(document("a", "paris")),
            index(document("b", "paris")),
            index(document("b", "paris")),
            index(b"{"),
        ],
        validate_only=True,
    )
    before = service.video("a")
    answer = service.videos.ImportVideoIndexes(request)
    assert [one.status for one in answer.results] == [UNCHANGED, UPDATED, CREATED, UNCHANGED, REJECTED]
    assert answer.revision == before.revision
    assert service.ids() == ["a"]
    assert service.video("a") == before
    assert service.recommended("paris") == []


def test_user_names_and_tokens_are_never_stored(service: Service) -> None:
    content = document("a", "london", userName="Secret Name", accountId="secret-account", partition="secret")
    whole = json.loads(content)
    whole["videos"][0]["viewToken"] = whole["videos"][0]["thumbnailId"] = "secret-token"
    service.imports(index(json.dumps(whole).encode()))
    assert "secret" not in str(service.video("a")).lower()


def test_a_set_as_large_as_allowed_is_read_back(service: Service) -> None:
    spans = [(start, start + 0.5) for start in range(10)]
    keywords = [keyword(f"{'ü' * 250}{number:06}", 1.0, *spans) for number in range(1_000)]
    (result,) = service.upsert(video("a", *keywords))
    assert result.status == CREATED
    assert len(service.video("a").keyword_sets[0].keywords) == 1_000
