"""`matchcut import`: documents and exports into a catalog."""

import argparse
from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec

from matchcut_client import MatchcutClient, VideoIndex
from matchcut_server.cli.connection import add_connection
from matchcut_server.cli.export import Exported, restore_settings
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.sending import Chunk, Summary, chunks, send_all
from matchcut_server.cli.sources import Document, read_documents
from matchcut_server.cli.watching import watch_folders

CHUNK = 200
"""Documents in one call."""


class _NamedVideo(msgspec.Struct):
    video_id: str = ""


class _Named(msgspec.Struct):
    """What names the video of a document, at its root, or of a line of an export."""

    id: str = ""
    video: _NamedVideo | None = None


_NAMED = msgspec.json.Decoder(_Named)


def add_import(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `import`."""
    parser = commands.add_parser(
        "import",
        help="import Video Indexer documents, or an export",
        description="Import Azure AI Video Indexer documents, or what `matchcut export` wrote. The good ones are kept "
        "even if others are rejected; the exit code is 1 if any was.",
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="file, folder (searched whole), .ndjson or .ndjson.gz with a document a line, or - for standard input",
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="import what is in the folders, and go on with files that are new or change, until stopped; what is "
        "deleted there stays in the catalog, and hidden files are left out",
    )
    parser.add_argument("--video-id", help="id of the video, for a single document that has none at its root")
    parser.add_argument("--dry-run", action="store_true", help="check everything, but write nothing")
    add_connection(parser)
    parser.set_defaults(run=run_import)


def run_import(arguments: argparse.Namespace) -> int:
    """Import documents; return 1 if any was rejected."""

    def send(client: MatchcutClient, chunk: Chunk) -> Summary:
        return _import_chunk(client, chunk, arguments)

    if arguments.watch:
        if arguments.video_id:
            raise Failure("--video-id goes with a single document, not with --watch", code=2)
        return watch_folders(arguments, CHUNK, send)
    some = chunks(read_documents(arguments.paths), CHUNK)
    summary = send_all(arguments, _single(some) if arguments.video_id else some, _ids, send)
    if arguments.json:
        summary.print_json()
    else:
        summary.print("document", dry_run=arguments.dry_run)
    return summary.exit_code


def _single(some: Iterable[Chunk]) -> Iterator[Chunk]:
    """Yield the only chunk, with the only document, there is. Raises `Failure` if there are more."""
    for number, chunk in enumerate(some):
        if number or len(chunk) > 1:
            raise Failure("--video-id goes with a single document", code=2)
        yield chunk


def _ids(chunk: Iterable[Document]) -> set[str]:
    """Return the ids that documents and lines of exports name, as far as they can be read."""
    found = set()
    for document in chunk:
        with suppress(msgspec.DecodeError):
            named = _NAMED.decode(document.content)
            found.add(named.video.video_id if named.video else named.id)
    return found - {""}


def _import_chunk(client: MatchcutClient, chunk: Chunk, arguments: argparse.Namespace) -> Summary:
    """Import some documents: lines of an export as what they hold, all others as they are."""
    summary = Summary()
    documents: list[Document] = []
    lines: list[tuple[str, Exported]] = []
    for document in chunk:
        if document.problem:
            summary.reject(document.name, document.problem)
        elif not Exported.is_one(document.content):
            documents.append(document)
        else:
            try:
                lines.append((document.name, Exported.decode(document.content)))
            except ValueError as error:  # a msgspec error is one too
                summary.reject(document.name, f"not a line of an export of this version: {error}")
    indexes = [VideoIndex(content=one.content, video_id=arguments.video_id or "") for one in documents]
    results = client.import_video_indexes(indexes, validate_only=arguments.dry_run).results if indexes else ()
    for document, result in zip(documents, results, strict=True):
        summary.add(document.name, result)
    _restore(client, lines, arguments, summary)
    return summary


def _restore(
    client: MatchcutClient, lines: list[tuple[str, Exported]], arguments: argparse.Namespace, summary: Summary
) -> None:
    """Bring back what an export holds."""
    for _, line in lines:
        if line.settings is not None and not arguments.dry_run:
            restore_settings(client, arguments.catalog, line.settings)
            summary.settings_restored = True
    named = [(name, line.video) for name, line in lines if line.video is not None]
    videos = [video for _, video in named]
    results = client.upsert_videos(videos, validate_only=arguments.dry_run).results if videos else ()
    for (name, _), result in zip(named, results, strict=True):
        summary.add(name, result)
