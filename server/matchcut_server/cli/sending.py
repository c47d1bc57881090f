"""Many documents on their way to a server: some calls at a time, and what became of them all."""

import argparse
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from matchcut_client import MatchcutClient, WriteResult, WriteStatus
from matchcut_server.cli.connection import Screen, connect
from matchcut_server.cli.progress import progress_bar
from matchcut_server.cli.render import counted, plain, print_json
from matchcut_server.cli.sources import Document

CHUNK_BYTES = 32 * 2**20
"""From this size on a call takes no further document: whole ones may have many megabytes."""

UNDER_WAY = 4
"""Calls at the same time: a server may have several processes. The first one is made alone, which may fail for all."""

_SHOWN_PROBLEMS = 50
_STATUSES = (WriteStatus.CREATED, WriteStatus.UPDATED, WriteStatus.UNCHANGED, WriteStatus.REJECTED)

Chunk = list[Document]


@dataclass(slots=True)
class Summary:
    """What became of all documents."""

    statuses: Counter[str] = field(default_factory=Counter)
    adjustments: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)
    missing_ids: set[str] = field(default_factory=set)
    """Videos that events are about and that are not in the catalog."""
    settings_restored: bool = False
    """Whether an export has brought the settings of the catalog with it."""

    def add(self, name: str, result: WriteResult) -> None:
        """Take note of what became of a document."""
        self.statuses[result.status.name] += 1
        for adjustment in result.adjustments:
            self.adjustments[adjustment.kind.name] += adjustment.count
        for error in result.field_errors:
            where = f"{error.field}: " if error.field else ""
            self.problems.append((name, f"{where}{error.message}"))

    def take(self, other: "Summary") -> None:
        """Add what became of further documents."""
        self.statuses += other.statuses
        self.adjustments += other.adjustments
        self.problems += other.problems
        self.missing_ids |= other.missing_ids
        self.settings_restored |= other.settings_restored

    def reject(self, name: str, problem: str) -> None:
        """Take note of a document that cannot be sent."""
        self.statuses[WriteStatus.REJECTED.name] += 1
        self.problems.append((name, problem))

    @property
    def exit_code(self) -> int:
        """1 if any document was rejected."""
        return 1 if self.statuses[WriteStatus.REJECTED.name] else 0

    def print(self, noun: str, *, dry_run: bool = False) -> None:
        """Print what people want to know; `noun` is what the documents are."""
        self.print_problems()
        would = " (dry run: nothing was written)" if dry_run else ""
        print(f"{self.counts(noun)}{would}")
        if self.settings_restored:
            print("  the catalog has the settings of the export")
        if self.missing_ids:
            print(f"  not in the catalog yet: {counted(len(self.missing_ids), 'video')}; their events count later")
        for kind, count in sorted(self.adjustments.items()):
            print(f"  adjusted: {kind.lower().replace('_', ' ')} ({count:,})")

    def print_problems(self) -> None:
        """Name what was rejected, and why."""
        errors = Screen(errors=True)
        for name, problem in self.problems[:_SHOWN_PROBLEMS]:
            errors.print(f"rejected {plain(name)}: {plain(problem)}", soft_wrap=True)
        if len(self.problems) > _SHOWN_PROBLEMS:
            errors.print(f"and {len(self.problems) - _SHOWN_PROBLEMS:,} more; --json lists all")

    def counts(self, noun: str) -> str:
        """Say in one line what became of how many."""
        each = ", ".join(f"{self.statuses[status.name]:,} {status.name.lower()}" for status in _STATUSES)
        return f"{counted(self.statuses.total(), noun)}: {each}"

    def print_json(self) -> None:
        """Print all of it for programs."""
        answer = {
            **{status.name.lower(): self.statuses[status.name] for status in _STATUSES},
            "adjustments": {kind.lower(): count for kind, count in sorted(self.adjustments.items())},
            **({"missing_ids": sorted(self.missing_ids)} if self.missing_ids else {}),
            "problems": [{"source": name, "problem": problem} for name, problem in self.problems],
        }
        print_json(answer)


def chunks(documents: Iterable[Document], most: int) -> Iterator[Chunk]:
    """Put documents together for calls: at most so many in each."""
    chunk: Chunk = []
    size = 0
    for document in documents:
        chunk.append(document)
        size += len(document.content)
        if len(chunk) == most or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def send_all(
    arguments: argparse.Namespace,
    some: Iterable[Chunk],
    ids: Callable[[Chunk], set[str]],
    send: Callable[[MatchcutClient, Chunk], Summary],
) -> Summary:
    """Send chunks, several at a time, and tell what became of their documents; shows progress on a terminal.

    `ids`: what a chunk is about; it waits for earlier ones that are about any of the same.
    """
    summary = Summary()
    # The client is closed first, which ends calls under way if the command is stopped.
    with ThreadPoolExecutor(UNDER_WAY) as calls, connect(arguments) as client, progress_bar() as progress:
        task = progress.add_task("importing", total=None)
        under_way: deque[tuple[set[str], Future[Summary]]] = deque()

        def take_one() -> None:
            summary.take(under_way.popleft()[1].result())
            progress.update(task, completed=summary.statuses.total())

        for chunk in some:
            own = ids(chunk)
            while under_way and (_must_wait(own, under_way) or not summary.statuses):
                take_one()
            under_way.append((own, calls.submit(send, client, chunk)))
        while under_way:
            take_one()
        progress.update(task, total=summary.statuses.total())
    return summary


def _must_wait(ids: set[str], under_way: Sequence[tuple[set[str], Future[Summary]]]) -> bool:
    """Tell whether documents have to wait: for a call to end, or for earlier ones about the same."""
    return len(under_way) == UNDER_WAY or any(ids & others for others, _ in under_way)
