"""What Video Indexer calls when it has indexed a video. A call is a hint, no more: all else is read from the account.

    POST /callback?secret=...&id=VIDEO&state=Processed      200 once the video is in the queue, on disk
    GET  /health                                            200 {"status": "ok", "waiting": 3, "failed": 0}
                                                            503 {"status": "queue unavailable"}

Video Indexer keeps the query of the `callbackUrl` it was given and appends its own to it. It may call in any order,
more than once, and about recognised people too: such a call has no `state`. Nothing of a query is ever logged but the
id and the state of a call with the right secret.
"""

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from .account import Secret
from .queue import VideoQueue
from .state import StateError

_VIDEO_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
"""Ten letters and digits today; nothing promises that."""
_STATE = re.compile(r"[0-9A-Za-z]{1,32}")
_PROCESSED = "processed"
_ENDED = frozenset({"failed", "quarantined"})
_RETRY_SECONDS = 5


def make_receiver(queue: VideoQueue, secret: Secret, arrived: Callable[[], None]) -> Starlette:
    """Make the application; `arrived` is called after a video was put into the queue."""
    log = structlog.get_logger("matchcut.azure")
    expected = _digest(secret.reveal())

    async def callback(request: Request) -> Response:
        # The last ones count: Video Indexer appends its own to what the caller has written.
        query = request.query_params
        # Digests are of one length, so not even that of the secret shows in the time this takes.
        if not hmac.compare_digest(_digest(query.get("secret", "")), expected):
            return PlainTextResponse("forbidden\n", 403)
        if "state" not in query:
            return PlainTextResponse("ignored\n")  # about a person
        video_id, state = query.get("id", ""), query["state"]
        if not _VIDEO_ID.fullmatch(video_id):
            return PlainTextResponse("id: give the id of a video\n", 400)
        if state.lower() != _PROCESSED:
            note = log.warning if state.lower() in _ENDED else log.info
            note("callback_ignored", video_id=video_id, state=state if _STATE.fullmatch(state) else "?")
            return PlainTextResponse("ignored\n")
        try:
            await queue.put(video_id)
        except StateError as error:
            log.error("callback_refused", video_id=video_id, error=str(error))  # noqa: TRY400 - the text says it all
            return PlainTextResponse("try again later\n", 503, {"retry-after": str(_RETRY_SECONDS)})
        arrived()
        return PlainTextResponse("queued\n")

    async def health(request: Request) -> Response:  # noqa: ARG001 - how a route is called
        try:
            counts = await queue.counts()
        except StateError:
            return JSONResponse({"status": "queue unavailable"}, 503)
        return JSONResponse({"status": "ok", **counts._asdict()})

    routes = [
        Route("/callback", _without_body(callback), methods=["POST"]),
        Route("/health", _without_body(health), methods=["GET"]),
    ]
    return Starlette(routes=routes)


def _without_body(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Leave the body of a request unread: where there is one, the connection ends with the answer."""

    async def answer(request: Request) -> Response:
        response = await endpoint(request)
        if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
            response.headers["connection"] = "close"
        return response

    return answer


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
