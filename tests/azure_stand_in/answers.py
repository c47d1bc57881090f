"""Answers as Video Indexer, the gateway before it and Azure Resource Manager write them."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

THROTTLED_FORMS = 4


def error(status: int, kind: str, message: str) -> Response:
    """Answer with an error of the API itself, whose keys are capitalised."""
    return JSONResponse({"ErrorType": kind, "Message": message}, status)


def invalid(message: str) -> Response:
    """Answer to a parameter that can't be taken."""
    return error(400, "INVALID_INPUT", message)


def unknown_video(video_id: str) -> Response:
    """Answer to a video that isn't there."""
    return error(404, "BREAKDOWN_NOT_FOUND", f"Video '{video_id}' was not found.")


def removed_video(video_id: str) -> Response:
    """Answer to a video that was there."""
    return error(400, "VIDEO_REMOVED", f"Video '{video_id}' was removed.")


def expired() -> Response:
    """Answer to a token that was good once."""
    return error(401, "ACCESS_TOKEN_EXPIRED", "The access token has expired.")


def not_allowed(account_id: str, status: int = 401) -> Response:
    """Answer to a token that is none, or allows too little."""
    return error(status, "USER_NOT_ALLOWED", f"User not allowed access account '{account_id}'.")


def broken() -> Response:
    """Answer to what went wrong inside."""
    return error(500, "GENERAL", "General error")


def timed_out() -> Response:
    """Answer to what took too long inside."""
    return error(504, "SERVER_TIMEOUT", "Server timeout")


def bad_gateway() -> Response:
    """Answer of something between the two, which knows nothing of JSON."""
    return HTMLResponse("<html><head><title>502 Bad Gateway</title></head></html>", 502)


def throttled(form: int, seconds: float) -> Response:
    """Answer to one request too many.

    The forms: the gateway's body with Retry-After in seconds, and without any; the API's own with Retry-After in
    seconds, and as a date.
    """
    whole = math.ceil(seconds)
    if form % THROTTLED_FORMS < 2:
        message = f"Rate limit is exceeded. Try again in {whole} seconds."
        answer: Response = JSONResponse({"statusCode": 429, "message": message}, 429)
    else:
        answer = error(429, "THROTTLED", "Too many requests")
    match form % THROTTLED_FORMS:
        case 0 | 2:
            answer.headers["Retry-After"] = str(whole)
        case 3:
            until = datetime.now(UTC) + timedelta(seconds=whole)
            until += timedelta(microseconds=-until.microsecond % 1_000_000)
            answer.headers["Retry-After"] = format_datetime(until, usegmt=True)
    return answer


def manager_error(status: int, code: str, message: str) -> Response:
    """Answer with an error of Azure Resource Manager."""
    return JSONResponse({"error": {"code": code, "message": message}}, status)


def page(results: list[dict[str, Any]], size: int, skip: int, *, done: bool) -> Response:
    """Answer with a page of a list."""
    following = {"pageSize": size, "skip": skip + len(results), "done": done}
    return JSONResponse({"results": results, "nextPage": following})
