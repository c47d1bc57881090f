"""The work folder of a job: what it needs while it runs, and the parts that are done; beside the output, `.partial`.

- `lock` is held by the process that works on it.
- `snapshot/` has the data of the job.
- `inputs.ndjson` has the lines of its input, where it has one.
- `job.json` tells what it is a job of; it is written when all of the above is there.
- `output/` has the parts that are done, and at last the manifest; it becomes the output.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ...errors import FailedPrecondition, Reason
from .durable import publish, remove_unfinished, sync_folder, write_durably
from .part import Part

FORMAT = 1

_LOCK, _RECORD, _OUTPUT, _SNAPSHOT, _INPUTS = "lock", "job.json", "output", "snapshot", "inputs.ndjson"
MANIFEST = "_manifest.json"


class Record(Struct, frozen=True):
    """What a work folder is of."""

    format: int
    asked: dict[str, Any]
    """What the job is to do, of which data and inputs: the same for each of its runs."""
    as_of: float
    """Unix seconds."""


class WorkFolder:
    """The work folder of an output; one process at a time."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.folder = out.with_name(f"{out.name}.partial")
        self.snapshot = self.folder / _SNAPSHOT
        self.inputs = self.folder / _INPUTS
        self.output = self.folder / _OUTPUT

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder, or go on with one that is there, and hold it. Raises `FailedPrecondition`."""
        if self.out.exists():
            raise _refused(f"{self.out} exists; name a folder that does not")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._check_own()
        with (self.folder / _LOCK).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _refused(f"another process works on {self.folder}; wait for it, or name another folder") from None
            yield

    def record(self, asked: dict[str, Any]) -> Record | None:
        """Return what was begun here; None if there is nothing to go on with, and all of it is gone now.

        Raises `FailedPrecondition` if it was a job of something else than `asked`.
        """
        try:
            record = msgspec.json.decode((self.folder / _RECORD).read_bytes(), type=Record)
        except FileNotFoundError:
            self._clear()
            return None
        except msgspec.MsgspecError:
            raise _refused(f"{self.folder / _RECORD} is of another version; delete {self.folder}") from None
        # As it is read, because JSON knows fewer types.
        now = msgspec.json.decode(msgspec.json.encode(asked))
        if record.format != FORMAT or record.asked != now:
            raise _refused(
                f"{self.folder} holds a job begun with {_difference(record.asked, now)}; "
                f"go on with that, delete the folder to begin anew, or name another one"
            )
        if not self.output.exists():  # it has become an output, which is no longer there
            self._clear()
            return None
        remove_unfinished(self.folder)
        remove_unfinished(self.output)
        return record

    def begin(self, asked: dict[str, Any], as_of: float) -> Record:
        """Note that all is there that the job needs."""
        self.output.mkdir()
        sync_folder(self.folder)
        record = Record(FORMAT, asked, as_of)
        write_durably(self.folder / _RECORD, msgspec.json.encode(record))
        return record

    def is_done(self, part: Part) -> bool:
        """Tell whether a part is done."""
        return (self.output / part.file_name).exists()

    @property
    def has_manifest(self) -> bool:
        """Whether all parts are done and told of."""
        return (self.output / MANIFEST).exists()

    def finish(self) -> None:
        """Make what is done the output, all at once, and delete the rest."""
        shutil.rmtree(self.snapshot, ignore_errors=True)
        sync_folder(self.output)
        try:
            publish(self.output, self.out)
        except OSError as error:
            raise _refused(f"{self.out} has come to be meanwhile ({error.strerror}); delete it, and go on") from error
        shutil.rmtree(self.folder)

    def _check_own(self) -> None:
        known = {_LOCK, _RECORD, _OUTPUT, _SNAPSHOT, _INPUTS}
        for name in sorted(path.name for path in self.folder.iterdir()):
            if name not in known and not name.endswith(".unfinished"):
                raise _refused(f"{self.folder} has {name}, which no job has made; name another --out")

    def _clear(self) -> None:
        """Delete what nobody can go on with."""
        (self.folder / _RECORD).unlink(missing_ok=True)
        remove_unfinished(self.folder)
        for path in (self.snapshot, self.output):
            if path.exists():
                shutil.rmtree(path)
        self.inputs.unlink(missing_ok=True)


def _difference(begun: dict[str, Any], asked: dict[str, Any]) -> str:
    """Name the first thing in which two jobs differ."""
    for name in begun.keys() | asked.keys():
        before, now = begun.get(name), asked.get(name)
        if isinstance(before, dict) and isinstance(now, dict) and before != now:
            return _difference(before, now)
        if before != now:
            return f"{name} {_shown(before)}, and not {_shown(now)}"
    return "another version"


def _shown(value: object) -> str:
    return "none" if value is None else msgspec.json.encode(value).decode()


def _refused(message: str) -> FailedPrecondition:
    return FailedPrecondition(Reason.INVALID_VALUE, message)
