import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from matchcut_server.azure.errors import ApiError, Busy, Gone, Stop, api_error

OWN = {"ErrorType": "USER_NOT_ALLOWED", "Message": "User not allowed"}
GATEWAY = {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 17 seconds."}
MANAGER = {"error": {"code": "AuthorizationFailed", "message": "The client has no authorization"}}


def error(status: int, body: object, **headers: str) -> ApiError:
    return api_error(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode()
    )


@pytest.mark.parametrize(
    "status, body, kind, said",
    [
        (401, OWN, Stop, "HTTP 401: USER_NOT_ALLOWED: User not allowed"),
        (403, MANAGER, Stop, "HTTP 403: AuthorizationFailed: The client has no authorization"),
        (404, {"ErrorType": "BREAKDOWN_NOT_FOUND", "Message": "no"}, Gone, "HTTP 404: BREAKDOWN_NOT_FOUND: no"),
        (400, {"ErrorType": "VIDEO_REMOVED", "Message": "no"}, Gone, "HTTP 400: VIDEO_REMOVED: no"),
        (400, {"ErrorType": "INVALID_INPUT", "Message": "no"}, ApiError, "HTTP 400: INVALID_INPUT: no"),
        (429, GATEWAY, Busy, "HTTP 429: Rate limit is exceeded. Try again in 17 seconds."),
        (500, {"ErrorType": "GENERAL", "Message": "General error"}, Busy, "HTTP 500: GENERAL: General error"),
        (302, {}, ApiError, "HTTP 302"),
    ],
)
def test_every_shape_of_error_is_understood(status: int, body: object, kind: type[ApiError], said: str) -> None:
    read = error(status, body)
    assert type(read) is kind
    assert str(read) == said


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b"[1]",
        b'"text"',
        b'{"error": 5}',
        b"\xff",
        b'{"Message": ' + b"[" * 60_000,
    ],
)
def test_what_is_no_error_of_azure_is_told_by_its_status(body: bytes) -> None:
    assert str(api_error(502, {}, body)) == "HTTP 502"


def test_a_404_that_video_indexer_does_not_explain_says_nothing_about_a_video() -> None:
    """It may be a proxy's; and what is gone may be deleted."""
    assert type(api_error(404, {}, b"<html>not found</html>")) is ApiError
    assert type(error(404, {"error": {"code": "ResourceNotFound", "message": "no such place"}})) is ApiError
    assert type(error(404, {"ErrorType": "USER_NOT_FOUND", "Message": "no"})) is ApiError


def test_a_long_message_is_cut() -> None:
    assert len(str(error(400, {"ErrorType": "X", "Message": "long " * 1_000}))) < 400


def test_access_refused_says_what_to_do() -> None:
    refused, forbidden = error(401, OWN), error(403, OWN)
    assert isinstance(refused, Stop)
    assert isinstance(forbidden, Stop)
    assert "new access token" in refused.advice
    assert "may read it" in forbidden.advice


@pytest.mark.parametrize(
    "headers, body, seconds",
    [
        ({"retry_after": "17"}, OWN, 17.0),
        ({"retry_after": " 0 "}, OWN, 0.0),
        ({}, GATEWAY, 17.0),
        ({"retry_after": "3"}, GATEWAY, 3.0),  # what is meant for programs counts
        ({}, OWN, None),
        ({"retry_after": "soon"}, OWN, None),
        ({"retry_after": "-5"}, OWN, None),
        ({"retry_after": f"Fri, 02 Jan {9**30} 10:00:30 GMT"}, OWN, None),
        # By the clock of who wrote it, whatever the machine's own says; and in every spelling of a date.
        ({"retry_after": "Fri, 02 Jan 2015 10:00:30 GMT", "date": "Fri, 02 Jan 2015 10:00:00 GMT"}, OWN, 30.0),
        ({"retry_after": "Friday, 02-Jan-15 10:00:30 GMT", "date": "Fri, 02 Jan 2015 10:00:00 GMT"}, OWN, 30.0),
        ({"retry_after": "Fri Jan  2 10:00:30 2015", "date": "Fri, 02 Jan 2015 10:00:00 GMT"}, OWN, 30.0),
        ({"retry_after": "Fri, 02 Jan 2015 10:00:00 GMT"}, OWN, 0.0),  # long past
    ],
)
def test_when_to_try_again_is_read_in_every_form(headers: dict[str, str], body: object, seconds: float | None) -> None:
    assert error(429, body, **headers).retry_after == seconds


def test_a_date_without_another_to_compare_it_with_counts_from_now() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert error(429, OWN, retry_after=soon).retry_after == pytest.approx(60, abs=5)
