"""The stand-in as an ASGI application: the operations of the API, and the faults before them."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import Message, Receive, Scope, Send

from tests.azure_stand_in import answers
from tests.azure_stand_in.account import (
    ACCOUNT_ID,
    ACCOUNT_NAME,
    ENTRA_TOKEN,
    LOCATION,
    RESOURCE_GROUP,
    SUBSCRIPTION,
    Account,
    timestamp,
)
from tests.azure_stand_in.faults import Fault, Faults
from tests.azure_stand_in.library import StandInVideo, made_videos
from tests.azure_stand_in.record import Request, Requests
from tests.azure_stand_in.throttle import Throttle
from tests.azure_stand_in.view import Refusal

MOST_ON_A_PAGE = 1000
MOST_READ = 65_536
"""Bytes of a request's body."""

Drop = Callable[[Scope], None]
"""Resets the connection of a request."""


class App:
    """Answers requests; what goes wrong goes wrong here."""

    def __init__(self, account: Account, clock: Callable[[], float], *, filters: bool) -> None:
        self.account = account
        self.requests = Requests()
        self.faults = Faults()
        self.throttle = Throttle(clock)
        self.held: dict[str, threading.Event] = {}
        self.refusal: int | None = None
        self.before: Callable[[Request], None] | None = None
        self.drop: Drop | None = None
        self._clock = clock
        self._filters = filters
        self._throttled = 0
        base = "/{location}/Accounts/{account_id}"
        manager = (
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.VideoIndexer/accounts/{name}"
        )
        self._routes = Starlette(
            routes=[
                Route(f"{base}/Videos", self._list, methods=["GET"], name="videos"),
                Route(f"{base}/Videos", self._upload, methods=["POST"], name="upload"),
                Route(f"{base}/Videos/{{video_id}}/Index", self._index, methods=["GET"], name="index"),
                Route(f"{base}/Videos/{{video_id}}", self._delete, methods=["DELETE"], name="delete"),
                Route(f"{base}/Videos/{{video_id}}/ReIndex", self._reindex, methods=["PUT"], name="reindex"),
                Route(f"{base}/Projects", self._list, methods=["GET"], name="projects"),
                Route(f"{base}/Projects/{{video_id}}/Index", self._index, methods=["GET"], name="project"),
                Route(f"{manager}/generateAccessToken", self._generate, methods=["POST"], name="token"),
            ],
            exception_handlers={
                404: lambda *_: answers.error(404, "NOT_FOUND", "Resource not found"),
                405: lambda *_: answers.error(405, "METHOD_NOT_ALLOWED", "Method not allowed"),
            },
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record a request, and answer it, or let it meet a fault."""
        http = HttpRequest(scope, receive)
        kind, video_id = self._kind(scope)
        headers = {name: value for name, value in http.headers.items() if name != "authorization"}
        request = Request(kind, self._clock(), http.method, http.url.path, dict(http.query_params), headers, video_id)
        self.requests.arrive(request)
        try:
            body = b""
            async for chunk in http.stream():
                body += chunk[: MOST_READ - len(body)]  # of a film the beginning is enough
            if self.before:
                self.before(request)
            if gate := self.held.get(kind):
                await asyncio.to_thread(gate.wait)
            await self._answer(request, body, scope, send)
        finally:
            self.requests.leave()

    async def _answer(self, request: Request, sent: bytes, scope: Scope, send: Send) -> None:
        if request.kind != "token" and (wait := self.throttle.wait()) is not None:
            self._throttled += 1
            await _send(answers.throttled(self._throttled, wait), request, scope, send)
            return
        fault = self.faults.pick(request.kind, request.key)
        request.fault = fault
        match fault:
            case Fault.DROPPED:
                assert self.drop is not None
                self.drop(scope)
            case Fault.SERVER_ERROR:
                await _send(answers.broken(), request, scope, send)
            case Fault.TIMEOUT:
                await _send(answers.timed_out(), request, scope, send)
            case Fault.BAD_GATEWAY:
                await _send(answers.bad_gateway(), request, scope, send)
            case Fault.THROTTLED:
                self._throttled += 1
                await _send(answers.throttled(self._throttled, self.faults.retry_after), request, scope, send)
            case _:
                await self._answer_in_order(request, sent, scope, send)

    async def _answer_in_order(self, request: Request, sent: bytes, scope: Scope, send: Send) -> None:
        start: Message = {}
        body = b""

        async def take(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            else:
                body += message.get("body", b"")

        async def give() -> Message:
            return {"type": "http.request", "body": sent, "more_body": False}

        await self._routes(scope, give, take)
        request.status = start["status"]
        half, rest = body[: len(body) // 2], body[len(body) // 2 :]
        match request.fault:
            case Fault.TRUNCATED:
                headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
                await send({**start, "headers": [*headers, (b"content-length", b"%d" % len(half))]})
                await send({"type": "http.response.body", "body": half})
            case Fault.CUT:
                await send(start)
                # The server ends the connection of an answer that isn't complete.
                await send({"type": "http.response.body", "body": half, "more_body": True})
            case Fault.SLOW:
                await asyncio.sleep(self.faults.slow_seconds / 2)
                await send(start)
                await send({"type": "http.response.body", "body": half, "more_body": True})
                await asyncio.sleep(self.faults.slow_seconds / 2)
                await send({"type": "http.response.body", "body": rest})
            case _:
                await send(start)
                await send({"type": "http.response.body", "body": body})

    def _kind(self, scope: Scope) -> tuple[str, str | None]:
        for route in self._routes.routes:
            match, child = route.matches(scope)
            if match is Match.FULL and isinstance(route, Route):
                return route.name, child["path_params"].get("video_id")
        return "other", None

    # --- operations ---

    def _denied(self, http: HttpRequest, *, writes: bool = False) -> Response | None:
        """Return the refusal of a call that may not be made."""
        place = (http.path_params["location"], http.path_params["account_id"])
        if place != (LOCATION, ACCOUNT_ID):
            return answers.error(404, "NOT_FOUND", f"Account '{place[1]}' was not found in '{place[0]}'.")
        if self.refusal is not None:
            return answers.not_allowed(ACCOUNT_ID, self.refusal)
        header = http.headers.get("authorization", "")
        token = header.removeprefix("Bearer ") if header else http.query_params.get("accessToken", "")
        permission = self.account.permission(token)
        if permission == "Expired":
            return answers.expired()
        if permission is None or (writes and permission != "Contributor"):
            return answers.not_allowed(ACCOUNT_ID)
        return None

    def _list(self, http: HttpRequest) -> Response:
        if denied := self._denied(http):
            return denied
        query = http.query_params
        try:
            size, skip = int(query.get("pageSize", "25")), int(query.get("skip", "0"))
        except ValueError:
            return answers.invalid("pageSize and skip are numbers.")
        if not 0 < size <= MOST_ON_A_PAGE or skip < 0:
            return answers.invalid(f"pageSize is from 1 to {MOST_ON_A_PAGE}, skip at least 0.")
        entries = self.account.listed(projects=http.url.path.endswith("/Projects"))
        if after := query.get("createdAfter"):
            entries = [entry for entry in entries if entry["created"] > after]
        if before := query.get("createdBefore"):
            entries = [entry for entry in entries if entry["created"] < before]
        results = entries[skip : skip + size]
        return answers.page(results, size, skip, done=skip + size >= len(entries))

    def _index(self, http: HttpRequest) -> Response:
        if denied := self._denied(http):
            return denied
        video_id = http.path_params["video_id"]
        video = self.account.find(video_id, project="/Projects/" in http.url.path)
        if video is None:
            gone = video_id in self.account.removed
            return answers.removed_video(video_id) if gone else answers.unknown_video(video_id)
        try:
            return JSONResponse(self.account.document(video, http.query_params, filters=self._filters))
        except Refusal as refusal:
            return answers.invalid(str(refusal))

    def _upload(self, http: HttpRequest) -> Response:
        if denied := self._denied(http, writes=True):
            return denied
        query = http.query_params
        if not query.get("name"):
            return answers.invalid("name is required.")
        if query.get("preventDuplicates", "false").lower() == "true" and (twin := self._twin(query["name"])):
            return answers.error(409, "ALREADY_EXISTS", f"Video '{twin}' already exists.")
        [video] = made_videos(1, seed=len(self.requests), all_processed=True)
        video.name = query["name"]
        video.state = "Uploaded"
        video.external_id = query.get("externalId")
        video.callback_url = query.get("callbackUrl")
        video.in_work = True
        self.account.add(video)
        return JSONResponse(_uploaded(self.account.get(video.id)))

    def _reindex(self, http: HttpRequest) -> Response:
        if denied := self._denied(http, writes=True):
            return denied
        video_id = http.path_params["video_id"]
        video = self.account.find(video_id)
        if video is None:
            return answers.unknown_video(video_id)
        if video.state in {"Uploaded", "Processing"}:
            return answers.error(409, "VIDEO_ALREADY_IN_PROGRESS", f"Video '{video_id}' is being indexed.")
        video.callback_url = http.query_params.get("callbackUrl") or video.callback_url
        video.in_work = True
        self.account.index_again(video_id, state="Processing")
        return Response(status_code=204)

    def _delete(self, http: HttpRequest) -> Response:
        if denied := self._denied(http, writes=True):
            return denied
        video_id = http.path_params["video_id"]
        if self.account.find(video_id) is None:
            return answers.unknown_video(video_id)
        self.account.delete(video_id)
        return Response(status_code=204)

    async def _generate(self, http: HttpRequest) -> Response:
        """Generate an access token, as Azure Resource Manager does."""
        if http.headers.get("authorization") != f"Bearer {ENTRA_TOKEN}":
            return answers.manager_error(401, "InvalidAuthenticationToken", "The access token is invalid.")
        path = http.path_params
        if (path["subscription"], path["group"].lower(), path["name"]) != (
            SUBSCRIPTION,
            RESOURCE_GROUP,
            ACCOUNT_NAME,
        ):
            return answers.manager_error(404, "ResourceNotFound", f"The account '{path['name']}' was not found.")
        if "api-version" not in http.query_params:
            return answers.manager_error(400, "MissingApiVersionParameter", "api-version is required.")
        asked = json.loads(await http.body() or b"{}")
        if asked.get("permissionType") not in {"Reader", "Contributor"} or asked.get("scope") != "Account":
            return answers.manager_error(400, "InvalidRequestContent", "permissionType and scope are required.")
        return JSONResponse({"accessToken": self.account.give_token(asked["permissionType"])})

    def _twin(self, name: str) -> str | None:
        return next((entry["id"] for entry in self.account.listed() if entry["name"] == name), None)


def _uploaded(video: StandInVideo) -> dict[str, Any]:
    return {
        "accountId": ACCOUNT_ID,
        "id": video.id,
        "name": video.name,
        "created": timestamp(video.created),
        "state": video.state,
        "processingProgress": "",
        "externalId": video.external_id,
    }


async def _send(answer: Response, request: Request, scope: Scope, send: Send) -> None:
    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    request.status = answer.status_code
    with contextlib.suppress(OSError):
        await answer(scope, nothing, send)
