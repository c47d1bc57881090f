"""A job from its beginning, or from where it stopped, to its output."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ... import __version__
from ...errors import FailedPrecondition, Reason, catalog_not_found
from ...store.port import Catalog, Store
from .durable import publish, sync_file, unfinished, write_durably
from .folder import MANIFEST, Record, WorkFolder
from .manifest import Manifest, OutputFile, file_of
from .part import Part, Task
from .snapshot import Place, Snapshot, Source, opened, take_snapshot
from .workers import Order, work


class Inputs(NamedTuple):
    """Lines that a job works on."""

    sha256: str
    """Of all lines, each with its line feed."""
    lines: Callable[[], Iterable[bytes]]
    """Reads them, without line feeds."""


def _nothing() -> None:
    """Set nothing up."""


MakeTask = Callable[[Store, Catalog, Path], Task]
"""Makes the task of a job, by what a store and the copy of the inputs hold. Raises `MatchcutError`."""


class Progress(NamedTuple):
    """What a job tells of itself while it runs."""

    begin: Callable[[int, int], None]
    """Takes how many users, or promotions, are done, and how many there are."""
    advance: Callable[[int], None]
    """Takes how many more are done."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done."""

    kind: str
    source: Source
    catalog: str
    out: Path
    make_task: MakeTask
    options: dict[str, Any]
    """What was asked for beside the inputs, for the manifest and to be compared when the job goes on."""
    inputs: Inputs | None = None
    workers: int = 1
    set_up: Callable[[], None] = _nothing
    """Called first in each process that works beside this one. It is pickled."""
    clock: Callable[[], float] = field(default=time.time)

    @property
    def asked(self) -> dict[str, Any]:
        """What makes it the same job in another run."""
        return {
            "kind": self.kind,
            "data": str(self.source.data.resolve()),
            "catalog": self.catalog,
            "options": self.options,
            "inputs_sha256": None if self.inputs is None else self.inputs.sha256,
            "version": __version__,
        }


def run(job: Job, progress: Progress, stopping: threading.Event) -> Manifest | None:
    """Run a job, or go on with it where it stopped; return its manifest, or None if `stopping` was set before the end.

    Parts that are under way when it is set are finished. Raises `FailedPrecondition` for an output that exists and a
    work folder of another job, `NotFound`, and `WorkFailed`.
    """
    folder = WorkFolder(job.out)
    with folder.held():
        record = folder.record(job.asked) or _begin(job, folder)
        if not folder.has_manifest and not _work(job, folder, record, progress, stopping):
            return None
        manifest = msgspec.json.decode((folder.output / MANIFEST).read_bytes(), type=Manifest)
        folder.finish()
    return manifest


def _begin(job: Job, folder: WorkFolder) -> Record:
    live = job.source.open_store(job.source.data)
    try:
        catalog = live.catalog(job.catalog)
        if catalog is None:
            raise catalog_not_found(job.catalog)
        if job.inputs is not None:
            _copy_inputs(job.inputs, folder.inputs)
        job.make_task(live, catalog, folder.inputs)  # what is wrong with it shows before anything is copied
    finally:
        live.close()
    as_of = job.clock()
    take_snapshot(job.source, folder.snapshot, catalog)
    return folder.begin(job.asked, as_of)


def _copy_inputs(inputs: Inputs, target: Path) -> None:
    digest = hashlib.sha256()
    partial = unfinished(target)
    with partial.open("wb") as file:
        for line in inputs.lines():
            file.write(line + b"\n")
            digest.update(line + b"\n")
        file.flush()
        sync_file(file.fileno())
    if digest.hexdigest() != inputs.sha256:
        raise FailedPrecondition(Reason.INVALID_VALUE, "the input has changed while it was read; run the job again")
    publish(partial, target)


def _work(job: Job, folder: WorkFolder, record: Record, progress: Progress, stopping: threading.Event) -> bool:
    place = Place(folder.snapshot, job.catalog, record.as_of, job.source.open_store)
    with opened(place) as snapshot:
        task = job.make_task(snapshot.store, snapshot.catalog, folder.inputs)
        task.prepare(snapshot)
        parts = task.parts(snapshot)
        left = [part for part in parts if not folder.is_done(part)]
        total = sum(part.items for part in parts)
        progress.begin(total - sum(part.items for part in left), total)
        order = Order(task, place, folder.output, job.set_up)
        if left and not work(order, left, job.workers, progress.advance, stopping):
            return False
        files = [file_of(folder.output / part.file_name) for part in parts]
        manifest = _manifest(job, snapshot, task, parts, files)
    write_durably(folder.output / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    return True


def _manifest(job: Job, snapshot: Snapshot, task: Task, parts: Sequence[Part], files: Sequence[OutputFile]) -> Manifest:
    return Manifest(
        kind=job.kind,
        catalog=job.catalog,
        revision=snapshot.store.revision(),
        as_of=datetime.fromtimestamp(snapshot.as_of, UTC).isoformat(timespec="milliseconds"),
        version=__version__,
        inputs_sha256=None if job.inputs is None else job.inputs.sha256,
        options=job.options,
        columns=dict(task.columns),
        items=sum(part.items for part in parts),
        rows=sum(one.rows for one in files),
        missing_ids=tuple(task.missing_ids(snapshot)),
        files=tuple(files),
    )
