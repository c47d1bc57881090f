"""`matchcut import`: documents and exports into a catalog."""

import argparse
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from matchcut_client import MatchcutClient, VideoIndex, WriteResult, WriteStatus
from matchcut_server.cli.connection import Screen, add_connection, connect
from matchcut_server.cli.export import Exported, restore_settings
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.render import counted, plain, print_json
from matchcut_server.cli.sources import Document, read_documents

CHUNK = 200
"""Documents in one call."""
CHUNK_BYTES = 32 * 2**20
"""From this size on a call takes no further document: whole ones may have many megabytes."""

UNDER_WAY = 4
"""Calls at the same time: a server may have several processes. The first one is made alone, which may fail for all."""

_SHOWN_PROBLEMS = 50
_STATUSES = (WriteStatus.CREATED, WriteStatus.UPDATED, WriteStatus.UNCHANGED, WriteStatus.REJECTED)


class _NamedVideo(msgspec.Struct):
    video_id: str = ""


class _Named(msgspec.Struct):
    """What names the video of a document, at its root, or of a line of an export."""

    id: str = ""
    video: _NamedVideo | None = None


_NAMED = msgspec.json.Decoder(_Named)


@dataclass(slots=True)
class _Summary:
    """What became of all documents."""

    statuses: Counter[str] = field(default_factory=Counter)
    adjustments: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)
    settings_restored: bool = False
    """Whether an export has brought the settings of the catalog with it."""

    def add(self, name: str, result: WriteResult) -> None:
        self.statuses[result.status.name] += 1
        for adjustment in result.adjustments:
            self.adjustments[adjustment.kind.name] += adjustment.count
        for error in result.field_errors:
            where = f"{error.field}: " if error.field else ""
            self.problems.append((name, f"{where}{error.message}"))

    def take(self, other: "_Summary") -> None:
        """Add what became of further documents."""
        self.statuses += other.statuses
        self.adjustments += other.adjustments
        self.problems += other.problems
        self.settings_restored |= other.settings_restored

    def reject(self, name: str, problem: str) -> None:
        self.statuses[WriteStatus.REJECTED.name] += 1
        self.problems.append((name, problem))


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
    parser.add_argument("--video-id", help="id of the video, for a single document that has none at its root")
    parser.add_argument("--dry-run", action="store_true", help="check everything, but write nothing")
    add_connection(parser)
    parser.set_defaults(run=run_import)


def run_import(arguments: argparse.Namespace) -> int:
    """Import documents; return 1 if any was rejected."""
    summary = _Summary()
    # The client is closed first, which ends calls under way if the command is stopped.
    with ThreadPoolExecutor(UNDER_WAY) as calls, connect(arguments) as client, _progress() as progress:
        task = progress.add_task("importing", total=None)
        under_way: deque[tuple[set[str], Future[_Summary]]] = deque()

        def take_one() -> None:
            summary.take(under_way.popleft()[1].result())
            progress.update(task, completed=summary.statuses.total())

        for chunk in _chunks(read_documents(arguments.paths)):
            ids = _ids(chunk)
            while under_way and (_must_wait(ids, under_way) or not summary.statuses):
                take_one()
            if arguments.video_id and (len(chunk) > 1 or summary.statuses):
                raise Failure("--video-id goes with a single document", code=2)
            under_way.append((ids, calls.submit(_import_chunk, client, chunk, arguments)))
        while under_way:
            take_one()
        progress.update(task, total=summary.statuses.total())
    if arguments.json:
        _print_json(summary)
    else:
        _print_summary(summary, dry_run=arguments.dry_run)
    return 1 if summary.statuses[WriteStatus.REJECTED.name] else 0


def _must_wait(ids: set[str], under_way: Sequence[tuple[set[str], Future[_Summary]]]) -> bool:
    """Tell whether documents have to wait: for a call to end, or for earlier ones of the same videos."""
    return len(under_way) == UNDER_WAY or any(ids & others for others, _ in under_way)


def _ids(chunk: Iterable[Document]) -> set[str]:
    """Return the ids that documents and lines of exports name, as far as they can be read."""
    found = set()
    for document in chunk:
        with suppress(msgspec.DecodeError):
            named = _NAMED.decode(document.content)
            found.add(named.video.video_id if named.video else named.id)
    return found - {""}


def _import_chunk(client: MatchcutClient, chunk: list[Document], arguments: argparse.Namespace) -> _Summary:
    """Import some documents: lines of an export as what they hold, all others as they are."""
    summary = _Summary()
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
    client: MatchcutClient, lines: list[tuple[str, Exported]], arguments: argparse.Namespace, summary: _Summary
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


def _chunks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    chunk: list[Document] = []
    size = 0
    for document in documents:
        chunk.append(document)
        size += len(document.content)
        if len(chunk) == CHUNK or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Screen(errors=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def _print_summary(summary: _Summary, *, dry_run: bool) -> None:
    errors = Screen(errors=True)
    for name, problem in summary.problems[:_SHOWN_PROBLEMS]:
        errors.print(f"rejected {plain(name)}: {plain(problem)}", soft_wrap=True)
    if len(summary.problems) > _SHOWN_PROBLEMS:
        errors.print(f"and {len(summary.problems) - _SHOWN_PROBLEMS:,} more; --json lists all")
    counts = ", ".join(f"{summary.statuses[status.name]:,} {status.name.lower()}" for status in _STATUSES)
    would = " (dry run: nothing was written)" if dry_run else ""
    print(f"{counted(summary.statuses.total(), 'document')}: {counts}{would}")
    if summary.settings_restored:
        print("  the catalog has the settings of the export")
    for kind, count in sorted(summary.adjustments.items()):
        print(f"  adjusted: {kind.lower().replace('_', ' ')} ({count:,})")


def _print_json(summary: _Summary) -> None:
    answer = {
        **{status.name.lower(): summary.statuses[status.name] for status in _STATUSES},
        "adjustments": {kind.lower(): count for kind, count in sorted(summary.adjustments.items())},
        "problems": [{"source": name, "problem": problem} for name, problem in summary.problems],
    }
    print_json(answer)
