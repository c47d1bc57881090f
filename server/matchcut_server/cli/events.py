"""`matchcut event`: what users do, one event at a time or many from files."""

import argparse
import math
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
from google.protobuf import json_format

from matchcut.v1 import profile_service_pb2 as pb
from matchcut_client import Event, EventKind, MatchcutClient, TimeSpan
from matchcut_client.conversion import from_message
from matchcut_server.cli.connection import add_connection, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.render import plain, print_json, print_results
from matchcut_server.cli.sending import Chunk, Summary, chunks, send_all
from matchcut_server.cli.sources import read_documents

CHUNK = 1_000
"""Events in one call."""

_KINDS = [kind.name.lower() for kind in EventKind if kind is not EventKind.UNSPECIFIED]
_PREFIX = "EVENT_KIND_"


class _Named(msgspec.Struct):
    """What names an event, in both spellings that JSON of the contract may have."""

    event_id: str = ""
    camel: str = msgspec.field(default="", name="eventId")


_NAMED = msgspec.json.Decoder(_Named)


def add_event(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `event` with its own commands."""
    parser = commands.add_parser("event", help="record what users do: views, likes and more")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_record(actions)
    importing = actions.add_parser(
        "import",
        help="record the events of a file",
        description="Record events, one JSON object a line, with the names of `Event` in the contract. An event whose "
        "id is known is left as it is, so a file can be imported again. The good ones are kept even if others are "
        "rejected; the exit code is 1 if any was.",
    )
    importing.add_argument(
        "paths", nargs="+", metavar="PATH", help=".ndjson or .ndjson.gz, a folder of them, or - for standard input"
    )
    add_connection(importing)
    importing.set_defaults(run=run_import)


def _add_record(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser(
        "record",
        help="record one event",
        description="Record what a user did with a video. Example: matchcut event record --user ada "
        "--video v1 --kind view --span 0-95",
    )
    parser.add_argument("--user", required=True, metavar="USER_ID")
    parser.add_argument("--video", default="", metavar="VIDEO_ID", help="required unless --promotion is given")
    parser.add_argument("--kind", required=True, choices=_KINDS)
    watched = parser.add_mutually_exclusive_group()
    watched.add_argument("--watched-share", type=float, metavar="SHARE", help="of a view: 0 to 1")
    watched.add_argument("--watched-seconds", type=float, metavar="SECONDS", help="of a view")
    parser.add_argument(
        "--span",
        action="append",
        default=[],
        metavar="START-END",
        help="of a view: seconds of the video that were watched, such as 10-20.5; may be repeated",
    )
    parser.add_argument("--time", metavar="TIME", help="when it happened, such as 2024-05-01T12:00:00Z (default: now)")
    parser.add_argument("--id", metavar="EVENT_ID", help="id of the event (default: a new one)")
    parser.add_argument("--weight", type=float, metavar="FACTOR", help="factor to the weight of the kind, 0 to 1000")
    parser.add_argument("--recommendation", default="", metavar="ID", help="recommendation_id from which this followed")
    parser.add_argument("--promotion", default="", metavar="ID", help="promotion that was shown or watched")
    add_connection(parser)
    parser.set_defaults(run=run_record)


def run_record(arguments: argparse.Namespace) -> int:
    """Record one event; return 1 if it was rejected."""
    event = Event(
        event_id=str(uuid.uuid4()) if arguments.id is None else arguments.id,
        user_id=arguments.user,
        kind=EventKind[arguments.kind.upper()],
        event_time=datetime.now(UTC) if arguments.time is None else parse_time("--time", arguments.time),
        video_id=arguments.video,
        watched_seconds=arguments.watched_seconds,
        watched_share=arguments.watched_share,
        watched_spans=tuple(map(_span, arguments.span)),
        recommendation_id=arguments.recommendation,
        promotion_id=arguments.promotion,
        weight=arguments.weight,
    )
    with connect(arguments) as client:
        response = client.record_events([event])
    if arguments.json:
        print_json(response)
    else:
        print_results(response.results)
        for video_id in response.missing_ids:
            print(plain(f"{video_id} is not in the catalog yet; the event counts once it is"))
    return 1 if response.rejected else 0


def run_import(arguments: argparse.Namespace) -> int:
    """Record the events of files; return 1 if any was rejected."""
    summary = send_all(arguments, chunks(read_documents(arguments.paths), CHUNK), _ids, _send)
    if arguments.json:
        summary.print_json()
    else:
        summary.print("event")
    return summary.exit_code


def parse_time(option: str, text: str) -> datetime:
    """Read a time as ISO 8601 writes it; without a zone it is UTC. Raises `Failure`."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(f"{option} {text}: write a time such as 2024-05-01T12:00:00Z", code=2) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def read_event(content: bytes) -> Event:
    """Read an event from JSON of the contract, or from what `--json` prints. Raises `ValueError`."""
    given = msgspec.json.decode(content, type=dict[str, Any])
    kind = given.get("kind")
    if isinstance(kind, str) and not kind.startswith(_PREFIX):
        given["kind"] = f"{_PREFIX}{kind.upper()}"
    try:
        return from_message(Event, json_format.ParseDict(given, pb.Event()))
    except json_format.ParseError as error:
        raise ValueError(str(error)) from None


def record_lines(client: MatchcutClient, lines: Iterable[tuple[str, Event]], summary: Summary) -> None:
    """Record events, each with the name of the line it comes from."""
    named = list(lines)
    if not named:
        return
    response = client.record_events(event for _, event in named)
    for (name, _), result in zip(named, response.results, strict=True):
        summary.add(name, result)
    summary.missing_ids.update(response.missing_ids)


def _send(client: MatchcutClient, chunk: Chunk) -> Summary:
    summary = Summary()
    lines = []
    for document in chunk:
        if document.problem:
            summary.reject(document.name, document.problem)
            continue
        try:
            lines.append((document.name, read_event(document.content)))
        except ValueError as error:  # not JSON, not UTF-8, or not an event
            summary.reject(document.name, f"not an event: {error}")
    record_lines(client, lines, summary)
    return summary


def _ids(chunk: Chunk) -> set[str]:
    """Return the ids of events, as far as they can be read: of those that occur again the first one counts."""
    found = set()
    for document in chunk:
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            named = _NAMED.decode(document.content)
            found.add(named.event_id or named.camel)
    return found - {""}


def _span(text: str) -> TimeSpan:
    start, separator, end = text.partition("-")
    try:
        span = TimeSpan(start_seconds=float(start), end_seconds=float(end))
    except ValueError:
        separator, span = "", TimeSpan(0.0, 0.0)
    if not separator or not (math.isfinite(span.start_seconds) and math.isfinite(span.end_seconds)):
        raise Failure(f"--span {text}: write START-END in seconds, such as 10-20.5", code=2)
    return span
