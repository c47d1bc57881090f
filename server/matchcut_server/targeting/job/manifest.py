"""The manifest of an output: what was asked for, of which data, and what each file holds."""

import hashlib
from pathlib import Path
from typing import Any

from msgspec import Struct


class OutputFile(Struct, frozen=True):
    """A file of an output."""

    name: str
    rows: int
    bytes: int
    sha256: str


class Manifest(Struct, frozen=True):
    """See `_manifest.json` of an output."""

    kind: str
    """`users` or `promotions`."""
    catalog: str
    revision: int
    """Of the store: all changes up to it are in."""
    as_of: str
    """The moment that counted as now, as ISO 8601 writes it."""
    version: str
    """Of Matchcut."""
    inputs_sha256: str | None
    """Of the lines of the promotions, each with its line feed; none for users."""
    options: dict[str, Any]
    columns: dict[str, str]
    """The types of the columns by name; none is ever null."""
    items: int
    """Users, or promotions, that were looked at."""
    rows: int
    missing_ids: tuple[str, ...]
    """Videos and users that were named and do not exist in the catalog; at most the first 1,000."""
    files: tuple[OutputFile, ...]
    format: int = 1


def file_of(path: Path) -> OutputFile:
    """Tell what a file holds."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - an optional extra

    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return OutputFile(path.name, pq.read_metadata(path).num_rows, path.stat().st_size, digest)
