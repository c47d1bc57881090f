"""The stand-in of the Video Indexer API is what the API is known to be."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.azure_stand_in.control import StandIn, stand_in
from tests.azure_stand_in.faults import Fault, Faults
from tests.azure_stand_in.library import (
    SECRET,
    STATES,
    StandInVideo,
    large_video,
    made_videos,
    of_document,
    project,
    real_videos,
)
from tests.azure_stand_in.record import Request
from tests.azure_stand_in.throttle import Limits
from tests.documents import encode, read

ROOT = Path(__file__).parents[2]
KEYWORDS_ONLY = {
    "includedInsights": "Keywords",
    "includeSummarizedInsights": "false",
    "includeStreamingUrls": "false",
}


class Caller(Protocol):
    def __call__(self, azure: StandIn, permission: str = "Reader") -> httpx2.Client: ...


@pytest.fixture
def call() -> Iterator[Caller]:
    """A client of the API with a token, of one stand-in after another."""
    opened = []

    def client(azure: StandIn, permission: str = "Reader") -> httpx2.Client:
        bearer = {"Authorization": f"Bearer {azure.token(permission)}"}
        opened.append(httpx2.Client(base_url=azure.url + azure.api_path, headers=bearer, trust_env=False, timeout=20))
        return opened[-1]

    yield client
    for one in opened:
        one.close()


def pages(client: httpx2.Client, size: int, path: str = "/Videos") -> list[list[str]]:
    """Read a list to its end; return the ids of each page."""
    found: list[list[str]] = []
    skip = 0
    while True:
        answer = client.get(path, params={"pageSize": size, "skip": skip}).json()
        found.append([entry["id"] for entry in answer["results"]])
        if answer["nextPage"]["done"]:
            return found
        skip = answer["nextPage"]["skip"]


def error_of(answer: httpx2.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"ErrorType", "Message"}
    return answer.status_code, body["ErrorType"]


def keywords(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [keyword for video in document["videos"] for keyword in video["insights"].get("keywords", ())]


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count,size", [(0, 10), (10, 10), (11, 10), (57, 25), (57, 1000)])
def test_pages_hold_every_video_once_in_every_state(call: Caller, count: int, size: int) -> None:
    with stand_in(count) as azure:
        found = pages(call(azure), size)
        assert [video_id for page in found for video_id in page] == azure.ids()
        assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)
        assert azure.requests.count("videos") == len(found) == azure.requests.count()


def test_a_page_has_25_videos_unless_told_otherwise_and_nothing_beyond_the_end(call: Caller) -> None:
    with stand_in(30) as azure:
        client = call(azure)
        first = client.get("/Videos").json()
        assert (len(first["results"]), first["nextPage"]) == (25, {"pageSize": 25, "skip": 25, "done": False})
        beyond = client.get("/Videos", params={"skip": 99}).json()
        assert (beyond["results"], beyond["nextPage"]["done"]) == ([], True)


def test_an_entry_tells_of_the_video_but_has_no_insights(call: Caller) -> None:
    with stand_in(made_videos(40)) as azure:
        entries = call(azure).get("/Videos", params={"pageSize": 40}).json()["results"]
        assert {"id", "name", "created", "lastModified", "lastIndexed", "state", "processingProgress"} <= set(
            entries[0]
        )
        assert all("insights" not in entry and "videos" not in entry for entry in entries)
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00", entry["created"]) for entry in entries)
        several = next(entry for entry in entries if len(entry["sourceLanguages"]) > 1)
        assert several["sourceLanguage"] is None


def test_made_videos_are_in_all_states(call: Caller) -> None:
    with stand_in(made_videos(100)) as azure:
        assert {state for state in STATES if azure.ids(state)} == set(STATES)
        assert len(azure.ids("Processed")) == 96


def test_projects_are_listed_apart_from_videos(call: Caller) -> None:
    one, two = made_videos(2, all_processed=True)
    with stand_in([one, two]) as azure:
        azure.set_projects([project("project001", [one, two])])
        client = call(azure)
        assert pages(client, 10, "/Projects") == [["project001"]]
        assert "project001" not in azure.ids()
        assert error_of(client.get("/Videos/project001/Index")) == (404, "BREAKDOWN_NOT_FOUND")
        document = client.get("/Projects/project001/Index").json()
        assert (document["isBase"], [video["id"] for video in document["videos"]]) == (False, [one.id, two.id])


@pytest.mark.parametrize("query", [{"pageSize": 0}, {"pageSize": 1001}, {"pageSize": "many"}, {"skip": -1}], ids=str)
def test_a_page_that_cannot_be_is_refused(call: Caller, query: dict[str, Any]) -> None:
    with stand_in(3) as azure:
        assert error_of(call(azure).get("/Videos", params=query)) == (400, "INVALID_INPUT")


def test_a_list_that_changes_between_pages_skips_and_repeats(call: Caller) -> None:
    """As any list does whose pages are told by how many entries to skip."""
    videos = made_videos(5)
    with stand_in(videos[1:]) as azure:
        client = call(azure)

        def change(request: Request) -> None:
            if request.query["skip"] == "2":
                azure.add(videos[0])
                azure.before = None

        azure.before = change
        ids = [video_id for page in pages(client, 2) for video_id in page]
        assert ids == [videos[1].id, videos[2].id, videos[2].id, videos[3].id, videos[4].id]


# --- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("video", real_videos(), ids=lambda video: video.id)
def test_a_real_document_comes_as_it_is(call: Caller, video: StandInVideo) -> None:
    with stand_in([video]) as azure:
        document = call(azure).get(f"/Videos/{video.id}/Index").json()
        assert document == {**azure.document(video.id), "accountId": azure.account_id}
        assert read(document).video_id == video.id


def test_every_made_document_can_be_imported_in_every_language(call: Caller) -> None:
    with stand_in(made_videos(40, all_processed=True)) as azure:
        client = call(azure)
        for video_id in azure.ids():
            for language in (None, "ja-JP"):
                query = {**KEYWORDS_ONLY, **({"language": language} if language else {})}
                index = read(client.get(f"/Videos/{video_id}/Index", params=query).content)
                assert index.video_id == video_id
                assert language in {None, *(found.language for found in index.keyword_sets)} or not index.keyword_sets


def test_a_document_is_the_same_each_time_until_it_is_indexed_again(call: Caller) -> None:
    with stand_in(made_videos(3, all_processed=True)) as azure:
        client = call(azure)
        video_id, other, _ = azure.ids()
        before, entry = client.get(f"/Videos/{video_id}/Index").json(), client.get("/Videos").json()["results"]
        assert client.get(f"/Videos/{video_id}/Index").json() == before
        azure.reindex(video_id)
        after, changed = client.get(f"/Videos/{video_id}/Index").json(), client.get("/Videos").json()["results"]
        assert keywords(after) != keywords(before)
        assert changed[0]["lastIndexed"] > entry[0]["lastIndexed"]
        assert changed[0]["lastModified"] > entry[0]["lastModified"]
        assert changed[0]["created"] == entry[0]["created"]
        assert changed[1:] == entry[1:]
        azure.rename(other, "another name")
        renamed = client.get("/Videos").json()["results"][1]
        assert (renamed["name"], renamed["lastIndexed"]) == ("another name", entry[1]["lastIndexed"])
        assert renamed["lastModified"] > entry[1]["lastModified"]


def test_only_the_insights_that_are_asked_for_come(call: Caller) -> None:
    with stand_in(made_videos(1, all_processed=True)) as azure:
        client = call(azure)
        [video_id] = azure.ids()
        whole = client.get(f"/Videos/{video_id}/Index")
        few = client.get(f"/Videos/{video_id}/Index", params=KEYWORDS_ONLY)
        assert SECRET in whole.text
        assert SECRET not in few.text
        assert "publishedUrl" not in few.text
        assert (whole.json()["summarizedInsights"] is None, few.json()["summarizedInsights"]) == (False, None)
        assert keywords(few.json()) == keywords(whole.json())
        insights = few.json()["videos"][0]["insights"]
        assert not {"transcript", "ocr", "labels", "topics", "shots"} & set(insights)
        assert {"duration", "language", "sourceLanguage", "statistics"} <= set(insights)
        without = client.get(f"/Videos/{video_id}/Index", params={"excludedInsights": "keywords, OCR"}).json()
        assert {"keywords", "ocr", "transcript"} & set(without["videos"][0]["insights"]) == {"transcript"}


@pytest.mark.parametrize(
    "query",
    [
        {"includedInsights": "Keywords", "excludedInsights": "OCR"},
        {"includedInsights": "statistics"},
        {"includeStreamingUrls": "perhaps"},
        {"language": "Klingon"},
    ],
    ids=str,
)
def test_parameters_that_cannot_be_are_refused(call: Caller, query: dict[str, str]) -> None:
    with stand_in(made_videos(1, all_processed=True)) as azure:
        assert error_of(call(azure).get(f"/Videos/{azure.ids()[0]}/Index", params=query)) == (400, "INVALID_INPUT")


def test_an_hour_has_several_megabytes_of_which_few_are_keywords(call: Caller) -> None:
    video = large_video()
    with stand_in([video]) as azure, stand_in([video], filters=False) as unfiltered:
        whole = call(azure).get(f"/Videos/{video.id}/Index")
        assert 3_000_000 < len(whole.content) < 8_000_000
        assert len(call(azure).get(f"/Videos/{video.id}/Index", params=KEYWORDS_ONLY).content) < 100_000
        assert len(call(unfiltered).get(f"/Videos/{video.id}/Index", params=KEYWORDS_ONLY).content) == len(
            whole.content
        )


def test_a_translation_changes_texts_and_language_only(call: Caller) -> None:
    with stand_in(made_videos(2, all_processed=True)) as azure:
        client = call(azure)
        video_id = azure.ids()[0]
        source = client.get(f"/Videos/{video_id}/Index").json()
        spoken = source["videos"][0]["insights"]["sourceLanguages"]
        by_name, by_tag = (
            client.get(f"/Videos/{video_id}/Index", params={"language": language}).json()
            for language in ("German", "de-de")
        )
        assert by_name == by_tag
        insights = by_tag["videos"][0]["insights"]
        assert (insights["language"], insights["sourceLanguages"]) == ("de-DE", spoken)
        pairs = list(zip(keywords(source), keywords(by_tag), strict=True))
        assert pairs
        for before, after in pairs:
            assert after["text"].lower() != before["text"]
            assert after == {**before, "text": after["text"], "language": "de-DE"}
        assert insights["ocr"] == source["videos"][0]["insights"]["ocr"]
        back = client.get(f"/Videos/{video_id}/Index", params={"language": "en-US"}).json()
        assert back == source


def test_the_source_language_asked_for_by_name_is_no_translation(call: Caller) -> None:
    video = next(one for one in made_videos(30, all_processed=True) if one.source_languages == ("de-DE",))
    with stand_in([video]) as azure:
        client = call(azure)
        source, asked, english = (
            client.get(f"/Videos/{video.id}/Index", params=query).json()
            for query in ({}, {"language": "German"}, {"language": "English"})
        )
        assert asked == source
        assert english["videos"][0]["insights"]["language"] == "en-US"
        assert english["videos"][0]["insights"]["sourceLanguage"] == "de-DE"


def test_several_spoken_languages_leave_the_source_language_open(call: Caller) -> None:
    video = next(one for one in made_videos(30, all_processed=True) if len(one.source_languages) == 2)
    with stand_in([video]) as azure:
        insights = call(azure).get(f"/Videos/{video.id}/Index").json()["videos"][0]["insights"]
        assert insights["sourceLanguage"] is None
        assert insights["sourceLanguages"] == ["en-US", "es-ES"]
        assert {keyword["language"] for keyword in insights["keywords"]} == {"en-US"}


def test_a_video_without_keywords_has_no_such_key(call: Caller) -> None:
    with stand_in(made_videos(30, all_processed=True)) as azure:
        insights = call(azure).get(f"/Videos/{azure.ids()[0]}/Index").json()["videos"][0]["insights"]
        assert "keywords" not in insights


@pytest.mark.parametrize("state", sorted({*STATES} - {"Processed"}))
def test_a_video_that_is_not_processed_has_no_insights(call: Caller, state: str) -> None:
    with stand_in(made_videos(1, all_processed=True)) as azure:
        [video_id] = azure.ids()
        azure.set_state(video_id, state)
        document = call(azure).get(f"/Videos/{video_id}/Index").json()
        assert (document["state"], document["videos"][0]["insights"]) == (state, None)


def test_the_ranges_of_a_project_follow_one_another() -> None:
    parts = made_videos(3, all_processed=True)
    made = project("project001", parts, seconds=30)
    document = made.make(0)
    ends = [0.0]
    for part, video in zip(parts, document["videos"], strict=True):
        ends.append(ends[-1] + min(30, part.duration))
        for keyword in video["insights"].get("keywords", ()):
            for instance in keyword["instances"]:
                assert ends[-2] <= seconds(instance["adjustedStart"]) <= seconds(instance["adjustedEnd"]) <= ends[-1]
                assert seconds(instance["start"]) + ends[-2] == pytest.approx(
                    seconds(instance["adjustedStart"]), abs=0.002
                )
    index = read(encode(document))
    assert index.duration == pytest.approx(90, abs=0.01)
    assert index.keyword_sets


def seconds(time: str) -> float:
    hours, minutes, rest = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def test_unknown_removed_and_strange_places_have_bodies_of_their_own(call: Caller) -> None:
    with stand_in(made_videos(2, all_processed=True)) as azure:
        client = call(azure)
        gone, removed = azure.ids()
        azure.delete(gone)
        azure.delete(removed, removed=True)
        assert pages(client, 10) == [[]]
        assert error_of(client.get(f"/Videos/{gone}/Index")) == (404, "BREAKDOWN_NOT_FOUND")
        assert error_of(client.get(f"/Videos/{removed}/Index")) == (400, "VIDEO_REMOVED")
        assert error_of(client.get("/Nothing")) == (404, "NOT_FOUND")
        elsewhere = f"{azure.url}/westeurope/Accounts/{azure.account_id}/Videos"
        assert error_of(client.get(elsewhere)) == (404, "NOT_FOUND")
        with pytest.raises(KeyError):
            azure.reindex(gone)


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_is_good_for_an_hour_of_the_clock(call: Caller) -> None:
    now = 0.0
    with stand_in(1, clock=lambda: now) as azure:
        client = call(azure)
        now = 3599.0
        assert client.get("/Videos").status_code == 200
        now = 3600.0
        assert error_of(client.get("/Videos")) == (401, "ACCESS_TOKEN_EXPIRED")
        assert call(azure).get("/Videos").status_code == 200


def test_no_token_a_made_up_one_and_one_that_may_too_little_are_refused(call: Caller) -> None:
    with stand_in(1) as azure:
        client = call(azure)
        [video_id] = azure.ids()
        assert error_of(client.get("/Videos", headers={"Authorization": ""})) == (401, "USER_NOT_ALLOWED")
        assert error_of(client.get("/Videos", headers={"Authorization": "Bearer x"})) == (401, "USER_NOT_ALLOWED")
        assert error_of(client.put(f"/Videos/{video_id}/ReIndex")) == (401, "USER_NOT_ALLOWED")
        query = httpx2.get(f"{azure.url}{azure.api_path}/Videos?accessToken={azure.token()}", trust_env=False)
        assert query.status_code == 200
        azure.expire_tokens()
        assert error_of(client.get("/Videos")) == (401, "ACCESS_TOKEN_EXPIRED")
        azure.refusal = 403
        assert error_of(call(azure).get("/Videos")) == (403, "USER_NOT_ALLOWED")
        azure.refusal = None
        assert call(azure).get("/Videos").status_code == 200


def test_resource_manager_generates_tokens() -> None:
    with stand_in(1) as azure, httpx2.Client(base_url=azure.url, trust_env=False) as client:
        bearer = {"Authorization": f"Bearer {azure.entra_token}"}
        asked = {"permissionType": "Reader", "scope": "Account"}
        version = {"api-version": "2025-04-01"}
        answer = client.post(azure.arm_path, params=version, headers=bearer, json=asked)
        assert set(answer.json()) == {"accessToken"}
        token = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
        assert client.get(f"{azure.api_path}/Videos", headers=token).status_code == 200
        assert {azure.entra_token, answer.json()["accessToken"]} <= set(azure.secrets)
        refused = [
            client.post(azure.arm_path, params=version, headers={"Authorization": "Bearer x"}, json=asked),
            client.post(azure.arm_path.replace("archive-videos", "x"), params=version, headers=bearer, json=asked),
            client.post(azure.arm_path, headers=bearer, json=asked),
            client.post(azure.arm_path, params=version, headers=bearer, json={}),
        ]
        assert [one.status_code for one in refused] == [401, 404, 400, 400]
        assert all(set(one.json()["error"]) == {"code", "message"} for one in refused)
        assert azure.requests.count("token") == 5


# --- limits -----------------------------------------------------------------------------------------------------------


def test_more_than_the_limit_of_a_second_or_a_minute_is_throttled(call: Caller) -> None:
    now = 0.0
    with stand_in(1, clock=lambda: now) as azure:
        azure.limits = Limits(per_second=10, per_minute=25)
        client = call(azure)

        def taken(count: int) -> int:
            return sum(client.get("/Videos").status_code == 200 for _ in range(count))

        assert taken(12) == 10
        now = 0.99
        assert taken(1) == 0
        now = 1.0
        assert taken(12) == 10
        now = 2.0
        assert taken(12) == 5
        now = 59.9
        assert taken(1) == 0
        now = 60.0
        assert taken(12) == 10
        assert {request.status for request in azure.requests} == {200, 429}


def test_throttling_speaks_in_both_bodies_and_all_forms_of_retry_after(call: Caller) -> None:
    with stand_in(1) as azure:
        azure.faults = Faults(rate=1, kinds={Fault.THROTTLED}, in_a_row=99, retry_after=17)
        client = call(azure)
        sent = [client.get("/Videos") for _ in range(4)]
        assert {one.status_code for one in sent} == {429}
        gateway = {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 17 seconds."}
        assert sum(one.json() == gateway for one in sent) == 2
        assert sum(set(one.json()) == {"ErrorType", "Message"} for one in sent) == 2
        waits = sorted(one.headers.get("Retry-After", "") for one in sent)
        assert waits[:3] == ["", "17", "17"]
        until = parsedate_to_datetime(waits[3]) - datetime.now(UTC)
        assert timedelta(seconds=10) < until <= timedelta(seconds=18)


# --- faults -----------------------------------------------------------------------------------------------------------


def meet(client: httpx2.Client, path: str) -> str:
    """Make a request; return what came of it, in a word."""
    try:
        answer = client.get(path)
    except httpx2.RemoteProtocolError as error:
        return "cut" if "body" in str(error) else "dropped"
    try:
        answer.json()
    except json.JSONDecodeError:
        return f"{answer.status_code} without JSON"
    return str(answer.status_code)


@pytest.mark.parametrize(
    "fault,outcome",
    [
        (Fault.SERVER_ERROR, "500"),
        (Fault.TIMEOUT, "504"),
        (Fault.BAD_GATEWAY, "502 without JSON"),
        (Fault.THROTTLED, "429"),
        (Fault.SLOW, "200"),
        (Fault.CUT, "cut"),
        (Fault.DROPPED, "dropped"),
        (Fault.TRUNCATED, "200 without JSON"),
    ],
)
def test_a_fault_is_met_as_what_it_is(call: Caller, fault: Fault, outcome: str) -> None:
    with stand_in(made_videos(1, all_processed=True)) as azure:
        client = call(azure)
        path = f"/Videos/{azure.ids()[0]}/Index"
        azure.faults = Faults(rate=1, kinds={fault}, in_a_row=2)
        assert [meet(client, path) for _ in range(3)] == [outcome, outcome, "200"]
        assert [request.fault for request in azure.requests] == [fault, fault, None]
        assert meet(client, "/Projects") == outcome
        azure.faults = Faults(rate=1, kinds={fault}, calls={"videos"})
        assert meet(client, path) == "200"


def test_errors_from_inside_have_the_shape_of_the_api(call: Caller) -> None:
    with stand_in(1) as azure:
        client = call(azure)
        azure.faults = Faults(rate=1, kinds={Fault.SERVER_ERROR})
        assert error_of(client.get("/Videos")) == (500, "GENERAL")
        azure.faults = Faults(rate=1, kinds={Fault.TIMEOUT})
        assert error_of(client.get("/Videos")) == (504, "SERVER_TIMEOUT")


def test_a_slow_answer_outlasts_an_impatient_caller(call: Caller) -> None:
    with stand_in(1) as azure:
        azure.faults = Faults(rate=1, kinds={Fault.SLOW}, slow_seconds=60)
        with pytest.raises(httpx2.ReadTimeout):
            call(azure).get("/Videos", timeout=0.1)


def test_faults_depend_on_the_seed_and_the_request_but_not_on_the_order(call: Caller) -> None:
    videos = made_videos(40, all_processed=True)

    def faults(seed: int, *, backwards: bool) -> dict[str | None, list[str | None]]:
        with stand_in(videos) as azure:
            azure.faults = Faults(rate=0.3, seed=seed, slow_seconds=0)
            client = call(azure)
            for video_id in sorted(azure.ids() * 2, reverse=backwards):
                meet(client, f"/Videos/{video_id}/Index")
            met: dict[str | None, list[str | None]] = {}
            for request in azure.requests:
                met.setdefault(request.video_id, []).append(request.fault)
            return met

    first = faults(7, backwards=False)
    assert first == faults(7, backwards=True)
    assert first != faults(8, backwards=False)
    share = sum(fault is not None for met in first.values() for fault in met) / 80
    assert 0.2 < share < 0.4


# --- what is recorded, and what waits ---------------------------------------------------------------------------------


def test_requests_are_recorded_with_kind_time_and_without_the_token(call: Caller) -> None:
    now = 5.0
    with stand_in(made_videos(1, all_processed=True), clock=lambda: now) as azure:
        client = call(azure)
        [video_id] = azure.ids()
        client.get("/Videos", params={"pageSize": 7})
        now = 6.5
        client.get(f"/Videos/{video_id}/Index", headers={"x-ms-client-request-id": "one"})
        listed, read_one = azure.requests
        assert (listed.kind, listed.time, listed.query, listed.status) == ("videos", 5.0, {"pageSize": "7"}, 200)
        assert (read_one.kind, read_one.video_id, azure.requests.times("index")) == ("index", video_id, [6.5])
        assert read_one.headers["x-ms-client-request-id"] == "one"
        assert not any(secret in repr(list(azure.requests)) for secret in azure.secrets)
        azure.requests.clear()
        assert azure.requests.count() == 0


def test_held_answers_wait_and_are_counted_as_being_at_once(call: Caller) -> None:
    with stand_in(made_videos(3, all_processed=True)) as azure:
        clients = [call(azure) for _ in range(3)]
        ids = azure.ids()
        answered: list[int] = []
        threads = [
            threading.Thread(target=lambda i=i: answered.append(clients[i].get(f"/Videos/{ids[i]}/Index").status_code))
            for i in range(3)
        ]
        with azure.held("index"):
            for thread in threads:
                thread.start()
            azure.requests.wait_for("index", 3)
            assert clients[0].get("/Videos").status_code == 200
            assert answered == []
        for thread in threads:
            thread.join()
        assert answered == [200, 200, 200]
        assert azure.requests.most_at_once == 4
        with pytest.raises(TimeoutError):
            azure.requests.wait_for("index", 4, seconds=0.01)


# --- uploads and callbacks --------------------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """The URL of a server that keeps what is POSTed to it, and the paths with their queries."""
    posted: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", posted
        server.shutdown()
        thread.join()


def upload(client: httpx2.Client, name: str, path: str = "/Videos", **query: str) -> httpx2.Response:
    return client.post(path, params={"name": name, "videoUrl": "https://example.org/film.mp4", **query})


def test_an_upload_is_told_to_the_caller_when_it_is_indexed(call: Caller, listener: tuple[str, list[str]]) -> None:
    url, posted = listener
    with stand_in(2) as azure:
        client = call(azure, "Contributor")
        answer = upload(client, "a film", callbackUrl=f"{url}/callback?secret=a%2Fb&site=one")
        video_id = answer.json()["id"]
        assert (answer.status_code, answer.json()["state"]) == (200, "Uploaded")
        assert azure.ids()[0] == video_id
        entry = client.get("/Videos").json()["results"][0]
        assert (entry["name"], entry["state"]) == ("a film", "Uploaded")
        assert azure.finish_indexing(video_id) == [200]
        assert posted == [f"/callback?secret=a%2Fb&site=one&id={video_id}&state=Processed"]
        document = client.get(f"/Videos/{video_id}/Index").json()
        assert read(document).keyword_sets
        assert client.get("/Videos").json()["results"][0]["lastIndexed"] > entry["lastIndexed"]


def test_callbacks_repeat_and_come_in_any_order(call: Caller, listener: tuple[str, list[str]]) -> None:
    url, posted = listener
    with stand_in() as azure:
        client = call(azure, "Contributor")
        ids = [upload(client, f"film {number}", callbackUrl=url).json()["id"] for number in range(5)]
        assert len(set(ids)) == 5
        assert azure.finish_indexing(*ids, repeats=2, seed=3) == [200] * 10
        told = [parse_qs(urlsplit(path).query)["id"][0] for path in posted]
        assert sorted(told) == sorted(ids * 2)
        assert told != [video_id for video_id in ids for _ in range(2)]


def test_callbacks_may_tell_of_failures_of_what_is_not_true_and_of_people(
    call: Caller, listener: tuple[str, list[str]]
) -> None:
    url, posted = listener
    with stand_in() as azure:
        video_id = upload(call(azure, "Contributor"), "a film", callbackUrl=url).json()["id"]
        azure.finish_indexing(video_id, state="Failed")
        assert azure.ids("Failed") == [video_id]
        azure.notify(video_id, "Reticulating")
        azure.notify_person(video_id)
        queries = [parse_qs(urlsplit(path).query) for path in posted]
        assert [query.get("state") for query in queries] == [["Failed"], ["Reticulating"], None]
        assert set(queries[2]) == {"id", "faceId", "knownPersonId", "personName"}


def test_a_callback_that_nobody_takes_is_0_and_one_without_url_is_not_made() -> None:
    [video] = made_videos(1)
    with stand_in([video]) as azure:
        assert azure.finish_indexing(video.id) == []
        with pytest.raises(ValueError, match="callbackUrl"):
            azure.notify(video.id, "Processed")
        video.callback_url = "http://127.0.0.1:9/callback"
        azure.set_videos([video])
        assert azure.finish_indexing(video.id) == [0]


def test_what_is_being_indexed_cannot_be_indexed_again_and_duplicates_can_be_refused(call: Caller) -> None:
    with stand_in() as azure:
        client = call(azure, "Contributor")
        video_id = upload(client, "a film").json()["id"]
        assert error_of(client.put(f"/Videos/{video_id}/ReIndex"))[0] == 409
        assert error_of(upload(client, "a film", preventDuplicates="true"))[0] == 409
        assert error_of(client.put("/Videos/nothing000/ReIndex")) == (404, "BREAKDOWN_NOT_FOUND")
        assert error_of(client.post("/Videos")) == (400, "INVALID_INPUT")
        azure.set_state(video_id, "Processed")
        assert client.put(f"/Videos/{video_id}/ReIndex").status_code == 204
        assert azure.ids("Processing") == azure.in_work() == [video_id]
        azure.finish_indexing(video_id)
        assert (azure.ids("Processed"), azure.in_work()) == ([video_id], [])


def test_a_deleted_video_is_gone(call: Caller) -> None:
    with stand_in(2) as azure:
        client = call(azure, "Contributor")
        one, other = azure.ids()
        assert error_of(call(azure).delete(f"/Videos/{one}")) == (401, "USER_NOT_ALLOWED")
        assert client.delete(f"/Videos/{one}").status_code == 204
        assert error_of(client.delete(f"/Videos/{one}")) == (404, "BREAKDOWN_NOT_FOUND")
        assert azure.ids() == [other]


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_the_stand_in_can_be_run_by_hand(listener: tuple[str, list[str]]) -> None:
    command = [sys.executable, "-m", "tests.azure_stand_in", "--videos", "3", "--large", "1", "--faults", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            heading, _, *exports = (process.stdout.readline() for _ in range(6))
            assert heading.startswith(f"The stand-in has {len(real_videos()) + 4} videos")
            told = dict(line.removeprefix("export MATCHCUT_AZURE_").rstrip().split("=", 1) for line in exports)
            path = f"{told['ENDPOINT']}/{told['LOCATION']}/Accounts/{told['ACCOUNT_ID']}/Videos"
            bearer = {"Authorization": f"Bearer {told['TOKEN']}"}
            with httpx2.Client(headers=bearer, trust_env=False) as client:
                assert len(client.get(path).json()["results"]) == len(real_videos()) + 4
                video_id = upload(client, "a film", path, callbackUrl=listener[0]).json()["id"]
                assert process.stdout.readline() == "\n"
                assert process.stdout.readline() == f"{video_id} is indexed; its callbackUrl answered 200\n"
        finally:
            process.terminate()
        assert process.stdout.read() == "2 requests were answered\n"
        assert process.wait(20) == 0


def test_a_document_given_to_the_stand_in_may_have_another_id() -> None:
    original = made_videos(1, all_processed=True)[0].make(0)
    renamed = of_document(original, "another000")
    document = renamed.make(0)
    assert (document["id"], document["videos"][0]["id"]) == ("another000", "another000")
    assert keywords(renamed.make(1)) != keywords(document) == keywords(original)
