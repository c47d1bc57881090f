"""Whatever is sent, the answer is one of the contract: never INTERNAL, never UNKNOWN, never silence."""

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given
from hypothesis import strategies as st

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1 import scenario_service_pb2 as scenario_pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.service import SERVICES, Service, document, failure_of, index, serving, shown, video

METHODS = [method for service in SERVICES.values() for method in service.methods]
EXPECTED = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.UNIMPLEMENTED,
}
REASONS = {name.removeprefix("ERROR_REASON_") for name in types_pb.ErrorReason.keys()}  # noqa: SIM118 - no mapping


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("data")) as service:
        service.send(catalog_pb.CreateCatalogRequest(name="films"))
        service.upsert(video("a", "london", title="A"), video("b", "film festival", language="de"))
        service.send(scenario_pb.UpsertScenarioRequest(scenario=scenario_pb.Scenario(name="a")))
        yield service


def check_answer(service: Service, method: str, raw: bytes) -> None:
    """Send bytes and look at what comes back."""
    try:
        answer = service.send_bytes(method, raw)
    except grpc.RpcError as refusal:
        if failure_of(refusal).code not in EXPECTED:
            raise
        return
    for result in getattr(answer, "results", ()):
        for error in result.field_errors:
            assert error.reason in REASONS
            assert error.message.isprintable()
        if isinstance(result, types_pb.WriteResult):
            assert result.status != types_pb.WRITE_STATUS_UNSPECIFIED
            assert bool(result.field_errors) == (result.status == types_pb.WRITE_STATUS_REJECTED)


# --- documents --------------------------------------------------------------------------------------------------------

WHOLE = json.loads(
    document(
        "a",
        shown("London Bridge"),
        shown("Paris", "0:00:01.5", "0:00:02", None),
        {"text": "x"},
        name="London",
        created="2024-07-05T12:24:33.1234567+02:00",
        duration="0:01:00",
        durationInSeconds=60,
        isBase=True,
        videosRanges=[{"videoId": "a", "range": {"start": "0:00:00", "end": "0:01:00"}}],
        summarizedInsights={
            "keywords": [{"name": "london", "appearances": [{"startTime": "0:00:01", "endTime": "0:00:02"}]}]
        },
    )
)

ODD_TEXTS = st.sampled_from(
    [
        "",
        " ",
        "0:00:01",
        "-0:00:01",
        "99999999:59:59",
        "1.02:03:04",
        "\0",
        "\u202e",
        "\ufeff",
        "en",
        "zz-",
        "x" * 300,
        "NaN",
    ]
)
ODD_NUMBERS = st.sampled_from([0, -1, 1.5, 1e308, -1e308, 5e-324, 2**31, 2**63, 2**64, -(2**63), 10**400])
NAMES = st.sampled_from([*WHOLE, "text", "start"])
PLAIN = st.none() | st.booleans() | ODD_NUMBERS | ODD_TEXTS | st.text(max_size=20)
FLAT = PLAIN | st.lists(PLAIN, max_size=4) | st.dictionaries(NAMES, PLAIN, max_size=4)
JSON = FLAT | st.lists(FLAT, max_size=4) | st.dictionaries(NAMES, FLAT, max_size=4)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the paths of all that a document holds."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Copy a document with something else at one place, if that is still there."""
    if not path:
        return new
    if isinstance(value, dict) and path[0] in value:
        return {**value, path[0]: with_value(value[path[0]], path[1:], new)}
    if isinstance(value, list) and isinstance(path[0], int) and path[0] < len(value):
        return [*value[: path[0]], with_value(value[path[0]], path[1:], new), *value[path[0] + 1 :]]
    return value


@given(changes=st.lists(st.tuples(st.sampled_from(places(WHOLE)[1:]), JSON), min_size=1, max_size=4))
def test_a_document_with_other_values_in_it(fuzzed: Service, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    changed = WHOLE
    for path, new in changes:
        changed = with_value(changed, path, new)
    check_import(fuzzed, json.dumps(changed).encode())


@given(
    cuts=st.lists(
        st.tuples(
            st.integers(0, 2_000), st.integers(0, 5), st.binary(max_size=3) | st.sampled_from([b'"', b"{", b"[", b"\\"])
        ),
        min_size=1,
        max_size=4,
    ),
    shape=st.sampled_from(["whole", "keywords", "fragment"]),
)
def test_a_document_with_other_bytes_in_it(fuzzed: Service, cuts: list[tuple[int, int, bytes]], shape: str) -> None:
    keywords = json.dumps(WHOLE["videos"][0]["insights"]["keywords"]).encode()
    content = {"whole": json.dumps(WHOLE).encode(), "keywords": keywords, "fragment": b'"keywords": ' + keywords}[shape]
    for place, length, new in cuts:
        start = place % (len(content) + 1)
        content = content[:start] + new + content[start + length :]
    check_import(fuzzed, content)


def check_import(service: Service, content: bytes) -> None:
    (result,) = service.imports(index(content, video_id="a"))
    assert result.status != types_pb.WRITE_STATUS_UNSPECIFIED
    for error in result.field_errors:
        assert error.reason in REASONS
        assert error.message.isprintable()
    assert bool(result.field_errors) == (result.status == types_pb.WRITE_STATUS_REJECTED)
    service.video("a")  # what was taken can be read, ranked and counted
    service.recommend("london", explain=True, include_metadata=True)
    service.statistics()


# --- requests ---------------------------------------------------------------------------------------------------------

GOOD_TEXTS = st.sampled_from(["a", "b", "london", "film festival", "en", "de"])
GOOD_INTS = st.integers(0, 5)


def mostly(good: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw good values nine times of ten, so that most requests get past the first checks."""
    return st.one_of(*[good] * 9, odd)


TEXTS = mostly(GOOD_TEXTS, ODD_TEXTS | st.text(max_size=8))
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_STRING: TEXTS,
    FieldDescriptor.CPPTYPE_DOUBLE: mostly(st.floats(0, 1), st.floats() | st.sampled_from([1e308, -1e308, 1e15, 3e7])),
    FieldDescriptor.CPPTYPE_INT32: mostly(GOOD_INTS, st.integers(-(2**31), 2**31 - 1)),
    FieldDescriptor.CPPTYPE_INT64: mostly(GOOD_INTS, st.integers(-(2**63), 2**63 - 1)),
    FieldDescriptor.CPPTYPE_ENUM: mostly(GOOD_INTS, st.integers(-(2**31), 2**31 - 1)),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
}
CONTENTS = st.sampled_from([json.dumps(WHOLE).encode(), b'{"keywords": [{"text": "x"}]}', b"{}", b"[", b""])
SELDOM = {"update_mask", "catalog", "page_token", "min_revision"} | {
    f"RecommendationOptions.{name}" for name in ("scenario", "ranking")
}
"""Set seldom: what is in them is mostly refused before anything else is looked at."""
IS_SET = {True: st.sampled_from([False] * 9 + [True]), False: st.sampled_from([True, True, True, False])}


@st.composite
def messages(draw: st.DrawFn, kind: Any) -> Any:
    """Any message of a type: some fields left out, some set to odd values."""
    message: Any = GetMessageClass(kind)()
    for field in kind.fields:
        if not draw(IS_SET[not SELDOM.isdisjoint({field.name, f"{kind.name}.{field.name}"})]):
            continue
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            inner = field.message_type.fields_by_name["value"].message_type
            for name in draw(st.lists(TEXTS, max_size=2)):
                getattr(message, field.name)[name].CopyFrom(draw(messages(inner)))
        elif field.message_type is not None:
            some = messages(field.message_type)
            if field.is_repeated:
                getattr(message, field.name).extend(draw(st.lists(some, min_size=1, max_size=2)))
            else:
                getattr(message, field.name).CopyFrom(draw(some))
        elif field.type == FieldDescriptor.TYPE_BYTES:
            setattr(message, field.name, draw(CONTENTS))
        elif field.is_repeated:
            getattr(message, field.name).extend(draw(st.lists(SCALARS[field.cpp_type], min_size=1, max_size=3)))
        else:
            setattr(message, field.name, draw(SCALARS[field.cpp_type]))
    return message


WORDS = st.sampled_from(
    ["london", "film", "film festival", "festivals", "\u202elondon", "!", "ﷺ", "百年孤独", "x" * 256]
)
WEIGHTS = st.none() | st.floats(-1e6, 1e6) | st.sampled_from([5e-324, -5e-324, 1e6, 0.0, -0.0])


@given(
    interests=st.lists(
        st.builds(
            types_pb.Interest, keyword=WORDS, weight=WEIGHTS, language=st.sampled_from(["", "de", "zz", "zh-Hans"])
        ),
        min_size=1,
        max_size=5,
    ),
    explain=st.booleans(),
    include_metadata=st.booleans(),
    page_size=st.integers(0, 2),
    min_score=st.sampled_from([0, 5e-324, 0.5, 1]),
)
def test_recommendations_for_any_interests(
    fuzzed: Service, interests: list[types_pb.Interest], page_size: int, **options: Any
) -> None:
    answer = fuzzed.recommendations.RecommendVideos(
        recommendation_pb.RecommendVideosRequest(
            interests=recommendation_pb.InterestList(interests=interests),
            options=recommendation_pb.RecommendationOptions(**options),
            page_size=page_size,
        )
    )
    for one in answer.recommendations:
        assert max(options["min_score"], 1e-6) <= one.score <= 1
        if options["explain"]:
            assert sum(matched.share for matched in one.explanation.matched_keywords) == pytest.approx(
                one.score, abs=2e-6
            )


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_requests_of_any_content(fuzzed: Service, method: Any) -> None:
    @given(messages(method.input_type))
    def send(request: Message) -> None:
        check_answer(fuzzed, method.name, request.SerializeToString())

    send()


@given(method=st.sampled_from(METHODS), raw=st.binary(max_size=200))
def test_requests_of_any_bytes(fuzzed: Service, method: Any, raw: bytes) -> None:
    check_answer(fuzzed, method.name, raw)
