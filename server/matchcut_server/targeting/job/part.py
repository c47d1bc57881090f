"""Parts of a job: each a Parquet file, whose presence is the record that it is done."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, Self

from numpy.typing import NDArray

from .durable import publish, sync_file, unfinished

if TYPE_CHECKING:
    import pyarrow as pa

    from .snapshot import Snapshot

GROUP_ROWS = 100_000
"""Rows that gather before they are written: what a part takes of memory."""

Columns = Mapping[str, Literal["string", "int32", "double"]]
"""The types of the columns of an output, by name."""

Column = Sequence[Any] | NDArray[Any]


class Part(NamedTuple):
    """Some users, or some promotions, that are done together."""

    number: int
    start: str
    """Where it begins, as its task understands it."""
    items: int
    """How many."""

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return f"part-{self.number:05}.parquet"


Tell = Callable[[int], None]
"""Takes how many more users, or promotions, are done."""


class Task(Protocol):
    """What a job does. It is pickled for the processes that work."""

    @property
    def columns(self) -> Columns:
        """Of its output."""

    def prepare(self, snapshot: "Snapshot") -> None:
        """Build what the parts need, if it is not there yet."""

    def parts(self, snapshot: "Snapshot") -> Sequence[Part]:
        """Cut the work into parts: at least one, the same each time."""

    def missing_ids(self, snapshot: "Snapshot") -> Sequence[str]:
        """Return the videos and users it was given that the catalog does not hold, at most 1,000."""

    def worker(self, snapshot: "Snapshot") -> "Worker":
        """Return what does parts, in one process."""


class Worker(Protocol):
    """Does the parts of a task in one process, one at a time."""

    def work(self, part: Part, writer: "PartWriter", tell: Tell) -> None:
        """Do a part."""


class PartWriter:
    """Writes the file of a part, which bears its name only when all of it is on the disk.

    Used as a context; a part that fails leaves nothing.
    """

    def __init__(self, path: Path, columns: Columns) -> None:
        self._path = path
        self._partial = unfinished(path)
        self._columns = columns
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0

    def __enter__(self) -> Self:
        import pyarrow.parquet as pq  # noqa: PLC0415 - an optional extra

        self._schema = schema_of(self._columns)
        self._file = self._partial.open("wb")
        self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
        return self

    def add(self, *columns: Column) -> None:
        """Add rows, given by column."""
        import pyarrow as pa  # noqa: PLC0415 - an optional extra

        arrays = [pa.array(column, type=field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._rows += len(arrays[0])
        if self._rows >= GROUP_ROWS:
            self._flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._flush()
            self._writer.close()
            if error is None:
                self._file.flush()
                sync_file(self._file.fileno())
        finally:
            self._file.close()
            if error is not None:
                self._partial.unlink(missing_ok=True)
        if error is None:
            publish(self._partial, self._path)

    def _flush(self) -> None:
        import pyarrow as pa  # noqa: PLC0415 - an optional extra

        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches, schema=self._schema))
            self._batches, self._rows = [], 0


def schema_of(columns: Columns) -> "pa.Schema":
    """Return the schema of an output, of which no column is ever null."""
    import pyarrow as pa  # noqa: PLC0415 - an optional extra

    return pa.schema([pa.field(name, pa.type_for_alias(kind), nullable=False) for name, kind in columns.items()])
