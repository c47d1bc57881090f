"""`matchcut profile export` and `import`: a line for each profile, followed by one for each of its events."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from matchcut_client import ErrorReason, Event, InvalidArgument, MatchcutClient, NotFound, Profile, pages
from matchcut_server.cli.connection import add_connection, connect
from matchcut_server.cli.events import record_lines
from matchcut_server.cli.export import STANDARD_OUTPUT, opened
from matchcut_server.cli.render import counted, print_json
from matchcut_server.cli.sending import Chunk, Summary, chunks, send_all
from matchcut_server.cli.sources import read_documents

FORMAT = 1
CHUNK = 1_000
"""Lines in one call."""
_PER_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """One line of a file: a profile, or one of its events."""

    matchcut_profiles: int
    profile: Profile | None = None
    event: Event | None = None


_DECODER = msgspec.json.Decoder(ProfileLine)
_ENCODER = msgspec.json.Encoder()


def add_export(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `export`."""
    parser = actions.add_parser(
        "export",
        help="write all profiles with their events to a file that import reads",
        description="Write all profiles of a catalog, each followed by all its events, one JSON object a line.",
    )
    parser.add_argument(
        "target",
        nargs="?",
        default=STANDARD_OUTPUT,
        metavar="FILE",
        help="file to write; .gz compresses; - is standard output (default)",
    )
    add_connection(parser)
    parser.set_defaults(run=run_export)


def add_import(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `import`."""
    parser = actions.add_parser(
        "import",
        help="read profiles and events that export wrote",
        description="Read what `matchcut profile export` wrote, into the same or another catalog. What is declared "
        "replaces what is there; events whose ids are known stay as they are.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help=".ndjson or .ndjson.gz, or - for standard input")
    add_connection(parser)
    parser.set_defaults(run=run_import)


def run_export(arguments: argparse.Namespace) -> int:
    """Export all profiles with their events."""
    profiles = events = 0
    with connect(arguments) as client, opened(arguments.target) as file:
        for profile in client.iter_profiles(page_size=_PER_PAGE):
            file.write(_ENCODER.encode(ProfileLine(FORMAT, profile=profile)) + b"\n")
            profiles += 1
            for event in _events(client, profile):
                file.write(_ENCODER.encode(ProfileLine(FORMAT, event=event)) + b"\n")
                events += 1
    told = f"exported {counted(profiles, 'profile')} with {counted(events, 'event')} of catalog '{arguments.catalog}'"
    print(told, file=sys.stderr)
    if arguments.json and arguments.target != STANDARD_OUTPUT:
        print_json({"catalog": arguments.catalog, "profiles": profiles, "events": events})
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Import profiles and events; return 1 if any was rejected."""
    summary = send_all(arguments, chunks(read_documents(arguments.paths), CHUNK), _ids, _send)
    if arguments.json:
        summary.print_json()
    else:
        summary.print("line")
    return summary.exit_code


def _events(client: MatchcutClient, profile: Profile) -> Iterator[Event]:
    """Yield the events of a user, until there are no more or the user is deleted."""
    if not profile.event_count:
        return
    try:
        for page in pages(client.get_profile, profile.user_id, include_events=True, page_size=_PER_PAGE):
            yield from page.events
    except NotFound:
        return
    except InvalidArgument as error:
        if error.reason != ErrorReason.INVALID_PAGE_TOKEN:
            raise


def _send(client: MatchcutClient, chunk: Chunk) -> Summary:
    summary = Summary()
    profiles: list[tuple[str, Profile]] = []
    events: list[tuple[str, Event]] = []
    for document in chunk:
        try:
            line = _read(document.content) if not document.problem else ProfileLine(FORMAT)
        except ValueError as error:
            summary.reject(document.name, f"not a line of an export of profiles: {error}")
            continue
        if line.profile is not None:
            profiles.append((document.name, line.profile))
        elif line.event is not None:
            events.append((document.name, line.event))
        else:
            summary.reject(document.name, document.problem or "neither a profile nor an event")
    if profiles:
        for (name, _), result in zip(
            profiles, client.upsert_profiles(profile for _, profile in profiles).results, strict=True
        ):
            summary.add(name, result)
    record_lines(client, events, summary)
    return summary


def _read(content: bytes) -> ProfileLine:
    line = _DECODER.decode(content)
    if line.matchcut_profiles != FORMAT:
        raise ValueError(f"format {line.matchcut_profiles}, and {FORMAT} is known")
    return line


def _ids(chunk: Chunk) -> set[str]:
    """Return the users of profiles and the ids of events, so that the order of lines about the same is kept."""
    found = set()
    for document in chunk:
        with suppress(ValueError):
            line = _read(document.content)
            if line.profile is not None:
                found.add(f"user {line.profile.user_id}")
            if line.event is not None:
                found.add(f"event {line.event.event_id}")
    return found
