"""Folders that are watched: their documents are imported as they come and change."""

import argparse
import hashlib
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import watchfiles
import xxhash

from matchcut_client import Cancelled, DeadlineExceeded, MatchcutClient, MatchcutError, Overloaded, Unavailable
from matchcut_server.cli.connection import connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.render import counted, plain
from matchcut_server.cli.sending import Chunk, Summary, chunks
from matchcut_server.cli.sources import Document, folder_files, is_source, path_name, read_file

QUIET_SECONDS = 0.25
"""A file that has not changed for so long counts as completely written. If it was not, it is read again."""

LOOK_SECONDS = 30.0
"""How often folders are searched whole: network and mounted file systems tell of no changes."""

WAIT_SECONDS = 3.0
"""The longest time between tries to reach a server that is away."""

_WAKE_MILLISECONDS = 100
_GROUP_MILLISECONDS = 400
_AWAY = (Unavailable, DeadlineExceeded, Overloaded, Cancelled)
"""What a server that is away, starting, stopping or busy answers."""

Send = Callable[[MatchcutClient, Chunk], Summary]


def watch_folders(arguments: argparse.Namespace, most: int, send: Send) -> int:
    """Import what is in folders and what comes to be there, until a signal; return 1 if any file is rejected then.

    `most`: documents in one call; `send` makes it.
    """
    folders = [Path(path).resolve() for path in arguments.paths]
    for folder in folders:
        if not folder.is_dir():
            raise Failure(f"--watch takes folders, and {path_name(folder)} is none", code=2)
    files = Files(folders)
    with _stopped_by_signals() as stop, connect(arguments) as client:
        sender = _Sender(arguments, client, send, stop)
        looked: float | None = None
        # The first changes come once all of the folders is watched, so that what follows the first look is noticed.
        for changed in _changes(folders, stop):
            now = time.monotonic()
            if looked is None:
                sender.say(f"watching {', '.join(map(path_name, folders))}")
            if looked is None or now - looked >= LOOK_SECONDS:
                changed.update(folders)
                looked = now
            files.look(changed, now)
            for chunk in chunks(files.read(files.quiet(now)), most):
                summary = sender.send(chunk)
                if summary is None:
                    break
                files.take_note(summary)
            files.keep()
        return sender.end(files.problems)


class _Stamp(NamedTuple):
    """What a file system says of a file: as long as it is the same, so is the file."""

    inode: int
    size: int
    modified: int
    changed: int


@dataclass(slots=True)
class _File:
    """A file as it was when its documents were read."""

    stamp: _Stamp
    digest: bytes
    problems: list[str]


class Files:
    """The files of watched folders: which are new or have other bytes, and seem to be completely written."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._known: dict[Path, _File] = {}
        self._changing: dict[Path, tuple[_Stamp, float]] = {}
        """Those that are new or have changed, how they looked last, and since when they look so."""
        self._reading: dict[Path, _File] = {}
        self._paths: dict[str, Path] = {}
        """Files that are being read, by their names in messages."""

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong with files as they were read last, by name."""
        return [(path_name(path), one) for path in sorted(self._known) for one in self._known[path].problems]

    def look(self, paths: Iterable[Path], now: float) -> None:
        """Look at what may have changed: files, folders with all that is in them, and names that are gone."""
        for path in paths:
            if path.is_dir():
                found = folder_files(path)
                self._forget_under(path, set(found))
                for file in found:
                    self._look_at(file, now)
            elif is_source(path):
                self._look_at(path, now)
            elif not path.exists():
                self._forget_under(path, set())

    def quiet(self, now: float) -> list[Path]:
        """Return the files that have changed, but not for a while, in the order of their names."""
        for path in list(self._changing):
            self._look_at(path, now)
        return sorted(path for path, (_, since) in self._changing.items() if now - since >= QUIET_SECONDS)

    def read(self, paths: Iterable[Path]) -> Iterator[Document]:
        """Yield the documents of those files whose bytes are not those that were read last."""
        for path in paths:
            stamp, digest = self._changing.pop(path)[0], _digest(path)
            before = self._known.get(path)
            if before is not None and digest and before.digest == digest:
                before.stamp = stamp
            elif path.exists():
                self._paths[path_name(path)] = path
                yield from self._read(path, stamp, digest)

    def take_note(self, summary: Summary) -> None:
        """Take note of what became of documents that were read."""
        for name, problem in summary.problems:
            path = self._paths.get(name) or self._paths.get(name.rpartition(":")[0])
            if path is not None:
                line = name.removeprefix(path_name(path)).lstrip(":")
                self._reading[path].problems.append(f"line {line}: {problem}" if line else problem)

    def keep(self) -> None:
        """Take note that the documents that were read have been sent."""
        self._known |= self._reading
        self._reading.clear()
        self._paths.clear()

    def _read(self, path: Path, stamp: _Stamp, digest: bytes) -> Iterator[Document]:
        """Yield the documents of a file; the last one only when it is known whether it stayed as it was."""
        file = self._reading[path] = _File(stamp, digest, [])
        last: Document | None = None
        for document in read_file(path):
            if last is not None:
                yield last
            last = document
        if _stamp(path) != stamp:
            file.digest = b""  # it was read as it is now, or as it was
        if last is not None:
            yield last

    def _look_at(self, path: Path, now: float) -> None:
        stamp = _stamp(path)
        if stamp is None or self._is_hidden(path):
            self._known.pop(path, None)
            self._changing.pop(path, None)
        elif path in self._known and self._known[path].stamp == stamp:
            self._changing.pop(path, None)
        elif path not in self._changing or self._changing[path][0] != stamp:
            self._changing[path] = (stamp, now)

    def _forget_under(self, folder: Path, found: set[Path]) -> None:
        """Forget the files of a folder that are no longer there."""
        for path in [one for one in (*self._known, *self._changing) if folder in one.parents and one not in found]:
            self._known.pop(path, None)
            self._changing.pop(path, None)

    def _is_hidden(self, path: Path) -> bool:
        """Tell whether its name, or that of a folder above it, begins with a dot, as names of unfinished files do."""
        inside = next(path.relative_to(folder) for folder in self._folders if path.is_relative_to(folder))
        return any(part.startswith(".") for part in inside.parts)


class _Stop:
    """Whether a signal has asked to stop. A lock would not do: the handler may run while its own thread holds it."""

    def __init__(self) -> None:
        self.asked = False

    def is_set(self) -> bool:
        return self.asked

    def wait(self, seconds: float) -> None:
        """Wait for so long, or until there is a signal."""
        end = time.monotonic() + seconds
        while not self.asked and time.monotonic() < end:
            time.sleep(_WAKE_MILLISECONDS / 1_000)


class _Sender:
    """Sends documents, waits for servers that are away, and tells what became of all."""

    def __init__(self, arguments: argparse.Namespace, client: MatchcutClient, send: Send, stop: _Stop) -> None:
        self._arguments = arguments
        self._client = client
        self._send = send
        self._stop = stop
        self._total = Summary()

    def send(self, chunk: Chunk) -> Summary | None:
        """Send documents and print what became of them; return None if a signal came before a server took them."""
        delay = 0.0
        while not self._stop.is_set():
            try:
                summary = self._send(self._client, chunk)
            except _AWAY as error:
                if not delay:
                    self._tell_of_wait(error)
                delay = min(WAIT_SECONDS, 2 * delay or 0.5)
                self._stop.wait(delay)
                continue
            if delay:
                print(f"{self._arguments.server}: going on", file=sys.stderr, flush=True)
            self._print(summary)
            return summary
        return None

    def say(self, line: str) -> None:
        """Print a line for people."""
        if not self._arguments.json:
            print(plain(line), flush=True)

    def end(self, problems: Sequence[tuple[str, str]]) -> int:
        """Print what became of all documents, and the files that are rejected as they are now."""
        self._total.problems = list(problems)
        rejected = len({name for name, _ in problems})
        if self._arguments.json:
            self._total.print_json()
        else:
            print("stopped", end="; ")
            self._total.print("document", dry_run=self._arguments.dry_run)
            if rejected:
                print(f"  rejected as they are now: {counted(rejected, 'file')}")
        return 1 if rejected else 0

    def _print(self, summary: Summary) -> None:
        if self._arguments.json:
            summary.print_json()
        else:
            summary.print_problems()
            self.say(summary.counts("document"))
        self._total.take(Summary(summary.statuses, summary.adjustments, settings_restored=summary.settings_restored))

    def _tell_of_wait(self, error: MatchcutError) -> None:
        print(plain(f"{self._arguments.server}: waiting for the server: {error}"), file=sys.stderr, flush=True)


def _changes(folders: Sequence[Path], stop: _Stop) -> Iterator[set[Path]]:
    """Yield what has changed in folders, some times a second, until a signal."""
    for changes in watchfiles.watch(
        *folders,
        watch_filter=None,
        debounce=_GROUP_MILLISECONDS,
        rust_timeout=_WAKE_MILLISECONDS,
        stop_event=stop,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    ):
        yield {Path(path) for _, path in changes}


@contextmanager
def _stopped_by_signals() -> Iterator[_Stop]:
    """Take note of the first SIGINT or SIGTERM while the block runs; a second one ends the process at once."""
    stop = _Stop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def take_note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - how a handler is called
        stop.asked = True
        put_back()

    for number in before:
        signal.signal(number, take_note)
    try:
        yield stop
    finally:
        put_back()


def _stamp(path: Path) -> _Stamp | None:
    """Return what is known of a file; None if it is not there, or none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return _Stamp(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _digest(path: Path) -> bytes:
    """Return a digest of the bytes of a file; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, xxhash.xxh3_128).digest()
    except OSError:
        return b""
