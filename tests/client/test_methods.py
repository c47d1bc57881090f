"""One method for each RPC, an argument for each field of its request, a timeout on each call."""

from collections.abc import Iterator
from datetime import UTC, datetime
from inspect import signature
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor

import matchcut_client
from matchcut_client import (
    AskedKeyword,
    BatchProfile,
    CatalogSettings,
    Condition,
    Event,
    EventKind,
    Filter,
    FrequencyCap,
    Interest,
    MatchcutClient,
    Profile,
    ProfileCondition,
    ProfileFilter,
    ProfileMerge,
    Promotion,
    RankingSettings,
    Scenario,
    StandingInterest,
    TimeRange,
    Video,
    VideoIndex,
    VideoMetadata,
    VideoSeed,
)
from tests.client.fake_server import RPCS, SERVICES, FakeServer, items_field, method_name
from tests.client.samples import descriptor

HELPERS = {
    "close",
    "forget_revision",
    "import_each",
    "iter_catalogs",
    "iter_profiles",
    "iter_scenarios",
    "iter_standing_interests",
    "iter_videos",
    "revision",
    "stubs",
    "upsert_each",
    "wait_until_ready",
}
"""What the client has besides a method for each RPC."""

LOCAL = {"self", "timeout", "reduce"}
"""Arguments that are no fields of a request."""

LONG = {
    "DeleteCatalog",
    "DeleteProfiles",
    "DeleteStandingInterests",
    "DeleteVideos",
    "ImportVideoIndexes",
    "MergeProfiles",
    "RecordEvents",
    "UpdateCatalog",
    "UpdateVideoMetadata",
    "UpsertProfiles",
    "UpsertStandingInterests",
    "UpsertVideos",
}
"""RPCs whose default timeout is that of imports."""

NOW = datetime(2024, 7, 5, tzinfo=UTC)
ITEMS: dict[str, Any] = {
    "AskedKeyword": AskedKeyword("england"),
    "BatchProfile": BatchProfile("p1", (Interest("england"),)),
    "CatalogSettings": CatalogSettings(default_language="de-DE"),
    "Event": Event("e1", "u1", EventKind.LIKE, NOW),
    "Filter": Filter(all_of=(Condition(language="en"),)),
    "FrequencyCap": FrequencyCap(7),
    "InterestList": (Interest("england"),),
    "Profile": Profile("u1"),
    "ProfileFilter": ProfileFilter(all_of=(ProfileCondition(targeting_allowed=True),)),
    "ProfileMerge": ProfileMerge("u1", "u2"),
    "Promotion": Promotion("pr1"),
    "PlacementRules": matchcut_client.PlacementRules(max_placements=3),
    "RankingSettings": RankingSettings(diversity=0.5),
    "Scenario": Scenario("home"),
    "StandingInterest": StandingInterest("s1", interests=(Interest("england"),)),
    "TimeRange": TimeRange(NOW),
    "Video": Video("v1"),
    "VideoIndex": VideoIndex(b"[]"),
    "VideoMetadata": VideoMetadata("v1"),
    "VideoSeed": VideoSeed("v1"),
    "FieldMask": ("interests",),
}
"""Something to give for each type of field."""


def arguments(rpc: MethodDescriptor) -> dict[str, Any]:
    """Make an argument for each field of a request."""
    return {name: argument(field) for name, field in flattened(rpc).items()}


def flattened(rpc: MethodDescriptor) -> dict[str, FieldDescriptor]:
    """Return the fields of a request, those of `options` instead of it."""
    found = dict(rpc.input_type.fields_by_name)
    if found.pop("options", None):
        found |= descriptor("RecommendationOptions").fields_by_name
    return found


def argument(field: FieldDescriptor) -> Any:
    """Make something that differs from the default, and from what other fields are given."""
    if field.message_type:
        item = ITEMS[field.message_type.name]
    elif field.enum_type:
        item = field.enum_type.values[-1].name.removeprefix(f"{field.enum_type.values[0].name[:-11]}")
    elif field.type == FieldDescriptor.TYPE_STRING:
        item = field.name
    else:
        item = True if field.type == FieldDescriptor.TYPE_BOOL else field.number
    return (item,) if field.is_repeated else item


def arrived(request: Any) -> Iterator[str]:
    """Yield the names of the fields of a request that hold what they were given."""
    for field, value in request.ListFields():
        if field.name == "options":
            yield from arrived(value)
        elif field.message_type or field.enum_type or field.is_repeated or value == argument(field):
            yield field.name


def test_the_client_has_a_method_for_each_rpc_and_few_others() -> None:
    public = {name for name in dir(MatchcutClient) if not name.startswith("_")}

    assert public == {method_name(rpc) for rpc in RPCS} | HELPERS


def test_there_are_stubs_for_each_service(client: MatchcutClient) -> None:
    stubs = client.stubs

    assert [sorted(vars(getattr(stubs, service.name.removesuffix("Service").lower()))) for service in SERVICES] == [
        sorted(rpc.name for rpc in service.methods) for service in SERVICES
    ]


@pytest.mark.parametrize("rpc", RPCS, ids=method_name)
def test_a_method_takes_the_fields_of_its_request(rpc: MethodDescriptor) -> None:
    method = getattr(MatchcutClient, method_name(rpc))

    assert set(signature(method).parameters) - LOCAL == set(flattened(rpc))


@pytest.mark.parametrize("rpc", RPCS, ids=method_name)
def test_what_a_method_is_given_arrives(rpc: MethodDescriptor, server: FakeServer, client: MatchcutClient) -> None:
    getattr(client, method_name(rpc))(**arguments(rpc))

    (request,) = server.requests(rpc.name)
    assert set(arrived(request)) == set(flattened(rpc))


@pytest.mark.parametrize("rpc", RPCS, ids=method_name)
def test_an_answer_is_the_dataclass_of_its_message(rpc: MethodDescriptor, client: MatchcutClient) -> None:
    answer = getattr(client, method_name(rpc))(**arguments(rpc))

    assert type(answer) is getattr(matchcut_client, rpc.output_type.name)


@pytest.mark.parametrize("rpc", RPCS, ids=method_name)
def test_every_call_has_a_timeout(rpc: MethodDescriptor, server: FakeServer) -> None:
    with MatchcutClient(server.target, timeout=40, import_timeout=400) as client:
        getattr(client, method_name(rpc))(**arguments(rpc))
        getattr(client, method_name(rpc))(**arguments(rpc), timeout=4)

    default, given = [call.seconds_left for call in server.calls]
    limit = 400 if rpc.name in LONG else 40
    assert default is not None
    assert given is not None
    # Sent in whole units, so a little more than was given may arrive.
    assert limit / 2 < default < limit * 1.1
    assert 2 < given < 4.4


@pytest.mark.parametrize("rpc", [rpc for rpc in RPCS if "catalog" in rpc.input_type.fields_by_name], ids=method_name)
def test_the_catalog_is_that_of_the_client_unless_given(rpc: MethodDescriptor, server: FakeServer) -> None:
    given = arguments(rpc)
    del given["catalog"]
    with MatchcutClient(server.target, catalog="uk") as client:
        getattr(client, method_name(rpc))(**given)
        getattr(client, method_name(rpc))(**given, catalog="de")
        getattr(client, method_name(rpc))(**given, catalog="")

    assert [request.catalog for request in server.requests(rpc.name)] == ["uk", "de", ""]


def test_reading_and_changing_a_catalog_mean_that_of_the_client_unless_given(server: FakeServer) -> None:
    with MatchcutClient(server.target, catalog="uk") as client:
        client.get_catalog()
        client.update_catalog(CatalogSettings())
        client.get_catalog("de")

    assert [call.request.name for call in server.calls] == ["uk", "uk", "de"]


@pytest.mark.parametrize("rpc", [rpc for rpc in RPCS if items_field(rpc)], ids=method_name)
def test_an_empty_batch_is_no_call(rpc: MethodDescriptor, server: FakeServer, client: MatchcutClient) -> None:
    given = arguments(rpc) | {str(items_field(rpc)): []}

    assert getattr(client, method_name(rpc))(**given).results == ()
    assert server.calls == []


@pytest.mark.parametrize("rpc", [rpc for rpc in RPCS if items_field(rpc)], ids=method_name)
def test_one_string_is_no_batch(rpc: MethodDescriptor, client: MatchcutClient) -> None:
    given = arguments(rpc) | {str(items_field(rpc)): "v1"}

    with pytest.raises(TypeError, match="str where several items are needed"):
        getattr(client, method_name(rpc))(**given)


# --- shorthands -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "interests, sent",
    [
        (["england", "film festival"], [("england", None), ("film festival", None)]),
        ([Interest("england", 2), "rugby"], [("england", 2), ("rugby", None)]),
        ({"england": 1, "rugby": -0.5}, [("england", 1), ("rugby", -0.5)]),
        ([], []),
    ],
)
def test_interests_can_be_plain_keywords_or_keywords_with_weights(
    interests: Any, sent: list[Any], server: FakeServer, client: MatchcutClient
) -> None:
    client.recommend_videos(interests)

    (request,) = server.requests("RecommendVideos")
    assert request.HasField("interests")
    got = [(it.keyword, it.weight if it.HasField("weight") else None) for it in request.interests.interests]
    assert got == sent


def test_without_interests_the_stored_profile_is_meant(server: FakeServer, client: MatchcutClient) -> None:
    client.recommend_videos(user_id="u1")

    assert not server.requests("RecommendVideos")[0].HasField("interests")


def test_one_string_is_no_list_of_interests(client: MatchcutClient) -> None:
    with pytest.raises(TypeError, match="str where several items are needed"):
        client.recommend_videos("england")


def test_seeds_and_asked_keywords_can_be_plain_text(server: FakeServer, client: MatchcutClient) -> None:
    client.recommend_similar_videos(["v1", VideoSeed("v2", -1)])
    client.search_moments(all_of=["england"], none_of=[AskedKeyword("rugby")])
    client.list_related_keywords("england")

    similar, search, related = [call.request for call in server.calls]
    assert [seed.video_id for seed in similar.seeds] == ["v1", "v2"]
    assert ([it.keyword for it in search.all_of], [it.keyword for it in search.none_of]) == (["england"], ["rugby"])
    assert related.keyword.keyword == "england"


def test_a_document_can_be_bytes_alone(server: FakeServer, client: MatchcutClient) -> None:
    client.import_video_indexes([b'{"id": "v1", "keywords": []}', VideoIndex(b"[]", "v2")])

    (request,) = server.requests("ImportVideoIndexes")
    assert [(it.content, it.video_id) for it in request.video_indexes] == [
        (b'{"id":"v1","keywords":[]}', ""),
        (b"[]", "v2"),
    ]


def test_documents_are_reduced_unless_told_otherwise(server: FakeServer, client: MatchcutClient) -> None:
    document = b'{"id":"v1","userName":"someone","keywords":[]}'

    client.import_video_indexes([document])
    client.import_video_indexes([document], reduce=False)

    contents = [request.video_indexes[0].content for request in server.requests("ImportVideoIndexes")]
    assert contents == [b'{"id":"v1","keywords":[]}', document]


def test_without_a_mask_all_fields_of_profiles_are_written(server: FakeServer, client: MatchcutClient) -> None:
    client.upsert_profiles([Profile("u1")])
    client.upsert_profiles([Profile("u1")], update_mask=["interests"])

    assert [request.HasField("update_mask") for request in server.requests("UpsertProfiles")] == [False, True]
